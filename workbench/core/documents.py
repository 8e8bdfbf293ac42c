"""The annotated-article document: one JSON object, one a line in JSONL files, as it enters and leaves."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeVar, cast

from pydantic import Field, ValidationError

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import Article, sha256
from workbench.core.frozen import Frozen
from workbench.core.ports import Remark
from workbench.core.scheme import LabelScheme
from workbench.core.validation import first_fault, json_fault
from workbench.core.whitespace import quoted, same_words, trim
from workbench.errors import DocumentError, WorkbenchError

D = TypeVar("D", bound=Frozen)

SCHEMA = "workbench/annotated-article/1"
_WHOLE = "check that the file is whole, and holds a JSON object a line"


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


def read_line(line: str, scheme: LabelScheme, *, where: str) -> Iterator[AnnotatedArticle | Remark]:
    """The annotated article that a line of JSON holds, checked against the scheme and normalised by it; and remarks.

    White space at the edges of spans is cut off. A document whose annotations are absent, null, or about no layer at all
    and no choice is not annotated, which is all that is said of it.

    Raises:
        DocumentError: it is malformed or does not fit; the message begins with `where` and names the field.
    """
    raw = parsed(line, where)
    _mend_texts(raw, where)
    document = validated(raw, ArticleDocument, where)
    given = document.annotations
    if given is None or not (given.layers or given.document or given.others):
        yield Remark(where=where, message=f"{document.article.id} has no annotation", left_out=True)
        return
    try:
        annotations, trimmed = trim(given)
        scheme.check(annotations, document.article.text)
        found = AnnotatedArticle(article=document.article, annotations=scheme.normalise(annotations))
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}", hint=error.hint, lists=error.lists) from error
    yield from (Remark(where=where, message=str(one)) for one in trimmed)
    yield found


def article_from_json(line: str, *, where: str) -> Article:
    """The article of a line that holds an article or an annotated article; its annotations are not looked at."""
    return validated(parsed(line, where), ArticleDocument, where).article


def read_lines(lines: Iterable[str], scheme: LabelScheme, *, name: str) -> Iterator[AnnotatedArticle | Remark]:
    """The annotated articles of a JSONL file, and what is to be said of them; blank lines are passed over, `name` is what errors call the file."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield from read_line(line, scheme, where=f"{name}, line {number}")


def parsed(line: str, where: str, schema: str = SCHEMA) -> dict[str, Any]:
    """The object of this schema that a line of JSON holds.

    Raises:
        DocumentError: it holds something else.
    """
    try:
        raw: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise DocumentError(f"{where}: not JSON: {json_fault(error)} at column {error.colno}", hint=_WHOLE) from error
    except (RecursionError, ValueError) as error:
        raise DocumentError(f"{where}: JSON that cannot be read: {error}", hint=_WHOLE) from error
    found = cast(dict[str, Any], raw).get("schema") if isinstance(raw, dict) else None
    if found != schema:
        raise DocumentError(
            f"{where}: schema is {quoted(str(found)) if found else found}, not {schema!r}",
            hint="files of other programs: `workbench import --format NAME` or `workbench convert --from NAME`, as in prodigy",
        )
    return cast(dict[str, Any], raw)


def _mend_texts(raw: dict[str, Any], where: str) -> None:
    """Gives spans the text that stands at their offsets, where their own differs in white space.

    Raises:
        DocumentError: one has other words.
    """
    article = _inside(raw, "article")
    text = article.get("text")
    if not isinstance(text, str) or article.get("text_sha256") != sha256(text):
        return  # which is said when the article is looked at
    for layer, spans in _inside(raw, "annotations", "layers").items():
        for span in cast(list[Any], spans) if isinstance(spans, list) else []:
            if not isinstance(span, dict):
                continue
            given = cast(dict[str, Any], span)
            own, start, end = given.get("text"), given.get("start"), given.get("end")
            if not isinstance(own, str) or type(start) is not int or type(end) is not int or not 0 <= start < end:
                continue
            found = text[start:end]
            if own == found or end > len(text):
                continue
            if not same_words(own, found):
                raise DocumentError(
                    f"{where}: {layer} span {given.get('id')} says {quoted(own)}, "
                    f"the article has {quoted(found)} at {start}-{end}",
                    hint="offsets count Unicode code points of article.text, half-open",
                )
            given["text"] = found


def _inside(raw: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        value = raw.get(name)
        raw = cast(dict[str, Any], value) if isinstance(value, dict) else {}
    return raw


def validated(raw: dict[str, Any], kind: type[D], where: str) -> D:
    """The document, checked.

    Raises:
        DocumentError: a field is missing, unknown or malformed; it is named.
    """
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        raise DocumentError(
            f"{where}: {first_fault(error)}", hint="see schemas/annotated-article.schema.json"
        ) from error
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}", hint=error.hint, lists=error.lists) from error
