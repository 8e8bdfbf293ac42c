"""The learner that all trainable components share: a log-linear model over hashed features.

Some forty annotated articles are little for a network. What the base pipeline already says of each word (lemma, tag,
head, entity) is given, so a linear model on top of it trains in under a minute. Its scores add up to 1 within a block
of outputs; how often an output of some score is right was not measured, so they rank outputs and are no frequencies.
The base pipeline stays as it was, so it has nothing to forget.

Weights are learned as `learner` says, and kept for features that were seen in training, the most frequent ones first
(`vocabulary`).
"""

import io
import json
import pickle
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, TypeVar, cast, overload

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from workbench.errors import ModelError
from workbench.pipeline import calibration
from workbench.pipeline.batch import (
    Batch,
    Bools,
    Floats,
    Items,
    Rows,
    Said,
    Shared,
    Suggestion,
    compact,
    packed,
    recorded,
    unpacked_batch,
    unpacked_items,
)
from workbench.pipeline.calibration import Calibration
from workbench.pipeline.docs import on_tokens_of, teaches
from workbench.pipeline.examples import analysed
from workbench.pipeline.features import Hashes
from workbench.pipeline.learner import STEP, Learner, softmax, summed
from workbench.pipeline.scorers import Scorer
from workbench.pipeline.spool import Spool
from workbench.pipeline.suggestions import Record, prior
from workbench.pipeline.vocabulary import Places, Vocabulary

P = TypeVar("P", bound="SparsePipe")
F = TypeVar("F", bound=Callable[..., object])

DROPOUT = 0.35
BATCH = 32
KNOWN = "suggester"
"""The part of a component's configuration that says how its suggester did on the training articles."""
FEATURES = "features"
"""The part of a component's configuration that says which version of its features it learned."""
CALIBRATION = "calibration"
"""The part of a component's configuration that says what its scores are worth, layer by layer."""
KEPT = 1 << 25
"""So many bytes of batches are kept as they are: to unpack one takes longer than to learn from it."""
STARTS = 1 << 14
"""So many things that a suggester says are remembered with where they lead."""

Start = Sequence[tuple[slice, Shared]]


class Learned(NamedTuple):
    """What came of a batch in a step: the loss, the items that were near, and how much of the loss was theirs."""

    loss: float
    near: Bools
    of_near: float


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
        self.scorer = scorer
        self.cfg: dict[str, Any] = {}
        self._take(np.zeros(0, dtype=np.uint64), np.zeros((1, 0), dtype=np.float32), Record())
        self._learner: Learner | None = None

    def _take(self, keys: Hashes, weights: Floats, known: Record) -> None:
        """Predicts with these weights of these features from now on."""
        self.keys, self._weights, self.known = keys, weights, known
        self._places: Places | None = None
        self._starts: dict[tuple[Suggestion, int], Floats] = {}

    def plan(self, golds: Iterable[Doc]) -> dict[str, Any]:
        """What the outputs are, worked out from gold docs; becomes `cfg`.

        Raises:
            ModelError: its configuration does not say what it is for.
        """
        raise NotImplementedError

    @property
    def blocks(self) -> list[slice]:
        """The outputs in groups; within a group exactly one is right."""
        raise NotImplementedError

    @property
    def ties(self) -> list[list[int]]:
        """Groups of outputs of one block that share weights."""
        return []

    def learns_from(self, gold: Doc) -> bool:
        """Whether a gold doc teaches this component anything."""
        return teaches(gold)

    def look(self, doc: Doc, gold: Doc) -> Items:
        """What `gold` teaches about `doc`, the same text as the base pipeline sees it."""
        raise NotImplementedError

    def unsaid(self) -> Sequence[tuple[slice, Floats]]:
        """The scores that learning starts from where nobody suggested anything, block by block; none for 0."""
        return ()

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
        self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None, seed: int = 0
    ) -> Sequence[Batch]:
        """The batches of the examples, after which the component is ready to learn (from nothing).

        The examples are asked for twice, and none is held; neither are many batches: see `Spool`. Those that nobody has
        looked at, as `spacy train` gives them, come with their pipeline, which analyses them.
        """
        looked_at = None if nlp is None else analysed(nlp, _before(nlp, self), get_examples)

        def examples() -> Iterator[Example]:
            given = get_examples() if looked_at is None else looked_at
            return (example for example in given if self.learns_from(example.reference))

        self.cfg = self.plan(_Golds(examples))
        known, vocabulary = Record(), Vocabulary()
        looked: Spool[Items] = Spool(packed, unpacked_items, kept=KEPT)
        for example in examples():
            items = self.look(example.predicted, example.reference)
            items = items._replace(features=compact(items.features))
            known.take(recorded(items.said, items.targets))
            vocabulary.add(items.features)
            looked.append(items)
        self._take(vocabulary.keys(), np.zeros((1, 0), dtype=np.float32), known)
        self.cfg |= {KNOWN: known.as_json(), FEATURES: self.features_version}
        self._learner = Learner(len(self.keys), self.blocks, self.ties, seed)
        batches: Spool[Batch] = Spool(packed, unpacked_batch, kept=KEPT)
        for items in looked:
            batches.append(self._batch(items))
        return batches

    def relearn(self, batches: Sequence[Batch], numbers: Sequence[int], *, seed: int = 0) -> Sequence[Batch]:
        """The batches with these numbers, after which the component is ready to learn as if there were no others.

        It is a copy of one that `initialize` made the batches for. Which features have weights stays as it is: those
        of the other batches alone will have none.
        """
        known = Record()
        for number in numbers:
            batch = batches[number]
            known.take(recorded(batch.said, batch.targets))
        self._take(self.keys, np.zeros((1, 0), dtype=np.float32), known)
        self.cfg = {**self.cfg, KNOWN: known.as_json()}
        self._learner = Learner(len(self.keys), self.blocks, self.ties, seed)
        return _Restarted(self, batches, numbers, learned=True)

    def beside(self, batches: Sequence[Batch], numbers: Sequence[int]) -> Sequence[Batch]:
        """The batches with these numbers as docs that nothing was learned from, after `relearn` from others."""
        return _Restarted(self, batches, numbers, learned=False)

    def start(self, said: Sequence[Said] | None, length: int, *, own: Record | None = None) -> Start:
        """The scores that learning starts from for so many items, block by block.

        `own` is what the items have added to what is known of the suggester, and must not count for themselves.
        """
        if said is None:
            at = np.zeros(length, dtype=np.int32)
            return [(block, Shared(row[None], at)) for block, row in self.unsaid()]
        return [(block, self._from(block, kinds, at, own)) for block, kinds, at in said]

    def _from(self, block: slice, kinds: Sequence[Suggestion], at: Rows, own: Record | None) -> Shared:
        """Where items of one block start; the last kind is that of items of which nothing was said."""
        outputs = block.stop - block.start
        rows = np.zeros((len(kinds) + 1, outputs), dtype=np.float32)
        for number, one in enumerate(kinds):
            found = self._starts.get((one, outputs)) if own is None else None
            if found is None:
                found = self.known.scores(one.key, prior(one.belief, outputs, one.right, 0), own)
                if own is None and len(self._starts) < STARTS:
                    self._starts[one, outputs] = found
            rows[number] = found
        return Shared(rows, at)

    def _batch(self, items: Items) -> Batch:
        own = recorded(items.said, items.targets)
        start = self.start(items.said, len(items.features), own=own)
        return Batch(compact(self.rows(items.features)), items.targets, items.allowed, items.said, start)

    def score(self, examples: Iterable[Example], **options: object) -> dict[str, Any]:
        """How good the predictions in the examples are, by the component's scorer."""
        return {} if self.scorer is None else self.scorer(examples, **self.scored(), **options)

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
        batches = [
            self._batch(self.look(example.predicted, on_tokens_of(example.predicted, example.reference)))
            for example in examples
            if self.learns_from(example.reference)
        ]
        losses[self.name] = losses.get(self.name, 0.0) + sum(one.loss for one in self.learn(batches, drop=drop))
        return losses

    def learn(
        self, batches: Sequence[Batch], *, drop: float = DROPOUT, resting: Sequence[Bools | None] | None = None
    ) -> list[Learned]:
        """What came of each batch, after one step. Items that are `resting` are not looked at."""
        assert self._learner is not None, "initialize comes first"
        awake = [
            np.arange(len(batch.rows)) if rest is None else np.flatnonzero(~rest)
            for batch, rest in zip(batches, resting or [None] * len(batches), strict=True)
        ]
        size = self.size
        if not size or not any(map(len, awake)):
            return [Learned(0.0, np.zeros(len(batch.rows), dtype=np.bool_), 0.0) for batch in batches]
        both = list(zip(batches, awake, strict=True))
        rows = _stacked([batch.rows[at] for batch, at in both])
        targets = np.concatenate([batch.targets.table(len(batch.rows), size)[at] for batch, at in both])
        allowed = np.concatenate([batch.permitted(size)[at] for batch, at in both])
        begin = np.concatenate([batch.begin(size)[at] for batch, at in both])
        steps = [
            self._learner.step(rows[part], targets[part], allowed[part], begin[part], drop)
            for part in (slice(start, start + STEP) for start in range(0, len(rows), STEP))
        ]
        losses, near = (np.concatenate(parts) for parts in zip(*steps, strict=True))
        found: list[Learned] = []
        end = 0
        for batch, at in both:
            own = slice(end, end := end + len(at))
            calm = np.zeros(len(batch.rows), dtype=np.bool_)
            calm[at] = near[own]
            found.append(Learned(float(losses[own].sum()), calm, float(losses[own][near[own]].sum())))
        return found

    def end_epoch(self) -> None:
        """Notes that all there is to learn from was seen once more; without it, the weights are those of the last step."""
        assert self._learner is not None, "initialize comes first"
        self._learner.end_epoch()

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
        logits = summed(self.weights, compact(self.rows(features)))
        if shift is not None:
            logits = logits + shift
        if allowed is not None:
            logits = np.where(allowed, logits, np.float32(-1e9))
        for block in self.blocks:
            logits[:, block] = softmax(logits[:, block])
        return logits

    def begin(self, said: Sequence[Said] | None, length: int) -> Floats:
        """The scores that prediction starts from, a row for each item."""
        rows = np.zeros((length, self.size), dtype=np.float32)
        for block, (kinds, at) in self.start(said, length):
            rows[:, block] = kinds[at]
        return rows

    def scores(self, batch: Batch) -> Floats:
        """A row of scores of all outputs for each item of a batch: within a block the best is greatest.

        While the component learns, its weights count as they are, not yet rounded to what is saved.
        """
        weights = self._weights if self._learner is None else self._learner.mean()
        parts = [summed(weights, batch.rows[start : start + STEP]) for start in range(0, len(batch.rows), STEP)]
        scores = np.concatenate([np.zeros((0, self.size), dtype=np.float32), *parts]) + batch.begin(self.size)
        return np.where(batch.permitted(self.size), scores, np.float32(-1e9))

    @property
    def weights(self) -> Floats:
        """A row of weights for each feature, and the first, which stays 0, for those that training never saw."""
        return self._weights if self._learner is None else self._learner.rounded()

    def freeze(self, weights: Floats) -> None:
        """Ends learning with these weights."""
        self._weights, self._learner = weights, None

    def rows(self, features: Hashes) -> Rows:
        """The weight row of each feature; row 0, which stays 0, for those that training never saw."""
        if self._places is None:
            self._places = Places(self.keys)
        return self._places.of(features)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cfg.json").write_text(json.dumps(self.cfg, ensure_ascii=False, indent=1), encoding="utf-8")
        np.save(folder / "keys.npy", self.keys)
        np.save(folder / "weights.npy", self.weights.astype(np.float16))

    def from_disk(self: P, path: str | Path, *, exclude: Iterable[str] = ()) -> P:
        folder = Path(path)
        self.cfg = json.loads((folder / "cfg.json").read_text(encoding="utf-8"))
        keys, weights = np.load(folder / "keys.npy"), np.load(folder / "weights.npy").astype(np.float32)
        self._take(keys, weights, Record(self.cfg.get(KNOWN)))
        self._learner = None
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        buffer = io.BytesIO()
        np.savez(buffer, cfg=np.array(json.dumps(self.cfg)), keys=self.keys, weights=self.weights.astype(np.float16))
        return buffer.getvalue()

    def from_bytes(self: P, data: bytes, *, exclude: Iterable[str] = ()) -> P:
        found = np.load(io.BytesIO(data))
        self.cfg = json.loads(str(found["cfg"]))
        self._take(found["keys"], found["weights"].astype(np.float32), Record(self.cfg.get(KNOWN)))
        self._learner = None
        return self


class _Restarted(Sequence[Batch]):
    """Some of the batches, with where learning starts as a component sees it that knows others than they were made for."""

    def __init__(self, pipe: SparsePipe, batches: Sequence[Batch], numbers: Sequence[int], *, learned: bool) -> None:
        self._batches, self._numbers = batches, numbers
        self._starts: Spool[Start] = Spool(pickle.dumps, pickle.loads, kept=KEPT)
        for number in numbers:
            batch = batches[number]
            own = recorded(batch.said, batch.targets) if learned else None
            self._starts.append(pipe.start(batch.said, len(batch.rows), own=own))

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> Batch: ...
    @overload
    def __getitem__(self, index: slice) -> list[Batch]: ...
    def __getitem__(self, index: int | slice) -> Batch | list[Batch]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        return self._batches[self._numbers[index]]._replace(start=self._starts[index])


def _stacked(rows: Sequence[Rows]) -> Rows:
    """All rows, as wide as the widest, filled up with 0."""
    width = max((part.shape[1] for part in rows), default=0)
    return np.concatenate([np.pad(part, ((0, 0), (0, width - part.shape[1]))) for part in rows])


def unconfigured(component: str, option: str) -> ModelError:
    """What is raised where a component that was added by its name alone shall work."""
    return ModelError(
        f"the component {component} does not say for which {option} it is",
        hint=f"give `{option}` in [components.{component}] of the config; the config of "
        "`workbench export RELEASE --format spacy` has those of the label scheme",
    )


def factory(name: str, **facts: object) -> Callable[[F], F]:
    """`Language.factory`, which is untyped."""
    return cast(Callable[[F], F], cast(Any, Language).factory(name, **facts))


def _before(nlp: Language, component: SparsePipe) -> list[object]:
    """The components before this one that do not learn as it does."""
    names = [name for name, _ in nlp.components]
    pipes = [pipe for _, pipe in nlp.components]
    return [pipe for pipe in pipes[: names.index(component.name)] if not isinstance(pipe, SparsePipe)]


class _Golds(Iterable[Doc]):
    """The gold docs of examples, each time anew."""

    def __init__(self, get_examples: Callable[[], Iterable[Example]]) -> None:
        self._get_examples = get_examples

    def __iter__(self) -> Iterator[Doc]:
        return (example.reference for example in self._get_examples())


def pad(rows: Iterable[Sequence[int]]) -> Hashes:
    """Rows of hashes of unequal length as one table, filled up with 0."""
    # As numbers of Python a long text's rows would take four times as much memory.
    kept = [np.frombuffer(array("Q", row), dtype=np.uint64) for row in rows]
    table = np.zeros((len(kept), max(map(len, kept), default=0)), dtype=np.uint64)
    for number, row in enumerate(kept):
        table[number, : len(row)] = row
    return table
