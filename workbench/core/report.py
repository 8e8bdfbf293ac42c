"""Reports that show themselves: as lines and tables in a terminal, as HTML in a notebook.

A step returns a `Report`. What it says to a reader is written once, in `shown`; `str(report)` is that as plain text,
a notebook shows it as HTML, and the command line prints it with the colours and the width of its terminal.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal, Protocol

from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.errors import WorkbenchError
from workbench.printable import one_line

LISTED = 20
"""How many lines of a list are shown before the rest is only counted."""
NAMED = 3
"""How many of those that have one reason are named."""
REASON = 400
"""How many characters of a reason are shown."""


@dataclass(frozen=True)
class Row:
    """A row of a table; `strong` ones are sums and headings, `section` ones begin after a line."""

    cells: tuple[str, ...]
    strong: bool = False
    section: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under column names; columns of numbers are aligned to the right, which `left` says of the others.

    Where no column has a name, the table has no head.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    title: str = ""
    left: frozenset[int] = field(default=frozenset({0}))

    @property
    def has_head(self) -> bool:
        """Whether a column has a name."""
        return any(self.columns)

    @classmethod
    def of(
        cls, *columns: str, rows: Iterable[Sequence[object]], title: str = "", left: Iterable[int] = (0,)
    ) -> "Table":
        """A table of plain rows."""
        return cls(columns, tuple(Row(tuple(map(str, row))) for row in rows), title, frozenset(left))


Style = Literal["strong", "good", "doubtful", "bad"]
"""How the head of a line is set off."""


@dataclass(frozen=True)
class Line:
    """A line of text whose `head` is set off from the rest: as a heading, or by what it says of a state."""

    head: str
    text: str = ""
    style: Style = "strong"

    def __str__(self) -> str:
        return self.head + self.text


Entry = tuple[str, str]
"""What was refused, left out or differs, and the reason; either may be empty."""


@dataclass(frozen=True)
class Listing:
    """Entries under a heading that begins with their number; those of one reason are one line, which names some.

    No more than `limit` lines are shown: of the others it is said how many they are, and in `more` where they can be
    read, or in which `file` they are all listed anyhow. A listing that is not `printed` is for the file of `--report` alone, because the report tells it otherwise.

    Args:
        heading: what the entries are, as it reads after their number.
        entries: each a thing and its reason, or a text alone.
        between: stands between a thing and its reason: a blank, where they read as a sentence.
    """

    heading: str
    entries: Sequence[Entry | str]
    more: str = ""
    file: str = ""
    limit: int = LISTED
    between: str = ": "
    printed: bool = True

    def lines(self, more: str = "") -> Iterator[str]:
        """The heading and the entries, equal reasons together, the most frequent first."""
        if not self.entries or not self.printed:
            return
        yield f"{counted(len(self.entries), self.heading)}:"
        by_reason: dict[str, list[str]] = {}
        for place, (what, reason) in enumerate(self._pairs()):
            by_reason.setdefault(reason or f"\0{place}", []).append(what)
        groups = sorted(by_reason.items(), key=lambda group: -len(group[1]))
        for reason, names in groups[: self.limit]:
            yield f"  {self._line(reason, names)}"
        rest = sum(len(names) for _, names in groups[self.limit :])
        if rest:
            where = f"all in {self.file}" if self.file else more or self.more
            yield f"  … and {rest} more" + (f" ({where})" if where else "")

    def in_full(self) -> Iterator[str]:
        """A line for every entry, which begins with the heading."""
        for what, reason in self._pairs():
            yield f"{self.heading}: " + self.between.join(one_line(part, None) for part in (what, reason) if part)

    def _pairs(self) -> Iterator[Entry]:
        yield from (("", one) if isinstance(one, str) else one for one in self.entries)

    def _line(self, reason: str, names: Sequence[str]) -> str:
        if reason.startswith("\0"):
            return one_line(names[0])
        told = one_line(reason, REASON)
        if len(names) == 1:
            return f"{one_line(names[0])}{self.between}{told}" if names[0] else told
        named = [one_line(name) for name in dict.fromkeys(names) if name][:NAMED]
        others = "; …" if named and len(names) > len(named) else ""
        return f"{len(names)} × {told}" + (f": {'; '.join(named)}{others}" if named else "")


@dataclass(frozen=True)
class Exact:
    """A text of other people's making: a pipe gets it as it is, a terminal without what it would obey.

    Args:
        text: of any number of lines.
        newline: whether a line end follows it.
    """

    text: str
    newline: bool = True


Shown = str | Line | Table | Listing | Exact
"""What a report consists of."""


class PlainPrinter(Protocol):
    """What IPython gives to `_repr_pretty_`."""

    def text(self, text: str) -> None:
        """Shows the text."""
        ...


class Report(Frozen):
    """What a step did, and how it tells it."""

    def shown(self) -> Iterator[Shown]:
        """The lines, tables and lists that tell a reader what was done, in their order."""
        raise NotImplementedError

    def __str__(self) -> str:
        return "\n".join(line for part in self.shown() for line in as_lines(part))

    def _repr_pretty_(self, printer: "PlainPrinter", cycle: bool) -> None:
        """How IPython shows the report in a terminal."""
        printer.text("…" if cycle else str(self))

    def _repr_html_(self) -> str:
        return "\n".join(filter(None, map(as_html, self.shown())))

    def as_json(self) -> str:
        """The report as the JSON document that the command's `--json` prints."""
        return self.model_dump_json(by_alias=True, indent=2)

    def failure(self) -> WorkbenchError | None:
        """What the command ends with after it printed the report, where not all was done; None where all was."""
        return None


def as_lines(part: Shown) -> Iterator[str]:
    """A part of a report as lines of plain text."""
    if isinstance(part, str | Line):
        yield str(part)
    elif isinstance(part, Listing):
        yield from part.lines()
    elif isinstance(part, Exact):
        yield part.text
    else:
        yield from _table_lines(part)


def as_html(part: Shown) -> str:
    """A part of a report as HTML; nothing in it is taken for markup."""
    if isinstance(part, str):
        return f"<div style='white-space:pre-wrap'>{escape(part)}</div>"
    if isinstance(part, Exact):
        return f"<div style='white-space:pre-wrap'>{escape(part.text)}</div>"
    if isinstance(part, Line):
        return f"<div style='white-space:pre-wrap'><b>{escape(part.head)}</b>{escape(part.text)}</div>"
    if isinstance(part, Listing):
        lines = list(part.lines())
        if not lines:
            return ""
        heading, *entries = lines
        return f"<div>{escape(heading)}</div><ul>{''.join(f'<li>{escape(one.strip())}</li>' for one in entries)}</ul>"
    if not part.rows:
        return ""
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
    head = f"<thead><tr>{head}</tr></thead>" if part.has_head else ""
    return f"<table>{caption}{head}<tbody>{body}</tbody></table>"


def _side(table: Table, column: int) -> str:
    return "left" if column in table.left else "right"


def _table_lines(table: Table) -> Iterator[str]:
    if not table.rows:
        return
    rows = [table.columns, *(row.cells for row in table.rows)]
    widths = [max((len(row[n]) for row in rows if n < len(row)), default=0) for n in range(len(table.columns))]
    if table.title:
        yield table.title
    for number, cells in enumerate(rows):
        if not number and not table.has_head:
            continue
        if (number == 1 and table.has_head) or (number > 1 and table.rows[number - 1].section):
            yield "  ".join("─" * width for width in widths)
        aligned = (
            cell.ljust(width) if n in table.left else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(cells, widths, strict=False))
        )
        yield "  ".join(aligned).rstrip()
