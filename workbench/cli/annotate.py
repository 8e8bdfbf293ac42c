"""`workbench annotate`: annotated articles in a pipe; nothing is stored."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import ReportFile
from workbench.cli.terminal import utf8_output


def annotate(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Files, folders, or - for standard input.")],
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME|PATH",
            help="Trained model, or spaCy pipeline for the rules. Default: what annotators see; the rules outside of a "
            "workspace.",
        ),
    ] = None,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="-|FILE", help="File to write the JSON lines to, or - for standard output."
        ),
    ] = "-",
    from_jsonl: Annotated[
        bool,
        typer.Option("--from-jsonl", help="Read workbench documents and leave their text as it is."),
    ] = False,
    label_config: Annotated[
        Path | None, typer.Option("--label-config", help="Label config. Default: the workspace's, or the built-in one.")
    ] = None,
    report_file: ReportFile = None,
) -> None:
    """Annotate articles and write them as JSON lines.

    Nothing is stored, and no server is needed; it works outside of a workspace as well.
    """
    run = call(context)
    with run.reporting(report_file, stderr=True) as show:
        workspace = run.anywhere(label_config)
        with utf8_output() if output == "-" else nullcontext(Path(output)) as target:
            report = workspace.annotate_files(*files, output=target, model=model, from_jsonl=from_jsonl)
        show(report)
