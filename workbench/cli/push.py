"""`workbench push`: articles and their suggestions to Label Studio."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile

if TYPE_CHECKING:
    from workbench.workflows.sync import PushOutcome

SLOWLY = (
    "this server imports newer suggestions slowly, so they went 1,000 at once; it would be quick with "
    "fflag_fix_back_4620_memory_efficient_predictions_import_08012025_short=true in its environment"
)
ORDER = (
    'the new order holds for "Label Tasks As Displayed" in the tab "By priority"; "Label All Tasks" goes through the '
    "tasks as they were made"
)


def push(
    context: typer.Context,
    articles: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="Ids of articles, or their first characters. Default: all articles."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            help="Only push articles with NAME=VALUE: source=GLOB, story=GROUP, text=WORDS, or a metadata field. Repeatable.",
        ),
    ] = None,
    order: Annotated[
        str, typer.Option("--order", help="Order of the tasks: selected, priority, newest, oldest or random:SEED.")
    ] = "",
    blind: Annotated[
        str,
        typer.Option(
            "--blind",
            metavar="SHARE",
            help="Push this share of articles (such as 10%) without suggestions, permanently.",
        ),
    ] = "0",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Create at most this many new tasks.")] = None,
    overlap: Annotated[int | None, typer.Option("--overlap", min=1, help="Number of annotators per article.")] = None,
    renew_all: Annotated[
        bool, typer.Option("--renew-all", help="Send newer suggestions to finished tasks too.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read everything back from the server, not only samples.")
    ] = False,
    without_suggestions: Annotated[
        bool, typer.Option("--without-suggestions", help="Push articles that have no suggestions yet too.")
    ] = False,
    held_out: Annotated[
        bool,
        typer.Option(
            "--held-out/--no-held-out",
            help="Push articles of the dev and test parts (without suggestions, which would bias the gold), or leave "
            "them out.",
        ),
    ] = True,
    suggest_held_out: Annotated[
        bool, typer.Option("--suggest-held-out", help="Push articles of the dev and test parts, with suggestions.")
    ] = False,
    new_project: Annotated[
        bool, typer.Option("--new-project", help="Create a new project if the previous one was deleted.")
    ] = False,
    report_file: ReportFile = None,
) -> None:
    """Create or update the tasks of articles in Label Studio.

    Every article gets exactly one task, with its current suggestions.
    """
    from workbench.errors import PartlyDone
    from workbench.selection.choosing import percentage
    from workbench.workflows.sync import push_articles

    run = call(context)
    lists = run.lists(report_file)
    outcome = push_articles(
        run.settings,
        run.store,
        run.label_studio,
        run.scheme,
        run.progress,
        names=articles or (),
        where=where or (),
        order=order,
        blind=percentage(blind),
        with_held_out=held_out or suggest_held_out,
        suggest_held_out=suggest_held_out,
        without_suggestions=without_suggestions,
        limit=limit,
        overlap=overlap,
        renew_all=renew_all,
        verify=verify,
        fresh=new_project,
    )
    for line in lines(outcome):
        run.print(line)
    report = outcome.report
    lists.show("articles were refused", [(one.article_id, one.reason) for one in report.refused])
    lists.show("things are not as they were sent", [("", one) for one in report.differences])
    lists.show("things are there twice", [("", one) for one in report.duplicates])
    if report.refused or report.differences or report.duplicates:
        raise PartlyDone("not everything was pushed correctly", hint="see the list above")


def lines(outcome: "PushOutcome") -> list[str]:
    """What the command prints."""
    from workbench.core.config_edit import HINT as CONFIG_HINT

    report = outcome.report
    told = [f"{'made project' if report.made else 'project'} {report.title}: {report.url}"]
    counts = (
        (report.pushed, "articles pushed"),
        (report.blind, "of them without suggestions on purpose (dev and test parts, and --blind)"),
        (report.superseded, "tasks of older versions of their articles marked"),
        (report.moved, "open tasks given another priority"),
        (report.renewed, "tasks brought up to date with their articles (story, title, source)"),
        (report.adopted, "tasks found that an earlier push had sent"),
        (report.already_there, "articles were there already"),
        (report.predictions_sent, f"suggestions sent ({report.shown})"),
        (report.predictions_adopted, "suggestions found that an earlier push had sent"),
        (report.predictions_retired, "older suggestions deleted"),
        (report.predictions_kept, "older suggestions left, because somebody has worked from them"),
        (report.predictions_waiting, "older suggestions left for now, because a page may be open with them"),
        (report.duplicates_removed, "things taken away that were there twice"),
        (report.gone, "tasks had been deleted on the server"),
        (report.foreign, "tasks are none of ours and were left alone"),
        (report.waiting, "articles wait, over the limit"),
        (outcome.held_out, "articles of the dev and test parts left out"),
        (
            report.without_suggestion,
            "articles have no current suggestion (`workbench preannotate`, or --without-suggestions)",
        ),
        (report.unshown, "open tasks show no suggestion, because there is no current one (`workbench preannotate`)"),
        (report.verified, "tasks read back and compared"),
    )
    told += [f"{number:>7}  {what}" for number, what in counts if number]
    if report.slow_renewal:
        told.append(SLOWLY)
    if report.moved:
        told.append(ORDER)
    if report.config_edit:
        told += [str(report.config_edit), CONFIG_HINT]
    told.append(f"{report.requests} requests in {report.seconds:.1f} s")
    return told
