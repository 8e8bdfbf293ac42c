"""`<Number>`: a number, within the limits that the control gives."""

import math
from collections.abc import Iterator, Sequence

from workbench.core.annotations import AttributeValue
from workbench.core.kinds.base import Attribute, Json, Refusal, ValueKind, place
from workbench.core.kinds.control import Control

_EXACT = 2**53
"""Beyond it a page has no whole numbers one by one."""


class NumberKind(ValueKind):
    """A number; one without a fraction is a whole number, however it was written."""

    tag = "Number"
    type = "number"
    scale = "interval"

    def parse(self, control: Control) -> Attribute | None:
        known, layer = place(control)
        if not known or not control.name:
            return None
        least, most = control.number("min"), control.number("max")
        if least is not None and most is not None and least > most:
            raise control.error(f'has <Number name="{control.name}"> with a min above its max')
        return Attribute(
            name=control.name, layer=layer, kind=self.type, minimum=least, maximum=most, hint=control.text("hint")
        )

    def read(self, value: Json, attribute: Attribute) -> AttributeValue | Refusal | None:
        number = value.get("number")
        if number is None:
            return None
        if isinstance(number, bool) or not isinstance(number, int | float) or not _is_finite(number):
            return Refusal("number-malformed", f"{attribute.name} is {type(number).__name__!s}, and no number")
        return next(self.refusals(number, attribute), None) or _plain(number)

    def write(self, value: AttributeValue) -> dict[str, object]:
        return {"number": value}

    def normal(self, value: AttributeValue, attribute: Attribute) -> AttributeValue | None:
        return _plain(value) if isinstance(value, int | float) and _is_finite(value) else value

    def refusals(self, value: AttributeValue, attribute: Attribute) -> Iterator[Refusal]:
        if not isinstance(value, int | float) or not _is_finite(value):
            yield Refusal("value-unknown", f"attribute {attribute.name} is a number, not {type(value).__name__!s}")
            return
        least, most = attribute.minimum, attribute.maximum
        if (least is not None and value < least) or (most is not None and value > most):
            yield Refusal("value-unknown", f"attribute {attribute.name} is {self._limits(attribute)}, not {value}")

    def meaning(self, attribute: Attribute) -> Sequence[object]:
        return [self.type, attribute.minimum, attribute.maximum]

    def rows(self, attribute: Attribute) -> tuple[tuple[str, str], ...]:
        return ((self._limits(attribute), attribute.hint),)

    def _limits(self, attribute: Attribute) -> str:
        match (attribute.minimum, attribute.maximum):
            case (None, None):
                return "a number"
            case (least, None):
                return f"a number from {least:g}"
            case (None, most):
                return f"a number up to {most:g}"
            case (least, most):
                return f"a number from {least:g} to {most:g}"


def _plain(number: float) -> int | float:
    if isinstance(number, float):
        return int(number) if number.is_integer() and abs(number) <= _EXACT else number
    return number if abs(number) <= _EXACT else float(number)


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # a whole number that is too large for a page
        return False
