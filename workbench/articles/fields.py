"""What the fields beside an article's text may hold, on every database and in every file that they go to."""

import math
import re
from collections.abc import Mapping
from typing import Any, cast

from workbench.printable import printable

LONGEST_SOURCE = 2_000
"""Bytes in UTF-8: PostgreSQL takes no longer key."""
LONGEST_TITLE = 10_000
"""Characters; what is longer is a text in the wrong column."""
LONGEST_KEY = 200
LARGEST_INTEGER = 2**63 - 1
"""What 64 bits hold: larger numbers stop JSON readers, tables and spaCy's files."""

_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Unfit:
    """A value of JSON that Python, or whoever reads the store's JSON, cannot hold; `what` says so."""

    def __init__(self, what: str) -> None:
        self.what = what


def integer(digits: str) -> int | Unfit:
    """An integer of JSON: for `json.loads(parse_int=…)`, which would raise at the largest ones."""
    if len(digits) > 20 or abs(int(digits)) > LARGEST_INTEGER:
        return Unfit(f"an integer of {len(digits.lstrip('-'))} digits, more than 64 bits hold")
    return int(digits)


def real(digits: str) -> float | Unfit:
    """A number of JSON with a point or an exponent."""
    found = float(digits)
    return found if math.isfinite(found) else Unfit("a number that is larger than any computer's")


def constant(name: str) -> Unfit:
    """NaN and Infinity, which Python's JSON has and JSON has not."""
    return Unfit(f"{name}, which is no JSON")


def fault_of(value: object) -> str | None:
    """Why a value cannot be kept, or None: "holds …", to stand after the name of its field."""
    waiting: list[object] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found = _fault_of_text(one)
            if found:
                return found
        elif isinstance(one, Unfit):
            return f"holds {one.what}"
        elif isinstance(one, bool) or one is None:
            continue
        elif isinstance(one, int) and abs(one) > LARGEST_INTEGER:
            return "holds an integer of more than 64 bits"
        elif isinstance(one, float) and not math.isfinite(one):
            return "holds a number that is none"
        elif isinstance(one, dict):
            waiting.extend(cast("dict[object, object]", one).keys())
            waiting.extend(cast("dict[object, object]", one).values())
        elif isinstance(one, list | tuple):
            waiting.extend(cast("list[object]", one))
    return None


def fault_in(fields: Mapping[str, Any]) -> str | None:
    """Why a row with these fields cannot be kept, or None; it names the field."""
    for name, value in fields.items():
        found = _fault_of_text(name)
        if found:
            return f"has a field whose name {found}: {printable(name, 40)!r}"
        found = fault_of(value)
        if found:
            return f"has a field {printable(name, 40)!r} that {found}"
    return None


def fault_of_source(source: str) -> str | None:
    """Why an address or a file's name cannot be kept as the source of an article, or None."""
    found = _fault_of_text(source)
    if found:
        return f"has an address that {found}"
    length = len(source.encode("utf-8"))
    if length > LONGEST_SOURCE:
        return f"has an address of {length:,} bytes; {LONGEST_SOURCE:,} is the most that is kept"
    return None


def fault_of_title(title: str) -> str | None:
    """Why a title cannot be kept, or None."""
    found = _fault_of_text(title)
    if found:
        return f"has a title that {found}"
    if len(title) > LONGEST_TITLE:
        return f"has a title of {len(title):,} characters; {LONGEST_TITLE:,} is the most that is kept"
    return None


def fault_of_key(name: str, key: str) -> str | None:
    """Why an article's id, or that of its story, cannot be kept, or None."""
    found = _fault_of_text(key)
    if found:
        return f"has {name} that {found}"
    return f"has {name} of {len(key):,} characters" if not 0 < len(key) <= LONGEST_KEY else None


def fault_of_name(path: str) -> str | None:
    """Why a file cannot be read under its name, or None."""
    if _SURROGATE.search(path):
        return "has a name that is no UTF-8: rename it, such as with `mv` and a * in the place of what is odd"
    if len(path.encode("utf-8")) > LONGEST_SOURCE:
        return f"has a name of more than {LONGEST_SOURCE:,} bytes: add it from a folder nearer to it"
    return None


def _fault_of_text(text: str) -> str | None:
    if "\0" in text:
        return "holds a NUL character, which no database can store"
    if _SURROGATE.search(text):
        return "holds half of a surrogate pair, which no encoding can store"
    return None
