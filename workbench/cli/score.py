"""`workbench score`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile

if TYPE_CHECKING:
    from rich.table import Table

    from workbench.core.measures import Interval, ScoreReport, ScoreRow
    from workbench.workflows.scoring import ScoreDocument


def score(
    context: typer.Context,
    gold: Annotated[Path, typer.Argument(metavar="GOLD.jsonl", help="Annotated articles that are right.")],
    predicted: Annotated[Path, typer.Argument(metavar="PREDICTED.jsonl", help="Annotated articles to measure.")],
    as_json: Annotated[bool, typer.Option("--json", help="The whole report as JSON.")] = False,
    label_config: Annotated[
        Path | None, typer.Option("--label-config", help="The scheme; else the workspace's, else the one that ships.")
    ] = None,
    report_file: ReportFile = None,
) -> None:
    """Measure precision, recall and F1 of annotations against gold ones. Needs no store and no server.

    strict: same offsets and label; lenient: they overlap and have the same label. An argument is right when head,
    role and filler are; a frame when its span and all its arguments are; an attribute is looked at where its span is
    right. 95 %: the interval of the strict F1 over documents.
    """
    from workbench.cli.output import print_table
    from workbench.workflows.scoring import score_files

    this = call(context)
    lists = this.lists(report_file, printed=not as_json)
    with lists.of_errors():
        report = score_files(gold, predicted, this.scheme_from(label_config), this.progress)
    if as_json:
        typer.echo(report.model_dump_json(by_alias=True, indent=2))
    else:
        print_table(this.console, score_table(report.report))
        for line in _remarks(report):
            this.print(line)
    for names, what in (
        (report.missing, "articles have no prediction, and count as predicted empty"),
        (report.extra, "articles are not in the gold, and were not scored"),
    ):
        lists.show(what, [(f"{one.id} {one.title}", "") for one in names])
    lists.show("remarks", [("", one) for one in report.remarks])


def score_table(report: "ScoreReport") -> "Table":
    """The rows of a report as a table: a section for each layer and thing, strict beside lenient."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in ("gold", "P", "R", "F1", "95 %", "lenient F1"):
        table.add_column(name, justify="right", no_wrap=True)
    lenient = {(r.what, r.layer, r.label): r for r in report.rows if r.mode == "lenient"}
    last = ("", "")
    for row in report.rows:
        if row.mode != "strict":
            continue
        if (row.layer, row.what) != last:
            if last[0]:
                table.add_row()
            table.add_row(f"{row.layer}: {row.what}", style="bold")
        table.add_row(
            "  all" if row.label == "*" else f"  {row.label}",
            str(row.tp + row.fn),
            _share(row.precision),
            _share(row.recall),
            _share(row.f1),
            _interval(row.f1_interval),
            _f1(lenient.get((row.what, row.layer, row.label))),
            style="bold" if row.label == "*" else None,
        )
        last = (row.layer, row.what)
    return table


def _remarks(report: "ScoreDocument") -> list[str]:
    scores = report.report
    saved = "" if scores.saved is None else f", {scores.saved:.0%} fewer than from an empty page"
    lines = [
        f"{scores.documents} articles, {report.predicted} against {report.gold}",
        f"{scores.corrections} corrections lead from the predictions to the gold{saved}",
    ]
    if report.by_text:
        lines.append(f"{report.by_text} articles were paired by their text: their ids differ")
    return lines


def _f1(row: "ScoreRow | None") -> str:
    return _share(row.f1) if row else ""


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _interval(interval: "Interval | None") -> str:
    return f"{interval.low:.2f}–{interval.high:.2f}" if interval else ""
