"""`workbench reconcile`: every difference between the store and Label Studio."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.labelstudio.reconcile import ReconcileReport


def reconcile(
    context: typer.Context,
    mend: Annotated[
        bool, typer.Option("--mend", help="Mend what can be mended without losing anybody's work.")
    ] = False,
    report_file: ReportFile = None,
) -> None:
    """Compare store and Label Studio completely, and say every difference."""
    from workbench.errors import PartlyDone
    from workbench.labelstudio.reconcile import reconcile as compare

    run = call(context)
    in_full = run.lists(report_file, printed=False)
    report = compare(run.store, run.label_studio(), run.progress, title=run.settings.label_studio.project, mend=mend)
    for line in lines(report):
        run.print(line)
    for one in report.differences:
        in_full.show(one.kind, [("", said) for said in one.said])
    cost = f"{report.requests} requests in {report.seconds:.1f} s"
    verdict = "" if report.left else "; store and server agree"
    run.console.print(f"{report.tasks} tasks of project {report.title} compared{verdict}; {cost}", markup=False)
    if report.left:
        hint = "see the list above" if mend else "`workbench reconcile --mend` mends what it can"
        raise PartlyDone(f"{report.left} differences", hint=hint)


def lines(report: "ReconcileReport") -> "Iterator[str]":
    """Each kind of difference with examples and what mending does: no table, so that nothing is cut in a narrow place."""
    for one in report.differences:
        yield f"{one.count:>7}  {one.kind}" + (f", {one.left} left" if report.mended else "")
        yield from (f"{'':9}{example}" for example in one.examples)
        if one.count > len(one.examples):
            yield f"{'':9}... and {one.count - len(one.examples)} more"
        yield f"{'':9}--mend: {one.remedy}"
