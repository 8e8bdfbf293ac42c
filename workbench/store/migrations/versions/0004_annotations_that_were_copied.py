"""Which annotation an annotation was copied from."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Brings a store of the version before to this one."""
    op.add_column("revision", sa.Column("parent_annotation", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
