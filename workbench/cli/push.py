"""`workbench push`: articles and their suggestions to Label Studio."""

from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import ReportFile


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
    from workbench.labelstudio.push.options import PushOptions
    from workbench.selection.choosing import percentage

    run = call(context)
    options = PushOptions(
        without_suggestions=without_suggestions,
        limit=limit,
        overlap=overlap,
        renew_all=renew_all,
        verify=verify,
        new_project=new_project,
    )
    with run.reporting(report_file) as show:
        show(
            run.workspace.push(
                *(articles or ()),
                where=where or (),
                order=order,
                blind=percentage(blind),
                held_out=held_out,
                suggest_held_out=suggest_held_out,
                options=options,
            )
        )
