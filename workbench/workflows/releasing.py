"""Gold releases of a workspace: what people accepted, frozen and divided as its settings say."""

from workbench.core.agreement.comparison import EVERY
from workbench.core.ports import Silent
from workbench.errors import AgreementError, ReleaseError
from workbench.gold import building, splits
from workbench.gold.accepted import Policy
from workbench.gold.agreement import agreement
from workbench.gold.building import ReleaseReport
from workbench.gold.division import read_rule
from workbench.gold.manifest import LayerAgreement
from workbench.gold.splits import SplitReport
from workbench.store.database import now
from workbench.workflows import parting
from workbench.workflows.context import Context


def release(
    context: Context, name: str, *, policy: Policy = "refuse", split: str | None = None, seed: int = 0
) -> ReleaseReport:
    """The release `name` of everything that people have submitted so far, frozen in the store.

    Args:
        context: the workspace.
        name: the release's.
        policy: what is gold where annotators differ and nobody has adjudicated.
        split: how articles are divided into parts, as `division.read_rule` reads it; None as workbench.toml says.
        seed: decides the order in which parts are filled.

    Raises:
        ReleaseError: annotators differ and the policy is to refuse; nothing has been submitted; the name cannot be
            used, or stands for another content; there is no such way to divide.
    """
    rule = parting.rule(context) if split is None else read_rule(split)
    with context.store.reading() as session:
        chosen = building.select_gold(session, context.scheme, policy)
    agreed = _agreement(context, {one.article.id: one.article.version for one in chosen.accepted})
    with context.store.transaction() as session:
        return building.release(
            session,
            name,
            context.scheme,
            created=now(),
            policy=policy,
            rule=rule,
            shares=parting.shares(context),
            seed=seed,
            chosen=chosen,
            agreement=agreed,
        )


def _agreement(context: Context, versions: dict[str, int]) -> list[LayerAgreement]:
    """How far annotators agree on these article versions, layer by layer; nothing where no two annotated one of them."""
    try:
        found = agreement(context.store, context.scheme, Silent(), versions=versions, resamples=0).agreement
    except AgreementError:
        return []
    frames = {row.layer: row.partial.value for row in found.frames if row.pair is None and row.label == EVERY}
    return [
        LayerAgreement(
            layer=row.layer,
            articles=found.articles,
            annotators=len(found.annotators),
            strict_f1=_rounded(row.strict_f1.value),
            kappa=_rounded(row.kappa.value),
            alpha=_rounded(row.alpha.value),
            frames=_rounded(frames.get(row.layer)),
        )
        for row in found.spans
        if row.pair is None and row.label == EVERY
    ]


def _rounded(value: float | None) -> float | None:
    """A figure as a manifest holds it."""
    return None if value is None else round(value, 4)


def split(context: Context, *, seed: int = 0) -> SplitReport:
    """Where every article stands, after every story that had no part got one, for good.

    Raises:
        ReleaseError: two articles of one story were added for different parts; or the workspace is not divided by story.
    """
    by = parting.rule(context)
    if by.by != "story":
        raise ReleaseError(
            f"stories get no part here: workbench.toml divides articles by {by}",
            hint="`workbench gold release NAME` does; `by` in [split] says how",
        )
    with context.store.transaction() as session:
        return splits.assign(session, parting.shares(context), seed=seed)
