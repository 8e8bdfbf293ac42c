"""What is wrong with suggestions, correction by correction."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market import SCHEME, a_set, a_span, sold

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import Article
from workbench.core.matching import match
from workbench.training.evaluate import measure
from workbench.training.faults import faults, one_an_article
from workbench.training.reliability import BINS, calibration_error

TEXT = "Anna bought red apples at Aldi, and Ben bought pears."


def gold() -> AnnotationSet:
    buy = a_span(TEXT, "BUY", "bought", arguments=[{"role": "what", "target": "apples"}], attributes={"mood": "sad"})
    return a_set(
        TEXT, buy, a_span(TEXT, "FRUIT", "apples"), a_span(TEXT, "FRUIT", "pears"), a_span(TEXT, "SHOP", "Aldi")
    )


def item(annotations: AnnotationSet) -> AnnotatedArticle:
    return AnnotatedArticle(article=Article.from_text(TEXT), annotations=annotations)


def told(suggested: AnnotationSet) -> list[tuple[str, str, str, str]]:
    return sorted((one.kind, one.of.name, one.expected, one.found) for one in faults(item(gold()), suggested, SCHEME))


def test_each_kind_is_told_from_the_others() -> None:
    suggested = a_set(
        TEXT,
        a_span(TEXT, "BUY", "bought", arguments=[{"role": "what", "target": "Aldi"}]),
        a_span(TEXT, "FRUIT", "red apples"),
        a_span(TEXT, "FRUIT", "Aldi"),
        a_span(TEXT, "SHOP", "Ben"),
    )
    assert told(suggested) == [
        ("boundary", "FRUIT", "FRUIT 'apples'", "FRUIT 'red apples'"),
        ("invented", "SHOP", "nothing", "SHOP 'Ben'"),
        ("invented role", "what", "nothing", "what FRUIT 'Aldi' of BUY 'bought'"),
        ("label", "SHOP", "SHOP 'Aldi'", "FRUIT 'Aldi'"),
        ("missed", "FRUIT", "FRUIT 'pears'", "nothing"),
        ("missed role", "what", "what FRUIT 'apples' of BUY 'bought'", "nothing"),
        ("wrong attribute", "mood", "mood sad of BUY 'bought'", "glad"),
    ]


def test_what_is_right_has_no_faults_and_nothing_has_all() -> None:
    assert told(gold()) == []
    missed = [(kind, name) for kind, name, _, _ in told(a_set(TEXT))]
    assert missed == [
        *[("missed", name) for name in ("BUY", "FRUIT", "FRUIT", "SHOP")],
        ("missed attribute", "mood"),
        ("missed role", "what"),
    ]


WORDS = ("Anna", "bought", "red apples", "apples", "Aldi", "Ben", "pears")


@st.composite
def sets(draw: st.DrawFn) -> AnnotationSet:
    """Any annotations of the text."""
    spans = [a_span(TEXT, draw(st.sampled_from(["FRUIT", "SHOP"])), w) for w in draw(st.sets(st.sampled_from(WORDS)))]
    targets = draw(st.lists(st.sampled_from(spans), max_size=1)) if spans else []
    if draw(st.booleans()):
        arguments = [{"role": "what", "target": one.id} for one in targets]
        mood = draw(st.sampled_from([{}, {"mood": "sad"}]))
        spans.append(
            a_span(TEXT, "BUY", "bought", arguments=arguments, attributes=mood).model_copy(update={"id": "buy"})
        )
    return a_set(TEXT, *spans)


@settings(max_examples=200, deadline=None)
@given(sets(), sets())
def test_there_are_as_many_faults_as_corrections(right: AnnotationSet, suggested: AnnotationSet) -> None:
    found = faults(item(right), suggested, SCHEME)
    assert len(found) == match(suggested, right, SCHEME).corrections
    evaluation = measure([suggested], [item(right)], SCHEME, producer=suggested.producer, release="r", part="dev")
    assert sum(one.number for one in evaluation.faults) == sum(evaluation.totals) == len(found)
    assert sum(sum(one.corrections) for one in evaluation.names) == len(found)


def test_examples_come_from_as_many_articles_as_there_are() -> None:
    found = faults(item(gold()), a_set(TEXT), SCHEME)
    fruit = next(one for one in found if one.of.name == "FRUIT")
    elsewhere = fruit.model_copy(update={"article": "other"})
    kept = [one for one in one_an_article([*found, elsewhere], 2) if one.of.name == "FRUIT"]
    assert [one.article for one in kept] == [fruit.article, "other"]


def test_scores_are_held_against_what_is_right() -> None:
    text, right = sold(1)
    scored = {
        layer: tuple(span.model_copy(update={"score": 0.95 if span.label != "SHOP" else 0.45}) for span in spans)
        for layer, spans in right.layers.items()
    }
    wrong = a_span(text, "SHOP", "Ben", score=0.95)
    suggested = right.model_copy(update={"layers": {**scored, "things": (*scored["things"], wrong)}})
    both = AnnotatedArticle(article=Article.from_text(text), annotations=right)
    found = measure([suggested], [both], SCHEME, producer=right.producer, release="r", part="dev").reliability
    bins = {(one.layer, one.what, one.low): (one.suggested, one.right) for one in found}
    assert bins == {("acts", "span", 0.9): (1, 1), ("things", "span", 0.4): (1, 1), ("things", "span", 0.9): (2, 1)}
    assert all(one.low in BINS for one in found)
    # |.95 - 1| of one, |.45 - 1| of one, |1.9 - 1| of two.
    assert calibration_error(found) == pytest.approx((0.05 + 0.55 + 0.9) / 4)
