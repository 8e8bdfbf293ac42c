"""The predictions that are sent to Label Studio: intent before a request, the outcome after it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal

from sqlmodel import col, insert, select, tuple_
from sqlmodel.sql.expression import SelectOfScalar

from workbench.core.frozen import Frozen
from workbench.store.database import Transaction, now
from workbench.store.ledger_rows import BATCH, settle, settle_one
from workbench.store.tables import AnnotationSetRow, LsPredictionRow, LsTaskRow

PredictionState = Literal["intended", "present", "retired"]


class Prediction(Frozen):
    """A prediction that was sent for a task (`task` is `Task.id`)."""

    id: int
    task: int
    set_id: str
    model_version: str
    prediction_id: int | None
    state: PredictionState


def present_sets(session: Transaction, project: int) -> Iterator[str]:
    """The keys of the sets that a project shows as predictions, one for each prediction."""
    query = (
        select(LsPredictionRow.set_id)
        .join(LsTaskRow, col(LsTaskRow.id) == col(LsPredictionRow.task))
        .where(LsTaskRow.project == project, LsPredictionRow.state == "present", LsTaskRow.state == "present")
    )
    yield from session.exec(query)


class PredictionIntent(Frozen):
    """A prediction that is about to be sent for a task (`task` is `Task.id`)."""

    task: int
    set_id: str
    model_version: str


def intend_predictions(session: Transaction, intents: Sequence[PredictionIntent]) -> list[Prediction]:
    """The predictions of tasks, written down before they are sent, in the order given; what is there is left as it is."""
    wanted = [(intent.task, intent.set_id) for intent in intents]
    found = _predictions_of(session, wanted)
    stamp = now()
    new = {(i.task, i.set_id): i for i in intents if (i.task, i.set_id) not in found}
    if new:
        rows = [{**intent.model_dump(), "state": "intended", "intended": stamp} for intent in new.values()]
        session.connection().execute(insert(LsPredictionRow), rows)
        found |= _predictions_of(session, list(new))
    return [found[key] for key in wanted]


def intend_prediction(session: Transaction, task: int, set_id: str, model_version: str) -> Prediction:
    """The prediction of a task with this set, written down before it is sent; one that is there is left as it is."""
    return intend_predictions(session, [PredictionIntent(task=task, set_id=set_id, model_version=model_version)])[0]


def settle_predictions(
    session: Transaction, predictions: Iterable[int], *, state: PredictionState, first_id: int | None = None
) -> None:
    """Writes down what became of predictions; with `first_id`, their ids on the server run on from there."""
    rows = list(predictions)
    ids = {} if first_id is None else {row: first_id + place for place, row in enumerate(rows)}
    settle(session, LsPredictionRow, rows, state=state, ids=ids)


def settle_prediction(
    session: Transaction, prediction: int, *, state: PredictionState, prediction_id: int | None = None
) -> None:
    """Writes down what became of a prediction.

    Raises:
        StoreError: there is none.
    """
    settle_one(session, LsPredictionRow, prediction, state=state, prediction_id=prediction_id)


def predictions(session: Transaction, project: int, *, task_ids: Iterable[int] | None = None) -> Iterator[Prediction]:
    """The predictions that were sent to a project, oldest first; of these tasks (`Task.id`) only, if given."""
    query = (
        select(LsPredictionRow)
        .join(LsTaskRow, col(LsTaskRow.id) == col(LsPredictionRow.task))
        .where(LsTaskRow.project == project)
        .order_by(col(LsPredictionRow.id))
    )
    if task_ids is None:
        yield from (_prediction(row) for row in session.exec(query))
        return
    ordered = list(task_ids)
    for start in range(0, len(ordered), BATCH):
        these = query.where(col(LsPredictionRow.task).in_(ordered[start : start + BATCH]))
        yield from (_prediction(row) for row in session.exec(these))


def earlier_predictions(session: Transaction, project: int, model_version: str) -> list[Prediction]:
    """The present predictions of other model versions than this, oldest first."""
    query = _present(select(LsPredictionRow), project).where(LsPredictionRow.model_version != model_version)
    return [_prediction(row) for row in session.exec(query.order_by(col(LsPredictionRow.id)))]


def sent_under_another_scheme(session: Transaction, project: int, model_version: str, scheme_digest: str) -> bool:
    """Whether a prediction that the project ever had under this version shows a set of another scheme."""
    query = (
        select(LsPredictionRow.id)
        .join(LsTaskRow, col(LsTaskRow.id) == col(LsPredictionRow.task))
        .join(AnnotationSetRow, col(AnnotationSetRow.id) == col(LsPredictionRow.set_id))
        .where(LsTaskRow.project == project, LsPredictionRow.model_version == model_version)
        .where(AnnotationSetRow.scheme_digest != scheme_digest)
    )
    return session.exec(query.limit(1)).first() is not None


def has_arrived(session: Transaction, project: int, model_version: str) -> bool:
    """Whether any prediction of this model version is present."""
    query = _present(select(LsPredictionRow), project).where(LsPredictionRow.model_version == model_version)
    return session.exec(query.limit(1)).first() is not None


def sent_since(session: Transaction, project: int, model_version: str, since: str) -> set[int]:
    """The tasks (`Task.id`) whose prediction of this version came to be known as present after this time (as `now`)."""
    query = (
        select(LsPredictionRow.task)
        .join(LsTaskRow, col(LsTaskRow.id) == col(LsPredictionRow.task))
        .where(LsTaskRow.project == project, LsPredictionRow.model_version == model_version)
        .where(LsPredictionRow.state == "present", col(LsPredictionRow.confirmed) > since)
    )
    return set(session.exec(query))


def present_among(session: Transaction, predictions: Collection[int]) -> set[int]:
    """Which of these predictions (`Prediction.id`) are known to be on the server."""
    found: set[int] = set()
    ordered = list(predictions)
    for start in range(0, len(ordered), BATCH):
        which = col(LsPredictionRow.id).in_(ordered[start : start + BATCH])
        query = select(LsPredictionRow.id).where(which, LsPredictionRow.state == "present")
        found.update(one for one in session.exec(query) if one is not None)
    return found


def _present(query: SelectOfScalar[LsPredictionRow], project: int) -> SelectOfScalar[LsPredictionRow]:
    here = query.join(LsTaskRow, col(LsTaskRow.id) == col(LsPredictionRow.task)).where(LsTaskRow.project == project)
    return here.where(LsPredictionRow.state == "present")


def _predictions_of(session: Transaction, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Prediction]:
    found: dict[tuple[int, str], Prediction] = {}
    for start in range(0, len(keys), BATCH):
        which = tuple_(col(LsPredictionRow.task), col(LsPredictionRow.set_id)).in_(keys[start : start + BATCH])
        for row in session.exec(select(LsPredictionRow).where(which)):
            found[row.task, row.set_id] = _prediction(row)
    return found


def _prediction(row: LsPredictionRow) -> Prediction:
    return Prediction.model_validate(row.model_dump(exclude={"intended", "confirmed"}))
