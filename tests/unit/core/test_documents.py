"""The annotated-article document: what goes out comes back, what is wrong is named by its path."""

import json

import pytest
from annotation_sets import SCHEME, TEXT, a_set, sets, span
from hypothesis import given

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import Article
from workbench.core.documents import article_from_json, from_json, read_lines, to_json
from workbench.errors import DocumentError

ARTICLE = Article.from_text(TEXT, source="a.txt", meta={"workplace": "world", "pages": 3})


@given(sets())
def test_round_trip(annotations: AnnotationSet):
    annotated = AnnotatedArticle(article=ARTICLE, annotations=SCHEME.normalise(annotations))
    assert from_json(to_json(annotated), SCHEME, where="x") == annotated


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


def test_no_json_is_named_too():
    with pytest.raises(DocumentError, match=r"line 1: no JSON"):
        list(read_lines(["{"], SCHEME, name="in.jsonl"))


def test_an_article_is_read_with_or_without_annotations():
    assert article_from_json(document(), where="x") == ARTICLE
    body = json.loads(document())
    del body["annotations"]
    assert article_from_json(json.dumps(body), where="x") == ARTICLE
