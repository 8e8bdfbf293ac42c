"""Events that are told again, and what is done in meetings."""

import pytest

from workbench.core.annotations import AnnotationSet

HOLM = "It was a long week for Anna Holm and Pavel Orlov. "
CASES = [
    # "the", "this", "their" go back to who took part before, by the nearest mention
    (
        "Anna Holm and Ali Berg met in Vienna. Berg said that Holm was ill. The meeting lasted an hour.",
        "meeting",
        {"actor": {"Holm", "Berg"}},
    ),
    ("Norway and Chad held talks in May. Kenya said the talks were dead.", "talks", {"actor": {"Norway", "Chad"}}),
    (
        HOLM + "Holm spoke to the press after a call with Orlov. Their call was short.",
        "call",
        {"actor": {"Holm", "Orlov"}},
    ),
    # what an event is said to be has the participants of that event
    (
        HOLM + "Holm and Orlov spoke on Monday. Kenya described Monday's call as a discussion of fish.",
        "discussion",
        {"actor": {"Holm", "Orlov"}},
    ),
    # what something is called is no doing of who calls it so
    ("The Kremlin called it a “constructive discussion” about the border.", "discussion", {}),
    # in a meeting that is told by the way take part who does something there, and to whom
    (
        HOLM + "Holm rebuffed Orlov in a bruising encounter in Doha on Friday.",
        "encounter",
        {"actor": {"Holm", "Orlov"}, "place": {"Doha"}, "time": {"Friday"}},
    ),
    (
        HOLM + "Holm wanted to discuss the border with Orlov in a phone call.",
        "phone call",
        {"actor": {"Holm", "Orlov"}},
    ),
    # two with a hyphen stand before the subject of the verb
    (HOLM + "Holm and Orlov discussed it at a Norway-Chad summit.", "summit", {"actor": {"Norway", "Chad"}}),
    # the subject of the clause that a "that" comes after, not of the clause that it begins
    (
        HOLM + "Holm said after a phone call with Orlov that Chad would send fish.",
        "phone call",
        {"actor": {"Holm", "Orlov"}},
    ),
    # who made the offer that is turned down
    (
        "Chad offered Kenya a truce. Kenya turned down the offer.",
        "turned down",
        {"actor": {"Kenya"}, "recipient": {"Chad"}},
    ),
    # "it" stands for nobody
    ("Norway wanted more time. “It is impossible to postpone what was never agreed,” Chad said.", "postpone", {}),
    # a date that tells when somebody spoke
    (
        "Norway said Sunday that two people were killed in Moss.",
        "killed",
        {"recipient": {"two people"}, "place": {"Moss"}},
    ),
]


def _roles(found: AnnotationSet, trigger: str) -> dict[str, set[str]]:
    """Who plays which role in the last event whose words end so."""
    by_id = found.by_id()
    events = [span for span in found.layers["events"] if trigger.endswith(span.text)]
    roles: dict[str, set[str]] = {}
    for argument in events[-1].arguments:
        roles.setdefault(argument.role, set()).add(by_id[argument.target][1].text)
    return roles


@pytest.mark.parametrize(("text", "trigger", "roles"), CASES, ids=[case[0][-40:] for case in CASES])
def test_who_takes_part_in_what_is_told_again(suggest, text: str, trigger: str, roles: dict[str, set[str]]) -> None:
    found = _roles(suggest(text), trigger)
    assert {name: found.get(name, set()) for name in ("actor", "recipient", *roles)} == {
        name: roles.get(name, set()) for name in ("actor", "recipient", *roles)
    }


def test_an_event_that_is_new_has_nobody_of_what_was_told_before(suggest) -> None:
    found = _roles(suggest("Norway and Chad met in May. Another meeting was cancelled."), "meeting")
    assert not found.keys() & {"actor", "recipient"}
