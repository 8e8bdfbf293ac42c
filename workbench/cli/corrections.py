"""`workbench corrections`: what became of suggestions, as a table."""

from enum import StrEnum
from typing import Annotated

import typer

from workbench.cli.context import call


class By(StrEnum):
    """What a row of the table stands for."""

    LABEL = "label"
    ANNOTATOR = "annotator"
    MODEL = "model"
    LAYER = "layer"


def corrections(
    context: typer.Context,
    by: Annotated[By, typer.Option("--by", help="Group the rows by label, annotator, model or layer.")] = By.LABEL,
    blind: Annotated[
        bool,
        typer.Option("--blind", help="Compare with articles that were pushed without suggestions by `push --blind`."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Count what annotators did with suggestions.

    Counts spans and roles that were kept, moved, relabelled, deleted or added, in the latest submitted revision of every
    annotation, and the time it took. With --blind, shows how much time suggestions save and whether annotators lean
    towards them.
    """
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.anchoring() if blind else run.workspace.corrections(by=by.value))
