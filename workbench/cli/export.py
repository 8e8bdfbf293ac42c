"""`workbench export`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile


def export(
    context: typer.Context,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="The gold release.")],
    formats: Annotated[str, typer.Option("--format", help="Formats, separated by commas.")] = "spacy,jsonl",
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Where the release's folder is made; else exports/ in the workspace."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over an export that differs.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Write a gold release as files: train, dev and test, with manifest, card and checksums."""
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
