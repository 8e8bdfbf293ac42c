"""Tasks are taken in one after the other: what waits for the store waits for one task, and a long one takes no square."""

import gc
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from pushing import SCHEME
from sqlalchemy import Engine, event

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.core.scheme import OtherControl
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion.convert import to_result
from workbench.labelstudio.conversion.region_ids import key_of, region_id
from workbench.labelstudio.conversion.task import task_data
from workbench.labelstudio.pull import intake as intake_module
from workbench.labelstudio.pull.intake import PAGE, PAGE_CHARACTERS, Intake
from workbench.store import Store, annotations, articles, projects, revisions, task_ledger

LINE = "Mayor Brandt aided Oslo.\n"
STAMP = "2026-03-01T10:00:00.000000Z"


class OnlyUsers:
    """A server of which nothing is asked but who its users are."""

    def users(self) -> list[dict[str, object]]:
        return [{"id": 7, "email": "ann@example.org"}]


def suggestion(lines: int) -> AnnotationSet:
    """Two entities and an event in each line."""
    layers: dict[str, list[Span]] = {layer.name: [] for layer in SCHEME.layers}
    for line in range(lines):
        at = line * len(LINE)
        for name, label, start, end in (("p", "PERSON", 6, 12), ("g", "GPE", 19, 23), ("v", "AID", 13, 18)):
            roles = (("actor", "p"), ("recipient", "g")) if name == "v" else ()
            layers[SCHEME.layer_of_label[label]].append(
                Span(
                    id=f"{name}{line}",
                    label=label,
                    start=at + start,
                    end=at + end,
                    text=LINE[start:end],
                    arguments=tuple(Argument(role=role, target=f"{target}{line}") for role, target in roles),
                )
            )
    found = {layer: tuple(spans) for layer, spans in layers.items()}
    return SCHEME.normalise(
        AnnotationSet(producer=Producer(kind="rules", name="rules"), scheme_digest=SCHEME.digest, layers=found)
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


@pytest.fixture
def intake(store: Store) -> Intake:
    with store.transaction() as session:
        project = projects.add(
            session, server="here", title="News", project_id=1, config="", scheme_digest=SCHEME.digest
        )
    return Intake(store, cast("LabelStudioClient", OnlyUsers()), SCHEME, project)


def pushed(intake: Intake, number: int, lines: int) -> wire.Task:
    """A task as the server gives it, whose suggestion somebody corrected: the first span is gone."""
    article = Article.from_text(f"{LINE * lines}Number {number}.")
    found = suggestion(lines)
    with intake.store.transaction() as session:
        articles.add(session, article, raw=article.text)
        key = annotations.keep(session, article.id, 1, found)
        row = task_ledger.intend_task(session, intake.project.id, article.id, 1)
        task_ledger.settle_task(session, row.id, state="present", task_id=number)
    result = to_result(found, SCHEME, key=key_of(key))
    gone = region_id(key_of(key), "p0")
    left = [item for item in result if gone not in (item.get("id"), item.get("from_id"), item.get("to_id"))]
    annotation = {
        "id": number,
        "completed_by": 7,
        "result": left,
        "was_cancelled": False,
        "created_at": STAMP,
        "updated_at": STAMP,
        "lead_time": 1.0,
        "parent_prediction": None,
    }
    task: dict[str, Any] = {
        "id": number,
        "data": task_data(article, SCHEME),
        "updated_at": STAMP,
        "annotations": [annotation],
        "predictions": [],
    }
    return cast("wire.Task", task)


def test_long_tasks_are_stored_one_by_one_and_short_ones_together(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_module, "AT_ONCE", 100)
    page = [pushed(intake, number, lines) for number, lines in ((1, 2), (2, 3), (3, 40), (4, 40), (5, 2))]
    stored: list[int] = []
    transaction = intake.store.transaction

    def counted() -> Any:
        with intake.store.reading() as session:
            stored.append(len(revisions.current(session)))
        return transaction()

    monkeypatch.setattr(intake.store, "transaction", counted)
    intake.take(page)
    assert stored == [0, 2, 3, 4]
    assert intake.states["submitted"] == 5


def test_what_an_annotation_was_copied_from_is_kept(intake: Intake) -> None:
    task = pushed(intake, 1, 2)
    copied = cast("wire.Annotation", {**task["annotations"][0], "id": 2, "parent_annotation": 1})
    intake.take([cast("wire.Task", {**task, "annotations": [*task["annotations"], copied]})])
    with intake.store.reading() as session:
        parents = {one.external_id: one.parent_annotation for one in revisions.current(session)}
    assert parents == {"1": None, "2": "1"}


def test_what_a_page_asks_of_the_store_does_not_grow_with_its_tasks(intake: Intake) -> None:
    """Neither where its annotations are new nor where the store has them."""
    tables = ("article", "article_version", "article_source", "annotation_set")
    page = [pushed(intake, number, 2) for number in range(1, 41)]

    def asked_of(tasks: list[wire.Task]) -> dict[str, int]:
        asked: Counter[str] = Counter()

        def count(connection: object, cursor: object, statement: str, *rest: object) -> None:
            found = re.search(r"\bFROM (\w+)", statement)
            if found and statement.startswith("SELECT") and "INSERT" not in statement:
                asked[found.group(1)] += 1

        event.listen(Engine, "before_cursor_execute", count)
        try:
            intake.take(tasks)
        finally:
            event.remove(Engine, "before_cursor_execute", count)
        return {table: asked[table] for table in (*tables, "revision")}

    new = asked_of(page)
    assert intake.states["submitted"] == 40
    again = asked_of(page)
    assert [new[table] for table in tables[:3]] == [1, 1, 1]
    assert again == {"article": 1, "article_version": 1, "article_source": 1, "annotation_set": 0, "revision": 2}
    assert again == asked_of(page[:2])


def test_what_was_stored_stays_when_a_later_task_breaks(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "AT_ONCE", 1)
    page = [pushed(intake, 1, 2), pushed(intake, 2, 2)]
    broken = cast("wire.Task", {**page[1], "annotations": [{**page[1]["annotations"][0], "created_at": "never"}]})
    with pytest.raises(ValueError, match="never"):
        intake.take([page[0], broken])
    intake.take(page)
    with intake.store.reading() as session:
        assert len(revisions.current(session)) == 2
    assert intake.states["submitted"] == 2


def test_nobody_waits_for_the_store_while_a_task_is_worked_out(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    page = [pushed(intake, 1, 5)]
    compared: list[bool] = []
    found: Callable[..., Any] = intake_module.corrections

    def corrections(*given: Any) -> Any:
        with intake.store.transaction() as session:
            projects.set_watermark(session, intake.project.id, STAMP)
        compared.append(True)
        return found(*given)

    monkeypatch.setattr(intake_module, "corrections", corrections)
    intake.take(page)
    assert compared == [True]


def test_what_became_of_a_suggestion_is_kept_with_the_revision(intake: Intake) -> None:
    intake.take([pushed(intake, 1, 3)])
    with intake.store.reading() as session:
        (revision,) = revisions.current(session)
        assert revision.id is not None
        rows = revisions.corrections(session, revision.id)
    assert [row.parent_span for row in rows if row.decision == "deleted" and row.kind == "span"] == ["p0"]
    assert sum(row.decision == "kept" for row in rows) == 3 * 3 - 1 + 2 * 3 - 1


def test_pages_hold_many_short_articles_and_few_long_ones(intake: Intake) -> None:
    lengths = [100] * (PAGE + 5) + [PAGE_CHARACTERS, PAGE_CHARACTERS // 2, PAGE_CHARACTERS // 2]
    keys: dict[int, tuple[str, int] | None] = {}
    with intake.store.transaction() as session:
        for number, length in enumerate(lengths, 1):
            article = Article.from_text(f"{number:07}" + "x" * (length - 7))
            articles.add(session, article, raw=article.text)
            keys[number] = (article.id, 1)
    keys[len(lengths) + 1] = None
    pages = list(intake.pages(keys))
    assert [len(page) for page in pages] == [PAGE, 5, 1, 3]
    assert [one for page in pages for one in page] == list(keys)


def test_the_work_on_a_task_grows_with_its_annotation_and_not_with_its_square(intake: Intake) -> None:
    numbers = iter(range(1, 100))

    def seconds(lines: int) -> float:
        page = [pushed(intake, next(numbers), lines)]
        gc.collect()
        gc.disable()
        started = time.process_time()
        intake.take(page)
        taken = time.process_time() - started
        gc.enable()
        return taken

    short = min(seconds(200) for _ in range(3))
    assert seconds(2000) < 30 * short


def test_what_controls_say_that_are_not_known_is_kept_and_counted(intake: Intake) -> None:
    intake.scheme = SCHEME.model_copy(update={"others": (OtherControl(name="topic", tag="Taxonomy"),)})
    task = pushed(intake, 1, 1)
    [annotation] = task.get("annotations", [])
    topic = {"id": "x", "type": "taxonomy", "from_name": "topic", "to_name": "text", "value": {"taxonomy": [["War"]]}}
    annotation["result"] = [*annotation["result"], cast("wire.ResultItem", topic)]
    intake.take([task])
    assert (intake.problems, intake.states["submitted"]) == ([], 1)
    key = task["data"]["article_id"]
    assert intake.others == [(key, "1 by topic (Taxonomy)")]
    with intake.store.reading() as session:
        [(_, stored)] = revisions.submitted_sets(session)
        assert [one.body["value"] for one in stored.annotations.others] == [{"taxonomy": [["War"]]}]
