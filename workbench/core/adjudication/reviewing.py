"""What a person decided in a review task: every open question, and whatever else was changed."""

from collections.abc import Iterator, Sequence

from workbench.core.adjudication.decisions import Decision, Kind
from workbench.core.adjudication.wording import NOTHING, listed, marked, other_value, placed, quoted, valued
from workbench.core.annotations import AnnotationSet, Span
from workbench.core.matching import Matching, SpanMatch, match, overlap
from workbench.core.scheme import LabelScheme

_About = tuple[Kind, str | None, str]
"""Kind, span of the merged set, and the attribute or the span that plays the role."""


def decided(
    disputes: Sequence[Decision], merged: AnnotationSet, result: AnnotationSet, scheme: LabelScheme, *, who: str
) -> list[Decision]:
    """What the person decided: of each dispute what stands in the result, then what else differs from the merged set.

    Both sets are taken to be normalised by the scheme. A span of the result with an id of the merged set is that span.
    """
    matching = match(merged, result, scheme, by_id=True)
    outcome = _Outcome(merged, result, matching, scheme)
    found = [
        one.model_copy(update={"chosen": outcome.of(one), "by": "person", "who": who, "before": None})
        for one in disputes
    ]
    asked: set[_About] = {(one.kind, one.span, one.target or one.name) for one in disputes}
    gone = {one.span for one in disputes if one.kind == "span"}
    for one in outcome.changes():
        about: _About = (one.kind, one.span, one.target or one.name)
        if about not in asked and not (one.kind == "span" and one.span in gone):
            found.append(one.model_copy(update={"by": "person", "who": who}))
    return found


class _Outcome:
    """What became of the merged set in the result."""

    def __init__(self, merged: AnnotationSet, result: AnnotationSet, matching: Matching, scheme: LabelScheme) -> None:
        self._merged, self._result, self._matching, self._scheme = merged, result, matching, scheme
        self._after = {pair.before.id: pair.after for pair in matching.spans if pair.before is not None}
        self._before = merged.by_id()
        self._added = [pair for pair in matching.spans if pair.before is None]

    def of(self, one: Decision) -> str:
        """What stands in the result about a dispute."""
        if one.kind == "document":
            choice = next((field for field in self._scheme.document_fields if field.name == one.name), None)
            return valued(self._result.document.get(one.name, choice.default if choice else None))
        span = self._after.get(one.span or "")
        if span is None and one.span not in self._before and one.kind == "span":
            span = self._added_at(one)
        if one.kind == "other":
            return self._other(one, span)
        if span is None:
            return NOTHING
        match one.kind:
            case "span":
                return marked(span.label, span.text, one.text)
            case "label":
                return span.label
            case "boundary":
                return placed(span.text, span.offsets)
            case "attribute":
                attribute = next((a for a in self._scheme.attributes_of(one.layer) if a.name == one.name), None)
                return valued(self._scheme.attribute_value(span, attribute)) if attribute else NOTHING
            case "role":
                target = self._after.get(one.target or "")
                return _roles(span, target)

    def changes(self) -> Iterator[Decision]:
        """Everything in which the result differs from the merged set, thing by thing."""
        for pair in self._matching.spans:
            yield from self._span_changes(pair)
        for one in self._matching.attributes:
            if one.changed:
                layer, span = self._before[one.before_span]
                yield _change("attribute", layer, span, valued(one.after), valued(one.before), name=one.attribute)
        yield from self._role_changes()
        for field in self._scheme.document_fields:
            old = self._merged.document.get(field.name, field.default)
            new = self._result.document.get(field.name, field.default)
            if old != new:
                yield Decision(kind="document", name=field.name, chosen=valued(new), before=valued(old))

    def _span_changes(self, pair: SpanMatch) -> Iterator[Decision]:
        before, after = pair.before, pair.after
        if before is None or after is None:
            span = before or after
            assert span is not None
            yield _change(
                "span",
                pair.layer,
                span,
                after.label if after else NOTHING,
                before.label if before else NOTHING,
            )
            return
        if before.label != after.label:
            yield _change("label", pair.layer, before, after.label, before.label)
        if before.offsets != after.offsets:
            yield _change(
                "boundary", pair.layer, before, placed(after.text, after.offsets), placed(before.text, before.offsets)
            )

    def _role_changes(self) -> Iterator[Decision]:
        """Roles between spans that are in both sets, and those of and to new spans; the rest went with its spans."""
        known = {span.id: name for name, span in self._after.items() if span is not None}
        by_id = self._result.by_id()
        pairs: dict[tuple[str, str], None] = {}
        for name, (_, span) in self._before.items():
            if self._after.get(name) is not None:
                pairs |= {(name, a.target): None for a in span.arguments if self._after.get(a.target) is not None}
        for span_id, (_, span) in by_id.items():
            head = known.get(span_id, span_id)
            pairs |= {(head, known.get(a.target, a.target)): None for a in span.arguments}
        for head, target in pairs:
            layer, span = self._before.get(head) or by_id[head]
            after_head = self._after.get(head) or by_id[head][1]
            after_target = self._after.get(target) or by_id[target][1]
            old = _roles_of(span, target) if head in self._before else NOTHING
            new = _roles(after_head, after_target)
            if old != new:
                yield _change("role", layer, span, new, old, name=after_target.text, target=target)

    def _added_at(self, one: Decision) -> Span | None:
        """The new span of the layer that shares most with what a dispute is about."""
        start, end = one.start or 0, one.end or 0
        there = Span(id="there", label="", start=start, end=end, text=" " * (end - start))
        near = [pair.after for pair in self._added if pair.layer == one.layer and pair.after]
        found = max(near, key=lambda span: overlap(span, there), default=None)
        return found if found is not None and overlap(found, there) else None

    def _other(self, one: Decision, span: Span | None) -> str:
        """What a control of no known kind says of the same span, or of the text."""
        about = span.id if span else None
        if one.span is not None and span is None:
            return NOTHING
        values = [
            other_value(other) for other in self._result.others if (other.control, other.span) == (one.name, about)
        ]
        return " and ".join(map(quoted, values)) or NOTHING


def _change(
    kind: Kind, layer: str, span: Span, chosen: str, before: str, *, name: str = "", target: str | None = None
) -> Decision:
    return Decision(
        kind=kind,
        layer=layer,
        span=span.id,
        target=target,
        start=span.start,
        end=span.end,
        text=span.text,
        name=name,
        chosen=chosen,
        before=before,
    )


def _roles(head: Span, target: Span | None) -> str:
    return _roles_of(head, target.id) if target else NOTHING


def _roles_of(head: Span, target: str) -> str:
    return listed(one.role for one in head.arguments if one.target == target)
