"""Epochs of learning: every batch once, in an order that the seed decides, a few articles at a time."""

import random
from collections.abc import Iterator, Sequence

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
        self._resting: dict[int, Bools] = {}
        self._of_resting: dict[int, float] = {}

    def learn(self) -> float:
        """Learns one epoch: the loss over all batches, each before the step that was taken for it.

        Of items that rest the loss is what it was when they were last looked at.
        """
        loss = 0.0
        for few in self._order():
            batches = [self._batches[number] for number in few]
            resting = [self._resting.get(number) for number in few]
            for number, found in zip(few, self._pipe.learn(batches, resting=resting), strict=True):
                loss += found.loss + self._of_resting.get(number, 0.0)
                self._resting[number], self._of_resting[number] = found.near, found.of_near
        self._pipe.end_epoch()
        return loss

    def _order(self) -> Iterator[Sequence[int]]:
        """The numbers of the batches of each step, in another order each time."""
        self._random.shuffle(self._numbers)
        for start in range(0, len(self._numbers), TOGETHER):
            yield self._numbers[start : start + TOGETHER]
