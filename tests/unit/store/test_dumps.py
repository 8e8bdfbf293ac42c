"""A store comes back from its copy row for row, whatever database it goes to, and counts on from there."""

import gzip
import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from annotation_sets import TEXT, a_set, span
from sqlalchemy import MetaData, select

from workbench.core.article import Article
from workbench.errors import StoreError
from workbench.store import Store, annotations, articles, dumps, projects, revisions, task_ledger
from workbench.store.database import now
from workbench.store.revisions import Correction, Revision

NASTY = "Nº 1 🏳️‍🌈\r\n\u00a0שלום \\n \u2028 ends"


def fill(store: Store, number: int) -> None:
    """Rows in tables with keys of text and of numbers, with NULLs, booleans and floats."""
    article = Article.from_text(f"{TEXT}{NASTY}{number}", title=NASTY)
    with store.transaction() as session:
        articles.add(session, article, raw=NASTY)
        key = annotations.keep(session, article.id, 1, a_set(span("a", "GPE", 0, 4)))
        revision = Revision(
            article_id=article.id, article_version=1, annotator="ann", origin="o", external_id=str(number),
            updated=now(), created=now(), state="submitted", set_id=key, lead_time=number + 0.1,
        )  # fmt: skip
        correction = Correction(layer="entities", kind="span", decision="added", span="a", label_after="GPE")
        assert revisions.keep(session, revision, [correction])
        project = projects.add(session, server="s", project_id=number, title="t", scheme_digest="d", config="<V/>")
        task_ledger.intend_task(session, project.id, article.id, 1, blind=True, priority=0.5)


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    tables = MetaData()
    tables.reflect(store.engine)
    with store.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=str)
            for table in tables.sorted_tables
        }


@pytest.fixture(params=["sqlite", "postgresql"])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'other.db'}"
    return request.getfixturevalue("postgres").database()


def test_every_row_comes_back_and_new_ones_count_on(store: Store, other_url: str, tmp_path: Path) -> None:
    for number in (1, 2):
        fill(store, number)
    before = contents(store)
    copy = store.backup(tmp_path / "copy")
    fill(store, 3)
    empty = Store.closed(other_url)
    assert empty.is_empty
    assert empty.replace(copy, tmp_path / "aside") is None
    other = Store.open(other_url)
    assert contents(other) == before
    fill(other, 3)
    assert {name: len(rows) for name, rows in contents(other).items()} == {
        name: len(rows) for name, rows in contents(store).items()
    }
    other.close()
    # Over what is there: it is kept aside, and can be put back.
    kept = Store.closed(other_url).replace(copy, tmp_path / "aside")
    assert kept is not None
    other = Store.open(other_url)
    assert contents(other) == before
    other.close()
    Store.closed(other_url).replace(kept, tmp_path / "again")
    other = Store.open(other_url)
    assert len(contents(other)["article"]) == 3
    other.close()


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["nothing"],
        [{"table": "article", "row": {}}],
        [{"table": "alembic_version", "row": {"version_num": "9999"}}],
        [{"table": "alembic_version", "row": {"version_num": "0001"}}, {"table": "no_such", "row": {"id": 1}}],
        [{"table": "alembic_version", "row": {"version_num": "0001"}}, {"table": "article", "row": {"id": "a"}}],
    ],
)
def test_what_cannot_be_loaded_leaves_the_store_as_it_was(store: Store, tmp_path: Path, lines: list[object]) -> None:
    fill(store, 1)
    before = contents(store)
    bad = tmp_path / "bad.jsonl.gz"
    with gzip.open(bad, "wt", encoding="utf-8") as file:
        file.writelines(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    with pytest.raises(StoreError):
        store.replace(bad, tmp_path / "aside")
    assert contents(store) == before


def test_rows_of_the_first_version_are_brought_to_this_one(store: Store, tmp_path: Path) -> None:
    fill(store, 1)
    before = contents(store)
    old = tmp_path / "old.jsonl.gz"
    with gzip.open(old, "wt", encoding="utf-8") as file:
        file.write(json.dumps({"table": "alembic_version", "row": {"version_num": "0001"}}) + "\n")
    store.replace(old, tmp_path / "aside")
    reopened = Store.open(store.engine.url.render_as_string(hide_password=False))
    after = contents(reopened)
    reopened.close()
    assert after["alembic_version"] == before["alembic_version"]
    assert after["article"] == []
    assert after.keys() == before.keys()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_copy_is_as_closed_as_what_it_copies(tmp_path: Path, mode: int) -> None:
    """The server's database holds tokens."""
    source, target = tmp_path / "a.db", tmp_path / "b.db"
    source.touch(mode)
    with closing(sqlite3.connect(source)) as database:
        database.execute("CREATE TABLE t (x)")
        database.commit()
    source.chmod(mode)

    dumps.copy_sqlite(source, target)

    assert stat.S_IMODE(target.stat().st_mode) == mode
