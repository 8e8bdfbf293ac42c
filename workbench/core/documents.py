"""The annotated-article document: one JSON object, one a line in JSONL files, as it enters and leaves."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeVar, cast

from pydantic import Field, ValidationError

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import Article
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError, WorkbenchError

D = TypeVar("D", bound=Frozen)

SCHEMA = "workbench/annotated-article/1"


class AnnotatedArticleDocument(Frozen):
    """An annotated article with the name of its schema, as it is written."""

    schema_: Literal["workbench/annotated-article/1"] = Field(alias="schema")
    article: Article
    annotations: AnnotationSet


class ArticleDocument(Frozen):
    """An article, annotated or not, as `annotate --from-jsonl` takes it."""

    schema_: Literal["workbench/annotated-article/1"] = Field(alias="schema")
    article: Article
    annotations: AnnotationSet | None = None


def to_json(annotated: AnnotatedArticle) -> str:
    """One line of JSON; what stands at its default in the scheme-independent part is left out."""
    annotations = annotated.annotations.model_dump(mode="json", exclude_none=True)
    for spans in annotations["layers"].values():
        for span in spans:
            for key in ("attributes", "arguments"):
                if not span[key]:
                    del span[key]
    body = {"schema": SCHEMA, "article": annotated.article.model_dump(mode="json"), "annotations": annotations}
    return json.dumps(body, ensure_ascii=False)


def from_json(line: str, scheme: LabelScheme, *, where: str) -> AnnotatedArticle:
    """The annotated article that a line of JSON holds, checked against the scheme and normalised by it.

    Raises:
        DocumentError: it is malformed or does not fit; the message begins with `where` and names the field.
    """
    document = _validated(line, AnnotatedArticleDocument, where)
    try:
        scheme.check(document.annotations, document.article.text)
        return AnnotatedArticle(article=document.article, annotations=scheme.normalise(document.annotations))
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}", hint=error.hint) from error


def article_from_json(line: str, *, where: str) -> Article:
    """The article of a line that holds an article or an annotated article; its annotations are not looked at."""
    return _validated(line, ArticleDocument, where).article


def read_lines(lines: Iterable[str], scheme: LabelScheme, *, name: str) -> Iterator[AnnotatedArticle]:
    """The annotated articles of a JSONL file; blank lines are passed over, `name` is what errors call the file."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield from_json(line, scheme, where=f"{name}, line {number}")


def _validated(line: str, kind: type[D], where: str) -> D:
    try:
        raw: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise DocumentError(f"{where}: no JSON: {error.msg} at column {error.colno}") from error
    found = cast(dict[str, Any], raw).get("schema") if isinstance(raw, dict) else None
    if found != SCHEMA:
        raise DocumentError(f"{where}: schema is {found!r}, not {SCHEMA!r}")
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(str(part) for part in first["loc"]) or "the document"
        rest = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise DocumentError(
            f"{where}: {path}: {first['msg']}{rest}", hint="see schemas/annotated-article.schema.json"
        ) from error
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}", hint=error.hint) from error
