"""Stances that events carry, wishes and refusals, what is left open: holders, targets, polarity."""

from collections.abc import Callable

import pytest
from found import frame

from workbench.core.annotations import AnnotationSet
from workbench.core.scheme import LabelScheme
from workbench.preannotate.rules.concepts import Concepts
from workbench.preannotate.rules.stances.carried import CarriedStances
from workbench.preannotate.rules.tables import rows

Suggest = Callable[[str], AnnotationSet]

CARRIED = [
    ("Norway urged Chad to free the sailors.", "urged", "FOR", {"Norway"}, {"free"}),
    ("Norway urged Chad not to execute the prisoners.", "urged", "AGAINST", {"Norway"}, {"execute"}),
    ("Kenya demanded that Chad withdraw its troops.", "demanded", "FOR", {"Kenya"}, {"withdraw"}),
    ("Norway and Sweden called for a truce.", "called for", "FOR", {"Norway", "Sweden"}, {"truce"}),
    ("Norway reportedly pressed Chad to accept the proposal.", "pressed", "FOR", {"Norway"}, {"proposal"}),
    ("Anna Holm accused Kenya of dragging its feet.", "accused", "AGAINST", {"Anna Holm"}, {"Kenya"}),
    ("Anna Holm pointed the finger at Chad.", "pointed the finger at", "AGAINST", {"Anna Holm"}, {"Chad"}),
    (
        "China lodged a formal protest with Chad over the raid.",
        "lodged a formal protest",
        "AGAINST",
        {"China"},
        {"raid"},
    ),
    ("Norway blocked the sale of the port.", "blocked", "AGAINST", {"Norway"}, {"sale of the port"}),
    ("Norway's refusal to sign angered Chad.", "refusal", "AGAINST", {"Norway"}, {"sign"}),
    ("Norway is ready to discuss the dam.", "ready", "FOR", {"Norway"}, None),
    ("Norway is not ready to discuss the dam.", "is not ready", "AGAINST", {"Norway"}, None),
    ("Norway agreed to free the sailors.", "agreed", "FOR", {"Norway"}, {"free"}),
    ("Norway would not agree to free the sailors.", "would not agree", "AGAINST", {"Norway"}, {"free"}),
    ("Norway recognised Palestine as a state.", "recognised", "FOR", {"Norway"}, {"Palestine"}),
    ("Norway threatened to leave the talks unless Chad freed the crew.", "threatened", "FOR", {"Norway"}, {"freed"}),
    (
        "Norway threatened to leave the talks if Chad shelled the port.",
        "threatened",
        "AGAINST",
        {"Norway"},
        {"shelled"},
    ),
    ("Norway has threatened to veto the package.", "threatened", "AGAINST", {"Norway"}, {"package"}),
    ("Norway agreed that Chad should pay for the dam.", "agreed", "FOR", {"Norway"}, None),
    (
        "Norway and Sweden have expressed willingness to talk.",
        "expressed willingness",
        "FOR",
        {"Norway", "Sweden"},
        None,
    ),
    ("Norway called on Chad for more money.", "called on", "FOR", {"Norway"}, {"more money"}),
    ("A letter signed by Anna Holm urges Chad to free the sailors.", "urges", "FOR", {"Anna Holm"}, {"free"}),
    ("Thousands marched in Oslo against the dam.", "against", "AGAINST", {"Thousands"}, {"dam"}),
    ("Norway sought the ship; Kenya, citing the law, declined.", "declined", "AGAINST", {"Kenya"}, None),
    ("Norway dropped its objection to the dam.", "dropped its objection", "FOR", {"Norway"}, {"dam"}),
]

LEFT_OR_KEPT = [
    ("Kenya refused to give up its demand for a corridor.", "refused to give up", "FOR", "demand for a corridor"),
    (
        "Kenya refused to back down from its claim to the valley.",
        "refused to back down",
        "FOR",
        "claim to the valley",
    ),
    ("Serbia has not changed its position on the border.", "has not changed", "FOR", "position on the border"),
    ("Serbia holds on to its position on the border.", "holds on to", "FOR", "position on the border"),
    ("Serbia refused to allow monitors from the union.", "refused", "AGAINST", "monitors"),
    ("Serbia supports neither the plan nor the vote.", "supports", "AGAINST", "plan nor the vote"),
    ("Serbia never opposed the dam.", "never opposed", "FOR", "dam"),
]

WISHES = [
    ("Norway wants to see the siege lifted.", "wants to see", "FOR", {"Norway"}),
    (
        "Chad would only negotiate on the basis of the 1994 borders.",
        "would only negotiate on the basis of",
        "FOR",
        {"Chad"},
    ),
    ("“The rebels must leave the valley,” Anna Holm said.", "must leave", "FOR", {"Anna Holm"}),
    ("“Aggression should not be rewarded,” Anna Holm said.", "should not be rewarded", "AGAINST", {"Anna Holm"}),
    ("“There will be no talks with the rebels,” Anna Holm said.", "will be no", "AGAINST", {"Anna Holm"}),
    ("“We need a truce,” Anna Holm said.", "need", "FOR", {"Anna Holm"}),
    ("Anna Holm said annexation will not happen.", "will not happen", "AGAINST", {"Anna Holm"}),
    ("Anna Holm said there was no justification for the raid.", "was no justification", "AGAINST", {"Anna Holm"}),
    ("Anna Holm said there was no alternative to talks.", "was no alternative", "FOR", {"Anna Holm"}),
    ("Anna Holm said the rebels cannot be trusted.", "cannot be trusted", "AGAINST", {"Anna Holm"}),
    ("Anna Holm said the deal must be fair.", "must be", "FOR", {"Anna Holm"}),
    ("Kenya has not budged from its demands.", "has not budged", "FOR", {"Kenya"}),
    ("Norway stressed the need for a truce.", "stressed the need", "FOR", {"Norway"}),
    ("Norway hopes that Chad will sign.", "hopes", "FOR", {"Norway"}),
    ("Norway does not want to waste time.", "does not want", "AGAINST", {"Norway"}),
    ("“We will not pay the fine,” Anna Holm said.", "will not pay", "AGAINST", {"Anna Holm"}),
    ("“It is time to end the war,” Anna Holm said.", "is time", "FOR", {"Anna Holm"}),
    ("Anna Holm said there would be no truce.", "would be no", "AGAINST", {"Anna Holm"}),
    ("“The rebels must go home,” Anna Holm said.", "must", "FOR", {"Anna Holm"}),
    ("“Such a meeting is not needed now,” Anna Holm said.", "is not needed", "AGAINST", {"Anna Holm"}),
    ("The loss of the port remains a red line for Kenya.", "red line", "AGAINST", {"Kenya"}),
    ("Kenya insists that Chad withdraw its troops.", "insists", "FOR", {"Kenya"}),
    ("Anna Holm warned that any deal must protect the valley.", "must protect", "FOR", {"Anna Holm"}),
    ("Kenya said it would never give up the port.", "would never give up", "FOR", {"Kenya"}),
    ("The guards would not leave the port.", "would not leave", "AGAINST", {"guards"}),
    ("Peru had no intention of blocking the road.", "had no intention of", "AGAINST", {"Peru"}),
]

OPEN = [
    ("Norway has yet to decide whether to send ships.", "has yet to decide"),
    ("Norway has not ruled out sending troops.", "has not ruled out"),
    ("Rome had no comment on the verdict.", "had no comment"),
    ("Norway did not exclude a new vote.", "did not exclude"),
]


@pytest.mark.parametrize(("text", "expression", "label", "holders", "targets"), CARRIED, ids=[c[0] for c in CARRIED])
def test_an_event_carries_a_stance(
    suggest: Suggest, text: str, expression: str, label: str, holders: set[str], targets: set[str] | None
) -> None:
    found = frame(suggest(text), "stances", expression)
    assert (found[0], found[1]["holder"]) == (label, holders)
    assert targets is None or found[1]["target"] == targets


@pytest.mark.parametrize(("text", "expression", "label", "target"), LEFT_OR_KEPT, ids=[c[0] for c in LEFT_OR_KEPT])
def test_polarity_goes_through_what_is_done_to_the_object(
    suggest: Suggest, text: str, expression: str, label: str, target: str
) -> None:
    found = frame(suggest(text), "stances", expression)
    assert (found[0], found[1]["target"]) == (label, {target})


@pytest.mark.parametrize(("text", "expression", "label", "holders"), WISHES, ids=[c[0] for c in WISHES])
def test_a_wish_or_a_red_line(suggest: Suggest, text: str, expression: str, label: str, holders: set[str]) -> None:
    found = frame(suggest(text), "stances", expression)
    assert (found[0], found[1]["holder"]) == (label, holders)
    assert found[1]["target"]


@pytest.mark.parametrize(("text", "expression"), OPEN, ids=[c[0] for c in OPEN])
def test_what_is_left_open_is_undecided(suggest: Suggest, text: str, expression: str) -> None:
    assert frame(suggest(text), "stances", expression)[0] == "UNDECIDED"


@pytest.mark.parametrize(
    "text",
    [
        "Kenya insists that it did nothing wrong.",
        "Chad may demand a vote.",
        "Nobody demanded a vote.",
        "Oslo wondered whether Kenya would be pressed to cede the valley.",
        "The price of oil was supported by low stocks.",
        "Norway investigated the crash.",
        "None of them were willing to vote.",
    ],
)
def test_what_is_only_possible_or_nobodys_or_no_demand_is_no_stance(suggest: Suggest, text: str) -> None:
    assert suggest(text).layers["stances"] == ()


def test_a_plea_of_guilty_asks_for_nothing(suggest: Suggest) -> None:
    assert "pleaded" not in {span.text for span in suggest("Anna Holm pleaded guilty.").layers["stances"]}


def test_a_refusal_that_somebody_is_glad_of_is_only_the_target(suggest: Suggest) -> None:
    found = suggest("Oslo welcomed the Kenyan refusal to sign.")
    assert [(span.text, span.label) for span in found.layers["stances"]] == [("welcomed", "FOR")]


def test_a_demand_that_is_turned_down_is_still_a_stance_of_those_who_made_it(suggest: Suggest) -> None:
    found = suggest("Oslo turned down Kenya's request for a meeting.")
    assert {(span.text, span.label) for span in found.layers["stances"]} == {
        ("turned down", "AGAINST"),
        ("request", "FOR"),
    }


def test_a_nameless_thing_is_marked_with_the_stance(suggest: Suggest) -> None:
    found = suggest("Brazil rejected the proposal.")
    assert ("proposal", "ISSUE") in {(span.text, span.label) for span in found.layers["entities"]}


def test_a_clause_as_a_target_ends_where_it_only_adds(suggest: Suggest) -> None:
    found = frame(suggest("Norway asked Chad to think again after the vote in May."), "stances", "asked")
    assert found[1]["target"] == {"think again"}


def test_the_table_of_carried_stances_names_what_there_is(scheme: LabelScheme) -> None:
    concepts = Concepts.load(scheme)
    assert concepts.events is not None
    assert concepts.stances is not None
    stances = {"", "-", *concepts.stances.labels}
    for line, row in rows("carried.tsv"):
        assert row["category"] in concepts.events.labels, f"line {line}"
        assert {row["stance"], row["negated"]} <= stances, f"line {line}"
    assert CarriedStances.load().table
    assert set(concepts.stances.wishes.values()) == set(concepts.stances.labels)
