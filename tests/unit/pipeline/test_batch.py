"""What a doc teaches, in few bytes."""

import random

import numpy as np

from workbench.pipeline.batch import (
    Batch,
    Items,
    Said,
    Shared,
    Suggestion,
    Targets,
    compact,
    numbered,
    packed,
    recorded,
    unpacked_batch,
    unpacked_items,
)
from workbench.pipeline.vocabulary import Places


def test_the_place_of_a_feature_is_where_its_key_is_and_0_for_others() -> None:
    chance = np.random.default_rng(3)
    for bits in (64, 20):  # the second kind lies in one place of the first bits, all together
        keys = np.unique(chance.integers(1, 1 << bits, size=5000, dtype=np.uint64, endpoint=False))
        features = np.concatenate([keys, keys + np.uint64(1), np.zeros(10, dtype=np.uint64)])
        chance.shuffle(features)
        number = {key: row for row, key in enumerate(keys.tolist(), start=1)}
        wanted = [number.get(one, 0) for one in features.tolist()]
        assert Places(keys).of(features.reshape(-1, 2)).ravel().tolist() == wanted
    assert Places(np.zeros(0, dtype=np.uint64)).of(np.array([[5, 0]], dtype=np.uint64)).tolist() == [[0, 0]]


def test_rows_without_their_zeros_hold_the_same_in_the_same_order() -> None:
    chance = random.Random(1)
    table = np.array([[chance.choice([0, 0, 1, 2, 3]) for _ in range(12)] for _ in range(40)], dtype=np.int32)
    found = compact(table)
    assert [[one for one in row if one] for row in found.tolist()] == [
        [one for one in row if one] for row in table.tolist()
    ]
    assert found.shape[1] == max(np.count_nonzero(table, axis=1))
    assert compact(np.zeros((3, 4), dtype=np.int32)).shape == (3, 0)


def test_what_was_right_is_counted_where_the_suggester_said_a_thing() -> None:
    one, other = Suggestion("says A", 0.9, 1), Suggestion("says nothing", 0.96, 0)
    kinds, at = numbered([one, None, other, one])
    assert (kinds, at.tolist()) == ([one, other], [0, -1, 1, 0])
    targets = Targets.of([(0, 3, 0.5), (0, 4, 0.5), (1, 3, 1.0), (2, 2, 1.0), (3, 3, 1.0), (3, 0, 1.0)])
    record = recorded([Said(slice(2, 5), kinds, at)], targets)
    assert record.counts == {"says A": {1: 1.5, 2: 0.5}, "says nothing": {0: 1.0}}
    assert recorded(None, targets).counts == {}


def test_batches_come_back_as_they_were() -> None:
    kinds, at = numbered([Suggestion("key", 0.5, 1), None])
    said = [Said(slice(0, 2), kinds, at)]
    targets = Targets.of([(0, 1, 1.0)])
    items = unpacked_items(packed(Items(np.array([[7], [8]], dtype=np.uint64), targets, said=said)))
    assert items.features.tolist() == [[7], [8]]
    assert items.said is not None
    assert items.said[0].kinds == kinds
    start = [(slice(0, 2), Shared(np.array([[1, 2], [0, 0]], dtype=np.float32), at))]
    batch = unpacked_batch(packed(Batch(np.array([[1], [2]], dtype=np.int32), targets, None, said, start)))
    assert batch.begin(3).tolist() == [[1, 2, 0], [0, 0, 0]]
    assert batch.permitted(3).all()
    assert batch.targets.table(2, 3).tolist() == [[0, 1, 0], [0, 0, 0]]
