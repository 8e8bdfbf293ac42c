"""The learner that all trainable components share: a log-linear model over hashed features.

Some forty annotated articles are little for a network. What the base pipeline already says of each word (lemma, tag,
head, entity) is given, so a linear model on top of it trains in under a minute. Its scores add up to 1 within a block
of outputs; how often an output of some score is right was not measured, so they rank outputs and are no frequencies.
The base pipeline stays as it was, so it has nothing to forget. Outputs that mean nearly the same share weights
(`ties`): what tells the beginning of one trigger from other words tells it for all.

Weights are learned by AdaGrad (Duchi et al. 2011) with feature dropout, averaged over the last epochs, and kept for
features that were seen in training, the most frequent ones first, `MAX_FEATURES` at the most.
"""

import io
import json
import pickle
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from thinc import api

from workbench.pipeline import calibration
from workbench.pipeline.calibration import Calibration
from workbench.pipeline.docs import on_tokens_of, teaches
from workbench.pipeline.examples import analysed
from workbench.pipeline.features import Hashes
from workbench.pipeline.scorers import Scorer
from workbench.pipeline.spool import Spool
from workbench.pipeline.suggestions import Record

Floats = NDArray[np.float32]
Rows = NDArray[np.int32]
Bools = NDArray[np.bool_]
P = TypeVar("P", bound="SparsePipe")
F = TypeVar("F", bound=Callable[..., object])

MAX_FEATURES = 100_000
MIN_COUNT = 1
RATE = 0.1
# What the sum of squares of each weight begins with. From 0, the first step of a weight is as long whether its item was
# far off or nearly right, so that words seen once say as much as what was seen a hundred times.
FIRST = 0.1
# An item whose every output is nearer than this to what is wanted teaches nothing more.
NEAR = 0.01
# After so many epochs weights are steady enough to be averaged with those of later ones.
UNSTEADY = 2
DROPOUT = 0.35
BATCH = 32
# The most items that one step looks at; bounds memory whatever the length of the articles.
STEP = 512
KNOWN = "suggester"
FEATURES = "features"
"""The part of a component's configuration that says how its suggester did on the training articles."""
CALIBRATION = "calibration"
"""The part of a component's configuration that says what its scores are worth, layer by layer."""
# How many counts of features wait to be added up, and how many different features are counted on at the most.
MERGED = COUNTED = 2_000_000
KEPT = 1 << 26
"""So many bytes of batches are kept as they are: to unpack one takes longer than to learn from it."""
_OPS = cast(Any, api).NumpyOps()  # adds up rows of a table without a copy of each


class Batch(NamedTuple):
    """What one doc teaches: a row of feature hashes (0: none), of targets and of permitted outputs for each item.

    A block of outputs whose targets are all 0 teaches nothing in that row. `start` is where learning starts: the scores
    of the outputs before any feature has its say; None for 0 everywhere. `rows` says where the weights of the features
    are, once that is known.
    """

    features: Hashes
    targets: Floats
    allowed: Bools
    start: Floats | None = None
    rows: Rows | None = None


def in_blocks(sizes: Iterable[int]) -> list[slice]:
    """Groups of outputs of these sizes, one after the other."""
    ends = list(accumulate(sizes))
    return [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]


class SparsePipe:
    """A pipeline component that learns. Subclasses say what its items are, and what their outputs mean.

    `cfg` is what the component was made for (layers, labels, …), as JSON; it is set by `plan` and saved with the
    weights.
    """

    features_version: ClassVar[int] = 1
    """Goes up where the component's features change: weights that were learned for others count for nothing then."""

    def __init__(self, name: str, scorer: Scorer | None = None) -> None:
        self.name = name
        self._scorer = scorer
        self.cfg: dict[str, Any] = {}
        self.known = Record()
        self.keys: Hashes = np.zeros(0, dtype=np.uint64)
        self._weights: Floats = np.zeros((1, 0), dtype=np.float32)
        self._training: _Training | None = None

    def plan(self, golds: Iterable[Doc]) -> dict[str, Any]:
        """What the outputs are, worked out from gold docs; becomes `cfg`."""
        raise NotImplementedError

    @property
    def blocks(self) -> list[slice]:
        """The outputs in groups; within a group exactly one is right."""
        raise NotImplementedError

    @property
    def ties(self) -> list[list[int]]:
        """Groups of outputs that share weights."""
        return []

    def learns_from(self, gold: Doc) -> bool:
        """Whether a gold doc teaches this component anything."""
        return teaches(gold)

    def batch(self, doc: Doc, gold: Doc, *, own: Record | None = None, features: Hashes | None = None) -> Batch:
        """What `gold` teaches about `doc`, the same text as the base pipeline sees it.

        `own` is what the gold has added to the component's record, and must not count for itself. `features` are those
        of the items, where they were worked out before.
        """
        raise NotImplementedError

    def record(self, doc: Doc, gold: Doc) -> Record | None:
        """How what was suggested for `doc` compares with `gold`; None where nobody suggested anything."""
        raise NotImplementedError

    def predict(self, docs: Sequence[Doc]) -> list[Any]:
        """What the component finds in each doc."""
        raise NotImplementedError

    def set_annotations(self, docs: Sequence[Doc], found: Sequence[Any]) -> None:
        """Writes into each doc what was found."""
        raise NotImplementedError

    def calibrate(self, curves: Mapping[str, Calibration]) -> None:
        """Takes over what its scores are worth, by layer; scores of other layers stay as they are."""
        self.cfg[CALIBRATION] = {layer: curve.as_json() for layer, curve in sorted(curves.items())}

    def calibrated(self, layer: str, label: str, score: float) -> float:
        """The score as the share of suggestions like this one that is right; as it is, where that was not measured."""
        curve = self.cfg.get(CALIBRATION, {}).get(layer)
        return round(score, 4) if curve is None else calibration.read(curve).of(score, label)

    @property
    def is_outdated(self) -> bool:
        """Whether the weights were learned for features that this version makes differently."""
        return len(self.keys) > 0 and self.cfg.get(FEATURES, 1) != self.features_version

    @property
    def size(self) -> int:
        """The number of outputs."""
        return max((block.stop for block in self.blocks), default=0)

    def __call__(self, doc: Doc) -> Doc:
        self.set_annotations([doc], self.predict([doc]))
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = BATCH) -> Iterator[Doc]:
        docs_left = iter(stream)
        while docs := list(islice(docs_left, batch_size)):
            self.set_annotations(docs, self.predict(docs))
            yield from docs

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        seed: int = 0,
        features: Callable[[int], Hashes] | None = None,
    ) -> Sequence[Batch]:
        """The batches of the examples, after which the component is ready to learn (from nothing).

        The examples are asked for three times, and none is held; neither are many batches: see `Spool`. Those that
        nobody has looked at, as `spacy train` gives them, come with their pipeline, which analyses them. `features` gives
        those of the batch with a number, where another component like this one has worked them out; the batches are then
        without.
        """
        looked_at = None if nlp is None else analysed(nlp, _before(nlp, self), get_examples)

        def examples() -> Iterator[Example]:
            given = get_examples() if looked_at is None else looked_at
            return (example for example in given if self.learns_from(example.reference))

        self.cfg = self.plan(_Golds(examples))
        self.known = Record()
        records: Spool[Record] = Spool(pickle.dumps, pickle.loads)
        for example in examples():
            record = self.record(example.predicted, example.reference) or Record()
            self.known.take(record)
            records.append(record)
        self.cfg[KNOWN] = self.known.as_json()
        self.cfg[FEATURES] = self.features_version
        batches: Spool[Batch] = Spool(_packed, _unpacked, kept=KEPT)
        vocabulary = _Vocabulary()
        for number, (example, own) in enumerate(zip(examples(), records, strict=True)):
            worked_out = None if features is None else features(number)
            batch = self.batch(example.predicted, example.reference, own=own, features=worked_out)
            vocabulary.add(batch.features)
            batches.append(batch if features is None else batch._replace(features=batch.features[:, :0]))
        self.keys = vocabulary.keys()
        self._training = _Training(len(self.keys), self.size, self.ties, seed)
        ready: Spool[Batch] = Spool(_packed, _unpacked, kept=KEPT)
        for number, batch in enumerate(batches):
            ready.append(batch._replace(rows=self._rows(batch.features if features is None else features(number))))
        return ready

    def score(self, examples: Iterable[Example], **options: object) -> dict[str, Any]:
        """How good the predictions in the examples are, by the component's scorer."""
        return {} if self._scorer is None else self._scorer(examples, **self.scored(), **options)

    def scored(self) -> dict[str, Any]:
        """What the scorer has to know of this component."""
        return {}

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = DROPOUT,
        sgd: object = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """The losses, after one step. `sgd` is not used: AdaGrad keeps a step size for each weight."""
        losses = {} if losses is None else losses
        batches: list[Batch] = []
        for example in examples:
            if self.learns_from(example.reference):
                gold = on_tokens_of(example.predicted, example.reference)
                own = self.record(example.predicted, gold)
                batches.append(self.batch(example.predicted, gold, own=own))
        losses[self.name] = losses.get(self.name, 0.0) + self.learn(batches, drop=drop)
        return losses

    def learn(self, batches: Sequence[Batch], *, drop: float = DROPOUT) -> float:
        """The loss, after one step."""
        assert self._training is not None, "initialize comes first"
        if not self.size or not any(len(batch.targets) for batch in batches):
            return 0.0
        rows = _stacked([self._rows(batch.features) if batch.rows is None else batch.rows for batch in batches])
        targets = np.concatenate([batch.targets for batch in batches])
        allowed = np.concatenate([batch.allowed for batch in batches])
        begin = np.concatenate([np.zeros_like(b.targets) if b.start is None else b.start for b in batches])
        loss = 0.0
        for start in range(0, len(rows), STEP):
            part = slice(start, start + STEP)
            loss += self._training.step(rows[part], targets[part], allowed[part], begin[part], self.blocks, drop)
        return loss

    def end_epoch(self) -> None:
        """Notes that all there is to learn from was seen once more; without it, the weights are those of the last step."""
        assert self._training is not None, "initialize comes first"
        self._training.end_epoch()

    def probabilities(self, features: Hashes, allowed: Bools | None = None, shift: Floats | None = None) -> Floats:
        """A row of probabilities for each row of features: each block adds up to 1.

        `shift` is added to the scores of the outputs before they become probabilities: one for each output, or a row of
        them for each row of features.
        """
        if not len(features) or not self.size:
            return np.zeros((len(features), self.size), dtype=np.float32)
        if len(features) > STEP:
            # A row takes as much memory as all its features have weights.
            few = [slice(start, start + STEP) for start in range(0, len(features), STEP)]
            return np.concatenate(
                [
                    self.probabilities(
                        features[part],
                        None if allowed is None else allowed[part],
                        shift if shift is None or shift.ndim == 1 else shift[part],
                    )
                    for part in few
                ]
            )
        logits = _summed(self.weights, self._rows(features))
        if shift is not None:
            logits = logits + shift
        if allowed is not None:
            logits = np.where(allowed, logits, np.float32(-1e9))
        for block in self.blocks:
            logits[:, block] = _softmax(logits[:, block])
        return logits

    def placed(self, batch: Batch) -> Batch:
        """The batch with where the weights of its features are."""
        return batch._replace(rows=self._rows(batch.features))

    def scores(self, batch: Batch) -> Floats:
        """A row of scores of all outputs for each item of a batch that is `placed`: within a block the best is greatest.

        While the component learns, its weights count as they are, not yet rounded to what is saved.
        """
        assert batch.rows is not None, "placed comes first"
        weights = self._weights if self._training is None else self._training.mean()
        parts = [_summed(weights, batch.rows[start : start + STEP]) for start in range(0, len(batch.rows), STEP)] or [
            np.zeros((0, self.size), dtype=np.float32)
        ]
        summed = np.concatenate(parts)
        if batch.start is not None:
            summed += batch.start
        return np.where(batch.allowed, summed, np.float32(-1e9))

    @property
    def weights(self) -> Floats:
        """A row of weights for each feature, and the first, which stays 0, for those that training never saw."""
        return self._weights if self._training is None else self._training.collapsed()

    def freeze(self, weights: Floats) -> None:
        """Ends learning with these weights."""
        self._weights, self._training = weights, None

    def _rows(self, features: Hashes) -> Rows:
        """The weight row of each feature; row 0, which stays 0, for those that training never saw."""
        if not len(self.keys):
            return np.zeros(features.shape, dtype=np.int32)
        at = np.searchsorted(self.keys, features)
        at[at == len(self.keys)] = 0
        return np.where(self.keys[at] == features, at + 1, 0).astype(np.int32)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cfg.json").write_text(json.dumps(self.cfg, ensure_ascii=False, indent=1), encoding="utf-8")
        np.save(folder / "keys.npy", self.keys)
        np.save(folder / "weights.npy", self.weights.astype(np.float16))

    def from_disk(self: P, path: str | Path, *, exclude: Iterable[str] = ()) -> P:
        folder = Path(path)
        self.cfg = json.loads((folder / "cfg.json").read_text(encoding="utf-8"))
        self.known = Record(self.cfg.get(KNOWN))
        self.keys = np.load(folder / "keys.npy")
        self._weights = np.load(folder / "weights.npy").astype(np.float32)
        self._training = None
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        buffer = io.BytesIO()
        np.savez(buffer, cfg=np.array(json.dumps(self.cfg)), keys=self.keys, weights=self.weights.astype(np.float16))
        return buffer.getvalue()

    def from_bytes(self: P, data: bytes, *, exclude: Iterable[str] = ()) -> P:
        found = np.load(io.BytesIO(data))
        self.cfg, self.keys = json.loads(str(found["cfg"])), found["keys"]
        self.known = Record(self.cfg.get(KNOWN))
        self._weights = found["weights"].astype(np.float32)
        self._training = None
        return self


class _Training:
    """Weights while they are learned: a row for each feature, the first for none.

    Outputs that are tied share a weight beside their own. What each adds up to is all that is kept of them; the sums of
    squares, which say how far a step goes, are those of the weights themselves: a column for each output and each tie.
    """

    def __init__(self, features: int, outputs: int, ties: Sequence[Sequence[int]], seed: int) -> None:
        self._shares = np.zeros((outputs + len(ties), outputs), dtype=np.float32)
        self._shares[:outputs] = np.eye(outputs, dtype=np.float32)
        for number, members in enumerate(ties):
            self._shares[outputs + number, list(members)] = 1
        self._weights = np.zeros((features + 1, outputs), dtype=np.float32)
        self._squares = np.full((features + 1, len(self._shares)), FIRST, dtype=np.float32)
        self._random = np.random.default_rng(seed)
        self._epochs = 0
        self._sum: Floats | None = None
        self._mean: Floats | None = None
        self._collapsed: Floats | None = None

    def step(
        self, rows: Rows, targets: Floats, allowed: Bools, begin: Floats, blocks: Sequence[slice], drop: float
    ) -> float:
        """The loss before the step that was taken."""
        rows = np.where(self._random.random(rows.shape, dtype=np.float32) < drop, np.int32(0), rows)
        # What is left speaks for what was dropped, so that scores are as great as without dropout.
        logits = _summed(self._weights, rows) / np.float32(1 - drop) + begin
        logits = np.where(allowed, logits, np.float32(-1e9))
        gradient = np.zeros_like(logits)
        loss = 0.0
        for block in blocks:
            wanted = targets[:, block]
            given = _softmax(logits[:, block])
            teaches = wanted.sum(axis=1, keepdims=True) > 0
            gradient[:, block] = np.where(teaches, given - wanted, 0)
            loss -= float((wanted * np.log(given + 1e-9)).sum())
        off = np.abs(gradient).max(axis=1) > NEAR
        self._descend(rows[off], gradient[off] @ self._shares.T)
        self._mean = self._collapsed = None
        return loss

    def end_epoch(self) -> None:
        """Takes the weights into the mean, once they are steady."""
        self._epochs += 1
        if self._epochs > UNSTEADY:
            if self._sum is None:
                self._sum = self._weights.copy()
            else:
                self._sum += self._weights
        self._mean = self._collapsed = None

    def _descend(self, rows: Rows, gradient: Floats) -> None:
        """Moves the weights of the features that occur; `gradient` has a row for each row of features."""
        items, columns = np.nonzero(rows)
        if not len(items):
            return
        occurring = rows[items, columns]
        there = np.zeros(len(self._weights), dtype=np.bool_)
        there[occurring] = True
        used = np.flatnonzero(there)
        number = np.zeros(len(there), dtype=np.int32)
        number[used] = np.arange(len(used), dtype=np.int32)
        places = number[occurring]
        total = np.zeros((len(used), gradient.shape[1]), dtype=np.float32)
        _OPS.scatter_add(total, places, gradient[items])
        squares = self._squares[used]
        squares += np.square(total)
        self._squares[used] = squares
        self._weights[used] -= (np.float32(RATE) * total / np.sqrt(squares)) @ self._shares

    def mean(self) -> Floats:
        """The mean of the weights after each steady epoch; those of the last step, where there were no epochs."""
        if self._mean is None:
            self._mean = self._weights if self._sum is None else self._sum / np.float32(self._epochs - UNSTEADY)
        return self._mean

    def collapsed(self) -> Floats:
        """The mean, rounded to what is saved, so that a saved pipeline predicts the same."""
        if self._collapsed is None:
            self._collapsed = self.mean().astype(np.float16).astype(np.float32)
        return self._collapsed


def factory(name: str, **facts: object) -> Callable[[F], F]:
    """`Language.factory`, which is untyped."""
    return cast(Callable[[F], F], cast(Any, Language).factory(name, **facts))


def _before(nlp: Language, component: SparsePipe) -> list[object]:
    """The components before this one that do not learn as it does."""
    names = [name for name, _ in nlp.components]
    pipes = [pipe for _, pipe in nlp.components]
    return [pipe for pipe in pipes[: names.index(component.name)] if not isinstance(pipe, SparsePipe)]


def _summed(weights: Floats, rows: Rows) -> Floats:
    """For each row of numbers the sum of the weights' rows that they name."""
    return cast(Floats, _OPS.gather_add(weights, rows))


def _softmax(logits: Floats) -> Floats:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _stacked(rows: Sequence[Rows]) -> Rows:
    """All rows, as wide as the widest, filled up with 0."""
    width = max((part.shape[1] for part in rows), default=0)
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in rows])


class _Golds(Iterable[Doc]):
    """The gold docs of examples, each time anew."""

    def __init__(self, get_examples: Callable[[], Iterable[Example]]) -> None:
        self._get_examples = get_examples

    def __iter__(self) -> Iterator[Doc]:
        return (example.reference for example in self._get_examples())


class _Vocabulary:
    """Counts features; in arrays, since there are millions."""

    def __init__(self) -> None:
        self._keys: list[Hashes] = []
        self._counts: list[NDArray[np.int64]] = []
        self._waiting = 0

    def add(self, features: Hashes) -> None:
        """Counts what is in a table of features."""
        keys, numbers = np.unique(features, return_counts=True)
        self._keys.append(keys)
        self._counts.append(numbers.astype(np.int64))
        self._waiting += len(keys)
        if self._waiting > MERGED:
            self._merge()

    def _merge(self) -> None:
        keys = np.concatenate([np.zeros(0, dtype=np.uint64), *self._keys])
        counts = np.concatenate([np.zeros(0, dtype=np.int64), *self._counts])
        order = np.argsort(keys, kind="stable")
        unique, starts = np.unique(keys[order], return_index=True)
        counts = np.add.reduceat(counts[order], starts) if len(starts) else counts
        if len(unique) > COUNTED:  # the rare ones go, so that thousands of articles take no more memory
            kept = np.sort(np.lexsort((unique, -counts))[:COUNTED])
            unique, counts = unique[kept], counts[kept]
        self._keys, self._counts = [unique], [counts]
        self._waiting = 0

    def keys(self) -> Hashes:
        """The features worth a weight, in order."""
        self._merge()
        keys, counts = self._keys[0], self._counts[0]
        worth = (keys != 0) & (counts >= MIN_COUNT)
        keys, counts = keys[worth], counts[worth]
        return np.sort(keys[np.lexsort((keys, -counts))[:MAX_FEATURES]])


def _packed(batch: Batch) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{name: value for name, value in batch._asdict().items() if value is not None})
    return buffer.getvalue()


def _unpacked(data: bytes) -> Batch:
    found = np.load(io.BytesIO(data))
    return Batch(found["features"], found["targets"], found["allowed"], found.get("start"), found.get("rows"))


def pad(rows: Iterable[Sequence[int]]) -> Hashes:
    """Rows of hashes of unequal length as one table, filled up with 0."""
    # As numbers of Python a long text's rows would take four times as much memory.
    kept = [np.frombuffer(array("Q", row), dtype=np.uint64) for row in rows]
    table = np.zeros((len(kept), max(map(len, kept), default=0)), dtype=np.uint64)
    for number, row in enumerate(kept):
        table[number, : len(row)] = row
    return table
