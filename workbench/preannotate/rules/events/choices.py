"""Who fills a role of an event: one of those who could, whoever goes together with them, or nobody.

Those who could compete: the share of each is what a softmax over all of them and nobody makes of the sums of learned
weights. Who goes together (Kenya *and* Chad) doesn't compete, so that a role can have several fillers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Role
from workbench.preannotate.rules.weights import LEAST, Weights

_LEAST_LOG_ODDS = -700.0
"""Odds below that are nothing to a float, and shares of nothing are none."""


@dataclass(frozen=True)
class Candidate:
    """An entity that may play a role in an event, and what speaks for or against it.

    `given`: the clause gives it for the role. `beside`: in what it stands together with others, by name: words that are
    coordinated, an event that several did.
    """

    mention: Mention
    route: str
    given: bool
    beside: frozenset[str]
    features: list[str]

    def together(self, other: "Candidate") -> bool:
        """Whether both can fill the role."""
        return (self.given and other.given) or not self.beside.isdisjoint(other.beside)

    def alike(self, other: "Candidate") -> bool:
        """Whether the clause gives both in one way: Chad *and* Kenya, the Chad-Kenya talks."""
        return self.given and other.given and self.route == other.route


@dataclass(frozen=True)
class Choice:
    """A role of an event: who could fill it, and what speaks for nobody."""

    role: str
    nobody: list[str]
    candidates: list[Candidate]

    def rivals(self, place: int) -> list[int]:
        """The places of those that can't fill the role beside the candidate at a place."""
        one = self.candidates[place]
        return [number for number, other in enumerate(self.candidates) if number != place and not one.together(other)]


class _Open:
    """A choice with the sums of its weights: who is judged already, and who is gone since another role is theirs."""

    def __init__(self, choice: Choice, weights: Weights) -> None:
        self.choice = choice
        self.least = weights.least.get(choice.role, LEAST)
        sums = [weights.total(choice.role, one) for one in (choice.nobody, *(c.features for c in choice.candidates))]
        highest = max(sums)
        self._nobody, *self._odds = [math.exp(max(one - highest, _LEAST_LOG_ODDS)) for one in sums]
        self._rivals = [choice.rivals(place) for place in range(len(choice.candidates))]
        self._judged: set[int] = set()
        self._gone: set[int] = set()

    def best(self) -> tuple[float, int] | None:
        """The likeliest of those that are still to be judged, with its share."""
        places = [place for place in range(len(self._odds)) if place not in self._judged]
        return max(((self._share(place), place) for place in places), default=None)

    def give(self, place: int, probability: float) -> Role:
        """The role for a candidate; its rivals don't have it."""
        self._judged.update((place, *self._rivals[place]))
        one = self.choice.candidates[place]
        return Role(self.choice.role, one.mention, one.route, probability)

    def alike(self, place: int) -> list[tuple[int, float]]:
        """Those whom the clause gives in one way with a candidate, with their shares: Chad *and Kenya* have one role."""
        one, places = self.choice.candidates[place], range(len(self._odds))
        beside = [p for p in places if p != place and p not in self._judged and self.choice.candidates[p].alike(one)]
        return [(p, self._share(p)) for p in beside]

    def drop(self, mention: Mention) -> None:
        """Leaves out an entity that plays another role."""
        for place, one in enumerate(self.choice.candidates):
            if one.mention is mention:
                self._judged.add(place)
                self._gone.add(place)

    def _share(self, place: int) -> float:
        rivals = [self._odds[other] for other in self._rivals[place] if other not in self._gone]
        return self._odds[place] / sum([self._nobody, self._odds[place], *rivals])


def decide(choices: Sequence[Choice], weights: Weights) -> list[Role]:
    """The roles of one event, the likeliest first: whoever has one is out of question for the others."""
    every, found = [_Open(choice, weights) for choice in choices], list[Role]()
    while True:
        likely = [(*best, one) for one in every if (best := one.best()) is not None and best[0] >= one.least]
        if not likely:
            return found
        probability, place, one = max(likely, key=lambda found: found[0])
        for given, likelihood in ((place, probability), *one.alike(place)):
            found.append(one.give(given, likelihood))
            for other in every:
                if other is not one:
                    other.drop(one.choice.candidates[given].mention)
