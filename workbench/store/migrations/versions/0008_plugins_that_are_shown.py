"""Plug-ins that annotators see."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STRING = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Brings a store of the version before to this one."""
    for name in ("plugin", "producer"):
        op.add_column("promotion", sa.Column(name, STRING(), nullable=True))
