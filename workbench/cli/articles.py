"""`workbench articles`: add, list, show, withdraw, regroup."""

from enum import StrEnum
from typing import Annotated

import typer

from workbench.cli import terminal
from workbench.cli.context import call
from workbench.cli.reporting import AsJson, ReportFile

app = typer.Typer(help="Add, list, show, withdraw and regroup articles.", no_args_is_help=True, rich_markup_mode=None)


class As(StrEnum):
    """The kinds of files that hold articles."""

    TXT = "txt"
    HTML = "html"
    JSONL = "jsonl"
    JSON = "json"
    CSV = "csv"


@app.command()
def add(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Files (.txt, .html, .jsonl, .json, .csv), folders of such files, or - for standard input.",
        ),
    ],
    kind: Annotated[
        As | None, typer.Option("--as", help="Read every file as this kind. Default: by name and content.")
    ] = None,
    as_json: AsJson = False,
    report_file: ReportFile = None,
) -> None:
    """Add articles: read, clean, store and group them by story.

    An article that is already there is not added again.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.add(*paths, kind=kind.value if kind else None))


@app.command("list")
def list_(
    context: typer.Context,
    by_story: Annotated[bool, typer.Option("--story", help="Group by story.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")] = False,
) -> None:
    """List articles: id, date, words, title and source."""
    found = call(context).workspace.articles(by_story=by_story)
    if as_json:
        for entry in found.articles:
            terminal.as_json(entry.model_dump(mode="json"))
        return
    for line in found.lines(terminal.width()):
        typer.echo(line)


@app.command("show")
def show_(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID", help="Id of the article, or its first characters.")],
    cuts: Annotated[
        bool, typer.Option("--cuts", help="Show what cleaning removed, where and why, instead of the text.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="Show the text exactly as read instead of the cleaned text.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the article as JSON.")] = False,
) -> None:
    """Show an article with its metadata."""
    run = call(context)
    view = "raw" if raw else "cuts" if cuts else "text"
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.article(article, view=view))


@app.command()
def withdraw(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID", help="Id of the article, or its first characters.")],
    why: Annotated[str, typer.Option(help="Reason, which releases, cards and exports name.")] = "",
    erase: Annotated[
        bool, typer.Option("--erase", help="Erase its words, too, from the store and from Label Studio, for good.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Undo the withdrawal of an article that is not erased.")] = False,
    as_json: AsJson = False,
) -> None:
    """Withdraw an article from selection, push and releases.

    Releases that hold it stay as they are; `gold verify`, later releases and exports name the withdrawal. Its task in
    Label Studio is marked, or with --erase deleted; if Label Studio does not run, the next push or reconcile --mend does it.
    """
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.withdraw(article, why=why, erase=erase, undo=undo))


@app.command()
def regroup(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    as_json: AsJson = False,
    report_file: ReportFile = None,
) -> None:
    """Group all articles by story anew.

    For stories that an earlier version made too large. Articles that were released, or added with the name of their story,
    keep it; articles that were pushed or annotated keep their part. Stories that nobody has seen get their part anew.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.regroup(dry_run=dry_run))
