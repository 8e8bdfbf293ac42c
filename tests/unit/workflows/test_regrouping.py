"""Stories of an earlier version, grouped anew: what falls apart, and what must stay where it is."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from annotation_sets import SCHEME
from ledgers import first_word_marked, submit

from workbench import Workspace
from workbench.articles.stories import group_id
from workbench.core.article import Article
from workbench.store import articles, projects, task_ledger

from ..articles.test_stories import BANK, CALL, DAM, TALKS, VISIT

DATES = ("2025-10-21", "2025-10-22", "2025-12-16", "2025-12-17", "2025-03-16")
TEXTS = (*CALL, *VISIT, TALKS)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "ws") as made:
        yield made


def affair(workspace: Workspace, texts: Sequence[str] = TEXTS, dates: Sequence[str] = DATES) -> list[str]:
    """The ids of articles which an earlier version took for one story, that of the first."""
    made = [Article.from_text(text, published=day) for text, day in zip(texts, dates, strict=True)]
    with workspace.store.transaction() as session:
        for one in made:
            story = one.model_copy(update={"story_group": group_id(made[0].id)})
            articles.add(session, story, raw=one.text)
    return [one.id for one in made]


def groups(workspace: Workspace, names: Sequence[str]) -> list[str]:
    with workspace.store.reading() as session:
        return [one.story_group or "" for one in articles.get_many(session, names)]


def parts(workspace: Workspace) -> dict[str, str]:
    with workspace.store.reading() as session:
        return articles.splits(session)


def annotate(workspace: Workspace, article_id: str) -> None:
    with workspace.store.transaction() as session:
        article = articles.get(session, article_id)
        submit(session, article, first_word_marked(article))


def push(workspace: Workspace, *names: str) -> None:
    with workspace.store.transaction() as session:
        known = projects.add(
            session, server="http://ls", project_id=1, title="P", config="", scheme_digest=SCHEME.digest
        )
        for name in names:
            task_ledger.intend_task(session, known.id, name, 1)


def test_an_affair_falls_into_its_occasions_which_get_their_part_anew(workspace: Workspace) -> None:
    names = affair(workspace)
    workspace.split()
    assert parts(workspace) == {group_id(names[0]): "train"}
    before = groups(workspace, names)
    trial = workspace.regroup(dry_run=True)
    assert (groups(workspace, names), parts(workspace)) == (before, {group_id(names[0]): "train"})
    report = workspace.regroup()
    first, third, last = (group_id(names[n]) for n in (0, 2, 4))
    assert groups(workspace, names) == [first, first, third, third, last]
    assert (report.moved, report.stories, report.largest, report.open_stories) == (3, (1, 3), (5, 2), 3)
    assert trial == report.model_copy(update={"dry_run": True})
    assert "3 of 5 articles are on another story now" in str(report)
    assert f"{first}: its 5 articles are on 3 stories" in str(report)
    assert parts(workspace) == {}, "nobody has seen any"
    assert len(set(workspace.split().parts.values())) > 1
    again = workspace.regroup()
    assert (again.moved, again.open_stories) == (0, 0), "and the parts stay"


def test_what_was_released_keeps_story_and_part_and_its_copies_join_it(workspace: Workspace) -> None:
    copy = TALKS.replace("a list of prisoners", "a long list of prisoners")
    names = affair(workspace, [*TEXTS, copy], [*DATES, "2025-11-30"])
    annotate(workspace, names[2])
    annotate(workspace, names[4])
    workspace.release("v1")
    old = group_id(names[0])
    report = workspace.regroup()
    found = groups(workspace, names)
    assert [found[n] for n in (2, 4)] == [old, old]
    assert found[5] == old, "a copy of what was released stays in its part"
    assert found[3] == old, "and so does what is on one occasion with it"
    assert found[0] == found[1] == f"{old}-2", "the old name is that of the released ones"
    assert parts(workspace) == {old: "train"}
    assert (report.released, report.open_stories) == (2, 1)
    assert workspace.verify("v1").touched == ()


def test_what_was_pushed_keeps_its_part_on_a_story_of_its_own(workspace: Workspace) -> None:
    names = affair(workspace)
    workspace.split()
    push(workspace, names[0], names[2])
    report = workspace.regroup()
    found = groups(workspace, names)
    assert len(set(found)) == 3
    assert (found[0], found[2]) == (found[1], found[3]), "what is like them joins them"
    assert parts(workspace) == {found[0]: "train", found[2]: "train"}
    assert report.seen == 2
    assert "2 articles were pushed or annotated, and have kept their part" in str(report)


def test_copies_that_were_pushed_in_two_parts_stay_apart(workspace: Workspace) -> None:
    one, other = affair(workspace, [DAM], ["2025-03-14"]), affair(workspace, [DAM + "Again."], ["2025-03-14"])
    with workspace.store.transaction() as session:
        articles.assign_split(session, group_id(one[0]), "test")
        articles.assign_split(session, group_id(other[0]), "train")
    push(workspace, *one, *other)
    assert workspace.regroup().moved == 0
    assert parts(workspace) == {group_id(one[0]): "test", group_id(other[0]): "train"}


def test_stories_that_fell_apart_are_joined(workspace: Workspace) -> None:
    one = affair(workspace, [DAM], ["2025-03-14"])
    other = affair(workspace, [DAM + "Again."], ["2025-03-14"])
    third = affair(workspace, [BANK], ["2025-03-14"])
    report = workspace.regroup()
    assert groups(workspace, [*one, *other, *third]) == [group_id(one[0])] * 2 + [group_id(third[0])]
    assert (report.moved, report.stories) == (1, (3, 2))


def test_a_story_that_was_given_stays(workspace: Workspace) -> None:
    made = [Article.from_text(text, published=day) for text, day in zip(TEXTS, DATES, strict=True)]
    with workspace.store.transaction() as session:
        for one in made:
            articles.add(session, one.model_copy(update={"story_group": "selm-islands"}), raw=one.text)
    report = workspace.regroup()
    assert (report.moved, report.given) == (0, 5)
    assert "5 articles were added with their story, and have kept it" in str(report)


def test_an_empty_store_has_nothing_to_regroup(workspace: Workspace) -> None:
    assert str(workspace.regroup()).startswith("0 of 0 articles")
