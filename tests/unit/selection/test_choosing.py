"""Which articles a push takes, in which order, and which go without suggestions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.core.article import Article
from workbench.errors import SettingsError
from workbench.selection import choosing
from workbench.store import Store, Transaction, articles


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Transaction]:
    store = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    with store.transaction() as session:
        for words, source, published, meta in (
            ("Oslo votes", "a/one.html", "2025-03-01", {"workplace": "foreign", "priority": 2}),
            ("Bern ÜBER all", "b/two.txt", "2025-03-02T06:00:00+02:00", {"workplace": "home"}),
            ("Rome waits", "a/three.txt", None, {}),
        ):
            made = Article.from_text(words, source=source, published=published, meta=meta)
            articles.add(session, made, raw=words)
        yield session


def titles(session: Transaction, ids: set[str]) -> set[str]:
    return {article.title.split()[0] for article in articles.get_many(session, sorted(ids))}


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        (["source=a/*"], {"Oslo", "Rome"}),
        (["source=a/*", "text=WAITS"], {"Rome"}),
        (["text=über"], {"Bern"}),
        (["workplace=foreign"], {"Oslo"}),
        (["meta.workplace=home"], {"Bern"}),
        (["priority=2"], {"Oslo"}),
        (["workplace=none"], set()),
    ],
)
def test_conditions_have_to_be_met_all(session: Transaction, conditions: list[str], found: set[str]):
    assert titles(session, choosing.where(session, articles.ids(session), conditions)) == found


def test_a_story_is_chosen_by_its_group(session: Transaction):
    first, second, _ = articles.ids(session)
    articles.set_story_group(session, [first], "g")
    assert choosing.where(session, articles.ids(session), ["story=g"]) == {first}
    assert choosing.where(session, articles.ids(session), [f"story={second}"]) == {second}


@pytest.mark.parametrize(
    ("order", "names"),
    [("newest", ["Bern", "Oslo", "Rome"]), ("oldest", ["Oslo", "Bern", "Rome"]), ("priority", ["Oslo"])],
)
def test_orders(session: Transaction, order: str, names: list[str]):
    found = choosing.priorities(session, articles.ids(session), order)
    first = {article.id: article.title.split()[0] for article in articles.get_many(session, articles.ids(session))}
    assert [first[one] for one in sorted(found, key=lambda one: -found[one])][: len(names)] == names


def test_a_random_order_is_the_same_for_a_seed_and_another_for_another(session: Transaction):
    ids = [f"a-{number}" for number in range(50)]
    one, again, other = (choosing.priorities(session, ids, f"random:{seed}") for seed in (1, 1, 2))
    assert one == again
    assert sorted(ids, key=one.__getitem__) != sorted(ids, key=other.__getitem__)
    assert choosing.priorities(session, ids[:5], "random:1") == {key: one[key] for key in ids[:5]}


def test_a_share_goes_blind_and_stays_the_same_when_articles_are_added():
    ids = [f"a-{number}" for number in range(2000)]
    chosen = choosing.blind(ids, 0.1)
    assert 150 < len(chosen) < 250
    assert choosing.blind(ids[:500], 0.1) == chosen & set(ids[:500])
    assert chosen <= choosing.blind(ids, 0.2)
    assert choosing.blind(ids, 0) == set()


def test_what_cannot_be_read_is_said(session: Transaction):
    with pytest.raises(SettingsError, match="is no condition"):
        choosing.where(session, [], ["source"])
    for order in ("best", "newest:3"):
        with pytest.raises(SettingsError, match="is no order"):
            choosing.priorities(session, [], order)
    for given in ("ten", "-1", "120%", ""):
        with pytest.raises(SettingsError, match="is no share"):
            choosing.percentage(given)
    assert (choosing.percentage("10%"), choosing.percentage("0.25")) == (0.1, 0.25)
