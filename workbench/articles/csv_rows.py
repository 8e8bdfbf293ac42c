"""The rows of a CSV text, in whatever dialect it is written, with the lines that each takes."""

import csv
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple, Protocol

from workbench.printable import printable

_DELIMITERS = ",;\t|"
_LARGEST_FIELD = 50_000_000
_BLOCK = 1 << 20
"""How many characters of a text say how it writes quotation marks."""
_LOOKED_AT = 30
"""How many rows say what separates fields."""


class CsvRow(NamedTuple):
    """A row: where it stands, its fields by column, and its first and last line, from 1."""

    where: str
    columns: dict[str, str]
    begins: int
    ends: int


class NoRow(NamedTuple):
    """A row, or a whole text, that gives nothing, and why."""

    where: str
    reason: str


def rows(text: str, name: str, *, texts: Sequence[str], known: Collection[str]) -> Iterator[CsvRow | NoRow]:
    """The rows of a text, without empty ones; and what gives none.

    Args:
        text: without byte order mark.
        name: what it is called.
        texts: columns, in small letters, of which the header must have one.
        known: columns, in small letters, by which a header is known.
    """
    csv.field_size_limit(_LARGEST_FIELD)
    if not text.strip():
        yield NoRow(name, "is empty")
        return
    reader = _reader(text, texts, known)
    try:
        header = _unique([column.strip() for column in next(reader, list[str]())])
    except csv.Error as error:
        yield NoRow(name, f"is no CSV: {error}")
        return
    if not {column.lower() for column in header} & {*texts}:
        found = printable(", ".join(header), 200)
        yield NoRow(name, f"has no column of text; it may be called: {', '.join(texts)}; here: {found}")
        return
    number = 1
    while True:
        number += 1
        begins = reader.line_num + 1
        where = f"row {number} of {name}"
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield NoRow(where, f"is no CSV: {error}")
            continue
        if not any(field.strip() for field in row):
            continue
        if len(row) > len(header):
            yield NoRow(where, f"has {len(row)} fields, and the header has {len(header)}")
            continue
        yield CsvRow(where, dict(zip(header, row, strict=False)), begins, reader.line_num)
    if number == 2:
        yield NoRow(name, "has a header and no rows")


class _Rows(Protocol):
    """What `csv.reader` returns: rows, and how many lines they took so far."""

    @property
    def line_num(self) -> int: ...
    def __iter__(self) -> "_Rows": ...
    def __next__(self) -> list[str]: ...


def _reader(text: str, texts: Collection[str], known: Collection[str]) -> _Rows:
    """A reader in the dialect in which the header names the text and the first rows have as many fields as it."""
    backslashes = text[:_BLOCK].count('\\"') > text[:_BLOCK].count('""')

    def reader(delimiter: str, strict: bool) -> _Rows:
        if backslashes:
            return csv.reader(
                io.StringIO(text, newline=""), delimiter=delimiter, doublequote=False, escapechar="\\", strict=strict
            )
        return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)

    best = max(
        _DELIMITERS,
        key=lambda delimiter: (_fit(lambda: reader(delimiter, True), texts, known), -_DELIMITERS.index(delimiter)),
    )
    return reader(best, True)


def _fit(reader: Callable[[], _Rows], texts: Collection[str], known: Collection[str]) -> tuple[bool, float, int]:
    """How well the first rows fit a dialect: a column of text, the share of even rows, how many columns are known."""
    first: list[list[str]] = []
    try:
        for row in reader():
            if row:
                first.append(row)
            if len(first) == _LOOKED_AT:
                break
    except csv.Error:
        pass
    if not first:
        return False, 0.0, 0
    header = {column.strip().lower() for column in first[0]}
    even = sum(len(row) == len(first[0]) for row in first) / len(first)
    return bool(header & {*texts}), even, len(header & {*known})


def _unique(header: Sequence[str]) -> list[str]:
    """The names of the columns; a second `x` is `x_2`, a nameless one is `column_3`."""
    found: list[str] = []
    for number, column in enumerate(header, start=1):
        name = column or f"column_{number}"
        found.append(name if name not in found else f"{name}_{number}")
    return found
