"""Epochs: what is nearly right rests, the loss counts it all the same, and what is learned is not lost."""

import numpy as np
import pytest

from workbench.pipeline.batch import Batch, Bools
from workbench.pipeline.sparse import Learned
from workbench.training.epochs import Epochs


class Recorder:
    """Notes which items are looked at; the first of each batch is near, with a loss of .25, the others cost 1."""

    def __init__(self) -> None:
        self.looked: list[list[int]] = []
        self.epochs = 0

    def learn(self, batches: list[Batch], *, resting: list[Bools | None]) -> list[Learned]:
        found: list[Learned] = []
        for batch, rest in zip(batches, resting, strict=True):
            awake = np.ones(len(batch.rows), dtype=np.bool_) if rest is None else ~rest
            self.looked.append(np.flatnonzero(awake).tolist())
            near = np.zeros(len(batch.rows), dtype=np.bool_)
            near[0] = awake[0]
            found.append(Learned(float(awake[1:].sum()) + 0.25 * awake[0], near, 0.25 * near[0]))
        return found

    def end_epoch(self) -> None:
        self.epochs += 1


def test_what_was_nearly_right_rests_for_one_epoch_and_its_loss_counts_on() -> None:
    batch = Batch(np.ones((3, 1), dtype=np.int32), None, None, None, ())  # type: ignore[arg-type] # nobody asks for it
    pipe = Recorder()
    epochs = Epochs(pipe, [batch], seed=0)  # type: ignore[arg-type] # all that it asks a component for
    assert [epochs.learn() for _ in range(4)] == [pytest.approx(2.25)] * 4
    assert pipe.looked == [[0, 1, 2], [1, 2], [0, 1, 2], [1, 2]]
    assert pipe.epochs == 4
