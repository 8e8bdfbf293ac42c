"""The order in which waiting articles are worth an annotator's time.

Pure: the same candidates, strategy and seed give the same queue, on every machine.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from workbench.core.chance import chance
from workbench.core.frozen import Frozen
from workbench.errors import SettingsError
from workbench.selection.signals import PER_WORDS, TERMS, Signals

Strategy = Literal["mixed", "uncertain", "rare", "diverse", "random"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
RANDOM_SHARE = 0.2
WEIGHTS: Mapping[Strategy, float] = {"uncertain": 0.5, "rare": 0.25, "diverse": 0.25}
"""What each has to say in "mixed": of uncertain and rare the rank among the candidates counts, of diverse how much of
the article is like nothing taken so far, which changes with each that is taken."""
_SKETCH = 256
_TOGETHER = 256
_A_TURN = 10.0
"""More than any score, so that a story which has had its turn comes after all that have not."""
_EPSILON = 1e-9


class Place(Frozen):
    """An article's place in the queue, and why it has it.

    `chosen_by` is the strategy, or "random" for the share that no strategy has a say in. `score` is between 0 and 1,
    the higher the earlier; it can be compared within one queue only.
    """

    article_id: str
    chosen_by: Strategy
    score: float
    why: str


class Known(NamedTuple):
    """What has been annotated: how many spans of each label, the stories, and the terms of each article."""

    labels: Mapping[str, int]
    stories: Collection[str]
    terms: Sequence[NDArray[np.int32]]


NOTHING = Known({}, (), ())


def rank(
    candidates: Sequence[Signals],
    known: Known = NOTHING,
    *,
    strategy: Strategy = "mixed",
    random_share: float = RANDOM_SHARE,
    seed: int = 0,
    limit: int | None = None,
    only_random: Collection[str] = (),
    before: int = 0,
) -> list[Place]:
    """The queue of the candidates, those first that are worth most.

    A strategy takes no second article of a story while there is a story of which nothing was taken or annotated.

    Args:
        candidates: articles that nobody has annotated.
        known: what has been annotated.
        strategy: "uncertain" takes what has most suggestions that are likely wrong, for its length; "rare" what seems
            to hold labels of which there are few; "diverse" what is least like anything taken so far; "mixed" all
            three; "random" none.
        random_share: the share of places that go to articles in random order, whatever the strategy, so that what is
            measured on them holds for all.
        seed: decides the random order.
        limit: the length of the queue at the most.
        only_random: ids that only the random places may take, such as articles that nobody should choose by looking.
        before: how many articles were taken from the queues before this one, of which the random share was due as
            well: it would be lost where queues are so short that none has a random place.

    Raises:
        SettingsError: there is no such strategy; the share or the limit is none.
    """
    if strategy not in STRATEGIES:
        raise SettingsError(f"{strategy!r} is not a strategy", hint=f"use {', '.join(STRATEGIES)}")
    if not 0 <= random_share <= 1:
        raise SettingsError(f"a random share of {random_share:g} is none", hint="give one between 0 and 1")
    if limit is not None and limit < 1:
        raise SettingsError(f"a queue of {limit} articles is none", hint="give a limit from 1 on, or none for all")
    length = len(candidates) if limit is None else min(limit, len(candidates))
    if strategy == "random":
        random_share = 1.0
    by_chance = _ByChance(candidates, seed)
    by_score = _ByScore(candidates, known, strategy, excluded=only_random) if random_share < 1 else None
    queue: list[Place] = []
    stories = set(known.stories)
    while len(queue) < length:
        position = before + len(queue)
        random_turn = int((position + 1) * random_share + _EPSILON) > int(position * random_share + _EPSILON)
        found = by_score.best() if by_score and not random_turn else None
        index, score = found or (by_chance.next(), 0.0)
        alike = by_score.alike(index) if by_score and found else None
        by_chance.take(index)
        if by_score:
            by_score.take(index)
        chosen = candidates[index]
        why = _why(chosen, known, new_story=chosen.story not in stories, alike=alike) if found else "by chance"
        queue.append(
            Place(
                article_id=chosen.article_id,
                chosen_by=strategy if found else "random",
                score=round(score, 4),
                why=why,
            )
        )
        stories.add(chosen.story)
    return queue


class _ByChance:
    """All candidates in an order that their ids and a seed decide."""

    def __init__(self, candidates: Sequence[Signals], seed: int) -> None:
        self._order = sorted(range(len(candidates)), key=lambda i: -chance(f"{seed} {candidates[i].article_id}"))
        self._taken: set[int] = set()

    def next(self) -> int:
        """The first that has not been taken; there must be one."""
        while self._order[-1] in self._taken:
            self._order.pop()
        return self._order[-1]

    def take(self, index: int) -> None:
        """Leaves a candidate out from now on, whoever chose it."""
        self._taken.add(index)


class _ByScore:
    """The candidates by a strategy's score, those first whose story has had the fewest turns."""

    def __init__(
        self, candidates: Sequence[Signals], known: Known, strategy: Strategy, *, excluded: Collection[str]
    ) -> None:
        self._open = np.array([one.article_id not in excluded for one in candidates], dtype=bool)
        weights = WEIGHTS if strategy == "mixed" else {strategy: 1.0}
        self._fixed = np.zeros(len(candidates))
        if "uncertain" in weights:
            self._fixed += weights["uncertain"] * _ranks(_or_middle(candidates, [one.doubt for one in candidates]))
        if "rare" in weights:
            self._fixed += weights["rare"] * _ranks(_or_middle(candidates, [_rarity(one, known) for one in candidates]))
        self._weight = weights.get("diverse", 0.0)
        if self._weight:
            self._sketches, theirs = _sketches([one.terms for one in candidates], known.terms)
            self._nearest = np.zeros(len(candidates), dtype=np.float32)
            for start in range(0, len(theirs), _TOGETHER):
                near = self._sketches @ theirs[start : start + _TOGETHER].T
                self._nearest = np.maximum(self._nearest, near.max(axis=1))
        stories = [one.story for one in candidates]
        self._turns = np.array([int(story in known.stories) for story in stories])
        self._members: dict[str, list[int]] = {}
        for index, story in enumerate(stories):
            self._members.setdefault(story, []).append(index)
        self._stories = stories

    def best(self) -> tuple[int, float] | None:
        """The index and the score of the one to come next; None where none is left."""
        if not self._open.any():
            return None
        score = self._fixed + self._weight * (1 - self._nearest) if self._weight else self._fixed
        index = int(np.argmax(np.where(self._open, score - _A_TURN * self._turns, -np.inf)))
        return index, float(np.clip(score[index], 0, 1))

    def alike(self, index: int) -> float | None:
        """How much of a candidate is like the nearest of those that were taken or annotated; None where that counts nothing."""
        return float(np.clip(self._nearest[index], 0, 1)) if self._weight else None

    def take(self, index: int) -> None:
        """Leaves a candidate out from now on, whoever chose it."""
        self._open[index] = False
        self._turns[self._members[self._stories[index]]] += 1
        if self._weight:
            self._nearest = np.maximum(self._nearest, self._sketches @ self._sketches[index])


def _or_middle(candidates: Sequence[Signals], values: Sequence[float]) -> list[float]:
    """The values; those without suggestions have that of the middle, since nothing is known of them."""
    told = [value for one, value in zip(candidates, values, strict=True) if one.suggested]
    middle = float(np.median(told)) if told else 0.0
    return [value if one.suggested else middle for one, value in zip(candidates, values, strict=True)]


def _rarity(one: Signals, known: Known) -> float:
    """The expected spans in 100 words, each counting the less the more of its label there are."""
    return sum(n / (1 + known.labels.get(label, 0)) for label, n in one.labels.items()) * PER_WORDS / one.words


def _ranks(values: Sequence[float]) -> NDArray[np.float64]:
    """Each value's rank between 0 and 1; equal ones share the mean of theirs."""
    array = np.asarray(values, dtype=float)
    if len(array) < 2:
        return np.ones(len(array))
    _, inverse, counts = np.unique(array, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    return middle[inverse] / (len(array) - 1)


def _sketches(
    ours: Sequence[NDArray[np.int32]], theirs: Sequence[NDArray[np.int32]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors of length 1 whose products are near the cosine of the articles' words, weighted by rarity.

    A count sketch (Charikar, Chen & Farach-Colton 2002) of inverse document frequencies.
    """
    frequency = np.zeros(TERMS)
    for terms in (*ours, *theirs):
        frequency[terms] += 1
    weight = np.log((1 + len(ours) + len(theirs)) / (1 + frequency))
    generator = np.random.default_rng(0)
    place, sign = generator.integers(0, _SKETCH, TERMS), generator.choice([-1.0, 1.0], TERMS)

    def project(all_terms: Sequence[NDArray[np.int32]]) -> NDArray[np.float32]:
        table = np.zeros((len(all_terms), _SKETCH), dtype=np.float32)
        for row, terms in zip(table, all_terms, strict=True):
            np.add.at(row, place[terms], sign[terms] * weight[terms])
        length = np.linalg.norm(table, axis=1, keepdims=True)
        return (table / np.where(length > 0, length, 1)).astype(np.float32)

    return project(ours), project(theirs)


def _why(one: Signals, known: Known, *, new_story: bool, alike: float | None) -> str:
    told = [f"{one.doubt:.1f} wrong suggestions expected in 100 words" if one.suggested else "no suggestions yet"]
    rarest = sorted(one.labels, key=lambda label: known.labels.get(label, 0) - one.labels[label] / 1000)
    scarce = [label for label in rarest if one.labels[label] >= 0.5][:2]
    if scarce and known.labels:
        told.append("may hold " + " and ".join(f"{label} ({known.labels.get(label, 0)} so far)" for label in scarce))
    if alike is not None:
        told.append(f"{alike:.0%} like the nearest before it")
    if new_story:
        told.append("a new story")
    return ", ".join(told)
