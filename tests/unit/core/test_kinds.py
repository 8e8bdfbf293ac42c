"""Texts, ratings and numbers: how each kind is read from a config and from results, checked, compared and told."""

from typing import Any

import pytest

from workbench.core import kinds
from workbench.core.annotations import AnnotationSet, AttributeValue, Producer, Span
from workbench.core.kinds.base import Attribute, Refusal, ValueKind
from workbench.core.scheme import LabelScheme
from workbench.core.scheme_change import carried, covering, diff
from workbench.errors import AnnotationError, SchemeError
from workbench.gold.manifest import count_document
from workbench.labelstudio.conversion.convert import to_result
from workbench.labelstudio.conversion.reading import read_result
from workbench.labelstudio.project.guide import to_markdown
from workbench.pipeline.assemble import assemble
from workbench.pipeline.attributes import AttributeSetter

CONFIG = """<View>
  <Labels name="things" toName="t"><Label value="Thing"/></Labels>
  <Text name="t" value="$body"/>
  <Choices name="mood" toName="t" perRegion="true" whenTagName="things"><Choice value="calm"/></Choices>
  <TextArea name="note" toName="t" perRegion="true" whenTagName="things" placeholder="Why?"/>
  <TextArea name="summary" toName="t" maxSubmissions="1"/>
  <TextArea name="anywhere" toName="t" perRegion="true"/>
  <Rating name="sure" toName="t" perRegion="true" whenTagName="things" maxRating="3"/>
  <Rating name="quality" toName="t"/>
  <Number name="weight" toName="t" perRegion="true" whenTagName="things"/>
  <Number name="share" toName="t" min="0" max="1" hint="Of the text"/>
</View>"""
SCHEME = LabelScheme.from_xml(CONFIG)
TEXT = "The cat saw a dog."
FIELDS = {one.name: one for one in (*SCHEME.attributes, *SCHEME.document_fields)}


def a_set(document: dict[str, Any] | None = None, **attributes: Any) -> AnnotationSet:
    span = Span(id="a", label="Thing", start=4, end=7, text="cat", attributes=attributes)
    return AnnotationSet(
        producer=Producer(kind="person", name="ann"),
        scheme_digest=SCHEME.digest,
        layers={"things": (span,)},
        document=document or {},
    )


def kind(name: str) -> tuple[ValueKind, Attribute]:
    return kinds.kind_of(FIELDS[name]), FIELDS[name]


def test_a_config_says_what_each_control_is_about() -> None:
    assert [(one.name, one.kind, one.layer) for one in FIELDS.values()] == [
        ("mood", "choices", "things"),
        ("note", "textarea", "things"),
        ("sure", "rating", "things"),
        ("weight", "number", "things"),
        ("summary", "textarea", None),
        ("quality", "rating", None),
        ("share", "number", None),
    ]
    assert (FIELDS["sure"].maximum, FIELDS["quality"].maximum) == (3, 5)
    assert (FIELDS["note"].multiple, FIELDS["summary"].multiple) == (True, False)
    # A note on regions of any layer is nothing that an attribute of one layer could be.
    assert [(one.name, one.tag) for one in SCHEME.others] == [("anywhere", "TextArea")]


def test_every_kind_is_found_by_its_element_and_its_type() -> None:
    assert sorted(kinds.TAGS) == ["Choices", "Labels", "Number", "Rating", "Relation", "TextArea"]
    assert {one.type: one.scale for one in kinds.VALUES} == {
        "choices": "nominal",
        "textarea": "nominal",
        "rating": "ordinal",
        "number": "interval",
    }


def test_the_values_on_the_wire() -> None:
    found = a_set(
        {"summary": "Short.", "quality": 4, "share": 0.25}, note=("one", "two"), sure=3, weight=-7, mood="calm"
    )
    place = {"start": 4, "end": 7, "text": "cat"}
    items = {item.get("from_name"): item for item in to_result(found, SCHEME, key="0123456789ab")}
    assert {name: (item.get("type"), item.get("value")) for name, item in items.items()} == {
        "things": ("labels", {**place, "labels": ["Thing"]}),
        "mood": ("choices", {**place, "choices": ["calm"]}),
        "note": ("textarea", {**place, "text": ["one", "two"]}),
        "sure": ("rating", {**place, "rating": 3}),
        "weight": ("number", {**place, "number": -7}),
        "summary": ("textarea", {"text": ["Short."]}),
        "quality": ("rating", {"rating": 4}),
        "share": ("number", {"number": 0.25}),
    }
    back = read_result(list(items.values()), TEXT, SCHEME, producer=found.producer, key="0123456789ab")
    assert (back.misfits, back.annotations) == ((), SCHEME.normalise(found))


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("note", {"text": ["a", " \n", "b"]}, ("a", "b")),
        ("note", {"text": [" "]}, None),
        ("note", {"text": []}, None),
        ("note", {"text": "cat"}, "text-malformed"),
        ("note", {"text": [1]}, "text-malformed"),
        ("note", {"text": ["\0"]}, "text-malformed"),
        ("note", {"text": ["\ud800"]}, "text-malformed"),
        ("note", {}, "text-malformed"),
        ("summary", {"text": ["a", ""]}, "a"),
        ("summary", {"text": ["a", "b"]}, "value-several"),
        ("sure", {"rating": 2.0}, 2),
        ("sure", {"rating": 0}, None),
        ("sure", {}, None),
        ("sure", {"rating": 4}, "value-unknown"),
        ("sure", {"rating": -1}, "value-unknown"),
        ("sure", {"rating": 1.5}, "rating-malformed"),
        ("sure", {"rating": True}, "rating-malformed"),
        ("sure", {"rating": "2"}, "rating-malformed"),
        ("sure", {"rating": float("nan")}, "rating-malformed"),
        ("share", {"number": 0}, 0),
        ("share", {"number": 1.0}, 1),
        ("share", {"number": 1.01}, "value-unknown"),
        ("share", {"number": -0.1}, "value-unknown"),
        ("share", {"number": False}, "number-malformed"),
        ("share", {"number": "1"}, "number-malformed"),
        ("weight", {"number": None}, None),
        ("weight", {"number": float("inf")}, "number-malformed"),
        ("weight", {"number": 10**400}, "number-malformed"),
        ("weight", {"number": 2**70}, float(2**70)),
    ],
)
def test_what_a_result_says_is_read_or_refused_by_a_named_rule(
    name: str, value: dict[str, object], wanted: AttributeValue | None
) -> None:
    of, attribute = kind(name)
    found = of.read(value, attribute)
    got = found.rule if isinstance(found, Refusal) else found
    assert got == wanted
    assert type(got) is type(wanted)


def test_a_malformed_value_is_a_misfit_of_its_region() -> None:
    result: list[Any] = [dict(item) for item in to_result(a_set(sure=3), SCHEME, key="k")]
    for value, rule in (({"rating": 9}, "value-unknown"), ({"rating": []}, "rating-malformed")):
        broken = [result[0], {**result[1], "value": value}]
        assert [one.rule for one in read_result(broken, TEXT, SCHEME, producer=a_set().producer).misfits] == [rule]
    other = [result[0], {**result[1], "type": "number", "value": {"number": 2}}]
    misfits = read_result(other, TEXT, SCHEME, producer=a_set().producer).misfits
    assert [one.rule for one in misfits] == ["attribute-type"]


@pytest.mark.parametrize(
    ("attributes", "document"),
    [
        ({"note": 3}, {}),
        ({"sure": "much"}, {}),
        ({"sure": 4}, {}),
        ({"sure": 1.5}, {}),
        ({"weight": ("1", "2")}, {}),
        ({"mood": 1}, {}),
        ({}, {"share": 2}),
        ({}, {"summary": ("a", "b")}),
        ({}, {"quality": 0}),
    ],
)
def test_a_set_with_a_value_that_cannot_be_is_refused(attributes: dict[str, Any], document: dict[str, Any]) -> None:
    with pytest.raises(AnnotationError):
        SCHEME.check(a_set(document, **attributes), TEXT)
    SCHEME.normalise(a_set(document, **attributes))


@pytest.mark.parametrize("value", [True, float("nan"), None])
def test_what_is_neither_text_nor_number_is_no_value(value: object) -> None:
    with pytest.raises(ValueError, match="attributes"):
        a_set(sure=value)


def test_equal_values_are_written_in_one_way() -> None:
    one = SCHEME.normalise(a_set({"share": 1.0, "summary": ("x",)}, note="why", sure=2.0, weight=3.0))
    other = SCHEME.normalise(a_set({"share": 1, "summary": "x"}, note=("why", " "), sure=2, weight=3))
    assert one.model_dump_json() == other.model_dump_json()
    assert one.digest == other.digest


@pytest.mark.parametrize(
    "control",
    [
        '<Rating name="r" toName="t" maxRating="many"/>',
        '<Rating name="r" toName="t" maxRating="0"/>',
        '<Number name="r" toName="t" min="low"/>',
        '<Number name="r" toName="t" max="nan"/>',
        '<Number name="r" toName="t" min="2" max="1"/>',
        '<Number name="quality" toName="t"/>',
    ],
)
def test_a_control_that_contradicts_itself_is_refused(control: str) -> None:
    with pytest.raises(SchemeError, match=r'"r"|quality'):
        LabelScheme.from_xml(CONFIG.replace("</View>", f"{control}</View>"))


def test_the_digest_covers_kinds_and_limits_and_a_stored_scheme_is_the_same() -> None:
    assert LabelScheme.model_validate_json(SCHEME.model_dump_json()) == SCHEME
    changes = (
        ('maxRating="3"', 'maxRating="4"'),
        ('max="1"', 'max="2"'),
        ('<Rating name="quality"', '<Number name="quality"'),
    )
    digests = {LabelScheme.from_xml(CONFIG.replace(*one)).digest for one in changes}
    assert len(digests | {SCHEME.digest}) == 4
    assert LabelScheme.from_xml(CONFIG.replace("Why?", "What for?")).digest == SCHEME.digest
    with pytest.raises(ValueError, match="not known"):
        LabelScheme.model_validate_json(SCHEME.model_dump_json().replace('"rating"', '"stars"'))


def test_a_changed_scheme_says_what_does_not_fit_any_more() -> None:
    narrow = LabelScheme.from_xml(
        CONFIG.replace('maxRating="3"', 'maxRating="2"')
        .replace('max="1"', 'max="0.5"')
        .replace('<Rating name="quality"', '<TextArea name="quality"')
    )
    changes = {(one.kind, one.name): one for one in diff(SCHEME, narrow).changes}
    assert {key: one.effect for key, one in changes.items()} == {
        ("limits of attribute", "sure"): "tightened",
        ("limits of document field", "share"): "tightened",
        ("type of document field", "quality"): "changed",
    }
    assert (
        str(changes["limits of attribute", "sure"])
        == "limits of attribute sure of things tightened (1.0 to 3.0 → 1.0 to 2.0)"
    )
    beyond = a_set({"share": 0.75, "quality": 3}, sure=3)
    within = a_set({"share": 0.25}, sure=2)
    assert [one.uses(beyond) for one in changes.values()] == [1, 1, 1]
    assert [one.uses(within) for one in changes.values()] == [0, 0, 0]
    assert carried(beyond, SCHEME, narrow) is None
    assert carried(within, SCHEME, narrow) is not None
    back = diff(narrow, SCHEME).changes
    assert {one.effect for one in back if one.kind.startswith("limits")} == {"loosened"}


def test_a_scheme_is_widened_by_numbers_that_it_does_not_know() -> None:
    old = LabelScheme.from_xml(CONFIG.replace('<Number name="weight"', '<Number name="other"'))
    wide = covering(old, a_set(weight=3, note="x"))
    [weight] = [one for one in wide.attributes if one.name == "weight"]
    assert (weight.kind, weight.minimum) == ("number", None)
    wide.check(a_set(weight=3), TEXT)


def test_the_guide_tells_what_can_be_said() -> None:
    guide = to_markdown(SCHEME)
    for row in (
        "| your own words | Why? |",
        "| 1 to 3 stars |  |",
        "| a number |  |",
        "| a number from 0 to 1 | Of the text |",
    ):
        assert row in guide


def test_values_are_counted_where_there_are_few_and_given_else() -> None:
    sets = [a_set({"quality": 4, "summary": "x"}), a_set({"quality": 4, "share": 0.5}), a_set()]
    assert count_document(sets, SCHEME) == {"summary": {"given": 1}, "quality": {"4": 2}, "share": {"given": 1}}


def test_a_pipeline_learns_choices_alone() -> None:
    import spacy

    components = {one.name: one.pipe for one in assemble(spacy.blank("en"), SCHEME)}
    [setter] = [pipe for pipe in components.values() if isinstance(pipe, AttributeSetter)]
    assert setter.outputs == [["", "calm"]]
