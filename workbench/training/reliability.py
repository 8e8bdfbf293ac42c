"""Reliability of scores: of suggestions with some score, how many are right.

A span is right where label and offsets are; a role is looked at where both of its spans are right; an attribute, where
its span is. Scores are calibrated where the share that is right is about the mean score, in every bin.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme

BINS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class ScoredOutcome(Frozen):
    """One suggestion with a score, and whether it was right; `label` is the span's label or the role."""

    layer: str
    what: Literal["span", "role"]
    label: str
    score: float
    right: bool


class ReliabilityBin(Frozen):
    """The suggestions whose scores lie in a bin (the upper end is not in it, but for the last)."""

    layer: str
    what: Literal["span", "role"]
    low: float
    high: float
    suggested: int
    mean_score: float
    right: int

    @property
    def share_right(self) -> float:
        """The share of them that is right."""
        return self.right / self.suggested


def outcomes(item: AnnotatedArticle, suggested: AnnotationSet, scheme: LabelScheme) -> Iterable[ScoredOutcome]:
    """Every span of the suggestions that has a score, and every role between spans that are right, with the outcome."""
    gold = item.annotations
    golds, found = gold.by_id(), suggested.by_id()
    same: dict[str, str] = {}
    for layer in scheme.layers:
        known = {(span.offsets, span.label): span.id for span in gold.layers.get(layer.name, ())}
        for span in suggested.layers.get(layer.name, ()):
            twin = known.get((span.offsets, span.label))
            if twin is not None:
                same[span.id] = twin
            if span.score is not None:
                yield ScoredOutcome(
                    layer=layer.name, what="span", label=span.label, score=span.score, right=twin is not None
                )
    for span_id, twin in same.items():
        layer, span = found[span_id]
        given = {(argument.role, argument.target) for argument in golds[twin][1].arguments}
        for argument in span.arguments:
            if argument.score is not None and argument.target in same:
                right = (argument.role, same[argument.target]) in given
                yield ScoredOutcome(layer=layer, what="role", label=argument.role, score=argument.score, right=right)


def reliability(found: Iterable[ScoredOutcome]) -> tuple[ReliabilityBin, ...]:
    """The bins that have suggestions in them, layer by layer, spans before roles, low scores first."""
    bins = Bins()
    for one in found:
        bins.add(one)
    return bins.rows()


class Bins:
    """Sums of outcomes, bin by bin; no outcome is kept."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, Literal["span", "role"]], list[tuple[int, float, int]]] = {}

    def add(self, one: ScoredOutcome) -> None:
        """Counts an outcome."""
        number = sum(one.score >= edge for edge in BINS[1:-1])
        rows = self._sums.setdefault((one.layer, one.what), [(0, 0.0, 0)] * len(BINS[1:]))
        suggested, scores, right = rows[number]
        rows[number] = suggested + 1, scores + one.score, right + one.right

    def rows(self) -> tuple[ReliabilityBin, ...]:
        """The bins that have suggestions in them, layer by layer, spans before roles, low scores first."""
        return tuple(
            ReliabilityBin(
                layer=layer,
                what=what,
                low=BINS[number],
                high=BINS[number + 1],
                suggested=suggested,
                mean_score=scores / suggested,
                right=right,
            )
            for layer, what in sorted(self._sums, key=lambda key: (key[0], key[1] != "span"))
            for number, (suggested, scores, right) in enumerate(self._sums[layer, what])
            if suggested
        )


def calibration_error(bins: Sequence[ReliabilityBin]) -> float | None:
    """The mean distance of score and share that is right, weighted by how many there are (Naeini et al. 2015)."""
    every = sum(one.suggested for one in bins)
    return sum(abs(one.mean_score * one.suggested - one.right) for one in bins) / every if every else None
