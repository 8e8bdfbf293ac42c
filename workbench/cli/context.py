"""What commands need before they can call anything: the workspace's settings, its scheme, its store, a console."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.core.scheme import LabelScheme
    from workbench.labelstudio.api.client import LabelStudioClient
    from workbench.labelstudio.server.embedded import Server
    from workbench.settings import Settings
    from workbench.store import Store

T = TypeVar("T")


@dataclass
class Call:
    """One run of a command: its global options, and what they lead to, each made when it is first asked for."""

    workspace: Path | None = None
    debug: bool = False
    label_studio_url: str = ""
    progress: "ConsoleProgress" = field(default_factory=lambda: ConsoleProgress())

    @cached_property
    def settings(self) -> "Settings":
        """The settings of the workspace that was named, or of the nearest one upwards."""
        from workbench import settings

        root = self.workspace.resolve() if self.workspace else settings.find_workspace(Path.cwd())
        return settings.load(settings.find_workspace(root) if not self.workspace else root)

    @cached_property
    def scheme(self) -> "LabelScheme":
        """The scheme of the workspace's label_config.xml."""
        return read_scheme(self.settings.label_config)

    def scheme_from(self, label_config: Path | None) -> "LabelScheme":
        """The scheme of this file if one is named; else the workspace's, where we are in one; else the shipped one."""
        from workbench import settings
        from workbench.errors import SettingsError
        from workbench.samples import shipped

        if label_config is not None:
            return read_scheme(label_config)
        if self.workspace is None:
            try:
                settings.find_workspace(Path.cwd())
            except SettingsError:
                return shipped.label_scheme()
        return self.scheme

    @cached_property
    def models(self) -> Path | None:
        """The workspace's shelf of models, where we are in a workspace."""
        from workbench.errors import SettingsError

        try:
            return self.settings.models
        except SettingsError:
            if self.workspace is not None:
                raise
            return None

    @cached_property
    def store(self) -> "Store":
        """The workspace's store, migrated if it was older."""
        from workbench.store import Store

        return Store.open(self.settings.database_url, backups=self.settings.backups)

    @property
    def server(self) -> "Server":
        """The workspace's own Label Studio, running or not."""
        from workbench.labelstudio.server.embedded import Server

        return Server(self.settings.label_studio_folder)

    @property
    def external_url(self) -> str:
        """The Label Studio that somebody else runs, where one was named; else empty."""
        return self.label_studio_url or self.settings.label_studio.url

    def label_studio(self) -> "LabelStudioClient":
        """A client for the Label Studio of this workspace: the one that was named, else its own, which must run.

        Raises:
            LabelStudioError: no API key for the one that was named.
            LabelStudioUnavailable: its own does not run.
        """
        from workbench.labelstudio.api.client import connect

        return connect(self.external_url, self.settings.api_key) if self.external_url else self.server.client()

    def label_studio_if_up(self) -> "LabelStudioClient | None":
        """The same, where it answers at once; None where it does not, or there is no API key for it."""
        from workbench.labelstudio.server.embedded import healthy

        running = None if self.external_url else self.server.status()
        if self.external_url and not self.settings.api_key:
            return None
        url = self.external_url or (running.url if running else "")
        return self.label_studio() if url and healthy(url.rstrip("/")) else None

    @property
    def console(self) -> "Console":
        """Standard output, for reports."""
        return self.progress.output


def call(context: typer.Context) -> Call:
    """The call that `app.options` made."""
    found = context.find_object(Call)
    assert found is not None
    return found


def read_scheme(path: Path) -> "LabelScheme":
    """The scheme of a label config file.

    Raises:
        SchemeError: the file cannot be read, or is no scheme.
    """
    from workbench.core.scheme import LabelScheme
    from workbench.errors import SchemeError

    try:
        xml = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SchemeError(
            f"{path} cannot be read: {error}", way_out="`workbench init` puts one into a workspace"
        ) from error
    return LabelScheme.from_xml(xml, name=str(path))


class ConsoleProgress:
    """Bars and messages on standard error, so that a pipe gets only results."""

    @cached_property
    def output(self) -> "Console":
        from rich.console import Console

        return Console(highlight=False, soft_wrap=True)

    @cached_property
    def _console(self) -> "Console":
        from rich.console import Console

        return Console(stderr=True, highlight=False)

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """The same items, with a bar."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        if total is None and hasattr(items, "__len__"):
            total = len(items)  # pyright: ignore[reportArgumentType]  # what has __len__ is Sized
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task(what, total=total)
            for item in items:
                yield item
                progress.advance(task)

    def say(self, message: str) -> None:
        """A line on what is being done."""
        self._console.print(message, markup=False, soft_wrap=True)  # whole, in a log as in a narrow terminal
