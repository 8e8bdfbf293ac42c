"""AnnotationSet to spaCy Doc and back, for any scheme.

Every layer is a span group of its own (`doc.spans[layer]`), because spans of one layer may nest. What a spaCy Span has
no place for (score, attributes, arguments, …) stands in the group's `attrs` under the span's id, so that it survives
DocBin, `to_disk` and copies. Choices about the document stand in `doc.cats` as "field=value", what else is said of it in the
`attrs` of the first layer's group.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal, cast

from spacy.tokens import Doc, Span, SpanGroup, Token

from workbench.core.annotations import AnnotationSet, AttributeValue, Producer, values_of
from workbench.core.annotations import Span as CoreSpan
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import is_blank
from workbench.errors import AnnotationError

Alignment = Literal["expand", "refuse"]
SpanData = dict[str, Any]
"""The fields of a core Span that a spaCy Span has no place for, as JSON."""

_PLACED = {"id", "label", "start", "end", "text"}
_SPANS = "spans"
_FIELDS = "document"
"""What is said of the document that is no choice: the group of the first layer holds it, as groups survive everything."""
_EXACT = "exact"
"""By the ids of spans that took whole tokens, where they really begin and end; beside the spans' data."""
_LEFT_OUT = "left_out"
"""That a choice about the document keeps it out of training; in the group of the first layer."""


class Misaligned(Frozen):
    """A span whose offsets are no token ends. `taken` is the text it was expanded to; None: it was refused."""

    article: str
    layer: str
    span: str
    label: str
    text: str
    taken: str | None

    @property
    def became(self) -> str:
        """What it was expanded to, or that it was refused."""
        return "refused" if self.taken is None else f"expanded to {self.taken!r}"

    def __str__(self) -> str:
        return f"{self.article}: {self.layer} {self.label} {self.text!r} {self.became}"


class AlignmentReport(Frozen):
    """How spans fitted the tokens. `arguments_lost` counts arguments that pointed from or to a refused span."""

    spans: int = 0
    expanded: tuple[Misaligned, ...] = ()
    refused: tuple[Misaligned, ...] = ()
    arguments_lost: int = 0

    @property
    def share(self) -> float:
        """The share of spans that did not fit."""
        return (len(self.expanded) + len(self.refused)) / self.spans if self.spans else 0.0

    @classmethod
    def total(cls, reports: Iterable["AlignmentReport"]) -> "AlignmentReport":
        """All reports as one."""
        every = list(reports)
        return cls(
            spans=sum(r.spans for r in every),
            expanded=tuple(m for r in every for m in r.expanded),
            refused=tuple(m for r in every for m in r.refused),
            arguments_lost=sum(r.arguments_lost for r in every),
        )


def annotate_doc(
    doc: Doc, annotations: AnnotationSet, scheme: LabelScheme, *, article: str = "", alignment: Alignment = "expand"
) -> AlignmentReport:
    """How the spans fitted, after writing the annotations into a tokenised `doc` of the same text.

    Every layer of the scheme gets a group, empty or not. Spans whose offsets are no token ends take the whole tokens
    with "expand", and are left out with "refuse"; both are listed in the report.

    Raises:
        AnnotationError: a span ends beyond the text.
    """
    expanded: list[Misaligned] = []
    refused: list[Misaligned] = []
    placed: dict[str, list[tuple[CoreSpan, Span]]] = {layer.name: [] for layer in scheme.layers}
    for layer, span in annotations.spans():
        found = None if is_blank(span.text) else doc.char_span(span.start, span.end, label=span.label, span_id=span.id)
        if found is None:
            wide = doc.char_span(span.start, span.end, label=span.label, span_id=span.id, alignment_mode="expand")
            if wide is None:
                raise AnnotationError(f"{layer} span {span.id} ends at {span.end}, beyond the text", span=span.id)
            # A blank between two tokens belongs to neither, and white space that is a token is nothing to mark.
            taken = wide.text if alignment == "expand" and not is_blank(wide.text) else None
            (expanded if taken is not None else refused).append(
                Misaligned(article=article, layer=layer, span=span.id, label=span.label, text=span.text, taken=taken)
            )
            if taken is None:
                continue
            found = wide
        placed.setdefault(layer, []).append((span, found))
    gone = {m.span for m in refused}
    lost = sum((a.target in gone) or (s.id in gone) for _, s in annotations.spans() for a in s.arguments)
    carried = {
        field.name: list(value) if isinstance(value, tuple) else value
        for field in scheme.document_fields
        if not field.values and (value := annotations.document.get(field.name)) is not None
    }
    for layer, pairs in placed.items():
        attrs: dict[str, Any] = {_SPANS: {span.id: _rest(span, gone) for span, _ in pairs}}
        exact = {
            span.id: list(span.offsets) for span, taken in pairs if (taken.start_char, taken.end_char) != span.offsets
        }
        if exact:
            attrs[_EXACT] = exact
        if layer == scheme.layers[0].name:
            attrs |= {_FIELDS: carried} if carried else {}
            attrs |= {} if scheme.is_trainable(annotations.document) else {_LEFT_OUT: True}
        doc.spans[layer] = SpanGroup(doc, name=layer, spans=[found for _, found in pairs], attrs=attrs)
    for field in scheme.document_fields:
        values = values_of(annotations.document.get(field.name, field.default or ""))
        for value in field.values:
            doc.cats[f"{field.name}={value}"] = float(value in values)
    return AlignmentReport(
        spans=sum(1 for _ in annotations.spans()),
        expanded=tuple(expanded),
        refused=tuple(refused),
        arguments_lost=lost,
    )


def from_doc(doc: Doc, scheme: LabelScheme, producer: Producer, *, created: str = "") -> AnnotationSet:
    """The annotations that a Doc holds, normalised; groups that are no layer of the scheme are not looked at.

    A span without an id of its own (another program's group) gets one that follows from its layer, offsets and label.
    """
    text = doc.text
    ids = Counter(span.id_ for layer in scheme.layers for span in spans_in(doc, layer.name))
    layers: dict[str, tuple[CoreSpan, ...]] = {}
    for layer in scheme.layers:
        data = layer_data(doc, layer.name)
        spans: dict[str, CoreSpan] = {}
        for span in spans_in(doc, layer.name):
            start, end = span.start_char, span.end_char
            span_id = span.id_ if ids[span.id_] == 1 and span.id_ else span_key(layer.name, span)
            spans[span_id] = CoreSpan.model_validate(
                {
                    **data.get(span_id, {}),
                    "id": span_id,
                    "label": span.label_,
                    "start": start,
                    "end": end,
                    "text": text[start:end],
                }
            )
        layers[layer.name] = tuple(spans.values())
    document: dict[str, AttributeValue] = {
        field.name: chosen if field.multiple else chosen[0]
        for field in scheme.document_fields
        if (chosen := tuple(v for v in field.values if doc.cats.get(f"{field.name}={v}", 0.0) >= 0.5))
    }
    for field in scheme.document_fields:
        if not field.values and (value := _carried(doc, scheme).get(field.name)) is not None:
            document[field.name] = cast(
                "AttributeValue", tuple(cast("list[str]", value)) if isinstance(value, list) else value
            )
    return scheme.normalise(
        AnnotationSet(producer=producer, scheme_digest=scheme.digest, created=created, layers=layers, document=document)
    )


def _carried(doc: Doc, scheme: LabelScheme) -> dict[str, object]:
    group = _group(doc, scheme.layers[0].name)
    found: object = None if group is None else cast("dict[str, object]", group.attrs).get(_FIELDS)
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def spans_in(doc: Doc, layer: str) -> list[Span]:
    """The spans of a layer, in text order; none where the doc has no such group."""
    group = _group(doc, layer)
    return sorted(
        () if group is None else cast("Sequence[Span]", group), key=lambda span: (span.start, span.end, span.label_)
    )


def layer_data(doc: Doc, layer: str) -> dict[str, SpanData]:
    """The data of a layer's spans by their ids; changing it changes the doc."""
    group = _group(doc, layer)
    return {} if group is None else span_data(group)


def exact_offsets(doc: Doc, layer: str) -> dict[str, tuple[int, int]]:
    """Where spans of a layer that took whole tokens really begin and end, in characters, by their ids."""
    group = _group(doc, layer)
    found = {} if group is None else cast("dict[str, list[int]]", group.attrs.get(_EXACT, {}))
    return {span_id: (start, end) for span_id, (start, end) in found.items()}


def teaches(gold: Doc) -> bool:
    """Whether spans are learned from a gold doc, and measured on it: no choice about the document forbids it."""
    groups = cast("dict[str, SpanGroup]", gold.spans)
    return not any(group.attrs.get(_LEFT_OUT) for group in groups.values())


def on_tokens_of(doc: Doc, gold: Doc) -> Doc:
    """The gold doc on the tokens of `doc`, which has the same text; the same one where its tokens are the same.

    Spans that end inside a token take the whole token, as in `annotate_doc`.
    """
    places = [(token.idx, len(token)) for token in cast("Iterable[Token]", doc)]
    if places == [(token.idx, len(token)) for token in cast("Iterable[Token]", gold)]:
        return gold
    made = Doc(doc.vocab, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc])
    made.cats = dict(gold.cats)
    for name, group in cast("dict[str, SpanGroup]", gold.spans).items():
        spans = [
            made.char_span(s.start_char, s.end_char, label=s.label_, span_id=s.id_, alignment_mode="expand")
            for s in cast("Sequence[Span]", group)
        ]
        kept = [span for span in spans if span is not None]
        made.spans[name] = SpanGroup(made, name=name, spans=kept, attrs=dict(group.attrs))
    return made


def _group(doc: Doc, layer: str) -> SpanGroup | None:
    return cast("dict[str, SpanGroup]", doc.spans).get(layer)


def span_key(layer: str, span: Span) -> str:
    """The id of a span that a pipeline found: the same span always has the same."""
    return f"{layer}-{span.start_char}-{span.end_char}-{span.label_}"


def span_data(group: SpanGroup) -> dict[str, SpanData]:
    """The data of every span of a group by the span's id; changing it changes the group."""
    return cast(dict[str, SpanData], group.attrs.setdefault(_SPANS, {}))


def _rest(span: CoreSpan, gone: set[str]) -> SpanData:
    data = span.model_dump(mode="json", exclude=_PLACED, exclude_defaults=True)
    if gone and span.arguments:
        data["arguments"] = [a for a in data["arguments"] if a["target"] not in gone]
    return data
