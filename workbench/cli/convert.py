"""`workbench convert` and `workbench import`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import ReportFile

Layers = Annotated[
    list[str] | None,
    typer.Option(
        "--layer",
        metavar="GROUP=LAYER",
        help="Layer of a span group in a file of another program, such as sc=entities. Use ents for the named entities; "
        "`sc=` leaves a group out. Repeatable.",
    ),
]


def convert(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="IN", help="File to read.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="File to write.")],
    source_format: Annotated[
        str | None, typer.Option("--from", help="Format to read. Default: by export or file name.")
    ] = None,
    target_format: Annotated[str | None, typer.Option("--to", help="Format to write. Default: by file name.")] = None,
    label_config: Annotated[
        Path | None, typer.Option("--label-config", help="Label config. Default: the workspace's, or the built-in one.")
    ] = None,
    layers: Layers = None,
    report_file: ReportFile = None,
) -> None:
    """Convert annotated articles to another format.

    Needs no store and no server.
    """
    this = call(context)
    with this.reporting(report_file) as show:
        workspace = this.anywhere(label_config)
        show(
            workspace.convert(
                source, target, source_format=source_format, target_format=target_format, layers=layers or ()
            )
        )


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File of annotated articles.")],
    annotator: Annotated[
        str | None,
        typer.Option("--annotator", help="Annotator whose work it counts as. Default: the one named in the file."),
    ] = None,
    format_name: Annotated[
        str | None, typer.Option("--format", help="Format of the file. Default: by export or file name.")
    ] = None,
    layers: Layers = None,
    texts: Annotated[
        list[Path] | None,
        typer.Option(
            "--texts",
            metavar="PATH",
            help="File or folder with the texts of documents that have none (`export --without-text`). Repeatable.",
        ),
    ] = None,
    report_file: ReportFile = None,
) -> None:
    """Import annotated articles from a file.

    Their annotations count as submitted by one annotator. What is refused is listed with file and line; the rest is
    taken. Importing a file again changes nothing.
    """
    this = call(context)
    with this.reporting(report_file) as show:
        show(
            this.workspace.import_(
                file, annotator=annotator, format=format_name, layers=layers or (), texts=texts or ()
            )
        )
