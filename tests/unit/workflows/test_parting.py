"""What is held out of suggestions before there is a release, however the workspace divides its articles."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from contexts import PartsContext
from fake_label_studio import FakeLabelStudio
from ledgers import first_word_marked, submit
from pushing import CONFIG

from workbench import Workspace
from workbench.core.article import Article
from workbench.errors import LabelStudioError, ReleaseError, SettingsError
from workbench.labelstudio.push.options import PushOptions
from workbench.settings import FILE
from workbench.store import articles
from workbench.workflows import parting
from workbench.workflows.sync import push_articles


def text(number: int) -> str:
    """Forty words that no other number gives."""
    letters = (
        hashlib.shake_256(str(number).encode()).hexdigest(160).translate(str.maketrans("0123456789", "ghijklmnop"))
    )
    return " ".join(letters[place : place + 8] for place in range(0, len(letters), 8)) + "."


DAYS = [f"2026-{month:02}-10" for month in range(1, 11)]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Ten articles on one story, one a month, of which the last but one is a copy of the first."""
    with Workspace.create(tmp_path / "ws") as made:
        for number, day in enumerate(DAYS):
            words = text(0) + " Once more." if number == 8 else text(number)
            article = Article.from_text(words, title=str(number), published=day, source=f"{number}.txt")
            with made.store.transaction() as session:
                articles.add(session, article.model_copy(update={"story_group": "affair"}), raw=article.text)
    with Workspace.open(tmp_path / "ws") as made:
        yield made


def divided(workspace: Workspace, by: str) -> Workspace:
    """The workspace with this line in its workbench.toml."""
    path = workspace.settings.root / FILE
    path.write_text(path.read_text(encoding="utf-8").replace('by = "story"', f'by = "{by}"'), encoding="utf-8")
    return Workspace.open(workspace.settings.root)


def held(workspace: Workspace) -> set[str]:
    """The titles of what push holds out, once every article has its part."""
    by, shares = parting.rule(workspace), parting.shares(workspace)
    with workspace.store.transaction() as session:
        parting.assign(session, by, shares)
        found = parting.held_out(session, by, shares)
        return {one.title for one in articles.get_many(session, sorted(found))}


def submit_all(workspace: Workspace) -> None:
    with workspace.store.transaction() as session:
        for article in list(articles.get_many(session, articles.ids(session))):
            submit(session, article, first_word_marked(article))


def test_one_story_is_in_one_part(workspace: Workspace) -> None:
    assert held(workspace) in (set(), {str(n) for n in range(10)})


def test_by_date_the_later_ones_are_held_out_but_not_a_copy_of_an_earlier_one(workspace: Workspace) -> None:
    there = divided(workspace, "date:2026-07-01,2026-09-15")
    assert held(there) == {"6", "7", "9"}
    submit_all(there)
    assert {p: c.articles for p, c in there.release("v1").manifest.split.parts.items()} == {
        "train": 7,
        "dev": 2,
        "test": 1,
    }
    assert there.status().parts == {"train": 7, "dev": 2, "test": 1}
    with pytest.raises(ReleaseError, match=r"workbench\.toml divides articles by date"):
        there.split()


def test_by_article_each_gets_its_part_for_good_and_releases_follow(workspace: Workspace) -> None:
    there = divided(workspace, "article")
    found = held(there)
    assert 0 < len(found) < 10
    assert ("0" in found) == ("8" in found), "copies stay together"
    late = Article.from_text(text(50), title="late")
    with there.store.transaction() as session:
        articles.add(session, late, raw=late.text)
    assert held(there) - {"late"} == found
    submit_all(there)
    parts = {one.title: one.part for one in there.release("v1").manifest.items}
    assert {title for title, part in parts.items() if part != "train"} == held(there)


def test_by_a_file_in_the_workspace(workspace: Workspace) -> None:
    (workspace.settings.root / "parts.csv").write_text("article,part\n3.txt,test\n4.txt,train\n", encoding="utf-8")
    there = divided(workspace, "file:parts.csv")
    assert held(there) == {"3"}
    assert there.status().empty_parts == ()


def test_what_a_release_held_out_stays_so_under_another_rule_and_so_do_its_copies(workspace: Workspace) -> None:
    submit_all(workspace)
    with workspace.store.transaction() as session:
        articles.assign_split(session, "affair", "train")
    assert held(workspace) == set()
    workspace.release("v1", split="date:2026-06-01")
    assert held(workspace) == {"5", "6", "7", "9"}
    copy = Article.from_text(text(9) + " And again.", title="copy", published="2026-10-11")
    with workspace.store.transaction() as session:
        articles.add(session, copy.model_copy(update={"story_group": "affair"}), raw=copy.text)
    assert held(workspace) == {"5", "6", "7", "9", "copy"}


def test_a_part_that_would_be_empty_is_told_before_anybody_annotates(workspace: Workspace) -> None:
    told = str(workspace.status())
    assert "divided by story, " in told
    assert 'by = "article"` below [split] in workbench.toml' in told
    there = divided(workspace, "date:2026-05-01,2027-01-01")
    assert there.status().empty_parts == ("test",)
    assert "divided by date:2026-05-01,2027-01-01, test will hold nothing" in str(there.status())


@pytest.mark.parametrize("by", ["date", "sentence", "file:nowhere.csv", "date:2026-02-30"])
def test_what_is_no_rule_names_the_file_and_the_key(workspace: Workspace, by: str) -> None:
    with pytest.raises(SettingsError, match=r"workbench\.toml: split\.by: ") as caught:
        divided(workspace, by).status()
    assert caught.value.hint


class Unsafe(FakeLabelStudio):
    """A server that lacks the fixes of 1.23.1."""

    def version(self) -> str:
        return "1.23.0"


def test_nothing_is_pushed_to_a_server_with_known_holes(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "ws") as made:
        article = Article.from_text(text(1))
        with made.store.transaction() as session:
            articles.add(session, article, raw=article.text)
        client = Unsafe()
        context = PartsContext(tmp_path / "parts", store=made.store, config=CONFIG, client=client, title="News")
        with pytest.raises(LabelStudioError, match=r"Label Studio 1\.23\.0 .* has known security holes") as caught:
            push_articles(context, PushOptions())
        assert "workbench pull" in caught.value.hint
        assert client.requests == 0
