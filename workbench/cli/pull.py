"""`workbench pull`: what people did, from Label Studio."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call

if TYPE_CHECKING:
    from workbench.cli.context import Call
    from workbench.labelstudio.pull import PullReport


def pull(
    context: typer.Context,
    problems: Annotated[
        bool, typer.Option("--problems", help="Only list what was pulled and does not fit; ask the server nothing.")
    ] = False,
) -> None:
    """Bring what people did since the last pull, as revisions; what does not fit is listed and stops nothing else."""
    run = call(context)
    if problems:
        _print_problems(run)
        return
    from workbench.workflows.sync import pull_annotations

    _print(run, pull_annotations(run.settings, run.store, run.label_studio(), run.progress))


def _print(run: "Call", report: "PullReport") -> None:
    from rich.table import Table

    if report.annotators:
        table = Table("annotator", "submitted", "skipped", "deleted", box=None, title_justify="left")
        for one in report.annotators:
            table.add_row(one.annotator, str(one.submitted), str(one.skipped), str(one.deleted))
        run.console.print(table)
    told = [f"{report.submitted + report.skipped + report.deleted} new revisions from project {report.title}"]
    if report.settled:
        told.append(f"{report.settled} problems are settled")
    told += [f"task {one.task_id} {one.reason}; it was left alone" for one in report.unknown]
    told += [f"does not fit: {problem.article_id}: {problem.message}" for problem in report.new_problems]
    if report.open_problems:
        told.append(f"{report.open_problems} problems are open: `workbench pull --problems`")
    told.append(f"{report.tasks_seen} tasks read, {report.requests} requests in {report.seconds:.1f} s")
    for line in told:
        run.console.print(line, markup=False)


def _print_problems(run: "Call") -> None:
    from workbench.store import sync

    with run.store.transaction() as session:
        found = sync.problems(session)
    for problem in found:
        where = f"{problem.article_id}, task {problem.task_id}, annotation {problem.annotation_id}"
        run.console.print(f"{where} ({problem.updated}): {problem.rule}: {problem.message}", markup=False)
    run.console.print(f"{len(found)} problems are open" if found else "nothing is open", markup=False)
