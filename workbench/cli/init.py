"""`workbench init`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call


def init(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Folder of the workspace, created if missing."),
    ] = Path(),
    database_url: Annotated[
        str,
        typer.Option(
            "--database-url",
            envvar="WORKBENCH_STORE_URL",
            show_envvar=False,
            help="Store in PostgreSQL: postgresql+psycopg://USER:PASSWORD@HOST/NAME. Default: a SQLite file in the "
            "workspace. Other users of the machine can read command lines; set WORKBENCH_STORE_URL instead to hide a "
            "password.",
        ),
    ] = "",
    label_config: Annotated[
        Path | None,
        typer.Option("--label-config", metavar="FILE", help="Your own label scheme; else the one that ships."),
    ] = None,
) -> None:
    """Create a workspace in a folder.

    Writes workbench.toml, label_config.xml and the store. Existing files are kept.
    """
    from workbench.workspace import Workspace

    with call(context).reporting() as show:
        show(Workspace.init(folder, database_url=database_url, label_config=label_config))
