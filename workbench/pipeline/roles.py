"""The trainable component that joins spans: which span plays which role in which frame.

It looks at explicit pairs (a head, a span that the scheme lets fill one of its roles) within a window of tokens, the
nearest ones of each head, so that memory grows with the number of heads and not with its square. Each pair is one
softmax over the roles that the scheme permits there, and none.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypedDict, cast

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span

from workbench.core.batches import batches
from workbench.pipeline.docs import SpanData, layer_data, spans_in
from workbench.pipeline.features import Hashes, TokenView, pair_features
from workbench.pipeline.sparse import Batch, Bools, Floats, SparsePipe, factory, pad

FACTORY = "workbench_roles_v1"
WINDOW = 100
NEAREST = 24
# How many pairs are judged at once: a long text has half a million.
AT_ONCE = 4096
# A role too many is one click to delete; a missing one has to be drawn. "None" is held back a little.
CAUTION = 0.3
# A role that the scheme demands is filled by the best candidate that is at least this probable.
DEMANDED = 0.15
# A second role between the same pair is given only from here on.
SECOND = 0.35


class RolePlan(TypedDict):
    """A role: which layers it joins, and how many of it a head may and must have (`maximum` None: any number)."""

    name: str
    heads: list[str]
    tails: list[str]
    minimum: int
    maximum: int | None


class Pair(NamedTuple):
    """A head and a span that may fill a role of it; `between` and `rank` are as in `pair_features`."""

    head_layer: str
    head: Span
    tail_layer: str
    tail: Span
    between: int
    rank: int


class FoundRole(NamedTuple):
    """A role with the ids of the spans it joins."""

    layer: str
    head: str
    role: str
    tail: str
    score: float


@factory(FACTORY, requires=["doc.spans"], default_config={"window": WINDOW, "nearest": NEAREST})
def make_role_finder(nlp: Language, name: str, roles: list[dict[str, Any]], window: int, nearest: int) -> "RoleFinder":  # noqa: ARG001 # spaCy passes it
    """A component for these roles."""
    return RoleFinder(name, cast(list[RolePlan], roles), window=window, nearest=nearest)


class RoleFinder(SparsePipe):
    """Finds the arguments of all frames; output 0 is "no role"."""

    def __init__(self, name: str, roles: Sequence[RolePlan], *, window: int = WINDOW, nearest: int = NEAREST) -> None:
        super().__init__(name)
        self._roles = list(roles)
        self._window = window
        self._nearest = nearest

    def plan(self, golds: Iterable[Doc]) -> dict[str, Any]:
        return {}

    @property
    def blocks(self) -> list[slice]:
        return [slice(0, len(self._roles) + 1)]

    @property
    def ties(self) -> list[list[int]]:
        return [list(range(1, len(self._roles) + 1))]

    def pairs(self, doc: Doc) -> list[Pair]:
        """The pairs that are looked at: within the window, the `nearest` of each head and layer."""
        wanted: dict[str, list[str]] = defaultdict(list)
        for role in self._roles:
            for head_layer in role["heads"]:
                wanted[head_layer] += [tail for tail in role["tails"] if tail not in wanted[head_layer]]
        layers = {*wanted, *(tail for tails in wanted.values() for tail in tails)}
        spans = {layer: spans_in(doc, layer) for layer in layers}
        found: list[Pair] = []
        longest = {layer: max((span.end - span.start for span in found), default=0) for layer, found in spans.items()}
        for head_layer, tail_layers in wanted.items():
            for head in spans[head_layer]:
                for tail_layer in tail_layers:
                    found += self._pairs(head_layer, head, tail_layer, spans[tail_layer], longest[tail_layer])
        return found

    def _pairs(self, head_layer: str, head: Span, tail_layer: str, tails: Sequence[Span], longest: int) -> list[Pair]:
        first = bisect_left(tails, head.start - self._window - longest, key=_start)
        last = bisect_right(tails, head.end + self._window, key=_start)
        near = [
            (gap, number, tail)
            for number, tail in enumerate(tails[first:last], start=first)
            if (gap := _gap(head, tail)) <= self._window and (tail_layer, tail.id_) != (head_layer, head.id_)
        ]
        near.sort(key=lambda item: item[:2])
        home = bisect_left(tails, head.start, key=_start)
        ranks: dict[str, int] = defaultdict(int)
        found: list[Pair] = []
        for _, number, tail in near[: self._nearest]:
            between = number - home if number >= home else home - number - 1
            found.append(Pair(head_layer, head, tail_layer, tail, between, ranks[tail.label_]))
            ranks[tail.label_] += 1
        return found

    def batch(self, doc: Doc, gold: Doc) -> Batch:
        pairs = self.pairs(gold)
        number = {role["name"]: index for index, role in enumerate(self._roles, start=1)}
        given: dict[tuple[str, str], list[int]] = defaultdict(list)
        for head, data in self._frames(gold):
            for argument in data.get("arguments", ()):
                given[head, argument["target"]].append(number[argument["role"]])
        targets = np.zeros((len(pairs), self.size), dtype=np.float32)
        for row, pair in enumerate(pairs):
            chosen = given.get((pair.head.id_, pair.tail.id_), [0])
            targets[row, chosen] = 1 / len(chosen)
        return Batch(_features(TokenView(doc), pairs), targets, self._allowed(pairs))

    def out_of_reach(self, gold: Doc) -> int:
        """How many arguments of a gold doc join spans that are no pair."""
        pairs = {(pair.head.id_, pair.tail.id_) for pair in self.pairs(gold)}
        return sum(
            (head, argument["target"]) not in pairs
            for head, data in self._frames(gold)
            for argument in data.get("arguments", ())
        )

    def _frames(self, doc: Doc) -> list[tuple[str, SpanData]]:
        layers = dict.fromkeys(layer for role in self._roles for layer in role["heads"])
        return [item for layer in layers for item in layer_data(doc, layer).items()]

    def predict(self, docs: Sequence[Doc]) -> list[list[FoundRole]]:
        return [self._found(doc) for doc in docs]

    def set_annotations(self, docs: Sequence[Doc], found: Sequence[list[FoundRole]]) -> None:
        for doc, roles in zip(docs, found, strict=True):
            for role in roles:
                data = layer_data(doc, role.layer).setdefault(role.head, {})
                argument = {"role": role.role, "target": role.tail, "score": role.score}
                data.setdefault("arguments", []).append(argument)

    def _found(self, doc: Doc) -> list[FoundRole]:
        shift = np.zeros(self.size, dtype=np.float32)
        shift[0] = -CAUTION
        view = TokenView(doc)
        judged = (
            item
            for few in batches(self.pairs(doc), AT_ONCE)
            for item in zip(few, self.probabilities(_features(view, few), self._allowed(few), shift), strict=True)
        )
        found: list[FoundRole] = []
        # The pairs of a head come one after the other.
        for (layer, head), own in groupby(judged, key=lambda item: (item[0].head_layer, item[0].head.id_)):
            found += self._of_head(layer, head, list(own))
        return found

    def _of_head(self, layer: str, head: str, judged: Sequence[tuple[Pair, Floats]]) -> list[FoundRole]:
        best = [int(row.argmax()) for _, row in judged]
        found: list[FoundRole] = []
        for number, role in enumerate(self._roles, start=1):
            candidates = [
                (
                    float(row[number]),
                    pair.tail.id_,
                    number == top or (bool(row[number] > row[0]) and float(row[number]) >= SECOND),
                )
                for (pair, row), top in zip(judged, best, strict=True)
            ]
            ordered = sorted(candidates, key=lambda item: (-item[0], item[1]))
            kept = [item for item in ordered if item[2]][: role["maximum"]]
            rest = [item for item in ordered if not item[2] and item[0] >= DEMANDED]
            kept += rest[: max(0, role["minimum"] - len(kept))]
            found += [FoundRole(layer, head, role["name"], tail, round(score, 4)) for score, tail, _ in kept]
        return found

    def _allowed(self, pairs: Sequence[Pair]) -> Bools:
        allowed = np.ones((len(pairs), self.size), dtype=np.bool_)
        for row, pair in enumerate(pairs):
            for number, role in enumerate(self._roles, start=1):
                allowed[row, number] = pair.head_layer in role["heads"] and pair.tail_layer in role["tails"]
        return allowed


def _start(span: Span) -> int:
    return span.start


def _gap(one: Span, other: Span) -> int:
    return max(0, max(one.start, other.start) - min(one.end, other.end))


def _features(view: TokenView, pairs: Sequence[Pair]) -> Hashes:
    return pad(pair_features(view, p.head, p.tail, p.between, p.rank, f"{p.head_layer}>{p.tail_layer}") for p in pairs)
