"""`workbench preannotate`: suggestions for the articles of the store."""

from typing import Annotated

import typer

from workbench.cli.context import call


def preannotate(
    context: typer.Context,
    annotator: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="NAME",
            help="Pre-annotator: rules, model, patterns, gliner, llm or a plug-in. Default: what annotators see.",
        ),
    ] = None,
    pipeline: Annotated[
        str | None,
        typer.Option("--pipeline", metavar="NAME|PATH", help="Use the rules on this spaCy pipeline."),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Annotate at most this many articles.")] = None,
    again: Annotated[
        bool,
        typer.Option("--again", help="Also annotate articles that already have suggestions by the same pre-annotator."),
    ] = False,
    processes: Annotated[
        int,
        typer.Option(
            "--processes",
            min=0,
            max=64,
            help="Number of processes that parse. 0: one per core, at most four, if there is enough work.",
        ),
    ] = 0,
) -> None:
    """Suggest annotations for articles that have none.

    By default they come from what annotators see now: the rules or a promoted model. After an interruption, run the
    command again; it continues where it stopped.
    """
    run = call(context)
    with run.reporting() as show:
        show(
            run.workspace.preannotate(
                annotator=annotator, pipeline=pipeline, processes=processes, limit=limit, again=again
            )
        )
