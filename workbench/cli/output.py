"""The console and its tables: texts are shown as they are, and no number is cut off."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from workbench.printable import visible

if TYPE_CHECKING:
    from rich.table import Table

    from workbench.core.report import Report
    from workbench.core.report import Table as ReportTable

WIDEST = 1000


class Output(Console):
    """A console that takes no text for markup or the name of an emoji, and lets no control character through.

    Lines are as long as they are: a terminal wraps them, and a pipe gets them whole.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)


def print_table(console: Console, table: "Table") -> None:
    """Prints a table in its own width, its title on a line before it: on paper, in a pipe or in a narrow window."""
    if table.title:
        console.print(str(table.title), style="italic", markup=False)
        table.title = None
    table.width = console.measure(table, options=console.options.update(max_width=WIDEST)).maximum
    console.print(table, crop=False)


STYLES = {"strong": "bold", "good": "green", "doubtful": "yellow", "bad": "red"}


def print_report(console: Console, report: "Report", *, more: str = "") -> None:
    """Prints what a report shows: its lines and lists as they are, its tables with bold sums.

    Args:
        console: where to.
        report: shown part by part.
        more: where all entries of a list can be read that is cut off.
    """
    from workbench.cli import terminal
    from workbench.core.report import Exact, Line, Listing, Table, as_lines

    for part in report.shown():
        if isinstance(part, Exact):
            terminal.text(part.text, newline=part.newline)
        elif isinstance(part, Table) and not part.has_head:
            for line in as_lines(part):
                console.print(line)
        elif isinstance(part, Table):
            if part.rows:
                print_table(console, _rich_table(part))
        elif isinstance(part, Listing):
            for line in part.lines(more):
                console.print(line)
        elif isinstance(part, Line):
            console.print(Text.assemble((visible(part.head), STYLES[part.style]), visible(part.text)))
        else:
            console.print(part)


def _rich_table(table: "ReportTable") -> "Table":
    from rich import box
    from rich.table import Table

    shown = Table(title=table.title or None, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for number, name in enumerate(table.columns):
        shown.add_column(name, justify="left" if number in table.left else "right", no_wrap=True)
    for number, row in enumerate(table.rows):
        if row.section and number:
            shown.add_section()
        shown.add_row(*row.cells, style="bold" if row.strong else None)
    return shown
