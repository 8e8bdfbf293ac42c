"""Several annotators' sets as one: who is right, thing by thing."""

import random

from annotation_sets import SCHEME, TEXT, a_set, sets, span
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.adjudication.merging import Merged, merge
from workbench.core.adjudication.policies import Policies
from workbench.core.annotations import AnnotationSet, OtherItem
from workbench.core.matching import match
from workbench.core.scheme import LabelScheme

NONE = Policies()
MAJORITY = Policies(majority=True)


def merged(policies: Policies = NONE, scheme: LabelScheme = SCHEME, **people: AnnotationSet) -> Merged:
    return merge({who: scheme.normalise(one) for who, one in people.items()}, scheme, policies)


def decided(found: Merged) -> list[tuple[str, str, str | None, str]]:
    return [(one.kind, one.chosen, one.by, one.who) for one in found.decisions]


def places(found: Merged) -> list[tuple[str, int, int]]:
    return [(one.label, one.start, one.end) for _, one in found.annotations.spans()]


def roles(found: Merged) -> set[tuple[str, str, str]]:
    spans = {one.id: one for _, one in found.annotations.spans()}
    return {(one.label, a.role, spans[a.target].label) for one in spans.values() for a in one.arguments}


@given(sets(), st.integers(1, 4))
def test_what_all_say_is_taken_as_it_is(one: AnnotationSet, people: int):
    found = merged(**{f"p{number}": one for number in range(people)})
    normal = SCHEME.normalise(one)
    assert found.annotations.layers == normal.layers
    assert found.annotations.document in (normal.document, {})
    assert found.decisions == ()
    assert SCHEME.violations(found.annotations, TEXT) == SCHEME.violations(normal, TEXT)


POLICIES = st.sampled_from(
    [
        NONE,
        MAJORITY,
        Policies(seniority=("p1", "p0", "p2")),
        Policies(authority={"entities": "p2", "events": "p0"}),
        Policies(majority=True, authority={"events": "p1"}, seniority=("p2", "p0")),
    ]
)


@given(st.lists(sets(), min_size=2, max_size=4), POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_annotators_makes_no_difference(
    given_: list[AnnotationSet], policies: Policies, draw: random.Random
):
    people = {f"p{number}": SCHEME.normalise(one) for number, one in enumerate(given_)}
    shuffled = list(people.items())
    draw.shuffle(shuffled)
    assert merge(dict(shuffled), SCHEME, policies) == merge(people, SCHEME, policies)


@given(st.lists(sets(), min_size=1, max_size=4), POLICIES)
def test_what_comes_out_fits_the_scheme(given_: list[AnnotationSet], policies: Policies):
    found = merged(policies, **{f"p{number}": one for number, one in enumerate(given_)})
    assert [one for one in SCHEME.violations(found.annotations, TEXT) if one.severity == "refused"] == []


@given(st.lists(sets(), min_size=2, max_size=4))
def test_nothing_comes_out_that_nobody_said_and_nothing_that_all_say_is_lost(given_: list[AnnotationSet]):
    people = {f"p{number}": SCHEME.normalise(one) for number, one in enumerate(given_)}
    found = merge(people, SCHEME, MAJORITY)
    said = [{(s.label, *s.offsets) for _, s in one.spans()} for one in people.values()]
    out = {(s.label, *s.offsets) for _, s in found.annotations.spans()}
    ends = {offsets[1:] for one in said for offsets in one}
    labels = {offsets[0] for one in said for offsets in one}
    assert {one[1:] for one in out} <= ends
    assert {one[0] for one in out} <= labels
    assert set.intersection(*said) <= out


@given(sets(), sets())
def test_who_has_authority_over_every_layer_is_right_in_everything(mine: AnnotationSet, theirs: AnnotationSet):
    everywhere = dict.fromkeys(SCHEME.layer_by_name, "ann")
    for policies in (Policies(authority=everywhere), Policies(seniority=("ann", "ben"))):
        found = merged(policies, ann=mine, ben=theirs)
        assert found.open == ()
        assert match(SCHEME.normalise(mine), found.annotations, SCHEME).corrections == 0


@given(sets(), sets())
def test_two_who_differ_have_no_majority(mine: AnnotationSet, theirs: AnnotationSet):
    with_, without = merged(MAJORITY, ann=mine, ben=theirs), merged(ann=mine, ben=theirs)
    assert with_.decisions == without.decisions
    assert all(one.is_open for one in with_.decisions)


@given(sets(), sets())
def test_two_against_one_are_right(mine: AnnotationSet, theirs: AnnotationSet):
    found = merged(MAJORITY, ann=mine, ben=mine, cem=theirs)
    assert match(SCHEME.normalise(mine), found.annotations, SCHEME).corrections == 0
    assert {one.by for one in found.decisions} <= {"majority"}


def test_each_thing_is_decided_by_itself():
    found = merged(
        MAJORITY,
        ann=a_set(span("a", "GPE", 0, 5), span("m", "AID", 6, 9, ("actor", "a"), modality="future")),
        ben=a_set(span("a", "ORG", 0, 5), span("m", "AID", 6, 8, ("actor", "a"))),
        cem=a_set(span("a", "ORG", 0, 4), span("m", "AGREE", 6, 8, ("recipient", "a"), modality="future")),
    )
    assert places(found) == [("ORG", 0, 5), ("AID", 6, 8)]
    assert roles(found) == {("AID", "actor", "ORG")}
    assert [span.attributes for span in found.annotations.layers["events"]] == [{"modality": "future"}]
    assert decided(found) == [
        ("boundary", "‘01234’ 0-5", "majority", ""),
        ("label", "ORG", "majority", ""),
        ("boundary", "‘67’ 6-8", "majority", ""),
        ("label", "AID", "majority", ""),
        ("attribute", "future", "majority", ""),
        ("role", "actor", "majority", ""),
    ]
    # Two spans that all marked, and a choice about the text that nobody changed.
    assert found.agreed == 3


def test_of_a_span_that_not_all_marked_only_those_who_did_have_a_say():
    found = merged(
        MAJORITY,
        ann=a_set(span("a", "GPE", 0, 5)),
        ben=a_set(span("b", "GPE", 0, 5)),
        cem=a_set(),
    )
    assert decided(found) == [("span", "GPE", "majority", "")]
    assert str(found.decisions[0]) == "entities ‘01234’: GPE (ann, ben) or nothing (cem)"
    assert places(merged(MAJORITY, ann=a_set(span("a", "GPE", 0, 5)), ben=a_set(), cem=a_set())) == []


def test_what_is_left_open_is_suggested():
    found = merged(ann=a_set(), ben=a_set(span("b", "GPE", 0, 5), span("m", "AID", 6, 9, ("actor", "b"))))
    assert places(found) == [("GPE", 0, 5), ("AID", 6, 9)]
    assert roles(found) == {("AID", "actor", "GPE")}
    assert [(one.kind, one.is_open) for one in found.decisions] == [("span", True), ("span", True)]
    none_or_some = merged(
        ann=a_set(span("a", "GPE", 0, 5), span("m", "AID", 6, 9)),
        ben=a_set(span("a", "GPE", 0, 5), span("m", "AID", 6, 9, ("actor", "a"))),
    )
    assert roles(none_or_some) == {("AID", "actor", "GPE")}
    assert str(none_or_some.decisions[0]) == "events ‘678’: role of ‘01234’: actor (ben) or nothing (ann)"


def test_frames_match_on_overlapping_triggers():
    found = merged(
        Policies(authority={"events": "ben"}),
        ann=a_set(span("a", "GPE", 0, 5), span("m", "AID", 6, 9, ("actor", "a"))),
        ben=a_set(span("x", "GPE", 0, 5), span("n", "REJECT", 8, 12, ("recipient", "x"))),
    )
    assert places(found) == [("GPE", 0, 5), ("REJECT", 8, 12)]
    assert roles(found) == {("REJECT", "recipient", "GPE")}
    assert [one[2:] for one in decided(found)] == [("authority", "ben")] * 3


def test_authority_goes_before_majority_and_majority_before_seniority():
    people = {
        "ann": a_set(span("a", "GPE", 0, 5), span("m", "AID", 6, 9)),
        "ben": a_set(span("a", "GPE", 0, 5), span("m", "AID", 6, 9)),
        "cem": a_set(span("a", "ORG", 0, 5), span("m", "REJECT", 6, 9)),
    }
    found = merged(Policies(majority=True, authority={"events": "cem"}, seniority=("cem",)), **people)
    assert decided(found) == [("label", "GPE", "majority", ""), ("label", "REJECT", "authority", "cem")]
    assert decided(merged(Policies(seniority=("dora", "cem")), **people)) == [
        ("label", "ORG", "seniority", "cem"),
        ("label", "REJECT", "seniority", "cem"),
    ]


def test_who_has_authority_and_did_not_annotate_decides_nothing():
    found = merged(
        Policies(authority={"entities": "dora"}, seniority=("dora",)),
        ann=a_set(span("a", "GPE", 0, 5)),
        ben=a_set(span("a", "ORG", 0, 5)),
    )
    assert [one.is_open for one in found.decisions] == [True]


def test_choices_about_the_text_are_decided_too():
    off = a_set().model_copy(update={"document": {"relevance": "not_relevant"}})
    found = merged(MAJORITY, ann=a_set(), ben=off, cem=off)
    assert found.annotations.document == {"relevance": "not_relevant"}
    assert decided(found) == [("document", "not_relevant", "majority", "")]
    assert found.decisions[0].about == "relevance of the text"
    found = merged(Policies(authority={"document": "ann"}), ann=a_set(), ben=off, cem=off)
    assert found.annotations.document == {}


MOST_ONE = LabelScheme.from_xml(
    """<View><Labels name="people" toName="t"><Label value="P"/></Labels>
    <Labels name="acts" toName="t"><Label value="A"/></Labels>
    <Text name="t" value="$text"/>
    <Relations><Relation value="actor" from="acts" to="people" max="1"/></Relations></View>"""
)


def act(actor: str, *people: str) -> AnnotationSet:
    places = {"x": (0, 3), "y": (4, 7)}
    made = a_set()
    spans = tuple(span(name, "P", *places[name]) for name in people)
    head = span("m", "A", 10, 13, ("actor", actor))
    return made.model_copy(update={"scheme_digest": MOST_ONE.digest, "layers": {"people": spans, "acts": (head,)}})


def test_a_role_that_one_span_may_have_goes_to_no_second_one():
    """Each annotator gave it once; those who could speak of each filler agree, so that both would stand."""
    found = merged(NONE, MOST_ONE, ann=act("x", "x"), ben=act("y", "y"))
    [head] = found.annotations.layers["acts"]
    assert [one.target for one in head.arguments] == ["x"]
    assert [one for one in MOST_ONE.violations(found.annotations, TEXT) if one.severity == "refused"] == []
    assert [(one.kind, one.is_open) for one in found.decisions] == [
        ("span", True),
        ("span", True),
        ("role", True),
        ("role", True),
    ]


def test_ids_are_those_that_most_have_and_never_the_same_twice():
    found = merged(
        ann=a_set(span("s1", "GPE", 0, 5), span("s2", "ORG", 10, 12)),
        ben=a_set(span("s2", "GPE", 0, 5), span("s1", "ORG", 10, 12)),
        cem=a_set(span("s2", "GPE", 0, 5), span("s2x", "ORG", 10, 12)),
    )
    assert [one.id for _, one in found.annotations.spans()] == ["s2", "s1"]
    clash = merged(ann=a_set(span("s", "GPE", 0, 5)), ben=a_set(span("s", "ORG", 10, 12)))
    assert [one.id for _, one in clash.annotations.spans()] == ["s", "s-2"]


def test_what_unknown_controls_say_stands_where_all_say_it():
    item = OtherItem(control="pad", span="a", item='{"type": "hypertext", "value": {"x": 1}}')
    with_ = a_set(span("a", "GPE", 0, 5)).model_copy(update={"others": (item,)})
    found = merged(ann=with_, ben=with_)
    assert found.annotations.others == (item,)
    assert found.decisions == ()
    found = merged(MAJORITY, ann=with_, ben=a_set(span("b", "GPE", 0, 5)), cem=a_set(span("b", "GPE", 0, 5)))
    assert found.annotations.others == ()
    assert [(one.kind, one.name, one.by) for one in found.decisions] == [("other", "pad", "majority")]
