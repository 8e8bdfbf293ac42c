"""`workbench corrections`: what became of suggestions, as a table."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call

if TYPE_CHECKING:
    from rich.table import Table

    from workbench.cli.context import Call
    from workbench.reports.anchoring import AnchoringReport
    from workbench.reports.corrections import CorrectionsReport


class By(StrEnum):
    """What a row of the table stands for."""

    LABEL = "label"
    ANNOTATOR = "annotator"
    MODEL = "model"
    LAYER = "layer"


def corrections(
    context: typer.Context,
    by: Annotated[By, typer.Option("--by", help="What a row stands for.")] = By.LABEL,
    blind: Annotated[
        bool, typer.Option("--blind", help="Compare with articles that went without suggestions on purpose.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show what annotators did with suggestions: kept, moved, relabelled, deleted, added; and how long it took.

    Only what is current counts: the last revision of every annotation, where it was submitted. With --blind it shows the
    time that suggestions save, and whether what people submit leans towards what they were shown.
    """
    from workbench.cli.output import print_table
    from workbench.reports.corrections import corrections as read

    run = call(context)
    if blind:
        _print_blind(run, as_json=as_json)
        return
    report = read(run.store, by=by.value)
    if as_json:
        typer.echo(report.model_dump_json(by_alias=True, indent=2))
        return
    if not report.annotations:
        run.console.print(
            "nobody has submitted anything yet; `workbench pull` brings what annotators did", markup=False
        )
        return
    if report.rows:
        print_table(run.console, decisions_table(report))
    else:
        run.console.print("nothing that was submitted was made from a suggestion", markup=False)
    print_table(run.console, work_table(report))


def _print_blind(run: "Call", *, as_json: bool) -> None:
    from workbench.cli.output import print_table
    from workbench.reports.anchoring import anchoring

    report = anchoring(run.store, run.scheme)
    if as_json:
        typer.echo(report.model_dump_json(by_alias=True, indent=2))
        return
    if not report.blind or not report.shown:
        lacking = "without" if report.shown else "with"
        run.console.print(
            f"{report.shown} annotations were made with suggestions and {report.blind} without on purpose: there is "
            f"nothing to compare before some are made {lacking}; `workbench push --blind 10%` leaves some out",
            markup=False,
        )
        return
    print_table(run.console, time_table(report))
    print_table(run.console, similarity_table(report))
    told = ["same spans: F1 of place and label, between what was submitted and what was, or would have been, suggested"]
    if report.neither:
        told.append(f"left out: {report.neither} annotations without a suggestion, though not on purpose")
    for line in told:
        run.console.print(line, markup=False)


def time_table(report: "AnchoringReport") -> "Table":
    """Each annotator's pace with and without suggestions."""
    table = _table("annotator", "suggested", "s/100 words", "blind", "s/100 words", "time saved")
    for row in report.time:
        table.add_row(
            row.annotator,
            str(row.shown.annotations),
            _seconds(row.shown.seconds),
            str(row.blind.annotations),
            _seconds(row.blind.seconds),
            "" if row.saved is None else f"{row.saved:.0%}",
        )
    return table


def similarity_table(report: "AnchoringReport") -> "Table":
    """How like each producer's suggestions is to what was submitted by people who saw them, and who did not."""
    table = _table("suggestions by", "seen", "same spans", "not seen", "same spans", "difference", "95 %")
    for row in report.anchoring:
        table.add_row(
            row.producer,
            str(row.shown),
            _share(row.shown_like),
            str(row.blind),
            _share(row.blind_like),
            "" if row.difference is None else f"{row.difference:+.2f}",
            "" if row.interval is None else f"{row.interval.low:+.2f} to {row.interval.high:+.2f}",
        )
    return table


def decisions_table(report: "CorrectionsReport") -> "Table":
    """A row for each label, layer, annotator or model, spans before roles before attributes."""
    table = _table(report.by, "suggested", "kept", "", "moved", "relabelled", "attr.", "deleted", "added")
    last = ("", "")
    for row in report.rows:
        if (row.layer, row.kind) != last:
            if last != ("", ""):
                table.add_row()
            table.add_row(f"{row.layer}: {row.kind}s" if row.layer else f"{row.kind}s", style="bold")
        counts = (row.moved, row.relabelled, row.changed, row.deleted, row.added)
        if row.kind == "attribute":
            cells = ["", "", "", "", "", str(row.changed), "", ""]
        else:
            share = "" if row.kept_share is None else f"{row.kept_share:.0%}"
            cells = [str(row.suggested), str(row.kept), share, *(str(count or "") for count in counts)]
        table.add_row(f"  {row.name or '(no suggestions)'}", *cells)
        last = (row.layer, row.kind)
    return table


def work_table(report: "CorrectionsReport") -> "Table":
    """How much each annotator did from each model's suggestions, and how long it took."""
    table = _table("annotator", "suggestions by", "submitted", "corrections", "minutes", "s/article", "s/correction")
    table.columns[1].justify = "left"
    for row in report.work:
        table.add_row(
            row.annotator,
            row.model or "(no suggestions)",
            str(row.annotations),
            str(row.corrections) if row.model else "",
            f"{row.seconds / 60:.1f}" if row.timed else "",
            _seconds(row.seconds_per_article),
            _seconds(row.seconds_per_correction),
        )
    return table


def _table(first: str, *names: str) -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
