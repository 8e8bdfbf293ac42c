"""The trainable component that joins spans: which span plays which role in which frame.

It looks at explicit pairs (a head, a span that the scheme lets fill one of its roles) within a window of tokens, the
nearest ones of each head, so that memory grows with the number of heads and not with its square. Each pair is one
softmax over the roles that the scheme permits there, and none.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypedDict, cast

import numpy as np
from spacy.language import Language
from spacy.strings import get_string_id
from spacy.tokens import Doc

from workbench.core.batches import batches
from workbench.pipeline import scorers
from workbench.pipeline.assignment import assign
from workbench.pipeline.batch import Allowed, Floats, Items, Said, Suggestion, Targets, numbered
from workbench.pipeline.docs import SpanData, layer_data, spans_in
from workbench.pipeline.features import Hashes, SpanPlace, TokenView, pair_features, view_of
from workbench.pipeline.scorers import Scorer
from workbench.pipeline.sparse import SparsePipe, factory, pad, unconfigured
from workbench.pipeline.suggestions import Suggestions, bin_of

FACTORY = "workbench_roles_v1"
WINDOW = 100
NEAREST = 24
# How many pairs are judged at once: a long text has half a million.
AT_ONCE = 4096
# A role that the scheme demands is filled by the best candidate that is at least this probable.
DEMANDED = 0.15
# A second role between the same pair is given only from here on.
SECOND = 0.35
# Where the suggester gives a pair no role, so often it has one all the same.
MISSED = 0.1


class RolePlan(TypedDict):
    """A role: which layers it joins, and how many of it a head may and must have (`maximum` None: any number)."""

    name: str
    heads: list[str]
    tails: list[str]
    minimum: int
    maximum: int | None


class Pair(NamedTuple):
    """A head and a span that may fill a role of it; `between`, `rank` and `place` are as in `features.Placed`."""

    head_layer: str
    head: SpanPlace
    tail_layer: str
    tail: SpanPlace
    between: int
    rank: int
    place: str


class Link(NamedTuple):
    """What was suggested between two spans: the roles, with scores, and the roles that others fill for the same head.

    `tail` says whether anything like the second span was suggested, `exact` whether it was at the same place.
    """

    roles: tuple[tuple[str, float], ...]
    rivals: frozenset[str]
    tail: bool
    exact: bool
    key: str


class FoundRole(NamedTuple):
    """A role with the ids of the spans it joins."""

    layer: str
    head: str
    role: str
    tail: str
    score: float


@factory(
    FACTORY,
    requires=["doc.spans"],
    default_config={
        "roles": [],
        "window": WINDOW,
        "nearest": NEAREST,
        "threshold": 0.0,
        "scorer": {"@scorers": scorers.ROLES},
    },
    default_score_weights={"roles_f": 1.0, "roles_p": 0.0, "roles_r": 0.0},
)
def make_role_finder(
    nlp: Language,  # noqa: ARG001 # spaCy passes it
    name: str,
    roles: list[dict[str, Any]],
    window: int,
    nearest: int,
    threshold: float,
    scorer: Scorer | None,
) -> "RoleFinder":
    """A component for these roles."""
    plans = cast(list[RolePlan], roles)
    return RoleFinder(name, plans, window=window, nearest=nearest, threshold=threshold, scorer=scorer)


class RoleFinder(SparsePipe):
    """Finds the arguments of all frames; output 0 is "no role". Roles whose score is below the threshold are left out."""

    features_version = 2

    def __init__(
        self,
        name: str,
        roles: Sequence[RolePlan],
        *,
        window: int = WINDOW,
        nearest: int = NEAREST,
        threshold: float = 0.0,
        scorer: Scorer | None = None,
    ) -> None:
        super().__init__(name, scorer)
        self._roles = list(roles)
        self._window = window
        self._nearest = nearest
        self._threshold = threshold

    def scored(self) -> dict[str, Any]:
        return {"heads": list(dict.fromkeys(layer for role in self._roles for layer in role["heads"]))}

    def plan(self, golds: Iterable[Doc]) -> dict[str, Any]:
        if not self._roles:
            raise unconfigured(self.name, "roles")
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
        spans = {layer: [SpanPlace.of(span) for span in spans_in(doc, layer)] for layer in layers}
        found: list[Pair] = []
        longest = {layer: max((span.end - span.start for span in found), default=0) for layer, found in spans.items()}
        for head_layer, tail_layers in wanted.items():
            for head in spans[head_layer]:
                for tail_layer in tail_layers:
                    found += self._pairs(head_layer, head, tail_layer, spans[tail_layer], longest[tail_layer])
        return found

    def _pairs(
        self, head_layer: str, head: SpanPlace, tail_layer: str, tails: Sequence[SpanPlace], longest: int
    ) -> list[Pair]:
        first = bisect_left(tails, head.start - self._window - longest, key=_start)
        last = bisect_right(tails, head.end + self._window, key=_start)
        near = [
            (gap, number, tail)
            for number, tail in enumerate(tails[first:last], start=first)
            if (gap := _gap(head, tail)) <= self._window and (tail_layer, tail.id_) != (head_layer, head.id_)
        ]
        near.sort(key=lambda item: item[:2])
        home = bisect_left(tails, head.start, key=_start)
        place = f"{head_layer}>{tail_layer}"
        ranks: dict[str, int] = defaultdict(int)
        found: list[Pair] = []
        for _, number, tail in near[: self._nearest]:
            between = number - home if number >= home else home - number - 1
            found.append(Pair(head_layer, head, tail_layer, tail, between, ranks[tail.label_], place))
            ranks[tail.label_] += 1
        return found

    def look(self, doc: Doc, gold: Doc) -> Items:
        pairs = self.pairs(gold)
        suggested = Suggestions.of(doc)
        links = _links(suggested, pairs, {})
        features = _features(view_of(doc), pairs, links)
        said = None if suggested is None else self._said(links)
        return Items(features, self._targets(gold, pairs), self._allowed(pairs), said)

    def _targets(self, gold: Doc, pairs: Sequence[Pair]) -> Targets:
        """The right outputs of each pair; two roles between one pair share the row."""
        number = {role["name"]: index for index, role in enumerate(self._roles, start=1)}
        given: dict[tuple[str, str], set[int]] = defaultdict(set)
        for head, data in self._frames(gold):
            for argument in data.get("arguments", ()):
                given[head, argument["target"]].add(number[argument["role"]])
        right: list[tuple[int, int, float]] = []
        for row, pair in enumerate(pairs):
            chosen = sorted(given.get((pair.head.id_, pair.tail.id_), {0}))
            right += [(row, output, 1 / len(chosen)) for output in chosen]
        return Targets.of(right)

    def _said(self, links: Sequence[Link | None]) -> list[Said]:
        """What roles were suggested, where the head was suggested: a role is right as far as it says."""
        number = {role["name"]: index for index, role in enumerate(self._roles, start=1)}
        known: dict[int, Suggestion] = {}
        given: list[Suggestion | None] = []
        for link in links:
            if link is not None and id(link) not in known:
                best = max(((score, number[role]) for role, score in link.roles if role in number), default=None)
                known[id(link)] = (
                    Suggestion(link.key, 1 - MISSED, 0)
                    if best is None
                    else Suggestion(link.key, (bin_of(best[0]) + 0.5) / 10, best[1])
                )
            given.append(None if link is None else known[id(link)])
        return [Said(self.blocks[0], *numbered(given))]

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
        suggested, view = Suggestions.of(doc), view_of(doc)
        like: Like = {}
        judged = (
            item
            for few in batches(self.pairs(doc), AT_ONCE)
            for item in _possible(few, self._judged(view, few, _links(suggested, few, like)))
        )
        found: list[FoundRole] = []
        # The pairs of a head come one after the other.
        for (layer, head), own in groupby(judged, key=lambda item: (item[0].head_layer, item[0].head.id_)):
            found += self._of_head(layer, head, list(own))
        return found

    def _judged(self, view: TokenView, pairs: Sequence[Pair], links: Sequence[Link | None]) -> Floats:
        kinds, at = self._allowed(pairs)
        return self.probabilities(_features(view, pairs, links), kinds[at], self.begin(self._said(links), len(pairs)))

    def _of_head(self, layer: str, head: str, judged: Sequence[tuple[Pair, Floats]]) -> list[FoundRole]:
        """The roles of one head, decided for all its pairs together, so that what the scheme says of roles holds.

        Each pair gets the role that makes the whole most probable under the numbers that are allowed. What is left of
        those is for second roles of a pair, and for roles that the scheme demands.
        """
        taken = assign(
            [[float(np.log((p + 1e-9) / (row[0] + 1e-9))) for p in row[1:]] for _, row in judged],
            [role["maximum"] for role in self._roles],
        )
        found: list[FoundRole] = []
        for number, role in enumerate(self._roles):
            scored = [(float(row[number + 1]), pair.tail.id_, float(row[0])) for pair, row in judged]
            given = [one for one, chosen in zip(scored, taken, strict=True) if chosen == number]
            others = sorted(
                (one for one, chosen in zip(scored, taken, strict=True) if chosen != number),
                key=lambda one: (-one[0], one[1]),
            )
            room = len(scored) if role["maximum"] is None else role["maximum"] - len(given)
            given += [one for one in others if one[0] > one[2] and one[0] >= SECOND][:room]
            rest = [one for one in others if one not in given and one[0] >= DEMANDED]
            given += rest[: max(0, role["minimum"] - len(given))]
            found += [
                FoundRole(layer, head, role["name"], tail, self.calibrated(layer, role["name"], score))
                for score, tail, _ in sorted(given, key=lambda one: (-one[0], one[1]))
            ]
        return [role for role in found if role.score >= self._threshold]

    def _allowed(self, pairs: Sequence[Pair]) -> Allowed:
        kinds: dict[tuple[str, str], int] = {}
        rows = [kinds.setdefault((pair.head_layer, pair.tail_layer), len(kinds)) for pair in pairs]
        table = np.ones((len(kinds), self.size), dtype=np.bool_)
        for row, (head, tail) in enumerate(kinds):
            table[row, 1:] = [head in role["heads"] and tail in role["tails"] for role in self._roles]
        return Allowed(table, np.array(rows, dtype=np.int32))


def _possible(pairs: Sequence[Pair], rows: Floats) -> Iterator[tuple[Pair, Floats]]:
    """The pairs that any role could be given to, with their probabilities; most have none that is near."""
    if rows.shape[1] > 1:
        most = rows[:, 1:].max(axis=1)
        for number in np.flatnonzero((most > rows[:, 0]) | (most >= DEMANDED)).tolist():
            yield pairs[number], rows[number]


def _start(span: SpanPlace) -> int:
    return span.start


def _gap(one: SpanPlace, other: SpanPlace) -> int:
    return max(0, max(one.start, other.start) - min(one.end, other.end))


def _features(view: TokenView, pairs: Sequence[Pair], links: Sequence[Link | None]) -> Hashes:
    kinds: dict[tuple[str, int, int, int], int] = {}
    rows: list[int] = []
    made: list[list[int]] = []
    for pair, link in zip(pairs, links, strict=True):
        kind = (pair.place, pair.head.label, pair.tail.label, id(link))  # links that say the same are one
        if kind not in kinds:
            kinds[kind] = len(made)
            made.append(_link_features(pair, link))
        rows.append(kinds[kind])
    return np.concatenate([pair_features(view, pairs), pad(made)[rows]], axis=1)


Like = dict[tuple[str, str], int | None]
"""By layer and id of a span, the number of the suggestion that is like it."""


def _links(suggested: Suggestions | None, pairs: Sequence[Pair], like: Like) -> list[Link | None]:
    """What was suggested of each pair; None where nothing like its head was. `like` remembers what was looked up."""
    if suggested is None:
        return [None] * len(pairs)

    def number(layer: str, span: SpanPlace) -> int | None:
        if (layer, span.id_) not in like:
            like[layer, span.id_] = suggested.like(layer, span.label_, span.start, span.end)
        return like[layer, span.id_]

    found: list[Link | None] = []
    known: dict[tuple[str, int, int | None, bool], Link] = {}
    alike: dict[Link, Link] = {}
    filled: dict[int, frozenset[str]] = {}
    for pair in pairs:
        head, tail = number(pair.head_layer, pair.head), number(pair.tail_layer, pair.tail)
        if head is None:
            found.append(None)
            continue
        exact = tail is not None and suggested.spans[tail][2:4] == (pair.tail.start, pair.tail.end)
        said = (pair.place, head, tail, exact)
        if said not in known:
            roles = suggested.spans[head].roles
            if head not in filled:
                filled[head] = frozenset(role for given in roles.values() for role, _ in given)
            link = _link(roles, filled[head], pair.place, tail, exact)
            known[said] = alike.setdefault(link, link)
        found.append(known[said])
    return found


def _link(
    roles: dict[int, list[tuple[str, float]]], filled: frozenset[str], place: str, tail: int | None, exact: bool
) -> Link:
    """The link of a head, whose `roles` were suggested, to a suggestion; what has no role has all for rivals."""
    if tail is None or tail not in roles:
        return Link((), filled, tail is not None, exact, f"{place} none {tail is None}")
    mine = roles[tail]
    rivals = frozenset(role for other, given in roles.items() if other != tail for role, _ in given)
    what = " ".join(sorted(role for role, _ in mine))
    return Link(tuple(mine), rivals, True, exact, f"{place} {what}")


def _link_features(pair: Pair, link: Link | None) -> list[int]:
    place = f"{pair.head_layer}>{pair.tail_layer} suggested"
    if link is None:
        return [get_string_id(f"{place} no head")]
    names = [f"{place} tail={link.tail} {link.exact}"]
    for role, score in link.roles:
        names += [f"{place} {role}", f"{place} {role} {bin_of(score)}", f"{place} {role} {pair.head.label_}"]
        names += [f"{place} {role} {pair.tail.label_}", f"{place} {role} {link.exact}"]
    if not link.roles:
        names += [f"{place} none", f"{place} none {pair.tail.label_}", f"{place} none {pair.head.label_}"]
        names += [f"{place} none rivals {' '.join(sorted(link.rivals))}"]
        names += [f"{place} none rival {role} {pair.tail.label_}" for role in sorted(link.rivals)]
    return [get_string_id(name) for name in names]
