"""Annotation sets to Label Studio's results, for any scheme. `reading` is the way back.

A span is a region; an attribute that is not at its default is a choice with the region's id; the roles that one span
plays for another are one relation with a label for each; a choice about the document has an id of its own.
"""

from collections.abc import Iterable, Iterator

from workbench.core.annotations import AnnotationSet, AttributeValue, Span
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.api.wire import (
    DocumentChoiceItem,
    NewPrediction,
    RegionChoiceItem,
    RelationItem,
    ResultItem,
    SpanItem,
)
from workbench.labelstudio.conversion.region_ids import document_id, key_of, region_id

DIGITS = 4
"""Scores are rounded to so many decimals: the server gives exactly these back."""


def to_prediction(
    set_id: str, annotations: AnnotationSet, text: str, scheme: LabelScheme, *, model_version: str
) -> NewPrediction:
    """The prediction that a stored set is sent as; its score is the mean of the spans' scores.

    Raises:
        AnnotationError: the set does not fit the text or the scheme, and would break the page or come back refused.
    """
    scheme.check(annotations, text)
    prediction: NewPrediction = {
        "model_version": model_version,
        "result": to_result(annotations, scheme, key=key_of(set_id)),
    }
    scores = [span.score for _, span in annotations.spans() if span.score is not None]
    if scores:
        prediction["score"] = round(sum(scores) / len(scores), DIGITS)
    return prediction


def to_result(annotations: AnnotationSet, scheme: LabelScheme, *, key: str) -> list[ResultItem]:
    """The items of a result; `key` makes the ids of its regions unique. The set is taken to fit the scheme.

    Regions of all layers come in text order, the longer first where they begin together: so the editor lists them.
    """
    normal = scheme.normalise(annotations)
    in_order = sorted(normal.spans(), key=lambda found: (found[1].start, -found[1].end))
    result: list[ResultItem] = []
    for layer, span in in_order:
        result.append(_region(layer, span, scheme, key))
        result.extend(_region_choices(span, scheme, key))
    for _, span in in_order:
        result.extend(_relations(span, scheme, key))
    result.extend(_document_choices(normal, scheme, key))
    return result


def _region(layer: str, span: Span, scheme: LabelScheme, key: str) -> SpanItem:
    item: SpanItem = {
        "id": region_id(key, span.id),
        "type": "labels",
        "from_name": layer,
        "to_name": scheme.text_name,
        "value": {"start": span.start, "end": span.end, "text": span.text, "labels": [span.label]},
    }
    if span.score is not None:
        item["score"] = round(span.score, DIGITS)
    return item


def _region_choices(span: Span, scheme: LabelScheme, key: str) -> Iterator[RegionChoiceItem]:
    for name, value in span.attributes.items():
        yield {
            "id": region_id(key, span.id),
            "type": "choices",
            "from_name": name,
            "to_name": scheme.text_name,
            "value": {"start": span.start, "end": span.end, "text": span.text, "choices": _values(value)},
        }


def _relations(span: Span, scheme: LabelScheme, key: str) -> Iterator[RelationItem]:
    """One relation for each pair: of two between the same pair the editor keeps only the first."""
    if not span.arguments:
        return
    order = {role: position for position, role in enumerate(scheme.role_by_name)}
    for target in _unique(argument.target for argument in span.arguments):
        roles = [argument.role for argument in span.arguments if argument.target == target]
        yield {
            "type": "relation",
            "from_id": region_id(key, span.id),
            "to_id": region_id(key, target),
            "direction": "right",
            "labels": sorted(roles, key=lambda role: order.get(role, len(order))),
        }


def _document_choices(annotations: AnnotationSet, scheme: LabelScheme, key: str) -> Iterator[DocumentChoiceItem]:
    for name, value in annotations.document.items():
        yield {
            "id": document_id(key, name),
            "type": "choices",
            "from_name": name,
            "to_name": scheme.text_name,
            "value": {"choices": _values(value)},
        }


def _values(value: AttributeValue) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _unique(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))
