import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from annotation_sets import SCHEME
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.annotations import AnnotatedArticle
from workbench.core.ports import Format, Remark
from workbench.errors import DocumentError, FormatError
from workbench.formats.argilla import ArgillaFormat
from workbench.formats.doccano import DoccanoFormat

TEXT = "👩‍👩‍👧 Anna e\N{COMBINING ACUTE ACCENT} of Oslo\N{NO-BREAK SPACE}met\r\nשלום Haifa."


def read(form: Format, path: Path, *given_: dict[str, Any]) -> tuple[list[AnnotatedArticle], list[Remark]]:
    if given_:
        path.write_text("".join(json.dumps(one) + "\n" for one in given_), encoding="utf-8")
    found = list(form.read(path, SCHEME))
    return [one for one in found if isinstance(one, AnnotatedArticle)], [
        one for one in found if isinstance(one, Remark)
    ]


def at(words: str) -> tuple[int, int]:
    return TEXT.index(words), TEXT.index(words) + len(words)


def test_doccano_spans_and_relations(tmp_path: Path) -> None:
    entities = [
        {"id": number, "label": label, "start_offset": at(words)[0], "end_offset": at(words)[1]}
        for number, label, words in ((7, "GPE", "Haifa"), (9, "CONSULT", "met"), (12, "PERSON", "Anna"))
    ]
    (first, second), remarks = read(
        DoccanoFormat(),
        tmp_path / "x.jsonl",
        {"id": 3, "text": TEXT, "label": [[*at("Oslo"), "GPE"]], "Comments": ["why?"], "desk": "foreign"},
        {
            "text": TEXT,
            "entities": entities,
            "relations": [{"id": 1, "from_id": 9, "to_id": 12, "type": "actor"}],
        },
        {"text": TEXT},
    )
    assert [span.text for _, span in first.annotations.spans()] == ["Oslo"]
    assert first.article.meta == {"doccano_id": 3, "doccano_desk": "foreign"}
    [event] = second.annotations.layers["events"]
    [argument] = event.arguments
    assert (argument.role, second.annotations.by_id()[argument.target][1].text) == ("actor", "Anna")
    assert [remark.message.split(":")[0] for remark in remarks] == ["1 comment was left out", "has no annotation"]


def record(**more: Any) -> dict[str, Any]:
    value = [{"start": at("Haifa")[0], "end": at("Haifa")[1], "label": "GPE"}]
    return {
        "id": "q",
        "fields": {"text": TEXT},
        "metadata": {"desk": "foreign"},
        "suggestions": {"spans": {"value": [], "score": None, "agent": "m"}},
        "responses": {"spans": [{"value": value, "user_id": "u1"}, {"value": [], "user_id": "u2"}]},
        **more,
    }


@pytest.mark.parametrize("as_list", [True, False])
def test_argilla_has_an_annotation_for_each_user(tmp_path: Path, as_list: bool) -> None:
    given_ = [
        record(),
        record(responses={}),
        record(responses={"spans": [{"value": [], "status": "draft"}], "why": []}),
    ]
    body = json.dumps(given_, indent=1) if as_list else "\n".join(map(json.dumps, given_))
    (tmp_path / "x.json").write_text(body, encoding="utf-8")
    (one, two), remarks = read(ArgillaFormat(), tmp_path / "x.json")
    assert [(found.annotations.producer.name, len([*found.annotations.spans()])) for found in (one, two)] == [
        ("u1", 1),
        ("u2", 0),
    ]
    assert one.article.id == two.article.id
    assert one.article.meta == {"argilla_id": "q", "argilla_desk": "foreign"}
    assert [remark.message for remark in remarks if "suggestion" not in remark.message] == [
        "has no annotation: nobody submitted a response",
        "a response to 'spans' is a draft one",
        "has no annotation: nobody submitted a response",
    ]


def test_doccano_may_be_an_array(tmp_path: Path) -> None:
    given_: list[Any] = [
        {"id": 1, "text": TEXT, "label": [[*at("Oslo"), "GPE"]]},
        5,
        {"id": 2, "text": TEXT, "label": []},
    ]
    (tmp_path / "x.json").write_text(json.dumps(given_), encoding="utf-8")
    first, second, third = [reading for _, reading in DoccanoFormat().documents(tmp_path / "x.json", SCHEME)]
    assert [len([*one.annotations.spans()]) for one in first if isinstance(one, AnnotatedArticle)] == [1]
    with pytest.raises(DocumentError, match=r"x\.json, record 2"):
        list(second)
    assert len([*third]) == 1


def test_argilla_1_is_read(tmp_path: Path) -> None:
    start, end = at("Haifa")
    value = [{"start": start, "end": end, "label": "GPE", "score": None}]
    responses = [
        {"values": {"spans": {"value": value}}, "status": "submitted", "user_id": "u1"},
        {"values": None, "status": "discarded", "user_id": "u2"},
    ]
    token = {"text": TEXT, "tokens": ["x"], "id": "t", "annotation_agent": "anna", "status": "Validated"}
    found, remarks = read(
        ArgillaFormat(),
        tmp_path / "x.jsonl",
        {"id": "f", "fields": {"text": TEXT}, "metadata": {}, "responses": responses, "suggestions": []},
        token | {"annotation": [["GPE", start, end]], "prediction": [["GPE", start, end, 0.5]]},
        token | {"annotation": [["GPE", start, end, 1.0]], "status": "Discarded"},
        token | {"annotation": None, "status": "Default"},
    )
    assert [one.annotations.producer.name for one in found] == ["u1", "anna"]
    assert [span.text for one in found for _, span in one.annotations.spans()] == ["Haifa", "Haifa"]
    assert [remark.message for remark in remarks] == [
        "1 suggestion was left out",
        "a response to 'annotation' is a discarded one",
        "has no annotation: nobody submitted a response",
        "has no annotation: nobody submitted a response",
    ]
    bad = token | {"annotation": [["GPE", "x", end]]}
    with pytest.raises(DocumentError, match=r"line 1: annotation\.0"):
        read(ArgillaFormat(), tmp_path / "bad.jsonl", bad)


def test_argilla_choices_about_the_document_and_other_answers(tmp_path: Path) -> None:
    given_ = record(
        responses={"relevance": [{"value": "not_relevant", "user_id": "u"}], "why": [{"value": 3, "user_id": "u"}]}
    )
    [one], remarks = read(ArgillaFormat(), tmp_path / "x.json", given_)
    assert one.annotations.document == {"relevance": "not_relevant"}
    assert "responses.why: is no answer with spans" in str(remarks[-1])


@pytest.mark.parametrize(
    ("form", "bad", "message"),
    [
        (DoccanoFormat(), {"text": 5, "label": []}, "line 1: text: Input should be a valid string"),
        (
            DoccanoFormat(),
            {"text": "Oslo", "label": [[0, "x", "GPE"]]},
            "line 1: label.0.1: Input should be a valid int",
        ),
        (
            DoccanoFormat(),
            {"text": "Oslo", "label": [[0, 9, "GPE"]]},
            "line 1: label.0: 'GPE' from 0 to 9 is not within",
        ),
        (DoccanoFormat(), {"text": "Oslo", "label": [[0, 4, "X"]]}, "line 1: label.0: label 'X' is not in"),
        (DoccanoFormat(), {"text": "Oslo", "annotations": [{"label": 3}]}, "labels by their numbers"),
        (
            DoccanoFormat(),
            {"text": "Oslo", "entities": [], "relations": [{"from_id": 1, "to_id": 2, "type": "actor"}]},
            "line 1: relations.0: joins the entity 1, which the line doesn't have",
        ),
        (
            ArgillaFormat(),
            {"fields": {"a": "x", "b": "y"}, "responses": {"s": [{"value": []}]}},
            "none is called 'text'",
        ),
        (ArgillaFormat(), {"responses": {}}, "line 1: fields: Field required"),
        (
            ArgillaFormat(),
            {"fields": {"text": "Oslo"}, "responses": {"s": [{"value": [{"start": 0, "end": 4, "label": "X"}]}]}},
            "responses.s: label 'X' is not in",
        ),
        (ArgillaFormat(), {"fields": {"text": "Oslo"}, "responses": {"s": [{"value": [{"start": 0}]}]}}, "value.0.end"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, form: Format, bad: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(form, tmp_path / "x.jsonl", bad)
    assert message in caught.value.message
    assert str(tmp_path / "x.jsonl") in caught.value.message


KEYS = ["text", "label", "entities", "relations", "id", "fields", "responses", "spans", "value", "start", "user_id"]


@pytest.mark.parametrize("form", [DoccanoFormat(), ArgillaFormat()])
@given(
    value=st.recursive(
        st.none() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
        max_leaves=12,
    )
)
def test_any_json_is_read_or_refused(form: Format, value: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.jsonl"
        path.write_text(json.dumps(value), encoding="utf-8")
        try:
            said = [str(one) for one in read(form, path)[1]]
        except DocumentError as error:
            said = [error.message]
    assert all(str(path) in one for one in said)


@pytest.mark.parametrize("form", [DoccanoFormat(), ArgillaFormat()])
def test_they_are_not_written(tmp_path: Path, form: Format) -> None:
    with pytest.raises(FormatError, match="are read, not written"):
        form.write([], tmp_path, "x", SCHEME)


def test_doccano_labels_of_the_whole_text_are_counted(tmp_path: Path) -> None:
    [_], remarks = read(DoccanoFormat(), tmp_path / "x.jsonl", {"text": TEXT, "label": [], "cats": ["sport", "war"]})
    assert "2 labels of the whole text were left out" in remarks[0].message
