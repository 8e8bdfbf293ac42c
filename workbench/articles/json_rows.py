"""The values of a JSON text one by one, with the line on which each begins: those of an array, or several in a row."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from workbench.articles import fields
from workbench.core.validation import json_fault

_BLANKS = " \t\r\n\ufeff"


class Value(NamedTuple):
    """A value that was read, in an array or on its own."""

    line: int
    value: Any
    start: int
    end: int
    in_array: bool


class NoJson(Exception):
    """The text is none from here on; the message says why. The reader makes a refusal of it, so no user meets it."""


def decoder() -> json.JSONDecoder:
    """Reads JSON so that numbers that cannot be kept become `fields.Unfit`."""
    return json.JSONDecoder(parse_int=fields.integer, parse_float=fields.real, parse_constant=fields.constant)


def values(text: str) -> Iterator[Value]:
    """Every object of the array, or every value that stands alone.

    Raises:
        NoJson: it is none; the values before the fault have been given.
    """
    reader = decoder()
    position = counted = 0
    line = 1

    def here(at: int) -> int:
        nonlocal counted, line
        line += text.count("\n", counted, at)
        counted = at
        return line

    def read(at: int) -> tuple[Any, int]:
        try:
            return reader.raw_decode(text, at)
        except json.JSONDecodeError as error:
            raise NoJson(f"is no JSON: {json_fault(error)} at line {error.lineno}, column {error.colno}") from error
        except RecursionError as error:
            raise NoJson(f"is no JSON that can be read: it is nested too deeply at line {here(at)}") from error

    position = _next(text, position)
    while position < len(text):
        if text[position] != "[":
            value, end = read(position)
            yield Value(here(position), value, position, end, in_array=False)
            position = _next(text, end)
            continue
        position = _next(text, position + 1)
        first = True
        while position < len(text) and text[position] != "]":
            if not first:
                if text[position] != ",":
                    raise NoJson(f"is no JSON: a comma is missing at line {here(position)}")
                position = _next(text, position + 1)
            value, end = read(position)
            yield Value(here(position), value, position, end, in_array=True)
            first = False
            position = _next(text, end)
        if position >= len(text):
            raise NoJson("is no JSON: its array has no end, so it may be cut off")
        position = _next(text, position + 1)


def _next(text: str, position: int) -> int:
    while position < len(text) and text[position] in _BLANKS:
        position += 1
    return position
