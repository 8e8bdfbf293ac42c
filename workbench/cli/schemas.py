"""`workbench schemas`."""

from pathlib import Path
from typing import Annotated

import typer


def schemas(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")] = Path("schemas"),
) -> None:
    """Write the JSON Schemas of all documents."""
    from workbench.workflows.schemas import write_schemas

    for path in write_schemas(folder):
        typer.echo(path)
