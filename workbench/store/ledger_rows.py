"""Outcomes written into rows of the ledger: into one, or into many in few statements."""

from collections.abc import Mapping, Sequence

from sqlalchemy import case
from sqlmodel import col, update

from workbench.core.batches import batches
from workbench.errors import StoreError
from workbench.store.database import Transaction, now
from workbench.store.tables import LsPredictionRow, LsTaskRow

BATCH = 400
"""How many values one statement names."""


def settle(
    session: Transaction,
    table: type[LsTaskRow] | type[LsPredictionRow],
    rows: Sequence[int],
    *,
    state: str,
    ids: Mapping[int, int],
) -> None:
    """Writes state and ids of the server into rows, in few statements: each costs a thread its turn."""
    name = "task_id" if table is LsTaskRow else "prediction_id"
    for some in batches(rows, BATCH):
        values: dict[str, object] = {"state": state, "confirmed": now()}
        if ids:
            values[name] = case({row: ids[row] for row in some}, value=col(table.id))
        session.connection().execute(update(table).where(col(table.id).in_(some)).values(values))
    session.expire_all()


def settle_one(
    session: Transaction, table: type[LsTaskRow] | type[LsPredictionRow], row: int, *, state: str, **known: object
) -> None:
    """Writes into one row what became of it; what is None of the rest stays as it is.

    Raises:
        StoreError: there is no such row.
    """
    found = session.get(table, row)
    if found is None:
        raise StoreError(f"no {'task' if table is LsTaskRow else 'prediction'} {row} in the store")
    found.state, found.confirmed = state, now()
    for name, value in known.items():
        if value is not None:
            setattr(found, name, value)
    session.add(found)
    session.flush()
