"""Whose suggestions are pushed, and which articles are held out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pushing import SCHEME, suggest, text

from workbench.core.annotations import Producer
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.errors import LabelStudioUnavailable, StoreUnavailable, WorkbenchError
from workbench.gold.division import BY_STORY
from workbench.gold.splits import Shares
from workbench.labelstudio.pull.intake import AnnotatorCount
from workbench.labelstudio.pull.pull import PullReport
from workbench.store import Store, Transaction, annotations, articles, models, releases
from workbench.workflows.parting import held_out
from workbench.workflows.sync import current_producers, watch

OLD = Producer(kind="rules", name="rules", version="1")
NEW = Producer(kind="rules", name="rules", version="2")
ALONE = Producer(kind="model", name="news", version="m1")
WITH_RULES = Producer(kind="model", name="news", version="m1+rules 2")
OTHER = Producer(kind="model", name="news", version="m2")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Transaction]:
    store = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    with store.transaction() as session:
        release = releases.Release(name="r", digest="", created="", manifest={}, items=())
        releases.add(session, release)
        models.add(session, models.Model(version="m1", release="r", base="", digest="", created="", report={}))
        yield session


def add(session: Transaction, number: int, *producers: Producer, group: str = "") -> Article:
    article = Article.from_text(text(number))
    articles.add(session, article, raw=article.text)
    if group:
        articles.set_story_group(session, [article.id], group)
    for producer in producers:
        annotations.keep(session, article.id, 1, suggest(article, SCHEME, producer))
    return article


def decide(session: Transaction, *, accepted: bool = True, with_rules: bool = False) -> None:
    decision = models.Promotion(model="m1", rules_as_fallback=with_rules, accepted=accepted, reason="a test")
    models.decide(session, decision)


def test_the_newest_rules_are_current_until_a_model_is_promoted(session: Transaction):
    add(session, 1, OLD, ALONE, NEW)
    assert current_producers(session) == [NEW, OLD]
    decide(session, accepted=False)
    assert current_producers(session) == [NEW, OLD]


def test_the_champions_suggestions_come_before_the_rules(session: Transaction):
    add(session, 1, NEW, ALONE, OTHER, WITH_RULES)
    decide(session)
    assert current_producers(session) == [ALONE, NEW]


def test_a_model_that_an_earlier_version_joined_with_the_rules_gives_way_to_the_rules(session: Transaction):
    add(session, 1, NEW, ALONE, WITH_RULES)
    decide(session, with_rules=True)
    assert current_producers(session) == [NEW]
    assert "by an earlier version" in models.champion(session).reason


def test_articles_of_the_dev_and_test_parts_are_held_out(session: Transaction):
    made = [add(session, number, group=f"g{number}") for number in range(4)]
    for group, part in (("g0", "train"), ("g1", "dev"), ("g2", "test")):
        articles.assign_split(session, group, part)
    assert held_out(session, BY_STORY, Shares()) == {made[1].id, made[2].id}


def test_watching_tells_what_came_and_waits_for_a_server_that_is_away():
    pulls = iter(
        [LabelStudioUnavailable("gone"), False, StoreUnavailable("locked"), LabelStudioUnavailable("gone"), True]
    )

    def pull_once() -> PullReport:
        came = next(pulls)
        if isinstance(came, WorkbenchError):
            raise came
        return report(submitted=int(came))

    told, slept = list[str](), list[float]()

    class Telling(Silent):
        def say(self, message: str) -> None:
            told.append(message)

    found = next(watch(pull_once, Telling(), every=2.0, sleep=slept.append))
    assert found.submitted == 1
    assert told == ["gone; trying again every 2 s", "locked; trying again every 2 s"]
    assert slept == [2.0] * 4


def report(submitted: int) -> PullReport:
    counts = (AnnotatorCount(annotator="a", submitted=submitted),) if submitted else ()
    return PullReport(
        title="t",
        project_id=1,
        annotators=counts,
        submitted=submitted,
        skipped=0,
        deleted=0,
        new_problems=(),
        open_problems=0,
        settled=0,
        sent_back=0,
        cleared=0,
        adopted=0,
        unknown=(),
        tasks_seen=0,
        pulled_to="",
        requests=1,
        seconds=0.1,
        sweep=None,
    )
