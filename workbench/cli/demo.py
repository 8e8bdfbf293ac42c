"""`workbench demo`: the whole annotation loop on the samples, or the first half of it on one's own articles."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from workbench.core.measures import ScoreReport, ScoreRow
    from workbench.core.report import Listing
    from workbench.workflows.demo import DemoReport, Place, Prepared


def demo(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="ARTICLE", help="Files or folders of your own articles. Default: the sample articles."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Folder of the workspace. Default: demo, or demo-articles for your own articles."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(hidden=True, help="Also write the final tables to this SVG file.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Stop the demo's server, delete its workspace and start over.")
    ] = False,
) -> None:
    """Run the whole annotation loop on the sample articles.

    With articles of your own, add them, suggest annotations and push, then stop: the rest is up to your annotators.
    """
    from io import StringIO

    from rich.console import Console

    from workbench.workflows.demo import prepare, run_loop, start_over

    run = call(context)
    folder = folder or Path("demo-articles" if paths else "demo")
    if fresh:
        start_over(folder, run.progress)
    if paths:
        ready = prepare(folder, paths, run.progress)
        refused = Listing("refused", [(one.name, one.reason) for one in ready.added.refused], between=" ")
        for line in (*refused.lines(), *_ready(ready)):
            run.print(line)
        return
    report = run_loop(folder, run.progress)
    _print(report, run.console)
    if picture:
        recorder = Console(record=True, width=100, file=StringIO())
        _print(report, recorder)
        recorder.save_svg(str(picture), title="make demo")


def _print(report: "DemoReport", console: "Console") -> None:
    from workbench.cli.output import print_table

    for table in (_decisions(report), _quality(report)):
        print_table(console, table)
    for line in (
        "Texts, gold and rules are by the same hands: these numbers show that the annotation loop works, no more.",
        f"promotion {report.model} was {'promoted' if report.promoted else 'refused'}: {report.reason}",
        f"shown     annotators now see the suggestions of {report.shown}",
        *_where(report.place),
        f"gold      {', '.join(map(_near, report.exports))}",
    ):
        console.print(line, markup=False, highlight=False)


def _ready(ready: "Prepared") -> list[str]:
    told = f"ready     {ready.waiting.suggested} articles wait in the browser with suggestions"
    if ready.waiting.blind:
        told += f", {ready.waiting.blind} without: the dev and test parts, to measure on what leans towards nobody's"
    return [told, *_where(ready.place)]


def _where(place: "Place") -> list[str]:
    workspace = f"workbench -w {_near(place.folder)}"
    return [
        f"open      {place.project_url}",
        f"log in    {' or '.join(place.accounts)}; passwords: `{workspace} annotators list --passwords`",
        f"server    still running at {place.url}; end it: `{workspace} server stop`",
    ]


def _near(path: Path) -> str:
    """The path as it is shortest to type from here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _decisions(report: "DemoReport") -> "Table":
    from rich.table import Table

    names = ("kept", "moved", "relabelled", "deleted", "added")
    table = Table("suggestions", *names, title="What the annotators did with the suggestions", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for layer in report.decisions:
        table.add_row(f"{layer.layer}, {layer.kind}s", *(str(layer.decisions.get(name, 0)) for name in names))
    return table


def _quality(report: "DemoReport") -> "Table":
    from rich.table import Table

    scored = report.comparison.contestants
    table = Table(
        f"F1 [95 % interval], strict, {scored[0].evaluation.scores.documents} articles",
        *(one.name for one in scored),
        title="Quality on the test part, which no annotator and no training has seen",
        title_justify="left",
    )
    for row in scored[0].evaluation.scores.rows:
        if row.label == "*" and row.mode == "strict" and row.what != "attributes":
            scores = (one.evaluation.scores.row(row.what, row.layer) for one in scored)
            table.add_row(f"{row.layer}: {row.what}", *map(_f1, scores))
    table.add_section()
    table.add_row("corrections an article needs", *(_per_article(one.evaluation.scores) for one in scored))
    table.add_row(
        "corrections saved",
        *(f"{one.evaluation.scores.saved:.0%}" for one in scored if one.evaluation.scores.saved is not None),
    )
    return table


def _f1(row: "ScoreRow | None") -> str:
    if row is None or row.f1 is None:
        return "none"
    interval = row.f1_interval
    return f"{row.f1:.2f}" + (f" [{interval.low:.2f}, {interval.high:.2f}]" if interval else "")


def _per_article(report: "ScoreReport") -> str:
    return f"{report.corrections / report.documents:.1f} of {report.corrections_from_empty / report.documents:.1f}"
