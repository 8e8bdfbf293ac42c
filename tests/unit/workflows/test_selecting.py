"""The queue of a workspace: what it holds, where it is kept, and that push can follow it."""

from pathlib import Path

import pytest
from ledgers import submit

from workbench import Workspace
from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.errors import ArticleError, SettingsError
from workbench.selection import choosing
from workbench.store import annotations, articles, queue

RULES = Producer(kind="rules", name="rules", version="1")


def suggestion(workspace: Workspace, article: Article, score: float | None, *, kind: str = "rules") -> AnnotationSet:
    span = Span(id="a", label="ORG", start=0, end=4, text=article.text[:4], score=score)
    producer = RULES if kind == "rules" else Producer(kind="person", name="ann")
    return AnnotationSet(producer=producer, scheme_digest=workspace.scheme.digest, layers={"entities": (span,)})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = Workspace.create(tmp_path / "ws")
    with made.store.transaction() as session:
        for number in range(12):
            article = Article.from_text(f"Acme {number} says that its talks on grain go on for another week.")
            article = article.model_copy(update={"title": f"Talks {number}"})
            articles.add(session, article, raw=article.text)
            articles.assign_split(session, article.id, "dev" if number > 9 else "train")
            if number != 5:
                annotations.keep(session, article.id, 1, suggestion(made, article, number / 20))
    return made


def of(workspace: Workspace, number: int) -> Article:
    with workspace.store.reading() as session:
        return next(a for a in articles.get_many(session, articles.ids(session)) if a.title == f"Talks {number}")


def annotate(workspace: Workspace, number: int, state: str = "submitted") -> None:
    article = of(workspace, number)
    with workspace.store.transaction() as session:
        submit(session, article, suggestion(workspace, article, None, kind="person"), state)


def test_the_random_share_counts_over_all_queues(workspace: Workspace):
    assert [place.chosen_by for place in workspace.select(limit=2).places] == ["mixed", "mixed"]
    for number in range(4):
        annotate(workspace, number)
    assert [place.chosen_by for place in workspace.select(limit=2).places] == ["random", "mixed"]


def test_the_queue_is_kept_and_gives_the_order_of_tasks(workspace: Workspace):
    annotate(workspace, 0)
    annotate(workspace, 1, "skipped")
    found = workspace.select(strategy="uncertain", random_share=0)
    assert (found.annotated, found.waiting, found.without_suggestions, found.held_out) == (2, 10, 1, 2)
    assert "of which chance alone chooses: 2 of those that wait" in str(found)
    titles = [found.titles[place.article_id] for place in found.places]
    assert titles[:3] == ["Talks 2", "Talks 3", "Talks 4"]
    assert {place.chosen_by for place in found.places[-2:]} == {"random"}
    with workspace.store.reading() as session:
        assert [one.article_id for one in queue.every(session)] == [place.article_id for place in found.places]
        order = choosing.priorities(session, articles.ids(session), "selected")
    assert sorted(order, key=lambda one: -order[one])[:10] == [place.article_id for place in found.places]
    assert order[of(workspace, 0).id] == choosing.NOT_SELECTED


def test_a_new_queue_takes_the_place_of_the_one_before(workspace: Workspace):
    workspace.select(strategy="random", seed=1)
    second = workspace.select(strategy="random", seed=2, limit=4)
    with workspace.store.reading() as session:
        assert list(queue.places(session)) == [place.article_id for place in second.places]


def test_the_order_needs_a_queue(workspace: Workspace):
    with workspace.store.reading() as session, pytest.raises(SettingsError, match="nothing was selected yet"):
        choosing.priorities(session, articles.ids(session), "selected")


def test_nothing_waits(tmp_path: Path):
    with pytest.raises(ArticleError, match="no article waits"):
        Workspace.create(tmp_path / "empty").select()


def test_the_report_shows_the_beginning_and_what_to_do(workspace: Workspace):
    told = str(workspace.select(limit=5))
    assert "5 of 12 waiting articles in the queue by mixed, 1 of them by chance; 0 are annotated" in told
    assert "1 have no suggestions" in told
    assert "workbench push --order selected" in told
