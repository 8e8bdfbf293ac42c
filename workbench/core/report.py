"""Reports that show themselves: as lines and tables in a terminal, as HTML in a notebook.

A step returns a `Report`. What it says to a reader is written once, in `shown`; `str(report)` is that as plain text,
a notebook shows it as HTML, and the command line prints it with the colours and the width of its terminal.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

from workbench.core.frozen import Frozen

LISTED = 20
"""How many entries of a list are shown before the rest is only counted."""


@dataclass(frozen=True)
class Row:
    """A row of a table; `strong` ones are sums and headings, `section` ones begin after a line."""

    cells: tuple[str, ...]
    strong: bool = False
    section: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under column names; columns of numbers are aligned to the right, which `left` says of the others."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    title: str = ""
    left: frozenset[int] = field(default=frozenset({0}))

    @classmethod
    def of(
        cls, *columns: str, rows: Iterable[Sequence[object]], title: str = "", left: Iterable[int] = (0,)
    ) -> "Table":
        """A table of plain rows."""
        return cls(columns, tuple(Row(tuple(map(str, row))) for row in rows), title, frozenset(left))


@dataclass(frozen=True)
class Listing:
    """Entries under a heading that begins with their number; equal ones are shown once, with how often they occur.

    Beyond `limit` the others are counted, and `more` says where they can be read.
    """

    heading: str
    entries: tuple[str, ...]
    more: str = ""
    limit: int = LISTED

    def lines(self, limit: int | None = None) -> Iterator[str]:
        """The heading and the entries, `limit` of them at the most."""
        if not self.entries:
            return
        yield f"{len(self.entries)} {self.heading}:"
        counts = Counter(self.entries)
        most = self.limit if limit is None else limit
        for entry, number in list(counts.items())[:most]:
            yield f"  {entry}" + (f" ({number} times)" if number > 1 else "")
        if len(counts) > most:
            yield f"  … and {len(counts) - most} more" + (f" ({self.more})" if self.more else "")


Shown = str | Table | Listing
"""What a report consists of."""


class Report(Frozen):
    """What a step did, and how it tells it."""

    def shown(self) -> Iterator[Shown]:
        """The lines, tables and lists that tell a reader what was done, in their order."""
        raise NotImplementedError

    def __str__(self) -> str:
        return "\n".join(line for part in self.shown() for line in as_lines(part))

    def _repr_html_(self) -> str:
        return "\n".join(as_html(part) for part in self.shown())


def as_lines(part: Shown) -> Iterator[str]:
    """A part of a report as lines of plain text."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Listing):
        yield from part.lines()
    else:
        yield from _table_lines(part)


def as_html(part: Shown) -> str:
    """A part of a report as HTML; nothing in it is taken for markup."""
    if isinstance(part, str):
        return f"<div>{escape(part)}</div>"
    if isinstance(part, Listing):
        heading, *entries = part.lines() if part.entries else ("",)
        return f"<div>{escape(heading)}</div><ul>{''.join(f'<li>{escape(one.strip())}</li>' for one in entries)}</ul>"
    head = "".join(
        f"<th style='text-align:{_side(part, n)}'>{escape(name)}</th>" for n, name in enumerate(part.columns)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td style='text-align:{_side(part, n)}{';font-weight:bold' if row.strong else ''}'>{escape(cell)}</td>"
            for n, cell in enumerate(row.cells)
        )
        + "</tr>"
        for row in part.rows
    )
    caption = f"<caption style='text-align:left'>{escape(part.title)}</caption>" if part.title else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _side(table: Table, column: int) -> str:
    return "left" if column in table.left else "right"


def _table_lines(table: Table) -> Iterator[str]:
    rows = [table.columns, *(row.cells for row in table.rows)]
    widths = [max((len(row[n]) for row in rows if n < len(row)), default=0) for n in range(len(table.columns))]
    if table.title:
        yield table.title
    for number, cells in enumerate(rows):
        if number == 1 or (number > 1 and table.rows[number - 1].section):
            yield "  ".join("─" * width for width in widths)
        aligned = (
            cell.ljust(width) if n in table.left else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=False))
        )
        yield "  ".join(aligned).rstrip()
