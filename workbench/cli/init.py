"""`workbench init`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The workspace's folder.")] = Path(),
    database_url: Annotated[
        str,
        typer.Option(
            "--database-url",
            envvar="WORKBENCH_STORE_URL",
            show_envvar=False,
            help="postgresql+psycopg://USER:PASSWORD@HOST/NAME; else a SQLite file in the workspace. Others can see a command's "
            "options: WORKBENCH_STORE_URL keeps a password from them.",
        ),
    ] = "",
    label_config: Annotated[
        Path | None,
        typer.Option("--label-config", metavar="FILE", help="Your own label scheme; else the one that ships."),
    ] = None,
) -> None:
    """Make a workspace: workbench.toml, label_config.xml, the store. What is there already stays as it is."""
    from workbench.workflows import init as workflow

    report = workflow.init(folder, database_url, label_config)
    console = call(context).console
    if report.made:
        console.print(f"{report.root}: made {', '.join(report.made)}", markup=False)
    if report.kept:
        console.print(f"{report.root}: left as they are: {', '.join(report.kept)}", markup=False)
    console.print(f"store: {report.database}", markup=False)
