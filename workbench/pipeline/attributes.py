"""The trainable component that sets the attributes of spans, whatever found the spans."""

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, cast

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span

from workbench.pipeline.docs import SpanData, layer_data, spans_in
from workbench.pipeline.features import Hashes, TokenView, span_features
from workbench.pipeline.sparse import Batch, SparsePipe, factory, pad

FACTORY = "workbench_attributes_v1"
# An attribute that takes several values gets each one that is at least this probable.
SEVERAL = 1 / 3


class AttributePlan(TypedDict):
    """An attribute of a layer; `default` is what an untouched span has ("": none)."""

    name: str
    layer: str
    values: list[str]
    default: str
    multiple: bool


ChosenValue = tuple[str, str, str, str | list[str]]
"""Layer, span id, attribute, value."""


@factory(FACTORY, requires=["doc.spans"])
def make_attribute_setter(nlp: Language, name: str, attributes: list[dict[str, Any]]) -> "AttributeSetter":  # noqa: ARG001 # spaCy passes it
    """A component for these attributes."""
    return AttributeSetter(name, cast(list[AttributePlan], attributes))


class AttributeSetter(SparsePipe):
    """Chooses the values of all attributes of all spans; a default is not written down."""

    def __init__(self, name: str, attributes: Sequence[AttributePlan]) -> None:
        super().__init__(name)
        self._attributes = list(attributes)

    def plan(self, golds: Iterable[Doc]) -> dict[str, Any]:
        return {}

    @property
    def outputs(self) -> list[list[str]]:
        """The values of each attribute; "" stands for none where there is no default."""
        return [([] if a["default"] else [""]) + a["values"] for a in self._attributes]

    @property
    def blocks(self) -> list[slice]:
        found: list[slice] = []
        start = 0
        for values in self.outputs:
            found.append(slice(start, start + len(values)))
            start += len(values)
        return found

    def batch(self, doc: Doc, gold: Doc) -> Batch:
        items = _items(gold, self._attributes)
        targets = np.zeros((len(items), self.size), dtype=np.float32)
        for row, (layer, span) in enumerate(items):
            given = layer_data(gold, layer).get(span.id_, {})
            for attribute, block, values in zip(self._attributes, self.blocks, self.outputs, strict=True):
                if attribute["layer"] == layer:
                    chosen = _values(given, attribute)
                    for value in chosen:
                        targets[row, block.start + values.index(value)] = 1 / len(chosen)
        return Batch(_features(doc, items), targets, np.ones(targets.shape, dtype=np.bool_))

    def predict(self, docs: Sequence[Doc]) -> list[list[ChosenValue]]:
        return [self._choices(doc) for doc in docs]

    def set_annotations(self, docs: Sequence[Doc], found: Sequence[list[ChosenValue]]) -> None:
        for doc, choices in zip(docs, found, strict=True):
            for layer, span_id, attribute, value in choices:
                data = layer_data(doc, layer).setdefault(span_id, {})
                data.setdefault("attributes", {})[attribute] = value

    def _choices(self, doc: Doc) -> list[ChosenValue]:
        items = _items(doc, self._attributes)
        rows = self.probabilities(_features(doc, items))
        found: list[ChosenValue] = []
        for row, (layer, span) in zip(rows, items, strict=True):
            for attribute, block, values in zip(self._attributes, self.blocks, self.outputs, strict=True):
                if attribute["layer"] != layer:
                    continue
                best = values[int(row[block].argmax())]
                if attribute["multiple"] and best:
                    several = [v for v, p in zip(values, row[block], strict=True) if v and p >= SEVERAL] or [best]
                    found.append((layer, span.id_, attribute["name"], several))
                elif best and best != attribute["default"]:
                    found.append((layer, span.id_, attribute["name"], best))
        return found


def _items(doc: Doc, attributes: Sequence[AttributePlan]) -> list[tuple[str, Span]]:
    layers = dict.fromkeys(attribute["layer"] for attribute in attributes)
    return [(layer, span) for layer in layers for span in spans_in(doc, layer)]


def _features(doc: Doc, items: Sequence[tuple[str, Span]]) -> Hashes:
    view = TokenView(doc)
    return pad(span_features(view, span) for _, span in items)


def _values(given: SpanData, attribute: AttributePlan) -> list[str]:
    value = cast(dict[str, str | list[str]], given.get("attributes", {})).get(attribute["name"], attribute["default"])
    return [value] if isinstance(value, str) else list(value)
