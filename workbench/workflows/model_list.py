"""Every model with what it needed on the dev part, and every decision about what annotators see."""

from collections.abc import Iterator

from workbench.core.frozen import Frozen
from workbench.core.report import Report, Shown, Table
from workbench.store import models
from workbench.store.models import Model, Promotion
from workbench.workflows.comparison import Comparison
from workbench.workflows.context import Context


class ListedModel(Frozen):
    """A model of the registry. Corrections are those that a dev article needs, by it and by what annotators saw then.

    They are None where nothing was measured on dev.
    """

    version: str
    release: str
    base: str
    created: str
    corrections: float | None = None
    shown_then: float | None = None


class ModelList(Report):
    """The models, the oldest first, and the decisions about them; `shown_now` is the one in force."""

    models: tuple[ListedModel, ...]
    decisions: tuple[Promotion, ...]
    shown_now: Promotion

    def shown(self) -> Iterator[Shown]:
        """A line a model, a line a decision, and what annotators see."""
        if self.models:
            rows = [
                (
                    one.version,
                    one.release,
                    one.base,
                    _minute(one.created),
                    *("" if mean is None else f"{mean:.1f}" for mean in (one.corrections, one.shown_then)),
                )
                for one in self.models
            ]
            columns = ("model", "release", "base", "trained", "corrections an article (dev)", "shown then")
            yield Table.of(*columns, rows=rows, left=(0, 1, 2, 3))
        else:
            yield "no model yet: train one with `workbench train RELEASE`"
        for one in self.decisions:
            yield f"{_minute(one.decided)}  {one.subject} {'promoted' if one.accepted else 'refused'}: {one.reason}"
        yield f"annotators see {self.shown_now.subject}: {self.shown_now.reason}"


def list_models(context: Context) -> ModelList:
    """The models of the workspace and what was decided about them."""
    with context.store.reading() as session:
        every, decisions, shown = models.every(session), models.promotions(session), models.champion(session)
    return ModelList(models=tuple(map(_listed, every)), decisions=tuple(decisions), shown_now=shown)


def _listed(model: Model) -> ListedModel:
    found = ListedModel(version=model.version, release=model.release, base=model.base, created=model.created)
    dev = Comparison.model_validate(model.report["dev"]).contestants if "dev" in model.report else ()
    if not dev:
        return found
    return found.model_copy(update={"corrections": dev[-1].evaluation.mean, "shown_then": dev[0].evaluation.mean})


def _minute(stamp: str) -> str:
    return stamp[:16].replace("T", " ")
