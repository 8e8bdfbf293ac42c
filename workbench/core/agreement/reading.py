"""An annotation made ready for comparison: its spans in tokens, what each token is, where the units lie."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.annotations import AnnotationSet, AttributeValue, Span
from workbench.core.scheme import LabelScheme

Unit = tuple[int, int]
Value = tuple[str, ...]
"""The labels of a layer that a token has, in order of the alphabet; () where it has none."""

_TOKEN = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Tokens:
    """Where the tokens of a text begin and end, in code points."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Tokens":
        """The words of a text, and every other character that is not white space by itself.

        A regular expression over code points, which needs no language: what is written without spaces is one token.
        """
        found = [match.span() for match in _TOKEN.finditer(text)]
        return cls(tuple(start for start, _ in found), tuple(end for _, end in found))

    def __len__(self) -> int:
        return len(self.starts)

    def covered(self, start: int, end: int) -> Unit:
        """The tokens, half-open, of which these code points hold something."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)


@dataclass
class Values:
    """Numbers for what tokens can be in a layer, given as they come; 0 is nothing."""

    numbers: dict[Value, int]
    values: list[Value]

    @classmethod
    def new(cls) -> "Values":
        return cls({(): 0}, [()])

    def number(self, value: Value) -> int:
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
        return found


@dataclass(frozen=True)
class TokenizedLayer:
    """A layer of an annotation. `codes` says what each token is, `units` has the tokens of each label's spans.

    Spans of one label that overlap are one unit: one annotator's units of a category don't overlap. `said` has the values
    of the layer's attributes for each span; the others count spans by label, and by label and place, arguments by role,
    and parts of frames by label.
    """

    spans: Sequence[Span]
    codes: NDArray[np.int64]
    units: dict[str, list[Unit]]
    said: dict[str, tuple[str, ...]]
    labels: Counter[str]
    places: Counter[tuple[str, int, int]]
    roles: Counter[str]
    parts: Counter[str]


@dataclass(frozen=True)
class TokenizedAnnotation:
    """An annotation of an article by one person. `suggested` says whether it was made from a suggestion."""

    annotator: str
    document: dict[str, AttributeValue]
    layers: dict[str, TokenizedLayer]
    by_id: dict[str, Span]
    suggested: bool = False


def read(
    annotator: str,
    annotations: AnnotationSet,
    tokens: Tokens,
    scheme: LabelScheme,
    values: dict[str, Values],
    *,
    suggested: bool = False,
) -> TokenizedAnnotation:
    """The annotation, normalised by the scheme, made ready for comparison.

    Args:
        annotator: who made it.
        annotations: what the annotator said.
        tokens: those of the article.
        scheme: the scheme of the annotation.
        values: what tokens can be, by layer; what is new is added.
        suggested: it was made from a suggestion.
    """
    layers: dict[str, TokenizedLayer] = {}
    for layer in scheme.layers:
        spans = annotations.layers.get(layer.name, ())
        covered = [tokens.covered(*span.offsets) for span in spans]
        codes = _codes(spans, covered, len(tokens), values.setdefault(layer.name, Values.new()))
        by_label: dict[str, list[Unit]] = {}
        for span, unit in zip(spans, covered, strict=True):
            by_label.setdefault(span.label, []).append(unit)
        attributes = scheme.attributes_of(layer.name)
        parts: Counter[str] = Counter()
        for span in spans:
            parts[span.label] += 2 + len(attributes) + len(span.arguments)
        layers[layer.name] = TokenizedLayer(
            spans=spans,
            codes=codes,
            units={label: merged(units) for label, units in by_label.items()},
            said={span.id: tuple(as_text(scheme.attribute_value(span, one)) for one in attributes) for span in spans},
            labels=Counter(span.label for span in spans),
            places=Counter((span.label, span.start, span.end) for span in spans),
            roles=Counter(argument.role for span in spans for argument in span.arguments),
            parts=parts,
        )
    by_id = {span.id: span for _, span in annotations.spans()}
    return TokenizedAnnotation(annotator, annotations.document, layers, by_id, suggested)


def as_text(value: AttributeValue | None) -> str:
    """An attribute's value; empty where there is none, several with bars between them."""
    if value is None:
        return ""
    return "|".join(value) if isinstance(value, tuple) else str(value)


def merged(units: Iterable[Unit]) -> list[Unit]:
    """The units in order, those that overlap as one."""
    found: list[Unit] = []
    for start, end in sorted(units):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


def gaps(units: Sequence[Unit], length: int) -> list[int]:
    """How long the stretches between the units, and at both ends, are."""
    edges = [0, *(edge for unit in units for edge in unit), length]
    return [end - start for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]


def _codes(spans: Sequence[Span], covered: Sequence[Unit], length: int, values: Values) -> NDArray[np.int64]:
    codes = np.zeros(length, dtype=np.int64)
    for span, (start, end) in zip(spans, covered, strict=True):
        part = codes[start:end]
        if not part.any():
            part[:] = values.number((span.label,))
        else:
            for place in range(start, end):
                there = values.values[int(codes[place])]
                codes[place] = values.number(tuple(sorted({*there, span.label})))
    return codes
