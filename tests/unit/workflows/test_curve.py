"""The learning curve of a release."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from market import SCHEME, add_release, sold

from workbench.core.article import Article
from workbench.errors import ReleaseError, SettingsError
from workbench.settings import Settings
from workbench.store import Store, articles
from workbench.workflows.context import Context
from workbench.workflows.curve import curve


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    opened = Context(Settings(root=tmp_path))
    opened.store, opened.scheme = Store.open(opened.settings.database_url), SCHEME
    add_release(opened.store, "gold", [(*sold(number), "train") for number in range(12)])
    with opened.store.transaction() as session:
        for number in range(30):
            text, _ = sold(100 + number)
            articles.add(session, Article.from_text(text), raw=text)
    yield opened
    opened.close()


def test_the_curve_falls_and_says_what_the_next_articles_bring(context: Context, tmp_path: Path):
    kept = tmp_path / "points.jsonl"
    found = curve(context, "gold", repeats=2, next_=5, output=kept)
    assert [row.articles for row in found.rows] == [0, 1, 2, 4, 9]
    assert found.rows[-1].corrections < found.rows[0].corrections
    assert found.costs.assumed
    assert (found.outlook.annotated, found.outlook.next) == (12, 5)
    told = str(found)
    assert "s to read 100 words" in told
    assert "assumed, since 0 annotations are timed" in told
    assert "the next 5 articles" in told

    again = curve(context, "gold", repeats=2, next_=5, output=kept)
    assert again == found
    assert len(kept.read_text().splitlines()) == 8


def test_sizes_may_be_named(context: Context):
    found = curve(context, "gold", sizes=(3, 500), repeats=1)
    assert [row.articles for row in found.rows] == [0, 3]
    with pytest.raises(SettingsError, match="after 1 to 9 articles, not 500"):
        curve(context, "gold", sizes=(500,))


def test_a_release_with_too_little_is_refused(context: Context):
    add_release(context.store, "one", [(*sold(50), "train"), (*sold(51), "test")])
    with pytest.raises(ReleaseError, match="1 article of 1 story, too few"):
        curve(context, "one")
    with pytest.raises(ReleaseError, match="no release 'nothing'"):
        curve(context, "nothing")
