"""Lists of what was refused, left out or differs: equal reasons once with their number, and no longer than a screen.

Every command that prints one prints it from here, and writes all of it to the file that --report names.
"""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.plain import one_line
from workbench.errors import SettingsError, WorkbenchError

SHOWN = 20
"""How many lines of a list are printed."""
NAMED = 3
"""How many of those that have one reason are named."""
REASON = 400
"""How many characters of a reason are printed, and of a thing that is a whole message."""

ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write the lists to FILE in full; printed are 20 lines of each."),
]

Entry = tuple[str, str]
"""What was refused or differs, and the reason; either may be empty."""


class Lists:
    """Prints the lists of a command with `say`, if it is to print any, and writes them to `file`, if there is one.

    Raises:
        SettingsError: the file cannot be written; it is tried at once, before anything is done.
    """

    def __init__(self, say: Callable[[str], None] | None, file: Path | None = None) -> None:
        self._say = say
        self._file = file
        self._write("", mode="w")

    def show(self, heading: str, entries: Iterable[Entry], *, between: str = ": ") -> None:
        """Prints the number of entries with `heading`, and the entries below it; nothing where there are none.

        `between` stands between a thing and its reason: a blank, where they read as a sentence.
        """
        every = list(entries)
        if not every:
            return
        self._write("".join(f"{line}\n" for line in _in_full(heading, every, between)))
        if self._say is None:
            return
        self._say(f"{len(every)} {heading}:")
        by_reason: dict[str, list[str]] = {}
        for place, (what, reason) in enumerate(every):
            by_reason.setdefault(reason or f"\0{place}", []).append(what)
        groups = sorted(by_reason.items(), key=lambda group: -len(group[1]))
        for reason, names in groups[:SHOWN]:
            self._say(f"  {_line(reason, names, between)}")
        rest = sum(len(names) for _, names in groups[SHOWN:])
        if rest:
            where = f"all in {self._file}" if self._file else "--report FILE writes all"
            self._say(f"  … and {rest} more ({where})")

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

    def _write(self, text: str, mode: str = "a") -> None:
        if self._file is None:
            return
        try:
            with self._file.open(mode, encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.write(text)
        except OSError as error:
            raise SettingsError(
                f"the report cannot be written to {self._file}: {error.strerror}", hint="name another file"
            ) from error


def _line(reason: str, names: Sequence[str], between: str) -> str:
    if reason.startswith("\0"):
        return one_line(names[0])
    if len(names) == 1:
        return f"{one_line(names[0])}{between}{one_line(reason, REASON)}" if names[0] else one_line(reason, REASON)
    named = [one_line(name) for name in dict.fromkeys(names) if name][:NAMED]
    more = "; …" if named and len(names) > len(named) else ""
    return f"{len(names)} × {one_line(reason, REASON)}" + (f": {'; '.join(named)}{more}" if named else "")


def _in_full(heading: str, entries: Sequence[Entry], between: str) -> Iterable[str]:
    for what, reason in entries:
        yield f"{heading}: " + between.join(one_line(part, None) for part in (what, reason) if part)
