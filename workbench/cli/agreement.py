"""`workbench agreement`: how far annotators agree, and on what they differ."""

from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import ReportFile


def agreement(
    context: typer.Context,
    release: Annotated[
        str | None,
        typer.Option(
            "--release",
            metavar="NAME",
            help="Only count the articles of this release, as they were when it was frozen.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every figure and every article as JSON.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Measure how far annotators agree.

    Compares spans, roles, whole frames and attributes, with 95 % intervals over articles.

    What each annotator submitted last counts, if it was made independently: not copied, not from a review task, not
    changed after adjudication. 1 is full agreement; 0 is none, and of kappa, alpha and corrected figures what chance gives.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.agreement(release=release))
