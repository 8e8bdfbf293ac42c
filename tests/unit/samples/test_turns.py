"""The order in which the newsroom articles are annotated."""

from collections import Counter

from workbench.samples import shipped
from workbench.samples.turns import in_turns
from workbench.workflows.demo import ROUNDS

TRAIN = [one for one in shipped.corpus(shipped.label_scheme(), "newsrooms") if one.split == "train"]


def test_it_is_the_same_articles_whatever_order_they_come_in() -> None:
    order = [one.name for one in in_turns(TRAIN)]
    assert sorted(order) == sorted(one.name for one in TRAIN)
    assert order == [one.name for one in in_turns(reversed(TRAIN))]


def test_every_round_has_seen_every_newsroom_and_as_many_stories_as_there_can_be() -> None:
    order = in_turns(TRAIN)
    assert len(order) == ROUNDS[-1]
    newsrooms = {one.newsroom for one in TRAIN}
    for size in ROUNDS:
        counts = Counter(one.newsroom for one in order[:size])
        assert set(counts) == newsrooms
        assert max(counts.values()) - min(counts.values()) <= 1
    assert len({one.story for one in order[:12]}) == 12
    last_first = max(
        order.index(next(one for one in order if one.story == story)) for story in {s.story for s in TRAIN}
    )
    assert last_first < ROUNDS[1]


def test_articles_of_a_story_come_in_the_order_in_which_they_were_published() -> None:
    order = in_turns(TRAIN)
    for story in {one.story for one in TRAIN}:
        dates = [one.published for one in order if one.story == story]
        assert dates == sorted(dates)
