"""`workbench demo`: three rounds of the annotation loop on the samples, or the first half of it on one's own articles."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call


def demo(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="ARTICLE", help="Files or folders of your own articles. Default: the sample articles."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Folder of the workspace. Default: demo, or demo-articles for your own articles."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(hidden=True, help="Also write the final tables to this SVG file.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Stop the demo's server, delete its workspace and start over.")
    ] = False,
) -> None:
    """Run the annotation loop three times on sample articles.

    Two scripted annotators work through a real Label Studio; after 12, 24 and 40 articles a model is trained on their
    corrections, and annotators see it from then on if it is better. Run again, it goes on where it was.

    With articles of your own, add them, suggest annotations and push, then stop: the rest is up to your annotators.
    """
    from io import StringIO

    from rich.console import Console

    from workbench.cli.output import print_report
    from workbench.workspace import Workspace

    run = call(context)
    with run.reporting() as show:
        report = Workspace.demo(*(paths or ()), folder=folder, fresh=fresh, progress=run.progress)
        show(report)
    if picture:
        recorder = Console(record=True, width=120, file=StringIO())
        print_report(recorder, report)
        recorder.save_svg(str(picture), title="make demo")
