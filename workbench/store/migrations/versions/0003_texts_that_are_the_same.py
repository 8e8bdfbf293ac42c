"""Articles are compared without byte order marks and kinds of line ends; those that are there keep their ids."""

import hashlib
import re

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
BATCH = 200


def upgrade() -> None:
    """Brings a store of the version before to this one."""
    with op.batch_alter_table("article") as article:
        article.add_column(sa.Column("same_text_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    connection = op.get_bind()
    rows = sa.table("article", sa.column("id"), sa.column("raw"), sa.column("same_text_sha256"))
    ids = list(connection.execute(sa.select(rows.c.id)).scalars())
    for start in range(0, len(ids), BATCH):
        found = connection.execute(sa.select(rows.c.id, rows.c.raw).where(rows.c.id.in_(ids[start : start + BATCH]))).all()
        connection.execute(
            rows.update().where(rows.c.id == sa.bindparam("key")).values(same_text_sha256=sa.bindparam("digest")),
            [{"key": key, "digest": digest_of(raw)} for key, raw in found],
        )
    op.create_index(op.f("ix_article_same_text_sha256"), "article", ["same_text_sha256"])


def digest_of(raw: str) -> str:
    """The hash as the program makes it at this version of the store."""
    text = LINE_END.sub("\n", raw.lstrip("\ufeff"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
