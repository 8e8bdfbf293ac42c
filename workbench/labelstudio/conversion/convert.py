"""Annotation sets to Label Studio's results, for any scheme. `reading` is the way back.

A span is a region; an attribute that is not at its default is an item with the region's id; the roles that one span
plays for another are one relation with a label for each; what is said of the document has an id of its own. What stands
in an item's value is known by its kind (`core.kinds`).
"""

from collections.abc import Iterable, Iterator
from typing import cast

from workbench.core.annotations import AnnotationSet, OtherItem, Span
from workbench.core.kinds import LABELS, kind_of
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.api.wire import NewPrediction, RelationItem, ResultItem, SpanItem, ValueItem
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
    others: dict[str | None, list[OtherItem]] = {}
    for other in normal.others:
        others.setdefault(other.span, []).append(other)
    for layer, span in in_order:
        result.append(_region(layer, span, scheme, key))
        result.extend(_region_values(layer, span, scheme, key))
        result.extend(_others(others.get(span.id, ()), scheme, key))
    for _, span in in_order:
        result.extend(_relations(span, scheme, key))
    result.extend(_document_values(normal, scheme, key))
    result.extend(_others(others.get(None, ()), scheme, key))
    return result


def _region(layer: str, span: Span, scheme: LabelScheme, key: str) -> SpanItem:
    item: SpanItem = {
        "id": region_id(key, span.id),
        "type": "labels",
        "from_name": layer,
        "to_name": scheme.text_name,
        "value": {**_place(span), **LABELS.write(span.label)},
    }
    if span.score is not None:
        item["score"] = round(span.score, DIGITS)
    return item


def _region_values(layer: str, span: Span, scheme: LabelScheme, key: str) -> Iterator[ValueItem]:
    known = {attribute.name: attribute for attribute in scheme.attributes_of(layer)} if span.attributes else {}
    for name, value in span.attributes.items():
        if name in known:  # the scheme refuses every other
            kind = kind_of(known[name])
            yield {
                "id": region_id(key, span.id),
                "type": kind.type,
                "from_name": name,
                "to_name": scheme.text_name,
                "value": {**_place(span), **kind.write(value)},
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


def _document_values(annotations: AnnotationSet, scheme: LabelScheme, key: str) -> Iterator[ValueItem]:
    known = {field.name: field for field in scheme.document_fields}
    for name, value in annotations.document.items():
        if name in known:
            kind = kind_of(known[name])
            yield {
                "id": document_id(key, name),
                "type": kind.type,
                "from_name": name,
                "to_name": scheme.text_name,
                "value": kind.write(value),
            }


def _others(others: Iterable[OtherItem], scheme: LabelScheme, key: str) -> Iterator[ValueItem]:
    """What controls that are not known say of one span, or of none, word for word.

    The page breaks at a control that its config has not, so that what came from such a one stays in the store.
    """
    known = {control.name for control in scheme.others}
    for place, other in enumerate(one for one in others if one.control in known):
        name = other.id or f"{other.control}{place}"
        own = document_id(key, name) if other.span is None else region_id(key, other.span)
        yield cast("ValueItem", {"id": own, **other.body})


def _place(span: Span) -> dict[str, object]:
    return {"start": span.start, "end": span.end, "text": span.text}


def _unique(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))
