"""Outcomes written into many rows of the ledger, in few statements."""

from collections.abc import Mapping, Sequence

from sqlalchemy import case
from sqlmodel import col, update

from workbench.core.batches import batches
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
