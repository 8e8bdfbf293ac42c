"""`workbench pull`: what people did, from Label Studio."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile

if TYPE_CHECKING:
    from workbench.cli.context import Call
    from workbench.cli.lists import Lists
    from workbench.labelstudio.pull.pull import PullReport
    from workbench.store.sync import Problem


def pull(
    context: typer.Context,
    problems: Annotated[
        bool, typer.Option("--problems", help="Only list what was pulled and does not fit; ask the server nothing.")
    ] = False,
    adopt: Annotated[
        bool,
        typer.Option("--adopt", help="Take in the tasks that somebody imported by hand, as articles of their own."),
    ] = False,
    send_back: Annotated[
        bool, typer.Option("--send-back", help="Tell annotators in the task's note why their annotation does not fit.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Keep pulling until interrupted.")] = False,
    every: Annotated[float, typer.Option("--every", min=1, help="With --watch: seconds between two pulls.")] = 15.0,
    webhook: Annotated[
        bool,
        typer.Option(
            "--webhook",
            help="With --watch: let Label Studio call when something happens, at the address `webhook` of workbench.toml.",
        ),
    ] = False,
    report_file: ReportFile = None,
) -> None:
    """Bring what people did since the last pull, as revisions; what does not fit is listed and stops nothing else."""
    if webhook and not watch:
        raise typer.BadParameter("--webhook goes with --watch")
    run = call(context)
    lists = run.lists(report_file)
    if problems:
        _print_problems(run, lists)
        return
    from functools import partial

    from workbench.workflows import sync

    client = run.label_studio()
    once = partial(sync.pull_annotations, run.settings, run.store, adopt=adopt, send_back=send_back)
    if not watch:
        _print(run, once(client, run.progress), lists)
        return
    import signal
    from contextlib import closing, nullcontext

    from workbench.labelstudio.pull.webhook import WebhookListener

    said = sync.SayingOnly(run.progress)  # a bar for every look would fill the screen

    def look() -> "PullReport":
        # The workspace's own server may have been started again meanwhile, at another port.
        with nullcontext(client) if run.external_url else closing(run.label_studio()) as there:
            return once(there, said)

    # Whoever ends it by a signal leaves no webhook behind, as whoever presses Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with WebhookListener(client, run.settings.label_studio.webhook) if webhook else nullcontext() as listener:
        for report in sync.watch(look, run.progress, every=every, listener=listener):
            _print(run, report, lists)


def _print(run: "Call", report: "PullReport", lists: "Lists") -> None:
    from rich.table import Table

    from workbench.cli.output import print_table
    from workbench.core.config_edit import HINT as CONFIG_HINT

    if report.annotators:
        table = Table("annotator", "submitted", "skipped", "deleted", box=None)
        for one in report.annotators:
            table.add_row(one.annotator, str(one.submitted), str(one.skipped), str(one.deleted))
        print_table(run.console, table)
    run.print(f"{report.submitted + report.skipped + report.deleted} new revisions from project {report.title}")
    for number, what in (
        (report.adopted, "tasks that somebody imported were taken in"),
        (report.sent_back, "tasks tell their annotator what does not fit"),
        (report.cleared, "tasks need their note no more"),
        (report.settled, "problems are settled"),
    ):
        if number:
            run.print(f"{number} {what}")
    lists.show(
        "tasks that are none of ours were left alone (--adopt takes such tasks in)",
        [(f"task {one.task_id}", one.reason) for one in report.unknown],
    )
    lists.show("regions had white space at their edges, and are kept without it", report.trimmed)
    lists.show(
        "annotations do not fit, and were kept aside",
        [(_place(problem), problem.message) for problem in report.new_problems],
    )
    if report.open_problems:
        run.print(f"{report.open_problems} problems are open: `workbench pull --problems`")
    if report.sweep:
        look = report.sweep
        run.print(
            f"the counts disagreed: {look.tasks} tasks looked at, {look.read_again} read again, {look.gone} were deleted, "
            f"{look.drafts} hold drafts; {look.requests} requests in {look.seconds:.1f} s of the following"
        )
    if report.config_edit:
        run.print(str(report.config_edit))
        run.print(CONFIG_HINT)
    run.print(f"{report.tasks_seen} tasks read, {report.requests} requests in {report.seconds:.1f} s")


def _print_problems(run: "Call", lists: "Lists") -> None:
    from workbench.store import sync

    with run.store.reading() as session:
        found = sync.problems(session)
    lists.show("problems are open", [(f"{_place(one)} ({one.updated})", f"{one.rule}: {one.message}") for one in found])
    if not found:
        run.print("nothing is open")


def _place(problem: "Problem") -> str:
    return f"{problem.article_id}, task {problem.task_id}, annotation {problem.annotation_id}"
