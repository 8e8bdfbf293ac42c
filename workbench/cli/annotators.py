"""`workbench annotators`: the accounts of the people who annotate."""

from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import Lists, ReportFile

app = typer.Typer(help="The accounts of the people who annotate.", no_args_is_help=True)


@app.command()
def add(
    context: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME|EMAIL...", help="A name, or an e-mail to log in with.")],
    report_file: ReportFile = None,
) -> None:
    """Make accounts, and print their passwords this once; they are kept in label-studio/annotators.json."""
    from workbench.labelstudio.server import accounts

    run = call(context)
    client = run.label_studio()
    report = accounts.add(client, run.settings.label_studio_folder, tuple(names))
    if report.added:
        run.console.print(f"log in at {client.url}", markup=False)
    for account in report.added:
        run.console.print(f"{account.email}  {account.password}", markup=False)
    for email in report.known:
        run.console.print(f"{email}  has an account already; it was left as it is", markup=False)
    Lists(run.progress.say, report_file).show("refused", report.refused)
    if report.refused:
        raise typer.Exit(4 if report.added or report.known else 1)


@app.command("list")
def show(
    context: typer.Context,
    passwords: Annotated[
        bool, typer.Option("--passwords", help="Also print the passwords that were made here.")
    ] = False,
) -> None:
    """List who can log in."""
    from workbench.labelstudio.server import accounts

    run = call(context)
    for account in accounts.everybody(run.label_studio(), run.settings.label_studio_folder):
        known = account.password if passwords else ("password kept here" if account.password else "")
        run.console.print(f"{account.email}  {known}".rstrip(), markup=False)
