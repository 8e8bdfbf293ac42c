"""What models of the same options do on stories that were held back from them: when to stop, and how good they are.

Of the train part alone. The stories are dealt into folds; for each fold a model learns from all others and suggests for
its articles. So every article of the train part is suggested for once by a model that has not seen its story: that tells
how good the options are, where the dev part is too small to, and what the scores of the final model are worth.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from copy import copy
from typing import NamedTuple

import numpy as np
from spacy.tokens import Doc
from spacy.training import Example

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.pipeline.assemble import Component
from workbench.pipeline.docs import from_doc
from workbench.pipeline.sparse import Batch, SparsePipe
from workbench.training.epochs import Order, one_epoch
from workbench.training.evaluate import Evaluation, measure

MANY = 20
"""With more stories than this three folds do; with fewer, five leave more to learn from."""
LEAST = 3
"""So many epochs are always learned: a handful of articles held back says little."""
PATIENCE = 2
"""After so many epochs without a better one the first fold stops."""


class HeldBack(NamedTuple):
    """After how many epochs each component stops, and what was suggested for the stories that were held back."""

    epochs: dict[str, int]
    evaluation: Evaluation


def deal(stories: Sequence[str], folds: int | None = None) -> list[list[str]]:
    """The stories in folds with about as many articles each; none where there are not enough to hold one back.

    By the hash of their names, so that a story's fold does not depend on the order of the articles.
    """
    sizes = {story: stories.count(story) for story in dict.fromkeys(stories)}
    number = (3 if len(sizes) > MANY else 5) if folds is None else folds
    number = min(number, len(sizes))
    if number < 2:
        return []
    dealt: list[list[str]] = [[] for _ in range(number)]
    filled = [0] * number
    for story in sorted(sizes, key=lambda one: (-sizes[one], hashlib.sha256(one.encode()).hexdigest())):
        smallest = filled.index(min(filled))
        dealt[smallest].append(story)
        filled[smallest] += sizes[story]
    return dealt


def hold_back(
    components: Sequence[Component],
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
        components: what is to be trained; they are left as they are.
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
    stories = [item.article.story_group or item.article.id for item in items]
    epochs: dict[str, int] = {}
    found: dict[int, AnnotationSet] = {}
    dealt = deal(stories, folds)
    for fold in progress.track(dealt, "learning without the stories of one fold"):
        left = [number for number, story in enumerate(stories) if story in fold]
        others = [number for number, story in enumerate(stories) if story not in fold]

        def taught(others: Sequence[int] = others) -> Iterator[Example]:
            return (examples[number] for number in others)

        learned: list[SparsePipe] = []
        for name, pipe in components:
            twin = copy(pipe)
            batches = twin.initialize(taught, seed=seed)
            if name in epochs:
                order = Order(len(batches), seed)
                for _ in range(epochs[name]):
                    one_epoch(twin, batches, order)
            else:
                seen = (examples[number] for number in left)
                held = [
                    twin.batch(e.predicted, e.reference, known=False) for e in seen if twin.learns_from(e.reference)
                ]
                epochs[name] = _until_no_better(twin, batches, held, most=most, seed=seed)
            learned.append(twin)
            if deadline is not None and time.monotonic() > deadline:
                return None
        for number in left:
            if scheme.is_trainable(items[number].annotations.document):
                found[number] = from_doc(_through(learned, examples[number].predicted), scheme, producer)
    if not found:
        return None
    kept = sorted(found)
    evaluation = measure(
        [found[number] for number in kept],
        [items[number] for number in kept],
        scheme,
        producer=producer,
        release=release,
        part="train",
    )
    return HeldBack(epochs, evaluation)


def _through(pipes: Sequence[SparsePipe], doc: Doc) -> Doc:
    for pipe in pipes:
        pipe(doc)
    return doc


def _until_no_better(pipe: SparsePipe, batches: Sequence[Batch], held: Sequence[Batch], *, most: int, seed: int) -> int:
    """The epoch after which the component makes the fewest mistakes on what was held back; it is left as it was then."""
    order = Order(len(batches), seed)
    best, stop, weights = None, 0, pipe.weights
    for epoch in range(1, most + 1):
        one_epoch(pipe, batches, order)
        if epoch < min(LEAST, most):
            continue
        wrong = sum(mistakes(pipe, batch) for batch in held)
        if best is None or wrong < best:
            best, stop, weights = wrong, epoch, pipe.weights
        elif epoch - stop >= PATIENCE:
            break
    pipe.freeze(weights)
    return max(1, stop)


def mistakes(pipe: SparsePipe, batch: Batch) -> int:
    """How many blocks of outputs have another best output than the right one."""
    rows = pipe.probabilities(batch.features, batch.allowed, batch.start)
    wrong = 0
    for block in pipe.blocks:
        right = batch.targets[:, block]
        teaches = right.sum(axis=1) > 0
        chosen = right[np.arange(len(right)), rows[:, block].argmax(axis=1)] if len(right) else right.sum(axis=1)
        wrong += int((teaches & (chosen <= 0)).sum())
    return wrong
