"""How help is laid out: commands in groups that follow the annotation loop, and room for text in narrow terminals.

Typer's own panels need rich, which would double the time of `--help`; these are plain sections.
"""

import shutil
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

GROUPS: dict[str, tuple[str, ...]] = {
    "Set up": ("init", "server", "annotators", "doctor", "demo"),
    "Articles and suggestions": ("articles", "preannotate", "select"),
    "Annotation": ("push", "pull", "status", "corrections", "agreement", "adjudicate", "history", "scheme"),
    "Gold data": ("gold", "export", "import"),
    "Models": ("train", "evaluate", "models", "curve", "simulate"),
    "Repair and backup": ("reconcile", "backup", "restore"),
    "Without a workspace": ("annotate", "score", "convert"),
}
OTHER = "Other"
"""Where a command stands that has no group."""

WIDTH = 80
NARROWEST = 30
"""The fewest columns that help is laid out for."""
FIRST_SENTENCE = 1000
"""More characters than any first sentence has, so that none is cut; `--help` wraps what is longer than a line."""
_OF_PYDANTIC = "Value error, "
"""What Typer leaves before the message about a value that an option does not know."""


class _Formatter(TyperGroup.context_class.formatter_class):
    """Fits narrow terminals, too. Names have three eighths of a line: what is longer stands on a line of its own."""

    def __init__(self, indent_increment: int = 2, width: int | None = None, max_width: int | None = None) -> None:
        if width is None and (columns := shutil.get_terminal_size().columns) < WIDTH:
            width = max(columns - 2, NARROWEST)
        super().__init__(indent_increment, width, max_width)

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl(rows, min(col_max, self.width * 3 // 8), col_spacing)


class _Context(TyperGroup.context_class):
    formatter_class = _Formatter


class GroupedCommands(TyperGroup):
    """A group whose help lists its commands under the headings of `GROUPS`, with a whole sentence for each."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        _lay_out(self)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command; what is wrong with a value is told without a word of the library that checks it."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix(_OF_PYDANTIC)
            raise

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes a section for each group that has commands."""
        visible = {name: command for name, command in self.commands.items() if not command.hidden}
        known = {name for names in GROUPS.values() for name in names}
        groups = {**GROUPS, OTHER: tuple(name for name in visible if name not in known)}
        widest = max(map(len, visible), default=0)
        for heading, names in groups.items():
            # Equally wide names in every section put all sentences into one column.
            rows = [
                (name.ljust(widest), visible[name].get_short_help_str(FIRST_SENTENCE))
                for name in names
                if name in visible
            ]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)


def _lay_out(command: Any) -> None:
    """Has a command and those below it lay out their help as `_Formatter` does."""
    command.context_class = _Context
    for one in getattr(command, "commands", {}).values():
        _lay_out(one)
