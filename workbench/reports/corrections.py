"""The correction ledger as a table: what became of suggestions, and how long it took."""

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from workbench.core.frozen import Frozen
from workbench.store import Store, annotations
from workbench.store.annotations import CorrectionCount, WorkCount

By = Literal["label", "annotator", "model", "layer"]
Kind = Literal["span", "role", "attribute"]


class DecisionRow(Frozen):
    """What became of the suggestions of one label, layer, annotator or model (`name`).

    Of a span or role that was suggested exactly one holds: it was kept, moved, relabelled, deleted, or kept where it is
    with an attribute changed. One that was both moved and relabelled is relabelled, under the label that was suggested.
    Rows of the kind attribute have the attribute's name and count its changes only.
    """

    name: str
    layer: str = ""
    kind: Kind
    kept: int = 0
    moved: int = 0
    relabelled: int = 0
    changed: int = 0
    deleted: int = 0
    added: int = 0

    @property
    def suggested(self) -> int:
        return self.kept + self.moved + self.relabelled + self.changed + self.deleted

    @property
    def kept_share(self) -> float | None:
        """The share that was right as it was suggested; None where nothing was."""
        return self.kept / self.suggested if self.suggested and self.kind != "attribute" else None


class WorkRow(Frozen):
    """What one person submitted from one model's suggestions; `model` is empty where there were none.

    A span deleted, added or moved, a label or an attribute changed, a role added, deleted or relabelled is one
    correction each. Means are over the annotations that have a lead time; None where there is nothing to divide by.
    """

    annotator: str
    model: str
    annotations: int
    corrections: int
    timed: int
    seconds: float
    seconds_per_article: float | None
    seconds_per_correction: float | None


class CorrectionsReport(Frozen):
    """The ledger over the current submitted revisions. `rows` are grouped as `by` says."""

    schema_: Literal["workbench/corrections/1"] = Field(default="workbench/corrections/1", alias="schema")
    by: By
    annotations: int
    rows: tuple[DecisionRow, ...]
    work: tuple[WorkRow, ...]


_GROUPS: dict[By, Callable[[CorrectionCount], tuple[str, str]]] = {
    "label": lambda one: (one.layer, one.label),
    "layer": lambda one: (one.layer, one.layer),
    "annotator": lambda one: ("", one.annotator),
    "model": lambda one: ("", one.model),
}
_KINDS: tuple[Kind, ...] = ("span", "role", "attribute")


def corrections(store: Store, *, by: By = "label") -> CorrectionsReport:
    """What became of suggestions in the current submitted revisions, one row for each `by` and kind."""
    with store.reading() as session:
        counts = annotations.correction_counts(session)
        work = annotations.work_counts(session)
    found: dict[tuple[str, Kind, str], dict[str, int]] = {}
    for one in counts:
        layer, name = _GROUPS[by](one)
        for kind in _KINDS:
            if kind == one.kind:
                cells = found.setdefault((layer, kind, name), {})
                cells[one.decision] = cells.get(one.decision, 0) + one.count
    ordered = sorted(found, key=lambda key: (key[0], _KINDS.index(key[1]), key[2]))
    return CorrectionsReport(
        by=by,
        annotations=sum(one.annotations for one in work),
        rows=tuple(
            DecisionRow.model_validate({"name": name, "layer": layer, "kind": kind, **found[layer, kind, name]})
            for layer, kind, name in ordered
        ),
        work=tuple(_work(one) for one in work),
    )


def _work(count: WorkCount) -> WorkRow:
    return WorkRow(
        annotator=count.annotator,
        model=count.model,
        annotations=count.annotations,
        corrections=count.corrections,
        timed=count.timed,
        seconds=round(count.seconds, 3),
        seconds_per_article=_mean(count.seconds, count.timed),
        seconds_per_correction=_mean(count.seconds, count.timed_corrections) if count.timed else None,
    )


def _mean(total: float, number: int) -> float | None:
    return round(total / number, 3) if number else None
