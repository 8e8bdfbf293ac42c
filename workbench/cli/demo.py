"""`workbench demo`: three rounds of the annotation loop on the samples, or the first half of it on one's own articles."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call

if TYPE_CHECKING:
    from workbench.workflows.demo import Prepared


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
    from workbench.core.report import Listing
    from workbench.workflows.demo import prepare, run_loop, start_over

    run = call(context)
    folder = folder or Path("demo-articles" if paths else "demo")
    if fresh:
        start_over(folder, run.progress)
    if paths:
        ready = prepare(folder, paths, run.progress)
        refused = Listing("refused", [(one.name, one.reason) for one in ready.added.refused], between=" ")
        for line in (*refused.lines(), *_ready(ready)):
            run.print(line)
        return
    with run.reporting() as show:
        report = run_loop(folder, run.progress)
        show(report)
    if picture:
        recorder = Console(record=True, width=120, file=StringIO())
        print_report(recorder, report)
        recorder.save_svg(str(picture), title="make demo")


def _ready(ready: "Prepared") -> list[str]:
    told = f"ready     {ready.waiting.suggested} articles wait in the browser with suggestions"
    if ready.waiting.blind:
        told += f", {ready.waiting.blind} without: the dev and test parts, to measure on what leans towards nobody's"
    return [told, *map(str, ready.place.lines())]
