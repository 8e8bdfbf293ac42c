"""Parts of other programs' files, checked, and the articles, spans and annotations of ours that they stand for."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, AttributeValue, Producer, Span
from workbench.core.article import Article, Scalar, article_id
from workbench.core.counted import counted
from workbench.core.ports import Remark
from workbench.core.scheme import LabelScheme
from workbench.core.validation import first_fault
from workbench.core.whitespace import is_blank, quoted, trim
from workbench.errors import DocumentError, WorkbenchError

PERSON = Producer(kind="person", name="")
"""Whose work it is where a file does not say."""
RENAME = "rename it in the file, or add it to label_config.xml"
"""What to do about a name that the label scheme lacks."""
_ARTICLE_ID = re.compile(r"a-[0-9a-f]{16}")

M = TypeVar("M", bound=BaseModel)


class Shape(BaseModel):
    """A part of another program's JSON: what we don't know in it is passed over, what we know has its very type."""

    model_config = ConfigDict(extra="ignore", strict=True)


def shaped(kind: type[M], raw: Mapping[str, Any], where: str) -> M:
    """The part of a document, checked.

    Raises:
        DocumentError: it lacks a field, or one has another type; the field is named.
    """
    try:
        return kind.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        raise DocumentError(f"{where}: {first_fault(error)}") from error
    except RecursionError as error:
        raise DocumentError(f"{where}: nests too deeply to be read") from error


def validated(kind: type[M], fields: Mapping[str, Any], where: str) -> M:
    """The value of these fields, checked.

    Raises:
        DocumentError: a field is missing, unknown or malformed; it is named.
    """
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        raise DocumentError(f"{where}: {first_fault(error)}") from error
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}") from error


def article(
    content: str,
    *,
    name: str = "",
    source: str = "",
    title: str = "",
    published: str | None = None,
    meta: Mapping[str, Scalar] | None = None,
) -> Article:
    """The article of this text. A `name` that is the id of an article of ours is its id again, so that it is known.

    Its raw text is then not known, unless the id belongs to the very text.
    """
    found = Article.from_text(content, title=title, source=_printed(source), published=published, meta=dict(meta or {}))
    if not _ARTICLE_ID.fullmatch(name) or name == article_id(content):
        return found
    return found.model_copy(update={"id": name, "raw_sha256": ""})


def annotated(
    of: Article,
    spans: Iterable[tuple[str, Span]],
    scheme: LabelScheme,
    where: str,
    *,
    producer: Producer = PERSON,
    document: Mapping[str, AttributeValue] | None = None,
    created: str = "",
) -> Iterator[AnnotatedArticle | Remark]:
    """The article with these spans, each beside its layer, checked by the scheme; and what was trimmed or said twice.

    Raises:
        DocumentError: something does not fit; the message begins with `where`.
    """
    layers: dict[str, list[Span]] = {layer.name: [] for layer in scheme.layers}
    for layer, span in spans:
        once = tuple({(one.role, one.target): one for one in reversed(span.arguments)}.values())[::-1]
        if len(once) != len(span.arguments):
            more = len(span.arguments) - len(once)
            yield Remark(
                where=where, message=f"{span.label} {quoted(span.text)} has {counted(more, 'roles')} twice: taken once"
            )
            span = span.model_copy(update={"arguments": once})
        layers[layer].append(span)
    try:
        found = AnnotationSet(
            producer=producer,
            scheme_digest=scheme.digest,
            created=created,
            layers={name: tuple(several) for name, several in layers.items()},
            document=dict(document or {}),
        )
        found, trimmed = trim(found)
        scheme.check(found, of.text)
        made = AnnotatedArticle(article=of, annotations=scheme.normalise(found))
    except ValidationError as error:
        raise DocumentError(f"{where}: {first_fault(error)}") from error
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}", hint=error.hint, lists=error.lists) from error
    yield from (Remark(where=where, message=str(one)) for one in trimmed)
    yield made


def layer_of(label: str, scheme: LabelScheme, where: str) -> tuple[str, str]:
    """The layer of a label, and what the label is called now.

    Raises:
        DocumentError: the scheme lacks the label.
    """
    if label in scheme.layer_of_label:
        return scheme.layer_of_label[label], label
    for (layer, before), now in scheme.label_now.items():
        if before == label:
            return layer, now
    raise DocumentError(
        f"{where}: label {quoted(label)} is not in the label scheme; known: {', '.join(scheme.layer_of_label)}",
        hint=RENAME,
    )


def span(
    name: str, label: str, start: int, end: int, content: str, where: str, *, says: str | None = None, **more: Any
) -> Span:
    """The span between two offsets in code points. `says` is the text that the file has for it.

    Raises:
        DocumentError: the offsets are not within the text, hold only white space, or another text stands there.
    """
    if not 0 <= start < end <= len(content):
        raise DocumentError(
            f"{where}: {quoted(label)} from {start} to {end} is not within the text of {len(content)} code points",
            hint="offsets count Unicode code points, half-open",
        )
    found = content[start:end]
    if is_blank(found):
        raise DocumentError(
            f"{where}: {quoted(label)} from {start} to {end} is white space and nothing else",
            hint="mark the words, or take it out",
        )
    if says is not None and says.split() != found.split():
        raise DocumentError(
            f"{where}: {quoted(label)} says {quoted(says)}, the text has {quoted(found)} at {start}-{end}",
            hint="offsets count Unicode code points, half-open",
        )
    return Span(id=name, label=label, start=start, end=end, text=found, **more)


def _printed(name: str) -> str:
    """The name without what is no character: bytes of a file's name, or half a surrogate out of JSON."""
    return name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
