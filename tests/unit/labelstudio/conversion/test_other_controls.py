"""What is annotated with controls that the workbench does not know is kept and sent back word for word."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, OtherItem, Producer
from workbench.core.article import Article
from workbench.core.ports import Remark
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import without_blank
from workbench.formats.docbin import DocBinFormat
from workbench.gold.accepted import content
from workbench.labelstudio.conversion.convert import to_result
from workbench.labelstudio.conversion.reading import ReadResult, read_result

SCHEME = LabelScheme.from_xml("""<View>
  <Labels name="things" toName="t"><Label value="Thing"/></Labels>
  <Text name="t" value="$body"/>
  <Taxonomy name="topic" toName="t"><Choice value="War"><Choice value="Peace"/></Choice></Taxonomy>
  <Taxonomy name="sort" toName="t" perRegion="true" whenTagName="things"><Choice value="A"/></Taxonomy>
</View>""")
TEXT = "The cat saw a dog."
KEY, LATER = "0123456789ab", "ba9876543210"
PERSON = Producer(kind="person", name="ann")
THING = {
    "id": "abc",
    "type": "labels",
    "from_name": "things",
    "to_name": "t",
    "value": {"start": 4, "end": 7, "text": "cat", "labels": ["Thing"]},
}
SORT = {
    "id": "abc",
    "from_name": "sort",
    "to_name": "t",
    "type": "taxonomy",
    "origin": "manual",
    "value": {"start": 4, "end": 7, "text": "cat", "taxonomy": [["A"]]},
}
TOPIC = {"id": "own id", "from_name": "topic", "to_name": "t", "type": "taxonomy", "value": {"taxonomy": [["War"]]}}


def read(result: object, key: str | None = None, scheme: LabelScheme = SCHEME) -> ReadResult:
    return read_result(result, TEXT, scheme, producer=PERSON, key=key)


def test_the_scheme_lists_the_controls_that_it_does_not_know_and_its_digest_does_not() -> None:
    assert [(one.name, one.tag) for one in SCHEME.others] == [("topic", "Taxonomy"), ("sort", "Taxonomy")]
    assert SCHEME.model_copy(update={"others": ()}).digest == SCHEME.digest


def test_what_is_kept_is_tied_to_its_region_and_comes_back_word_for_word_with_new_ids() -> None:
    first = read([TOPIC, THING, SORT])
    assert first.misfits == ()
    assert [(one.control, one.span, one.id) for one in first.annotations.others] == [
        ("sort", "abc", None),
        ("topic", None, "own id"),
    ]
    sent = to_result(first.annotations, SCHEME, key=KEY)
    region, sort, topic = json.loads(json.dumps(sent))
    assert sort == {**SORT, "id": region["id"]}
    assert region["id"] != "abc"
    assert topic == {**TOPIC, "id": f"{KEY}-doc-own_20_id"}
    second = read(sent, KEY).annotations
    assert second == first.annotations
    assert to_result(second, SCHEME, key=LATER)[2]["id"] == f"{LATER}-doc-own_20_id"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, st.sampled_from([TOPIC, SORT]), st.text())
@settings(max_examples=150, deadline=None)
def test_any_json_is_kept_by_every_way_that_a_set_is_written(value: object, item: dict[str, object], own: str) -> None:
    given_item = {**item, "value": value, "meta": {"x": value}}
    if item is TOPIC:
        given_item["id"] = own
    reading = read([THING, given_item])
    assert reading.misfits == ()
    found = reading.annotations
    assert AnnotationSet.model_validate_json(found.model_dump_json()) == found
    article = Article.from_text(TEXT)
    line = documents.to_json(AnnotatedArticle(article=article, annotations=found))
    [back] = documents.read_line(line, SCHEME, where="here")
    assert not isinstance(back, Remark)
    assert back.annotations == found
    again = read(to_result(found, SCHEME, key=KEY), KEY)
    assert again.misfits == ()
    if own or item is not TOPIC:  # what has no id is given one
        assert again.annotations == found
    assert again.annotations.others[0].body == {name: one for name, one in given_item.items() if name != "id"}


def test_a_docbin_holds_it_too(tmp_path) -> None:
    found = read([THING, SORT, TOPIC]).annotations
    article = AnnotatedArticle(article=Article.from_text(TEXT), annotations=found)
    DocBinFormat().write([article], tmp_path, "all", SCHEME)
    [back] = DocBinFormat().read(tmp_path / "all.spacy", SCHEME)
    assert not isinstance(back, Remark)
    assert back.annotations.others == found.others


def test_what_is_said_of_a_span_that_is_gone_is_refused_and_goes_with_a_blank_one() -> None:
    found = read([THING, SORT]).annotations
    alone = found.model_copy(update={"layers": {"things": ()}})
    assert [one.rule for one in SCHEME.violations(alone, TEXT)] == ["other-dangling"]
    [span] = found.layers["things"]
    blank = span.model_copy(update={"start": 3, "end": 4, "text": " "})
    left, said = without_blank(found.model_copy(update={"layers": {"things": (blank,)}}))
    assert left.others == ()
    assert "what sort says of abc goes with it" in said


def test_the_page_is_not_sent_what_it_has_no_control_for_and_the_check_says_so() -> None:
    found = read([THING, SORT, TOPIC]).annotations
    narrow = SCHEME.model_copy(update={"others": SCHEME.others[:1]})
    assert [item.get("from_name") for item in to_result(found, narrow, key=KEY)] == ["things", "topic"]
    assert [(one.rule, one.severity) for one in narrow.violations(found, TEXT)] == [("control-unknown", "incomplete")]


def test_a_type_of_no_control_of_the_config_is_still_a_misfit() -> None:
    reading = read([THING, {**TOPIC, "from_name": "nobody"}])
    assert [misfit.rule for misfit in reading.misfits] == ["type-unknown"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_json_is_a_misfit(value: float) -> None:
    assert [one.rule for one in read([{**TOPIC, "value": value}]).misfits] == ["item-malformed"]
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    assert [one.rule for one in read([{**TOPIC, "value": deep}]).misfits] == ["item-malformed"]


def test_an_item_that_is_no_object_is_refused() -> None:
    for item in ("[1]", "{", "[" * 100_000):
        with pytest.raises(ValidationError):
            OtherItem(control="topic", item=item)


def test_two_who_say_different_things_differ() -> None:
    one = read([THING, SORT, TOPIC]).annotations
    other = read([THING, SORT, {**TOPIC, "value": {"taxonomy": [["War", "Peace"]]}}]).annotations
    assert content(one) != content(other)
    assert content(one) == content(read([{**SORT, "origin": "prediction"}, THING, TOPIC]).annotations)
