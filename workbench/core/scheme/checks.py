"""Whether an annotation set fits its text and a scheme: everything in which it does not, by named rules."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from workbench.core.annotations import AnnotationSet, AttributeValue, Span
from workbench.core.frozen import Frozen
from workbench.core.kinds import kind_of
from workbench.core.kinds.base import Attribute
from workbench.core.whitespace import is_blank, quoted

if TYPE_CHECKING:
    from workbench.core.scheme.model import LabelScheme


class Violation(Frozen):
    """Where an annotation set breaks the scheme.

    `refused` means that it cannot be kept as it is; `incomplete` that something the scheme asks for is missing.
    """

    rule: str
    severity: Literal["refused", "incomplete"]
    layer: str
    span: str
    message: str

    def __str__(self) -> str:
        return f"{self.layer} {self.span}: {self.message}" if self.span else self.message


def violations(scheme: "LabelScheme", annotations: AnnotationSet, text: str) -> Iterable[Violation]:
    """Everything in which the set does not fit the text or the scheme."""
    by_id = annotations.by_id()
    for name in annotations.layers:
        if name not in scheme.layer_by_name:
            known = ", ".join(scheme.layer_by_name)
            yield _refused("layer-unknown", name, "", f"layer {name!r} is not in label_config.xml; known: {known}")
    for layer_name, spans in annotations.layers.items():
        yield from _layer_violations(scheme, layer_name, spans, text, by_id)
    known = {control.name for control in scheme.others}
    for other in annotations.others:
        if other.span is not None and other.span not in by_id:
            message = f"what {other.control} says is about {other.span!r}, which is not in the set"
            yield _refused("other-dangling", "", other.span, message)
        if other.control not in known:
            message = (
                f"{other.control!r} is no control of label_config.xml, so that what it says is not shown to anybody"
            )
            yield Violation(
                rule="control-unknown", severity="incomplete", layer="", span=other.span or "", message=message
            )
    yield from _value_violations("document", "", annotations.document, {f.name: f for f in scheme.document_fields})


def _layer_violations(
    scheme: "LabelScheme", name: str, spans: Iterable[Span], text: str, by_id: dict[str, tuple[str, Span]]
) -> Iterable[Violation]:
    """Everything in which the spans of a layer do not fit: what is the same for all of them is looked up once."""
    layer = scheme.layer_by_name.get(name)
    labels = layer.label_values if layer else ()
    needs_roles = name in scheme.layers_that_need_roles
    length = len(text)
    for span in spans:
        start, end, own = span.start, span.end, span.text
        if end > length:
            message = f"ends at {end}, beyond the text of {length} code points"
            yield _refused("offsets-outside", name, span.id, message)
        elif text[start:end] != own:
            message = f"says {quoted(own)}, the article has {quoted(text[start:end])} at {start}-{end}"
            yield _refused("text-differs", name, span.id, message)
        if is_blank(own):
            message = f"{quoted(own)} at {start}-{end} is white space and nothing else"
            yield _refused("span-blank", name, span.id, message)
        if layer is None:
            continue
        if span.label not in labels:
            message = f"label {span.label!r} is not in layer {name} of label_config.xml; known: {', '.join(labels)}"
            yield _refused("label-unknown", name, span.id, message)
        if span.attributes:
            yield from _attribute_violations(scheme, name, span)
        if span.arguments or needs_roles:
            yield from _argument_violations(scheme, name, span, by_id)


def _attribute_violations(scheme: "LabelScheme", layer: str, span: Span) -> Iterable[Violation]:
    known = {attribute.name: attribute for attribute in scheme.attributes_of(layer)}
    yield from _value_violations(layer, span.id, span.attributes, known)


def _argument_violations(
    scheme: "LabelScheme", layer: str, span: Span, by_id: dict[str, tuple[str, Span]]
) -> Iterable[Violation]:
    counts: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for argument in span.arguments:
        role = scheme.role_by_name.get(argument.role)
        if role is None:
            known = ", ".join(scheme.role_by_name)
            message = f"role {argument.role!r} is not in label_config.xml; known: {known}"
            yield _refused("role-unknown", layer, span.id, message)
            continue
        counts[role.name] += 1
        if (argument.role, argument.target) in seen:
            yield _refused("role-twice", layer, span.id, f"has {role.name} {argument.target} twice")
        seen.add((argument.role, argument.target))
        if layer not in role.from_layers:
            message = f"role {role.name} starts from {' or '.join(role.from_layers)}, not from {layer}"
            yield _refused("role-from", layer, span.id, message)
        target = by_id.get(argument.target)
        if target is None:
            message = f"role {role.name} points to {argument.target!r}, which is not in the set"
            yield _refused("role-dangling", layer, span.id, message)
        elif target[1].id == span.id:
            yield _refused("role-self", layer, span.id, f"role {role.name} points to its own span")
        elif target[0] not in role.to_layers:
            message = f"role {role.name} goes to {' or '.join(role.to_layers)}, not to {target[0]}"
            yield _refused("role-to", layer, span.id, message)
    for role in scheme.roles_of(layer):
        if role.maximum is not None and counts[role.name] > role.maximum:
            message = f"has {counts[role.name]} {role.name} roles, {role.maximum} at the most"
            yield _refused("role-too-many", layer, span.id, message)
        if counts[role.name] < role.minimum:
            message = f"has {counts[role.name]} {role.name} roles, {role.minimum} at the least"
            yield Violation(rule="role-missing", severity="incomplete", layer=layer, span=span.id, message=message)


def _value_violations(
    layer: str, span: str, given: dict[str, AttributeValue], known: dict[str, Attribute]
) -> Iterable[Violation]:
    for name, value in given.items():
        attribute = known.get(name)
        if attribute is None:
            message = f"attribute {name!r} is not one of {layer}; known: {', '.join(known) or 'none'}"
            yield _refused("attribute-unknown", layer, span, message)
            continue
        for refusal in kind_of(attribute).refusals(value, attribute):
            yield _refused(refusal.rule, layer, span, refusal.message)


def _refused(rule: str, layer: str, span: str, message: str) -> Violation:
    return Violation(rule=rule, severity="refused", layer=layer, span=span, message=message)
