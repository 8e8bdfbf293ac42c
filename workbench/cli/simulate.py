"""`workbench simulate`: annotating a gold corpus over again, to compare orders and models."""

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.select import Strategy
from workbench.core.parts import Part


class Learner(Enum):
    """What learns from the articles."""

    suggestions = "suggestions"
    words = "words"
    ner = "ner"
    rules = "rules"


def simulate(
    context: typer.Context,
    gold: Annotated[str, typer.Argument(metavar="RELEASE|FILE", help="Gold release, or file of annotated articles.")],
    learner: Annotated[
        list[Learner] | None,
        typer.Option(
            help="What learns: the workbench's model from suggestions and words, or from words alone; spaCy's ner; "
            "nothing (rules). Repeatable. Default: suggestions and rules."
        ),
    ] = None,
    strategy: Annotated[
        list[Strategy] | None,
        typer.Option(help="Order of the articles, as in `workbench select`. Repeatable. Default: random."),
    ] = None,
    sizes: Annotated[
        list[str] | None,
        typer.Option(
            metavar="N,N,…", help="Train and measure after these numbers of articles. Repeatable. Default: 10,20,40."
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Number of random orders to repeat with.")] = 1,
    part: Annotated[Part, typer.Option(help="Part of a release to measure on.")] = "test",
    test_share: Annotated[
        str, typer.Option("--test-share", metavar="SHARE", help="Share of a file's articles to measure on, by story.")
    ] = "30%",
    label_config: Annotated[
        Path | None, typer.Option("--label-config", metavar="FILE", help="Label config of the file's annotations.")
    ] = None,
    format: Annotated[str | None, typer.Option("--format", help="Format of the file. Default: by its name.")] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Keep every result in FILE, and continue from it after an interruption."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every result as JSON.")] = False,
) -> None:
    """Replay the annotation of gold, to compare orders and models.

    Articles are suggested, corrected to the gold and learned from, round by round; what was learned is measured on
    articles that it never sees.
    """
    from workbench.cli.output import print_report
    from workbench.selection.choosing import percentage
    from workbench.workflows.context import read_scheme
    from workbench.workflows.simulate import SimulationOptions

    run = call(context)
    options = SimulationOptions(
        learners=tuple(one.value for one in learner or (Learner.suggestions, Learner.rules)),
        strategies=tuple(one.value for one in strategy or (Strategy.random,)),
        sizes=numbers(sizes or ("10,20,40",)),
        seeds=seeds,
        part=part,
        test_share=percentage(test_share),
    )
    scheme = read_scheme(label_config) if label_config else None
    found = run.workspace.simulate(gold, options, scheme=scheme, format=format, output=output)
    if as_json:
        typer.echo(found.model_dump_json(by_alias=True, indent=2))
    else:
        print_report(run.console, found)


def numbers(given: Sequence[str]) -> tuple[int, ...]:
    """Whole numbers, each given by itself or several with commas between them.

    Raises:
        SettingsError: they are none.
    """
    from workbench.errors import SettingsError

    every = ",".join(given)
    try:
        return tuple(int(one) for one in every.split(",") if one.strip())
    except ValueError:
        raise SettingsError(f"{every!r} are no numbers", hint="write them as 10,20,40") from None
