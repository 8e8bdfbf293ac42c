"""`workbench schemas`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call


def schemas(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")] = Path("schemas"),
) -> None:
    """Write the JSON Schemas of all documents."""
    from workbench.workspace import Workspace

    with call(context).reporting() as show:
        show(Workspace.write_schemas(folder))
