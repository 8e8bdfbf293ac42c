"""Pairs of an expression with a holder or a target that no rule gives it."""

from collections.abc import Callable

import pytest
from found import frame

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.stances.pairs import HOLDER, TARGET
from workbench.preannotate.rules.weights import Weights

Suggest = Callable[[str], AnnotationSet]


def test_a_refusal_of_what_was_told_before_is_suggested_with_its_holder(suggest: Suggest) -> None:
    label, roles, _ = frame(
        suggest("Norway filed a claim to the port. Chad brushed it off."), "stances", "brushed it off"
    )
    assert (label, roles["holder"]) == ("AGAINST", {"Chad"})


def test_what_was_suggested_by_a_pair_has_the_probability_of_the_pair(suggest: Suggest) -> None:
    text = "In a message the guerrillas' negotiator, known as Rufino, asked the United Nations to investigate."
    spans = [span for span in suggest(text).layers["stances"] if span.text == "asked"]
    assert [argument.role for argument in spans[0].arguments] == ["holder", "target"]
    assert all(0.2 <= (argument.score or 0.0) <= 1.0 for argument in spans[0].arguments)


@pytest.mark.parametrize(
    "text",
    [
        "I want to say that Chad was never asked.",
        "It is unclear whether Chad will sign, Anna Holm said.",
        "A request was on the table when Anna Holm came.",
    ],
)
def test_what_needs_a_holder_or_content_of_its_own_is_not_filled(suggest: Suggest, text: str) -> None:
    assert not [span for span in suggest(text).layers["stances"] if span.text in ("want", "is unclear", "request")]


def test_features_say_nothing_of_the_words(rules: Rules) -> None:
    def features(text: str) -> list[tuple[str, ...]]:
        found = rules.read(next(rules.parses([Article.from_text(text)])), judged=False)
        frames = [*found.stances, *found.loose]
        return [pair.features for one in frames for role in (HOLDER, TARGET) for pair in found.pairs.of(one, role)]

    assert features("Norway rejected the plan.") == features("Sweden rejected the sale.") != []


def test_without_likely_pairs_nothing_is_added(rules: Rules) -> None:
    found = rules.read(
        next(rules.parses([Article.from_text("Norway filed a claim. Chad brushed it off.")])), judged=False
    )
    nothing = Weights({}, {HOLDER: 0.9, TARGET: 0.9})
    unheld = [one for one in found.loose if not one.playing(HOLDER)]
    assert found.pairs.complete(list(found.stances), unheld, nothing) == found.stances


def test_what_somebody_sticks_to_is_no_second_stance_of_his(suggest: Suggest) -> None:
    spans = suggest("Kenya has stuck to its demands.").layers["stances"]
    assert [span.text for span in spans] == ["has stuck to"]
