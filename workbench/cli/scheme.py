"""`workbench scheme`: what a change of label_config.xml does, and the project brought to it."""

from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import ReportFile

app = typer.Typer(help="Change the label scheme of a project with annotations.", no_args_is_help=True)


@app.command()
def diff(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, with every article.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Show what label_config.xml would change in the project.

    Lists the annotations in the store that would no longer fit; run `workbench pull` first to include the latest. Also
    says whether somebody edited the label config in Label Studio.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.scheme_diff())


@app.command()
def push(
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="Push even if annotations no longer fit; they stay under the old scheme.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, with every article.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Update the project to label_config.xml.

    Undoes edits made on the project's settings page. Refused if annotations would no longer fit. Pulls first. No
    annotation is changed, and those that fit still count, in releases too.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.scheme_push(force=force))


@app.command()
def pull(
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="Pull even if annotations no longer fit; they stay under the old scheme.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON, with every article.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Update label_config.xml to what was edited in Label Studio.

    The old file is kept in backups/. Submitted annotations are pulled first. No annotation is changed, and those that fit
    still count, in releases too.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.scheme_pull(force=force))
