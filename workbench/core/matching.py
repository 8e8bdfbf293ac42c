"""Aligns two annotation sets of one text: what of the first was kept, moved, relabelled, changed, deleted or added.

Spans are aligned within a layer, the surest first: by id where the second set was made from the first (`by_id`), then
same offsets and label, same offsets, overlap and label, overlap alone. Roles follow from their spans.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal, TypeVar

from workbench.core.annotations import AnnotationSet, Argument, AttributeValue, Span
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme

SpanDecision = Literal["kept", "moved", "relabelled", "deleted", "added"]
RoleDecision = Literal["kept", "relabelled", "deleted", "added"]
Left = TypeVar("Left")
Right = TypeVar("Right")


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
        by_id: spans with one id in both sets are the same span, whatever else changed (a correction of a suggestion).
    """
    spans: list[SpanMatch] = []
    for layer in scheme.layers:
        pairs = _align(before.layers.get(layer.name, ()), after.layers.get(layer.name, ()), by_id=by_id)
        spans.extend(SpanMatch(layer=layer.name, before=left, after=right) for left, right in pairs)
    attributes = [one for pair in spans for one in _attributes(pair, scheme)]
    return Matching(spans=tuple(spans), attributes=tuple(attributes), roles=tuple(_roles(spans)))


def pair_up(
    lefts: Sequence[Left], rights: Sequence[Right], fits: Callable[[Left, Right], bool]
) -> list[tuple[int, int]]:
    """The largest set of pairs (indices) in which every item is used once at the most and `fits` holds.

    Kuhn's augmenting paths: exact, whatever the order of the items.
    """
    partner: dict[int, int] = {}
    options = [[j for j, right in enumerate(rights) if fits(left, right)] for left in lefts]

    def place(i: int, tried: set[int]) -> bool:
        for j in options[i]:
            if j not in tried:
                tried.add(j)
                if j not in partner or place(partner[j], tried):
                    partner[j] = i
                    return True
        return False

    for i in range(len(lefts)):
        place(i, set())
    return sorted((i, j) for j, i in partner.items())


def overlap(one: Span, other: Span) -> int:
    """How many code points two spans share."""
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def _align(before: Iterable[Span], after: Iterable[Span], *, by_id: bool) -> Iterator[tuple[Span | None, Span | None]]:
    lefts, rights = list(before), list(after)
    steps: list[Callable[[Span, Span], bool]] = [
        lambda a, b: a.offsets == b.offsets and a.label == b.label,
        lambda a, b: a.offsets == b.offsets,
        lambda a, b: overlap(a, b) > 0 and a.label == b.label,
        lambda a, b: overlap(a, b) > 0,
    ]
    if by_id:
        steps.insert(0, lambda a, b: a.id == b.id)
    pairs: list[tuple[Span | None, Span | None]] = []
    for fits in steps:
        found = [(lefts[i], rights[j]) for i, j in _closest(lefts, rights, fits)]
        pairs.extend(found)
        left_ids, right_ids = {left.id for left, _ in found}, {right.id for _, right in found}
        lefts = [span for span in lefts if span.id not in left_ids]
        rights = [span for span in rights if span.id not in right_ids]
    pairs.extend((span, None) for span in lefts)
    pairs.extend((None, span) for span in rights)
    return iter(sorted(pairs, key=_position))


def _closest(lefts: list[Span], rights: list[Span], fits: Callable[[Span, Span], bool]) -> list[tuple[int, int]]:
    """Pairs that fit, those that share most first: a correction is nearest to what it corrects."""
    candidates = [
        (-overlap(left, right), abs(left.start - right.start), i, j)
        for i, left in enumerate(lefts)
        for j, right in enumerate(rights)
        if fits(left, right)
    ]
    used_left: set[int] = set()
    used_right: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for _, _, i, j in sorted(candidates):
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
