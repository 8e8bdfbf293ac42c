"""`workbench adjudicate`: what annotators of one article say differently is settled, by rule or by a person."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import AsJson, ReportFile

if TYPE_CHECKING:
    from workbench.core.adjudication.policies import Policies


def adjudicate(
    context: typer.Context,
    articles: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ARTICLE]...", help="Ids of articles, or their first characters. Default: all articles."
        ),
    ] = None,
    authority: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYER=PERSON",
            help="Let this annotator decide in a layer; `document` is what is said of the text. Repeatable.",
        ),
    ] = None,
    majority: Annotated[bool, typer.Option("--majority", help="Let more than half of the annotators decide.")] = False,
    seniority: Annotated[
        str, typer.Option(metavar="A,B,C", help="Let the first of these annotators who annotated the article decide.")
    ] = "",
    none: Annotated[bool, typer.Option("--none", help="Let no policy decide: all goes to a person.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also merge articles that were settled without a person.")
    ] = False,
    no_push: Annotated[
        bool, typer.Option("--no-push", help="List what waits for a person, but send no review tasks.")
    ] = False,
    as_json: AsJson = False,
    report_file: ReportFile = None,
) -> None:
    """Settle what annotators of one article say differently.

    What all say is taken. The rest is decided by authority, majority and seniority, in this order; without any of these
    options, by those of the last time. What is left goes into Label Studio as review tasks, in a project of their own,
    and `workbench pull` fetches the decisions.
    """
    run = call(context)
    policies = _policies(authority or [], seniority, majority=majority, none=none)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.adjudicate(*articles or (), policies=policies, again=again, send=not no_push))


def _policies(authority: list[str], seniority: str, *, majority: bool, none: bool) -> "Policies | None":
    """The policies that the options name; None where they name none."""
    if not (authority or seniority or majority or none):
        return None
    if none and (authority or seniority or majority):
        raise typer.BadParameter("--none goes with no other policy")
    from workbench.core.adjudication.policies import Policies

    by_layer: dict[str, str] = {}
    for one in authority:
        layer, _, person = (part.strip() for part in one.partition("="))
        if not layer or not person:
            raise typer.BadParameter(f"--authority {one!r} is not LAYER=PERSON")
        if layer in by_layer:
            raise typer.BadParameter(f"--authority names {layer} twice; one annotator decides in a layer")
        by_layer[layer] = person
    people = tuple(name for part in seniority.split(",") if (name := part.strip()))
    if seniority and not people:
        raise typer.BadParameter(f"--seniority {seniority!r} names nobody")
    return Policies(majority=majority, authority=by_layer, seniority=people)
