"""Epochs of learning: every batch once, in an order that the seed decides, a few articles at a time."""

import random
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.pipeline.batch import Batch, Bools
from workbench.pipeline.sparse import SparsePipe

TOGETHER = 2
"""Articles that one step learns from."""


class Epochs:
    """Epochs that a component learns, one after the other.

    An item that was nearly right when it was last looked at would hardly teach anything: it rests for the next epoch,
    and is looked at again in the one after it.
    """

    def __init__(self, pipe: SparsePipe, batches: Sequence[Batch], seed: int) -> None:
        self._pipe, self._batches = pipe, batches
        self._numbers = list(range(len(batches)))
        self._random = random.Random(seed)
        self._resting: dict[int, NDArray[np.uint8]] = {}
        """Which items of each batch rest, a bit each."""
        self._of_resting: dict[int, float] = {}

    def learn(self) -> float:
        """Learns one epoch: the loss over all batches, each before the step that was taken for it.

        Of items that rest the loss is what it was when they were last looked at.
        """
        loss = 0.0
        for few in self._order():
            batches = [self._batches[number] for number in few]
            resting = [self._at_rest(number, batch) for number, batch in zip(few, batches, strict=True)]
            for number, found in zip(few, self._pipe.learn(batches, resting=resting), strict=True):
                loss += found.loss + self._of_resting.get(number, 0.0)
                self._resting[number], self._of_resting[number] = np.packbits(found.near), found.of_near
        self._pipe.end_epoch()
        return loss

    def _at_rest(self, number: int, batch: Batch) -> Bools | None:
        """Which items of a batch rest; None before it was looked at."""
        bits = self._resting.get(number)
        return None if bits is None else np.unpackbits(bits, count=len(batch.rows)).astype(np.bool_)

    def _order(self) -> Iterator[Sequence[int]]:
        """The numbers of the batches of each step, in another order each time."""
        self._random.shuffle(self._numbers)
        for start in range(0, len(self._numbers), TOGETHER):
            yield self._numbers[start : start + TOGETHER]
