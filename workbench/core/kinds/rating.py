"""`<Rating>`: stars, from one to as many as the control has."""

from collections.abc import Iterable, Iterator, Sequence

from workbench.core.annotations import AttributeValue
from workbench.core.kinds.base import Attribute, Json, Refusal, ValueKind, place
from workbench.core.kinds.control import Control

STARS = 5
"""How many stars Label Studio shows where the control does not say."""


class RatingKind(ValueKind):
    """A whole number of stars."""

    tag = "Rating"
    type = "rating"
    scale = "ordinal"

    def parse(self, control: Control) -> Attribute | None:
        known, layer = place(control)
        if not known or not control.name:
            return None
        stars = control.count("maxRating")
        if stars == 0:
            raise control.error(f'has <Rating name="{control.name}"> with no star')
        return Attribute(
            name=control.name,
            layer=layer,
            kind=self.type,
            minimum=1,
            maximum=STARS if stars is None else stars,
            hint=control.text("hint"),
        )

    def read(self, value: Json, attribute: Attribute) -> AttributeValue | Refusal | None:
        stars = value.get("rating")
        if stars == 0 or stars is None:
            return None
        if isinstance(stars, bool) or not isinstance(stars, int | float) or stars % 1:
            return Refusal(
                "rating-malformed", f"{attribute.name} has {str(stars)[:40]!r} stars, which is no number of them"
            )
        return next(self.refusals(stars, attribute), None) or int(stars)

    def write(self, value: AttributeValue) -> dict[str, object]:
        return {"rating": value}

    def normal(self, value: AttributeValue, attribute: Attribute) -> AttributeValue | None:
        return int(value) if isinstance(value, float) and value.is_integer() else value

    def refusals(self, value: AttributeValue, attribute: Attribute) -> Iterator[Refusal]:
        most = attribute.maximum or STARS
        if not isinstance(value, int | float) or value % 1 or not 1 <= value <= most:
            yield Refusal(
                "value-unknown", f"attribute {attribute.name} is 1 to {most:.0f} stars, not {str(value)[:40]}"
            )

    def meaning(self, attribute: Attribute) -> Sequence[object]:
        return [self.type, attribute.maximum]

    def rows(self, attribute: Attribute) -> tuple[tuple[str, str], ...]:
        return ((f"1 to {attribute.maximum or STARS:.0f} stars", attribute.hint),)

    def tallied(self, value: AttributeValue | None, attribute: Attribute) -> Iterable[str]:
        return () if value is None else (str(value),)
