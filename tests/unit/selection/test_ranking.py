"""The order in which waiting articles are worth an annotator's time."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.errors import SettingsError
from workbench.selection.ranking import STRATEGIES, Known, rank
from workbench.selection.signals import signals

WORDS = [
    "grain",
    "ports",
    "talks",
    "border",
    "gas",
    "court",
    "strike",
    "vote",
    "budget",
    "flood",
    "harbour",
    "treaty",
    "envoy",
    "curfew",
    "pipeline",
    "tariff",
]


def article(number: int, words: list[str], *, story: str | None = None, scores: dict[str, list[float]] | None = None):
    text = f"Number {number}: " + " ".join(words)
    made = Article.from_text(text).model_copy(update={"story_group": story})
    spans = [
        Span(id=f"{label}{n}", label=label, start=n, end=n + 1, text=text[n], score=score)
        for label, found in (scores or {}).items()
        for n, score in enumerate(found)
    ]
    rules = Producer(kind="rules", name="rules", version="1")
    suggestion = AnnotationSet(producer=rules, scheme_digest="", layers={"entities": tuple(spans)})
    return signals(made, suggestion if scores is not None else None)


def test_doubt_is_the_wrong_suggestions_expected_in_100_words():
    text = "one two three four five six seven eight nine ten"
    target = Span(id="a", label="ORG", start=0, end=3, text="one", score=0.9)
    head = Span(
        id="b",
        label="AID",
        start=4,
        end=7,
        text="two",
        score=0.6,
        arguments=(Argument(role="actor", target="a", score=0.8),),
    )
    unscored = Span(id="c", label="ORG", start=8, end=13, text="three")
    rules = Producer(kind="rules", name="rules", version="1")
    found = AnnotationSet(producer=rules, scheme_digest="", layers={"entities": (target, unscored), "events": (head,)})
    one = signals(Article.from_text(text), found)
    assert one.doubt == pytest.approx((0.1 + 0.4 + 0.2) * 10)
    assert one.labels == pytest.approx({"ORG": 1.9, "AID": 0.6})


def test_uncertain_takes_what_has_most_doubt_for_its_length():
    sure = article(1, WORDS, scores={"ORG": [0.99, 0.98]})
    unsure = article(2, WORDS, scores={"ORG": [0.5, 0.4]})
    longer = article(3, WORDS * 8, scores={"ORG": [0.5, 0.4]})
    queue = rank([sure, unsure, longer], strategy="uncertain", random_share=0)
    assert [place.article_id for place in queue] == [one.article_id for one in (unsure, longer, sure)]


def test_rare_takes_what_seems_to_hold_labels_with_few_examples():
    common = article(1, WORDS, scores={"ORG": [0.9, 0.9, 0.9]})
    rare = article(2, WORDS, scores={"TREATY": [0.9]})
    known = Known({"ORG": 200, "TREATY": 1}, (), ())
    queue = rank([common, rare], known, strategy="rare", random_share=0)
    assert queue[0].article_id == rare.article_id
    assert "TREATY (1 so far)" in queue[0].why


def test_diverse_takes_what_is_least_like_anything_before():
    about_grain, more_grain, about_courts = (
        article(1, ["grain", "ports", "harbour", "wheat"] * 5),
        article(2, ["grain", "ports", "harbour", "barley"] * 5),
        article(3, ["court", "judge", "appeal", "verdict"] * 5),
    )
    known = Known({}, (), [about_grain.terms])
    queue = rank([more_grain, about_courts], known, strategy="diverse", random_share=0)
    assert [place.article_id for place in queue] == [about_courts.article_id, more_grain.article_id]
    first, second = (int(re.search(r"(\d+)% like the nearest before it", place.why)[1]) for place in queue)
    assert first < 20 < second
    assert "like the nearest" not in rank([more_grain], known, strategy="uncertain", random_share=0)[0].why


def test_a_story_has_a_second_turn_when_every_story_had_one():
    candidates = [article(n, WORDS, story="one", scores={"ORG": [0.1 * n]}) for n in range(4)]
    candidates += [article(9, WORDS, story="two", scores={"ORG": [0.99]})]
    candidates += [article(8, WORDS, story="known", scores={"ORG": [0.01]})]
    queue = rank(candidates, Known({}, {"known"}, ()), strategy="uncertain", random_share=0)
    stories = {one.article_id: one.story for one in candidates}
    assert [stories[place.article_id] for place in queue][:2] == ["one", "two"]
    assert "a new story" in queue[0].why
    assert "a new story" not in queue[-1].why


def test_what_nobody_may_choose_comes_by_chance_alone():
    candidates = [article(n, WORDS, scores={"ORG": [n / 40]}) for n in range(40)]
    apart = {one.article_id for one in candidates[:10]}
    queue = rank(candidates, strategy="uncertain", random_share=0.25, only_random=apart)
    assert {place.chosen_by for place in queue if place.article_id in apart} == {"random"}
    assert [place.chosen_by for place in queue][:8] == ["uncertain"] * 3 + ["random"] + ["uncertain"] * 3 + ["random"]


def test_short_queues_one_after_the_other_have_their_random_places_too():
    candidates = [article(n, WORDS, scores={"ORG": [n / 40]}) for n in range(40)]
    whole = rank(candidates, strategy="uncertain", random_share=0.25)
    chosen: list[str] = []
    waiting = list(candidates)
    for taken in range(0, 12, 3):
        queue = rank(waiting, strategy="uncertain", random_share=0.25, limit=3, before=taken)
        chosen += [place.chosen_by for place in queue]
        gone = {place.article_id for place in queue}
        waiting = [one for one in waiting if one.article_id not in gone]
    assert chosen == [place.chosen_by for place in whole][:12] == (["uncertain"] * 3 + ["random"]) * 3


@pytest.mark.parametrize(("strategy", "order"), [("uncertain", (2, 1, 0)), ("rare", (0, 1, 2))])
def test_articles_without_suggestions_stand_in_the_middle(strategy: str, order: tuple[int, ...]):
    low, high = article(1, WORDS, scores={"ORG": [0.9]}), article(2, WORDS, scores={"ORG": [0.1]})
    unknown = article(3, WORDS)
    candidates = [low, unknown, high]
    queue = rank(candidates, strategy=strategy, random_share=0)
    assert [place.article_id for place in queue] == [candidates[n].article_id for n in order]
    assert queue[1].why.startswith("no suggestions yet")


@given(
    st.lists(st.tuples(st.integers(0, 5), st.floats(0, 1)), max_size=25),
    st.sampled_from(STRATEGIES),
    st.floats(0, 1),
    st.integers(0, 3),
)
def test_every_candidate_has_one_place_and_the_queue_is_the_same_every_time(
    given_: list[tuple[int, float]], strategy: str, random_share: float, seed: int
):
    candidates = [
        article(n, WORDS[n % 7 :], story=f"s{story}", scores={"ORG": [score]})
        for n, (story, score) in enumerate(given_)
    ]
    queue = rank(candidates, strategy=strategy, random_share=random_share, seed=seed)
    assert Counter(place.article_id for place in queue) == Counter(one.article_id for one in candidates)
    assert queue == rank(candidates, strategy=strategy, random_share=random_share, seed=seed)
    by_chance = sum(place.chosen_by == "random" for place in queue)
    expected = len(queue) if strategy == "random" else int(len(queue) * random_share + 1e-9)
    assert by_chance == expected
    assert rank(candidates, strategy=strategy, random_share=random_share, seed=seed, limit=3) == queue[:3]


def test_bad_arguments_are_told():
    with pytest.raises(SettingsError, match="'clever' is not a strategy") as raised:
        rank([], strategy="clever")
    assert "mixed" in (raised.value.hint or "")
    with pytest.raises(SettingsError, match=r"a random share of 1\.5"):
        rank([], random_share=1.5)
    with pytest.raises(SettingsError, match="a queue of 0 articles is none"):
        rank([], limit=0)
