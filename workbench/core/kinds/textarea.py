"""`<TextArea>`: somebody's own words, about the document or as a note on a region."""

from collections.abc import Iterator, Sequence

from workbench.core.annotations import AttributeValue, values_of
from workbench.core.kinds.base import Attribute, Json, Refusal, ValueKind, place, strings
from workbench.core.kinds.control import Control
from workbench.core.whitespace import is_blank


class TextAreaKind(ValueKind):
    """Free text; several texts, unless the control says maxSubmissions="1". One that is blank says nothing."""

    tag = "TextArea"
    type = "textarea"

    def parse(self, control: Control) -> Attribute | None:
        known, layer = place(control)
        if not known or not control.name:
            return None
        return Attribute(
            name=control.name,
            layer=layer,
            kind=self.type,
            multiple=control.get("maxSubmissions") != "1",
            hint=control.text("hint") or control.text("placeholder"),
        )

    def read(self, value: Json, attribute: Attribute) -> AttributeValue | Refusal | None:
        # On a region the texts stand where the region's own text stands elsewhere.
        texts = strings(value, "text")
        if texts is None or not all(map(_can_be_kept, texts)):
            return Refusal("text-malformed", f"what {attribute.name} says is no list of texts")
        said = tuple(text for text in texts if not is_blank(text))
        if len(said) > 1 and not attribute.multiple:
            return Refusal("value-several", f"{attribute.name} takes one text, not {len(said)}")
        if not said:
            return None
        return said if attribute.multiple else said[0]

    def write(self, value: AttributeValue) -> dict[str, object]:
        return {"text": [str(one) for one in values_of(value)]}

    def normal(self, value: AttributeValue, attribute: Attribute) -> AttributeValue | None:
        if not isinstance(value, str | tuple):
            return value
        said = tuple(text for text in ((value,) if isinstance(value, str) else value) if not is_blank(text))
        if not said:
            return None
        return said[0] if len(said) == 1 and not attribute.multiple else said

    def refusals(self, value: AttributeValue, attribute: Attribute) -> Iterator[Refusal]:
        if not isinstance(value, str | tuple):
            yield Refusal("value-unknown", f"attribute {attribute.name} is a text, not {value!r}")
        elif isinstance(value, tuple) and len(value) > 1 and not attribute.multiple:
            yield Refusal("value-twice", f"attribute {attribute.name} takes one text, not {len(value)}")

    def meaning(self, attribute: Attribute) -> Sequence[object]:
        return [self.type, attribute.multiple]

    def rows(self, attribute: Attribute) -> tuple[tuple[str, str], ...]:
        return (("your own words", attribute.hint),)


def _can_be_kept(text: str) -> bool:
    """Whether a database can hold the text."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
