"""`workbench reconcile`: every difference between the store and Label Studio."""

from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile


def reconcile(
    context: typer.Context,
    mend: Annotated[
        bool, typer.Option("--mend", help="Mend what can be mended without losing anybody's work.")
    ] = False,
    report_file: ReportFile = None,
) -> None:
    """Compare store and Label Studio completely, and say every difference."""
    from rich.table import Table

    from workbench.cli.output import print_table
    from workbench.errors import PartlyDone
    from workbench.labelstudio.reconcile import reconcile as compare

    run = call(context)
    in_full = run.lists(report_file, printed=False)
    report = compare(run.store, run.label_studio(), run.progress, title=run.settings.label_studio.project, mend=mend)
    if report.differences:
        table = Table("difference", "count", "left" if mend else "", "such as", "what --mend does", box=None)
        for one in report.differences:
            left = str(one.left) if mend else ""
            table.add_row(one.kind, str(one.count), left, "\n".join(one.examples), one.remedy)
            in_full.show(one.kind, [("", said) for said in one.said])
        print_table(run.console, table)
    cost = f"{report.requests} requests in {report.seconds:.1f} s"
    verdict = "" if report.left else "; store and server agree"
    run.console.print(f"{report.tasks} tasks of project {report.title} compared{verdict}; {cost}", markup=False)
    if report.left:
        hint = "see the table above" if mend else "`workbench reconcile --mend` mends what it can"
        raise PartlyDone(f"{report.left} differences", hint=hint)
