"""`workbench status`: where everything stands, in one screen."""

from typing import Annotated

import typer

from workbench.cli.context import call


def status(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print the status as JSON.")] = False
) -> None:
    """Show the state of articles, tasks, releases and models."""
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.status())
