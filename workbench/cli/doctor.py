"""`workbench doctor`: looks the whole set-up over."""

from typing import Annotated

import typer

from workbench.cli.context import call


def doctor(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False
) -> None:
    """Check the set-up and say how to fix each fault.

    Exits with 1 if a check fails.
    """
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.doctor())
