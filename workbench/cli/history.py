"""`workbench history`: who changed what in an article."""

from typing import Annotated

import typer

from workbench.cli.context import call


def history(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID", help="Id of the article, or its first characters.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the history as JSON.")] = False,
) -> None:
    """Show who changed what in an article, region by region.

    Starts at the suggestion and ends at the last revision.
    """
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.history(article))
