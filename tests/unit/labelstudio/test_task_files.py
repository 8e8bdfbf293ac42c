import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from annotation_sets import SCHEME
from format_cases import content, files, one_article
from hypothesis import HealthCheck, given, settings

from workbench.core.annotations import AnnotatedArticle, Producer
from workbench.core.ports import Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError
from workbench.labelstudio.task_files import LabelStudioFormat

DATA = Path(__file__).parents[2] / "data" / "label-studio"


def read(path: Path) -> tuple[list[AnnotatedArticle], list[Remark], list[str]]:
    """What was annotated, what was said, and what was refused."""
    found: list[AnnotatedArticle | Remark] = []
    refused: list[str] = []
    for _, reading in LabelStudioFormat().documents(path, SCHEME):
        try:
            found += reading
        except DocumentError as error:
            refused.append(error.message)
    return [o for o in found if isinstance(o, AnnotatedArticle)], [o for o in found if isinstance(o, Remark)], refused


def test_an_export_of_the_server_is_read_with_roles_skips_drafts_and_predictions() -> None:
    annotated, said, refused = read(DATA / "export.json")
    first, second, twice, plain = annotated
    assert first.article.id == "a-5a5167b413e32c13"
    assert first.article.text.endswith("\r\nAnna Holm 👩‍👩‍👧 would not accept “the plan”.\n")
    by_id = first.annotations.by_id()
    assert {
        (span.text, one.role, by_id[one.target][1].text)
        for _, span in first.annotations.spans()
        for one in span.arguments
    } == {
        ("met", "actor", "Oslo"),
        ("met", "recipient", "Minsk"),
        ("would not accept", "actor", "Anna Holm"),
        ("not accept", "holder", "Anna Holm"),
    }
    assert {"p1", "p2", "p3"} <= by_id.keys()  # the suggestion's own ids
    assert (first.article.title, first.article.source, first.article.published) == (
        "T0",
        "https://example.org/0",
        "2025-10-21",
    )
    assert first.annotations.created == "2026-11-25T" + first.annotations.created[11:]
    assert second.annotations.document == {"relevance": "not_relevant"}
    [event] = second.annotations.layers["events"]
    assert event.attributes == {"modality": "negated"}
    assert twice.annotations.is_empty
    assert (plain.article.text, plain.article.title) == ("Plain task: Madrid.", "by hand")
    assert {one.annotations.producer for one in annotated} == {Producer(kind="person", name="user 1")}
    assert [(one.message, one.left_out) for one in said] == [
        ("was skipped by user 1", True),
        ("has a draft of owner@workbench.local, which was not submitted", True),
        ("has predictions only", True),
        ("nobody has annotated it", True),
        ("annotation 4 is older than annotation 5 by user 1, and was left out", False),
        ("2 predictions are nobody's work, and were left out", False),
    ]
    [message] = refused
    assert "export.json, task 9, annotation 7: abd: label 'CITY' is not in its layer" in message


def test_json_min_is_read_and_says_what_it_does_not_tell() -> None:
    annotated, said, refused = read(DATA / "export-min.json")
    first, second, *_ = annotated
    assert [(layer, span.text) for layer, span in first.annotations.spans()] == [
        ("entities", "Oslo"),
        ("entities", "Minsk"),
        ("entities", "Anna Holm"),
        ("events", "met"),
        ("events", "would not accept"),
        ("stances", "not accept"),
    ]
    assert second.annotations.document == {"relevance": "not_relevant"}
    assert second.article.meta == {}
    assert "JSON_MIN does not tell which regions modality is about: left out" in {one.message for one in said}
    assert sum(one.left_out for one in said) == 3
    assert len(refused) == 1


def test_json_min_of_another_project_loses_nothing_unsaid(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    regions = [{"start": 0, "end": 4, "text": "Bern", "labels": ["GPE"]}]
    first = {"text": "Bern waits.", "annotation_id": 1, "annotator": 1, "label": regions}
    second = {"text": "Bern sleeps.", "annotation_id": 2, "annotator": 1, "topics": ["war"]}
    path.write_text(json.dumps([first, second]), "utf-8")
    [_], said, [message] = read(path)
    assert "task 1: layer 'label' is not in the scheme; known: entities" in message
    assert "'topics' has no place" in said[0].message


@given(given_=files())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back_under_any_scheme(
    tmp_path: Path, given_: tuple[LabelScheme, list[AnnotatedArticle]]
) -> None:
    scheme, made = given_
    person = Producer(kind="person", name="ann")
    articles = [
        one.model_copy(update={"annotations": one.annotations.model_copy(update={"producer": person})})
        for one in made
        if one.article.text.strip()
    ]
    report = LabelStudioFormat().write(articles, tmp_path, "part", scheme)
    assert (report.articles, report.problems) == (len(articles), ())
    back = [
        one for one in LabelStudioFormat().read(tmp_path / "part.json", scheme) if isinstance(one, AnnotatedArticle)
    ]

    def of(span):
        return span.norm, span.attributes

    assert [content(one, of=of) for one in back] == [content(one, of=of) for one in articles]
    for one, before in zip(back, articles, strict=True):
        assert one.annotations.producer == person
        assert one.annotations.document == before.annotations.document
        assert one.article.text_sha256 == before.article.text_sha256


def test_what_a_program_suggested_is_a_prediction(tmp_path: Path) -> None:
    one = one_article("Oslo met Minsk.", ("GPE", "Oslo"))
    suggested = one.annotations.model_copy(update={"producer": Producer(kind="rules", name="rules", version="1")})
    LabelStudioFormat().write([one.model_copy(update={"annotations": suggested})], tmp_path, "p", SCHEME)
    [task] = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert "annotations" not in task
    assert task["predictions"][0]["model_version"] == "rules 1"
    only, counted = LabelStudioFormat().read(tmp_path / "p.json", SCHEME)
    assert isinstance(only, Remark)
    assert only.left_out
    assert isinstance(counted, Remark)


TASK = '{"id": 1, "data": {"text": "Oslo"}, "annotations": [{"id": 2, "completed_by": 3, "result": []}]}'


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ("", "no JSON array"),
        ("null", "no JSON array"),
        ("[", "value 1: no JSON: Expecting value"),
        ("[1]", "task 1: no JSON object but '1'"),
        (f"[{TASK}", "value 1: no JSON: a comma or ] is missing"),
        (f"[{TASK} {TASK}]", "value 1: no JSON: a comma or ] is missing"),
        (f"[{TASK},]", "value 2: no JSON: Expecting value"),
        (f'[{TASK}, {{"data": tru}}]', "value 2: no JSON: Expecting value at its character 10"),
        (f'[{TASK}, {{"data": {{"text": "Os', "value 2: no JSON: Unterminated string"),
        ('[{"a": 1}]', "task 1: has no `data`"),
        ('[{"data": {"text": " "}, "annotations": [{}]}]', "task 1: holds no text in its field 'text'"),
        ("[" * 100_000, "nests|recursion"),
    ],
)
def test_what_is_no_export_is_refused_with_its_place(tmp_path: Path, given_: str, message: str) -> None:
    path = tmp_path / "f.json"
    path.write_text(given_, encoding="utf-8")
    with pytest.raises(DocumentError, match=message):
        list(LabelStudioFormat().read(path, SCHEME))


def test_a_file_of_many_pieces_is_read_wherever_they_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = list(contents(DATA / "export.json"))
    for size in (1, 2, 3, 7, 64, 1000):
        monkeypatch.setattr("workbench.foreign.reading._PIECE", size)
        assert list(contents(DATA / "export.json")) == whole


def contents(path: Path) -> Iterator[object]:
    from workbench.foreign import reading

    yield from reading.json_array(path)
