"""Trained pipelines and the decisions about what annotators see."""

import json
from typing import Any

from pydantic import Field
from sqlmodel import col, select

from workbench.core.frozen import Frozen
from workbench.errors import ModelError
from workbench.store.database import Transaction, now
from workbench.store.tables import ModelRow, PromotionRow

REMOVED = "removed"
"""The part of a model's report that says when it was removed."""


class Model(Frozen):
    """A trained pipeline; `report` is its evaluation, `digest` covers its files."""

    version: str
    release: str
    base: str
    digest: str
    created: str
    report: dict[str, Any]

    @property
    def removed(self) -> str:
        """When it was removed from the registry; empty where it was not."""
        return str(self.report.get(REMOVED, ""))


class Promotion(Frozen):
    """A decision: the model or the plug-in (None: the rules) that annotators see, or was refused, and why.

    `producer` is kind and name of who a plug-in suggests as, which need not be what it is called by.
    `rules_as_fallback` and `layers` are of decisions by earlier versions, which joined a model with the rules.
    """

    model: str | None
    plugin: str | None = None
    producer: str | None = None
    rules_as_fallback: bool = False
    layers: dict[str, str] = Field(default_factory=dict)
    accepted: bool
    reason: str
    decided: str = ""

    @property
    def subject(self) -> str:
        """What was decided about, as a user calls it."""
        return self.model or self.plugin or "the rules"


def add(session: Transaction, model: Model) -> None:
    """Keeps a model; its version must be new.

    Raises:
        ModelError: there is a model of that version.
    """
    if session.get(ModelRow, model.version) is not None:
        raise ModelError(f"there is a model {model.version} already")
    session.add(ModelRow(**model.model_dump(exclude={"report"}), report=json.dumps(model.report)))
    session.flush()


def get(session: Transaction, version: str) -> Model:
    """The model with this version.

    Raises:
        ModelError: there is none.
    """
    row = session.get(ModelRow, version)
    if row is not None and (when := _model(row).removed):
        raise ModelError(f"the model {version} was removed on {when[:10]}", hint="train another one")
    if row is None:
        known = ", ".join(model.version for model in every(session)) or "none yet"
        raise ModelError(f"no model {version!r}; there are: {known}", hint="train one with `workbench train RELEASE`")
    return _model(row)


def every(session: Transaction) -> list[Model]:
    """All models but those that were removed, oldest first."""
    rows = session.exec(select(ModelRow).order_by(col(ModelRow.created), col(ModelRow.version)))
    return [model for model in map(_model, rows) if not model.removed]


def versions(session: Transaction) -> set[str]:
    """The versions of all models that are or were there: suggestions by removed ones still name theirs."""
    return set(session.exec(select(ModelRow.version)))


def remove(session: Transaction, version: str) -> None:
    """Notes that a model was removed; what is known of it and what was decided about it stays.

    Raises:
        ModelError: there is no such model.
    """
    set_report(session, version, {**get(session, version).report, REMOVED: now()})


def set_report(session: Transaction, version: str, report: dict[str, Any]) -> None:
    """Replaces a model's evaluation by a newer one.

    Raises:
        ModelError: there is none.
    """
    row = session.get(ModelRow, version)
    if row is None:
        raise ModelError(f"no model {version!r}")
    row.report = json.dumps(report)
    session.add(row)
    session.flush()


def decide(session: Transaction, promotion: Promotion) -> None:
    """Writes down a decision about what annotators see."""
    row = promotion.model_dump(exclude={"decided", "layers"})
    session.add(PromotionRow(**row, layers=json.dumps(promotion.layers), decided=promotion.decided or now()))
    session.flush()


def promotions(session: Transaction) -> list[Promotion]:
    """All decisions, oldest first."""
    rows = session.exec(select(PromotionRow).order_by(col(PromotionRow.id)))
    return [
        Promotion.model_validate({**row.model_dump(exclude={"id"}), "layers": json.loads(row.layers)}) for row in rows
    ]


def champion(session: Transaction) -> Promotion:
    """The decision in force; the rules where none was taken.

    Where an earlier version put a model before annotators with the rules as fallback, the rules alone are shown: that
    needed fewer corrections than both together.
    """
    accepted = [promotion for promotion in promotions(session) if promotion.accepted]
    if not accepted:
        return Promotion(model=None, accepted=True, reason="nothing has been promoted yet")
    last = accepted[-1]
    if not last.rules_as_fallback:
        return last
    reason = (
        f"{last.model} was promoted with the rules as fallback by an earlier version, which is not done any more: "
        "the rules alone need fewer corrections; train again for a model that starts from them"
    )
    return Promotion(model=None, accepted=True, reason=reason, decided=last.decided)


def _model(row: ModelRow) -> Model:
    values = row.model_dump()
    return Model.model_validate({**values, "report": json.loads(values["report"])})
