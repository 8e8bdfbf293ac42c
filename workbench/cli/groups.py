"""The groups in which `workbench --help` lists the commands: the order of the annotation loop.

Typer's own panels need rich, which would double the time of `--help`; these are plain sections.
"""

from typing import TYPE_CHECKING

from typer.core import TyperGroup

if TYPE_CHECKING:
    import click

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

FIRST_SENTENCE = 1000
"""More characters than any first sentence has, so that none is cut; `--help` wraps what is longer than a line."""


class GroupedCommands(TyperGroup):
    """A group whose help lists its commands under the headings of `GROUPS`, with a whole sentence for each."""

    def format_commands(self, ctx: "click.Context", formatter: "click.HelpFormatter") -> None:  # pyright: ignore[reportIncompatibleMethodOverride] # Typer has click of its own
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
