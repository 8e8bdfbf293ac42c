"""Which articles are on one story, so that they never end up on both sides of a split.

A story is an occasion, not an affair: what newsrooms wrote of one thing that happened, within some weeks. Two measures.
Near-duplicates: MinHash over the text's triples of words (`core.near_duplicates`). Same story: the cosine between the
articles' names and rarer words, weighted by how rare they are in the store, times how likely both are about one time.
That is told by the days between them where both have a date of publication, else by what they tell of the days that they
name (`occasions`). Candidates come from an inverted index of each article's rarest terms, so that adding articles costs
little however many there are.

A new article joins the group of the article that it is most like, if it is like that group's members on average too, and
the group then still lies within `WINDOW` days; or it founds a group, whose id is made from its own and never changes. So a
group cannot grow along a chain of articles into a topic. Groups are merged when an article is very like members of both;
then the group that has a part of the split keeps its id, else the older. Two groups with different parts are never merged:
the article joins the one that it is most like, and the report says so.
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from workbench.articles.occasions import months_apart
from workbench.articles.signatures import Signature, commonplace
from workbench.core.frozen import Frozen
from workbench.core.near_duplicates import NearDuplicates

WINDOW = 28
"""How many days lie between the first and the last article of a story, near-duplicates aside, at the most."""
SAME_STORY = 0.1
"""Damped cosine from which two articles are on one story."""
SAME_GROUP = 0.085
"""Damped cosine that an article needs with the members of a group on average, so that stories don't chain up."""

# From this similarity on an article binds two groups together; near-duplicates have 1 and more.
_MERGES = 0.2
_COMPARED_MEMBERS = 8
# So that two notes of a few words are not on one story because both name a Monday.
_SHARED_AT_LEAST = 5
# Rarities are counted anew when there are so many times as many articles as at the last count.
_RECOUNT = 1.05
_INDEXED = 24
_CANDIDATES = 30
# As if so many articles had been read before: a store of three must not take every name for a rare one.
_READ_BEFORE = 60
_ROOM = 1 << 15

_Numbers = NDArray[np.intp]
_Values = NDArray[np.float64]
_STEEPNESS = 1.5
_COMMONPLACE = 0.5
# The days between two articles at which half of their similarity is left, and how suddenly it goes.
_HALF, _SLOPE = 24.0, 4.0
# Without a date on both sides: from how like is what they tell of the days that they name something is left, and all.
_DAYS_DIFFER, _DAYS_ALIKE = 0.02, 0.035
# The same of their leads, by themselves and in shares of how like the articles are altogether.
_LEADS_DIFFER, _LEADS_ALIKE = 0.05, 0.15
_NOT_THE_LEADS, _THE_LEADS = 0.5, 0.6
# What is left where one of them names no day.
_NO_DAYS = 0.3
# And what is left where the months that they name lie apart.
_OTHER_MONTHS = 0.5


class _Weights(NamedTuple):
    """Terms by their numbers in an index, with what they weigh."""

    terms: _Numbers
    weights: _Values


class _Occasion(NamedTuple):
    """A signature, with what its moments and the terms of its lead weigh."""

    signature: Signature
    moments: dict[str, float]
    lead: dict[str, float]


class Placement(Frozen):
    """Where an article was put. `like` is the article that decided it, `similarity` how like it is.

    `near_duplicates` are the articles whose text is nearly the same. `merged` are groups that are now part of `group`.
    `kept_apart` are groups that hold near-duplicates too, but whose part of the split differs.
    """

    group: str
    like: str | None = None
    similarity: float = 0.0
    near_duplicates: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    kept_apart: tuple[str, ...] = ()


def group_id(article_id: str) -> str:
    """The id of the group that this article founds."""
    return f"s-{article_id.removeprefix('a-')}"


def free_id(article_id: str, taken: Container[str]) -> str:
    """The same with a number, where the id stands for another group already."""
    own = group_id(article_id)
    return next(one for n in itertools.count(1) if (one := own if n == 1 else f"{own}-{n}") not in taken)


@dataclass
class StoryIndex:
    """All articles that are grouped so far. `parts` is the part of the split of each group that has one."""

    parts: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        self._signatures: dict[str, Signature] = {}
        self._groups: dict[str, str] = {}
        self._members: dict[str, list[str]] = defaultdict(list)
        self._age: dict[str, int] = {}
        self._frequency: Counter[str] = Counter()
        self._postings: dict[str, list[str]] = defaultdict(list)
        self._doubles = NearDuplicates()
        self._terms: dict[str, int] = {}
        self._names: list[str] = []
        self._vectors: dict[str, _Weights] = {}
        # By the number of a term: its rarity once it was asked for, and what it weighs in the article that is placed.
        self._rarities = np.full(_ROOM, np.nan)
        self._placed = np.zeros(_ROOM)
        self._norms: dict[str, float] = {}
        self._counted = 0
        self._days: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._signatures)

    def group(self, article_id: str) -> str:
        """The group that an article is in now."""
        return self._groups[article_id]

    def members(self, group: str) -> Sequence[str]:
        """The articles of a group, in the order in which they came."""
        return self._members.get(group, ())

    def keep(self, article_id: str, found: Signature, group: str) -> None:
        """Takes in an article whose group is known."""
        self._signatures[article_id] = found
        self._groups[article_id] = group
        self._members[group].append(article_id)
        self._age.setdefault(group, len(self._age))
        for term in (*found.names, *found.words):
            self._frequency[term] += 1
            self._postings[term].append(article_id)
        told = {moment.rpartition(" ")[2] for moment in found.moments}
        for term in {*found.lead, *told} - found.names.keys() - found.words.keys():
            self._frequency[term] += 1
        if found.day is not None:
            first, last = self._days.get(group, (found.day, found.day))
            self._days[group] = min(first, found.day), max(last, found.day)
        self._vectors[article_id] = self._weights(found)
        self._doubles.insert(article_id, found.minhash)

    def place(
        self, article_id: str, found: Signature, given: str | None = None, *, part: str | None = None
    ) -> Placement:
        """The group of a new article, which is taken in; groups that it shows to be one are merged.

        A `given` group is the article's, whatever it is like. An article that has its `part` joins no group of another.
        """
        doubles = self._doubles.of(found.minhash)
        similarity = self._same_story(found)
        best: dict[str, tuple[float, str]] = {}
        # A near-duplicate is always more like than an article on the same story.
        for other, score in [*similarity.items(), *((one, 1 + score) for one, score in doubles.items())]:
            group = self._groups[other]
            best[group] = max(best.get(group, (0.0, "")), (score, other))
        barred = [group for group in best if part is not None and self.parts.get(group, part) != part]
        copied = [group for group in barred if best.pop(group)[0] > 1]
        ranked = sorted(best, key=lambda group: (-best[group][0], self._age[group]))
        if given is not None:
            others = tuple(group for group in ranked if best[group][0] > 1 and group != given)
            placement = Placement(group=given, near_duplicates=tuple(doubles), kept_apart=others)
        elif not ranked:
            placement = Placement(
                group=free_id(article_id, self._members), near_duplicates=tuple(doubles), kept_apart=tuple(copied)
            )
        else:
            same = [group for group in ranked if best[group][0] >= _MERGES]
            group, merged, apart = self._merge(same or ranked[:1], found, doubles)
            score, like = best[ranked[0]]
            placement = Placement(
                group=group,
                like=like,
                similarity=round(score - 1 if score > 1 else score, 3),
                near_duplicates=tuple(doubles),
                merged=tuple(merged),
                kept_apart=(*apart, *copied),
            )
        self.keep(article_id, found, placement.group)
        return placement

    def _merge(
        self, groups: Sequence[str], found: Signature, doubles: Mapping[str, float]
    ) -> tuple[str, list[str], list[str]]:
        """The group that stays, those that became part of it, and those that must not, the likeliest group first."""
        part = next((self.parts[group] for group in groups if group in self.parts), None)
        if groups[0] in self.parts:
            part = self.parts[groups[0]]
        of_part = [group for group in groups if self.parts.get(group, part) == part]
        apart = [group for group in groups if group not in of_part]
        one = self._of_one_time(of_part, found, doubles)
        stays = min(one, key=lambda group: (group not in self.parts, self._age[group]))
        merged = [group for group in one if group != stays]
        for group in merged:
            for member in self._members.pop(group):
                self._groups[member] = stays
                self._members[stays].append(member)
            days = [self._days[other] for other in (stays, group) if other in self._days]
            if days:
                self._days[stays] = min(first for first, _ in days), max(last for _, last in days)
        return stays, merged, apart

    def _of_one_time(self, groups: Sequence[str], found: Signature, doubles: Mapping[str, float]) -> list[str]:
        """The first group, and those that lie within the window together with it; the group of a copy always does."""
        copied = {self._groups[other] for other in doubles}
        taken: list[str] = []
        days: list[int] = [] if found.day is None else [found.day]
        for group in groups:
            both = [*days, *self._days.get(group, ())]
            if not taken or group in copied or not both or max(both) - min(both) <= WINDOW:
                taken.append(group)
                days = both
        return taken

    def _same_story(self, found: Signature) -> dict[str, float]:
        """The articles that are like enough, with their damped cosine."""
        if len(self._signatures) > _RECOUNT * self._counted:
            self._rarities[:] = np.nan
            self._norms, self._counted = {}, len(self._signatures)
        own = self._weights(found)
        vector = own.weights * self._rarity(own.terms)
        values: list[float] = vector.tolist()
        terms = [self._names[number] for number in cast(list[int], own.terms.tolist())]
        weighed = sorted((-value, term) for value, term in zip(values, terms, strict=True))
        norm = _norm(values)
        widest = max(60, len(self._signatures) // 50)
        shared: defaultdict[str, float] = defaultdict(float)
        for value, term in weighed[:_INDEXED]:
            postings = self._postings.get(term, ())
            if len(postings) <= widest:
                for other in postings:
                    shared[other] -= value
        self._placed[own.terms] = vector
        likeliest = sorted(shared, key=lambda other: (-shared[other], other))[:_CANDIDATES]
        known: dict[str, float] = {}

        occasion = self._occasion(found)

        def similarity(other: str) -> float:
            if other not in known:
                cosine = self._cosine(norm, other)
                known[other] = (
                    cosine * self._of_one_occasion(occasion, self._signatures[other], cosine) if cosine else 0.0
                )
            return known[other]

        like = [other for other in likeliest if similarity(other) >= SAME_STORY]
        fitting: dict[str, bool] = {}
        for group in {self._groups[other] for other in like}:
            # The first members say what the story is, the last ones what became of it.
            members = self._members[group]
            half = _COMPARED_MEMBERS // 2
            compared = members if len(members) <= _COMPARED_MEMBERS else [*members[:half], *members[-half:]]
            alike = sum(similarity(member) for member in compared) / len(compared) >= SAME_GROUP
            fitting[group] = alike and self._within(group, found)
        self._placed[own.terms] = 0.0
        return {other: known[other] for other in like if fitting[self._groups[other]]}

    def _within(self, group: str, found: Signature) -> bool:
        """Whether the group still lies within the window with the article in it."""
        if found.day is None or group not in self._days:
            return True
        first, last = self._days[group]
        return max(last, found.day) - min(first, found.day) <= WINDOW

    def _of_one_occasion(self, found: "_Occasion", other: Signature, cosine: float) -> float:
        """What is left of the similarity of two articles by when they are about, between 0 and 1."""
        day = found.signature.day
        if day is not None and other.day is not None:
            return 1 / (1 + (abs(day - other.day) / _HALF) ** _SLOPE)
        leads = _cosine(found.lead, self._weighed(other.lead))
        left = _between(leads, _LEADS_DIFFER, _LEADS_ALIKE) * _between(leads / cosine, _NOT_THE_LEADS, _THE_LEADS)
        if found.moments and other.moments:
            left = max(left, _between(_cosine(found.moments, self._weighed(other.moments)), _DAYS_DIFFER, _DAYS_ALIKE))
        else:
            left = max(left, _NO_DAYS)
        return left * _OTHER_MONTHS if months_apart(found.signature.months, other.months) > 1 else left

    def _occasion(self, found: Signature) -> "_Occasion":
        return _Occasion(found, self._weighed(found.moments), self._weighed(found.lead))

    def _weighed(self, counted: Mapping[str, float]) -> dict[str, float]:
        """What each term, or day and term, weighs; what everybody reports on counts even less than in a whole article."""
        terms = [key.rpartition(" ")[2] for key in counted]
        rarities: list[float] = self._rarity(np.array([self._number(term) for term in terms], dtype=np.intp)).tolist()
        return {
            key: count * rarity * (_COMMONPLACE if term in commonplace() else 1)
            for (key, count), term, rarity in zip(counted.items(), terms, rarities, strict=True)
        }

    def _cosine(self, norm: float, other: str) -> float:
        """The cosine between the article that is being placed and another one."""
        theirs = self._vectors[other]
        their_norm = self._norms.get(other)
        if their_norm is None:
            their_norm = self._norms[other] = _norm((theirs.weights * self._rarity(theirs.terms)).tolist())
        ours = self._placed[theirs.terms]
        shared = np.flatnonzero(ours)
        if len(shared) < _SHARED_AT_LEAST:
            return 0.0
        vector = theirs.weights * self._rarities[theirs.terms]
        product = math.fsum((ours[shared] * vector[shared]).tolist())
        return product / (norm * their_norm) if product else 0.0

    def _weights(self, found: Signature) -> "_Weights":
        """The terms of an article by their numbers, with what they weigh before their rarity."""
        terms = [self._number(term) for term in found.weights]
        return _Weights(np.array(terms, dtype=np.intp), np.array(list(found.weights.values()), dtype=np.float64))

    def _number(self, term: str) -> int:
        number = self._terms.setdefault(term, len(self._names))
        if number == len(self._names):
            self._names.append(term)
            if number >= len(self._rarities):
                self._rarities = np.concatenate([self._rarities, np.full(len(self._rarities), np.nan)])
                self._placed = np.concatenate([self._placed, np.zeros(len(self._placed))])
        return number

    def _rarity(self, terms: _Numbers) -> _Values:
        """How rare each of the terms is; what is asked for the first time since the last count is counted now."""
        found = self._rarities[terms]
        for position in np.flatnonzero(np.isnan(found)).tolist():
            number = int(terms[position])
            term = self._names[number]
            rarity = math.log((len(self._signatures) + _READ_BEFORE) / (self._frequency[term] + 1)) ** _STEEPNESS
            found[position] = rarity * _COMMONPLACE if term in commonplace() else rarity
            self._rarities[number] = found[position]
        return found


def _norm(vector: Iterable[float]) -> float:
    # Summed exactly, so that it is the same to the last bit whatever the order of the terms.
    return math.sqrt(math.fsum(weight * weight for weight in vector))


def _between(value: float, nothing: float, all_: float) -> float:
    """How far the value is from `nothing` to `all_`, between 0 and 1."""
    return min(1.0, max(0.0, (value - nothing) / (all_ - nothing)))


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    norms = _norm(one.values()) * _norm(other.values())
    return math.fsum(weight * other[key] for key, weight in one.items() if key in other) / norms if norms else 0.0
