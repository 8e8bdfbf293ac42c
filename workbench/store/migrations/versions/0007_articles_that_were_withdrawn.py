"""Articles that were withdrawn, and why."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STRING = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Brings a store of the version before to this one."""
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", STRING(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("withdrawn", STRING(), nullable=False),
        sa.Column("erased", STRING(), nullable=True),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("undone", STRING(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_withdrawal_article_id_article")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
    )
    op.create_index(op.f("ix_withdrawal_article_id"), "withdrawal", ["article_id"])
