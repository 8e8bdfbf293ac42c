"""`workbench convert` and `workbench import`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call


def convert(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="IN", help="The file to read.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.")],
    source_format: Annotated[str | None, typer.Option("--from", help="Its format; else by the file's name.")] = None,
    target_format: Annotated[str | None, typer.Option("--to", help="Its format; else by the file's name.")] = None,
    label_config: Annotated[
        Path | None, typer.Option("--label-config", help="The scheme; else the workspace's, else the one that ships.")
    ] = None,
) -> None:
    """Turn annotated articles of one format into another. Needs no store and no server."""
    from workbench.workflows import importing

    this = call(context)
    reader, writer = importing.format_for(source, source_format), importing.format_for(target, target_format)
    report = importing.convert(source, target, reader, writer, this.scheme_from(label_config))
    this.console.print(f"{report.articles} articles, {report.spans} spans: {target}", markup=False)
    for problem in report.problems:
        this.progress.say(problem)


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Annotated articles.")],
    annotator: Annotated[str, typer.Option("--annotator", help="Whose work the annotations count as.")],
    format_name: Annotated[str | None, typer.Option("--format", help="Its format; else by the file's name.")] = None,
) -> None:
    """Take annotated articles from a file; the annotations count as that person's submitted work."""
    from workbench.errors import PartlyDone
    from workbench.workflows import importing

    this = call(context)
    form = importing.format_for(file, format_name)
    report = importing.import_file(this.store, file, form, annotator, this.scheme, this.progress)
    this.console.print(
        f"{report.articles} articles, {report.added} of them new; "
        f"{report.taken} annotations taken, {report.known} known already",
        markup=False,
    )
    if report.restamped:
        this.console.print(f"{report.restamped} were made under another label scheme, and fit this one", markup=False)
    if report.without_raw:
        this.console.print(f"of {report.without_raw} new articles only the cleaned text is known", markup=False)
    if report.refused:
        raise PartlyDone(
            f"{len(report.refused)} articles were not taken:\n  " + "\n  ".join(report.refused),
            hint="annotate the text that the store has, or import into another workspace",
        )
