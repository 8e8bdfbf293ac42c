"""What a narrow encoding lacks, written out."""

import codecs
from typing import TextIO

ESCAPED = "workbench.escaped"
"""The error handler that writes out what an encoding lacks."""


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
