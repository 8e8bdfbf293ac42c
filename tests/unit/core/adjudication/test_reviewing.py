"""Disputes on the page of a review task, and what a person made of them."""

from annotation_sets import SCHEME, TEXT, a_set, sets, span
from hypothesis import given
from pushing import CONFIG

from workbench.core.adjudication.decisions import Decision
from workbench.core.adjudication.marking import LISTED, note, short_names, suggestion
from workbench.core.adjudication.merging import Merged, merge
from workbench.core.adjudication.page import ReviewPage
from workbench.core.adjudication.policies import Policies
from workbench.core.adjudication.reviewing import decided
from workbench.core.annotations import AnnotationSet, Span

PAGE = ReviewPage.of(CONFIG)


def merged(**people: AnnotationSet) -> Merged:
    return merge({who: SCHEME.normalise(one) for who, one in people.items()}, SCHEME, Policies())


def shown(found: Merged) -> AnnotationSet:
    return suggestion(found.annotations, found.open, TEXT, PAGE, 1)


def chosen(found: Merged, result: AnnotationSet) -> list[tuple[str, str, str | None]]:
    """What was decided, as kind, choice, and what stood there before."""
    made = decided(found.open, found.annotations, SCHEME.normalise(result), SCHEME, who="judge")
    assert all((one.by, one.who) == ("person", "judge") for one in made)
    return [(one.kind, one.chosen, one.before) for one in made]


def without(found: AnnotationSet, *ids: str) -> AnnotationSet:
    def kept(one: Span) -> Span:
        return one.model_copy(update={"arguments": tuple(a for a in one.arguments if a.target not in ids)})

    layers = {name: tuple(kept(s) for s in spans if s.id not in ids) for name, spans in found.layers.items()}
    return found.model_copy(update={"layers": layers})


def with_span(found: AnnotationSet, changed: Span) -> AnnotationSet:
    layer = SCHEME.layer_of_label[changed.label]
    others = tuple(one for one in found.layers[layer] if one.id != changed.id)
    return SCHEME.normalise(found.model_copy(update={"layers": {**found.layers, layer: (*others, changed)}}))


@given(sets(), sets())
def test_a_suggestion_fits_the_page_and_says_what_was_merged(one: AnnotationSet, other: AnnotationSet):
    found = merged(ann=one, ben=other)
    made = shown(found)
    assert [v for v in PAGE.scheme.violations(made, TEXT) if v.severity == "refused"] == []
    plain = PAGE.without_marks(made)
    assert (plain.layers, plain.document) == (found.annotations.layers, found.annotations.document)
    assert plain.scheme_digest == SCHEME.digest
    assert made.parents[0] == found.annotations.digest
    marks = made.layers[PAGE.marks]
    about = {(d.layer, d.span) for d in found.open if d.span is not None}
    assert len(marks) == len(about)
    texts = [text for mark in marks for text in mark.attributes[PAGE.said]]
    assert len(texts) == sum(d.span is not None for d in found.open)


@given(sets(), sets())
def test_who_submits_what_is_suggested_decides_every_dispute_so_and_nothing_else(
    one: AnnotationSet, other: AnnotationSet
):
    found = merged(ann=one, ben=other)
    made = chosen(found, found.annotations)
    assert made == [(d.kind, d.chosen, None) for d in found.open]


@given(sets(), sets())
def test_who_deletes_everything_decides_that_nothing_is_there(one: AnnotationSet, other: AnnotationSet):
    found = merged(ann=one, ben=other)
    empty = found.annotations.model_copy(update={"layers": SCHEME.empty_layers()})
    made = chosen(found, empty)
    assert {choice for _, choice, _ in made} <= {"nothing"}
    spans = sum(1 for _ in found.annotations.spans())
    assert sum(kind == "span" for kind, _, _ in made) >= spans - sum(d.kind == "span" for d in found.open)


@given(sets(), sets(), sets())
def test_whatever_is_submitted_every_dispute_has_its_decision(
    one: AnnotationSet, other: AnnotationSet, result: AnnotationSet
):
    found = merged(ann=one, ben=other)
    made = decided(found.open, found.annotations, SCHEME.normalise(result), SCHEME, who="judge")
    assert [(d.kind, d.span, d.name) for d in made[: len(found.open)]] == [(d.kind, d.span, d.name) for d in found.open]
    assert all(d.before is not None for d in made[len(found.open) :])


PEOPLE = {
    "ann": a_set(span("a", "GPE", 0, 5), span("m", "AID", 6, 9, ("actor", "a"), modality="future")),
    "ben": a_set(span("a", "ORG", 0, 5), span("m", "AID", 6, 9, ("recipient", "a")), span("x", "FOR", 20, 25)),
}


def test_marks_stand_on_the_words_and_say_who_said_what():
    found = merged(**PEOPLE)
    marks = shown(found).layers[PAGE.marks]
    assert [(one.label, *one.offsets, one.attributes[PAGE.said]) for one in marks] == [
        ("label?", 0, 5, ("GPE (ann) or ORG (ben)",)),
        (
            "value?",
            6,
            9,
            ("modality: future (ann) or asserted (ben)", "‘01234’: actor (ann) or recipient (ben)"),
        ),
        ("marked?", 20, 25, ("FOR (ben) or nothing (ann)",)),
    ]


def test_the_note_lists_what_there_is_to_decide():
    found = merged(**PEOPLE)
    assert note(found.open).splitlines() == [
        "4 questions to decide:",
        "1. entities ‘01234’: its label: GPE (ann) or ORG (ben)",
        "2. events ‘678’: modality: future (ann) or asserted (ben)",
        "3. events ‘678’: role of ‘01234’: actor (ann) or recipient (ben)",
        "4. stances ‘01234’: FOR (ben) or nothing (ann)",
    ]
    assert note([]) == ""
    many = [Decision(kind="document", name=str(number)) for number in range(LISTED + 2)]
    assert note(many).splitlines()[-1] == "… and 2 more: click on the marked words to see who said what"


def test_people_are_called_by_what_tells_them_apart():
    assert short_names(["ann@x.org", "ben@x.org", "ben@y.org", "cem"]) == {
        "ann@x.org": "ann",
        "ben@x.org": "ben@x.org",
        "ben@y.org": "ben@y.org",
        "cem": "cem",
    }


def test_each_decision_is_told_and_what_was_not_asked_with_what_stood_there():
    found = merged(**PEOPLE)
    a = next(s for _, s in found.annotations.spans() if s.id == "a")
    m = next(s for _, s in found.annotations.spans() if s.id == "m")
    result = with_span(found.annotations, a.model_copy(update={"label": "LOC"}))
    result = with_span(result, m.model_copy(update={"label": "REJECT", "attributes": {"modality": "negated"}}))
    result = without(result, "x")
    result = with_span(result, span("new", "PERSON", 30, 34))
    assert chosen(found, result) == [
        ("label", "LOC", None),
        ("attribute", "negated", None),
        ("role", "actor", None),
        ("span", "nothing", None),
        ("span", "PERSON", "nothing"),
        ("label", "REJECT", "AID"),
    ]
    moved = with_span(found.annotations, span("a", "GPE", 1, 5))
    assert ("boundary", "‘1234’ 1-5", "‘01234’ 0-5") in chosen(found, moved)


def test_a_role_that_is_given_anew_is_told():
    found = merged(**PEOPLE)
    m = next(s for _, s in found.annotations.spans() if s.id == "m")
    other = with_span(found.annotations, span("new", "PERSON", 30, 34))
    result = with_span(
        other,
        span("m", "AID", 6, 9, ("recipient", "a"), ("actor", "new"), **{k: str(v) for k, v in m.attributes.items()}),
    )
    made = chosen(found, result)
    assert ("role", "recipient", None) in made
    assert ("role", "actor", "nothing") in made


def test_a_choice_about_the_text_is_decided():
    off = a_set().model_copy(update={"document": {"relevance": "not_relevant"}})
    found = merged(ann=a_set(), ben=off)
    assert note(found.open).splitlines()[1] == "1. relevance of the text: relevant (ann) or not_relevant (ben)"
    assert chosen(found, off) == [("document", "not_relevant", None)]
    assert chosen(merged(ann=a_set(), ben=a_set()), off) == [("document", "not_relevant", "relevant")]
