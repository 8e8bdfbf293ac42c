"""What a doc teaches a component: its items, what is right for each of them, and where learning starts.

There are thousands of items in a doc and thousands of docs, so it is all held in few bytes: what most items share is
there once, with its number in each.
"""

import pickle
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.pipeline.features import Hashes
from workbench.pipeline.suggestions import Record

Floats = NDArray[np.float32]
Rows = NDArray[np.int32]
Bools = NDArray[np.bool_]
N = TypeVar("N", np.int32, np.uint64)


class Targets(NamedTuple):
    """What is right: for each place (item, output) that is not 0 how much of the item's block it has."""

    items: Rows
    outputs: Rows
    shares: Floats

    @classmethod
    def of(cls, given: Iterable[tuple[int, int, float]]) -> "Targets":
        """The targets of triples of item, output and share."""
        table = np.array(list(given), dtype=np.float64).reshape(-1, 3)
        return cls(table[:, 0].astype(np.int32), table[:, 1].astype(np.int32), table[:, 2].astype(np.float32))

    def table(self, length: int, size: int) -> Floats:
        """A row of all outputs for each of the items. A block without any teaches nothing in its row."""
        rows = np.zeros((length, size), dtype=np.float32)
        rows[self.items, self.outputs] = self.shares
        return rows


class Shared(NamedTuple):
    """Scores of outputs that many items share, a row each, and for each item the number of its row."""

    kinds: Floats
    at: Rows


class Allowed(NamedTuple):
    """Which outputs items may have, in rows that many share, and for each item the number of its row."""

    kinds: Bools
    at: Rows


class Suggestion(NamedTuple):
    """What a suggester said of an item: a key under which it is counted what was right where it said so.

    Before anything is counted, the output `right` is believed to be right so far.
    """

    key: str
    belief: float
    right: int


class Said(NamedTuple):
    """What a suggester said of the items in one block of outputs: each thing once, and its number by item (-1: nothing)."""

    block: slice
    kinds: list[Suggestion]
    at: Rows


class Items(NamedTuple):
    """What one doc teaches, before anything is known of other docs: a row of feature hashes (0: none) for each item.

    `allowed` says which outputs an item may have, None that it may have all. `said` is None where nobody suggested
    anything for the doc.
    """

    features: Hashes
    targets: Targets
    allowed: Allowed | None = None
    said: Sequence[Said] | None = None


class Batch(NamedTuple):
    """What one doc teaches: for each item where the weights of its features are (0: of none), and as in `Items`.

    `start` is where learning starts, block by block: the scores of the outputs before any feature has its say; none for
    0 everywhere.
    """

    rows: Rows
    targets: Targets
    allowed: Allowed | None
    said: Sequence[Said] | None
    start: Sequence[tuple[slice, Shared]]

    def begin(self, size: int) -> Floats:
        """The scores of all outputs that learning starts from, a row for each item."""
        rows = np.zeros((len(self.rows), size), dtype=np.float32)
        for block, (kinds, at) in self.start:
            rows[:, block] = kinds[at]
        return rows

    def permitted(self, size: int) -> Bools:
        """Which outputs each item may have."""
        if self.allowed is None:
            return np.ones((len(self.rows), size), dtype=np.bool_)
        return self.allowed.kinds[self.allowed.at]


def recorded(said: Sequence[Said] | None, targets: Targets) -> Record:
    """What was right where the suggester said a thing."""
    found = Record()
    for one in said or ():
        first: int = one.block.start
        width: int = one.block.stop - first
        inside = (targets.outputs >= first) & (targets.outputs < first + width)
        items, outputs = targets.items[inside], targets.outputs[inside] - first
        there = one.at[items] >= 0
        places = one.at[items[there]].astype(np.int64) * width + outputs[there]
        counts = np.bincount(places, weights=targets.shares[inside][there])
        for place in np.flatnonzero(counts).tolist():
            found.add(one.kinds[int(place) // width].key, int(place) % width, float(counts[place]))
    return found


def numbered(given: Sequence[Suggestion | None]) -> tuple[list[Suggestion], Rows]:
    """Each thing that was said once, and for each item its number; -1 where nothing was said."""
    known: dict[Suggestion, int] = {}
    at = [-1 if one is None else known.setdefault(one, len(known)) for one in given]
    return list(known), np.array(at, dtype=np.int32)


def compact(table: NDArray[N]) -> NDArray[N]:
    """The same rows without the zeros in them, which come at their ends, as narrow as the fullest one."""
    there = table != 0
    lengths = there.sum(axis=1)
    width = int(lengths.max(initial=0))
    found = np.zeros((len(table), width), dtype=table.dtype)
    found[np.arange(width) < lengths[:, None]] = table[there]
    return found


def packed(batch: Batch | Items) -> bytes:
    """As bytes."""
    return pickle.dumps(tuple(batch), protocol=pickle.HIGHEST_PROTOCOL)


def unpacked_items(data: bytes) -> Items:
    """What `packed` made bytes of."""
    return Items(*pickle.loads(data))


def unpacked_batch(data: bytes) -> Batch:
    """What `packed` made bytes of."""
    return Batch(*pickle.loads(data))
