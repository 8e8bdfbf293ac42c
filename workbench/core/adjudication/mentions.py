"""Which spans of several annotators are the same mention: at most one of each, the surest pairs first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from workbench.core.annotations import AnnotationSet, Span
from workbench.core.matching import overlap, overlapping

_Place = tuple[str, int]
"""Whose span it is, and which of a layer."""


@dataclass(frozen=True)
class Mention:
    """What annotators marked in one place of a layer, by annotator; who marked nothing there is not in it."""

    layer: str
    spans: Mapping[str, Span]

    @property
    def offsets(self) -> tuple[int, int]:
        """From where the first begins to where the last ends."""
        return min(span.start for span in self.spans.values()), max(span.end for span in self.spans.values())


def mentions(layer: str, sets: Mapping[str, AnnotationSet]) -> list[Mention]:
    """The mentions of a layer, in the order of the text; whoever the annotators are listed by makes no difference.

    As two sets are aligned in `core.matching`: same place and label, same place, overlap and label, overlap; of these the
    ones that share most. Two spans of one annotator are never the same mention.
    """
    spans = {who: list(one.layers.get(layer, ())) for who, one in sorted(sets.items())}
    member: dict[_Place, dict[str, _Place]] = {
        (who, number): {who: (who, number)} for who, theirs in spans.items() for number in range(len(theirs))
    }
    for first, second in _ranked(spans):
        ours, theirs = member[first], member[second]
        if ours is not theirs and not ours.keys() & theirs.keys():
            ours.update(theirs)
            for place in theirs.values():
                member[place] = ours
    groups = {id(group): group for group in member.values()}.values()
    found = [Mention(layer, {who: spans[who][number] for who, (_, number) in sorted(g.items())}) for g in groups]
    return sorted(found, key=lambda one: (one.offsets, sorted((s.label, who) for who, s in one.spans.items())))


def _ranked(spans: Mapping[str, Sequence[Span]]) -> Iterator[tuple[_Place, _Place]]:
    """Pairs of spans of different annotators that overlap, the surest first."""
    pairs: list[tuple[tuple[object, ...], _Place, _Place]] = []
    for one, other in combinations(spans, 2):
        lefts, rights = spans[one], spans[other]
        for i, j in overlapping([span.offsets for span in lefts], [span.offsets for span in rights]):
            left, right = lefts[i], rights[j]
            same_place, same_label = left.offsets == right.offsets, left.label == right.label
            step = 0 if same_place and same_label else 1 if same_place else 2 if same_label else 3
            same_roles = _roles(left) == _roles(right)
            rank = (step, -overlap(left, right), abs(left.start - right.start), not same_roles)
            text_order = (min(left.offsets, right.offsets), max(left.offsets, right.offsets), one, other, i, j)
            pairs.append(((*rank, *text_order), (one, i), (other, j)))
    return ((first, second) for _, first, second in sorted(pairs, key=lambda pair: pair[0]))


def _roles(span: Span) -> list[str]:
    return sorted(argument.role for argument in span.arguments)
