"""Texts as a terminal, a pipe and a narrow encoding can take them; nothing here is heavy to import."""

import codecs
import unicodedata
from typing import TextIO

LONGEST = 200
"""How many characters of a name or a reason are shown on a line."""
ESCAPED = "workbench.escaped"
"""The error handler that writes out what an encoding lacks."""
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of what follows them."""


def visible(text: str) -> str:
    """The text with everything written out that would steer a terminal, turn the direction, or cannot be encoded."""
    if text.isprintable():
        return text
    return "".join(_written(c) if _steers(c) else c for c in text)


def one_line(text: str, longest: int | None = LONGEST) -> str:
    """The text on one line; its middle is left out where it is longer than `longest`."""
    line = visible(" ".join(text.split()))
    if longest is not None and len(line) > longest:
        half = longest // 2
        line = f"{line[:half]} … {line[-half:]}"
    return line


def write_out_what_is_lacking(*streams: TextIO) -> None:
    r"""Lets streams write as \uXXXX what their encoding lacks, instead of failing; in JSON that means the same."""
    codecs.register_error(ESCAPED, _escape)
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=ESCAPED)


def _escape(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    units = (lacking[at : at + 2] for at in range(0, len(lacking), 2))
    return "".join(f"\\u{unit.hex()}" for unit in units), error.end


def _steers(character: str) -> bool:
    return character != "\n" and (character in _TURNING or unicodedata.category(character) in ("Cc", "Cs"))


def _written(character: str) -> str:
    return " " if character == "\t" else f"\\u{ord(character):04x}"
