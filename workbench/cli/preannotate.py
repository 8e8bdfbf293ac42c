"""`workbench preannotate`: suggestions for the articles of the store."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call

if TYPE_CHECKING:
    from workbench.preannotate.run import PreannotateReport


def preannotate(
    context: typer.Context,
    annotator: Annotated[
        str | None,
        typer.Option("--with", metavar="NAME", help="Who suggests: rules, model, patterns, gliner, llm or a plug-in."),
    ] = None,
    pipeline: Annotated[
        str | None,
        typer.Option("--pipeline", metavar="NAME|PATH", help="Let the rules suggest, on this spaCy pipeline."),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Annotate so many articles at the most.")] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also annotate articles that have suggestions by the same annotator.")
    ] = False,
    processes: Annotated[
        int,
        typer.Option(
            "--processes",
            min=0,
            max=64,
            help="How many processes parse; 0: one for each core, four at the most, where there is much to do.",
        ),
    ] = 0,
) -> None:
    """Suggest annotations for every article that has none by what annotators see now: the rules or a promoted model.

    Interrupted, it goes on from there.
    """
    run = call(context)
    report = run.workspace.preannotate(
        annotator=annotator,
        pipeline=pipeline,
        processes=processes,
        limit=limit,
        again=again,
    )
    for line in lines(report):
        run.print(line)


def lines(report: "PreannotateReport") -> list[str]:
    """What the command prints."""
    told = [f"suggestions by {report.producer}"]
    counts = (
        (report.articles, "articles annotated"),
        (report.already, "had suggestions by it already (--again annotates them again)"),
        (report.left, "wait, over the limit"),
    )
    told += [f"{number:>7}  {what}" for number, what in counts if number or what == "articles annotated"]
    told += [
        f"{layer.spans:>7}  {layer.layer}" + (f", {layer.arguments} arguments" if layer.arguments else "")
        for layer in report.layers
        if report.articles
    ]
    return told + [f"note: {remark}" for remark in report.remarks]
