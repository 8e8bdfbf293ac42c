"""`workbench export`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile


def export(
    context: typer.Context,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="Name of the gold release.")],
    formats: Annotated[str, typer.Option("--format", help="Formats, separated by commas.")] = "spacy,jsonl",
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Folder to write to. Default: exports/ in the workspace."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing export that differs.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Export a gold release as files.

    Each format gets a folder with train, dev and test, a manifest, a data card and checksums.
    """
    from workbench.workflows import exporting

    this = call(context)
    lists = this.lists(report_file)
    names = [name.strip() for name in formats.split(",") if name.strip()]
    folder = output or this.settings.exports
    report = exporting.export(this.store, release, names, folder, this.progress, force=force)
    for one in report.exported:
        state = "is there already, unchanged" if one.existed else f"{one.articles} articles, {one.spans} spans"
        this.print(f"{one.format}: {state}: {one.folder}")
        lists.show(
            f"cases that {one.format} does not hold as they are (also in {exporting.PROBLEMS})",
            [("", problem) for problem in one.problems],
        )
