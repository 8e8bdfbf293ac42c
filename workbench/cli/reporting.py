"""How commands print what was done: a report or its JSON, and every list in full in the file that --report names."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.errors import SettingsError, WorkbenchError

if TYPE_CHECKING:
    from workbench.cli.output import Output
    from workbench.core.report import Listing, Report

ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write all lists in full to FILE; 20 lines of each are printed."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


@contextmanager
def reporting(
    output: Callable[[], "Output"], file: Path | None = None, *, as_json: bool = False
) -> "Generator[Callable[[Report], None]]":
    """What prints a command's report, and ends the command with the report's failure where there is one.

    An error that ends the command has its lists printed before it.

    Args:
        output: makes the console, when something is to be printed.
        file: takes all lists in full; an earlier one gives way at once, before anything is done.
        as_json: print the report's JSON in its place.

    Raises:
        SettingsError: the file cannot be written.
        WorkbenchError: not all was done.
    """
    write_listings(file, (), mode="w")
    more = f"all in {file}" if file else "--report FILE writes all"

    def show(report: "Report") -> None:
        from workbench.cli import terminal
        from workbench.cli.output import print_report
        from workbench.core.report import Listing

        if as_json:
            terminal.json_text(report.as_json())
        else:
            print_report(output(), report, more=more)
        write_listings(file, (part for part in report.shown() if isinstance(part, Listing)))
        failure = report.failure()
        if failure is not None:
            raise failure

    try:
        yield show
    except WorkbenchError as error:
        if error.lists:
            _show_lists(error, None if as_json else output(), file, more)
        raise


def _show_lists(error: WorkbenchError, output: "Output | None", file: Path | None, more: str) -> None:
    from workbench.core.report import Listing

    for heading, entries in error.lists.items():
        if len(entries) > 1:  # the message names the first
            listing = Listing(heading, entries)
            write_listings(file, [listing])
            if output is not None:
                for line in listing.lines(more):
                    output.print(line)


def write_listings(file: Path | None, listings: "Iterable[Listing]", mode: str = "a") -> None:
    """Writes every entry of the lists to the file, where there is one.

    Raises:
        SettingsError: it cannot be written.
    """
    if file is None:
        return
    try:
        with file.open(mode, encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
            stream.writelines(f"{line}\n" for listing in listings for line in listing.in_full())
    except OSError as error:
        raise SettingsError(
            f"the report cannot be written to {file}: {error.strerror}", hint="name another file"
        ) from error
