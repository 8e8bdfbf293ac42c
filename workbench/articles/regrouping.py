"""Groups the articles of a store by story anew, as if they came now, but for what must not move any more."""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Literal, NamedTuple

from workbench.articles.signatures import Signature
from workbench.articles.stories import StoryIndex, free_id, group_id

Keeps = Literal["", "part", "story", "given story"]
"""What must not change of an article: nothing, its part, its story with its part, or a story that was given with it."""


class Grouped(NamedTuple):
    """An article in its group."""

    article_id: str
    group: str
    signature: Signature
    keeps: Keeps = ""

    @property
    def is_fixed(self) -> bool:
        """Whether it stays in its group."""
        return self.keeps in ("story", "given story")


class Regrouped(NamedTuple):
    """The group of each article, and the part of each group that keeps one; other groups may get any."""

    groups: dict[str, str]
    parts: dict[str, str]


def regrouped(articles: Sequence[Grouped], parts: Mapping[str, str]) -> Regrouped:
    """The groups that the articles fall into if they are placed one after the other: those first that keep the most.

    An article that keeps its part joins no group of another, so that nothing comes to be held out that was annotated from
    suggestions, and nothing that is held out is suggested for. Those on an occasion with one that keeps its story join
    that, so that no two parts share an occasion. A group whose articles stay the same keeps its id, and its part.

    Args:
        articles: oldest first; the same order gives the same groups.
        parts: the part of each group that has one.
    """
    kept = {one.group: parts[one.group] for one in articles if one.keeps == "given story" and one.group in parts}
    index = StoryIndex(parts=kept)
    for one in sorted(articles, key=lambda each: _ORDER.index(each.keeps)):
        part = parts.get(one.group) if one.keeps else None
        given = one.group if one.keeps == "given story" else None
        placement = index.place(one.article_id, one.signature, given, part=part)
        if part is not None:
            kept.setdefault(placement.group, part)
    story_of: dict[str, str] = {}
    for one in articles:
        if one.is_fixed:
            story_of.setdefault(index.group(one.article_id), one.group)
    found: dict[str, str] = {}
    settled = {one.group: parts[one.group] for one in articles if one.is_fixed and one.group in parts}
    for one in articles:
        occasion = index.group(one.article_id)
        # What is new has no name yet: that of an occasion may be that of a story which is kept.
        new = f"new {occasion}"
        found[one.article_id] = one.group if one.is_fixed else story_of.get(occasion, new)
        if found[one.article_id] == new and occasion in kept:
            settled[new] = kept[occasion]
    return _named(articles, found, settled, parts)


_ORDER: tuple[Keeps, ...] = ("given story", "story", "part", "")


def _named(
    articles: Sequence[Grouped], found: Mapping[str, str], kept: Mapping[str, str], parts: Mapping[str, str]
) -> Regrouped:
    """The same groups under the ids that they have, or else those of their oldest articles."""
    order = [one.article_id for one in articles]
    before, after = _members(order, {one.article_id: one.group for one in articles}), _members(order, found)
    fixed = {one.group for one in articles if one.is_fixed}
    known = {members: group for group, members in before.items()}
    names: dict[str, str] = {group: group for group in fixed}
    names |= {group: known[members] for group, members in after.items() if group not in fixed and members in known}
    taken = set(names.values())
    for group, members in after.items():
        if group in names:
            continue
        own = group_id(members[0])
        # An id that stands for another part in the store cannot stand for this one.
        of_another = kept.get(group) not in (None, parts.get(own, kept.get(group)))
        names[group] = free_id(members[0], taken | {own} if of_another else taken)
        taken.add(names[group])
    unchanged = {names[group] for group, members in after.items() if before.get(names[group]) == members}
    settled = {names[group]: part for group, part in kept.items() if group in names}
    settled |= {group: parts[group] for group in unchanged if group in parts}
    return Regrouped({name: names[group] for name, group in found.items()}, settled)


def _members(order: Iterable[str], groups: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    members: dict[str, list[str]] = {}
    for name in order:
        members.setdefault(groups[name], []).append(name)
    return {group: tuple(some) for group, some in members.items()}


def given_groups(groups: Mapping[str, str], known: Set[str]) -> set[str]:
    """The groups that whoever added their articles has named: none that is called as grouping calls them."""
    made = {group_id(name) for name in known}
    return {group for group in groups.values() if group not in known and _without_number(group, made) not in made}


def _without_number(group: str, made: Set[str]) -> str:
    stem, _, number = group.rpartition("-")
    return stem if number.isdecimal() and stem in made else group
