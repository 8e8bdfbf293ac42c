"""`workbench score`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import AsJson, ReportFile


def score(
    context: typer.Context,
    gold: Annotated[Path, typer.Argument(metavar="GOLD.jsonl", help="File with the gold annotations.")],
    predicted: Annotated[Path, typer.Argument(metavar="PREDICTED.jsonl", help="File with the annotations to measure.")],
    as_json: AsJson = False,
    label_config: Annotated[
        Path | None, typer.Option("--label-config", help="Label config. Default: the workspace's, or the built-in one.")
    ] = None,
    report_file: ReportFile = None,
) -> None:
    """Measure precision, recall and F1 against gold annotations.

    A span is right if its label is and, strictly, its offsets are; leniently, if the two overlap. An argument is right
    if head, role and filler are; a frame, if its span and all its arguments are. Attributes are compared only on spans
    that are right. The 95 % interval is that of the strict F1, over documents. Needs no store and no server.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.anywhere(label_config).score(gold, predicted))
