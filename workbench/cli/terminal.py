"""Standard output without tables: how wide a terminal is, what it may obey, and JSON that stays JSON in any locale."""

import io
import json
import os
import shutil
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

import typer

from workbench.printable import printable_block


def is_terminal() -> bool:
    """Whether a person looks at standard output, so that nothing in it may be obeyed by a terminal."""
    return sys.stdout.isatty()


def width() -> int | None:
    """How many columns the terminal has; None where standard output is none and nothing has to fit."""
    if not is_terminal() and "COLUMNS" not in os.environ:
        return None
    return max(shutil.get_terminal_size().columns, 20)


def text(words: str, *, newline: bool = True) -> None:
    """Prints a text of other people's making: exactly into a pipe or a file, without what a terminal obeys on one."""
    typer.echo(printable_block(words) if is_terminal() else words, nl=newline)


@contextmanager
def utf8_output() -> Generator[TextIO]:
    """Standard output for documents, which are UTF-8 in any locale."""
    if (sys.stdout.encoding or "").lower() in ("utf-8", "utf8") or not hasattr(sys.stdout, "buffer"):
        yield sys.stdout
        return
    sys.stdout.flush()
    stream = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="\n", write_through=True)
    try:
        yield stream
    finally:
        stream.detach()


def json_text(document: str) -> None:
    """Prints a JSON document; where the locale is no UTF-8, in ASCII, which is the same JSON."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    typer.echo(document if utf8 else _in_ascii(document))


def as_json(value: Mapping[str, Any], *, indent: int | None = None) -> None:
    """Prints a value as JSON."""
    json_text(json.dumps(value, ensure_ascii=False, indent=indent))


def _in_ascii(document: str) -> str:
    return document.translate(_Escapes())


class _Escapes(dict[int, str]):
    def __missing__(self, code: int) -> str:
        return chr(code) if code < 128 else json.dumps(chr(code))[1:-1]
