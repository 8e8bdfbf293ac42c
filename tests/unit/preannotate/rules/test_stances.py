"""Stances: expression, polarity, holder, target, and how they are expressed."""

from collections.abc import Callable

import pytest
from found import frame

from workbench.core.annotations import AnnotationSet

Suggest = Callable[[str], AnnotationSet]

CASES = [
    ("Paris welcomed the deal.", "welcomed", "FOR", "Paris", "deal"),
    ("Anna Holm opposes the plan.", "opposes", "AGAINST", "Anna Holm", "plan"),
    ("Moscow would not accept a freeze.", "would not accept", "AGAINST", "Moscow", "freeze"),
    ("Norway does not oppose the plan.", "does not oppose", "FOR", "Norway", "plan"),
    ("Norway condemned the attack on Chad.", "condemned", "AGAINST", "Norway", "attack"),
    ("Chile is against the plan.", "is against", "AGAINST", "Chile", "plan"),
    ("The plan was rejected by Chile.", "rejected", "AGAINST", "Chile", "plan"),
    ("Anna Holm is opposed to the plan.", "opposed", "AGAINST", "Anna Holm", "plan"),
    ("Chile still opposes the plan.", "still opposes", "AGAINST", "Chile", "plan"),
    ("Chile is open to the plan.", "open", "FOR", "Chile", "plan"),
    (
        "Russia neither accepted nor turned down the plan.",
        "neither accepted nor turned down",
        "UNDECIDED",
        "Russia",
        "plan",
    ),
    ("Hungary backs Serbia.", "backs", "FOR", "Hungary", "Serbia"),
    ("Iran called the report “a lie”.", "a lie", "AGAINST", "Iran", "report"),
]


@pytest.mark.parametrize(("text", "expression", "label", "holder", "target"), CASES, ids=[c[0] for c in CASES])
def test_the_stance_with_holder_and_target(
    suggest: Suggest, text: str, expression: str, label: str, holder: str, target: str
) -> None:
    found = frame(suggest(text), "stances", expression)
    assert (found[0], found[1]) == (label, {"holder": {holder}, "target": {target}})


def test_a_quoted_stance_belongs_to_the_speaker(suggest: Suggest) -> None:
    found = frame(suggest("“We oppose the plan,” said Foreign Minister Anna Holm in Oslo."), "stances", "oppose")
    assert found == ("AGAINST", {"holder": {"Anna Holm"}, "target": {"plan"}}, {"expressed": "quoted"})


def test_what_others_say_of_the_holder_is_attributed(suggest: Suggest) -> None:
    found = frame(suggest("Chile favours the plan, diplomats said."), "stances", "favours")
    assert found[2] == {"expressed": "attributed"}


def test_no_answer_is_undecided(suggest: Suggest) -> None:
    found = frame(suggest("Putin has given no clear answer on the truce."), "stances", "has given no clear answer")
    assert found[:2] == ("UNDECIDED", {"holder": {"Putin"}, "target": {"truce"}})


@pytest.mark.parametrize(
    ("text", "expression", "target"),
    [
        ("Norway declined to say whether it would support the bill.", "declined to say", "bill"),
        ("European leaders are divided over the plan.", "divided", "plan"),
    ],
)
def test_the_undecided_are_so_about_what_they_are_asked(
    suggest: Suggest, text: str, expression: str, target: str
) -> None:
    found = frame(suggest(text), "stances", expression)
    assert (found[0], found[1]["target"]) == ("UNDECIDED", {target})


@pytest.mark.parametrize(
    "text",
    [
        "If Israel accepts the plan, talks begin.",
        "No country opposes the plan.",
        "Not one senator supported the plan.",
        "Rwanda denied backing the plan.",
        "Will the plan be accepted?",
        "The road will be opened to traffic on Monday.",
    ],
)
def test_a_stance_that_is_only_wished_for_is_none(suggest: Suggest, text: str) -> None:
    assert suggest(text).layers["stances"] == ()


def test_who_asks_for_a_stance_has_one_and_who_is_asked_has_none(suggest: Suggest) -> None:
    found = suggest("Egypt urged Israel to accept the plan.")
    assert [span.text for span in found.layers["stances"]] == ["urged"]
    assert frame(found, "stances", "urged")[:2] == ("FOR", {"holder": {"Egypt"}, "target": {"plan"}})


def test_the_issue_ends_before_what_only_adds(suggest: Suggest) -> None:
    text = "Norway rejected the plan for a new tax, which Sweden had made, and left."
    assert frame(suggest(text), "stances", "rejected")[1]["target"] == {"plan for a new tax"}


def test_what_is_told_by_an_event_is_the_event_however_it_is_told(suggest: Suggest) -> None:
    text = "Norway rejected the demand for a new tax."
    assert frame(suggest(text), "stances", "rejected")[1]["target"] == {"demand"}


@pytest.mark.parametrize(
    "text",
    [
        "The charter requires the approval of parliament.",
        "Anna Holm said the law requires a licence.",
        "The envoy is not likely to recommend the meeting.",
        "Despite Anna Holm's hope that Kenya would endorse the plan, nothing came of it.",
    ],
)
def test_what_is_only_hoped_for_or_needed_is_nobodys_stance(suggest: Suggest, text: str) -> None:
    assert not any(
        text[one.start : one.end] in ("approval", "endorse", "requires", "recommend")
        for one in suggest(text).layers["stances"]
    )


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("Anna Holm said the deal was a mistake.", "mistake"),
        ("Anna Holm said the deal would be a mistake.", "would be a mistake"),
        ("“The deal isn't fair,” Anna Holm said.", "isn't fair"),
        ("Anna Holm said the deal was not fair.", "not fair"),
        ("Anna Holm said the deal had not been fair.", "had not been fair"),
        ("Anna Holm sees the deal as “a mistake”.", "a mistake"),
        ("Anna Holm is very angry at Kenya.", "very angry"),
        ("Anna Holm is against the deal.", "is against"),
    ],
)
def test_be_the_article_and_the_preposition_stand_outside_of_a_predicate(
    suggest: Suggest, text: str, expression: str
) -> None:
    assert [text[one.start : one.end] for one in suggest(text).layers["stances"]] == [expression]
