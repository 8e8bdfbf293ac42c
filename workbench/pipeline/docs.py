"""AnnotationSet to spaCy Doc and back, for any scheme.

Every layer is a span group of its own (`doc.spans[layer]`), because spans of one layer may nest. What a spaCy Span has
no place for (score, attributes, arguments, …) stands in the group's `attrs` under the span's id, so that it survives
DocBin, `to_disk` and copies. Choices about the document stand in `doc.cats` as "field=value", what else is said of it in the
`attrs` of the first layer's group.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, cast

from pydantic import TypeAdapter
from spacy.tokens import Doc, Span, SpanGroup, Token

from workbench.core.annotations import AnnotationSet, AttributeValue, Producer, values_of
from workbench.core.annotations import Span as CoreSpan
from workbench.core.scheme import LabelScheme
from workbench.pipeline.alignment import Alignment, AlignmentReport, Placement, place

SpanData = dict[str, Any]
"""The fields of a core Span that a spaCy Span has no place for, as JSON."""

_REST = TypeAdapter(list[CoreSpan])
_PLACED = {"id", "label", "start", "end", "text"}
_SPANS = "spans"
_FIELDS = "document"
"""What is said of the document that is no choice: the group of the first layer holds it, as groups survive everything."""
_EXACT = "exact"
"""By the ids of spans that took whole tokens, where they really begin and end; beside the spans' data."""
_LEFT_OUT = "left_out"
"""That a choice about the document keeps it out of training; in the group of the first layer."""


def annotate_doc(
    doc: Doc, annotations: AnnotationSet, scheme: LabelScheme, *, article: str = "", alignment: Alignment = "expand"
) -> AlignmentReport:
    """How the spans fitted, after writing the annotations into a tokenised `doc` of the same text.

    Every layer of the scheme gets a group, empty or not. Spans whose offsets are no token ends take the whole tokens
    with "expand", and are left out with "refuse"; both are listed in the report.

    Raises:
        AnnotationError: a span ends beyond the text.
    """
    found = place(doc, annotations, scheme, article=article, alignment=alignment)
    attrs = group_attrs(found, annotations, scheme)
    for layer, placed in found.layers.items():
        spans = [Span(doc, one.first, one.last, label=one.span.label, span_id=one.span.id) for one in placed]
        doc.spans[layer] = SpanGroup(doc, name=layer, spans=spans, attrs=attrs[layer])
    doc.cats |= categories(annotations, scheme)
    return found.report


def group_attrs(found: Placement, annotations: AnnotationSet, scheme: LabelScheme) -> dict[str, dict[str, Any]]:
    """The `attrs` of each layer's group: what a spaCy Span has no place for, and what is said of the document."""
    gone = found.gone
    attrs: dict[str, dict[str, Any]] = {}
    for layer, placed in found.layers.items():
        rest = _REST.dump_python(
            [one.span for one in placed], mode="json", exclude={"__all__": _PLACED}, exclude_defaults=True
        )
        if gone:
            for data in rest:
                if "arguments" in data:
                    data["arguments"] = [one for one in data["arguments"] if one["target"] not in gone]
        attrs[layer] = {_SPANS: {one.span.id: data for one, data in zip(placed, rest, strict=True)}}
        exact = {one.span.id: list(one.span.offsets) for one in placed if one.taken != one.span.offsets}
        if exact:
            attrs[layer][_EXACT] = exact
    first = attrs[scheme.layers[0].name]
    carried = {
        field.name: list(value) if isinstance(value, tuple) else value
        for field in scheme.document_fields
        if not field.values and (value := annotations.document.get(field.name)) is not None
    }
    if carried:
        first[_FIELDS] = carried
    if not scheme.is_trainable(annotations.document):
        first[_LEFT_OUT] = True
    return attrs


def categories(annotations: AnnotationSet, scheme: LabelScheme) -> dict[str, float]:
    """The `cats` of a Doc: every choice about the document as FIELD=VALUE, 1 where it was made."""
    found: dict[str, float] = {}
    for field in scheme.document_fields:
        values = values_of(annotations.document.get(field.name, field.default or ""))
        found |= {f"{field.name}={value}": float(value in values) for value in field.values}
    return found


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
