"""Stances in needs, conditions, oaths, blame and answers that leave it open; who speaks in a quotation that goes on."""

from collections.abc import Callable

import pytest
from found import frame

from workbench.core.annotations import AnnotationSet

Suggest = Callable[[str], AnnotationSet]

CASES = [
    ("“Sanctions must remain in place,” Anna Holm said.", "must remain in place", "FOR", "Anna Holm", "Sanctions"),
    ("Anna Holm said the deal was in the interest of all.", "was in the interest", "FOR", "Anna Holm", "deal"),
    ("Anna Holm assured Kenya of her support.", "assured", "FOR", "Anna Holm", "Kenya"),
    ("“I don't trust Kenya,” Anna Holm said.", "don't trust", "AGAINST", "Anna Holm", "Kenya"),
    ("“What we need is a truce,” Anna Holm said.", "need", "FOR", "Anna Holm", None),
    ("“I'd love to make a deal,” Anna Holm said.", "love", "FOR", "Anna Holm", None),
    ("“I am not going to resign,” Anna Holm said.", "am not going to resign", "AGAINST", "Anna Holm", None),
    ("“We are not going to pay the fee,” Anna Holm said.", "are not going to pay", "AGAINST", "Anna Holm", "fee"),
    ("Anna Holm said she could not support the plan.", "could not support", "AGAINST", "Anna Holm", "plan"),
    ("Anna Holm said Juma Okello should be ashamed.", "should be ashamed", "AGAINST", "Anna Holm", "Juma Okello"),
    ("Anna Holm was dismayed by the plan.", "dismayed", "AGAINST", "Anna Holm", "plan"),
    ("The army warned residents not to return.", "warned", "AGAINST", "army", None),
    ("Anna Holm said Kenya had every right to leave.", "had every right", "FOR", "Anna Holm", "leave"),
    ("Anna Holm said the fee was justified.", "justified", "FOR", "Anna Holm", "fee"),
    ("Anna Holm said the fee was too high.", "too high", "AGAINST", "Anna Holm", "fee"),
    ("Anna Holm said the time was not yet ripe.", "not yet ripe", "AGAINST", "Anna Holm", "time"),
    ("Anna Holm said the fee made no sense.", "made no sense", "AGAINST", "Anna Holm", "fee"),
    ("Anna Holm said Kenya was dragging its feet.", "dragging its feet", "AGAINST", "Anna Holm", "Kenya"),
    ("Anna Holm doubts that the plan will work.", "doubts", "AGAINST", "Anna Holm", "the plan will work"),
    ("Norway has not responded to the offer.", "has not responded", "UNDECIDED", "Norway", "offer"),
    ("The fee sparked outrage in Norway.", "sparked outrage", "AGAINST", "Norway", "fee"),
    ("Norway will abide by the deal.", "abide by", "FOR", "Norway", "deal"),
    ("Norway desires reforms.", "desires", "FOR", "Norway", "reforms"),
    ("Norway needed to update its rules.", "needed to", "FOR", "Norway", "update its rules"),
    ("The patients need ventilators.", "need", "FOR", "patients", "ventilators"),
    ("“Let's wait for the report to be printed,” Anna Holm said.", "wait for", "FOR", "Anna Holm", "report"),
    ("Anna Holm raised “serious questions” over the plan.", "serious questions", "AGAINST", "Anna Holm", "plan"),
    ("Anna Holm said the law might also cause trouble.", "cause trouble", "AGAINST", "Anna Holm", "law"),
    ("Anna Holm said the law would bring stability.", "would bring stability", "FOR", "Anna Holm", "law"),
    ("Anna Holm proposed a fair, which she said would help trade.", "would help", "FOR", "Anna Holm", "fair"),
    ("Anna Holm rejected the idea of talks.", "rejected", "AGAINST", "Anna Holm", "talks"),
    (
        "Norway sought the dissolution of the board despite holding a seat.",
        "sought",
        "FOR",
        "Norway",
        "dissolution of the board",
    ),
    (
        "'It is early. Let's wait for the report.\nWe need it,' Anna Holm told the press.",
        "need",
        "FOR",
        "Anna Holm",
        None,
    ),
    ("Anna Holm said such trips require careful planning.", "require", "FOR", "Anna Holm", "careful planning"),
    ("“Both require a free, fair, lasting truce,” Anna Holm said.", "require", "FOR", "Anna Holm", None),
    ("The council voted to keep the base.", "voted", "FOR", "council", "base"),
    ("Anna Holm said the plan remains on the table.", "remains on the table", "FOR", "Anna Holm", "plan"),
    ("Anna Holm opposed the free, fair system.", "opposed", "AGAINST", "Anna Holm", "free, fair system"),
    ("Norway opposed the plan in response to the letter.", "opposed", "AGAINST", "Norway", "plan"),
    ("Dialogue is key to peace, Anna Holm said.", "key", "FOR", "Anna Holm", "Dialogue"),
    (
        "“I don't think we should send a delegation,” Anna Holm said.",
        "don't think we should",
        "AGAINST",
        "Anna Holm",
        None,
    ),
    ("Anna Holm said Kenya had no right to keep the port.", "had no right", "AGAINST", "Anna Holm", "keep the port"),
    ("“The only barrier to peace is the president,” Anna Holm said.", "barrier", "AGAINST", "Anna Holm", "president"),
    ("Kenya sees the arrival of ships in Mombasa as “a trap”.", "a trap", "AGAINST", "Kenya", "arrival"),
    ("Anna Holm has the confidence of the deputies.", "has the confidence", "FOR", "deputies", "Anna Holm"),
    ("Norway claims Greenland.", "claims", "FOR", "Norway", "Greenland"),
    ("Norway authorised the deployment.", "authorised", "FOR", "Norway", "deployment"),
    ("Anna Holm said the party needed to conduct a review.", "needed to", "FOR", "Anna Holm", "conduct a review"),
    ("There is a need for dialogue, Anna Holm said.", "need", "FOR", "Anna Holm", "dialogue"),
    ("Anna Holm said Kenya must agree to the terms.", "must agree", "FOR", "Anna Holm", "agree"),
    ("Anna Holm said nobody should reward Kenya.", "should reward", "AGAINST", "Anna Holm", "Kenya"),
    ("Norway said it would sign only if the ban was lifted.", "only if", "FOR", "Norway", "lifted"),
    ("Norway vowed not to give up its claim to the island.", "vowed not to give up", "FOR", "Norway", None),
    ("Norway pledged not to join the war.", "pledged not", "AGAINST", "Norway", "join the war"),
    ("“Our position has not changed,” Anna Holm said.", "has not changed", "FOR", "Anna Holm", "position"),
    ("“Why should we trust the offer?” Anna Holm asked.", "Why should", "AGAINST", "Anna Holm", "offer"),
    ("“Kenya is to blame for the war,” Anna Holm said.", "is to blame", "AGAINST", "Anna Holm", "Kenya"),
    (
        "Anna Holm said Kenya was responsible for the failure of the talks.",
        "responsible",
        "AGAINST",
        "Anna Holm",
        "Kenya",
    ),
    (
        "“There can be no peace without justice,” Anna Holm said.",
        "can be no",
        "FOR",
        "Anna Holm",
        "justice",
    ),
    ("The plan, which Norway calls a trap, was shelved.", "trap", "AGAINST", "Norway", "plan"),
    ("Anna Holm said the terms amounted to capitulation.", "capitulation", "AGAINST", "Anna Holm", "terms"),
    ("Norway presented a scheme opposed by Kenya.", "opposed", "AGAINST", "Kenya", "scheme"),
    ("“There will never be any annexation,” Anna Holm said.", "will never be", "AGAINST", "Anna Holm", None),
    ("Anna Holm would never commit Norway to the loan.", "would never commit", "AGAINST", "Anna Holm", "loan"),
    ("Anna Holm is skeptical the plan will work.", "skeptical", "AGAINST", "Anna Holm", None),
    ("Anna Holm expressed hope that the talks would resume.", "expressed hope", "FOR", "Anna Holm", None),
    (
        "“We will not pay for this reckless scheme,” Anna Holm said.",
        "reckless",
        "AGAINST",
        "Anna Holm",
        "scheme",
    ),
    ("Norway agreed not to build the dam.", "agreed", "FOR", "Norway", "not to build the dam"),
    ("Anna Holm suggested not sending the envoy.", "suggested", "FOR", "Anna Holm", "not sending the envoy"),
    ("Kenya's senate voted to reject the treaty.", "reject", "AGAINST", "Kenya's senate", "treaty"),
    ("“Let's wait for the count,” Anna Holm said.", "wait for", "FOR", "Anna Holm", "count"),
    ("Norway is not likely to recommend a truce.", "not likely to recommend", "AGAINST", "Norway", "truce"),
    ("Despite Norway's hope that Kenya would sign the treaty, it fell.", "hope", "FOR", "Norway", "sign"),
    ("Kenya calls the plan 'a trap'", "a trap", "AGAINST", "Kenya", "plan"),
    ("Norway promoted the scheme.", "promoted", "FOR", "Norway", "scheme"),
    ("“We must never be overconfident,” Anna Holm said.", "must never be", "AGAINST", "Anna Holm", "overconfident"),
    ("Anna Holm said drivers must engage in silent protest.", "must engage in", "FOR", "Anna Holm", "silent protest"),
    ("“There must be a truce,” Anna Holm said.", "must be", "FOR", "Anna Holm", "truce"),
    ("Anna Holm said the raid should not have happened.", "should not have happened", "AGAINST", "Anna Holm", "raid"),
    (
        "“Let us focus our efforts on the harvest,” Anna Holm said.",
        "focus our efforts on",
        "FOR",
        "Anna Holm",
        "harvest",
    ),
    ("Anna Holm said the swimming lessons will continue.", "will continue", "FOR", "Anna Holm", "swimming lessons"),
    ("“I may not run again,” Anna Holm said.", "may", "UNDECIDED", "Anna Holm", None),
    ("The row is over Norway's attempts to ban the song.", "attempts", "FOR", "Norway", None),
    ("Norway proposed counter-measures to the ban.", "proposed", "FOR", "Norway", "counter-measures"),
    ("“We must make sure that the port stays open,” Anna Holm said.", "must make sure", "FOR", "Anna Holm", None),
    ("Norway would never abandon its claim.", "would never abandon", "FOR", "Norway", "claim"),
    ("Norway would not give up its land.", "would not give up", "FOR", "Norway", "land"),
    ("Norway reacted with anger to the plan.", "reacted with anger", "AGAINST", "Norway", "plan"),
    ("Norway fears that Kenya will leave the pact.", "fears", "AGAINST", "Norway", None),
    ("Anna Holm said Norway must not reward the thieves.", "must not reward", "AGAINST", "Anna Holm", "thieves"),
    ("Norway was non-committal on the plan.", "non-committal", "UNDECIDED", "Norway", "plan"),
    ("“It remains to be seen whether they pay,” Anna Holm said.", "remains to be seen", "UNDECIDED", "Anna Holm", None),
    ("Anna Holm said it was too early to tell whether they pay.", "early to tell", "UNDECIDED", "Anna Holm", None),
    ("Norway has not made up its mind about the offer.", "not made up its mind", "UNDECIDED", "Norway", "offer"),
    ("Norway is weighing new sanctions.", "is weighing", "UNDECIDED", "Norway", None),
]


@pytest.mark.parametrize(("text", "expression", "label", "holder", "target"), CASES, ids=[case[0] for case in CASES])
def test_the_stance_with_holder_and_target(
    suggest: Suggest, text: str, expression: str, label: str, holder: str, target: str | None
) -> None:
    found = suggest(text)
    stance = next(s for s in found.layers["stances"] if expression in s.text)
    label_found, roles, _ = frame(found, "stances", stance.text)
    assert (label_found, roles["holder"]) == (label, {holder})
    assert roles["target"] == {target} if target is not None else roles["target"]


@pytest.mark.parametrize(
    "text",
    [
        "Anna Holm said NATO was responsible for the mission.",
        "“We will have to wait and see,” Anna Holm said.",
        "Anna Holm said that she had to feed her children.",
        "Anna Holm said that drivers would have to find another road.",
        "Norway promised to pay the fine.",
        "Coalition forces conducted 23 strikes against rebels.",
        "The official spoke on condition of anonymity.",
    ],
)
def test_a_duty_a_wait_or_a_mission_is_no_stance(suggest: Suggest, text: str) -> None:
    assert suggest(text).layers["stances"] == ()


def test_a_quotation_that_goes_on_has_the_same_speaker(suggest: Suggest) -> None:
    text = "Anna Holm said:\n“It was a long day.\n“Our partners left. It is unacceptable that Kenya was not asked.”\n"
    assert frame(suggest(text), "stances", "unacceptable")[1]["holder"] == {"Anna Holm"}


def test_a_pronoun_outside_a_quotation_is_nobody_who_is_named_inside(suggest: Suggest) -> None:
    text = "Anna Holm landed in Oslo. “Erik Berg went home. The plan is reckless,” she said."
    assert frame(suggest(text), "stances", "reckless")[1]["holder"] == {"Anna Holm"}


def test_nobody_is_judged_by_what_he_says_of_others(suggest: Suggest) -> None:
    stances = suggest("Anna Holm blamed Erik Berg for the lack of progress.").layers["stances"]
    assert [span.text for span in stances] == ["blamed"]


def test_he_goes_back_to_who_spoke_rather_than_to_whom_was_spoken_of(suggest: Suggest) -> None:
    text = "Erik Berg defended the scheme and said Omar Dia would like it. He is open to the vote."
    assert frame(suggest(text), "stances", "open")[1]["holder"] == {"Erik Berg"}


def test_who_says_and_then_accuses_is_the_speaker(suggest: Suggest) -> None:
    text = "Anna Holm said that Chad was also going against the treaty and accused Kenya of lying."
    assert frame(suggest(text), "stances", "accused")[1]["holder"] == {"Anna Holm"}


def test_what_a_speaker_does_not_believe_is_nobodys_stance(suggest: Suggest) -> None:
    text = "“I don't believe Kenya wants peace,” Anna Holm said."
    assert not any(text[one.start : one.end] == "wants" for one in suggest(text).layers["stances"])
