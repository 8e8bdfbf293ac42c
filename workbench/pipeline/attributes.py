"""The trainable component that sets the attributes of spans, whatever found the spans."""

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, cast

from spacy.language import Language
from spacy.strings import get_string_id
from spacy.tokens import Doc, Span

from workbench.pipeline import scorers
from workbench.pipeline.batch import Items, Said, Suggestion, Targets, numbered
from workbench.pipeline.docs import SpanData, layer_data, spans_in
from workbench.pipeline.features import Hashes, span_features, view_of
from workbench.pipeline.scorers import Scorer
from workbench.pipeline.sparse import SparsePipe, factory, in_blocks, pad, unconfigured
from workbench.pipeline.suggestions import Suggestions

FACTORY = "workbench_attributes_v1"
SEVERAL = 1 / 3
"""An attribute that takes several values gets each one that is at least this probable."""
# How probable a suggested value is before anything is known of its suggester.
BELIEF = 0.8


class AttributePlan(TypedDict):
    """An attribute of a layer; `default` is what an untouched span has ("": none)."""

    name: str
    layer: str
    values: list[str]
    default: str
    multiple: bool


ChosenValue = tuple[str, str, str, str | list[str]]
"""Layer, span id, attribute, value."""


@factory(
    FACTORY,
    requires=["doc.spans"],
    default_config={"attributes": [], "threshold": SEVERAL, "scorer": {"@scorers": scorers.ATTRIBUTES}},
    default_score_weights={"attributes_acc": 0.0},
)
def make_attribute_setter(
    nlp: Language,  # noqa: ARG001 # spaCy passes it
    name: str,
    attributes: list[dict[str, Any]],
    threshold: float,
    scorer: Scorer | None,
) -> "AttributeSetter":
    """A component for these attributes."""
    return AttributeSetter(name, cast(list[AttributePlan], attributes), scorer, threshold=threshold)


class AttributeSetter(SparsePipe):
    """Chooses the values of all attributes of all spans; a default is not written down.

    An attribute that takes several values gets each one that is at least as probable as the threshold.
    """

    def __init__(
        self,
        name: str,
        attributes: Sequence[AttributePlan],
        scorer: Scorer | None = None,
        *,
        threshold: float = SEVERAL,
    ) -> None:
        super().__init__(name, scorer)
        self._attributes = list(attributes)
        self._threshold = threshold

    def scored(self) -> dict[str, Any]:
        return {"attributes": [(a["name"], a["layer"], a["default"]) for a in self._attributes]}

    def plan(self, golds: Iterable[Doc]) -> dict[str, Any]:
        if not self._attributes:
            raise unconfigured(self.name, "attributes")
        return {}

    @property
    def outputs(self) -> list[list[str]]:
        """The values of each attribute; "" stands for none where there is no default."""
        return [([] if a["default"] else [""]) + a["values"] for a in self._attributes]

    @property
    def blocks(self) -> list[slice]:
        return in_blocks(len(values) for values in self.outputs)

    def look(self, doc: Doc, gold: Doc) -> Items:
        items = _items(gold, self._attributes)
        right: list[tuple[int, int, float]] = []
        for row, (layer, span) in enumerate(items):
            given = layer_data(gold, layer).get(span.id_, {})
            for attribute, block, values in zip(self._attributes, self.blocks, self.outputs, strict=True):
                if attribute["layer"] == layer:
                    chosen = _values(given, attribute)
                    right += [(row, block.start + values.index(value), 1 / len(chosen)) for value in chosen]
        suggested = Suggestions.of(doc)
        features = _features(doc, items, suggested)
        return Items(features, Targets.of(right), said=self._said(suggested, items))

    def _said(self, suggested: Suggestions | None, items: Sequence[tuple[str, Span]]) -> list[Said] | None:
        """What value was suggested for each span, attribute by attribute, where a like span was suggested."""
        if suggested is None:
            return None
        found: list[Said] = []
        for attribute, block, values in zip(self._attributes, self.blocks, self.outputs, strict=True):
            given: list[Suggestion | None] = []
            for layer, span in items:
                value = _said(suggested, layer, span, attribute) if attribute["layer"] == layer else None
                right = values.index(value) if value in values else 0
                given.append(None if value is None else Suggestion(f"{attribute['name']} {value}", BELIEF, right))
            found.append(Said(block, *numbered(given)))
        return found

    def predict(self, docs: Sequence[Doc]) -> list[list[ChosenValue]]:
        return [self._choices(doc) for doc in docs]

    def set_annotations(self, docs: Sequence[Doc], found: Sequence[list[ChosenValue]]) -> None:
        for doc, choices in zip(docs, found, strict=True):
            for layer, span_id, attribute, value in choices:
                data = layer_data(doc, layer).setdefault(span_id, {})
                data.setdefault("attributes", {})[attribute] = value

    def _choices(self, doc: Doc) -> list[ChosenValue]:
        items = _items(doc, self._attributes)
        suggested = Suggestions.of(doc)
        begin = self.begin(self._said(suggested, items), len(items))
        rows = self.probabilities(_features(doc, items, suggested), shift=begin)
        found: list[ChosenValue] = []
        for row, (layer, span) in zip(rows, items, strict=True):
            for attribute, block, values in zip(self._attributes, self.blocks, self.outputs, strict=True):
                if attribute["layer"] != layer:
                    continue
                best = values[int(row[block].argmax())]
                if attribute["multiple"] and best:
                    several = [v for v, p in zip(values, row[block], strict=True) if v and p >= self._threshold] or [
                        best
                    ]
                    found.append((layer, span.id_, attribute["name"], several))
                elif best and best != attribute["default"]:
                    found.append((layer, span.id_, attribute["name"], best))
        return found


def _items(doc: Doc, attributes: Sequence[AttributePlan]) -> list[tuple[str, Span]]:
    layers = dict.fromkeys(attribute["layer"] for attribute in attributes)
    return [(layer, span) for layer in layers for span in spans_in(doc, layer)]


def _features(doc: Doc, items: Sequence[tuple[str, Span]], suggested: Suggestions | None) -> Hashes:
    view = view_of(doc)
    return pad(span_features(view, span) + _suggested_features(suggested, layer, span) for layer, span in items)


def _said(suggested: Suggestions, layer: str, span: Span, attribute: AttributePlan) -> str | None:
    """The value that was suggested, the first of several; None where no like span was suggested."""
    number = suggested.like(layer, span.label_, span.start, span.end)
    if number is None:
        return None
    given = suggested.spans[number].attributes.get(attribute["name"], attribute["default"])
    return given if isinstance(given, str) else (given[0] if given else "")


def _suggested_features(suggested: Suggestions | None, layer: str, span: Span) -> list[int]:
    """What was suggested of a span: the label and the attributes of the suggestion that is like it."""
    if suggested is None:
        return []
    number = suggested.like(layer, span.label_, span.start, span.end)
    if number is None:
        return [get_string_id(f"suggested nothing {layer}")]
    found = suggested.spans[number]
    names = [f"suggested {found.label}", f"suggested {found.label} for {span.label_}"]
    names += [f"suggested {name}={value}" for name, value in found.attributes.items()]
    names += [f"suggested {name}={value} {span.label_}" for name, value in found.attributes.items()]
    names += [] if found.attributes else [f"suggested default {layer}"]
    return [get_string_id(name) for name in names]


def _values(given: SpanData, attribute: AttributePlan) -> list[str]:
    value = cast(dict[str, str | list[str]], given.get("attributes", {})).get(attribute["name"], attribute["default"])
    return [value] if isinstance(value, str) else list(value)
