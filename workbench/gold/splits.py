"""Which part of the data (train, dev, test) an article belongs to: by story group, fixed from the first assignment on.

Articles on one story never lie on both sides of an evaluation. A group that has a part keeps it for good; groups that
come later are put where articles are missing most, in an order that only a seed and the group's id decide.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from pydantic import Field

from workbench.core.article import Article
from workbench.core.chance import chance
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.parts import PARTS, Part
from workbench.core.report import Listing, Report, Shown, Table
from workbench.errors import ReleaseError
from workbench.printable import titled
from workbench.store import Transaction, articles

META_KEY = "split"
"""The key of an article's meta by which whoever adds it settles its part."""
IN_TWO = "articles were added for another part than the one of their story"

# Where two parts lack as much, the one without which nothing can be measured comes first.
_TIES: tuple[Part, ...] = ("test", "dev", "train")


class Shares(Frozen):
    """The shares of the parts, counted in articles; they need not add up to 1, their proportions count."""

    train: float = Field(default=0.7, ge=0)
    dev: float = Field(default=0.1, ge=0)
    test: float = Field(default=0.2, ge=0)

    def of(self, part: Part) -> float:
        """The share of a part, between 0 and 1."""
        whole = self.train + self.dev + self.test
        return {"train": self.train, "dev": self.dev, "test": self.test}[part] / whole if whole else 0.0


class PartCount(Frozen):
    """How much a part holds."""

    groups: int = 0
    articles: int = 0


class SplitReport(Report):
    """Where every article of the store stands. `parts` is by article id, `assigned` by story group: those new now.

    `conflicts` names articles that were added for another part than the one that their story has already.
    """

    seed: int
    shares: Shares
    parts: dict[str, Part]
    counts: dict[Part, PartCount]
    assigned: dict[str, Part]
    conflicts: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """What each part holds, and what it was to hold."""
        rows = [
            (part, count.groups, count.articles, f"{self.shares.of(part):.0%}") for part, count in self.counts.items()
        ]
        yield Table.of("", "stories", "articles", "wanted", rows=rows)
        yield counted(len(self.assigned), "stories have their part from now on")
        yield Listing(IN_TWO, self.conflicts)


def assign(session: Transaction, shares: Shares, *, seed: int = 0) -> SplitReport:
    """The part of every article in the store, after giving one to each story group that had none.

    An article whose meta has `split` settles the part of its group.

    Raises:
        ReleaseError: two articles of one group were added for different parts.
    """
    groups = articles.story_groups(session)
    there = _settled(groups, cast("dict[str, Part]", articles.splits(session)))
    wanted, conflicts = _wanted(session, groups, there)
    sizes = {group: len(members) for group, members in groups.items()}
    planned = plan(sizes, {**wanted, **there}, shares, seed=seed)
    for group, part in planned.items():
        articles.assign_split(session, group, part)
    return _report(groups, planned, there, shares, seed, conflicts)


def to_be_empty(session: Transaction, shares: Shares, *, seed: int = 0) -> tuple[Part, ...]:
    """The parts that will hold nothing if the articles of the store are divided by story; nothing is assigned.

    A store without articles has none.
    """
    groups = articles.story_groups(session)
    there = _settled(groups, cast("dict[str, Part]", articles.splits(session)))
    wanted, _ = _wanted(session, groups, there)
    planned = plan({group: len(found) for group, found in groups.items()}, {**wanted, **there}, shares, seed=seed)
    filled = set(planned.values())
    return tuple(part for part in PARTS if groups and shares.of(part) and part not in filled)


def parts(session: Transaction) -> dict[str, Part]:
    """The part of each article whose story group has one; nothing is assigned."""
    groups = articles.story_groups(session)
    there = _settled(groups, cast("dict[str, Part]", articles.splits(session)))
    return {member: there[group] for group, members in groups.items() if group in there for member in members}


def of_articles(session: Transaction) -> dict[str, Part]:
    """The part of each article that got one by itself, where each is divided by itself."""
    there = cast("dict[str, Part]", articles.splits(session))
    return {article_id: there[article_id] for article_id in articles.there(session, there)}


def plan(sizes: Mapping[str, int], fixed: Mapping[str, Part], shares: Shares, *, seed: int = 0) -> dict[str, Part]:
    """The part of each group, of which `sizes` has the number of articles; those in `fixed` keep theirs.

    Each group goes where most articles are missing. Groups are taken in the order of a seeded hash of their id; those
    so big that they fill the smallest part by themselves come first, while there is still room for them.
    """
    total = sum(sizes.values())
    goal = {part: shares.of(part) * total for part in PARTS}
    placed = {part: float(sum(sizes[g] for g, p in fixed.items() if p == part and g in sizes)) for part in PARTS}
    planned: dict[str, Part] = {group: part for group, part in fixed.items() if group in sizes}
    big = min((goal[part] for part in PARTS if goal[part] > 0), default=0.0)
    open_groups = [group for group in sizes if group not in planned]
    for group in sorted(open_groups, key=lambda g: (-sizes[g] if sizes[g] > max(big, 1) else 0, chance(f"{seed} {g}"))):
        part = max(PARTS, key=lambda p: (round(goal[p] - placed[p], 6), -_TIES.index(p)))
        planned[group] = part
        placed[part] += sizes[group]
    return planned


def _settled(groups: Mapping[str, Sequence[str]], there: Mapping[str, Part]) -> dict[str, Part]:
    """The part of each group that has one, be it from the time when a member was still a group of its own."""
    settled: dict[str, Part] = {}
    for group, members in groups.items():
        for key in (group, *members):
            if key in there:
                settled[group] = there[key]
                break
    return settled


def _wanted(
    session: Transaction, groups: Mapping[str, Sequence[str]], there: Mapping[str, Part]
) -> tuple[dict[str, Part], tuple[str, ...]]:
    group_of = {member: group for group, members in groups.items() for member in members}
    first: dict[str, Article] = {}
    wanted: dict[str, Part] = {}
    conflicts: list[str] = []
    for article in articles.get_many(session, list(group_of)):
        part = article.meta.get(META_KEY)
        if part not in PARTS:
            continue
        group = group_of[article.id]
        if group in there:
            if there[group] != part:
                conflicts.append(
                    f"{titled(article.id, article.title)} was added for {part}, its story is in {there[group]} already"
                )
            continue
        if wanted.setdefault(group, part) != part:
            one = first[group]
            raise ReleaseError(
                f"{titled(one.id, one.title)} was added for {wanted[group]} and {titled(article.id, article.title)} for {part}, "
                f"but both are on one story ({group})",
                hint="articles on one story belong in one part; correct their `split`, or their story group",
                articles=(one.id, article.id),
            )
        first.setdefault(group, article)
    return wanted, tuple(conflicts)


def _report(
    groups: Mapping[str, Sequence[str]],
    planned: Mapping[str, Part],
    there: Mapping[str, Part],
    shares: Shares,
    seed: int,
    conflicts: tuple[str, ...],
) -> SplitReport:
    counts: dict[Part, PartCount] = {}
    for part in PARTS:
        inside = [group for group in groups if planned[group] == part]
        counts[part] = PartCount(groups=len(inside), articles=sum(len(groups[group]) for group in inside))
    return SplitReport(
        seed=seed,
        shares=shares,
        parts={member: planned[group] for group, members in groups.items() for member in members},
        counts=counts,
        assigned={group: part for group, part in planned.items() if group not in there},
        conflicts=conflicts,
    )
