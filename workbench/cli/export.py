"""`workbench export`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import ReportFile

DEFAULT = ("spacy", "jsonl")


def export(
    context: typer.Context,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="Name of the gold release.")],
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="A format, or several with commas; may be given again. Default: spacy,jsonl."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="Folder to write to. Default: exports/ in the workspace."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing export that differs.")] = False,
    without_text: Annotated[
        bool,
        typer.Option(
            "--without-text",
            help="Write hashes and offsets in the place of texts. `workbench import --texts` puts the texts back.",
        ),
    ] = False,
    report_file: ReportFile = None,
) -> None:
    """Export a gold release as files.

    Each format gets a folder with train, dev and test, a manifest, a data card and checksums.
    """
    this = call(context)
    names = [name.strip() for given in formats or DEFAULT for name in given.split(",") if name.strip()]
    with this.reporting(report_file) as show:
        show(this.workspace.export(release, formats=names, output=output, force=force, without_text=without_text))
