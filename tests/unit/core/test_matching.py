"""What a person did to a suggestion can be told from the two sets."""

import pytest
from annotation_sets import SCHEME, a_set, sets, span
from hypothesis import given

from workbench.core.annotations import AnnotationSet
from workbench.core.matching import match, pair_up


def decisions(before: AnnotationSet, after: AnnotationSet, *, by_id: bool = False) -> list[str]:
    return [m.decision for m in match(before, after, SCHEME, by_id=by_id).spans]


@pytest.mark.parametrize(
    ("after", "decision", "corrections"),
    [
        (span("e1", "GPE", 0, 5), "kept", 0),
        (span("x", "GPE", 0, 5), "kept", 0),
        (span("x", "GPE", 0, 6), "moved", 1),
        (span("x", "ORG", 0, 5), "relabelled", 1),
        (span("x", "ORG", 0, 6), "relabelled", 2),
    ],
)
def test_one_span(after, decision, corrections):
    before = a_set(span("e1", "GPE", 0, 5))
    assert decisions(before, a_set(after)) == [decision]
    assert match(before, a_set(after), SCHEME).corrections == corrections


def test_an_id_ties_spans_that_no_longer_overlap():
    before, after = a_set(span("e1", "GPE", 0, 5)), a_set(span("e1", "GPE", 40, 45))
    assert decisions(before, after, by_id=True) == ["moved"]
    assert sorted(decisions(before, after)) == ["added", "deleted"]


def test_ids_that_happen_to_agree_do_not_count_without_by_id():
    before = a_set(span("1", "GPE", 0, 5), span("2", "GPE", 10, 15))
    after = a_set(span("2", "GPE", 0, 5), span("1", "GPE", 10, 15))
    assert decisions(before, after) == ["kept", "kept"]


def test_roles_follow_their_spans():
    before = a_set(
        span("a", "GPE", 0, 5), span("b", "GPE", 10, 15), span("v", "AID", 20, 25, ("actor", "a"), ("recipient", "b"))
    )
    after = a_set(
        span("A", "GPE", 0, 5), span("c", "ORG", 50, 55), span("V", "AID", 20, 25, ("recipient", "A"), ("actor", "c"))
    )
    matching = match(before, after, SCHEME)
    assert sorted((m.decision, m.with_span) for m in matching.roles) == [
        ("added", True),
        ("deleted", True),
        ("relabelled", False),
    ]
    # b deleted, c added, actor turned into recipient, a role to c added; the role to b went with it
    assert matching.corrections == 4


def test_attributes_are_compared_with_their_defaults():
    before = a_set(span("v", "AID", 0, 5))
    assert match(before, a_set(span("v", "AID", 0, 5, modality="asserted")), SCHEME).corrections == 0
    assert match(before, a_set(span("v", "AID", 0, 5, modality="future")), SCHEME).corrections == 1


@given(sets(), sets())
def test_every_span_and_role_is_accounted_for_once(before: AnnotationSet, after: AnnotationSet):
    matching = match(before, after, SCHEME)
    assert sorted(m.before.id for m in matching.spans if m.before) == sorted(before.by_id())
    assert sorted(m.after.id for m in matching.spans if m.after) == sorted(after.by_id())
    for side, which in ((before, "before"), (after, "after")):
        roles = sum(len(s.arguments) for _, s in side.spans())
        assert sum(getattr(m, which) is not None for m in matching.roles) == roles


@given(sets())
def test_a_set_against_itself_needs_no_correction(one: AnnotationSet):
    assert match(one, one, SCHEME).corrections == 0
    assert match(one, one, SCHEME, by_id=True).corrections == 0


def test_pairing_is_as_large_as_it_can_be():
    # the greedy choice 0-0 would leave 1 alone
    assert len(pair_up([0, 1], [0, 1], lambda a, b: (a, b) in {(0, 0), (0, 1), (1, 0)})) == 2
