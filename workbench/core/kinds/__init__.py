"""The kinds of annotation, one module each, by the element of the label config and by Label Studio's type of results.

A new kind that says something of a span or of the document is a module with a `ValueKind`, and a line in `VALUES`.
"""

from collections.abc import Iterable, Mapping

from workbench.core.kinds.base import Attribute, Choice, Kind, ValueKind
from workbench.core.kinds.choices import ChoicesKind
from workbench.core.kinds.labels import LabelsKind
from workbench.core.kinds.number import NumberKind
from workbench.core.kinds.rating import RatingKind
from workbench.core.kinds.relation import RelationKind
from workbench.core.kinds.textarea import TextAreaKind

LABELS = LabelsKind()
RELATION = RelationKind()
VALUES: tuple[ValueKind, ...] = (ChoicesKind(), TextAreaKind(), RatingKind(), NumberKind())
"""The kinds whose annotations are values of attributes."""
KINDS: tuple[Kind, ...] = (LABELS, RELATION, *VALUES)

TAGS: Mapping[str, Kind] = {kind.tag: kind for kind in KINDS}
VALUES_BY_TAG: Mapping[str, ValueKind] = {kind.tag: kind for kind in VALUES}
VALUES_BY_TYPE: Mapping[str, ValueKind] = {kind.type: kind for kind in VALUES}
PARTS = frozenset(part for kind in KINDS for part in kind.parts)
"""Elements whose `value` is a name, and no field of the task."""


def holding(name: str, layer: str | None, values: Iterable[str | int | float]) -> Attribute:
    """An attribute that can have these values, where nothing says what it was."""
    values = list(values)
    if values and not any(isinstance(one, str) for one in values):
        return Attribute(name=name, layer=layer, kind=NumberKind.type)
    return Attribute(name=name, layer=layer, choices=tuple(Choice(value=str(one)) for one in values), multiple=True)


def kind_of(attribute: Attribute) -> ValueKind:
    """The kind of an attribute."""
    return VALUES_BY_TYPE[attribute.kind]
