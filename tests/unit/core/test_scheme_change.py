"""A change of the scheme takes exactly that from annotations which the new scheme then refuses."""

import re

import pytest
from annotation_sets import SCHEME, TEXT, a_set, span
from hypothesis import given, settings
from hypothesis import strategies as st
from nasty import annotation_sets, configs
from pushing import CONFIG

from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.matching import match
from workbench.core.scheme import LabelScheme
from workbench.core.scheme_change import Change, carried, covering, diff
from workbench.errors import SchemeError

MEANT = ("default", "document default")
"""What changes the meaning of what was not said, and breaks nothing."""


def changed(old: str, new: str, config: str = CONFIG) -> list[Change]:
    assert old in config
    return list(diff(LabelScheme.from_xml(config), LabelScheme.from_xml(config.replace(old, new))).changes)


@st.composite
def scheme_pairs(draw: st.DrawFn) -> tuple[LabelScheme, LabelScheme]:
    """Two schemes; often the second is the first with numbers on its roles."""
    first = draw(configs())
    second = draw(st.one_of(configs(), st.just(first)))
    limits = [
        draw(st.sampled_from(["", ' max="1"', ' min="1"', ' min="1" max="2"'])) if "<Relation " in text else ""
        for text in (first, second)
    ]
    pair = [
        LabelScheme.from_xml(text.replace("<Relation ", f"<Relation{limit} "))
        for text, limit in zip((first, second), limits, strict=True)
    ]
    return pair[0], pair[1]


@pytest.mark.parametrize(
    ("before", "after", "value", "fits"),
    [
        ('Rating name="r"', 'Number name="r"', 3, True),
        ('Rating name="r"', 'Number name="r" max="2"', 3, False),
        ('Number name="r"', 'Rating name="r"', 3, True),
        ('Number name="r"', 'Rating name="r"', 2.5, False),
        ('Number name="r"', 'Rating name="r"', 9, False),
        ('Number name="r"', 'TextArea name="r"', 3, False),
    ],
)
def test_a_number_that_another_type_can_hold_is_not_orphaned(before: str, after: str, value: float, fits: bool) -> None:
    def scheme(control: str) -> LabelScheme:
        return LabelScheme.from_xml(
            f'<View><Labels name="acts" toName="t"><Label value="BUY"/></Labels><{control} perRegion="true" '
            'whenTagName="acts" toName="t"/><Text name="t" value="$text"/></View>'
        )

    rated = Span(id="s", label="BUY", start=0, end=1, text=TEXT[:1], attributes={"r": value})
    found = AnnotationSet(producer=Producer(kind="person", name="t"), scheme_digest="", layers={"acts": (rated,)})
    (change,) = diff(scheme(before), scheme(after)).changes
    assert (change.orphans and bool(change.uses(found))) == (not fits)
    assert bool([one for one in scheme(after).violations(found, TEXT) if one.severity == "refused"]) == (not fits)


@given(data=st.data(), pair=scheme_pairs())
@settings(max_examples=150, deadline=None)
def test_what_is_orphaned_is_what_the_new_scheme_refuses(
    data: st.DataObject, pair: tuple[LabelScheme, LabelScheme]
) -> None:
    before, after = pair
    found: AnnotationSet = data.draw(annotation_sets(before, TEXT))
    if any(one.severity == "refused" for one in before.violations(found, TEXT)):
        return
    orphaning = [change for change in diff(before, after).changes if change.orphans and change.kind not in MEANT]
    said = found.model_copy(update={"layers": {name: spans for name, spans in found.layers.items() if spans}})
    refused = [one for one in after.violations(said, TEXT) if one.severity == "refused"]
    assert any(change.uses(found) for change in orphaning) == bool(refused), (orphaning, refused)
    new = carried(found, before, after)
    if new is None:
        assert any(change.orphans and change.uses(found) for change in diff(before, after).changes)
    else:
        assert new.scheme_digest == after.digest
        assert not [one for one in after.violations(new, TEXT) if one.severity == "refused"]
        assert after.normalise(new) == new
        assert [span.offsets for _, span in sorted(new.spans(), key=lambda one: one[1].id)] == [
            span.offsets for _, span in sorted(found.spans(), key=lambda one: one[1].id)
        ]


@given(first=configs(), second=configs())
@settings(max_examples=60, deadline=None)
def test_schemes_differ_where_their_digests_do(first: str, second: str) -> None:
    before, after = LabelScheme.from_xml(first), LabelScheme.from_xml(second)
    assert diff(before, before).same
    assert diff(before, after).same == (before.digest == after.digest)
    back = diff(after, before).changes
    opposite = {"added": "removed", "removed": "added", "tightened": "loosened", "loosened": "tightened"}
    for change in diff(before, after).changes:
        if change.kind not in MEANT:
            effect = opposite.get(change.effect, change.effect)
            assert any((one.kind, one.name, one.value, one.effect) == (change.kind, change.name, change.value, effect) for one in back)  # fmt: skip


FOUND = a_set(
    span("a", "GPE", 0, 4),
    span("b", "ORG", 5, 9),
    span("v", "AID", 10, 14, ("actor", "a"), ("recipient", "b"), modality="future"),
    span("w", "AID", 20, 24, ("actor", "a"), ("actor", "b")),
    span("s", "FOR", 30, 34, ("target", "v")),
)


@pytest.mark.parametrize(
    ("old", "new", "said", "uses"),
    [
        ('<Label value="GPE"', '<Label value="COUNTRY"', "label GPE of entities removed", 1),
        ('<Choice value="future"', '<Choice value="planned"', "value 'future' of attribute modality of events removed", 1),
        ('default="asserted"', 'default="negated"', "default of attribute modality of events changed (asserted → negated)", 1),
        ('<Relation value="recipient"', '<Relation value="beneficiary"', "role recipient removed", 1),
        ('<Relation value="actor" from="events"', '<Relation value="actor" from="stances"', "role actor from events tightened", 3),
        ('<Relation value="actor"', '<Relation value="actor" max="1"', "most that a span may have of role actor tightened (any → 1)", 1),
        ('to="entities events"', 'to="entities"', "role target to events tightened", 1),
        ('<Text name="text"', '<Text name="words"', "text text changed (text $text → words $text)", 5),
    ],
)  # fmt: skip
def test_each_change_says_what_it_takes(old: str, new: str, said: str, uses: int) -> None:
    config = CONFIG.replace('toName="text"', 'toName="words"') if "words" in new else CONFIG
    before = LabelScheme.from_xml(CONFIG)
    after = LabelScheme.from_xml(config.replace(old, new))
    assert before.digest != after.digest or "words" in new
    [change] = [one for one in diff(before, after).changes if one.orphans]
    assert (str(change), change.uses(FOUND)) == (said, uses)


def test_a_role_that_must_now_be_there_orphans_nothing_but_is_counted() -> None:
    [change] = changed('<Relation value="place"', '<Relation value="place" min="1"')
    assert (change.orphans, change.effect, change.uses(FOUND)) == (False, "tightened", 2)


def test_what_is_added_takes_nothing() -> None:
    changes = changed('<Label value="GPE"', '<Label value="PLANET"/><Label value="GPE"')
    assert [(str(one), one.orphans, one.uses(FOUND)) for one in changes] == [
        ("label PLANET of entities added", False, 0)
    ]


def test_looks_and_hints_are_no_change() -> None:
    assert changed('value="GPE"', 'value="GPE" title="x"') == []


def test_sets_of_an_older_scheme_can_be_compared() -> None:
    narrow = LabelScheme.from_xml(
        '<View><Text name="text" value="$text"/><Labels name="entities" toName="text"><Label value="GPE"/></Labels></View>'
    )
    later = a_set(span("a", "GPE", 0, 4), span("v", "AID", 10, 14, modality="negated"))
    wide = covering(narrow, FOUND, later)
    matching = match(wide.normalise(FOUND), wide.normalise(later), wide, by_id=True)
    assert {(one.layer, one.decision) for one in matching.spans} >= {("events", "kept"), ("stances", "deleted")}
    assert [one.after for one in matching.attributes if one.changed] == [("negated",)]
    assert covering(SCHEME, FOUND) == SCHEME


WITHOUT_AGENT = re.sub(r' *<Label value="AGENT".*\n', "", CONFIG).replace('value="holder"', 'value="holder" max="1"')


def test_the_scheme_from_before_agents_loses_nothing() -> None:
    before = LabelScheme.from_xml(WITHOUT_AGENT)
    assert "AGENT" not in before.layer_by_name["entities"].label_values
    assert [(str(one), one.orphans) for one in diff(before, SCHEME).changes] == [
        ("most that a span may have of role holder loosened (1 → any)", False),
        ("label AGENT of entities added", False),
    ]
    old = before.normalise(FOUND.model_copy(update={"scheme_digest": before.digest}))
    new = carried(old, before, SCHEME)
    assert new is not None
    assert (new.layers, new.scheme_digest) == (old.layers, SCHEME.digest)
    assert SCHEME.violations(new, TEXT) == []


RENAMED = CONFIG.replace('<Label value="GPE"', '<Label value="STATE" was="PLACE, GPE"').replace(
    '<Relation value="actor"', '<Relation value="agent" was="actor"'
)


def test_a_label_or_role_that_says_what_it_was_takes_nothing_and_carries_what_has_it() -> None:
    after = LabelScheme.from_xml(RENAMED)
    changes = diff(SCHEME, after).changes
    assert [str(change) for change in changes] == [
        "label GPE of entities renamed (GPE → STATE)",
        "role actor renamed (actor → agent)",
    ]
    found = a_set(
        span("p", "GPE", 0, 4), span("o", "ORG", 5, 9), span("v", "AID", 10, 14, ("actor", "p"), ("recipient", "o"))
    )
    assert [(change.orphans, change.uses(found)) for change in changes] == [(False, 1), (False, 1)]
    carried_over = carried(found, SCHEME, after)
    assert carried_over is not None
    assert not after.violations(carried_over, TEXT)
    by_id = carried_over.by_id()
    assert [by_id[name][1].label for name in ("p", "o", "v")] == ["STATE", "ORG", "AID"]
    assert [(one.role, one.target) for one in by_id["v"][1].arguments] == [("agent", "p"), ("recipient", "o")]
    assert after.renamed(carried_over) == carried_over
    assert carried(carried_over, after, SCHEME) is None


def test_a_renamed_role_that_allows_less_says_so() -> None:
    changes = changed(
        '<Relation value="actor" from="events"', '<Relation value="agent" was="actor" max="0" from="events"'
    )
    assert {change.effect for change in changes} == {"renamed", "tightened"}
    found = a_set(span("p", "GPE", 0, 4), span("v", "AID", 10, 14, ("actor", "p")))
    assert [change.uses(found) for change in changes if change.orphans] == [1]


@pytest.mark.parametrize("was", ["ORG", "LOC, LOC"])
def test_a_name_stands_for_one_label(was: str) -> None:
    xml = CONFIG.replace('<Label value="GPE"', f'<Label value="STATE" was="{was}"')
    with pytest.raises(SchemeError, match="now or before"):
        LabelScheme.from_xml(xml)


def test_an_earlier_name_changes_no_digest() -> None:
    assert (
        LabelScheme.from_xml(CONFIG.replace('<Label value="GPE"', '<Label value="GPE" was="PLACE"')).digest
        == SCHEME.digest
    )
