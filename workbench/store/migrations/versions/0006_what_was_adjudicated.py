"""What annotators said, merged; what was decided and by whom; projects in which people decide the rest."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STRING = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    """Brings a store of the version before to this one."""
    op.create_table(
        "adjudication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", STRING(), nullable=False),
        sa.Column("article_version", sa.Integer(), nullable=False),
        sa.Column("set_id", STRING(), nullable=False),
        sa.Column("policies", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Integer(), nullable=False),
        sa.Column("decided", sa.Integer(), nullable=False),
        sa.Column("left_open", sa.Integer(), nullable=False),
        sa.Column("created", STRING(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_adjudication_article_id_article")),
        sa.ForeignKeyConstraint(["set_id"], ["annotation_set.id"], name=op.f("fk_adjudication_set_id_annotation_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjudication")),
    )
    op.create_index(op.f("ix_adjudication_article_id"), "adjudication", ["article_id"])
    op.create_index(op.f("ix_adjudication_set_id"), "adjudication", ["set_id"])
    op.create_table(
        "adjudication_parent",
        sa.Column("adjudication", sa.Integer(), nullable=False),
        sa.Column("annotator", STRING(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("set_id", STRING(), nullable=False),
        sa.Column("content", STRING(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjudication"], ["adjudication.id"], name=op.f("fk_adjudication_parent_adjudication_adjudication")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_adjudication_parent_revision_id_revision")
        ),
        sa.ForeignKeyConstraint(
            ["set_id"], ["annotation_set.id"], name=op.f("fk_adjudication_parent_set_id_annotation_set")
        ),
        sa.PrimaryKeyConstraint("adjudication", "annotator", name=op.f("pk_adjudication_parent")),
    )
    op.create_table(
        "adjudication_review",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("adjudication", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjudication"], ["adjudication.id"], name=op.f("fk_adjudication_review_adjudication_adjudication")
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_adjudication_review_revision_id_revision")
        ),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_adjudication_review")),
    )
    op.create_index(op.f("ix_adjudication_review_adjudication"), "adjudication_review", ["adjudication"])
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("adjudication", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("layer", STRING(), nullable=False),
        sa.Column("kind", STRING(), nullable=False),
        sa.Column("decided_by", STRING(), nullable=True),
        sa.Column("who", STRING(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjudication"], ["adjudication.id"], name=op.f("fk_decision_adjudication_adjudication")
        ),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_decision_revision_id_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_adjudication"), "decision", ["adjudication"])
    op.create_index(op.f("ix_decision_revision_id"), "decision", ["revision_id"])
    op.add_column("ls_project", sa.Column("review_round", sa.Integer(), server_default="0", nullable=False))
