"""What every workflow works with: a workspace's settings, scheme and store, the way to its Label Studio, and progress."""

from functools import cached_property
from pathlib import Path

from workbench import files
from workbench.core.ports import Progress, Silent
from workbench.core.scheme import LONGEST, LabelScheme
from workbench.errors import SchemeError, SettingsError
from workbench.labelstudio.api.client import LabelStudioClient, connect
from workbench.labelstudio.server.embedded import Server, healthy
from workbench.samples import shipped
from workbench.settings import Settings
from workbench.store import Store


class Context:
    """The parts of an open workspace, each made when it is first asked for."""

    def __init__(
        self,
        settings: Settings | None,
        progress: Progress | None = None,
        *,
        label_studio_url: str = "",
        label_config: Path | None = None,
    ) -> None:
        """The context of a workspace.

        Args:
            settings: the workspace's; None for what needs no folder.
            progress: shows where long work is.
            label_studio_url: a Label Studio that somebody else runs, in the place of the one in the settings.
            label_config: a label config in the place of the workspace's.
        """
        self._settings = settings
        self.progress: Progress = progress or Silent()
        self._label_studio_url = label_studio_url
        self._label_config = label_config

    @property
    def settings(self) -> Settings:
        """The workspace's settings.

        Raises:
            SettingsError: there is no workspace.
        """
        if self._settings is None:
            raise SettingsError("this needs a workspace", hint="`workbench init` makes one")
        return self._settings

    @cached_property
    def scheme(self) -> LabelScheme:
        """The scheme of the label config; the one that ships, where there is no workspace.

        Raises:
            SchemeError: the file cannot be read, or is no scheme.
        """
        if self._label_config is not None:
            return read_scheme(self._label_config)
        return shipped.label_scheme() if self._settings is None else read_scheme(self._settings.label_config)

    @property
    def label_config(self) -> str:
        """The label config, as XML.

        Raises:
            SchemeError: the file cannot be read.
        """
        return read_text(self._label_config or self.settings.label_config)

    @property
    def has_own_scheme(self) -> bool:
        """Whether there is a workspace, and the scheme is its own."""
        return self._settings is not None and self._label_config is None

    @property
    def models(self) -> Path | None:
        """The registry of trained models; None where there is no workspace."""
        return self._settings.models if self._settings else None

    @cached_property
    def store(self) -> Store:
        """The workspace's store, migrated if it was older.

        Raises:
            StoreError: it was written by a newer workbench, or is damaged.
            StoreUnavailable: the database does not answer.
        """
        files.sweep(self.settings.models)  # what a training that was killed left there
        return Store.open(self.settings.database_url, backups=self.settings.backups)

    @property
    def server(self) -> Server:
        """The workspace's own Label Studio, running or not."""
        return Server(self.settings.label_studio_folder)

    @property
    def external_url(self) -> str:
        """The Label Studio that somebody else runs, where one was named; else empty."""
        return self._label_studio_url or self.settings.label_studio.url

    def label_studio(self) -> LabelStudioClient:
        """A client for the Label Studio of this workspace: the one that was named, else its own, which must run.

        Raises:
            LabelStudioError: no API key for the one that was named.
            LabelStudioUnavailable: its own does not run.
        """
        return connect(self.external_url, self.settings.api_key) if self.external_url else self.server.client()

    def label_studio_if_up(self) -> LabelStudioClient | None:
        """The same, where it answers at once; None where it does not, or there is no API key for it."""
        running = None if self.external_url else self.server.status()
        if self.external_url and not self.settings.api_key:
            return None
        url = self.external_url or (running.url if running else "")
        return self.label_studio() if url and healthy(url.rstrip("/")) else None

    def close(self) -> None:
        """Lets go of the store; the next use opens it again."""
        opened = self.__dict__.pop("store", None)
        if opened is not None:
            opened.close()


def read_scheme(path: Path) -> LabelScheme:
    """The scheme of a label config file.

    Raises:
        SchemeError: the file cannot be read, or is no scheme.
    """
    return LabelScheme.from_xml(read_text(path), name=str(path))


def read_text(path: Path) -> str:
    """The text of a label config file.

    Raises:
        SchemeError: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            return file.read(LONGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise SchemeError(
            f"{path} cannot be read: {error}", hint="`workbench init` puts one into a workspace"
        ) from error
