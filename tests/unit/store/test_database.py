"""Opening, migrating, backing up and failing, on SQLite and PostgreSQL alike where it can happen on both."""

import gzip
import json
import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from unprivileged import Nobody

from workbench.core.article import Article, same_text_sha256
from workbench.errors import StoreError, StoreUnavailable
from workbench.store import Store, articles, database, revisions, schema_version
from workbench.store.tables import Table


def add(store: Store, words: str) -> Article:
    article = Article.from_text(words)
    with store.transaction() as session:
        articles.add(session, article, raw=words)
    return article


def count(store: Store) -> int:
    with store.transaction() as session:
        return articles.count(session)


def test_migrations_lead_to_the_tables_that_the_program_uses(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Table.metadata) == []


def test_a_store_from_before_copies_were_told_apart_keeps_its_revisions(url: str, tmp_path: Path) -> None:
    engine = database.create_engine(url)
    with engine.begin() as connection:
        schema_version.upgrade_on(connection, to="0003")
        for statement in (
            "INSERT INTO article (id, raw, raw_sha256, same_text_sha256, media_type, meta, added)"
            " VALUES ('a', 'x', 'h', 'h', 'text/plain', '{}', 't')",
            "INSERT INTO annotation_set (id, article_id, article_version, kind, name, version, scheme_digest, created,"
            " stored, body) VALUES ('s', 'a', 1, 'person', 'ann', '', 'd', 't', 't', '{}')",
            "INSERT INTO revision (article_id, article_version, annotator, origin, external_id, updated, created, state,"
            " set_id, stored) VALUES ('a', 1, 'ann', 'o', '1', 'u', 'c', 'submitted', 's', 't')",
        ):
            connection.execute(text(statement))
    engine.dispose()
    store = Store.open(url, backups=tmp_path / "backups")
    with store.reading() as session:
        [revision] = revisions.find(session)
    assert (revision.annotator, revision.parent_annotation) == ("ann", None)
    store.close()


def test_opening_again_keeps_everything(url: str, tmp_path: Path) -> None:
    first = Store.open(url, backups=tmp_path / "backups")
    add(first, "Oslo 👩‍🚀")
    first.close()
    again = Store.open(url, backups=tmp_path / "backups")
    assert count(again) == 1
    assert not (tmp_path / "backups").exists()
    again.close()


def test_an_error_takes_back_all_of_the_transaction(store: Store) -> None:
    add(store, "Oslo")

    def fail(words: str, statement: str) -> None:
        with store.transaction() as session:
            made = Article.from_text(words)
            articles.add(session, made, raw=made.text)
            if not statement:
                raise ZeroDivisionError
            session.connection().execute(text(statement))

    with pytest.raises(ZeroDivisionError):
        fail("Bern", "")
    assert count(store) == 1
    with pytest.raises(StoreError) as caught:
        fail("Rome", "INSERT INTO article_source VALUES ('nobody', 's', 't')")
    assert "\n" not in caught.value.message
    assert count(store) == 1


def test_two_who_write_at_once_both_get_their_turn(store: Store) -> None:
    failures: list[BaseException] = []

    def write(start: int) -> None:
        try:
            for number in range(start, start + 10):
                add(store, f"Story {number}")
        except StoreError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(start,)) for start in (0, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert count(store) == 20


def test_who_only_reads_waits_for_nobody_and_cannot_write(store: Store) -> None:
    add(store, "Oslo")
    with store.transaction() as writer, store.reading() as reader:
        articles.add(writer, Article.from_text("Bern.", title="Bern"), raw="Bern.")
        assert articles.count(reader) == 1
    with store.reading() as reader:
        assert articles.count(reader) == 2
    with pytest.raises(StoreError, match="read-only"), store.reading() as reader:
        articles.add(reader, Article.from_text("Rome.", title="Rome"), raw="Rome.")
    add(store, "Rome")
    assert count(store) == 3


def test_a_store_that_a_newer_program_wrote_is_refused(url: str, tmp_path: Path) -> None:
    store = Store.open(url)
    add(store, "Oslo")
    with store.transaction() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError, match="has version 9999, which this workbench does not know") as caught:
        Store.open(url, backups=tmp_path / "backups")
    assert not isinstance(caught.value, StoreUnavailable)
    assert not (tmp_path / "backups").exists()


def test_an_older_store_is_copied_before_it_is_migrated(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(url)
    add(store, "Oslo 👩‍🚀\r\n\u00a0שלום")
    store.close()
    # The next version is played: a newest version that upgrading reaches with a new table.
    monkeypatch.setattr(schema_version, "newest", lambda: "9998")

    def upgrade(engine: database.Engine) -> None:
        [copy] = (tmp_path / "backups").iterdir()
        assert copy.stat().st_size > 0
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE later (id INTEGER PRIMARY KEY)"))

    monkeypatch.setattr(schema_version, "upgrade", upgrade)
    migrated = Store.open(url, backups=tmp_path / "backups")
    assert "later" in inspect(migrated.engine).get_table_names()
    migrated.close()
    [copy] = (tmp_path / "backups").iterdir()
    assert copy.name.startswith("store-before-9998-")
    if copy.suffix == ".db":
        with sqlite3.connect(copy) as connection:
            assert connection.execute("SELECT raw FROM article").fetchall() == [("Oslo 👩‍🚀\r\n\u00a0שלום",)]
            names = connection.execute("SELECT name FROM sqlite_master WHERE name = 'later'").fetchall()
        connection.close()
        assert names == []
    else:
        with gzip.open(copy, "rt", encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        [row] = [row["row"] for row in rows if row["table"] == "article"]
        assert row["raw"] == "Oslo 👩‍🚀\r\n\u00a0שלום"


def test_a_backup_is_consistent_while_somebody_writes(store: Store, tmp_path: Path) -> None:
    add(store, "Oslo")
    with store.transaction() as session:
        made = Article.from_text("half-written")
        articles.add(session, made, raw=made.text)
        path = store.backup(tmp_path / "copy")
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    assert b"Oslo" in body
    assert b"half-written" not in body


def test_a_locked_store_is_said_so_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    url = f"sqlite:///{tmp_path / 'workbench.db'}"
    store = Store.open(url)
    other = sqlite3.connect(tmp_path / "workbench.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreUnavailable, match="is locked by another program") as caught:
        add(store, "Oslo")
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 3
    other.execute("ROLLBACK")
    other.close()
    add(store, "Oslo")
    assert count(store) == 1


def test_a_locked_postgres_table_waits_or_is_said_so(postgres_url: str) -> None:
    store = Store.open(postgres_url + "&options=-clock_timeout%3D200")
    other = Store.open(postgres_url)
    with other.engine.begin() as connection:
        connection.execute(text("LOCK TABLE article IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(StoreUnavailable, match="is locked by another program"):
            add(store, "Oslo")
    add(store, "Oslo")
    store.close()
    other.close()


def test_a_read_only_store_is_said_so(tmp_path: Path, postgres_url: str) -> None:
    Store.open(f"sqlite:///{tmp_path / 'workbench.db'}").close()
    store = Store.open(f"sqlite:///file:{tmp_path / 'workbench.db'}?mode=ro&uri=true")
    with pytest.raises(StoreUnavailable, match="is read-only") as caught:
        add(store, "Oslo")
    assert "\n" not in caught.value.message
    store.close()
    Store.open(postgres_url).close()
    store = Store.open(postgres_url + "&options=-cdefault_transaction_read_only%3Don")
    with pytest.raises(StoreUnavailable, match="is read-only"):
        add(store, "Oslo")
    store.close()


def test_a_file_without_write_permission_is_said_so(nobody: Nobody) -> None:
    url = f"sqlite:///{nobody.folder / 'workbench.db'}"
    with nobody.acting():
        store = Store.open(url)
        add(store, "Bergen")
        store.close()
        nobody.folder.chmod(0o500)
        for path in nobody.folder.iterdir():
            path.chmod(0o400)
        with pytest.raises(StoreUnavailable, match="is read-only"):
            add(Store.open(url), "Oslo")
        nobody.folder.chmod(0o700)


def test_a_store_in_a_read_only_folder_is_read(nobody: Nobody) -> None:
    url = f"sqlite:///{nobody.folder / 'workbench.db'}"
    with nobody.acting():
        store = Store.open(url)
        added = add(store, "Bergen")
        store.close()
        there = sorted(one.name for one in nobody.folder.iterdir())
        nobody.folder.chmod(0o500)
        store = Store.open(url)
        with store.reading() as session:
            assert articles.get(session, added.id).text == added.text
        with pytest.raises(StoreUnavailable, match="is read-only"):
            add(store, "Oslo")
        store.close()
        assert sorted(one.name for one in nobody.folder.iterdir()) == there
        nobody.folder.chmod(0o700)
        other = Store.open(url)
        with other.reading() as session:
            assert articles.count(session) == 1
        # Somebody who may write is at work: what is in the log is read, too.
        later = add(other, "Oslo")
        nobody.folder.chmod(0o500)
        store = Store.open(url)
        with store.reading() as session:
            assert articles.get(session, later.id).text == later.text
        store.close()
        nobody.folder.chmod(0o700)
        other.close()


def test_an_older_store_in_a_read_only_folder_is_said_so(nobody: Nobody) -> None:
    file = nobody.folder / "workbench.db"
    with nobody.acting():
        store = Store.open(f"sqlite:///{file}")
        with store.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
        store.close()
        nobody.folder.chmod(0o500)
        with pytest.raises(StoreUnavailable, match="is of an earlier version, and its folder is read-only"):
            Store.open(f"sqlite:///{file}", backups=nobody.folder / "backups")
        nobody.folder.chmod(0o700)


def test_a_full_disk_is_said_so_and_nothing_is_half_written(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    add(store, "Oslo")
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 1}")

    def fill() -> None:
        with store.transaction() as session:
            for number in range(500):
                made = Article.from_text(f"Story {number} " * 100)
                articles.add(session, made, raw=made.text)

    with pytest.raises(StoreUnavailable, match="disk is full"):
        fill()
    assert count(store) == 1
    store.close()


@pytest.mark.parametrize("body", [b"no database at all, " * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_said_so(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "workbench.db").write_bytes(body)
    with pytest.raises(StoreError) as caught:
        Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    assert "\n" not in caught.value.message
    assert (tmp_path / "workbench.db").read_bytes() == body


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "postgresql+nothing://x/y", ""])
def test_a_url_that_is_none_is_said_so(url: str) -> None:
    with pytest.raises(StoreError):
        Store.open(url)


def test_a_server_that_does_not_answer_is_said_so_without_the_password() -> None:
    with pytest.raises(StoreUnavailable, match="does not answer") as caught:
        Store.open("postgresql+psycopg://me:s3cret@127.0.0.1:1/db")
    assert "s3cret" not in str(caught.value)
    assert "\n" not in caught.value.message


def test_a_server_that_goes_away_is_said_so(postgres_url: str) -> None:
    store = Store.open(postgres_url)
    other = Store.open(postgres_url)

    def lose_the_connection() -> None:
        with store.transaction() as session:
            pid = session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
            with other.engine.begin() as connection:
                connection.execute(text(f"SELECT pg_terminate_backend({pid})"))
            articles.count(session)

    with pytest.raises(StoreUnavailable, match="does not answer"):
        lose_the_connection()
    assert count(store) == 0
    store.close()
    other.close()


def test_articles_that_are_there_keep_their_ids_and_are_found_by_their_text(url: str) -> None:
    older = Store.closed(url)
    kept: list[str] = []
    with older.engine.begin() as connection:
        schema_version.upgrade_on(connection, to="0002")
        for words in ("Oslo.\r\nBern.", "\ufeffRome.", "Oslo.\nBern."):
            article = Article.from_text(words)
            kept.append(article.id)
            connection.execute(
                text(
                    "INSERT INTO article (id, raw, raw_sha256, media_type, meta, added) "
                    "VALUES (:id, :raw, '', 'text/plain', '{}', :added)"
                ),
                {"id": article.id, "raw": words, "added": f"2026-01-0{len(kept)}"},
            )
    older.close()
    migrated = Store.open(url)
    with migrated.reading() as session:
        assert sorted(articles.ids(session)) == sorted(kept)
        digests = [same_text_sha256(words) for words in ("Oslo.\rBern.", "Rome.", "Paris.")]
        assert articles.with_same_text(session, digests) == {digests[0]: kept[0], digests[1]: kept[1]}
    migrated.close()
