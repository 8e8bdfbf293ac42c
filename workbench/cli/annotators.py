"""`workbench annotators`: the accounts of the people who annotate."""

from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import ReportFile

app = typer.Typer(help="Manage the accounts of annotators.", no_args_is_help=True)


@app.command()
def add(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Names, or e-mail addresses to log in with.")],
    report_file: ReportFile = None,
) -> None:
    """Create accounts and print their passwords.

    The passwords are kept in label-studio/annotators.json.
    """
    run = call(context)
    with run.reporting(report_file) as show:
        show(run.workspace.add_annotators(*names))


@app.command("list")
def list_(
    context: typer.Context,
    passwords: Annotated[
        bool, typer.Option("--passwords", help="Also print the passwords that were created here.")
    ] = False,
) -> None:
    """List the accounts."""
    run = call(context)
    with run.reporting() as show:
        show(run.workspace.annotators(passwords=passwords))
