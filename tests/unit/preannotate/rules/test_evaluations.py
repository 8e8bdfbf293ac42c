"""Evaluations of things, talks and plans, and blame: what is judged, by whom, how."""

from collections.abc import Callable

import pytest
from found import frame

from workbench.core.annotations import AnnotationSet

Suggest = Callable[[str], AnnotationSet]

CASES = [
    ("The talks were “long and useful”, Anna Holm said.", "long and useful", "FOR", "Anna Holm", "talks"),
    (
        "Anna Holm said the proposal was neither fair nor realistic.",
        "neither fair nor realistic",
        "AGAINST",
        "Anna Holm",
        "proposal",
    ),
    ("“We had a very good meeting,” Anna Holm said.", "very good", "FOR", "Anna Holm", None),
    ("Anna Holm called the proposal unrealistic.", "unrealistic", "AGAINST", "Anna Holm", "proposal"),
    ("Kenya sees the deal as a trap.", "trap", "AGAINST", "Kenya", "deal"),
    ("Kenya considers it unacceptable to deploy observers.", "considers it unacceptable", "AGAINST", "Kenya", "deploy"),
    ("“It is madness to shut the gate,” Anna Holm said.", "madness", "AGAINST", "Anna Holm", None),
    ("“It is impossible to accept such terms,” Anna Holm said.", "impossible", "AGAINST", "Anna Holm", "such terms"),
    ("“A shameful act,” Anna Holm said of the raid.", "A shameful act", "AGAINST", "Anna Holm", "raid"),
    ("The plan is out of the question, Anna Holm said.", "is out of the question", "AGAINST", "Anna Holm", "plan"),
    ("“Talking is not a sin,” said Anna Holm.", "not a sin", "FOR", "Anna Holm", "Talking"),
    ("Anna Holm said the law would silence the press.", "would silence", "AGAINST", "Anna Holm", "law"),
    ("Anna Holm said the deal would not protect refugees.", "would not protect", "AGAINST", "Anna Holm", "deal"),
    (
        "Anna Holm hailed the deal as “a winter without debts”.",
        "a winter without debts",
        "FOR",
        "Anna Holm",
        "deal",
    ),
    ("Anna Holm accused Kenya of “painting over cracks”.", "painting over cracks", "AGAINST", "Anna Holm", "Kenya"),
    ("Anna Holm said the plan was half-hearted.", "half-hearted", "AGAINST", "Anna Holm", "plan"),
    ("Anna Holm said the strategy does not work.", "does not work", "AGAINST", "Anna Holm", "strategy"),
    ("Anna Holm said Kenya was prolonging the war.", "was prolonging", "AGAINST", "Anna Holm", "Kenya"),
    ("Kenya considers the demand excessive.", "excessive", "AGAINST", "Kenya", "demand"),
    ("The court ruled that the search was unlawful.", "unlawful", "AGAINST", "court", "search"),
    ("Anna Holm claims Kenya jailed her brother.", "claims", "AGAINST", "Anna Holm", "Kenya"),
    # what a noun says with its preposition, a verb with its object; work, conduct and how far something goes
    ("Anna Holm called the strike an act of war.", "act of war", "AGAINST", "Anna Holm", None),
    ("Anna Holm said the law would lead to chaos.", "would lead to chaos", "AGAINST", "Anna Holm", "law"),
    ("Anna Holm said the law sends the wrong signal.", "sends the wrong signal", "AGAINST", "Anna Holm", "law"),
    ("Anna Holm said the law has no merit.", "has no merit", "AGAINST", "Anna Holm", "law"),
    ("“The law goes too far,” Anna Holm said.", "goes too far", "AGAINST", "Anna Holm", "law"),
    ("Anna Holm said Kenya was doing a great job.", "great job", "FOR", "Anna Holm", "Kenya"),
    ("Anna Holm said Kenya acted responsibly.", "acted responsibly", "FOR", "Anna Holm", "Kenya"),
    ("“He's a liar,” Anna Holm said of Juma Okello.", "liar", "AGAINST", "Anna Holm", "Juma Okello"),
    ("“Down with the junta,” villagers chanted.", "Down with", "AGAINST", "villagers", "junta"),
    ("“Nothing can justify this raid,” Anna Holm said.", "Nothing can justify", "AGAINST", "Anna Holm", None),
    ("“The pact deserves praise,” Anna Holm said.", "deserves", "FOR", "Anna Holm", "pact"),
    ("Anna Holm said Kenya had failed to keep its word.", "had failed to keep", "AGAINST", "Anna Holm", "Kenya"),
    ("Anna Holm criticised Kenya's failure to pay.", "criticised", "AGAINST", "Anna Holm", None),
    ("Anna Holm said Kenya's failure to pay was sad.", "failure to pay", "AGAINST", "Anna Holm", "Kenya"),
    ("Anna Holm praised the junta's “courage”.", "praised", "FOR", "Anna Holm", "junta"),
    ("“It is not fair,” Anna Holm said of the plan.", "not fair", "AGAINST", "Anna Holm", "plan"),
    ("“The talks went very well,” Anna Holm said.", "went very well", "FOR", "Anna Holm", "talks"),
    ("A truce would only benefit Chad, Anna Holm said.", "would only benefit", "AGAINST", "Anna Holm", "truce"),
    ("The demand for the port is unacceptable to Kenya.", "unacceptable", "AGAINST", "Kenya", None),
    (
        "“We’ll see what comes,” Anna Holm said of the plan.",
        "We’ll see what comes",
        "UNDECIDED",
        "Anna Holm",
        "plan",
    ),
    ("“Not one inch,” Anna Holm said of the border.", "Not one inch", "AGAINST", "Anna Holm", "border"),
    ("“Doing nothing is not an option,” Anna Holm said.", "not an option", "AGAINST", "Anna Holm", "Doing nothing"),
    ("“Kenya is lying,” Anna Holm said.", "is lying", "AGAINST", "Anna Holm", "Kenya"),
]


@pytest.mark.parametrize(("text", "expression", "label", "holder", "target"), CASES, ids=[c[0] for c in CASES])
def test_what_somebody_says_of_a_thing(
    suggest: Suggest, text: str, expression: str, label: str, holder: str, target: str | None
) -> None:
    found = frame(suggest(text), "stances", expression)
    assert (found[0], found[1]["holder"]) == (label, {holder})
    assert target is None or found[1]["target"] == {target}


def test_what_it_is_called_tells_what_is_meant(suggest: Suggest) -> None:
    text = "Norway held talks with Kenya on Monday. Kenya called it a “useful meeting”."
    assert frame(suggest(text), "stances", "useful")[1]["target"] == {"held talks"}


def test_it_goes_back_to_the_thing_and_not_to_the_country(suggest: Suggest) -> None:
    text = "Kenya presented a plan. “I am against it,” Anna Holm said."
    assert frame(suggest(text), "stances", "am against")[1]["target"] == {"plan"}


def test_a_name_for_a_thing_stands_beside_what_is_done_to_it(suggest: Suggest) -> None:
    found = suggest("Anna Holm dismissed the report as “theatre”.")
    assert {(span.text, span.label) for span in found.layers["stances"]} == {
        ("dismissed", "AGAINST"),
        ("theatre", "AGAINST"),
    }


def test_what_somebody_feels_is_no_verdict_on_him(suggest: Suggest) -> None:
    found = frame(suggest("Norway vetoed the deal. Kenya was furious."), "stances", "furious")
    assert (found[0], found[1]["holder"]) == ("AGAINST", {"Kenya"})
    assert "Kenya" not in found[1].get("target", set())


def test_a_statement_after_a_colon_is_the_speakers(suggest: Suggest) -> None:
    text = "Minister Anna Holm said:\nI welcome the decision of the court."
    assert frame(suggest(text), "stances", "welcome")[1]["holder"] == {"Anna Holm"}


@pytest.mark.parametrize(
    "text",
    [
        "Direct talks are necessary steps.",
        "“Is the plan fair?” Anna Holm asked.",
        "Anna Holm said it was reasonable to assume that prices would rise.",
        "If the plan is fair, Anna Holm said, Kenya will sign.",
    ],
)
def test_a_question_or_a_guess_is_no_evaluation(suggest: Suggest, text: str) -> None:
    assert suggest(text).layers["stances"] == ()
