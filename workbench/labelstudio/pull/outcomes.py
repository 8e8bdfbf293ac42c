"""What became of each suggestion when a person corrected it, region by region, as the store keeps it."""

from collections.abc import Iterator

from workbench.core.annotations import AnnotationSet, AttributeValue, written
from workbench.core.matching import AttributeMatch, RoleMatch, SpanMatch, match
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import trim
from workbench.store.revisions import MOVED_TOO, WITH_SPAN, Correction

DOCUMENT = "document"


def corrections(before: AnnotationSet, after: AnnotationSet, scheme: LabelScheme) -> list[Correction]:
    """A row for each span, role and attribute of the suggestion or the correction; attributes only where they changed."""
    # What was suggested with white space at its edges was not moved by being taken without.
    before, after = scheme.normalise(trim(before)[0]), scheme.normalise(after)
    matching = match(before, after, scheme, by_id=True)
    rows = [_span(pair) for pair in matching.spans]
    rows += [_role(pair) for pair in matching.roles]
    rows += [_attribute(pair) for pair in matching.attributes if pair.changed]
    rows += list(_document(before, after, scheme))
    return rows


def _span(pair: SpanMatch) -> Correction:
    return Correction(
        layer=pair.layer,
        kind="span",
        decision=pair.decision,
        parent_span=pair.before.id if pair.before else None,
        span=pair.after.id if pair.after else None,
        label_before=pair.before.label if pair.before else None,
        label_after=pair.after.label if pair.after else None,
        detail=MOVED_TOO if pair.decision == "relabelled" and pair.moved else "",
    )


def _role(pair: RoleMatch) -> Correction:
    return Correction(
        layer=pair.layer,
        kind="role",
        decision=pair.decision,
        parent_span=pair.before_head,
        span=pair.after_head,
        label_before=pair.before.role if pair.before else None,
        label_after=pair.after.role if pair.after else None,
        detail=WITH_SPAN if pair.with_span else "",
    )


def _attribute(pair: AttributeMatch) -> Correction:
    return Correction(
        layer=pair.layer,
        kind="attribute",
        decision="changed",
        parent_span=pair.before_span,
        span=pair.after_span,
        label_before=_written(pair.before),
        label_after=_written(pair.after),
        detail=pair.attribute,
    )


def _document(before: AnnotationSet, after: AnnotationSet, scheme: LabelScheme) -> Iterator[Correction]:
    for field in scheme.document_fields:
        old = before.document.get(field.name, field.default)
        new = after.document.get(field.name, field.default)
        if old != new:
            yield Correction(
                layer=DOCUMENT,
                kind="attribute",
                decision="changed",
                label_before=_written(old),
                label_after=_written(new),
                detail=field.name,
            )


def _written(value: AttributeValue | None) -> str | None:
    return None if value is None else written(value)
