"""`workbench history`: who changed what in an article."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.core.annotations import AttributeValue
    from workbench.reports.history import Change, HistoryReport, Region, Step

SHOWN_CHARACTERS = 60


def history(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID", help="Id of the article, or its first characters.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the history as JSON.")] = False,
) -> None:
    """Show who changed what in an article, region by region.

    Starts at the suggestion and ends at the last revision.
    """
    from workbench.reports.history import history as read

    run = call(context)
    report = read(run.store, run.scheme, article)
    if as_json:
        typer.echo(report.model_dump_json(by_alias=True, indent=2))
        return
    for line in _lines(report):
        run.print(line)


def _lines(report: "HistoryReport") -> "Iterator[str]":
    yield f"{report.article_id} {report.title}"
    if not report.steps:
        yield "nobody has annotated it yet, as far as was pulled or imported"
    for step in report.steps:
        yield ""
        yield from _step(step, show_version=report.versions > 1)
    for one in report.waiting:
        yield ""
        yield f"{one.updated[:19]} annotation {one.annotation_id} does not fit and is kept aside: {one.message}"


def _step(step: "Step", *, show_version: bool) -> "Iterator[str]":
    head = f"{step.updated[:19].replace('T', ' ')}  {step.annotator} {step.state} annotation {step.external_id}"
    head += f" of version {step.article_version}" if show_version else ""
    head += f" ({step.origin})"
    yield head + (f", {step.lead_time:.0f} s" if step.lead_time is not None else "")
    if step.state not in ("submitted", "adjudicated"):
        return
    against = {
        "suggestion": f"against the suggestion by {step.compared_with}",
        "revision": f"against the revision of {step.compared_with[:19].replace('T', ' ')}",
        "nothing": "from an empty page",
    }[step.against]
    yield f"  {against}: {step.kept_spans} spans and {step.kept_roles} roles kept, {len(step.changes)} changes"
    for change in step.changes:
        yield f"    {_change(change)}"


def _change(change: "Change") -> str:
    span = change.after or change.before
    if change.kind == "span" and span is not None:
        if change.before and change.after:
            return f"{change.decision:<12} {_region(change.before)}  →  {_region(change.after)}"
        return f"{change.decision:<12} {_region(span)}"
    if change.kind == "role" and span is not None:
        name = f"{change.name_before} → {change.name}" if change.name_before else change.name
        return f"{change.decision:<12} {_region(span)}  {name}  {_region(change.other) if change.other else '?'}"
    about = _region(span) if span else "the article"
    return f"{change.decision:<12} {about}  {change.name}: {_value(change.value_before)} → {_value(change.value_after)}"


def _region(region: "Region") -> str:
    text = " ".join(region.text.split())
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
    return f"{region.label} {region.start}-{region.end} “{shown}”"


def _value(value: "AttributeValue | None") -> str:
    from workbench.core.annotations import written

    return "nothing" if value is None or value in ("", ()) else written(value)
