"""What is annotated next: the parts, whose suggestions count, and the queue that follows from them."""

from workbench.selection import queueing
from workbench.selection.queueing import SelectionReport
from workbench.selection.ranking import RANDOM_SHARE, Strategy
from workbench.workflows import parting
from workbench.workflows.context import Context
from workbench.workflows.sync import current_producers


def select_articles(
    context: Context,
    *,
    strategy: Strategy = "mixed",
    random_share: float = RANDOM_SHARE,
    seed: int = 0,
    limit: int | None = None,
) -> SelectionReport:
    """The queue of the workspace's articles that nobody has annotated; `push --order selected` follows it.

    Args:
        context: the workspace.
        strategy: "uncertain", "rare", "diverse", "mixed" (all three) or "random".
        random_share: the share of places that chance decides, between 0 and 1.
        seed: decides what chance gives.
        limit: the length of the queue at the most; None for all.

    Raises:
        ArticleError: every article is annotated, or there are none.
        SettingsError: there is no such strategy; the share or the limit is none.
    """
    with context.store.transaction() as session:
        # Every story gets its part first: of those held out, chance alone chooses.
        by, shares = parting.rule(context), parting.shares(context)
        parting.assign(session, by, shares)
        return queueing.select(
            session,
            context.scheme,
            current_producers(session),
            parting.held_out(session, by, shares),
            context.progress,
            strategy=strategy,
            random_share=random_share,
            seed=seed,
            limit=limit,
        )
