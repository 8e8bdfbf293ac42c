"""Lists that a command prints beside a report that does not show them itself."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from workbench.cli.reporting import ReportFile, write_listings
from workbench.errors import WorkbenchError

__all__ = ["Lists", "ReportFile"]

Entry = tuple[str, str]
"""What was refused or differs, and the reason; either may be empty."""


class Lists:
    """Prints lists with `say`, if it is to print any, and writes them to `file`, if there is one.

    Raises:
        SettingsError: the file cannot be written; it is tried at once, before anything is done.
    """

    def __init__(self, say: Callable[[str], None] | None, file: Path | None = None) -> None:
        self._say = say
        self._file = file
        write_listings(file, (), mode="w")

    def show(self, heading: str, entries: Iterable[Entry], *, between: str = ": ") -> None:
        """Prints the number of entries with `heading`, and the entries below it; nothing where there are none."""
        from workbench.core.report import Listing

        listing = Listing(heading, tuple(entries), between=between)
        write_listings(self._file, [listing])
        more = f"all in {self._file}" if self._file else "--report FILE writes all"
        if self._say is not None:
            for line in listing.lines(more):
                self._say(line)

    @contextmanager
    def of_errors(self) -> Generator[None]:
        """Shows the lists that an error carries before it ends the command."""
        try:
            yield
        except WorkbenchError as error:
            for heading, entries in error.lists.items():
                if len(entries) > 1:  # the message names the first
                    self.show(heading, entries)
            raise
