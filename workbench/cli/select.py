"""`workbench select`: which articles are annotated next."""

from enum import Enum
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.core.choices import LARGEST_SEED


class Strategy(Enum):
    """What puts an article early."""

    mixed = "mixed"
    uncertain = "uncertain"
    rare = "rare"
    diverse = "diverse"
    random = "random"


def select(
    context: typer.Context,
    strategy: Annotated[
        Strategy,
        typer.Option(
            help="What comes first: suggestions that are likely wrong (uncertain), labels with few examples (rare), "
            "texts unlike those annotated (diverse), all three (mixed), or none (random)."
        ),
    ] = Strategy.mixed,
    random_share: Annotated[
        str,
        typer.Option(
            "--random-share",
            metavar="SHARE",
            help="Share of places left to chance, so that measurements stay unbiased.",
        ),
    ] = "20%",
    limit: Annotated[int | None, typer.Option(min=1, help="Length of the queue at the most.")] = None,
    seed: Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Random seed of the places left to chance.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole queue as JSON.")] = False,
) -> None:
    """Order the waiting articles by what their labels would teach.

    The order is kept until the next one; `workbench push --order selected` brings it to the annotators. One article of
    each story comes first. Articles of the dev and test parts are chosen by chance alone.
    """
    from workbench.selection.choosing import percentage

    run = call(context)
    share = percentage(random_share)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.select(strategy=strategy.value, random_share=share, seed=seed, limit=limit))
