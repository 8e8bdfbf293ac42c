"""Aligns two annotation sets of one text: what of the first was kept, moved, relabelled, changed, deleted or added.

Spans are aligned within a layer, the surest first: by id where the second set was made from the first (`by_id`), then
same offsets and label, same offsets, overlap and label, overlap alone. Roles follow from their spans.

Only spans that have a key in common, or overlap, are compared: a long text has a hundred thousand of them.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import product
from typing import Literal, TypeVar

from workbench.core.annotations import AnnotationSet, Argument, AttributeValue, Span
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme

SpanDecision = Literal["kept", "moved", "relabelled", "deleted", "added"]
RoleDecision = Literal["kept", "relabelled", "deleted", "added"]
Left = TypeVar("Left")
Right = TypeVar("Right")
Pair = tuple[int, int]
"""The positions of two that belong together."""
Edges = tuple[int, int]


class SpanMatch(Frozen):
    """A span before and after; one of them is None where it was added or deleted."""

    layer: str
    before: Span | None
    after: Span | None

    @property
    def decision(self) -> SpanDecision:
        """What became of the span; one that was both moved and relabelled counts as relabelled."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "deleted"
        if self.before.label != self.after.label:
            return "relabelled"
        return "kept" if self.before.offsets == self.after.offsets else "moved"

    @property
    def moved(self) -> bool:
        """Whether both are there, at different offsets."""
        return self.before is not None and self.after is not None and self.before.offsets != self.after.offsets


class AttributeMatch(Frozen):
    """An attribute of a span that is there before and after; `layer` and ids are the span's."""

    layer: str
    attribute: str
    before_span: str
    after_span: str
    before: AttributeValue | None
    after: AttributeValue | None

    @property
    def changed(self) -> bool:
        return self.before != self.after


class RoleMatch(Frozen):
    """A role before and after, between the same two aligned spans. `head_*` are span ids of frames.

    `with_span` says that it went, or came, because one of its spans did.
    """

    layer: str
    before_head: str | None
    after_head: str | None
    before: Argument | None
    after: Argument | None
    with_span: bool = False

    @property
    def decision(self) -> RoleDecision:
        if self.before is None:
            return "added"
        if self.after is None:
            return "deleted"
        return "kept" if self.before.role == self.after.role else "relabelled"


class Matching(Frozen):
    """How two sets differ."""

    spans: tuple[SpanMatch, ...]
    attributes: tuple[AttributeMatch, ...]
    roles: tuple[RoleMatch, ...]

    @property
    def corrections(self) -> int:
        """How many corrections lead from the first set to the second.

        A span deleted, added or moved, a label or an attribute changed, a role added, deleted or relabelled is one
        each. A role that goes with a deleted span costs nothing: the editor takes it away by itself.
        """
        spans = sum((m.decision != "kept") + (m.decision == "relabelled" and m.moved) for m in self.spans)
        added = sum(len(m.after.attributes) for m in self.spans if m.before is None and m.after is not None)
        attributes = sum(m.changed for m in self.attributes)
        roles = sum(m.decision != "kept" and not (m.decision == "deleted" and m.with_span) for m in self.roles)
        return spans + added + attributes + roles


def match(before: AnnotationSet, after: AnnotationSet, scheme: LabelScheme, *, by_id: bool = False) -> Matching:
    """How `after` differs from `before`; both are taken to be normalised by the scheme.

    Args:
        before: such as a suggestion.
        after: such as what a person made of it.
        scheme: the scheme of both.
        by_id: spans with one id in both sets are the same span, whatever else changed (a correction of a suggestion).
    """
    spans: list[SpanMatch] = []
    for layer in scheme.layers:
        pairs = _align(before.layers.get(layer.name, ()), after.layers.get(layer.name, ()), by_id=by_id)
        spans.extend(SpanMatch(layer=layer.name, before=left, after=right) for left, right in pairs)
    attributes = [one for pair in spans for one in _attributes(pair, scheme)]
    return Matching(spans=tuple(spans), attributes=tuple(attributes), roles=tuple(_roles(spans)))


def pair_up(
    lefts: Sequence[Left],
    rights: Sequence[Right],
    fits: Callable[[Left, Right], bool],
    *,
    candidates: Iterable[Pair] | None = None,
) -> list[Pair]:
    """The largest set of pairs (indices) in which every item is used once at the most and `fits` holds.

    Kuhn's augmenting paths: exact, whatever the order of the items.

    Args:
        lefts: the items of one side.
        rights: those of the other.
        fits: whether two can be a pair.
        candidates: the pairs that can fit, each once, such as those `with_one_key` or `overlapping`; without, every
            left is held against every right.
    """
    options: list[list[int]] = [[] for _ in lefts]
    for i, j in candidates if candidates is not None else product(range(len(lefts)), range(len(rights))):
        if fits(lefts[i], rights[j]):
            options[i].append(j)
    for rights_of_one in options:
        rights_of_one.sort()
    partner: dict[int, int] = {}
    for i in range(len(lefts)):
        for left, right in _augmenting_path(i, options, partner):
            partner[right] = left
    return sorted((i, j) for j, i in partner.items())


def _augmenting_path(first: int, options: Sequence[Sequence[int]], partner: dict[int, int]) -> list[Pair]:
    """The pairs that give `first` a partner, others a new one, and take from none; none where there is no such way."""
    tried: set[int] = set()
    path: list[Pair] = []
    steps = [(first, iter(options[first]))]
    while steps:
        left, rest = steps[-1]
        right = next((j for j in rest if j not in tried), None)
        if right is None:
            steps.pop()
            if path:
                path.pop()
            continue
        tried.add(right)
        path.append((left, right))
        if right not in partner:
            return path
        steps.append((partner[right], iter(options[partner[right]])))
    return []


def with_one_key(lefts: Iterable[Hashable], rights: Iterable[Hashable]) -> Iterator[Pair]:
    """The pairs of positions whose keys are equal."""
    places: dict[Hashable, list[int]] = {}
    for j, key in enumerate(rights):
        places.setdefault(key, []).append(j)
    for i, key in enumerate(lefts):
        for j in places.get(key, ()):
            yield i, j


def overlapping(lefts: Iterable[Edges], rights: Iterable[Edges]) -> Iterator[Pair]:
    """The pairs of positions whose half-open offsets share something; sweeps over the text once."""
    both = [(start, end, 0, i) for i, (start, end) in enumerate(lefts)]
    both += [(start, end, 1, j) for j, (start, end) in enumerate(rights)]
    open_spans: tuple[list[Edges], list[Edges]] = ([], [])
    for start, end, side, number in sorted(both):
        beside = open_spans[1 - side]
        beside[:] = [one for one in beside if one[0] > start]
        for _, other in beside:
            yield (number, other) if side == 0 else (other, number)
        open_spans[side].append((end, number))


def align(before: Iterable[Span], after: Iterable[Span]) -> Iterator[tuple[Span | None, Span | None]]:
    """The spans of one layer, those that belong together as pairs, in the order of the text."""
    return _align(before, after, by_id=False)


def overlap(one: Span, other: Span) -> int:
    """How many code points two spans share."""
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _align(before: Iterable[Span], after: Iterable[Span], *, by_id: bool) -> Iterator[tuple[Span | None, Span | None]]:
    lefts, rights = list(before), list(after)
    steps: list[Callable[[list[Span], list[Span]], Iterable[Pair]]] = [
        lambda a, b: with_one_key([(one.offsets, one.label) for one in a], [(one.offsets, one.label) for one in b]),
        lambda a, b: with_one_key([one.offsets for one in a], [one.offsets for one in b]),
        lambda a, b: (pair for pair in _overlapping(a, b) if a[pair[0]].label == b[pair[1]].label),
        lambda a, b: _overlapping(a, b),
    ]
    if by_id:
        steps.insert(0, lambda a, b: with_one_key([one.id for one in a], [one.id for one in b]))
    pairs: list[tuple[Span | None, Span | None]] = []
    for candidates in steps:
        found = [(lefts[i], rights[j]) for i, j in _closest(lefts, rights, candidates(lefts, rights))]
        pairs.extend(found)
        left_ids, right_ids = {left.id for left, _ in found}, {right.id for _, right in found}
        lefts = [span for span in lefts if span.id not in left_ids]
        rights = [span for span in rights if span.id not in right_ids]
    pairs.extend((span, None) for span in lefts)
    pairs.extend((None, span) for span in rights)
    return iter(sorted(pairs, key=_position))


def _overlapping(lefts: Sequence[Span], rights: Sequence[Span]) -> Iterator[Pair]:
    return overlapping([span.offsets for span in lefts], [span.offsets for span in rights])


def _closest(lefts: list[Span], rights: list[Span], candidates: Iterable[Pair]) -> list[Pair]:
    """Pairs of the candidates, those that share most first: a correction is nearest to what it corrects."""
    ranked = [(-overlap(lefts[i], rights[j]), abs(lefts[i].start - rights[j].start), i, j) for i, j in candidates]
    used_left: set[int] = set()
    used_right: set[int] = set()
    pairs: list[Pair] = []
    for _, _, i, j in sorted(ranked):
        if i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            pairs.append((i, j))
    return pairs


def _position(pair: tuple[Span | None, Span | None]) -> tuple[int, int, str]:
    span = pair[0] or pair[1]
    assert span is not None
    return span.start, span.end, span.id


def _attributes(pair: SpanMatch, scheme: LabelScheme) -> Iterator[AttributeMatch]:
    if pair.before is None or pair.after is None:
        return
    for attribute in scheme.attributes_of(pair.layer):
        yield AttributeMatch(
            layer=pair.layer,
            attribute=attribute.name,
            before_span=pair.before.id,
            after_span=pair.after.id,
            before=scheme.attribute_value(pair.before, attribute),
            after=scheme.attribute_value(pair.after, attribute),
        )


def _roles(spans: list[SpanMatch]) -> Iterator[RoleMatch]:
    after_of = {pair.before.id: pair.after.id for pair in spans if pair.before and pair.after}
    came = {pair.after.id for pair in spans if pair.after and not pair.before}
    for pair in spans:
        before = list(pair.before.arguments) if pair.before else []
        after = list(pair.after.arguments) if pair.after else []
        heads = (pair.before.id if pair.before else None, pair.after.id if pair.after else None)
        for same_role in (True, False):
            for old in list(before):
                for new in list(after):
                    if after_of.get(old.target) == new.target and (old.role == new.role or not same_role):
                        yield _role(pair.layer, heads, old, new)
                        before.remove(old)
                        after.remove(new)
                        break
        for old in before:
            yield _role(pair.layer, heads, old, None, with_span=pair.after is None or old.target not in after_of)
        for new in after:
            yield _role(pair.layer, heads, None, new, with_span=pair.before is None or new.target in came)


def _role(
    layer: str,
    heads: tuple[str | None, str | None],
    before: Argument | None,
    after: Argument | None,
    *,
    with_span: bool = False,
) -> RoleMatch:
    return RoleMatch(
        layer=layer, before_head=heads[0], after_head=heads[1], before=before, after=after, with_span=with_span
    )
