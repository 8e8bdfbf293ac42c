"""Answers in words, so that what people said, what was chosen, and what a person decided can be compared as text."""

import json
from collections.abc import Iterable

from workbench.core.annotations import AttributeValue, OtherItem, written

NOTHING = "nothing"
"""What is said by who did not mark a span, gave no value, or no role."""


def quoted(text: str, longest: int = 40) -> str:
    """Words of an article in quotation marks, on one line, long ones without their middle."""
    line = " ".join(text.split())
    if len(line) > longest:
        half = longest // 2
        line = f"{line[:half]}…{line[-half:]}"
    return f"‘{line}’"


def marked(label: str, text: str, words: str) -> str:
    """A span, by its label; with its own words, where they are not the ones that are spoken of."""
    return label if text == words else f"{label} {quoted(text)}"


def placed(text: str, offsets: tuple[int, int]) -> str:
    """Where a span begins and ends."""
    return f"{quoted(text)} {offsets[0]}-{offsets[1]}"


def valued(value: AttributeValue | None) -> str:
    """The value of an attribute or of a choice about the text."""
    return NOTHING if value is None else written(value)


def listed(roles: Iterable[str]) -> str:
    """The roles that one span plays for another."""
    return ", ".join(sorted(roles)) or NOTHING


def other_value(item: OtherItem) -> str:
    """What a control of no known kind says, whatever the order in which it says it."""
    return json.dumps(item.body.get("value"), sort_keys=True)
