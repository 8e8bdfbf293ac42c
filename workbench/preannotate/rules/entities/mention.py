"""An entity as the rules have it, and how one is chosen where several would have the same words."""

from collections.abc import Iterable
from dataclasses import dataclass, field

STRENGTH = {"user": 100, "gazetteer": 3, "pattern": 3, "title": 3, "base": 2, "document": 1}


@dataclass
class Mention:
    """An entity: token offsets, its kind (a concept), where it was found, what it is called in full.

    `head` is the noun of an actor without a name; -1 for the last word.
    """

    start: int
    end: int
    kind: str
    source: str
    norm: str = ""
    id: str = ""
    score: float = 1.0
    head: int = -1

    @property
    def root(self) -> int:
        """The word that stands for the whole: the noun of a phrase, the last word of a name."""
        return self.head if self.head >= 0 else self.end - 1

    @property
    def tokens(self) -> range:
        return range(self.start, self.end)


@dataclass
class Mentions:
    """The entities of a text, and which of them covers a token."""

    all: list[Mention]
    by_token: dict[int, Mention] = field(default_factory=dict[int, Mention])

    def at(self, token: int) -> Mention | None:
        """The innermost mention that covers the token."""
        return self.by_token.get(token)


def choose(candidates: Iterable[Mention]) -> list[Mention]:
    """The mentions that remain when each token belongs to one: the user's, the longest, then the best founded."""
    taken: set[int] = set()
    chosen: list[Mention] = []
    ranked = sorted(candidates, key=lambda m: (m.source != "user", -(m.end - m.start), -STRENGTH[m.source], m.start))
    for mention in ranked:
        if not taken.intersection(mention.tokens):
            taken.update(mention.tokens)
            chosen.append(mention)
    return sorted(chosen, key=lambda mention: mention.start)


def wordlike(word: str) -> bool:
    """Whether a token is a word, a number or an amount, rather than punctuation."""
    return word[:1].isalnum() or word[:1] in "$€£%" or word == "%"
