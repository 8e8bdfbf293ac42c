"""Gold releases of a workspace: what people accepted, frozen and divided as its settings say."""

from workbench.gold import releases, splits
from workbench.gold.accepted import Policy
from workbench.gold.releases import ReleaseReport
from workbench.gold.splits import Shares, SplitReport
from workbench.store.database import now
from workbench.workflows.context import Context


def release(context: Context, name: str, *, policy: Policy = "refuse", seed: int = 0) -> ReleaseReport:
    """The release `name` of everything that people have submitted so far, frozen in the store.

    Raises:
        ReleaseError: annotators differ and the policy is to refuse; nothing has been submitted; the name cannot be
            used, or stands for another content.
    """
    with context.store.transaction() as session:
        return releases.release(
            session, name, context.scheme, created=now(), policy=policy, shares=_shares(context), seed=seed
        )


def split(context: Context, *, seed: int = 0) -> SplitReport:
    """Where every article stands, after every story that had no part got one, for good.

    Raises:
        ReleaseError: two articles of one story were added for different parts.
    """
    with context.store.transaction() as session:
        return splits.assign(session, _shares(context), seed=seed)


def _shares(context: Context) -> Shares:
    return Shares(**context.settings.split.model_dump())
