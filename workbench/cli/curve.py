"""`workbench curve`: what more annotated articles bring."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.simulate import numbers


def curve(
    context: typer.Context,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="Name of the gold release.")],
    sizes: Annotated[
        list[str] | None,
        typer.Option(
            metavar="N,N,…",
            help="Measure after these numbers of articles. Repeatable. Default: four sizes that double.",
        ),
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, help="Repeat with other stories held back.")] = 3,
    next_: Annotated[int, typer.Option("--next", min=1, help="Articles that would be annotated next.")] = 20,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep every result in FILE, and continue from it after an interruption."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every figure as JSON.")] = False,
) -> None:
    """Show what more articles brought, and what the next would.

    Learns from growing parts of the train part and measures on stories of it that are held back. Says how many hours
    the next articles cost and save, by the times that annotators took, and when to stop.
    """
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.curve(release, sizes=numbers(sizes or ()), repeats=repeats, next=next_, output=output))
