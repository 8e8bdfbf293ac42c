"""An element of a label config as a kind reads it: what it lacks or contradicts is an error that names it."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from workbench.errors import SchemeError

_SAID = 400


class Control:
    """An element of a label config.

    Args:
        element: as it was parsed.
        config: what errors call the config.
        layers: the names of the config's layers.
    """

    def __init__(self, element: Element, config: str, layers: Sequence[str] = ()) -> None:
        self._element = element
        self._config = config
        self.layers = layers

    @property
    def tag(self) -> str:
        return self._element.tag

    @property
    def name(self) -> str:
        """Its name; "" where it has none."""
        return self._element.get("name", "")

    @property
    def per_region(self) -> bool:
        return self._element.get("perRegion") == "true"

    def get(self, attribute: str) -> str | None:
        return self._element.get(attribute)

    def text(self, attribute: str) -> str:
        """An attribute; "" where it is not there."""
        return self._element.get(attribute, "")

    def need(self, attribute: str) -> str:
        """An attribute that has to be there.

        Raises:
            SchemeError: it is not.
        """
        value = self._element.get(attribute)
        if not value:
            raise self.error(f"has a <{self.tag}> without {attribute}")
        return value

    def names(self, attribute: str) -> tuple[str, ...]:
        """The names that an attribute lists, between commas."""
        return tuple(name for part in self.text(attribute).split(",") if (name := part.strip()))

    def count(self, attribute: str) -> int | None:
        """An attribute that is a whole number, from 0; None where it is not there.

        Raises:
            SchemeError: it is something else.
        """
        value = self._element.get(attribute)
        if value is None:
            return None
        if not (value.isascii() and value.isdecimal() and len(value) < 10):
            about = "value" if self.get("value") is not None else "name"
            raise self.error(f'has {attribute}="{value}" on <{self.tag} {about}="{self.get(about)}">, not a number')
        return int(value)

    def number(self, attribute: str) -> float | None:
        """An attribute that is a number; None where it is not there.

        Raises:
            SchemeError: it is something else.
        """
        value = self._element.get(attribute)
        if value is None:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise self.error(f'has {attribute}="{value}" on <{self.tag} name="{self.name}">, not a number')
        return number

    def children(self, tag: str) -> Iterator["Control"]:
        """The elements of this tag within it."""
        return (Control(element, self._config, self.layers) for element in self._element.iter(tag))

    def unique(self, values: Iterable[str], what: str) -> None:
        """Checks that no value is there twice.

        Raises:
            SchemeError: one is.
        """
        for value, count in Counter(values).items():
            if count > 1:
                raise self.error(f"has {what} {value!r} {count} times", "give each a name of its own")

    def error(self, message: str, hint: str = "") -> SchemeError:
        """An error that begins with the config's name; a message of any length is cut."""
        short = message if len(message) <= _SAID else f"{message[: _SAID // 2]}…{message[-_SAID // 2 :]}"
        return SchemeError(
            f"{self._config} {short}", hint=hint or "see the comment at the top of the shipped label_config.xml"
        )
