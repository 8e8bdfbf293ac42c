"""Spans, their arguments, and the sets that hold them, layer by layer."""

import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    StrictInt,
    field_validator,
    model_serializer,
    model_validator,
)

from workbench.core.article import Article
from workbench.core.frozen import Frozen
from workbench.errors import AnnotationError

AttributeValue = str | tuple[str, ...] | StrictInt | Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""What is said of a span or of a document: a value, several, somebody's own words, or a number."""


def values_of(value: AttributeValue) -> tuple[str | int | float, ...]:
    """The values one by one, where there are several."""
    return value if isinstance(value, tuple) else (value,)


def written(value: AttributeValue) -> str:
    """A value as tables and messages show it."""
    return ", ".join(str(one) for one in values_of(value))


class Producer(Frozen):
    """Who made an annotation set."""

    kind: Literal["rules", "model", "person", "adjudicated"]
    name: str
    version: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()


class Argument(Frozen):
    """A role that the span `target` (an id in the same set) plays in the frame that holds this argument."""

    role: str
    target: str
    score: float | None = Field(default=None, ge=0, le=1)


class Origin(Frozen):
    """Where a span came from, where that differs from its set's producer."""

    producer: Producer | None = None
    parent: str | None = None
    decision: str | None = None


class Span(Frozen):
    """A labelled stretch of text; with arguments it is the head of a frame (an event's trigger, a stance's expression).

    `start` and `end` are half-open and count Unicode code points of `article.text`.
    """

    id: str = Field(min_length=1)
    label: str
    start: int = Field(ge=0)
    end: int
    text: str
    score: float | None = Field(default=None, ge=0, le=1)
    norm: str | None = None
    attributes: dict[str, AttributeValue] = Field(default_factory=dict)
    arguments: tuple[Argument, ...] = ()
    origin: Origin | None = None

    @model_validator(mode="after")
    def _length(self) -> "Span":
        if self.end <= self.start:
            raise ValueError(f"span {self.id} is empty: {self.start} to {self.end}")
        if self.end - self.start != len(self.text):
            raise ValueError(
                f"span {self.id} covers {self.end - self.start} code points, its text has {len(self.text)}"
            )
        return self

    @property
    def offsets(self) -> tuple[int, int]:
        """Start and end, half-open, in code points."""
        return self.start, self.end


class OtherItem(Frozen):
    """What was annotated with a control that no kind of annotation knows, word for word.

    Args:
        control: the control's name in the label config.
        span: the id of the span that it is about; None where it is about the document, or a region of its own.
        id: its own id, where it is about no span.
        item: Label Studio's JSON of it, without the id.
    """

    control: str
    span: str | None = None
    id: str | None = None
    item: str

    @field_validator("item")
    @classmethod
    def _is_object(cls, item: str) -> str:
        try:
            found: object = json.loads(item)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the item of {item[:40]!r} is no JSON") from error
        if not isinstance(found, dict):
            raise ValueError(f"{item[:40]!r} is no JSON object")
        return item

    @property
    def body(self) -> dict[str, object]:
        """The item, without its id."""
        return json.loads(self.item)


class AnnotationSet(Frozen):
    """What one producer says of one article: spans by layer, and what is said of the whole document.

    `parents` names the sets that this one was made from, by their digest; `others` is what was annotated with controls
    that the workbench does not know.
    """

    producer: Producer
    scheme_digest: str
    created: str = ""
    parents: tuple[str, ...] = ()
    layers: dict[str, tuple[Span, ...]]
    document: dict[str, AttributeValue] = Field(default_factory=dict)
    others: tuple[OtherItem, ...] = ()

    @model_serializer(mode="wrap")
    def _as_before(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Its fields; without `others`, it is written as it was before there were any."""
        fields = write(self)
        if not self.others:
            fields.pop("others", None)
        return fields

    @model_validator(mode="after")
    def _ids(self) -> "AnnotationSet":
        seen: set[str] = set()
        for _, span in self.spans():
            if span.id in seen:
                raise ValueError(f"two spans have the id {span.id}")
            seen.add(span.id)
        return self

    def spans(self) -> Iterator[tuple[str, Span]]:
        """Every span with the name of its layer, in the order of the layers."""
        for layer, spans in self.layers.items():
            for span in spans:
                yield layer, span

    def by_id(self) -> dict[str, tuple[str, Span]]:
        """Layer and span of every span id."""
        return {span.id: (layer, span) for layer, span in self.spans()}

    @property
    def digest(self) -> str:
        """A hash of everything in the set, so that storing the same set twice is storing it once."""
        canonical = json.dumps(self.model_dump(mode="json", exclude_defaults=True), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def is_empty(self) -> bool:
        """Whether no layer has a span; choices about the document don't count."""
        return not any(self.layers.values())


class AnnotatedArticle(Frozen):
    """An article with the annotations of one producer."""

    article: Article
    annotations: AnnotationSet

    @model_validator(mode="after")
    def _texts(self) -> "AnnotatedArticle":
        check_texts(self.annotations, self.article.text)
        return self

    def _repr_html_(self) -> str:
        """Its spans and roles, for a notebook."""
        from workbench.core.display import as_html

        return as_html(self)


def check_texts(annotations: AnnotationSet, text: str) -> None:
    """Checks that every span holds exactly the text that stands at its offsets.

    Raises:
        AnnotationError: one does not; it names the span and both texts.
    """
    for layer, span in annotations.spans():
        found = text[span.start : span.end]
        if found != span.text:
            raise AnnotationError(
                f"{layer} span {span.id} says {span.text!r}, but the article has {found!r} at {span.start}-{span.end}",
                hint="offsets count Unicode code points of article.text, half-open",
                span=span.id,
            )
