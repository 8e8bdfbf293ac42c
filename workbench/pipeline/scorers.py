"""Scores of the trainable components, as `spacy train` and `spacy evaluate` print them; registered, so configs name them.

A span is right where layer, label and both ends are, a role where it is, its head is and both ends of its filler are; an
attribute is looked at where its span is right. So `workbench evaluate` counts them. Documents that a choice keeps out of training are not measured. Keys ending in _p, _r, _f are
precision, recall and F1 over all documents, None where nothing was there or found. Where there was something to be
found, none of them is None: `spacy train` forgets the weight of a score that is None once.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, cast

from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry

from workbench.pipeline.docs import exact_offsets, layer_data, spans_in, teaches

Scorer = Callable[..., dict[str, Any]]
Place = tuple[str, str, int, int]

SPANS, ATTRIBUTES, ROLES, DOCUMENTS = (
    f"workbench_{name}_scorer_v1" for name in ("spans", "attributes", "roles", "documents")
)
_registered = cast("Callable[[str], Callable[[Callable[[], Scorer]], Callable[[], Scorer]]]", registry.scorers)


@_registered(SPANS)
def make_span_scorer() -> Scorer:
    """Scores `spans_f` over all layers, and `spans_LAYER_f` of each."""
    return score_spans


@_registered(ATTRIBUTES)
def make_attribute_scorer() -> Scorer:
    """Scores `attributes_acc`, the share of attributes that are right where their span is."""
    return score_attributes


@_registered(ROLES)
def make_role_scorer() -> Scorer:
    """Scores `roles_f` over all roles."""
    return score_roles


@_registered(DOCUMENTS)
def make_document_scorer() -> Scorer:
    """Scores `documents_acc`, the share of choices about documents that are right."""
    return score_documents


def score_spans(examples: Iterable[Example], *, layers: Sequence[str], **_: object) -> dict[str, Any]:
    """Precision, recall and F1 of spans, of all layers and of each."""
    counts = {layer: [0, 0, 0] for layer in layers}
    for example in measured(examples):
        for layer in layers:
            gold, found = (_places(doc, layer) for doc in (example.reference, example.predicted))
            right = sum((gold & found).values())
            for number, value in enumerate((right, sum(found.values()) - right, sum(gold.values()) - right)):
                counts[layer][number] += value
    total = [sum(column) for column in zip(*counts.values(), strict=True)] if counts else [0, 0, 0]
    scores = _prf("spans", *total)
    for layer, three in counts.items():
        scores |= _prf(f"spans_{layer}", *three)
    return scores


def score_roles(examples: Iterable[Example], *, heads: Sequence[str], **_: object) -> dict[str, Any]:
    """Precision, recall and F1 of roles of all layers, whatever label their fillers have."""
    right = invented = missed = 0
    for example in measured(examples):
        gold, found = (_roles(doc, heads) for doc in (example.reference, example.predicted))
        same = (gold & found).total()
        right, invented, missed = right + same, invented + found.total() - same, missed + gold.total() - same
    return _prf("roles", right, invented, missed)


def score_attributes(
    examples: Iterable[Example], *, attributes: Sequence[tuple[str, str, str]], **_: object
) -> dict[str, Any]:
    """The share of attributes (name, layer, default) that are right, of spans that are."""
    right = looked = there = 0
    for example in measured(examples):
        for name, layer, default in attributes:
            gold, found = (_values(doc, layer, name, default) for doc in (example.reference, example.predicted))
            there += len(gold)
            for place in gold.keys() & found.keys():
                looked += 1
                right += gold[place] == found[place]
    return {"attributes_acc": right / looked if looked else 0.0 if there else None}


def score_documents(examples: Iterable[Example], *, fields: dict[str, Sequence[str]], **_: object) -> dict[str, Any]:
    """The share of choices about documents that are right: the most probable value of each field."""
    right = looked = 0
    for example in examples:
        for values in fields.values():
            gold, found = (
                max(values, key=lambda value, doc=doc: doc.cats.get(value, 0.0))
                for doc in (example.reference, example.predicted)
            )
            looked += 1
            right += gold == found
    return {"documents_acc": right / looked if looked else None}


def measured(examples: Iterable[Example]) -> Iterator[Example]:
    """The examples that spans are measured on."""
    return (example for example in examples if teaches(example.reference))


def _prf(name: str, right: int, invented: int, missed: int) -> dict[str, Any]:
    something = right + invented + missed
    precision = right / (right + invented) if right + invented else 0.0 if something else None
    recall = right / (right + missed) if right + missed else 0.0 if something else None
    f1 = 2 * right / (2 * right + invented + missed) if something else None
    return {f"{name}_p": precision, f"{name}_r": recall, f"{name}_f": f1}


def _places(doc: Doc, layer: str) -> Counter[Place]:
    return Counter(place for _, place in _placed(doc, layer))


def _placed(doc: Doc, layer: str) -> Iterator[tuple[str, Place]]:
    """The id and the place of every span of a layer; gold spans that took whole tokens stand where they really are."""
    exact = exact_offsets(doc, layer)
    for span in spans_in(doc, layer):
        start, end = exact.get(span.id_, (span.start_char, span.end_char))
        yield span.id_, (layer, span.label_, start, end)


def _roles(doc: Doc, heads: Sequence[str]) -> Counter[tuple[Place, str, tuple[int, int]]]:
    layers = cast("dict[str, object]", doc.spans)
    places = {span_id: place for layer in layers for span_id, place in _placed(doc, layer)}
    return Counter(
        (places[head], argument["role"], places[argument["target"]][2:])
        for layer in heads
        for head, data in layer_data(doc, layer).items()
        for argument in data.get("arguments", ())
        if head in places and argument["target"] in places
    )


def _values(doc: Doc, layer: str, attribute: str, default: str) -> dict[Place, object]:
    data = layer_data(doc, layer)
    found: dict[Place, object] = {}
    for span_id, place in _placed(doc, layer):
        value = data.get(span_id, {}).get("attributes", {}).get(attribute, default)
        found[place] = value if isinstance(value, str) else tuple(value)
    return found
