"""What models of the same options do on stories that were held back from them: when to stop, and how good they are.

Of the train part alone. The stories are dealt into folds; for each fold a model learns from all others and suggests for
its articles. So every article of the train part is suggested for once by a model that has not seen its story: that tells
how good the options are, where the dev part is too small to, and what the scores of the final model are worth.
"""

import hashlib
import pickle
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
from spacy.tokens import Doc
from spacy.training import Example

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer, Span
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.pipeline.assemble import Component
from workbench.pipeline.batch import Batch
from workbench.pipeline.calibration import Calibration
from workbench.pipeline.docs import from_doc
from workbench.pipeline.roles import RoleFinder
from workbench.pipeline.spans import SpanTagger
from workbench.pipeline.sparse import SparsePipe
from workbench.pipeline.spool import Chosen, Spool, Spooled
from workbench.training.epochs import Epochs
from workbench.training.evaluate import Evaluation, measure
from workbench.training.reliability import outcomes
from workbench.training.score_log import Curves, ScoreLog, curves_of

FEW, MANY = 10, 20
"""Up to `FEW` stories each is a fold of its own, so that nearly all is left to learn from; with more than `MANY`, three
folds do, and five in between."""
FEW_EPOCHS = 5
"""With few stories, so many epochs: a single article held back says nothing of when to stop."""
LEAST = 3
"""So many epochs are always learned."""
PATIENCE = 2
"""After so many epochs without a better one the first fold stops."""


class HeldBack(NamedTuple):
    """After how many epochs each component stops, and what was suggested for the stories that were held back.

    `curves` say what scores are worth, of spans and of roles, by layer. In the evaluation each fold's scores are as the
    curves of the other folds have them, so that its reliability is that of scores on articles that are new.
    """

    epochs: dict[str, int]
    evaluation: Evaluation
    curves: Curves
    suggested: Mapping[str, AnnotationSet]
    """By article id."""

    def calibrate(self, components: Sequence[Component]) -> None:
        """Gives the components that were trained the curves of their scores."""
        for _, pipe in components:
            what = "span" if isinstance(pipe, SpanTagger) else "role" if isinstance(pipe, RoleFinder) else ""
            if what:
                pipe.calibrate({layer: curve for (of, layer), curve in self.curves.items() if of == what})


def deal(stories: Sequence[str], folds: int | None = None) -> list[list[str]]:
    """The stories in folds with about as many articles each; none where there are not enough to hold one back.

    By the hash of their names, so that a story's fold does not depend on the order of the articles.
    """
    sizes = Counter(stories)
    fitting = len(sizes) if len(sizes) <= FEW else 5 if len(sizes) <= MANY else 3
    number = min(fitting if folds is None else folds, len(sizes))
    if number < 2:
        return []
    dealt: list[list[str]] = [[] for _ in range(number)]
    filled = [0] * number
    for story in sorted(sizes, key=lambda one: (-sizes[one], hashlib.sha256(one.encode()).hexdigest())):
        smallest = filled.index(min(filled))
        dealt[smallest].append(story)
        filled[smallest] += sizes[story]
    return dealt


class TrainingRun(NamedTuple):
    """A component that is ready to learn, and what it learns from."""

    component: Component
    batches: Sequence[Batch]


def hold_back(
    runs: Sequence[TrainingRun],
    examples: Sequence[Example],
    items: Sequence[AnnotatedArticle],
    scheme: LabelScheme,
    progress: Progress,
    *,
    folds: int | None,
    most: int,
    seed: int,
    producer: Producer,
    release: str,
    deadline: float | None = None,
) -> HeldBack | None:
    """What models of the same kind do on each fold's stories.

    None where there is one story alone, nothing was to be held back, or the time was up before all were through.

    Args:
        runs: what is to be trained on all examples; they are left as they are.
        examples: what there is to learn from.
        items: the articles of the examples, in their order.
        scheme: theirs.
        progress: shows how far it is.
        folds: how many; None for as many as fit the number of stories.
        most: the number of epochs at the most.
        seed: as in training.
        producer: in whose name the suggestions are made.
        release: the articles'.
        deadline: on the clock that only goes forward.
    """
    stories, ids, measured = list[str](), list[str](), list[bool]()
    for item in items:
        stories.append(item.article.story)
        ids.append(item.article.id)
        measured.append(scheme.is_trainable(item.annotations.document))
    few = len(set(stories)) <= FEW
    epochs = {run.component.name: min(most, FEW_EPOCHS) for run in runs} if few else {}
    # What the batches' examples are numbered; a component learns nothing from some.
    numbers = [[n for n, one in enumerate(examples) if run.component.pipe.learns_from(one.reference)] for run in runs]
    found: Spool[AnnotationSet] = Spool(pickle.dumps, pickle.loads)
    places: dict[int, tuple[int, int]] = {}
    """By the number of the example, its fold and its place among what was found."""
    dealt = deal(stories, folds)
    for place, fold in enumerate(progress.track(dealt, "learning without the stories of one fold")):
        out = set(fold)
        left = {number for number, story in enumerate(stories) if story in out}
        learned: list[SparsePipe] = []
        for ((name, pipe), known), numbered in zip(runs, numbers, strict=True):
            twin = copy(pipe)
            batches = twin.relearn(known, [at for at, number in enumerate(numbered) if number not in left], seed=seed)
            if name in epochs:
                learning = Epochs(twin, batches, seed)
                for _ in range(epochs[name]):
                    learning.learn()
                twin.freeze(twin.weights)
            else:
                held = twin.beside(known, [at for at, number in enumerate(numbered) if number in left])
                epochs[name] = _until_no_better(twin, batches, held, most=most, seed=seed)
            learned.append(twin)
            if deadline is not None and time.monotonic() > deadline:
                return None
        for number in sorted(left):
            if measured[number]:
                places[number] = place, len(found)
                found.append(from_doc(_through(learned, examples[number].predicted.copy()), scheme, producer))
    if not places:
        return None
    kept = sorted(places)
    logs = [ScoreLog() for _ in dealt]
    for number in kept:
        place, at = places[number]
        logs[place].add(outcomes(items[number], scheme.normalise(found[at]), scheme))
    others = [curves_of(logs[:place] + logs[place + 1 :]) for place in range(len(dealt))]
    guesses: Spool[AnnotationSet] = Spool(pickle.dumps, pickle.loads)
    for number in kept:
        place, at = places[number]
        guesses.append(rescored(found[at], others[place]))
    suggested = Spooled({ids[number]: at for at, number in enumerate(kept)}, guesses)
    evaluation = measure(
        guesses,
        Chosen(items, kept),
        scheme,
        producer=producer,
        release=release,
        part="train",
    )
    return HeldBack(epochs, evaluation, curves_of(logs), suggested)


def rescored(annotations: AnnotationSet, curves: Curves) -> AnnotationSet:
    """The same with calibrated scores."""
    plain = Calibration()
    layers: dict[str, tuple[Span, ...]] = {}
    for layer, spans in annotations.layers.items():
        of_span, of_role = (curves.get((what, layer), plain) for what in ("span", "role"))
        layers[layer] = tuple(
            span.model_copy(
                update={
                    "score": None if span.score is None else of_span.of(span.score, span.label),
                    "arguments": tuple(
                        one.model_copy(update={"score": None if one.score is None else of_role.of(one.score, one.role)})
                        for one in span.arguments
                    ),
                }
            )
            for span in spans
        )
    return annotations.model_copy(update={"layers": layers})


def _through(pipes: Sequence[SparsePipe], doc: Doc) -> Doc:
    for pipe in pipes:
        pipe(doc)
    return doc


def _until_no_better(pipe: SparsePipe, batches: Sequence[Batch], held: Sequence[Batch], *, most: int, seed: int) -> int:
    """The epoch after which the component makes the fewest mistakes on what was held back; it is left as it was then."""
    learning = Epochs(pipe, batches, seed)
    best, stop, weights = None, 0, None
    for epoch in range(1, most + 1):
        learning.learn()
        if epoch < min(LEAST, most):
            continue
        wrong = sum(mistakes(pipe, batch) for batch in held)
        if best is None or wrong < best:
            best, stop, weights = wrong, epoch, pipe.weights
        elif epoch - stop >= PATIENCE:
            break
    pipe.freeze(pipe.weights if weights is None else weights)
    return max(1, stop)


def mistakes(pipe: SparsePipe, batch: Batch) -> int:
    """How many blocks of outputs of a batch have another best output than the right one."""
    rows = pipe.scores(batch)
    targets = batch.targets.table(len(rows), pipe.size)
    wrong = 0
    for block in pipe.blocks:
        right = targets[:, block]
        teaches = right.sum(axis=1) > 0
        chosen = right[np.arange(len(right)), rows[:, block].argmax(axis=1)] if len(right) else right.sum(axis=1)
        wrong += int((teaches & (chosen <= 0)).sum())
    return wrong
