"""The console and its tables: texts are shown as they are, and no number is cut off."""

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from workbench.cli.plain import visible

if TYPE_CHECKING:
    from rich.table import Table

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
