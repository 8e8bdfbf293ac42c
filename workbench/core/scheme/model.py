"""What a label scheme holds: layers, roles and attributes (each of a kind of `core.kinds`), and what follows."""

import hashlib
import json
from functools import cached_property

from pydantic import Field, field_validator

from workbench.core.annotations import AnnotationSet, AttributeValue, Span, values_of
from workbench.core.frozen import Frozen
from workbench.core.kinds import VALUES_BY_TYPE, kind_of
from workbench.core.kinds.base import Attribute
from workbench.core.kinds.labels import Layer
from workbench.core.kinds.relation import Role
from workbench.core.scheme import checks
from workbench.errors import AnnotationError


class OtherControl(Frozen):
    """A control of the config that no kind of annotation knows: what is annotated with it is kept as it is."""

    name: str
    tag: str


class LabelScheme(Frozen):
    """What can be annotated. `text_name` is the name of the `<Text>` that spans refer to, `text_field` its data field.

    Labels and roles may have had other names before, which stand for them wherever they are read.
    """

    text_name: str
    text_field: str
    layers: tuple[Layer, ...]
    attributes: tuple[Attribute, ...] = ()
    document_fields: tuple[Attribute, ...] = ()
    roles: tuple[Role, ...] = ()
    data_fields: tuple[str, ...] = Field(default=())
    others: tuple[OtherControl, ...] = ()

    @field_validator("attributes", "document_fields")
    @classmethod
    def _kinds(cls, given: tuple[Attribute, ...]) -> tuple[Attribute, ...]:
        for attribute in given:
            if attribute.kind not in VALUES_BY_TYPE:
                raise ValueError(f"{attribute.name} is of the kind {attribute.kind!r}, which is not known")
        return given

    @cached_property
    def digest(self) -> str:
        """A hash of the meaning (layers, labels, roles, attributes): colours, hotkeys and hints don't count.

        Nor do controls that are not known, as nothing is made of what is annotated with them.
        """
        meaning = {
            "layers": {layer.name: sorted(layer.label_values) for layer in self.layers},
            "attributes": {a.name: [a.layer, *kind_of(a).meaning(a)] for a in self.attributes},
            "document": {f.name: kind_of(f).meaning(f) for f in self.document_fields},
            "roles": {r.name: [sorted(r.from_layers), sorted(r.to_layers), r.minimum, r.maximum] for r in self.roles},
        }
        return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:16]

    @cached_property
    def layer_by_name(self) -> dict[str, Layer]:
        return {layer.name: layer for layer in self.layers}

    @cached_property
    def layer_of_label(self) -> dict[str, str]:
        """The layer that each label belongs to; labels are unique within a scheme."""
        return {label.value: layer.name for layer in self.layers for label in layer.labels}

    @cached_property
    def label_now(self) -> dict[tuple[str, str], str]:
        """The label that one of a layer, by its earlier name, is called now."""
        return {(layer.name, old): label.value for layer in self.layers for label in layer.labels for old in label.was}

    @cached_property
    def role_now(self) -> dict[str, str]:
        """What a role, by its earlier name, is called now."""
        return {old: role.name for role in self.roles for old in role.was}

    def renamed(self, annotations: AnnotationSet) -> AnnotationSet:
        """The same set with the names that labels and roles have now."""
        if not self.label_now and not self.role_now:
            return annotations
        layers = {
            layer: tuple(
                span.model_copy(
                    update={
                        "label": self.label_now.get((layer, span.label), span.label),
                        "arguments": tuple(
                            one.model_copy(update={"role": self.role_now.get(one.role, one.role)})
                            for one in span.arguments
                        ),
                    }
                )
                for span in spans
            )
            for layer, spans in annotations.layers.items()
        }
        return annotations.model_copy(update={"layers": layers})

    @cached_property
    def role_by_name(self) -> dict[str, Role]:
        return {role.name: role for role in self.roles}

    @cached_property
    def frame_layers(self) -> tuple[str, ...]:
        """The layers whose spans can have arguments."""
        heads = {name for role in self.roles for name in role.from_layers}
        return tuple(layer.name for layer in self.layers if layer.name in heads)

    def attributes_of(self, layer: str) -> tuple[Attribute, ...]:
        return self._attributes_by_layer.get(layer, ())

    def roles_of(self, layer: str) -> tuple[Role, ...]:
        return self._roles_by_layer.get(layer, ())

    @cached_property
    def _attributes_by_layer(self) -> dict[str, tuple[Attribute, ...]]:
        return {layer.name: tuple(a for a in self.attributes if a.layer == layer.name) for layer in self.layers}

    @cached_property
    def layers_that_need_roles(self) -> frozenset[str]:
        return frozenset(layer for role in self.roles if role.minimum for layer in role.from_layers)

    @cached_property
    def _roles_by_layer(self) -> dict[str, tuple[Role, ...]]:
        return {layer.name: tuple(r for r in self.roles if layer.name in r.from_layers) for layer in self.layers}

    def is_trainable(self, document: dict[str, AttributeValue]) -> bool:
        """Whether a document with these choices belongs in training data."""
        for field in self.document_fields:
            values = values_of(document.get(field.name, field.default or ""))
            if any(choice.value in values and not choice.train for choice in field.choices):
                return False
        return True

    def empty_layers(self) -> dict[str, tuple[Span, ...]]:
        return {layer.name: () for layer in self.layers}

    def normalise(self, annotations: AnnotationSet) -> AnnotationSet:
        """The same set with every layer present in the scheme's order and spans in text order.

        Attributes at their default are left out, so that an untouched default never looks like a choice. What may have
        several values has a tuple of them in the scheme's order, what has one has that.
        """
        layers: dict[str, tuple[Span, ...]] = {}
        for layer in self.layers:
            known = {attribute.name: attribute for attribute in self.attributes_of(layer.name)}
            spans = [
                span.model_copy(update={"attributes": _normal_values(span.attributes, known)})
                if span.attributes
                else span
                for span in annotations.layers.get(layer.name, ())
            ]
            layers[layer.name] = tuple(sorted(spans, key=lambda s: (s.start, s.end, s.label, s.id)))
        for name, spans in annotations.layers.items():
            layers.setdefault(name, spans)
        document = _normal_values(annotations.document, {field.name: field for field in self.document_fields})
        others = annotations.others
        if others:
            places = {span.id: place for place, span in enumerate(span for spans in layers.values() for span in spans)}
            others = tuple(sorted(others, key=lambda one: places.get(one.span or "", len(places))))
        return annotations.model_copy(update={"layers": layers, "document": document, "others": others})

    def attribute_value(self, span: Span, attribute: Attribute) -> AttributeValue | None:
        """What the attribute says of the span: its own value or the scheme's default."""
        return span.attributes.get(attribute.name, attribute.default)

    def violations(self, annotations: AnnotationSet, text: str) -> list[checks.Violation]:
        """Everything in which the set does not fit the text or this scheme."""
        return list(checks.violations(self, annotations, text))

    def check(self, annotations: AnnotationSet, text: str) -> None:
        """Checks that nothing in the set is refused by this scheme.

        Raises:
            AnnotationError: something is; all refusals are named.
        """
        refused = [v for v in checks.violations(self, annotations, text) if v.severity == "refused"]
        if refused:
            raise AnnotationError(
                "; ".join(str(v) for v in refused[:5]) + (f"; and {len(refused) - 5} more" if len(refused) > 5 else ""),
                hint="change the annotations, or label_config.xml",
                violations=refused,
                lists={"things do not fit": [(f"{v.layer} {v.span}".strip(), v.message) for v in refused]},
            )

    @classmethod
    def from_xml(cls, xml: str, *, name: str = "label_config.xml") -> "LabelScheme":
        """The scheme that a Label Studio config stands for; `name` is what errors call it.

        Raises:
            SchemeError: it is no XML, has no `<Text>` with spans over it, or contradicts itself.
        """
        # The reader makes schemes, so it can only be imported once they are there.
        from workbench.core.scheme.xml import SchemeReader

        return SchemeReader(xml, name).read()


def _normal_values(given: dict[str, AttributeValue], known: dict[str, Attribute]) -> dict[str, AttributeValue]:
    normal: dict[str, AttributeValue] = {}
    for name, value in sorted(given.items()):
        attribute = known.get(name)
        found = value if attribute is None else kind_of(attribute).normal(value, attribute)
        if found is not None:
            normal[name] = found
    return normal
