"""An epoch of learning: every batch once, in an order that the seed decides, a few articles at a time."""

import random
from collections.abc import Iterator, Sequence

from workbench.pipeline.sparse import Batch, SparsePipe

TOGETHER = 2
"""Articles that one step learns from."""


class Order:
    """The order of the batches, another one for each epoch."""

    def __init__(self, batches: int, seed: int) -> None:
        self._numbers = list(range(batches))
        self._random = random.Random(seed)

    def next(self) -> Iterator[Sequence[int]]:
        """The numbers of the batches of each step of the next epoch."""
        self._random.shuffle(self._numbers)
        for start in range(0, len(self._numbers), TOGETHER):
            yield self._numbers[start : start + TOGETHER]


def one_epoch(pipe: SparsePipe, batches: Sequence[Batch], order: Order) -> float:
    """The loss over all batches, each before the step that was taken for it."""
    loss = sum(pipe.learn([batches[number] for number in few]) for few in order.next())
    pipe.end_epoch()
    return loss
