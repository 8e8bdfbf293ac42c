"""What commands need before they can call anything: the workspace's settings, its scheme, its store, a console."""

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from workbench.cli.reporting import reporting
from workbench.printable import one_line

if TYPE_CHECKING:
    from workbench.cli.output import Output
    from workbench.core.report import Report
    from workbench.settings import Settings
    from workbench.store import Store
    from workbench.workspace import Workspace

T = TypeVar("T")


@dataclass
class Call:
    """One run of a command: its global options, and what they lead to, each made when it is first asked for."""

    folder: Path | None = None
    debug: bool = False
    label_studio_url: str = ""
    progress: "ConsoleProgress" = field(default_factory=lambda: ConsoleProgress())

    @cached_property
    def workspace(self) -> "Workspace":
        """The workspace that was named, or the nearest one upwards."""
        from workbench import settings
        from workbench.workspace import Workspace

        root = self.folder.resolve() if self.folder else settings.find_workspace(Path.cwd())
        return Workspace(settings.load(root), self.progress, label_studio_url=self.label_studio_url)

    def anywhere(self, label_config: Path | None = None) -> "Workspace":
        """The workspace that was named, or the nearest one; where there is none, what needs no folder.

        `label_config` takes the place of its label config.
        """
        from workbench import settings
        from workbench.errors import SettingsError
        from workbench.workspace import Workspace

        try:
            root = self.folder.resolve() if self.folder else settings.find_workspace(Path.cwd())
        except SettingsError:
            return Workspace.without_folder(progress=self.progress, label_config=label_config)
        return Workspace(settings.load(root), self.progress, label_config=label_config)

    def nearest_folder(self) -> Path:
        """The folder that was named, or that of the nearest workspace; where there is none, this one."""
        from workbench import settings
        from workbench.errors import SettingsError

        try:
            return self.folder or settings.find_workspace(Path.cwd())
        except SettingsError:
            self.progress.say(f"no workspace here: making one in {Path.cwd()}")
            return Path.cwd()

    @property
    def settings(self) -> "Settings":
        """The workspace's settings."""
        return self.workspace.settings

    @property
    def store(self) -> "Store":
        """The workspace's store, migrated if it was older."""
        return self.workspace.store

    @property
    def console(self) -> "Output":
        """Standard output, for reports."""
        return self.progress.output

    def print(self, line: str) -> None:
        """Prints a line of a report."""
        self.console.print(line)

    def reporting(
        self, file: Path | None = None, *, as_json: bool = False, stderr: bool = False
    ) -> "AbstractContextManager[Callable[[Report], None]]":
        """What prints the command's report and ends the command with the report's failure, where there is one.

        Args:
            file: takes all lists in full.
            as_json: print the report as JSON.
            stderr: print to standard error, because standard output takes documents.
        """
        progress = self.progress
        return reporting(lambda: progress.messages if stderr else progress.output, file, as_json=as_json)


def call(context: typer.Context) -> Call:
    """The call that `app.options` made."""
    found = context.find_object(Call)
    assert found is not None
    return found


class ConsoleProgress:
    """Bars and messages on standard error, so that a pipe gets only results."""

    @cached_property
    def output(self) -> "Output":
        """Standard output."""
        from workbench.cli.output import Output

        return Output()

    @cached_property
    def messages(self) -> "Output":
        """Standard error."""
        from workbench.cli.output import Output

        return Output(stderr=True)

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """The same items, with a bar."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        description = TextColumn("{task.description}", markup=False)
        columns = (description, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        if total is None and isinstance(items, Sized):
            total = len(items)
        with Progress(*columns, console=self.messages) as progress:
            task = progress.add_task(one_line(what, 60), total=total)
            for item in items:
                yield item
                progress.advance(task)

    def say(self, message: str) -> None:
        """A line on what is being done."""
        self.messages.print(message)
