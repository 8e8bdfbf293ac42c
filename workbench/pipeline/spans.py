"""The trainable component that finds spans: a tagger over BILUO tags, one tag a token in each tier.

A tier is a set of labels of one layer whose spans rarely overlap. Labels that do (a demand that holds the name of who
made it) get a tier of their own, so that nested spans can be found; so do the inner spans of a label that often lies
within itself (a person with the title and without). Tiers come from the training data.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, NotRequired, TypedDict, cast

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.strings import get_string_id
from spacy.tokens import Doc, Span, SpanGroup

from workbench.pipeline import scorers
from workbench.pipeline.batch import Floats, Items, Said, Suggestion, Targets, numbered
from workbench.pipeline.docs import layer_data, span_data, span_key, spans_in
from workbench.pipeline.features import Hashes, TokenView, mix, overlapping, shifted, token_features, view_of
from workbench.pipeline.scorers import Scorer
from workbench.pipeline.sparse import SparsePipe, factory, in_blocks, unconfigured
from workbench.pipeline.suggestions import Suggested, Suggestions, bin_of, prior

FACTORY = "workbench_spans_v1"
OUTSIDE = "O"
# The share of a label's spans that may overlap others of its tier before it gets another tier.
OVERLAP = 0.05
# A missed span costs an annotator more work than one too many, since its roles are missing with it. So O is held back,
# further where a label's spans have many roles (each counts as `ROLE`).
CAUTION, ROLE = 0.6, 0.3
# Weights that a few articles taught are too sure, and what unsuggested words teach of O is not true of suggested ones. So
# a suggestion holds its own by `TRUST`, and further where roles would go with it. By their cost each would count as 1; it
# counts as `HUNG`, which was best with five to ten articles (docs/measured.md).
TRUST, HUNG = 0.7, 4.0
# The inner spans of a label are looked for so many levels deep, and from so many of them on.
DEEPEST, FEWEST = 1, 2
# So many suggestions that lie over one another are looked at.
NESTED = 2
# Where a suggester says nothing of a token, so often something is there all the same.
MISSED = 0.04


ROLES = "roles"
"""In the configuration: by layer and label how many roles hang on a span, on average, its own and those it fills."""


class Tier(TypedDict):
    """Labels of one layer that are tagged together.

    `levels` says, label by label, which of its spans: 0 for those that lie in no longer one of the same label, 1 for
    those that lie in one of these. Without it, as earlier models have it, it is 0 for all.
    """

    layer: str
    labels: list[str]
    levels: NotRequired[list[int]]


class Told(NamedTuple):
    """What was suggested, in short, for each token; by token the surest suggestion of a label of the tier."""

    keys: list[str]
    best: dict[int, Suggested]


class FoundSpan(NamedTuple):
    """Token offsets, half-open."""

    layer: str
    label: str
    start: int
    end: int
    score: float


@factory(
    FACTORY,
    assigns=["doc.spans"],
    default_config={"layers": [], "labels": {}, "threshold": 0.0, "scorer": {"@scorers": scorers.SPANS}},
    default_score_weights={"spans_f": 1.0, "spans_p": 0.0, "spans_r": 0.0},
)
def make_span_tagger(
    nlp: Language,  # noqa: ARG001 # spaCy passes it
    name: str,
    layers: list[str],
    labels: dict[str, list[str]],
    threshold: float,
    scorer: Scorer | None,
) -> "SpanTagger":
    """A tagger for these layers."""
    return SpanTagger(name, layers, scorer, labels=labels, threshold=threshold)


class SpanTagger(SparsePipe):
    """Finds the spans of all layers; each layer's go to `doc.spans[layer]`, with scores.

    Spans whose score is below the threshold are left out. `labels` are those that a layer may have: one of which the
    training articles have no example is found where it is suggested. Others, of which they have none, are not.
    """

    def __init__(
        self,
        name: str,
        layers: Sequence[str],
        scorer: Scorer | None = None,
        *,
        labels: Mapping[str, Sequence[str]] | None = None,
        threshold: float = 0.0,
    ) -> None:
        super().__init__(name, scorer)
        self._layers = tuple(layers)
        self._labels = {layer: tuple(names) for layer, names in (labels or {}).items()}
        self._threshold = threshold

    def scored(self) -> dict[str, Any]:
        return {"layers": self._layers}

    @property
    def tiers(self) -> list[Tier]:
        return cast(list[Tier], self.cfg.get("tiers", []))

    @property
    def tags(self) -> list[list[str]]:
        """The tags of each tier; the first is O."""
        return [[OUTSIDE, *(f"{part}-{label}" for label in tier["labels"] for part in "BILU")] for tier in self.tiers]

    @property
    def blocks(self) -> list[slice]:
        return in_blocks(len(tags) for tags in self.tags)

    @property
    def ties(self) -> list[list[int]]:
        """In each tier: all tags of spans, all that begin (go on, end, stand alone), and all of one label."""
        groups: dict[tuple[int, str], list[int]] = {}
        for tier, (block, tags) in enumerate(zip(self.blocks, self.tags, strict=True)):
            for index, tag in enumerate(tags[1:], start=block.start + 1):
                for key in ("any", tag[0], tag[2:]):
                    groups.setdefault((tier, key), []).append(index)
        return list(groups.values())

    def plan(self, golds: Iterable[Doc]) -> dict[str, Any]:
        if not self._layers:
            raise unconfigured(self.name, "layers")
        tiers = [tier for layer in self._layers for tier in plan_tiers(layer, golds, self._labels.get(layer, ()))]
        return {"tiers": tiers, ROLES: roles_of(self._layers, golds)}

    def look(self, doc: Doc, gold: Doc) -> Items:
        suggested = Suggestions.of(doc)
        items = np.arange(len(doc), dtype=np.int32)
        outputs = [block.start + chosen for block, chosen in zip(self.blocks, self._right(gold), strict=True)]
        right = np.concatenate([np.zeros(0, dtype=np.int64), *outputs]).astype(np.int32)
        targets = Targets(np.tile(items, len(outputs)), right, np.ones(len(right), dtype=np.float32))
        every = self._told(suggested, len(doc))
        return Items(_features(doc, suggested), targets, said=None if every is None else self._said(every))

    def _right(self, gold: Doc) -> list[NDArray[np.int64]]:
        """For each tier the number of every token's tag."""
        found: list[NDArray[np.int64]] = []
        for tier, tags in zip(self.tiers, self.tags, strict=True):
            chosen = np.zeros(len(gold), dtype=np.int64)
            number = {tag: index for index, tag in enumerate(tags)}
            for span in spans_of(gold, tier)[0]:
                for index in range(span.start, span.end):
                    chosen[index] = number[f"{_part(index, span.start, span.end)}-{span.label_}"]
            found.append(chosen)
        return found

    def _told(self, suggested: Suggestions | None, length: int) -> list[Told] | None:
        """What was suggested, tier by tier."""
        return None if suggested is None else [in_short(suggested, tier, length) for tier in self.tiers]

    def _said(self, every: Sequence[Told]) -> list[Said]:
        """What was suggested for each token, tier by tier: it is right, as far as it goes."""
        found: list[Said] = []
        for number, (block, tags, (keys, best)) in enumerate(zip(self.blocks, self.tags, every, strict=True)):
            place = {tag: index for index, tag in enumerate(tags)}
            nothing = {key: Suggestion(f"{number} {key}", 1 - MISSED, 0) for key in set(keys)}
            given = [nothing[key] for key in keys]
            for index, span in best.items():
                tag = place[f"{_part(index, span.start, span.end)}-{span.label}"]
                given[index] = Suggestion(given[index].key, (bin_of(span.score) + 0.5) / 10, tag)
            found.append(Said(block, *numbered(given)))
        return found

    def unsaid(self) -> list[tuple[slice, Floats]]:
        """How frequent tags are, where other docs had suggestions."""
        if not self.known.counts:
            return []
        return [
            (block, self.known.whole(f"{number} ", prior(1 - MISSED, len(tags), 0, 0)))
            for number, (block, tags) in enumerate(zip(self.blocks, self.tags, strict=True))
        ]

    def predict(self, docs: Sequence[Doc]) -> list[list[FoundSpan]]:
        shift = self._shift()
        found: list[list[FoundSpan]] = []
        for doc in docs:
            rows = self._rows_of(doc, shift) if len(doc) else None
            spans: dict[tuple[str, str, int, int], FoundSpan] = {}
            for tier, block, tags in zip(self.tiers, self.blocks, self.tags, strict=True):
                for tagged in () if rows is None else _decode(tier["layer"], tags, rows[:, block]):
                    if span := _without_space(doc, tagged):
                        score = self.calibrated(span.layer, span.label, span.score)
                        spans[span[:4]] = span._replace(score=score)
            found.append([span for span in spans.values() if span.score >= self._threshold])
        return found

    def _shift(self) -> Floats:
        """What is added to the scores of the outputs, so that what costs more is less often missed."""
        roles: dict[str, dict[str, float]] = self.cfg.get(ROLES, {})
        shift = np.zeros(self.size, dtype=np.float32)
        for tier, block, tags in zip(self.tiers, self.blocks, self.tags, strict=True):
            hanging = roles.get(tier["layer"], {})
            shift[block] = [-CAUTION if tag == OUTSIDE else np.log1p(ROLE * hanging.get(tag[2:], 0.0)) for tag in tags]
        return shift

    def _rows_of(self, doc: Doc, shift: Floats) -> Floats:
        suggested = Suggestions.of(doc)
        every = self._told(suggested, len(doc))
        begin = self.begin(None if every is None else self._said(every), len(doc)) + shift
        if suggested is not None and every is not None:
            hanging = dict(zip(map(id, suggested.spans), suggested.hanging(), strict=True))
            for block, one in zip(self.blocks, every, strict=True):
                for index, span in one.best.items():
                    if index == span.start:
                        begin[index, block.start] -= TRUST + np.log1p(HUNG * hanging[id(span)])
        return self.probabilities(_features(doc, suggested), shift=begin)

    def set_annotations(self, docs: Sequence[Doc], found: Sequence[list[FoundSpan]]) -> None:
        for doc, spans in zip(docs, found, strict=True):
            for layer in self._layers:
                mine = sorted((span for span in spans if span.layer == layer), key=lambda s: (s.start, s.end, s.label))
                made = [Span(doc, span.start, span.end, label=span.label) for span in mine]
                for span in made:
                    span.id_ = span_key(layer, span)
                group = SpanGroup(doc, name=layer, spans=made)
                span_data(group).update({m.id_: {"score": s.score} for m, s in zip(made, mine, strict=True)})
                doc.spans[layer] = group


def in_short(suggested: Suggestions, tier: Tier, length: int) -> Told:
    """For each token what was suggested, in short; for those that have one, the surest suggestion of the tier's labels.

    The layer of the same name is looked at; all layers, where the suggester has none of that name.
    """
    names = [tier["layer"]] if tier["layer"] in suggested.layers else suggested.layers
    rows = [suggested.covering(name) for name in names]
    own = [number for number, span in enumerate(suggested.spans) if span.layer == tier["layer"]]
    levels = _levels([suggested.spans[number][1:4] for number in own], length)
    wanted = _level_of(tier)
    mine = {n for n, level in zip(own, levels, strict=True) if wanted.get(suggested.spans[n].label) == level}
    keys, best = [""] * length, dict[int, Suggested]()
    for index in {index for row in rows for index, numbers in enumerate(row[:length]) if numbers}:
        numbers = [number for row in rows for number in row[index]]
        spans = [suggested.spans[number] for number in numbers[:NESTED]]
        keys[index] = "|".join(f"{_part(index, span.start, span.end)}-{span.label}" for span in spans)
        surest = max((n for n in numbers if n in mine), key=lambda n: suggested.spans[n].score, default=None)
        if surest is not None:
            best[index] = suggested.spans[surest]
    return Told(keys, best)


def _features(doc: Doc, suggested: Suggestions | None) -> Hashes:
    view = view_of(doc)
    return suggestion_features(view, token_features(view), suggested)


def suggestion_features(view: TokenView, features: Hashes, suggested: Suggestions | None) -> Hashes:
    """The features of all tokens, with those of what was suggested for them and for their neighbours.

    Names of layers and labels are the suggester's: labels that the scheme does not have say something, too.
    """
    if suggested is None:
        return features
    kind = iter(range(1, 1000))
    empty = np.ones(len(view), dtype=np.bool_)
    columns: list[Hashes] = []

    def add(column: Hashes, where: NDArray[np.bool_]) -> None:
        numbered = mix(column, np.full(len(view), 1000 + next(kind), dtype=np.uint64))
        columns.append(np.where(where, numbered, np.uint64(0)))

    for layer in suggested.layers:
        for depth in range(NESTED):
            tags, binned = _suggested_tags(suggested, layer, depth, len(view))
            there = tags != 0
            empty &= ~there
            entity = mix(view.iob, view.entity)
            add(tags, there)
            add(binned, there)
            for other in (view.lemma, view.tag, entity):
                add(mix(tags, other), there)
            if depth == 0:
                for offset in (-1, 1):
                    beside = shifted(tags, offset)
                    add(beside, beside != 0)
                    add(mix(beside, tags), (beside != 0) | there)
    add(np.ones(len(view), dtype=np.uint64), empty)
    add(view.lemma, empty)
    add(view.tag, empty)
    return np.concatenate([features, np.stack(columns, axis=1)], axis=1)


def _suggested_tags(suggested: Suggestions, layer: str, depth: int, length: int) -> tuple[Hashes, Hashes]:
    """For each token the tag of the suggestion that lies `depth` deep over it, and the same with its score's step."""
    tags, binned = np.zeros(length, dtype=np.uint64), np.zeros(length, dtype=np.uint64)
    for index, covering in enumerate(suggested.covering(layer)):
        if len(covering) > depth:
            span = suggested.spans[covering[depth]]
            tag = f"{layer} {depth} {_part(index, span.start, span.end)}-{span.label}"
            tags[index] = get_string_id(tag)
            binned[index] = get_string_id(f"{tag} {bin_of(span.score)}")
    return tags, binned


def _without_space(doc: Doc, span: FoundSpan) -> FoundSpan | None:
    """The span without white space at its edges; None where it is nothing else."""
    start, end = span.start, span.end
    while start < end and doc[start].is_space:
        start += 1
    while end > start and doc[end - 1].is_space:
        end -= 1
    return span._replace(start=start, end=end) if start < end else None


def plan_tiers(layer: str, golds: Iterable[Doc], labels: Iterable[str] = ()) -> list[Tier]:
    """The tiers of a layer: each label, the frequent ones first, joins the first tier that it rarely overlaps.

    So do `labels` of which the gold docs have none.

    The inner spans of a label that lies within itself are as a label of their own, where they are not rare.
    """
    counts: Counter[_Unit] = Counter()
    clashes: Counter[tuple[_Unit, _Unit]] = Counter()
    for doc in golds:
        spans = spans_in(doc, layer)
        units = [_Unit(span.label_, level) for span, level in zip(spans, _levels_of(spans, len(doc)), strict=True)]
        counts.update(units)
        for first, second in overlapping([(s.start, s.end) for s in spans]):
            clashes[units[first], units[second]] += 1
            clashes[units[second], units[first]] += 1
    frequent = {_Unit(label, 0): 0 for label in labels}
    frequent |= {unit: number for unit, number in counts.items() if unit.level <= DEEPEST}
    tiers: list[list[_Unit]] = []
    for unit, number in sorted(frequent.items(), key=lambda item: (-item[1], item[0])):
        if unit.level and number < max(FEWEST, OVERLAP * counts[_Unit(unit.label, 0)]):
            continue
        for tier in tiers:
            if any(one.label == unit.label for one in tier):
                continue
            if sum(clashes[unit, other] for other in tier) <= OVERLAP * number:
                tier.append(unit)
                break
        else:
            tiers.append([unit])
    return [Tier(layer=layer, labels=[u.label for u in tier], levels=[u.level for u in tier]) for tier in tiers]


def roles_of(layers: Sequence[str], golds: Iterable[Doc]) -> dict[str, dict[str, float]]:
    """By layer and label how many roles hang on a span, on average, its own and those it fills."""
    spans: Counter[tuple[str, str]] = Counter()
    roles: Counter[tuple[str, str]] = Counter()
    for doc in golds:
        called = {span.id_: (layer, span.label_) for layer in layers for span in spans_in(doc, layer)}
        spans.update(called.values())
        for layer in layers:
            for head, data in layer_data(doc, layer).items():
                for argument in data.get("arguments", ()):
                    roles.update(called[one] for one in (head, argument["target"]) if one in called)
    found: dict[str, dict[str, float]] = {}
    for (layer, label), number in sorted(roles.items()):
        found.setdefault(layer, {})[label] = round(number / spans[layer, label], 2)
    return found


class _Unit(NamedTuple):
    """The spans of a label that lie so deep in others of it."""

    label: str
    level: int


def spans_of(gold: Doc, tier: Tier) -> tuple[list[Span], list[Span]]:
    """The spans of a tier that can be tagged, the longer first, and those that overlap one of them."""
    taken = np.zeros(len(gold), dtype=np.bool_)
    kept: list[Span] = []
    lost: list[Span] = []
    wanted = _level_of(tier)
    every = spans_in(gold, tier["layer"])
    levels = _levels_of(every, len(gold))
    spans = [span for span, level in zip(every, levels, strict=True) if wanted.get(span.label_) == level]
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start)):
        if taken[span.start : span.end].any():
            lost.append(span)
        else:
            taken[span.start : span.end] = True
            kept.append(span)
    return kept, lost


def untaught(gold: Doc, tiers: Iterable[Tier]) -> list[Span]:
    """The spans that no tier can be taught."""
    planned = list(tiers)
    taught = {span_key(tier["layer"], span) for tier in planned for span in spans_of(gold, tier)[0]}
    layers = dict.fromkeys(tier["layer"] for tier in planned)
    return [span for layer in layers for span in spans_in(gold, layer) if span_key(layer, span) not in taught]


def _level_of(tier: Tier) -> dict[str, int]:
    labels = tier["labels"]
    return dict(zip(labels, tier.get("levels", [0] * len(labels)), strict=True))


def _levels_of(spans: Sequence[Span], length: int) -> list[int]:
    return _levels([(span.label_, span.start, span.end) for span in spans], length)


def _levels(spans: Sequence[tuple[str, int, int]], length: int) -> list[int]:
    """For each span how many of its label it lies in or overlaps, one over the other, the longer outside."""
    levels = [0] * len(spans)
    taken: dict[str, list[NDArray[np.bool_]]] = {}
    for number in sorted(range(len(spans)), key=lambda n: (spans[n][1] - spans[n][2], spans[n][1])):
        label, start, end = spans[number]
        rows = taken.setdefault(label, [])
        level = next((depth for depth, row in enumerate(rows) if not row[start:end].any()), len(rows))
        if level == len(rows):
            rows.append(np.zeros(length, dtype=np.bool_))
        rows[level][start:end] = True
        levels[number] = level
    return levels


def _part(index: int, start: int, end: int) -> str:
    if end - start == 1:
        return "U"
    return "B" if index == start else "L" if index == end - 1 else "I"


def _decode(layer: str, tags: Sequence[str], rows: Floats) -> Iterable[FoundSpan]:
    """The spans of the most probable sequence of tags that is well-formed; a span's score is its weakest tag's."""
    start = 0
    for index, chosen in enumerate(_well_formed(np.log(rows + 1e-12), tags)):
        part, label = tags[chosen][0], tags[chosen][2:]
        if part in "BU":
            start = index
        if part in "LU":
            scores = [rows[i, tags.index(f"{_part(i, start, index + 1)}-{label}")] for i in range(start, index + 1)]
            yield FoundSpan(layer, label, start, index + 1, float(min(scores)))


def _well_formed(scores: NDArray[np.floating[Any]], tags: Sequence[str]) -> list[int]:
    """The tags (their numbers) of the best well-formed sequence.

    A token is O for certain where no run of tokens around it could gain anything over O even with every token's best
    tag. Those cut the text into short pieces, and only these are decoded.
    """
    found = [0] * len(scores)
    if len(tags) < 2 or not found:
        return found
    gain = scores[:, 1:].max(axis=1).astype(np.float64) - scores[:, 0]
    open_ = gain + _best_run(gain) + _best_run(gain[::-1])[::-1] >= 0
    edges = np.flatnonzero(np.diff(open_, prepend=False, append=False)).tolist()
    moves = _moves(tuple(tags))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        found[start:end] = _viterbi(scores[start:end], moves)
    return found


def _best_run(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each token the most that tokens just before it gain together, 0 for none of them."""
    total = np.concatenate([[0.0], np.cumsum(gain)])[:-1]
    return total - np.minimum.accumulate(total)


_Moves = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


@lru_cache(maxsize=64)
def _moves(tags: tuple[str, ...]) -> _Moves:
    """Which tags may come first, which last, and which after which: 0 where they may."""
    opens = np.array([0.0 if tag[0] in "OBU" else -np.inf for tag in tags])
    closes = np.array([0.0 if tag[0] in "OLU" else -np.inf for tag in tags])
    steps = np.array([[0.0 if _follows(one, other) else -np.inf for other in tags] for one in tags])
    return opens, closes, steps


def _viterbi(scores: NDArray[np.floating[Any]], moves: _Moves) -> list[int]:
    opens, closes, steps = moves
    places = np.arange(len(opens))
    best = scores[0] + opens
    back: list[NDArray[np.int64]] = []
    for row in scores[1:]:
        options = best[:, None] + steps
        came = options.argmax(axis=0)
        best = options[came, places] + row
        back.append(came)
    path = [int((best + closes).argmax())]
    for came in reversed(back):
        path.append(int(came[path[-1]]))
    return path[::-1]


def _follows(one: str, other: str) -> bool:
    if one[0] in "OLU":
        return other[0] in "OBU"
    return other[0] in "IL" and one[2:] == other[2:]
