"""Reads a label scheme from a label config.

Label Studio's tags are read with its meaning; attributes that Label Studio ignores (`from`, `to`, `min`, `max`,
`default`, `train`, `guide`, `example`) are ours. The comment in label_config.xml lists them.
"""

from collections import Counter
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from workbench.core.scheme.model import Attribute, Choice, Label, LabelScheme, Layer, Role
from workbench.errors import SchemeError

LONGEST, DEEPEST, MOST_ELEMENTS = 5_000_000, 100, 50_000
"""What a label config has at most: characters, elements within each other, elements."""
_SAID = 400


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


class SchemeReader:
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
        """The scheme that the config stands for.

        Raises:
            SchemeError: it contradicts itself.
        """
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


def _names(given: str) -> tuple[str, ...]:
    return tuple(name for part in given.split(",") if (name := part.strip()))
