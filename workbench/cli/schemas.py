"""`workbench schemas`."""

from pathlib import Path
from typing import Annotated

import typer


def schemas(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where to write them.")] = Path("schemas"),
) -> None:
    """Write the JSON Schemas of every document that the workbench reads or writes."""
    from workbench.workflows.schemas import write_schemas

    for path in write_schemas(folder):
        typer.echo(path)
