"""`<Choices>`: one or several of the values that the config lists."""

from collections.abc import Iterable, Iterator, Sequence

from workbench.core.annotations import AttributeValue, values_of
from workbench.core.kinds.base import Attribute, Choice, Json, Refusal, ValueKind, place, strings
from workbench.core.kinds.control import Control


class ChoicesKind(ValueKind):
    """Values out of a list."""

    tag = "Choices"
    parts = ("Choice",)
    type = "choices"
    trainable = True

    def parse(self, control: Control) -> Attribute:
        name = control.need("name")
        known, layer = place(control)
        if not known:
            raise control.error(
                f'has <Choices name="{name}" perRegion="true"> for {layer!r}, which is no layer',
                f"set whenTagName to one of: {', '.join(control.layers)}",
            )
        choices = tuple(
            Choice(value=c.need("value"), hint=c.text("hint"), train=c.get("train") != "false")
            for c in control.children("Choice")
        )
        values = [choice.value for choice in choices]
        control.unique(values, f'<Choice value> of "{name}"')
        default = control.get("default")
        if default is not None and default not in values:
            raise control.error(f'has default="{default}" on <Choices name="{name}">, which is none of its values')
        multiple = control.get("choice") == "multiple"
        return Attribute(name=name, layer=layer, choices=choices, default=default, multiple=multiple)

    def read(self, value: Json, attribute: Attribute) -> AttributeValue | Refusal | None:
        chosen = strings(value, "choices")
        if chosen is None:
            return Refusal("choice-malformed", f"the choice for {attribute.name!r} is no list of values")
        unknown = [one for one in chosen if one not in attribute.values]
        if unknown:
            known = ", ".join(attribute.values)
            return Refusal("value-unknown", f"{attribute.name} cannot be {unknown[0]!r}; known: {known}")
        if len(chosen) > 1 and not attribute.multiple:
            return Refusal("value-several", f"{attribute.name} takes one value, not {len(chosen)}")
        if not chosen:
            # Nothing chosen is what the item's absence says, too.
            return None
        return tuple(chosen) if attribute.multiple else chosen[0]

    def write(self, value: AttributeValue) -> dict[str, object]:
        return {"choices": list(values_of(value))}

    def normal(self, value: AttributeValue, attribute: Attribute) -> AttributeValue | None:
        if not isinstance(value, str | tuple):
            return value
        values = tuple(dict.fromkeys((value,) if isinstance(value, str) else value))
        if not values or values == (attribute.default,):
            return None
        order = {one: position for position, one in enumerate(attribute.values)}
        ordered = sorted(values, key=lambda one: order.get(one, len(order)))
        return tuple(ordered) if attribute.multiple or len(ordered) > 1 else ordered[0]

    def refusals(self, value: AttributeValue, attribute: Attribute) -> Iterator[Refusal]:
        values = values_of(value)
        for one in values:
            if one not in attribute.values:
                known = ", ".join(attribute.values)
                yield Refusal("value-unknown", f"attribute {attribute.name} cannot be {one!r}; known: {known}")
        if len(values) > 1 and not attribute.multiple:
            yield Refusal("value-twice", f"attribute {attribute.name} takes one value, not {len(values)}")

    def meaning(self, attribute: Attribute) -> Sequence[object]:
        # Whether its values are trained on counts where the document has them: that is what is_trainable looks at.
        if attribute.layer is None:
            values: Sequence[object] = sorted([choice.value, choice.train] for choice in attribute.choices)
        else:
            values = sorted(attribute.values)
        return [values, attribute.default, attribute.multiple]

    def rows(self, attribute: Attribute) -> tuple[tuple[str, str], ...]:
        return tuple(
            (
                choice.value + (" (unless chosen otherwise)" if choice.value == attribute.default else ""),
                choice.hint + ("" if choice.train else " Texts with this value are not trained on."),
            )
            for choice in attribute.choices
        )

    def tallied(self, value: AttributeValue | None, attribute: Attribute) -> Iterable[str]:
        given = attribute.default if value is None else value
        return () if given is None else [str(one) for one in values_of(given)]
