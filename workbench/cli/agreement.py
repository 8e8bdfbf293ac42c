"""`workbench agreement`: how far annotators agree, and on what they differ."""

from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile


def agreement(
    context: typer.Context,
    release: Annotated[
        str | None,
        typer.Option(
            "--release", metavar="NAME", help="Only the articles of this release, as it was when it was made."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every figure and every article as JSON.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Measure how far annotators agree on spans, roles, whole frames and attributes, with 95 % intervals over articles.

    What each annotator submitted last counts, if it was made independently: not copied, not from a review task, not
    changed after adjudication. 1 is full agreement; 0 is none, and of kappa, alpha and corrected figures what chance gives.
    """
    from workbench.cli.output import print_report
    from workbench.workflows import agreement as workflow

    run = call(context)
    with run.lists(report_file, printed=not as_json).of_errors():
        found = workflow.agreement(run.store, run.scheme, run.progress, release=release)
    if as_json:
        typer.echo(found.model_dump_json(by_alias=True, indent=2))
    else:
        print_report(run.console, found)
    lists = run.lists(report_file, printed=False)  # the report shows them
    lists.show("annotations were left out", [(str(one), "") for one in found.report.left_out])
    lists.show(
        "articles were skipped by everybody", [(f"{o.article_id} ({o.title})", "") for o in found.report.skipped]
    )
