"""`<Labels>`: spans of a layer, each with one label."""

from functools import cached_property

from workbench.core.frozen import Frozen
from workbench.core.kinds.base import Json, Kind, strings
from workbench.core.kinds.control import Control


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


class LabelsKind(Kind):
    """Regions of the text."""

    tag = "Labels"
    parts = ("Label",)
    type = "labels"

    def parse(self, control: Control) -> Layer:
        """The layer that a control stands for.

        Raises:
            SchemeError: it has no name or no label.
        """
        labels = tuple(
            Label(
                value=label.need("value"),
                hint=label.text("hint"),
                example=label.text("example"),
                was=label.names("was"),
            )
            for label in control.children("Label")
        )
        name = control.need("name")
        if not labels:
            raise control.error(f'has <Labels name="{name}"> without a <Label>')
        title = control.get("title")
        return Layer(name=name, title=name if title is None else title, guide=control.text("guide"), labels=labels)

    def read(self, value: Json) -> list[str] | None:
        """The labels of a region; None where they are no list of strings."""
        return strings(value, "labels")

    def write(self, label: str) -> dict[str, object]:
        """What goes into the `value` of a region, beside where it lies."""
        return {"labels": [label]}
