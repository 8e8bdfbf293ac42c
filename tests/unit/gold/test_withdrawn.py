"""What becomes of releases when an article of theirs is withdrawn, with its words or without."""

import json
from pathlib import Path

import pytest
from annotation_sets import SCHEME
from contexts import PartsContext
from sqlalchemy import MetaData, select, text

from workbench.core.ports import Silent
from workbench.errors import ArticleError
from workbench.formats.jsonl import JsonLinesFormat
from workbench.gold import building, leaks, releases
from workbench.gold.differences import diff
from workbench.gold.verification import verify, verify_export
from workbench.store import annotations, articles, problems, projects, queue, task_ledger, withdrawals
from workbench.training import corpus
from workbench.workflows.exporting import export
from workbench.workflows.importing import import_file
from workbench.workflows.withdrawing import withdraw

WORD = "Zanzibarese"
"""In the text, the title and the annotations of the article that is withdrawn, and of no other."""
LEFT = {"release": 1, "article_source": 1}
"""Tables that hold it after it was erased: the title, which the digest of the release covers, and where it was found."""


@pytest.fixture
def released(workplace):
    """Four articles in a release, the second of them with a word of its own wherever words are kept."""
    for number, part in enumerate(("train", "train", "dev", "test")):
        name = f"{WORD} affair" if number == 1 else f"a{number}"
        article = workplace.article(name, story=f"s{number}", split=part, by=f"the {name}")
        workplace.submit(article, "ann", with_word(workplace, article) if number == 1 else None)
    with workplace.store.transaction() as session:
        building.release(session, "v1", SCHEME, created="2025-02-03T04:05:06+00:00")
    workplace.one = article_called(workplace, WORD)
    return workplace


def with_word(workplace, article):
    found = workplace.spans(article, prefix="ann")
    at = article.text.index(WORD)
    span = found.layers["entities"][0].model_copy(
        update={"id": "w", "start": at, "end": at + len(WORD), "text": WORD, "norm": f"the {WORD}"}
    )
    layers = {**found.layers, "entities": (*found.layers["entities"], span)}
    return found.model_copy(update={"layers": layers})


def article_called(workplace, word):
    with workplace.store.reading() as session:
        return next(one for one in articles.get_many(session, articles.ids(session)) if word in one.title)


def context(workplace, folder: Path) -> PartsContext:
    return PartsContext(folder, store=workplace.store, scheme=SCHEME)


def rows_with(workplace, word: str) -> dict[str, int]:
    """How many rows of each table hold the word anywhere."""
    tables = MetaData()
    tables.reflect(workplace.store.engine)
    with workplace.store.engine.connect() as connection:
        counted = {
            name: sum(word in str(tuple(row)) for row in connection.execute(select(table)))
            for name, table in tables.tables.items()
        }
    return {name: number for name, number in counted.items() if number}


def test_a_withdrawn_article_is_in_no_queue_and_in_no_later_release(released, tmp_path: Path) -> None:
    key = released.one.id
    with released.store.transaction() as session:
        place = queue.Queued(article_id=key, place=1, chosen_by="random", score=0.0, why="chance")
        queue.replace(session, [place])
    report = withdraw(context(released, tmp_path / "ws"), key[:10], why="the publisher  asked\nfor it")
    assert (report.article_id, report.why, report.erased) == (key, "the publisher asked for it", False)
    assert report.releases == ("v1",)
    with released.store.transaction() as session:
        assert queue.places(session) == {}
        later = building.release(session, "v2", SCHEME, created="2025-03-03T04:05:06+00:00").manifest
        assert key not in {item.article_id for item in later.items}
        [left_out] = later.left_out
        assert left_out.article_id == key
        assert "the publisher asked for it" in left_out.reason
        assert [one.article_id for one in later.withdrawn] == [key]
        assert str(later).count(key) == 1
        found = verify(session, "v1")
        assert found.failure() is None
        assert f"{key} was withdrawn on" in str(found)
        assert articles.get(session, key).text == released.one.text


def test_what_was_withdrawn_comes_back_with_undo(released, tmp_path: Path) -> None:
    there = context(released, tmp_path / "ws")
    with pytest.raises(ArticleError, match="not withdrawn"):
        withdraw(there, released.one.id, undo=True)
    with pytest.raises(ArticleError, match="no reason"):
        withdraw(there, released.one.id, why=" ")
    withdraw(there, released.one.id, why="a mistake")
    again = withdraw(there, released.one.id, why="a second thought")
    assert (again.why, again.not_kept) == ("a mistake", "a second thought")
    assert "the reason of before stands, in the place of: a second thought" in str(again)
    assert withdraw(there, released.one.id, why="a mistake").not_kept == ""
    assert withdraw(there, released.one.id, undo=True).undone
    with released.store.transaction() as session:
        assert withdrawals.current(session) == {}
        assert building.release(session, "v2", SCHEME, created="2025-03-03T04:05:06+00:00").same_as == ("v1",)


def test_no_word_of_an_erased_article_is_left_in_the_store(released, tmp_path: Path) -> None:
    key = released.one.id
    with released.store.transaction() as session:
        project = projects.add(session, server="s", project_id=1, title="t", scheme_digest="d", config="")
        task = task_ledger.intend_task(session, project.id, key, 1)
        task_ledger.settle_task(session, task.id, state="present", task_id=7, note=f"mend ‘{WORD}’")
        for article_id in (key, None):
            problem = problems.Problem(
                task_id=7,
                article_id=article_id,
                annotation_id=9,
                updated="2025",
                rule="text" if article_id else "other",
                message=f"‘{WORD}’ differs",
                payload=json.dumps({"text": WORD}),
            )
            problems.keep(session, project.id, problem)
        articles.keep_signature(session, key, "kind", WORD)
    assert rows_with(released, WORD).keys() >= {"article", "article_version", "annotation_set", "ls_problem", "ls_task"}

    report = withdraw(context(released, tmp_path / "ws"), key, why="a court decided so", erase=True)
    assert report.erased
    assert report.left_in_label_studio == 1
    assert rows_with(released, WORD) == LEFT
    if file := released.store.file:
        with released.store.transaction() as session:
            session.connection().execute(text("DELETE FROM release_item"))
            session.connection().execute(text("DELETE FROM release"))
            session.connection().execute(text("DELETE FROM article_source"))
        released.store.shred()
        for part in (file, file.with_name(file.name + "-wal")):
            assert WORD.encode() not in (part.read_bytes() if part.exists() else b"")


def test_what_was_released_of_an_erased_article_is_verified_by_its_hashes(released, tmp_path: Path) -> None:
    key = released.one.id
    withdraw(context(released, tmp_path / "ws"), key, why="a court decided so", erase=True)
    with released.store.transaction() as session:
        found = verify(session, "v1")
        assert found.failure() is None, str(found)
        assert f"{key} was withdrawn and erased" in str(found)
        [place] = found.places
        assert (place.articles, place.checked["texts"]) == (4, 3)
        assert [one.article.id for one in releases.read(session, "v1")].count(key) == 0
        assert corpus.read(session, "v1", SCHEME).parts[0].erased == 1
        found = leaks.leaks(session, "v1")
        assert found.articles == 3
        [erased] = found.erased
        assert erased.startswith(f"{key} was withdrawn and erased")
        assert erased in str(found)
        assert diff(session, "v1", "v1").changed == ()
        session.connection().execute(text('UPDATE withdrawal SET texts = \'{"1": "other"}\''))
        assert key in "".join(map(str, verify(session, "v1").touched))


def test_exports_of_an_old_release_name_what_was_withdrawn(released, tmp_path: Path) -> None:
    key = released.one.id
    there = context(released, tmp_path / "ws")
    folder = there.settings.exports
    export(released.store, "v1", ["jsonl"], folder, Silent())
    report = withdraw(there, key, why="a court decided so", erase=True)
    assert report.exports == (str(folder / "v1" / "jsonl"),)
    export(released.store, "v1", ["jsonl"], folder, Silent(), force=True)
    written = "".join(one.read_text() for one in (folder / "v1").rglob("*.jsonl"))
    assert key not in written
    card = (folder / "v1" / "jsonl" / "README.md").read_text()
    assert "## Withdrawn articles" in card
    assert f"{key} was withdrawn and erased" in card
    shared = leaks.leaks_of_export(folder / "v1")
    assert (shared.articles, len(shared.erased)) == (3, 1)
    found = verify_export(folder / "v1")
    assert found.failure() is None, str(found)
    assert "a court decided so" in str(found)
    assert withdraw(there, key, erase=True).exports == ()
    with released.store.transaction() as session:
        building.release(session, "v2", SCHEME, created="2025-03-03T04:05:06+00:00")
    export(released.store, "v2", ["jsonl"], folder, Silent())
    assert "is not in this one" in (folder / "v2" / "jsonl" / "README.md").read_text()


def test_an_erased_article_does_not_come_back(released, tmp_path: Path) -> None:
    key = released.one.id
    there = context(released, tmp_path / "ws")
    export(released.store, "v1", ["jsonl"], tmp_path / "kept", Silent())
    withdraw(there, key, why="a court decided so", erase=True)
    with pytest.raises(ArticleError, match="erased"):
        withdraw(there, key, undo=True)
    with released.store.reading() as session, pytest.raises(ArticleError, match="a court decided so"):
        articles.get(session, key)
    file = tmp_path / "kept" / "v1" / "jsonl" / "train.jsonl"
    report = import_file(released.store, file, JsonLinesFormat(), "bea", SCHEME, Silent())
    [refused] = report.refused
    assert "a court decided so" in refused.message
    with released.store.transaction() as session:
        annotations.keep(session, key, 1, with_word(released, released.one))
    assert rows_with(released, WORD) == LEFT
