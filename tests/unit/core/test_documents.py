"""The annotated-article document: what goes out comes back, what is wrong is named by its path."""

import json

import pytest
from annotation_sets import SCHEME, TEXT, a_set, sets, span
from hypothesis import given

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import Article
from workbench.core.documents import article_from_json, read_line, read_lines, to_json
from workbench.errors import DocumentError

ARTICLE = Article.from_text(TEXT, source="a.txt", meta={"workplace": "world", "pages": 3})


@given(sets())
def test_round_trip(annotations: AnnotationSet):
    annotated = AnnotatedArticle(article=ARTICLE, annotations=SCHEME.normalise(annotations))
    assert list(read_line(to_json(annotated), SCHEME, where="x")) == [annotated]


def document(**changes) -> str:
    annotated = AnnotatedArticle(article=ARTICLE, annotations=a_set(span("e1", "GPE", 0, 5)))
    body = json.loads(to_json(annotated))
    for path, value in changes.items():
        at = body
        *parents, last = path.split("__")
        for part in parents:
            at = at[int(part) if part.isdigit() else part]
        at[last] = value
    return json.dumps(body)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": "other/1"}, "schema is 'other/1'"),
        ({"article__surprise": 1}, "article.surprise"),
        ({"annotations__layers__entities__0__colour": "red"}, "annotations.layers.entities.0.colour"),
        ({"annotations__layers__entities__0__text": "abcde"}, "says 'abcde', the article has '01234'"),
        ({"annotations__layers__entities__0__label": "PERSN"}, "label 'PERSN'"),
        ({"article__text": "changed"}, "text_sha256"),
    ],
)
def test_what_is_wrong_is_named(changes, message):
    with pytest.raises(DocumentError) as refused:
        list(read_lines(["", document(**changes)], SCHEME, name="in.jsonl"))
    assert "in.jsonl, line 2" in str(refused.value)
    assert message in str(refused.value)


def test_a_span_that_has_more_text_than_its_offsets_is_named_with_both():
    with pytest.raises(DocumentError, match="span e1 says '01234567', the article has '01234' at 0-5"):
        list(read_lines([document(annotations__layers__entities__0__text="01234567")], SCHEME, name="in.jsonl"))


def test_white_space_in_the_text_of_a_span_counts_for_nothing_and_at_its_edges_is_cut_off():
    article = Article.from_text("So said  Anna\r\nHolm \n of Oslo.")
    body = json.loads(document())
    body["article"] = article.model_dump(mode="json")
    body["annotations"]["layers"]["entities"][0] |= {"start": 7, "end": 22, "text": "Anna\\nHolm"}
    remark, found = read_line(json.dumps(body), SCHEME, where="in.jsonl, line 7")
    [(_, one)] = found.annotations.spans()
    assert (one.start, one.end, one.text) == (9, 19, "Anna\r\nHolm")
    assert str(remark).startswith("in.jsonl, line 7: entities GPE '  Anna")
    assert not remark.left_out


def test_a_blank_span_is_refused():
    article = Article.from_text("Oslo \n Bern")
    body = json.loads(document())
    body["article"] = article.model_dump(mode="json")
    body["annotations"]["layers"]["entities"][0] |= {"start": 4, "end": 7, "text": " \n "}
    with pytest.raises(DocumentError, match=r"in\.jsonl, line 1: entities e1: ' \\n ' at 4-7 is white space"):
        list(read_lines([json.dumps(body)], SCHEME, name="in.jsonl"))


@pytest.mark.parametrize("annotations", [None, {"layers": {}, "document": {}}, "absent"])
def test_a_document_without_annotation_is_none_and_said(annotations):
    body = json.loads(document())
    if annotations == "absent":
        del body["annotations"]
    else:
        body["annotations"] = annotations and {**body["annotations"], **annotations}
    [remark] = read_lines([json.dumps(body)], SCHEME, name="in.jsonl")
    assert remark.left_out
    assert str(remark) == f"in.jsonl, line 1: {ARTICLE.id} has no annotation"


def test_an_empty_annotation_is_one():
    body = json.loads(document())
    body["annotations"]["layers"] = {"entities": []}
    [found] = read_lines([json.dumps(body)], SCHEME, name="in.jsonl")
    assert found.annotations.is_empty


def test_no_json_is_named_too():
    with pytest.raises(DocumentError, match=r"line 1: not JSON"):
        list(read_lines(["{"], SCHEME, name="in.jsonl"))


def test_an_article_is_read_with_or_without_annotations():
    assert article_from_json(document(), where="x") == ARTICLE
    body = json.loads(document())
    del body["annotations"]
    assert article_from_json(json.dumps(body), where="x") == ARTICLE


def test_another_programs_document_is_said_to_need_import_or_convert():
    with pytest.raises(DocumentError) as fault:
        list(read_line('{"text": "Norway"}', SCHEME, where="x"))
    assert "workbench import --format" in str(fault.value.hint)
    assert "workbench convert --from" in str(fault.value.hint)
