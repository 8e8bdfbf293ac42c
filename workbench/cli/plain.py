"""Texts as a terminal, a pipe and a narrow encoding can take them; nothing here is heavy to import."""

import codecs
from typing import TextIO

from workbench.printable import printable_block

LONGEST = 120
"""How many characters of a name or a reason are shown in a list."""
ESCAPED = "workbench.escaped"
"""The error handler that writes out what an encoding lacks."""


def visible(text: str) -> str:
    """The text with everything written out that would steer a terminal, turn the direction, or cannot be encoded."""
    return text if text.isprintable() else printable_block(text).replace("\t", " ")


def one_line(text: str, longest: int | None = LONGEST) -> str:
    """The text on one line; its middle is left out where it is longer than `longest`."""
    return shortened(visible(" ".join(text.split())), longest)


def shortened(line: str, longest: int | None) -> str:
    """The line; its middle is left out where it is longer than `longest`."""
    if longest is None or len(line) <= longest:
        return line
    half = longest // 2
    return f"{line[:half]} … {line[-half:]}"


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
