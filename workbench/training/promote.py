"""Decides whether a model takes the place of what annotators see.

The measure is the corrections that suggestions need, an article: each wrong or missing span, label, attribute and role
is one. Both are measured on the same articles, of which neither has learned anything, and compared story by story. The
test part has no say, so that the scores reported on it stay unbiased.
"""

import random
from collections.abc import Callable, Sequence
from itertools import product
from math import isfinite
from typing import NamedTuple

from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.measures import Interval, story_bootstrap
from workbench.training.costs import Costs
from workbench.training.faults import Fault, Name

ENOUGH = 10
"""On so many stories of the dev part alone a decision can rest; where there are fewer, more articles are asked for."""
FEWEST = 5
"""On fewer stories than these nothing can be told."""
LEVEL = 0.05
EXACT = 12
"""With so many stories every way of changing signs is tried; with more of them, `DRAWS` by chance."""
DRAWS = 20_000
SHOWN = 3
"""So many of the labels that get worse are named in a reason."""


class NameLoss(Frozen):
    """Corrections an article of one label, role or attribute. `p`: how likely such a loss is by chance.

    `significant` is said after correction for the number of labels (Holm 1979).
    """

    of: Name
    challenger: float
    current: float
    p: float
    significant: bool

    @property
    def difference(self) -> float:
        """The challenger's corrections an article minus the current ones."""
        return self.challenger - self.current

    def __str__(self) -> str:
        return f"{self.of} {self.challenger:.1f} for {self.current:.1f}"


class Verdict(Frozen):
    """Whether a challenger takes the place of what annotators see, and why, in words.

    `difference` is the challenger's corrections an article minus the current ones, over so many `stories`. `names` are
    the labels, roles and attributes that need any, those that get worst first; `examples` are of those that speak
    against the challenger.
    """

    accepted: bool
    reason: str
    difference: float
    interval: Interval
    stories: int
    names: tuple[NameLoss, ...] = ()
    examples: tuple[Fault, ...] = ()


class Sides(NamedTuple):
    """What a challenger and what annotators see now cost on the same articles."""

    challenger: Costs
    current: Costs


def decide(dev: Sides | None, train: Callable[[], Sides | None]) -> Verdict | None:
    """The verdict on the articles of the dev part and, where their stories are too few, also on those of the train part.

    None where there is nothing to decide on. `train` gives what models of the challenger's options cost on stories that
    were held back from them, as far as what annotators see now has not learned from these either; it is asked only if
    need be.
    """
    stories = len(set(dev.challenger.stories)) if dev else 0
    sides = [dev] if dev else []
    where = f"dev ({counted(len(dev.challenger.articles), 'articles')})" if dev else ""
    held = train() if stories < ENOUGH else None
    if held is not None and held.challenger.articles:
        sides.append(held)
        few = counted(stories, "stories of the dev part are too few") if dev else "there is no dev part"
        where = (
            (f"{where} and " if dev else "")
            + f"{counted(len(held.challenger.articles), 'articles')} of train, each suggested by a "
            f"model that was trained without its story, since {few}"
        )
    if not sides:
        return None
    return judge(
        Costs.joined(side.challenger for side in sides),
        Costs.joined(side.current.in_order(side.challenger.articles) for side in sides),
        where=where,
    )


def judge(challenger: Costs, current: Costs, *, where: str) -> Verdict:
    """Whether the challenger is promoted.

    It is when the 95 % interval of the difference in corrections an article, by a paired bootstrap over stories, lies
    below zero, and no label, role or attribute loses significantly after correction for their number. Both are of the
    same articles, which `where` names.
    """
    current = current.in_order(challenger.articles)
    count = len(set(challenger.stories))
    difference, interval = story_bootstrap(challenger.totals, current.totals, challenger.stories)
    names = losses(challenger, current)
    told = (
        f"{challenger.mean:.1f} corrections an article instead of {current.mean:.1f} (difference {difference:+.1f}, "
        + (
            f"95 % over {counted(count, 'stories')}: {interval.low:+.1f} to {interval.high:+.1f}"
            if isfinite(interval.low)
            else f"of {counted(count, 'stories')}"
        )
        + f") on {where}"
    )
    against = [one for one in names if one.significant]
    accepted = False
    if count < FEWEST:
        told = f"{counted(count, 'stories are too few to tell, at least')} {FEWEST} are needed: {told}"
    elif difference >= 0:
        told = f"it saves no work: {told}"
    elif interval.high >= 0:
        told = f"that it saves work may be chance: {told}"
    elif against:
        told = f"{_listed(against)} would get worse by more than chance, though it needs {told}"
    else:
        accepted = True
    if not accepted and not against:
        against = [one for one in names if one.difference > 0][:SHOWN]
        told += f"; what loses most: {_listed(against)} (corrections an article)" if against else "; no label loses"
    return Verdict(
        accepted=accepted,
        reason=told,
        difference=difference,
        interval=interval,
        stories=count,
        names=names,
        examples=() if accepted else _examples(challenger, against),
    )


def losses(challenger: Costs, current: Costs) -> tuple[NameLoss, ...]:
    """How each label, role and attribute fares, those that get worst first.

    `p` is of a one-sided test by changes of sign, story by story: were both alike, the differences of a story could as
    well be the other way round. Holm's step-down procedure holds the chance of one false alarm or more at 5 %.
    """
    articles = max(1, len(challenger.articles))
    every = dict.fromkeys([*challenger.names, *current.names])
    found: list[tuple[float, Name, float, float]] = []
    for name in every:
        ours, theirs = challenger.of_name(name), current.of_name(name)
        sums: dict[str, int] = {}
        for story, one, other in zip(challenger.stories, ours, theirs, strict=True):
            sums[story] = sums.get(story, 0) + one - other
        found.append((_by_sign(list(sums.values())), name, sum(ours) / articles, sum(theirs) / articles))
    rejected: set[Name] = set()
    for place, (p, name, _, _) in enumerate(sorted(found, key=lambda one: one[0])):
        if p > LEVEL / (len(found) - place):
            break
        rejected.add(name)
    rows = [
        NameLoss(of=name, challenger=ours, current=theirs, p=p, significant=name in rejected)
        for p, name, ours, theirs in found
    ]
    return tuple(sorted(rows, key=lambda one: -one.difference))


def _by_sign(differences: Sequence[int]) -> float:
    """How likely a sum as great as this one is, if the sign of each difference were chance."""
    sizes = [abs(one) for one in differences if one]
    total = sum(differences)
    if total <= 0:
        return 1.0
    if len(sizes) <= EXACT:
        sums = [sum(signed) for signed in product(*((size, -size) for size in sizes))]
        return sum(one >= total for one in sums) / len(sums)
    chance = random.Random(0)
    reached = sum(
        sum(size if bits >> place & 1 else -size for place, size in enumerate(sizes)) >= total
        for bits in (chance.getrandbits(len(sizes)) for _ in range(DRAWS))
    )
    return (reached + 1) / (DRAWS + 1)


def _listed(names: Sequence[NameLoss]) -> str:
    return ", ".join(map(str, names[:SHOWN])) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _examples(challenger: Costs, against: Sequence[NameLoss]) -> tuple[Fault, ...]:
    names = [one.of for one in against]
    found = [fault for fault in challenger.examples if fault.of in names]
    return tuple(sorted(found, key=lambda fault: names.index(fault.of)))
