"""A console on which titles, names and answers of servers can do nothing but be read."""

from typing import Any

from rich.console import Console
from rich.text import Text

from workbench.errors import printable


class PlainConsole(Console):
    """Prints the numbers of control characters in the place of them; colours are its own to give."""

    def render_str(self, text: str, **options: Any) -> Text:
        """The text of a line or of a table's cell, as it can be shown."""
        return super().render_str(printable(text), **options)
