"""Which features have weights, and where."""

import numpy as np
from numpy.typing import NDArray

from workbench.pipeline.batch import Rows
from workbench.pipeline.features import Hashes

MAX_FEATURES = 100_000
MIN_COUNT = 1
# How many counts of features wait to be added up, and how many different features are counted on at the most.
MERGED, COUNTED = 500_000, 1_000_000
# A place in the table of keys is found by so many of a hash's first bits.
BITS = 18


class Vocabulary:
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


class Places:
    """Finds the row of weights of each feature: row 0, which stays 0, for those that training never saw."""

    def __init__(self, keys: Hashes) -> None:
        self._keys = np.append(keys, np.uint64(0))
        edges = np.arange(1 << BITS, dtype=np.uint64) << np.uint64(64 - BITS)
        self._first = np.append(np.searchsorted(keys, edges), len(keys)).astype(np.int32)
        """Where the keys that begin with these bits begin."""

    def of(self, features: Hashes) -> Rows:
        """The rows of a table of features; 0 is no feature."""
        wanted = features.ravel()
        begins = (wanted >> np.uint64(64 - BITS)).astype(np.int32)
        at = self._first[begins]
        found = np.where(self._keys[at] == wanted, at + np.int32(1), np.int32(0))
        left = np.flatnonzero((found == 0) & (at + 1 < self._first[begins + 1]))
        while len(left):
            at[left] += 1
            hit = self._keys[at[left]] == wanted[left]
            found[left[hit]] = at[left[hit]] + 1
            left = left[~hit]
            left = left[at[left] + 1 < self._first[begins[left] + 1]]
        found[wanted == 0] = 0
        return found.reshape(features.shape)
