"""`workbench backup` and `workbench restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call

if TYPE_CHECKING:
    from workbench.workflows.backup import BackupManifest


def backup(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.tar.gz", help="Where to; else a file in the workspace's backups/.")
    ] = None,
    with_models: Annotated[bool, typer.Option("--with-models", help="Also the trained models.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
) -> None:
    """Save the workspace in one file, while all of it is in use: store, Label Studio's data, settings, passwords.

    Whoever has the file can log in as everybody in it: it can be read by you alone, keep it so.
    """
    from workbench.workflows.backup import backup as save

    run = call(context)
    report = save(run.settings, run.store, run.progress, target=file, with_models=with_models, force=force)
    told = [f"{report.path}, {report.size / 1e6:.1f} MB", *_contents(report.manifest)]
    if run.external_url:
        told.append(f"not in it: the data of Label Studio at {run.external_url}, which is not run by this workspace")
    if report.models_left:
        told.append("not in it: models/ (--with-models saves them, too)")
    told += [f"not in it: {name}, which is no file" for name in report.manifest.left_out]
    for line in told:
        run.console.print(line, markup=False)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.tar.gz", help="A file that `workbench backup` wrote.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace what is there; it is kept in backups/replaced-….")
    ] = False,
) -> None:
    """Bring a workspace back from a backup: into `--workspace DIR`, or the workspace here, or this folder.

    Label Studio must not run. Afterwards `workbench server start` and `workbench pull` bring the store up to what the
    server has.
    """
    from workbench import settings
    from workbench.errors import SettingsError
    from workbench.workflows.backup import restore as bring_back

    run = call(context)
    root = run.folder or Path.cwd()
    if run.folder is None:
        try:
            root = settings.find_workspace(root)
        except SettingsError:
            run.progress.say(f"no workspace here: making one in {root}")
    report = bring_back(root, file, run.progress, force=force)
    told = [f"{report.root} is as it was at {report.manifest.created}", *_contents(report.manifest)]
    told.append(f"store         {report.store}")
    if report.aside:
        told.append(f"what was there is in {report.aside}")
    told.append("next: `workbench server start`, then `workbench pull`" if report.manifest.label_studio else "")
    for line in filter(None, told):
        run.console.print(line, markup=False)


def _contents(manifest: "BackupManifest") -> list[str]:
    theirs = f"Label Studio {manifest.label_studio} with its accounts" if manifest.label_studio else "no Label Studio"
    models = ", models" if manifest.with_models else ""
    return [
        f"holds         the store (version {manifest.store_version}), {theirs}{models}; {len(manifest.files)} files"
    ]
