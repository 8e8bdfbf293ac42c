"""Who fills a role: competition among candidates, those that go together, and one role for each entity."""

import math

import pytest

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.choices import Candidate, Choice, decide
from workbench.preannotate.rules.weights import Weights

CHAD, KENYA, NORWAY = (Mention(place, place + 1, "gpe", "base") for place in range(3))
WEIGHTS = Weights(
    {
        "actor": {"strong": 2.0, "weak": 1.0, "nobody": 0.0, "nobody passive": 3.0},
        "recipient": {"strong": 1.0, "weak": 0.5, "nobody": 0.0},
    },
    {"actor": 0.4, "recipient": 0.4},
)


def candidate(mention: Mention, feature: str, *beside: str, given: bool = False) -> Candidate:
    return Candidate(mention, "context", given, frozenset(beside), [feature])


def share(total: float, others: list[float]) -> float:
    """What a softmax gives a sum of weights among others."""
    return math.exp(total) / sum(math.exp(one) for one in (total, *others))


def test_sums_far_apart_leave_shares_to_the_others() -> None:
    weights = Weights({"actor": {"far": 1000.0, "low": -1000.0}, "recipient": {"far": 900.0}}, {"recipient": 0.0})
    actor = Choice("actor", ["nobody"], [candidate(CHAD, "far"), candidate(KENYA, "low")])
    recipient = Choice("recipient", ["low"], [candidate(CHAD, "far"), candidate(NORWAY, "low")])
    found = decide([actor, recipient], weights)
    assert [(role.name, role.filler) for role in found] == [("actor", CHAD), ("recipient", NORWAY)]
    assert [role.score for role in found] == [pytest.approx(1.0), pytest.approx(0.5)]


def test_rivals_take_from_each_other_and_only_one_of_them_has_the_role() -> None:
    choice = Choice("actor", ["nobody"], [candidate(CHAD, "strong"), candidate(KENYA, "weak")])
    found = decide([choice], WEIGHTS)
    assert [(role.name, role.filler) for role in found] == [("actor", CHAD)]
    assert found[0].score == pytest.approx(share(2.0, [0.0, 1.0]))


def test_who_goes_together_has_the_role_together() -> None:
    choice = Choice("actor", ["nobody"], [candidate(CHAD, "strong", "and"), candidate(KENYA, "weak", "and")])
    found = decide([choice], WEIGHTS)
    assert [role.filler for role in found] == [CHAD, KENYA]
    assert found[0].score == pytest.approx(share(2.0, [0.0]))
    given = [candidate(CHAD, "strong", given=True), candidate(KENYA, "weak", given=True)]
    assert [role.filler for role in decide([Choice("actor", ["nobody"], given)], WEIGHTS)] == [CHAD, KENYA]


def test_nobody_can_win() -> None:
    choice = Choice("actor", ["nobody", "nobody passive"], [candidate(CHAD, "strong")])
    assert decide([choice], WEIGHTS) == []


def test_who_has_a_role_leaves_the_others_to_their_rivals() -> None:
    actor = Choice("actor", ["nobody"], [candidate(CHAD, "strong")])
    recipient = Choice("recipient", ["nobody"], [candidate(CHAD, "strong"), candidate(NORWAY, "weak")])
    found = decide([actor, recipient], WEIGHTS)
    assert [(role.name, role.filler) for role in found] == [("actor", CHAD), ("recipient", NORWAY)]
    assert found[1].score == pytest.approx(share(0.5, [0.0]))


def test_whom_the_clause_gives_in_the_same_way_as_one_that_has_the_role_has_it_too() -> None:
    weights = Weights({"actor": {"strong": 2.0, "none": -1.0}}, {"actor": 0.4})
    for given, having in ((True, [CHAD, KENYA]), (False, [CHAD])):
        pair = [candidate(CHAD, "strong", given=True), candidate(KENYA, "none", given=given)]
        assert [role.filler for role in decide([Choice("actor", [], pair)], weights)] == having
