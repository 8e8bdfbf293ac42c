"""`workbench convert` and `workbench import`."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import Lists, ReportFile

Layers = Annotated[
    list[str] | None,
    typer.Option(
        "--layer",
        metavar="GROUP=LAYER",
        help="Which layer a span group of another program's file is, as sc=entities; `sc=` leaves it out, `ents` are "
        "the entities. May be repeated.",
    ),
]


def convert(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="IN", help="The file to read.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.")],
    source_format: Annotated[str | None, typer.Option("--from", help="Its format; else by the file's name.")] = None,
    target_format: Annotated[str | None, typer.Option("--to", help="Its format; else by the file's name.")] = None,
    label_config: Annotated[
        Path | None, typer.Option("--label-config", help="The scheme; else the workspace's, else the one that ships.")
    ] = None,
    layers: Layers = None,
    report_file: ReportFile = None,
) -> None:
    """Turn annotated articles of one format into another. Needs no store and no server."""
    from workbench.workflows import importing

    this = call(context)
    lists = Lists(this.progress.say, report_file)
    reader, writer = (
        importing.format_for(source, source_format, layers or ()),
        importing.format_for(target, target_format),
    )
    with lists.of_errors():
        report = importing.convert(source, target, reader, writer, this.scheme_from(label_config))
    this.print(f"{report.written.articles} articles, {report.written.spans} spans: {target}")
    lists.show(importing.LEFT_OUT, [(one.where, one.message) for one in report.left_out])
    lists.show("remarks", [(one.where, one.message) for one in report.remarks])
    lists.show("cases that the format does not hold as they are", [("", one) for one in report.written.problems])


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Annotated articles.")],
    annotator: Annotated[
        str | None,
        typer.Option("--annotator", help="Whose work the annotations count as; else the person whom the file names."),
    ] = None,
    format_name: Annotated[str | None, typer.Option("--format", help="Its format; else by the file's name.")] = None,
    layers: Layers = None,
    report_file: ReportFile = None,
) -> None:
    """Take annotated articles from a file; the annotations count as that person's submitted work."""
    from workbench.errors import PartlyDone
    from workbench.workflows import importing

    this = call(context)
    lists = this.lists(report_file)
    form = importing.format_for(file, format_name, layers or ())
    with lists.of_errors():
        report = importing.import_file(this.store, file, form, annotator, this.scheme, this.progress)
    this.print(
        f"{report.articles} articles, {report.added} of them new; "
        f"{report.taken} annotations taken, {report.known} known already"
    )
    if not annotator:
        this.print(f"they count as the work of {', '.join(report.annotators)}, whom the file names")
    if report.restamped:
        this.print(f"{report.restamped} were made under another label scheme, and fit this one")
    if report.unmarked:
        this.print(
            f"nothing in it is marked as {', '.join(report.unmarked)}: that counts as annotated, with nothing to mark"
        )
    if report.without_raw:
        this.print(f"of {report.without_raw} new articles only the cleaned text is known")
    lists.show(importing.LEFT_OUT, [(one.where, one.message) for one in report.left_out])
    lists.show("remarks", [(one.where, one.message) for one in report.remarks])
    lists.show("articles were not taken", [(one.where, one.message) for one in report.refused])
    if report.refused:
        raise PartlyDone(
            f"{len(report.refused)} of {report.articles} articles were not taken",
            hint="annotate the text that the store has, or import into another workspace",
        )
