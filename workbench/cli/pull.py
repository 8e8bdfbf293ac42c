"""`workbench pull`: what people did, from Label Studio."""

import signal
from contextlib import closing
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import ReportFile


def pull(
    context: typer.Context,
    problems: Annotated[
        bool, typer.Option("--problems", help="Only list the problems of earlier pulls, without asking the server.")
    ] = False,
    adopt: Annotated[
        bool,
        typer.Option("--adopt", help="Add tasks that were imported by hand as articles."),
    ] = False,
    send_back: Annotated[
        bool,
        typer.Option("--send-back", help="Tell annotators in a note on the task why their annotation does not fit."),
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Keep pulling until interrupted.")] = False,
    every: Annotated[float, typer.Option("--every", min=1, help="Seconds between two pulls with --watch.")] = 15.0,
    webhook: Annotated[
        bool,
        typer.Option(
            "--webhook",
            help="With --watch, pull at once when Label Studio calls the `webhook` address in workbench.toml.",
        ),
    ] = False,
    report_file: ReportFile = None,
) -> None:
    """Fetch annotations that changed since the last pull.

    They are stored as revisions. An annotation that does not fit its text or the label scheme is listed as a problem;
    the others are stored all the same.
    """
    if webhook and not watch:
        raise typer.BadParameter("--webhook goes with --watch")
    run = call(context)
    with run.reporting(report_file) as show:
        if problems:
            show(run.workspace.problems())
        elif not watch:
            show(run.workspace.pull(adopt=adopt, send_back=send_back))
        else:
            # Whoever ends it by a signal leaves no webhook behind, as whoever presses Ctrl-C.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            reports = run.workspace.watch(every=every, webhook=webhook, adopt=adopt, send_back=send_back)
            with closing(reports):
                for report in reports:
                    show(report)
