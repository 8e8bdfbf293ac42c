"""`workbench scheme`: what a change of label_config.xml does, and the project brought to it."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.cli.lists import Lists
    from workbench.workflows.scheme_change import SchemeChangeReport

app = typer.Typer(help="Change the label scheme of a project that has annotations.", no_args_is_help=True)

RENAMED = (
    "what was annotated before counts under the new name; in Label Studio's page it stands without a name until somebody "
    "labels it again"
)


@app.command()
def diff(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, with every article.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Show what label_config.xml changes in the project's scheme, and which annotations would not fit any more.

    The server is asked whether somebody edited the label config there. Annotations are those of the store: `workbench
    pull` first, to count what was submitted since.
    """
    from workbench.workflows.scheme_change import scheme_diff

    run = call(context)
    lists = run.lists(report_file, printed=not as_json)
    report = scheme_diff(
        run.store,
        run.scheme,
        run.settings.label_config.read_text(encoding="utf-8-sig"),
        title=run.settings.label_studio.project,
        embedded=not run.external_url,
        connect=run.label_studio,
    )
    if as_json:
        typer.echo(report.model_dump_json(by_alias=True, indent=2))
        _list(report, lists)
        return
    for line in lines(report):
        run.print(line)
    _list(report, lists)


@app.command()
def push(
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="Also where annotations don't fit any more; they stay under the old scheme.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, with every article.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Bring the project in Label Studio to label_config.xml; refused where annotations would not fit any more.

    What somebody edited on the project's settings page is taken back, too. What people submitted is pulled first. No annotation is changed: those that fit count on, in releases too.
    """
    from workbench.workflows.scheme_change import scheme_push

    run = call(context)
    lists = run.lists(report_file, printed=not as_json)
    scheme = run.scheme  # before the server is asked for
    report = scheme_push(
        run.store,
        run.label_studio(),
        scheme,
        run.settings.label_config.read_text(encoding="utf-8-sig"),
        run.progress,
        title=run.settings.label_studio.project,
        force=force,
    )
    if as_json:
        typer.echo(report.model_dump_json(by_alias=True, indent=2))
        _list(report.change, lists)
        _list_orphans(report.change, lists)
        return
    for line in lines(report.change, hint=not report.pushed):
        run.print(line)
    _list(report.change, lists)
    told: list[str] = []
    if report.pushed:
        told.append(f"project {report.change.project_id} ({report.change.title}) now has this label config")
    _list_orphans(report.change, lists)
    if any(effect.change.effect == "renamed" and effect.annotations for effect in report.change.effects):
        told.append(RENAMED)
    told += _renewal(report.to_renew)
    for line in told:
        run.print(line)


@app.command()
def pull(
    context: typer.Context,
    force: Annotated[
        bool, typer.Option("--force", help="Also where annotations don't fit any more; they stay under the old scheme.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, with every article.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Bring label_config.xml to what somebody edited in Label Studio; the old file is kept in backups/.

    What people submitted is pulled first. No annotation is changed: those that fit count on, in releases too.
    """
    from workbench.workflows.scheme_change import scheme_pull

    run = call(context)
    lists = run.lists(report_file, printed=not as_json)
    report = scheme_pull(
        run.store,
        run.label_studio(),
        run.settings.label_config,
        run.settings.backups,
        run.progress,
        title=run.settings.label_studio.project,
        force=force,
    )
    if as_json:
        typer.echo(report.model_dump_json(by_alias=True, indent=2))
        _list(report.change, lists)
        _list_orphans(report.change, lists)
        return
    if not report.taken:
        run.print("label_config.xml is the project's label config: there is nothing to take")
        return
    for line in lines(report.change, hint=False):
        run.print(line)
    _list(report.change, lists)
    run.print(f"label_config.xml now has the label config of project {report.change.project_id}")
    if report.kept:
        run.print(f"the one of before is kept: {report.kept}")
    _list_orphans(report.change, lists)
    for line in _renewal(report.to_renew):
        run.print(line)


def lines(report: "SchemeChangeReport", *, hint: bool = True) -> "Iterator[str]":
    """What the change does, the worst first; with `hint`, what to do about an edit on the server."""
    from workbench.core.config_edit import CHOICE

    if not report.asked:
        yield "Label Studio does not answer, so this is about the label config that the project was given last"
    if report.edited:
        yield f"the label config was edited in Label Studio: {len(report.edited)} changes"
        yield from (f"~ {one}" for one in report.edited)
        if hint:
            yield CHOICE
    if report.same:
        given = "the config that the project was given" if report.edited else "the project's config"
        yield f"label_config.xml means what {given} means" + ("; looks or hints differ" if report.redrawn else "")
        return
    yield f"scheme {report.before} → {report.after}, {report.checked} annotations that fit the old one"
    if report.unfit:
        yield f"{report.unfit} more were made under another scheme and did not fit before"
    for effect in report.effects:
        sign = "!" if effect.orphans and effect.articles else " "
        counts = f": {effect.annotations} annotations, {effect.predictions} predictions" if effect.articles else ""
        yield f"{sign} {effect.text}{counts}"
    yield (
        f"{len(report.orphaned)} annotations and {report.orphaned_predictions} predictions would not fit any more"
        if report.orphaned or report.orphaned_predictions
        else "everything that is there still fits"
    )


def _renewal(to_renew: int) -> "Iterator[str]":
    if to_renew:
        yield f"{to_renew} suggestions are of the old scheme: `workbench preannotate`, then `workbench push`, renew them"


def _list(report: "SchemeChangeReport", lists: "Lists") -> None:
    """The articles that each change touches."""
    for effect in report.effects:
        lists.show(
            f"articles are touched by: {effect.text}",
            [
                (
                    f"{one.article_id} ({one.title})",
                    f"{one.uses} times, in {one.annotations} annotations and {one.predictions} predictions",
                )
                for one in effect.articles
            ],
        )


def _list_orphans(report: "SchemeChangeReport", lists: "Lists") -> None:
    lists.show(
        "annotations stay in the store under the scheme they were made under",
        [
            (
                f"{one.article_id} ({one.title}), {one.annotator} ({one.origin} {one.external_id})",
                "; ".join(one.because),
            )
            for one in report.orphaned
        ],
    )
