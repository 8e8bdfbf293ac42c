"""`workbench reconcile`: every difference between the store and Label Studio."""

from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import ReportFile


def reconcile(
    context: typer.Context,
    mend: Annotated[
        bool, typer.Option("--mend", help="Repair every difference that can be repaired without losing work.")
    ] = False,
    report_file: ReportFile = None,
) -> None:
    """Compare the store with Label Studio and list differences."""
    run = call(context)
    with run.reporting(report_file) as show:
        show(run.workspace.reconcile(mend=mend))
