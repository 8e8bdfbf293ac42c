"""What the trainable components look at: what the base pipeline says of the words, as hashes.

A pipeline without a parser or an entity recogniser works too: its columns are then constant and say nothing.
"""

import hashlib
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from spacy.strings import get_string_id
from spacy.tokens import Doc, Span

PLACES = ("HEAD", "SENT_START", "ORTH")
COLUMNS = (*PLACES, "LEMMA", "TAG", "POS", "DEP", "SHAPE", "NORM", "SUFFIX", "PREFIX", "ENT_IOB", "ENT_TYPE")
REMEMBERED, LONGEST = 64, 4000
"""So many docs of at most so many tokens are remembered with what was read of them."""

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]
Edge = tuple[int, int]

OPENING, CLOSING, EITHER = frozenset("“„«"), frozenset("”»"), '"'
MAX_CHILDREN = 6
MAX_PATH = 7
# So many words between two spans are looked at, where there are no more.
NEAR = 6
# Dependents that say little of the word they belong to.
_LIGHT = frozenset({"det", "punct", "compound", "nummod"})
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class TokenView:
    """A doc's tokens as arrays, read once. Columns are hashes, one a token; `heads` are token indices."""

    def __init__(self, doc: Doc, table: Hashes) -> None:
        """`table` has a row of `COLUMNS` for each token of the doc."""
        places, table = table[:, : len(PLACES)], table[:, len(PLACES) :]
        self.lemma, self.tag, self.pos, self.dep, self.shape, self.norm = table.T[:6]
        self.suffix, self.prefix, self.iob, self.entity = table.T[6:]
        # Without a lemmatizer the lemma is 0, and the norm has to do.
        self.lemma = np.where(self.lemma == 0, self.norm, self.lemma)
        self.heads: Ints = np.arange(len(doc)) + places[:, 0].astype(np.int64)
        words = _strings(doc, places[:, 2])
        self.quoted = _quoted(words)
        self.line: Ints = np.cumsum(["\n" in word for word in words], dtype=np.int64)
        self.sentence: Ints = np.cumsum(places[:, 1].astype(np.int64) == 1, dtype=np.int64)
        self.norms = [norm.lower() for norm in _strings(doc, self.norm)]
        own = (lemma.lower() for lemma in _strings(doc, table[:, 0]))
        self.lemmas = [lemma or norm for lemma, norm in zip(own, self.norms, strict=True)]
        self.tags = _strings(doc, self.tag)
        self.deps = _strings(doc, self.dep)
        self.entities = _strings(doc, self.entity)
        self.children: dict[int, list[int]] = defaultdict(list)
        for index, head in enumerate(self.heads.tolist()):
            if head != index:
                self.children[head].append(index)

    def __len__(self) -> int:
        return len(self.lemmas)

    def root(self, start: int, end: int) -> int:
        """The token of a span whose head lies outside it; the last one where there is none."""
        for index in range(start, end):
            head = int(self.heads[index])
            if head == index or not start <= head < end:
                return index
        return end - 1

    def climb(self, index: int) -> Iterator[int]:
        """A token and its heads up to the sentence's root."""
        for _ in range(MAX_PATH):
            yield index
            head = int(self.heads[index])
            if head == index:
                return
            index = head


_views: "OrderedDict[bytes, TokenView]" = OrderedDict()


def view_of(doc: Doc) -> TokenView:
    """The tokens of a doc as arrays, which are not to be changed.

    Every component looks at the same tokens, one after the other: the last ones are remembered, by all that is said of
    them.
    """
    table = doc.to_array(list(COLUMNS)).astype(np.uint64).reshape(len(doc), len(COLUMNS))
    if len(doc) > LONGEST:
        return TokenView(doc, table)
    key = hashlib.blake2b(table.tobytes(), digest_size=16).digest()
    view = _views.get(key)
    if view is None:
        view = _views[key] = TokenView(doc, table)
        if len(_views) > REMEMBERED:
            _views.popitem(last=False)
    return view


def token_features(view: TokenView) -> Hashes:
    """A row for each token: the word, its neighbours, its head and its dependents."""
    heads = view.heads
    entity, majority = mix(view.iob, view.entity), _majority_entity(view)
    place = np.minimum(view.line, 1).astype(np.uint64) * np.uint64(2) + view.quoted.astype(np.uint64)
    short, long = _stems(view, 4), _stems(view, 6)
    columns = [view.lemma, view.norm, view.tag, view.dep, entity, majority, view.shape, view.suffix, view.prefix, place]
    for offset in (-2, -1, 1, 2):
        columns += [shifted(view.lemma, offset), shifted(view.tag, offset), shifted(entity, offset)]
    before, after = shifted(view.tag, -1), shifted(view.tag, 1)
    columns += [
        mix(view.lemma, view.tag),
        mix(view.lemma, view.dep),
        mix(view.lemma, shifted(view.lemma, 1)),
        mix(shifted(view.lemma, -1), view.lemma),
        mix(view.lemma[heads], view.dep),
        mix(view.lemma[heads], view.lemma),
        mix(view.dep[heads], view.dep),
        mix(view.tag[heads], view.tag),
        mix(view.lemma[heads[heads]], view.dep),
        mix(entity, majority),
        mix(mix(entity, majority), view.shape),
        mix(mix(shifted(entity, -1), entity), shifted(entity, 1)),
        mix(majority, shifted(majority, 1)),
        mix(shifted(majority, -1), majority),
        mix(view.tag, after),
        mix(before, view.tag),
        mix(mix(before, view.tag), after),
        mix(view.tag, place),
        mix(view.suffix, view.tag),
        short,
        long,
        mix(long, view.pos),
        mix(short, view.pos),
        mix(long[heads], view.dep),
        mix(shifted(long, 1), view.pos),
        mix(shifted(long, -1), view.pos),
    ]
    numbered = [mix(column, np.full(len(view), n + 1, dtype=np.uint64)) for n, column in enumerate(columns)]
    return np.concatenate([np.stack(numbered, axis=1), _dependents(view)], axis=1)


def span_features(view: TokenView, span: Span) -> list[int]:
    """Of one span: its words, the helpers and negations around its verb, and what governs it."""
    root = view.root(span.start, span.end)
    names = [f"root={view.lemmas[root]}", f"tag={view.tags[root]}", f"dep={view.deps[root]}"]
    names += [f"quoted={view.quoted[root]}", f"head={view.line[root] == 0}", f"label={span.label_}"]
    names += [f"quoted={view.quoted[root]} label={span.label_}", f"length={min(len(span), 4)}"]
    names += [f"in={view.lemmas[i]}" for i in range(span.start, span.end)]
    names += [f"before={view.lemmas[i]}" for i in range(max(0, span.start - 4), span.start)]
    names += [f"at-1={view.lemmas[i]}" for i in range(max(0, span.start - 1), span.start)]
    names += [f"after={view.lemmas[i]}" for i in range(span.end, min(len(view), span.end + 3))]
    for step, index in enumerate(view.climb(root)):
        if step > 3:
            break
        names += [f"up{step}={view.deps[index]}", f"up{step}={view.tags[index]}"]
        if step:
            names += [f"up={view.lemmas[index]}", f"up{step}={view.lemmas[index]}"]
        for child in view.children[index]:
            if view.deps[child] in ("aux", "auxpass", "neg", "mark", "advmod", "det", "cc"):
                names += [f"child{min(step, 2)}={view.deps[child]}:{view.norms[child]}"]
    for index in _sentence(view, root):
        if view.entities[index] or view.tags[index] == "CD":
            names.append(f"near={view.entities[index]}:{view.lemmas[index]}")
        if view.deps[index] in ("mark", "neg") or view.tags[index] == "MD":
            names.append(f"near={view.norms[index]}")
    return [get_string_id(name) for name in names]


class SpanPlace(NamedTuple):
    """What of a span is asked for again and again; a spaCy Span looks each up anew."""

    start: int
    end: int
    label: int
    label_: str
    id_: str

    @classmethod
    def of(cls, span: Span) -> "SpanPlace":
        """The place of a span."""
        return cls(span.start, span.end, span.label, span.label_, span.id_)


class InText(Protocol):
    """A labelled stretch of tokens."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def label(self) -> int: ...


class Placed(Protocol):
    """A frame's head and a span that may fill a role in it, and where they stand.

    `between` counts the spans that compete for the role and stand between the two, `rank` says how many of them are
    nearer to the head. `place` names both layers: roles of other layers share no weights.
    """

    @property
    def head(self) -> InText: ...
    @property
    def tail(self) -> InText: ...
    @property
    def between(self) -> int: ...
    @property
    def rank(self) -> int: ...
    @property
    def place(self) -> str: ...


def pair_features(view: TokenView, pairs: Sequence[Placed]) -> Hashes:
    """A row for each pair: both spans, the way between them in the parse and in the text, who competes."""
    if not pairs:
        return np.zeros((0, 0), dtype=np.uint64)
    lemmas = np.array([get_string_id(lemma) for lemma in view.lemmas] + [0], dtype=np.uint64)
    head, tail = (
        np.array([(s.start, s.end) for s in side]) for side in ([p.head for p in pairs], [p.tail for p in pairs])
    )
    one, other = _roots(view, head), _roots(view, tail)
    labels, fills = _number([p.head.label for p in pairs]), _number([p.tail.label for p in pairs])
    names = [p.place for p in pairs]
    known = {name: get_string_id(name) for name in set(names)}
    place = _number([known[name] for name in names])
    between, rank = _number([p.between for p in pairs]), _number([p.rank for p in pairs])
    inside = (head[:, 0] < tail[:, 1]) & (tail[:, 0] < head[:, 1])
    order = _number(np.where(inside, 0, np.where(tail[:, 0] < head[:, 0], 1, 2)))
    left, right = np.minimum(head[:, 1], tail[:, 1]), np.maximum(head[:, 0], tail[:, 0])
    gap = np.maximum(0, right - left)
    size = mix(order, _number(np.minimum(np.frexp(gap)[1], 6)))  # the exponent is how many bits the number takes
    apart = view.sentence[other] - view.sentence[one]
    same = _number(apart == 0)
    sentences = _number(np.clip(apart, -3, 3) + 3)
    steps, words = _paths(view, one, other, apart)
    lead, follow = lemmas[tail[:, 0] - 1], lemmas[tail[:, 1]]  # the last of `lemmas` stands for no word
    dep, up = view.dep[other], lemmas[view.heads[other]]
    begins = _number(view.sentence[other] != view.sentence[np.maximum(0, tail[:, 0] - 1)])
    lines = mix(_number(np.minimum(view.line[other], 2)), _number(view.line[one] == view.line[other]))
    columns = [
        np.zeros(len(pairs), dtype=np.uint64),
        mix(labels, fills),
        labels,
        fills,
        steps,
        mix(steps, words),
        mix(steps, labels),
        mix(steps, fills),
        mix(steps, lemmas[one]),
        mix(steps, view.tag[one]),
        size,
        mix(size, fills),
        mix(size, same),
        sentences,
        mix(sentences, fills),
        mix(order, np.minimum(between, np.uint64(4))),
        np.minimum(rank, np.uint64(6)),
        mix(mix(np.minimum(rank, np.uint64(6)), order), fills),
        mix(np.minimum(rank, np.uint64(3)), sentences),
        lead,
        mix(mix(lead, fills), order),
        mix(lead, labels),
        follow,
        dep,
        mix(mix(dep, order), same),
        mix(dep, up),
        mix(dep, labels),
        mix(mix(lemmas[one], fills), order),
        mix(mix(view.tag[one], view.dep[one]), order),
        mix(mix(mix(view.dep[one], dep), order), same),
        mix(mix(_number(view.quoted[one]), _number(view.quoted[other])), same),
        mix(lines, fills),
        mix(mix(begins, same), fills),
    ]
    near = gap <= NEAR
    middle, between_them = order, list[Hashes]()
    for step in range(NEAR):
        there = near & (left + step < right)
        word = lemmas[np.where(there, left + step, -1)]
        middle = np.where(there, mix(middle, word), middle)
        between_them.append(np.where(there, mix(np.full(len(pairs), 98, dtype=np.uint64), mix(order, word)), 0))
        with_fill = mix(mix(order, word), fills)
        between_them.append(np.where(there, mix(np.full(len(pairs), 99, dtype=np.uint64), with_fill), 0))
    kinds = [mix(np.full(len(pairs), kind, dtype=np.uint64), column) for kind, column in enumerate(columns, start=1)]
    kinds += [np.where(near, mix(np.full(len(pairs), 97, dtype=np.uint64), middle), 0), *between_them]
    return np.stack([np.where(column == 0, column, mix(place, column)) for column in kinds], axis=1)


def _roots(view: TokenView, edges: Ints) -> Ints:
    """The root of each span of tokens; a span comes in many pairs."""
    places = edges[:, 0] * (len(view) + 1) + edges[:, 1]
    kinds, at = np.unique(places, return_inverse=True)
    found = [view.root(*divmod(edge, len(view) + 1)) for edge in kinds.tolist()]
    return np.array(found, dtype=np.int64)[at.ravel()]


def _number(values: "Sequence[int] | NDArray[Any]") -> Hashes:
    return np.asarray(values, dtype=np.uint64)


def _paths(view: TokenView, one: Ints, other: Ints, apart: Ints) -> tuple[Hashes, Hashes]:
    """For each pair of tokens the way from one to the other, and the words on it; how far, where they are apart."""
    table = np.zeros((len(one), 2), dtype=np.uint64)
    table[:, 0] = 1000 + np.clip(apart, -3, 3)
    near = np.flatnonzero(apart == 0)
    kinds, at = np.unique(one[near] * len(view) + other[near], return_inverse=True)
    if len(kinds):
        ways = (_path(view, *divmod(both, len(view))) for both in kinds.tolist())
        found = [(get_string_id(steps), get_string_id(words)) for steps, words in ways]
        table[near] = np.array(found, dtype=np.uint64)[at.ravel()]
    return table[:, 0], table[:, 1]


def document_features(view: TokenView) -> list[int]:
    """Of a whole document: the words in it, and how long it and its lines are."""
    n = len(view)
    rows = int(view.line[-1]) + 1 if n else 0
    names = [f"tokens={n.bit_length()}", f"lines={rows.bit_length()}", f"row={(n // max(rows, 1)).bit_length()}"]
    return [get_string_id(name) for name in [*names, *(f"word={lemma}" for lemma in sorted(set(view.lemmas)))]]


def _path(view: TokenView, one: int, other: int) -> tuple[str, str]:
    """The way from one token up to their common head and down to the other: dependencies, and words on the way."""
    up, down = list(view.climb(one)), list(view.climb(other))
    common = next((index for index in up if index in down), None)
    if common is None:
        return "far", ""
    rise, fall = up[: up.index(common)], down[: down.index(common)]
    steps = "^".join(view.deps[i] for i in rise) + "|" + "v".join(view.deps[i] for i in reversed(fall))
    words = [view.lemmas[i] for i in [*rise[1:], *([common] if rise and fall else []), *reversed(fall[1:])]]
    return steps, " ".join(words)


def _sentence(view: TokenView, index: int) -> range:
    number = view.sentence[index]
    start, end = (int(at) for at in np.searchsorted(view.sentence, [number, number + 1]))
    return range(start, end)


def _dependents(view: TokenView) -> Hashes:
    """Two features for each of a token's first dependents that say something."""
    table = np.zeros((len(view), MAX_CHILDREN * 2), dtype=np.uint64)
    names = ("dobj", "prt", "prep", "neg", "attr", "acomp", "aux")
    for head, children in view.children.items():
        telling = [child for child in children if view.deps[child] not in _LIGHT][:MAX_CHILDREN]
        for number, child in enumerate(telling):
            dep = view.deps[child]
            what = view.lemmas[child] if dep in names else view.entities[child]
            table[head, 2 * number] = get_string_id(f"child={dep} {view.lemmas[child]}")
            table[head, 2 * number + 1] = get_string_id(f"child={view.lemmas[head]} {dep} {what}")
    return table


def _stems(view: TokenView, length: int) -> Hashes:
    """The first letters of each word: arrest, arrests, arrested are then one."""
    return np.array([get_string_id(norm[:length]) if norm.isalpha() else 0 for norm in view.norms], dtype=np.uint64)


def _majority_entity(view: TokenView) -> Hashes:
    """For each token, the entity type that its form has most often in the document; 0 for forms never in an entity.

    The surname of a person whose full name was recognised once is thereby known everywhere.
    """
    votes: dict[int, Counter[int]] = defaultdict(Counter)
    for norm, entity in zip(view.norm.tolist(), view.entity.tolist(), strict=True):
        if entity:
            votes[norm][entity] += 1
    best = {norm: max(counter.items(), key=lambda item: (item[1], item[0]))[0] for norm, counter in votes.items()}
    return np.array([best.get(norm, 0) for norm in view.norm.tolist()], dtype=np.uint64)


def _strings(doc: Doc, column: "NDArray[Any]") -> list[str]:
    """What the numbers stand for; each is looked up once."""
    numbers = cast("list[int]", column.tolist())
    known = {number: cast(str, cast(Any, doc.vocab.strings)[number]) for number in set(numbers)}
    return [known[number] for number in numbers]


def _quoted(words: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each word stands inside quotation marks; a quotation ends with its line."""
    inside = False
    found = np.zeros(len(words), dtype=np.bool_)
    for index, word in enumerate(words):
        if "\n" in word:
            inside = False
        elif word in OPENING:
            inside = True
        elif word in CLOSING:
            inside = False
        elif word == EITHER:
            inside = not inside
        elif inside:
            found[index] = True
    return found


def mix(one: Hashes, other: Hashes) -> Hashes:
    """A hash of each pair."""
    with np.errstate(over="ignore"):
        mixed = (one ^ (other + _MULTIPLIER + (one << np.uint64(6)))) * _MULTIPLIER
        return mixed ^ (mixed >> np.uint64(29))


def shifted(column: Hashes, offset: int) -> Hashes:
    """The column with each token's value taken from the token `offset` further on."""
    moved = np.zeros_like(column)
    if offset > 0:
        moved[:-offset] = column[offset:]
    else:
        moved[-offset:] = column[:offset]
    return moved


def overlapping(edges: Sequence[Edge]) -> Iterable[tuple[int, int]]:
    """The pairs (positions) of half-open ranges that share something, of ranges in order of their start."""
    for first, (_, end) in enumerate(edges):
        for second in range(first + 1, len(edges)):
            if edges[second][0] >= end:
                break
            yield first, second
