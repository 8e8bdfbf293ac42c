"""`workbench articles`: add, list, show."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import terminal
from workbench.cli.context import call
from workbench.cli.lists import ReportFile

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.articles.ingest import AddReport
    from workbench.cli.lists import Lists

app = typer.Typer(help="Add, list and show articles.", no_args_is_help=True, rich_markup_mode=None)

WIDE = 90
"""Columns from which an article's line has room for more than its id and its title."""


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
            metavar="PATH…",
            help="Files (.txt, .html, .jsonl, .json, .csv), folders with such files, or - for standard input.",
        ),
    ],
    kind: Annotated[As | None, typer.Option("--as", help="Read every file as this kind, whatever its name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole report as JSON.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Read, clean and store articles, and group them by story. Adding an article twice is adding it once."""
    from workbench.articles import ingest
    from workbench.errors import PartlyDone

    run = call(context)
    lists = run.lists(report_file, printed=not as_json)
    report = ingest.add(run.store, paths, kind=kind.value if kind else None, progress=run.progress)
    if as_json:
        terminal.as_json(report.model_dump(mode="json"), indent=2)
    else:
        _print_report(report, run.console)
    _list(report, lists)
    if report.refused:
        raise typer.Exit(PartlyDone.exit_code)


@app.command("list")
def list_(
    context: typer.Context,
    by_story: Annotated[bool, typer.Option("--story", help="Sort by story, with the story's id.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show all articles: id, date, words, title, source."""
    from workbench.articles import catalogue
    from workbench.printable import padded, printable

    run = call(context)
    entries = catalogue.entries(run.store, by_story=by_story)
    if as_json:
        for entry in entries:
            terminal.as_json(entry.model_dump(mode="json"))
        return
    count, story = 0, ""
    room = terminal.width()
    for entry in entries:
        count += 1
        if by_story and entry.story_group != story:
            story = entry.story_group
            typer.echo(printable(story))
        indent = "  " if by_story else ""
        title, date = printable(entry.title), printable(entry.published or "", 10)
        if room is not None and room < WIDE:
            # No room for all: the id, and as much of the title as fits.
            left = room - len(indent) - len(entry.id) - 2
            typer.echo(f"{indent}{entry.id}  {printable(title, max(left, 8))}".rstrip())
            continue
        source = printable(entry.source)
        source = source if len(source) <= 50 else "…" + source[-49:]
        beside = f"{indent}{entry.id}  {date:10}  {entry.words:5}  "
        title_room = 60 if room is None else max(20, min(60, room - len(beside) - len(source) - 2))
        typer.echo(f"{beside}{padded(title, title_room)}  {source}".rstrip())
    typer.echo(f"{count} articles")


@app.command()
def show(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID", help="The article's id, or how it begins.")],
    cuts: Annotated[
        bool, typer.Option("--cuts", help="What cleaning cut, where and why, instead of the text.")
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="The text as it was read, exactly, instead of the cleaned one.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The article as JSON.")] = False,
) -> None:
    """Show an article: what is known of it, and its cleaned text."""
    from workbench.articles import catalogue
    from workbench.printable import printable

    run = call(context)
    found = catalogue.whole(run.store, article)
    if as_json:
        terminal.as_json(found.article.model_dump(mode="json"), indent=2)
        return
    if raw:
        terminal.text(found.raw, newline=False)
        return
    one = found.article
    facts = {
        "article": one.id if one.version == 1 else f"{one.id}, version {one.version}",
        "title": one.title,
        "published": one.published or "",
        "language": one.language,
        "story": one.story_group or "",
        "on the story": ", ".join(found.same_story),
        "cleaner": one.cleaner,
        "found in": "\n".join(found.sources),
        **{f"meta {key}": str(value) for key, value in one.meta.items()},
    }
    for key, value in facts.items():
        if value:
            shown = (printable(line) for line in value.splitlines())
            typer.echo(f"{printable(key):14}" + f"\n{'':14}".join(shown))
    if not cuts:
        typer.echo()
        terminal.text(one.text)
        return
    counted = "the raw text" if found.media_type == "text/plain" else "the text that was found on the page"
    run.console.print(f"\n{len(found.boilerplate)} cuts; offsets count characters of {counted}")
    for cut in found.boilerplate:
        run.console.print(f"\n{cut.start}-{cut.end} {cut.reason}", style="bold")
        terminal.text("\n".join(f"  | {line}" for line in cut.text.strip("\r\n").splitlines()))
    for reason, number in found.other_cuts.items():
        run.console.print(f"\nand {number} x {reason}")


def _print_report(report: "AddReport", console: "Console") -> None:
    from rich.table import Table

    from workbench.cli.output import print_table

    groups = f"{report.new_groups} new stories, {report.joined_groups} articles on stories already there"
    console.print(f"{len(report.added)} articles added ({groups}), {len(report.known)} known already")
    if report.cuts:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("cut", "times", "characters"):
            table.add_column(name, justify="left" if name == "cut" else "right")
        for reason, count in report.cuts.items():
            table.add_row(reason, str(count.cuts), str(count.characters))
        print_table(console, table)
    other = {name: number for name, number in report.encodings.items() if name != "utf-8"}
    if other:
        console.print("encodings other than UTF-8: " + ", ".join(f"{name} {number}" for name, number in other.items()))
    if report.dates_as_given:
        console.print(f"{report.dates_as_given} dates could not be told and are kept in meta as they were given")
    if report.nested_values:
        console.print(f"{report.nested_values} nested values are kept in meta as JSON text")


def _list(report: "AddReport", lists: "Lists") -> None:
    lists.show(
        "texts are UTF-8 but for stray bytes, which were read as Windows-1252",
        [(str(one), "") for one in report.stray_bytes],
    )
    lists.show(
        "near-duplicates", [(f"{one.article_id} ~ {', '.join(one.others)}", "") for one in report.near_duplicates]
    )
    lists.show("stories merged into others", [(one, "") for one in report.merged_groups])
    lists.show(
        "kept in one story though much like another, whose part of the split differs",
        [(f"{one.article_id} in {one.group}, apart from {', '.join(one.others)}", "") for one in report.kept_apart],
    )
    lists.show("files passed over: no .txt, .html, .jsonl, .json or .csv", [(one, "") for one in report.passed_over])
    lists.show("refused", [(one.name, one.reason) for one in report.refused], between=" ")
