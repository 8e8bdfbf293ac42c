"""The queue: which article is to be annotated next, and why. The newest choice takes the place of the one before."""

from collections.abc import Sequence

from sqlmodel import col, delete, select

from workbench.core.frozen import Frozen
from workbench.store.database import Transaction, now
from workbench.store.tables import QueueRow


class Queued(Frozen):
    """An article's place, from 1; `chosen_by` names the strategy, or "random"."""

    article_id: str
    place: int
    chosen_by: str
    score: float
    why: str


def replace(session: Transaction, queue: Sequence[Queued]) -> None:
    """Puts a queue in the place of the one that is there."""
    session.exec(delete(QueueRow))
    stamp = now()
    session.add_all(QueueRow(**one.model_dump(), made=stamp) for one in queue)
    session.flush()


def places(session: Transaction) -> dict[str, int]:
    """The place of every article that is in the queue."""
    query = select(QueueRow.article_id, QueueRow.place).order_by(col(QueueRow.place))
    return dict(session.exec(query).all())


def every(session: Transaction) -> list[Queued]:
    """The queue in its order."""
    query = select(QueueRow).order_by(col(QueueRow.place))
    return [Queued.model_validate(row.model_dump(exclude={"made"})) for row in session.exec(query)]
