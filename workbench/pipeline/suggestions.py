"""Suggestions on a Doc: what a suggester said of it, for the trainable components to start from.

They stand in span groups of their own, `suggested/<layer>`, beside the layers' own groups, so that they survive DocBin
and copies. Their layers and labels are the suggester's; the scheme that is trained for need not have them. A doc without
such groups is a doc that nobody suggested anything for, which is not the same as an empty suggestion.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from workbench.core.annotations import AnnotationSet
from workbench.pipeline.docs import SpanData, span_data

PREFIX = "suggested/"
RULES = "workbench_rules_v1"
"""The component that writes the cold-start rules' suggestions; its factory is where the rules are."""
FORMER = "workbench_former_v1"
"""The component that writes a former model's suggestions."""
LEAST, MOST = 0.03, 0.97
"""The scores between which a suggestion is believed: none is taken for impossible or certain."""
WEIGHT = 24.0
"""How many examples a suggester's own scores weigh as much as."""


class Suggested(NamedTuple):
    """A suggested span in tokens, half-open; `score` is 1 where the suggester gave none."""

    layer: str
    label: str
    start: int
    end: int
    score: float
    attributes: dict[str, str | list[str]]
    roles: dict[int, list[tuple[str, float]]]
    """By the number of the span that fills them (a position in `Suggestions.spans`): role and score."""


class Suggestions:
    """What a doc's suggester said, ready to be looked up by place."""

    def __init__(self, spans: Sequence[Suggested], length: int) -> None:
        self.spans = list(spans)
        self._length = length
        self._at: dict[tuple[str, int, int], list[int]] = defaultdict(list)
        self._covering: dict[str, list[list[int]]] = {}
        for number, span in enumerate(self.spans):
            self._at[span.layer, span.start, span.end].append(number)

    @classmethod
    def of(cls, doc: Doc) -> "Suggestions | None":
        """The suggestions that stand on the doc; None where nobody suggested anything for it."""
        groups = cast("dict[str, SpanGroup]", doc.spans)
        names = [name for name in groups if name.startswith(PREFIX)]
        if not names:
            return None
        found: list[tuple[str, Span, SpanData]] = []
        for name in names:
            data = span_data(groups[name])
            found += [
                (name[len(PREFIX) :], span, data.get(span.id_, {})) for span in cast("Sequence[Span]", groups[name])
            ]
        found.sort(key=lambda one: (one[1].start, -one[1].end, one[0], one[1].label_))
        number = {span.id_: place for place, (_, span, _) in enumerate(found)}
        spans: list[Suggested] = []
        for layer, span, data in found:
            roles: dict[int, list[tuple[str, float]]] = defaultdict(list)
            for argument in data.get("arguments", ()):
                if argument["target"] in number:
                    roles[number[argument["target"]]].append((argument["role"], _believed(argument.get("score"))))
            score = _believed(data.get("score"))
            spans.append(
                Suggested(layer, span.label_, span.start, span.end, score, data.get("attributes", {}), dict(roles))
            )
        return cls(spans, len(doc))

    @property
    def layers(self) -> list[str]:
        """The layers in which anything is suggested."""
        return sorted({span.layer for span in self.spans})

    def covering(self, layer: str) -> list[list[int]]:
        """For each token, the spans of a layer that it lies in, the longer first."""
        if layer not in self._covering:
            rows: list[list[int]] = [[] for _ in range(self._length)]
            for number, span in enumerate(self.spans):
                if span.layer == layer:
                    for index in range(span.start, min(span.end, self._length)):
                        rows[index].append(number)
            self._covering[layer] = rows
        return self._covering[layer]

    def hanging(self) -> list[float]:
        """For each span the roles that hang on it, those it fills and those of its own, each as far as it is believed."""
        found = [0.0] * len(self.spans)
        for number, span in enumerate(self.spans):
            for target, roles in span.roles.items():
                for one in (number, target):
                    found[one] += sum(score for _, score in roles)
        return found

    def like(self, layer: str, label: str, start: int, end: int) -> int | None:
        """The suggestion that a span of a layer is: same place and label, same place, overlap and label, overlap."""
        same = self._at.get((layer, start, end), ())
        for number in same:
            if self.spans[number].label == label:
                return number
        if same:
            return same[0]
        rows = self.covering(layer)
        near = {number for index in range(start, min(end, self._length)) for number in rows[index]}
        return max(near, key=lambda n: (self.spans[n].label == label, self._shared(n, start, end), -n), default=None)

    def _shared(self, number: int, start: int, end: int) -> float:
        span = self.spans[number]
        return (min(span.end, end) - max(span.start, start)) / (max(span.end, end) - min(span.start, start))


class SuggestingPipe:
    """A pipeline component that writes a suggester's suggestions onto each doc. Subclasses are the suggester."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self._nlp = nlp

    def suggested(self, doc: Doc) -> AnnotationSet:
        """What is suggested for the doc, which stays as it is."""
        raise NotImplementedError

    def versions(self) -> dict[str, str]:
        """What the suggestions come out of, beside spaCy and the base pipeline, and of which version that is."""
        return {}

    def __call__(self, doc: Doc) -> Doc:
        note(doc, self.suggested(doc))
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 32) -> Iterator[Doc]:
        docs_left = iter(stream)
        while docs := list(islice(docs_left, batch_size)):
            yield from map(self, docs)


def note(doc: Doc, annotations: AnnotationSet) -> None:
    """Writes an annotation set onto a doc of the same text as what was suggested for it; spans take whole tokens."""
    for layer, spans in annotations.layers.items():
        made: list[Span] = []
        data: dict[str, SpanData] = {}
        for span in spans:
            found = doc.char_span(span.start, span.end, label=span.label, span_id=span.id, alignment_mode="expand")
            if found is None:
                continue
            made.append(found)
            data[span.id] = {
                "score": span.score,
                "attributes": {
                    name: list(value) if isinstance(value, tuple) else value for name, value in span.attributes.items()
                },
                "arguments": [{"role": a.role, "target": a.target, "score": a.score} for a in span.arguments],
            }
        group = SpanGroup(doc, name=PREFIX + layer, spans=made)
        span_data(group).update(data)
        doc.spans[PREFIX + layer] = group


def copy(source: Doc, target: Doc) -> None:
    """Puts the suggestions of one doc onto another with the same tokens."""
    for name, group in cast("dict[str, SpanGroup]", source.spans).items():
        if name.startswith(PREFIX):
            spans = cast("Sequence[Span]", group)
            made = [Span(target, s.start, s.end, label=s.label_, span_id=s.id_) for s in spans]
            twin = SpanGroup(target, name=name, spans=made)
            span_data(twin).update(span_data(group))
            target.spans[name] = twin


class Record:
    """How a suggester did on the articles that are learned from: for each thing it said, what was right there.

    Where learning starts follows from it. A suggestion is right as far as its own score says (the prior, which weighs as
    much as `WEIGHT` examples), corrected by what the training articles show; an article's own gold never counts for the
    article itself, so that a suggester is trusted as far as it can be trusted on articles that are new.
    """

    def __init__(self, counts: Mapping[str, Mapping[str, float]] | None = None) -> None:
        self.counts: dict[str, dict[int, float]] = {
            key: {int(output): number for output, number in row.items()} for key, row in (counts or {}).items()
        }

    def add(self, key: str, output: int, number: float = 1.0) -> None:
        """Notes that `output` was right where the suggester said `key`."""
        row = self.counts.setdefault(key, {})
        row[output] = row.get(output, 0.0) + number

    def take(self, other: "Record") -> None:
        """Notes all that another record holds."""
        for key, row in other.counts.items():
            for output, number in row.items():
                self.add(key, output, number)

    def as_json(self) -> dict[str, dict[str, float]]:
        """The counts, for a component's configuration."""
        return {key: {str(output): number for output, number in row.items()} for key, row in self.counts.items()}

    def whole(self, prefix: str, prior: NDArray[np.float64]) -> NDArray[np.float32]:
        """The log probabilities of the outputs whatever the suggester said, of all keys that begin so."""
        row = prior * WEIGHT
        for key, counts in self.counts.items():
            if key.startswith(prefix):
                for output, number in counts.items():
                    row[output] += number
        return np.log(np.maximum(row / row.sum(), 1e-4)).astype(np.float32)

    def scores(self, key: str, prior: NDArray[np.float64], own: "Record | None" = None) -> NDArray[np.float32]:
        """The log probabilities of the outputs where the suggester said `key`; `own` is what must not count."""
        row = prior * WEIGHT
        for output, number in self.counts.get(key, {}).items():
            row[output] += number
        for output, number in (own.counts.get(key, {}) if own is not None else {}).items():
            row[output] -= number
        return np.log(np.maximum(row / row.sum(), 1e-4)).astype(np.float32)


def prior(chosen: float, outputs: int, right: int, none: int) -> NDArray[np.float64]:
    """Probabilities of outputs, of which one (`right`) is suggested with this score and `none` says nothing is there.

    Six tenths of the doubt go to `none`, what is left to all others alike.
    """
    doubt = 1 - chosen
    if outputs < 2:
        return np.ones(outputs)
    others = outputs - 1 - (right != none)
    row = np.full(outputs, doubt * (0.4 if right != none else 1.0) / max(1, others))
    row[none] = doubt * (0.6 if others else 1.0)
    row[right] = chosen
    return row


def bin_of(score: float) -> int:
    """A score as one of ten steps."""
    return min(9, int(score * 10))


def _believed(score: float | None) -> float:
    return min(MOST, max(LEAST, 0.9 if score is None else float(score)))
