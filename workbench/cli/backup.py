"""`workbench backup` and `workbench restore`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call


def backup(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE.tar.gz", help="File to write. Default: a new file in backups/ of the workspace."),
    ] = None,
    with_models: Annotated[bool, typer.Option("--with-models", help="Include the trained models.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Save the workspace to one file, even while it is in use.

    The file holds the store, Label Studio's data, settings and passwords, and only you can read it. Keep it that way:
    with it, anyone can log in as any annotator.
    """
    run = call(context)
    with run.reporting() as show:
        show(run.workspace.backup(file, with_models=with_models, force=force))


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.tar.gz", help="File written by `workbench backup`.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace an existing workspace; the old one moves to backups/replaced-….")
    ] = False,
) -> None:
    """Restore a workspace from a backup.

    The target is `workbench --workspace DIR restore …`, else the nearest workspace, else the current folder. Stop Label
    Studio first. Afterwards run `workbench server start` and `workbench pull` to fetch what the server has.
    """
    from workbench.workspace import Workspace

    run = call(context)
    with run.reporting() as show:
        show(Workspace.restore(run.nearest_folder(), file, progress=run.progress, force=force))
