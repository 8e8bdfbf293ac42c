"""The label scheme: layers, labels, roles and attributes, parsed from label_config.xml, and the rules that follow.

Label Studio's tags are read with its meaning; attributes that Label Studio ignores (`from`, `to`, `min`, `max`,
`default`, `train`, `guide`, `example`) are ours. The comment in label_config.xml lists them.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Literal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pydantic import Field

from workbench.core.annotations import AnnotationSet, AttributeValue, Span
from workbench.core.frozen import Frozen
from workbench.core.whitespace import is_blank, quoted
from workbench.errors import AnnotationError, SchemeError

LONGEST, DEEPEST, MOST_ELEMENTS = 5_000_000, 100, 50_000
"""What a label config has at most: characters, elements within each other, elements."""
_SAID = 400


class Label(Frozen):
    """A label of a layer, with its definition and one example for the guide; `was` are names that it had before."""

    value: str
    hint: str = ""
    example: str = ""
    was: tuple[str, ...] = ()


class Layer(Frozen):
    """A layer of spans; its name is the `<Labels name>`."""

    name: str
    title: str = ""
    guide: str = ""
    labels: tuple[Label, ...]

    @cached_property
    def label_values(self) -> tuple[str, ...]:
        return tuple(label.value for label in self.labels)


class Choice(Frozen):
    """A value of an attribute; a document whose field has a value with `train` false is left out of training."""

    value: str
    hint: str = ""
    train: bool = True


class Attribute(Frozen):
    """A choice about each span of a layer, or (layer None) about the document."""

    name: str
    layer: str | None
    choices: tuple[Choice, ...]
    default: str | None = None
    multiple: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(choice.value for choice in self.choices)


class Role(Frozen):
    """A role that spans of `to_layers` can play for spans of `from_layers`, `minimum` to `maximum` times.

    `was` are names that it had before.
    """

    name: str
    from_layers: tuple[str, ...]
    to_layers: tuple[str, ...]
    minimum: int = 0
    maximum: int | None = None
    hint: str = ""
    was: tuple[str, ...] = ()


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

    @cached_property
    def digest(self) -> str:
        """A hash of the meaning (layers, labels, roles, attributes): colours, hotkeys and hints don't count."""
        meaning = {
            "layers": {layer.name: sorted(layer.label_values) for layer in self.layers},
            "attributes": {a.name: [a.layer, sorted(a.values), a.default, a.multiple] for a in self.attributes},
            "document": {
                f.name: [sorted([c.value, c.train] for c in f.choices), f.default, f.multiple]
                for f in self.document_fields
            },
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
    def _layers_that_need_roles(self) -> frozenset[str]:
        return frozenset(layer for role in self.roles if role.minimum for layer in role.from_layers)

    @cached_property
    def _roles_by_layer(self) -> dict[str, tuple[Role, ...]]:
        return {layer.name: tuple(r for r in self.roles if layer.name in r.from_layers) for layer in self.layers}

    def is_trainable(self, document: dict[str, AttributeValue]) -> bool:
        """Whether a document with these choices belongs in training data."""
        for field in self.document_fields:
            given = document.get(field.name, field.default or "")
            values = (given,) if isinstance(given, str) else given
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
        return annotations.model_copy(update={"layers": layers, "document": document})

    def attribute_value(self, span: Span, attribute: Attribute) -> AttributeValue | None:
        """What the attribute says of the span: its own value or the scheme's default."""
        return span.attributes.get(attribute.name, attribute.default)

    def violations(self, annotations: AnnotationSet, text: str) -> list[Violation]:
        """Everything in which the set does not fit the text or this scheme."""
        return list(self._violations(annotations, text))

    def check(self, annotations: AnnotationSet, text: str) -> None:
        """Checks that nothing in the set is refused by this scheme.

        Raises:
            AnnotationError: something is; all refusals are named.
        """
        refused = [v for v in self._violations(annotations, text) if v.severity == "refused"]
        if refused:
            raise AnnotationError(
                "; ".join(str(v) for v in refused[:5]) + (f"; and {len(refused) - 5} more" if len(refused) > 5 else ""),
                hint="change the annotations, or label_config.xml",
                violations=refused,
                lists={"things do not fit": [(f"{v.layer} {v.span}".strip(), v.message) for v in refused]},
            )

    def _violations(self, annotations: AnnotationSet, text: str) -> Iterable[Violation]:
        by_id = annotations.by_id()
        for name in annotations.layers:
            if name not in self.layer_by_name:
                known = ", ".join(self.layer_by_name)
                yield _refused("layer-unknown", name, "", f"layer {name!r} is not in label_config.xml; known: {known}")
        for layer_name, span in annotations.spans():
            if span.end > len(text):
                message = f"ends at {span.end}, beyond the text of {len(text)} code points"
                yield _refused("offsets-outside", layer_name, span.id, message)
            elif text[span.start : span.end] != span.text:
                found = text[span.start : span.end]
                message = f"says {quoted(span.text)}, the article has {quoted(found)} at {span.start}-{span.end}"
                yield _refused("text-differs", layer_name, span.id, message)
            if is_blank(span.text):
                message = f"{quoted(span.text)} at {span.start}-{span.end} is white space and nothing else"
                yield _refused("span-blank", layer_name, span.id, message)
            layer = self.layer_by_name.get(layer_name)
            if layer is None:
                continue
            if span.label not in layer.label_values:
                known = ", ".join(layer.label_values)
                message = f"label {span.label!r} is not in layer {layer_name} of label_config.xml; known: {known}"
                yield _refused("label-unknown", layer_name, span.id, message)
            yield from self._attribute_violations(layer_name, span)
            yield from self._argument_violations(layer_name, span, by_id)
        yield from _value_violations("document", "", annotations.document, {f.name: f for f in self.document_fields})

    def _attribute_violations(self, layer: str, span: Span) -> Iterable[Violation]:
        if span.attributes:
            known = {attribute.name: attribute for attribute in self.attributes_of(layer)}
            yield from _value_violations(layer, span.id, span.attributes, known)

    def _argument_violations(self, layer: str, span: Span, by_id: dict[str, tuple[str, Span]]) -> Iterable[Violation]:
        if not span.arguments and layer not in self._layers_that_need_roles:
            return
        counts: Counter[str] = Counter()
        seen: set[tuple[str, str]] = set()
        for argument in span.arguments:
            role = self.role_by_name.get(argument.role)
            if role is None:
                known = ", ".join(self.role_by_name)
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
        for role in self.roles_of(layer):
            if role.maximum is not None and counts[role.name] > role.maximum:
                message = f"has {counts[role.name]} {role.name} roles, {role.maximum} at the most"
                yield _refused("role-too-many", layer, span.id, message)
            if counts[role.name] < role.minimum:
                message = f"has {counts[role.name]} {role.name} roles, {role.minimum} at the least"
                yield Violation(rule="role-missing", severity="incomplete", layer=layer, span=span.id, message=message)

    @classmethod
    def from_xml(cls, xml: str, *, name: str = "label_config.xml") -> "LabelScheme":
        """The scheme that a Label Studio config stands for; `name` is what errors call it.

        Raises:
            SchemeError: it is no XML, has no `<Text>` with spans over it, or contradicts itself.
        """
        return _SchemeReader(xml, name).read()


def _names(given: str) -> tuple[str, ...]:
    return tuple(name for part in given.split(",") if (name := part.strip()))


def _refused(rule: str, layer: str, span: str, message: str) -> Violation:
    return Violation(rule=rule, severity="refused", layer=layer, span=span, message=message)


def _normal_values(given: dict[str, AttributeValue], known: dict[str, Attribute]) -> dict[str, AttributeValue]:
    normal: dict[str, AttributeValue] = {}
    for name, value in sorted(given.items()):
        values = (value,) if isinstance(value, str) else tuple(dict.fromkeys(value))
        attribute = known.get(name)
        if attribute is None:
            normal[name] = value
        elif values and values != (attribute.default,):
            order = {one: place for place, one in enumerate(attribute.values)}
            ordered = sorted(values, key=lambda one: order.get(one, len(order)))
            normal[name] = tuple(ordered) if attribute.multiple or len(ordered) > 1 else ordered[0]
    return normal


def _value_violations(
    layer: str, span: str, given: dict[str, AttributeValue], known: dict[str, Attribute]
) -> Iterable[Violation]:
    for name, value in given.items():
        attribute = known.get(name)
        if attribute is None:
            message = f"attribute {name!r} is not one of {layer}; known: {', '.join(known) or 'none'}"
            yield _refused("attribute-unknown", layer, span, message)
            continue
        values = (value,) if isinstance(value, str) else value
        for one in values:
            if one not in attribute.values:
                message = f"attribute {name} cannot be {one!r}; known: {', '.join(attribute.values)}"
                yield _refused("value-unknown", layer, span, message)
        if len(values) > 1 and not attribute.multiple:
            yield _refused("value-twice", layer, span, f"attribute {name} takes one value, not {len(values)}")


class _Elements(ElementTree.TreeBuilder):
    """The elements of a config. One that is no config, but meant to fill the memory, is refused while it is read."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._depth = self._count = 0

    def doctype(self, *_: object) -> None:
        """A document type can define entities that expand to gigabytes, or that name files of this machine."""
        raise SchemeError(f"{self._name} has a <!DOCTYPE>, which no label config needs", hint="take it out")

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:  # pyright: ignore[reportIncompatibleMethodOverride]
        self._depth += 1
        self._count += 1
        if self._depth > DEEPEST or self._count > MOST_ELEMENTS:
            raise SchemeError(
                f"{self._name} is no label config: it has more than {MOST_ELEMENTS:,} elements, or nests them deeper "
                f"than {DEEPEST}",
                hint="take another file",
            )
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)


class _SchemeReader:
    """Reads one config; `name` is what its errors call it."""

    def __init__(self, xml: str, name: str) -> None:
        self._name = name
        if len(xml) > LONGEST:
            raise SchemeError(
                f"{name} is no label config: it has more than {LONGEST:,} characters", hint="take another file"
            )
        try:
            self._root = ElementTree.fromstring(xml, ElementTree.XMLParser(target=_Elements(name)))
        except (ElementTree.ParseError, UnicodeEncodeError) as error:
            raise SchemeError(f"{name} is not well-formed XML: {error}", hint="mend the line it names") from error

    def read(self) -> LabelScheme:
        layers = tuple(self._layer(element) for element in self._root.iter("Labels"))
        if not layers:
            raise self._error("has no <Labels>, so there is nothing to annotate")
        layer_names = [layer.name for layer in layers]
        self._unique(layer_names, "<Labels name>")
        labels = [label for layer in layers for label in layer.labels]
        self._unique([label.value for label in labels], "<Label value>")
        self._unique(
            [name for label in labels for name in (label.value, *label.was)], "the name, now or before, of a <Label>"
        )
        text_name, text_field = self._text()
        choices = [self._choices(element, layer_names) for element in self._root.iter("Choices")]
        self._unique([attribute.name for attribute in choices], "<Choices name>")
        roles = tuple(
            self._role(element, layer_names)
            for relations in self._root.iter("Relations")
            for element in relations.iter("Relation")
        )
        self._unique([role.name for role in roles], "<Relation value>")
        self._unique(
            [name for role in roles for name in (role.name, *role.was)], "the name, now or before, of a <Relation>"
        )
        return LabelScheme(
            text_name=text_name,
            text_field=text_field,
            layers=layers,
            attributes=tuple(attribute for attribute in choices if attribute.layer is not None),
            document_fields=tuple(attribute for attribute in choices if attribute.layer is None),
            roles=roles,
            data_fields=self._data_fields(),
        )

    def _text(self) -> tuple[str, str]:
        wanted = {element.get("toName", "") for element in self._root.iter("Labels")}
        if len(wanted) != 1:
            raise self._error(
                f"annotates more than one text: {', '.join(sorted(wanted))}", "give all <Labels> one toName"
            )
        name = wanted.pop()
        for element in self._root.iter("Text"):
            if element.get("name") == name:
                value = element.get("value", "")
                if not value.startswith("$"):
                    raise self._error(f'needs <Text name="{name}" value="$field">, not value="{value}"')
                return name, value[1:]
        raise self._error(f'has <Labels toName="{name}">, but no <Text name="{name}">')

    def _layer(self, element: Element) -> Layer:
        labels = tuple(
            Label(
                value=self._need(label, "value"),
                hint=label.get("hint", ""),
                example=label.get("example", ""),
                was=_names(label.get("was", "")),
            )
            for label in element.iter("Label")
        )
        name = self._need(element, "name")
        if not labels:
            raise self._error(f'has <Labels name="{name}"> without a <Label>')
        return Layer(name=name, title=element.get("title", name), guide=element.get("guide", ""), labels=labels)

    def _choices(self, element: Element, layers: list[str]) -> Attribute:
        name = self._need(element, "name")
        layer = element.get("whenTagName") if element.get("perRegion") == "true" else None
        if element.get("perRegion") == "true" and layer not in layers:
            raise self._error(
                f'has <Choices name="{name}" perRegion="true"> for {layer!r}, which is no layer',
                f"set whenTagName to one of: {', '.join(layers)}",
            )
        choices = tuple(
            Choice(value=self._need(c, "value"), hint=c.get("hint", ""), train=c.get("train") != "false")
            for c in element.iter("Choice")
        )
        values = [choice.value for choice in choices]
        self._unique(values, f'<Choice value> of "{name}"')
        default = element.get("default")
        if default is not None and default not in values:
            raise self._error(f'has default="{default}" on <Choices name="{name}">, which is none of its values')
        return Attribute(
            name=name, layer=layer, choices=choices, default=default, multiple=element.get("choice") == "multiple"
        )

    def _role(self, element: Element, layers: list[str]) -> Role:
        name = self._need(element, "value")
        ends: dict[str, tuple[str, ...]] = {}
        for end in ("from", "to"):
            names = tuple((element.get(end) or " ".join(layers)).replace(",", " ").split())
            for layer in names:
                if layer not in layers:
                    raise self._error(
                        f'has <Relation value="{name}" {end}="{layer}">, which is no layer',
                        f"layers: {', '.join(layers)}",
                    )
            ends[end] = names
        return Role(
            name=name,
            from_layers=ends["from"],
            to_layers=ends["to"],
            minimum=self._count(element, "min") or 0,
            maximum=self._count(element, "max"),
            hint=element.get("hint", ""),
            was=_names(element.get("was", "")),
        )

    def _count(self, element: Element, attribute: str) -> int | None:
        value = element.get(attribute)
        if value is None:
            return None
        if not (value.isascii() and value.isdecimal() and len(value) < 10):
            raise self._error(f'has {attribute}="{value}" on <Relation value="{element.get("value")}">, not a number')
        return int(value)

    def _data_fields(self) -> tuple[str, ...]:
        fields = (element.get("value", "") for element in self._root.iter() if element.tag not in ("Label", "Choice"))
        return tuple(dict.fromkeys(field[1:] for field in fields if field.startswith("$")))

    def _need(self, element: Element, attribute: str) -> str:
        value = element.get(attribute)
        if not value:
            raise self._error(f"has a <{element.tag}> without {attribute}")
        return value

    def _unique(self, values: list[str], what: str) -> None:
        for value, count in Counter(values).items():
            if count > 1:
                raise self._error(f"has {what} {value!r} {count} times", "give each a name of its own")

    def _error(self, message: str, hint: str = "") -> SchemeError:
        short = message if len(message) <= _SAID else f"{message[: _SAID // 2]}…{message[-_SAID // 2 :]}"
        return SchemeError(
            f"{self._name} {short}", hint=hint or "see the comment at the top of the shipped label_config.xml"
        )
