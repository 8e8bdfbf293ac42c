"""How weights are learned: AdaGrad (Duchi et al. 2011) with feature dropout, averaged over the last epochs.

Outputs that mean nearly the same share weights (ties): what tells the beginning of one trigger from other words tells it
for all.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from thinc import api

from workbench.pipeline.batch import Bools, Floats, Rows

RATE = 0.1
# What the sum of squares of each weight begins with. From 0, the first step of a weight is as long whether its item was
# far off or nearly right, so that words seen once say as much as what was seen a hundred times.
FIRST = 0.1
# An item whose every output in a block is nearer than this to what is wanted teaches nothing more there.
NEAR = 0.01
# After so many epochs weights are steady enough to be averaged with those of later ones.
UNSTEADY = 2
# The most items that one step looks at; bounds memory whatever the length of the articles.
STEP = 512
_OPS = cast(Any, api).NumpyOps()  # adds up rows of a table without a copy of each


class Step(NamedTuple):
    """The loss before a step that was taken, and by item its own, and whether it was near in all blocks."""

    losses: Floats
    near: Bools


class _Block(NamedTuple):
    """Outputs of which one is right: where they are, which of them share weights, and the sums of squares.

    `shares` has a row for each tie, with 1 for its members. The sums, which say how far a step goes, are those of the
    weights themselves: a column for each output and each tie.
    """

    outputs: slice
    shares: Floats
    squares: Floats


class Learner:
    """Weights while they are learned: a row for each feature, the first for none.

    Of weights that are shared only what they add up to for each output is kept.
    """

    def __init__(self, features: int, blocks: Sequence[slice], ties: Sequence[Sequence[int]], seed: int) -> None:
        outputs = max((block.stop for block in blocks), default=0)
        self._blocks: list[_Block] = []
        for block in blocks:
            inside = [[one - block.start for one in tie] for tie in ties if block.start <= tie[0] < block.stop]
            width = block.stop - block.start
            shares = np.zeros((len(inside), width), dtype=np.float32)
            for number, members in enumerate(inside):
                shares[number, members] = 1
            squares = np.zeros((features + 1, width + len(inside)), dtype=np.float32)
            self._blocks.append(_Block(block, shares, squares))
        self.now: Floats = np.zeros((features + 1, outputs), dtype=np.float32)
        """The weights after the last step."""
        self._random = np.random.default_rng(seed)
        self._epochs = 0
        self._sum: Floats | None = None
        self._mean: Floats | None = None
        self._rounded: Floats | None = None
        self._there = np.zeros(features + 1, dtype=np.bool_)
        self._number = np.zeros(features + 1, dtype=np.int32)

    def step(self, rows: Rows, targets: Floats, allowed: Bools, begin: Floats, drop: float) -> Step:
        """Moves the weights towards the targets of some items."""
        rows = np.where(self._random.random(rows.shape, dtype=np.float32) < drop, np.int32(0), rows)
        # What is left speaks for what was dropped, so that scores are as great as without dropout.
        logits = summed(self.now, rows) / np.float32(1 - drop) + begin
        logits = np.where(allowed, logits, np.float32(-1e9))
        losses = np.zeros(len(rows), dtype=np.float32)
        near = np.ones(len(rows), dtype=np.bool_)
        for block in self._blocks:
            wanted = targets[:, block.outputs]
            given = softmax(logits[:, block.outputs])
            losses -= (wanted * np.log(given + 1e-9)).sum(axis=1)
            given -= wanted
            off = np.abs(given).max(axis=1) > NEAR
            off &= wanted.any(axis=1)
            near &= ~off
            self._descend(block, rows[off], given[off])
        self._mean = self._rounded = None
        return Step(losses, near)

    def end_epoch(self) -> None:
        """Takes the weights into the mean, once they are steady."""
        self._epochs += 1
        if self._epochs > UNSTEADY:
            if self._sum is None:
                self._sum = self.now.copy()
            else:
                self._sum += self.now
        self._mean = self._rounded = None

    def _descend(self, block: _Block, rows: Rows, gradient: Floats) -> None:
        """Moves the weights of the features that occur; `gradient` has a row for each row of features."""
        items, columns = np.nonzero(rows)
        if not len(items):
            return
        occurring = rows[items, columns]
        self._there[occurring] = True
        used = np.flatnonzero(self._there)
        self._there[used] = False
        self._number[used] = np.arange(len(used), dtype=np.int32)
        total: Floats = np.zeros((len(used), gradient.shape[1]), dtype=np.float32)
        _OPS.scatter_add(total, self._number[occurring], gradient[items])
        own = total.shape[1]
        if len(block.shares):
            total = np.concatenate([total, total @ block.shares.T], axis=1)
        squares = block.squares[used]
        squares += np.square(total)
        block.squares[used] = squares
        steps = cast(Floats, np.float32(RATE) * total / np.sqrt(squares + np.float32(FIRST)))
        self.now[used, block.outputs] -= steps[:, :own] + steps[:, own:] @ block.shares

    def mean(self) -> Floats:
        """The mean of the weights after each steady epoch; those of the last step, where there were no epochs."""
        if self._mean is None:
            self._mean = self.now if self._sum is None else self._sum / np.float32(self._epochs - UNSTEADY)
        return self._mean

    def rounded(self) -> Floats:
        """The mean, rounded to what is saved, so that a saved pipeline predicts the same."""
        if self._rounded is None:
            self._rounded = self.mean().astype(np.float16).astype(np.float32)
        return self._rounded


def summed(weights: Floats, rows: Rows) -> Floats:
    """For each row of numbers the sum of the weights' rows that they name."""
    if not rows.size:
        return np.zeros((len(rows), weights.shape[1]), dtype=np.float32)
    return cast(Floats, _OPS.gather_add(weights, rows))


def softmax(logits: Floats) -> Floats:
    """A row of probabilities for each row of scores."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
