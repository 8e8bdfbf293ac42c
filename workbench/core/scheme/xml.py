"""Reads a label scheme from a label config.

Label Studio's tags are read with its meaning; attributes that Label Studio ignores (`from`, `to`, `min`, `max`,
`default`, `train`, `guide`, `example`) are ours. The comment in label_config.xml lists them.
"""

from collections.abc import Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from workbench.core.kinds import LABELS, PARTS, RELATION, TAGS, VALUES, VALUES_BY_TAG
from workbench.core.kinds.base import Attribute
from workbench.core.kinds.control import Control
from workbench.core.scheme.model import LabelScheme, OtherControl
from workbench.errors import SchemeError

LONGEST, DEEPEST, MOST_ELEMENTS = 5_000_000, 100, 50_000
"""What a label config has at most: characters, elements within each other, elements."""


class _Elements(ElementTree.TreeBuilder):
    """The elements of a config. One that is no config, but meant to fill the memory, is refused while it is read."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._depth = self._count = 0

    def doctype(self, *_: object) -> None:
        """A document type can define entities that expand to gigabytes, or that name files of this machine.

        Raises:
            SchemeError: always, because there is one.
        """
        raise SchemeError(f"{self._name} has a <!DOCTYPE>, which no label config needs", hint="take it out")

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._depth += 1
        self._count += 1
        if self._depth > DEEPEST or self._count > MOST_ELEMENTS:
            raise SchemeError(
                f"{self._name} is not a label config: it has more than {MOST_ELEMENTS:,} elements, or nests them deeper "
                f"than {DEEPEST}",
                hint="use another file",
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
                f"{name} is not a label config: it has more than {LONGEST:,} characters", hint="use another file"
            )
        try:
            self._root = ElementTree.fromstring(xml, ElementTree.XMLParser(target=_Elements(name)))
        except (ElementTree.ParseError, UnicodeEncodeError) as error:
            raise SchemeError(f"{name} is not well-formed XML: {error}", hint="fix the line it names") from error
        self._whole = self._control(self._root)

    def read(self) -> LabelScheme:
        """The scheme that the config stands for.

        Raises:
            SchemeError: it contradicts itself.
        """
        layers = tuple(LABELS.parse(self._control(element)) for element in self._root.iter(LABELS.tag))
        if not layers:
            raise self._whole.error("has no <Labels>, so there is nothing to annotate")
        names = [layer.name for layer in layers]
        unique = self._whole.unique
        unique(names, "<Labels name>")
        labels = [label for layer in layers for label in layer.labels]
        unique([label.value for label in labels], "<Label value>")
        unique(
            [name for label in labels for name in (label.value, *label.was)], "the name, now or before, of a <Label>"
        )
        text_name, text_field = self._text()
        attributes, others = self._values(names)
        for kind in VALUES:
            unique([attribute.name for attribute in attributes if attribute.kind == kind.type], f"<{kind.tag} name>")
        unique([attribute.name for attribute in attributes], "controls with the name")
        roles = tuple(
            RELATION.parse(self._control(element, names))
            for relations in self._root.iter("Relations")
            for element in relations.iter(RELATION.tag)
        )
        unique([role.name for role in roles], "<Relation value>")
        unique([name for role in roles for name in (role.name, *role.was)], "the name, now or before, of a <Relation>")
        return LabelScheme(
            text_name=text_name,
            text_field=text_field,
            layers=layers,
            attributes=tuple(attribute for attribute in attributes if attribute.layer is not None),
            document_fields=tuple(attribute for attribute in attributes if attribute.layer is None),
            roles=roles,
            data_fields=self._data_fields(),
            others=tuple(others),
        )

    def _control(self, element: Element, layers: Sequence[str] = ()) -> Control:
        return Control(element, self._name, layers)

    def _values(self, layers: Sequence[str]) -> tuple[list[Attribute], list[OtherControl]]:
        """What the controls for values stand for, and the controls that nothing is known of."""
        attributes: list[Attribute] = []
        others: list[OtherControl] = []
        for element in self._root.iter():
            kind = VALUES_BY_TAG.get(element.tag)
            found = kind.parse(self._control(element, layers)) if kind else None
            if found is not None:
                attributes.append(found)
            elif (kind or element.tag not in TAGS) and element.get("toName") and (name := element.get("name")):
                others.append(OtherControl(name=name, tag=element.tag))
        return attributes, others

    def _text(self) -> tuple[str, str]:
        wanted = {element.get("toName", "") for element in self._root.iter("Labels")}
        if len(wanted) != 1:
            raise self._whole.error(
                f"annotates more than one text: {', '.join(sorted(wanted))}", "give all <Labels> one toName"
            )
        name = wanted.pop()
        for element in self._root.iter("Text"):
            if element.get("name") == name:
                value = element.get("value", "")
                if not value.startswith("$"):
                    raise self._whole.error(f'needs <Text name="{name}" value="$field">, not value="{value}"')
                return name, value[1:]
        raise self._whole.error(f'has <Labels toName="{name}">, but no <Text name="{name}">')

    def _data_fields(self) -> tuple[str, ...]:
        fields = (element.get("value", "") for element in self._root.iter() if element.tag not in PARTS)
        return tuple(dict.fromkeys(field[1:] for field in fields if field.startswith("$")))
