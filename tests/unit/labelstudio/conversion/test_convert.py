"""Annotation sets to Label Studio's results and back, for any scheme, over texts that shift offsets."""

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import annotation_sets, configs, texts

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.scheme import LabelScheme
from workbench.errors import AnnotationError
from workbench.labelstudio.conversion.convert import to_prediction, to_result
from workbench.labelstudio.conversion.reading import ReadResult, read_result, region_ids
from workbench.labelstudio.conversion.region_ids import document_id, key_of, keys, region_id, split

RULES = Producer(kind="rules", name="rules", version="1")
SET_ID = "0123456789abcdef0123456789abcdef"
KEY = key_of(SET_ID)
CONFIG = """<View>
  <Labels name="things" toName="t"><Label value="Thing"/><Label value="Stuff"/></Labels>
  <Labels name="deeds" toName="t"><Label value="Do"/></Labels>
  <Text name="t" value="$body"/>
  <Choices name="mood" toName="t" perRegion="true" whenTagName="deeds" default="plain">
    <Choice value="plain"/><Choice value="asked"/></Choices>
  <Choices name="tags" toName="t" choice="multiple"><Choice value="x"/><Choice value="y"/></Choices>
  <Relations>
    <Relation value="who" from="deeds" to="things" max="1"/>
    <Relation value="whom" from="deeds" to="things"/>
  </Relations>
</View>"""
SCHEME = LabelScheme.from_xml(CONFIG)
TEXT = "The cat\r\nsaw  a 👩‍👧 dog."


def thing(span_id: str, start: int, end: int, label: str = "Thing") -> Span:
    return Span(id=span_id, label=label, start=start, end=end, text=TEXT[start:end])


def sample() -> AnnotationSet:
    cat, dog = thing("t1", 4, 7), thing("t2", 16, 23, "Stuff")
    saw = Span(
        id="d1",
        label="Do",
        start=9,
        end=12,
        text="saw",
        score=0.75,
        attributes={"mood": "asked"},
        arguments=(
            Argument(role="whom", target="t2"),
            Argument(role="who", target="t1"),
            Argument(role="whom", target="t1"),
        ),
    )
    layers = {"things": (cat, dog), "deeds": (saw,)}
    return AnnotationSet(producer=RULES, scheme_digest=SCHEME.digest, layers=layers, document={"tags": ("x", "y")})


def read(result: object, *, key: str | None = KEY) -> ReadResult:
    return read_result(result, TEXT, SCHEME, producer=RULES, key=key)


def spoilt(change: Callable[[list[dict[str, object]]], object]) -> ReadResult:
    """What is read of the sample's result after somebody changed it."""
    result = json.loads(json.dumps(to_result(sample(), SCHEME, key=KEY)))
    change(result)
    return read(result)


def as_sets_of_roles(annotations: AnnotationSet) -> AnnotationSet:
    """The same set with the arguments of each span in one order: the wire keeps them as a set."""
    layers = {
        name: tuple(
            span.model_copy(update={"arguments": tuple(sorted(span.arguments, key=lambda a: (a.target, a.role)))})
            for span in spans
        )
        for name, spans in annotations.layers.items()
    }
    return annotations.model_copy(update={"layers": layers})


@given(st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_set_of_any_scheme_comes_back_from_the_wire(data: st.DataObject):
    scheme = LabelScheme.from_xml(data.draw(configs()))
    text = data.draw(texts())
    annotations = data.draw(annotation_sets(scheme, text))
    prediction = to_prediction(SET_ID, annotations, text, scheme, model_version="m")
    on_the_wire = json.loads(json.dumps(prediction))
    reading = read_result(on_the_wire["result"], text, scheme, producer=annotations.producer, key=KEY)
    assert reading.misfits == ()
    assert as_sets_of_roles(reading.annotations) == as_sets_of_roles(annotations)


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_label_studios_own_validator_accepts_every_prediction(data: st.DataObject):
    from label_studio_sdk.label_interface import LabelInterface

    config = data.draw(configs())
    scheme = LabelScheme.from_xml(config)
    text = data.draw(texts())
    prediction = to_prediction(SET_ID, data.draw(annotation_sets(scheme, text)), text, scheme, model_version="m")
    assert LabelInterface(config).validate_prediction(dict(prediction), return_errors=True) == []


def test_the_shape_on_the_wire():
    result = to_result(sample(), SCHEME, key=KEY)
    kinds = [(item["type"], item.get("from_name", "")) for item in result]
    assert kinds == [
        ("labels", "things"),
        ("labels", "deeds"),
        ("choices", "mood"),
        ("labels", "things"),
        ("relation", ""),
        ("relation", ""),
        ("choices", "tags"),
    ]
    relations = [item for item in result if item["type"] == "relation"]
    assert [relation["labels"] for relation in relations] == [["whom"], ["who", "whom"]]
    assert {relation["direction"] for relation in relations} == {"right"}
    deed, mood = result[1], result[2]
    assert deed["type"] == "labels"
    assert deed.get("score") == 0.75
    assert mood["id"] == deed["id"] == f"{KEY}-d1"
    assert to_prediction(SET_ID, sample(), TEXT, SCHEME, model_version="m")["score"] == 0.75


def test_an_attribute_at_its_default_is_not_sent():
    spans = sample().layers
    plain = spans["deeds"][0].model_copy(update={"attributes": {"mood": "plain"}})
    annotations = sample().model_copy(update={"layers": {**spans, "deeds": (plain,)}, "document": {}})
    assert [item["type"] for item in to_result(annotations, SCHEME, key=KEY) if item["type"] == "choices"] == []


def test_a_set_that_the_scheme_refuses_is_not_sent():
    spans = sample().layers
    alone = sample().model_copy(update={"layers": {"things": (), "deeds": spans["deeds"]}})
    with pytest.raises(AnnotationError, match="which is not in the set"):
        to_prediction(SET_ID, alone, TEXT, SCHEME, model_version="m")


def test_an_incomplete_frame_is_sent():
    shipped = LabelScheme.from_xml(Path("label_config.xml").read_text(encoding="utf-8"))
    needing = next(role for role in shipped.roles if role.minimum)
    layer = shipped.layer_by_name[needing.from_layers[0]]
    lonely = Span(id="s", label=layer.label_values[0], start=0, end=3, text="The")
    annotations = AnnotationSet(producer=RULES, scheme_digest="", layers={layer.name: (lonely,)})
    assert len(to_prediction(SET_ID, annotations, TEXT, shipped, model_version="m")["result"]) == 1


def test_a_region_whose_own_text_has_other_words_than_the_article_does_not_fit():
    reading = spoilt(lambda result: [item["value"].update(text=" at\r") for item in result[:1]])
    [misfit, *dangling] = reading.misfits
    assert misfit.rule == "text-differs"
    assert "' at\\r'" in misfit.message
    assert "'cat' at 4-7" in misfit.message
    assert {one.rule for one in dangling} == {"relation-dangling"}
    assert [span.text for _, span in reading.annotations.spans()] == ["👩‍👧 dog"[:7], "saw"]
    for malformed in (5, ["cat"], {"cat": 1}, True):
        reading = spoilt(lambda result, own=malformed: result[0]["value"].update(text=own))
        assert reading.misfits[0].rule == "text-malformed"


@pytest.mark.parametrize("own", ["The cat\\nsaw", "The cat saw", " The  cat\nsaw\n", "The\u200b cat\r\nsaw", None, ""])
def test_white_space_in_the_own_text_of_a_region_counts_for_nothing(own: str | None):
    region = {"id": "r", "type": "labels", "from_name": "things", "to_name": "t"}
    value: dict[str, object] = {"start": 0, "end": 12, "labels": ["Thing"]}
    reading = read([{**region, "value": value if own is None else {**value, "text": own}}])
    assert reading.misfits == ()
    assert [span.text for _, span in reading.annotations.spans()] == ["The cat\r\nsaw"]


def test_white_space_at_the_edges_of_a_region_is_cut_off_and_said():
    region = {"id": "r", "type": "labels", "from_name": "things", "to_name": "t"}
    reading = read([{**region, "value": {"start": 3, "end": 9, "labels": ["Thing"], "text": " cat\\n"}}])
    assert reading.misfits == ()
    [(_, span)] = reading.annotations.spans()
    assert (span.start, span.end, span.text) == (4, 7, "cat")
    assert [str(one) for one in reading.trimmed] == ["things Thing ' cat\\r\\n' is taken as 'cat'"]
    assert read(to_result(sample(), SCHEME, key=KEY)).trimmed == ()


def test_a_region_of_white_space_alone_does_not_fit():
    region = {"id": "r", "type": "labels", "from_name": "things", "to_name": "t"}
    reading = read([{**region, "value": {"start": 7, "end": 9, "labels": ["Thing"], "text": "\\n"}}])
    assert [(one.rule, one.message.split(";")[0]) for one in reading.misfits] == [
        ("region-blank", "holds only white space, '\\r\\n' at 7-9")
    ]
    assert reading.annotations.is_empty


def test_attributes_that_a_person_sets_to_the_default_are_normalised_away():
    reading = spoilt(lambda result: result[2]["value"].update(choices=["plain"]))
    assert reading.misfits == ()
    assert reading.annotations.layers["deeds"][0].attributes == {}


def test_a_relation_drawn_the_other_way_round_is_turned():
    turned = {"type": "relation", "from_id": f"{KEY}-t2", "to_id": f"{KEY}-d1", "direction": "left", "labels": ["whom"]}
    reading = spoilt(lambda result: result.__setitem__(4, turned))
    assert reading.misfits == ()
    assert as_sets_of_roles(reading.annotations) == as_sets_of_roles(sample())


def test_regions_that_a_person_added_keep_their_ids_beside_those_of_the_suggestion():
    added = {
        "id": "xY_z-9",
        "type": "labels",
        "from_name": "things",
        "to_name": "t",
        "value": {"start": 0, "end": 3, "labels": ["Stuff"]},
        "origin": "manual",
    }
    reading = spoilt(lambda result: result.append(added))
    assert reading.misfits == ()
    assert set(reading.annotations.by_id()) == {"t1", "t2", "d1", "xY_z-9"}


def test_without_the_parents_key_ids_stay_as_they_are():
    reading = read(to_result(sample(), SCHEME, key=KEY), key="ffffffffffff")
    assert set(reading.annotations.by_id()) == {f"{KEY}-t1", f"{KEY}-t2", f"{KEY}-d1"}


def test_a_persons_regions_carry_no_scores():
    person = Producer(kind="person", name="ann")
    reading = read_result(to_result(sample(), SCHEME, key=KEY), TEXT, SCHEME, producer=person, key=KEY)
    assert [span.score for _, span in reading.annotations.spans()] == [None, None, None]


def value(item: int, **changes: object) -> Callable[[list[dict[str, object]]], object]:
    return lambda result: result[item]["value"].update(changes)


def fields(item: int, **changes: object) -> Callable[[list[dict[str, object]]], object]:
    return lambda result: result[item].update(changes)


def without(item: int) -> Callable[[list[dict[str, object]]], object]:
    return lambda result: result.pop(item)


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (value(0, end=len(TEXT) + 1), {"offsets-outside", "relation-dangling"}),
        (value(0, start=-1), {"offsets-outside", "relation-dangling"}),
        (value(3, end=16), {"region-empty", "relation-dangling"}),
        (value(3, end=3), {"region-empty", "relation-dangling"}),
        (value(3, start="16"), {"offsets-malformed", "relation-dangling"}),
        (value(3, start=True), {"offsets-malformed", "relation-dangling"}),
        (value(3, labels=["Nothing"]), {"label-unknown", "relation-dangling"}),
        (value(3, labels=["Do"]), {"label-unknown", "relation-dangling"}),
        (value(3, labels=[]), {"label-missing", "relation-dangling"}),
        (value(3, labels=[7]), {"label-missing", "relation-dangling"}),
        (value(3, labels=["Thing", "Stuff"]), {"label-several", "relation-dangling"}),
        (fields(3, from_name="others"), {"layer-unknown", "relation-dangling"}),
        (fields(3, to_name="note"), {"text-unknown", "relation-dangling"}),
        (fields(3, id=12), {"id-missing", "relation-dangling"}),
        (fields(3, id=f"{KEY}-t1"), {"id-twice", "relation-dangling"}),
        (fields(3, value=None), {"label-missing", "relation-dangling"}),
        (fields(3, type="rectanglelabels"), {"type-unknown", "relation-dangling"}),
        (without(3), {"relation-dangling"}),
        (without(1), {"attribute-dangling", "relation-dangling"}),
        (value(2, choices=["sad"]), {"value-unknown"}),
        (value(2, choices=["plain", "asked"]), {"value-several"}),
        (value(2, choices="asked"), {"choice-malformed"}),
        (fields(2, id=f"{KEY}-t1"), {"attribute-layer"}),
        (fields(2, from_name="colour"), {"attribute-unknown"}),
        (lambda result: result.append(copy.deepcopy(result[2])), {"choice-twice"}),
        (lambda result: result.append(copy.deepcopy(result[6])), {"choice-twice"}),
        (fields(4, direction="bi"), {"relation-direction"}),
        (fields(4, labels=[]), {"relation-unlabelled"}),
        (fields(4, labels=None), {"relation-unlabelled"}),
        (fields(4, labels=["owns"]), {"role-unknown"}),
        (fields(4, from_id=f"{KEY}-t1"), {"role-from"}),
        (fields(4, to_id=f"{KEY}-d1"), {"role-self"}),
        (fields(4, labels=["who", "whom"]), {"role-too-many"}),
        (lambda result: result.append([result[4]]), {"item-malformed"}),
        (lambda result: result.append(None), {"item-malformed"}),
    ],
)
def test_whatever_does_not_fit_is_reported_and_the_rest_is_read(
    change: Callable[[list[dict[str, object]]], object], rules: set[str]
):
    reading = spoilt(change)
    assert {misfit.rule for misfit in reading.misfits} == rules
    assert all(misfit.message for misfit in reading.misfits)
    assert "t1" in reading.annotations.by_id() or rules >= {"offsets-outside"}


@pytest.mark.parametrize("result", [None, {}, "labels", 3])
def test_a_result_that_is_no_list_is_reported(result: object):
    assert [misfit.rule for misfit in read(result).misfits] == ["result-malformed"]
    assert region_ids(result) == []


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 40)
    | st.floats(allow_nan=False)
    | st.sampled_from(["labels", "t", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["start", "labels"]), inner),
    max_leaves=4,
)
items = st.fixed_dictionaries(
    {"type": st.sampled_from(["labels", "choices", "relation", "rating"]) | json_values},
    optional={
        "id": st.sampled_from(["a", "b", f"{KEY}-t1", f"{KEY}-a"]) | json_values,
        "from_name": st.sampled_from(["things", "deeds", "mood", "tags"]) | json_values,
        "to_name": st.just("t") | json_values,
        "from_id": st.sampled_from(["a", "b"]) | json_values,
        "to_id": st.sampled_from(["a", "b"]) | json_values,
        "direction": st.sampled_from(["right", "left", "bi"]) | json_values,
        "labels": st.lists(st.sampled_from(["who", "whom"])) | json_values,
        "score": json_values,
        "value": st.fixed_dictionaries(
            {},
            optional={
                "start": st.integers(-2, 30) | json_values,
                "end": st.integers(-2, 30) | json_values,
                "labels": st.lists(st.sampled_from(["Thing", "Do"]), max_size=2) | json_values,
                "choices": st.lists(st.sampled_from(["plain", "asked", "x"]), max_size=2) | json_values,
            },
        )
        | json_values,
    },
)


@given(st.lists(items | json_values, max_size=6) | json_values)
@settings(max_examples=300, deadline=None)
def test_no_json_makes_the_reader_raise_and_what_it_keeps_fits(result: object):
    reading = read(result)
    refused = {v.rule for v in SCHEME.violations(reading.annotations, TEXT) if v.severity == "refused"}
    assert refused <= {misfit.rule for misfit in reading.misfits}


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_regions_parent_can_be_told_from_its_id(span_id: str, field: str):
    wire = region_id(KEY, span_id)
    assert split(wire) == (KEY, span_id)
    assert wire.replace("_", "").replace("-", "").isalnum()
    assert wire.isascii()
    assert split(document_id(KEY, field)) is None


def test_the_keys_of_regions_are_counted():
    other = "ffffffffffff"
    assert keys([region_id(other, "a"), region_id(KEY, "a"), "Vj3k_-ab12", region_id(KEY, "b")]) == [KEY, other]


def test_regions_follow_the_text_over_all_layers():
    result = to_result(sample(), SCHEME, key=KEY)
    starts = [item["value"]["start"] for item in result if item["type"] == "labels"]
    assert starts == [4, 9, 16]
    long = Span(id="d2", label="Do", start=4, end=12, text=TEXT[4:12])
    wider = sample().model_copy(update={"layers": {**sample().layers, "deeds": (long, *sample().layers["deeds"])}})
    spans = [item["id"] for item in to_result(wider, SCHEME, key=KEY) if item["type"] == "labels"]
    assert spans == [f"{KEY}-{name}" for name in ("d2", "t1", "d1", "t2")]


def test_a_region_with_labels_of_two_layers_is_said_with_both():
    def press_another_layers_key(result: list[dict[str, object]]) -> None:
        second = copy.deepcopy(result[1])
        second.update(from_name="things", value={"start": 9, "end": 12, "text": "saw", "labels": ["Thing"]})
        result.insert(2, second)

    reading = spoilt(press_another_layers_key)
    [misfit] = reading.misfits
    assert misfit.rule == "label-several"
    assert misfit.item == f"{KEY}-d1"
    assert "'saw' has two labels, Do (deeds) and Thing (things)" in misfit.message


def test_several_values_are_read_in_the_schemes_order_and_one_value_alone():
    reading = spoilt(lambda result: result[6]["value"].update(choices=["y", "x"]))
    assert reading.annotations.document == {"tags": ("x", "y")}
    reading = spoilt(lambda result: result[6]["value"].update(choices=["y"]))
    assert reading.annotations.document == {"tags": ("y",)}
    given = sample().model_copy(update={"document": {"tags": "y"}})
    assert SCHEME.normalise(given).document == {"tags": ("y",)}
