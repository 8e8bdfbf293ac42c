"""What a kind of annotation is: a control of the label config, and how what is annotated with it is read and written."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, cast

from workbench.core.annotations import AttributeValue
from workbench.core.frozen import Frozen
from workbench.core.kinds.control import Control

Json = Mapping[str, object]
"""An object of JSON that nobody has checked."""
Scale = Literal["nominal", "ordinal", "interval"]
"""How far two values of a kind are from each other: equal or not, by their order, by their difference."""


class Choice(Frozen):
    """A value of an attribute; a document whose field has a value with `train` false is left out of training."""

    value: str
    hint: str = ""
    train: bool = True


class Attribute(Frozen):
    """What is said of each span of a layer, or (layer None) of the document.

    `kind` is Label Studio's type of its results; the other fields are there for the kinds that have a use for them.
    """

    name: str
    layer: str | None
    choices: tuple[Choice, ...] = ()
    default: str | None = None
    multiple: bool = False
    kind: str = "choices"
    minimum: float | None = None
    maximum: float | None = None
    hint: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """The values that it can have, where they are listed."""
        return tuple(choice.value for choice in self.choices)


@dataclass(frozen=True)
class Refusal:
    """Why a value is none of an attribute's; `rule` is the name that the reason is counted under."""

    rule: str
    message: str


class Kind:
    """A kind of annotation.

    `tag` is its element in a label config, `parts` are the elements within it that are no controls, `type` is Label
    Studio's name of its results.
    """

    tag: ClassVar[str]
    parts: ClassVar[tuple[str, ...]] = ()
    type: ClassVar[str]


class ValueKind(Kind, ABC):
    """A kind that says something of a span or of the document: a value of an attribute."""

    scale: ClassVar[Scale] = "nominal"
    trainable: ClassVar[bool] = False
    """Whether a pipeline can learn to give its values."""

    @abstractmethod
    def parse(self, control: Control) -> Attribute | None:
        """The attribute that a control stands for; None where it is used in a way that the workbench cannot read.

        Raises:
            SchemeError: the control contradicts itself.
        """

    @abstractmethod
    def read(self, value: Json, attribute: Attribute) -> AttributeValue | Refusal | None:
        """What the `value` of a result says; None where it says nothing."""

    @abstractmethod
    def write(self, value: AttributeValue) -> dict[str, object]:
        """What goes into the `value` of a result."""

    @abstractmethod
    def normal(self, value: AttributeValue, attribute: Attribute) -> AttributeValue | None:
        """The one way to write a value, so that equal ones are equal; None where it says what its absence says."""

    @abstractmethod
    def refusals(self, value: AttributeValue, attribute: Attribute) -> Iterator[Refusal]:
        """Why the value is none that the attribute can have."""

    @abstractmethod
    def meaning(self, attribute: Attribute) -> Sequence[object]:
        """What of the attribute, besides its name, the scheme's digest covers, as JSON."""

    @abstractmethod
    def rows(self, attribute: Attribute) -> tuple[tuple[str, str], ...]:
        """Rows for the annotation guide: what can be said, and what it means."""

    def tallied(self, value: AttributeValue | None, attribute: Attribute) -> Iterable[str]:  # others look at it
        """What a count of values counts a value as; one that is anybody's own words or number counts as given."""
        return () if value is None else ("given",)


def place(control: Control) -> tuple[bool, str | None]:
    """Whether the workbench can tell what a control is about, and its layer; no layer: the document."""
    layer = control.get("whenTagName")
    if not control.per_region:
        return True, None
    return layer in control.layers, layer


def strings(value: Json, key: str) -> list[str] | None:
    """A list of strings; None where it is anything else."""
    found = value.get(key)
    if not isinstance(found, list):
        return None
    every = cast(list[object], found)
    kept = [one for one in every if isinstance(one, str)]
    return kept if len(kept) == len(every) else None
