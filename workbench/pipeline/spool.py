"""A sequence that lies in a temporary file once it is large, so that it takes no more memory the longer it gets.

What is dear to make of its bytes is kept once it was made, as long as it is little.
"""

import tempfile
import weakref
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar, overload

from workbench.errors import ModelError

T = TypeVar("T")
IN_MEMORY = 1 << 20
"""How many bytes stay in memory, where nothing else is said."""
FIRST = 256
"""Of so many items at the most what was made of their bytes is kept: a few hundred fill all that is ever kept."""


class Spool(Sequence[T], Generic[T]):
    """Items as bytes, compressed; each is made anew when it is asked for. The file goes with the object.

    The first items, `FIRST` at the most and of `kept` bytes together, are kept as they are made of their bytes: those
    come back as the same object each time, and whoever changes one changes it for all.
    """

    def __init__(
        self,
        pack: Callable[[T], bytes],
        unpack: Callable[[bytes], T],
        *,
        in_memory: int | None = None,
        kept: int = 0,
    ) -> None:
        self._pack, self._unpack = pack, unpack
        self._room, self._kept = kept, dict[int, T]()
        self._file = tempfile.SpooledTemporaryFile(max_size=in_memory or IN_MEMORY, prefix="workbench-")  # noqa: SIM115 # lives on
        weakref.finalize(self, self._file.close)
        self._ends = array("Q", [0])

    def append(self, item: T) -> None:
        """Adds an item.

        Raises:
            ModelError: the temporary file cannot be written.
        """
        data = self._pack(item)
        if len(data) <= self._room and len(self) < FIRST:
            self._room -= len(data)
            self._kept[len(self)] = self._unpack(data)
            data = b""  # the file holds none of what is kept
        else:
            data = zlib.compress(data, 1)
        try:
            self._file.seek(self._ends[-1])
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise ModelError(
                f"what is learned from cannot be written to {tempfile.gettempdir()}: {error.strerror}",
                hint="make room there, or name another folder by the variable TMPDIR",
            ) from error
        self._ends.append(self._ends[-1] + len(data))

    def __len__(self) -> int:
        return len(self._ends) - 1

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        if number in self._kept:
            return self._kept[number]
        self._file.seek(self._ends[number])
        data = zlib.decompress(self._file.read(self._ends[number + 1] - self._ends[number]))
        return self._unpack(data)

    def __iter__(self) -> Iterator[T]:
        return (self[number] for number in range(len(self)))


class Chosen(Sequence[T], Generic[T]):
    """Some items of a sequence, by their numbers; each is asked for when it is needed."""

    def __init__(self, items: Sequence[T], numbers: Sequence[int]) -> None:
        self._items, self._numbers = items, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> "Chosen[T]": ...
    def __getitem__(self, index: int | slice) -> "T | Chosen[T]":
        if isinstance(index, slice):
            return Chosen(self._items, self._numbers[index])
        return self._items[self._numbers[index]]


class Spooled(Mapping[str, T], Generic[T]):
    """Items of a spool by name."""

    def __init__(self, places: Mapping[str, int], items: Sequence[T]) -> None:
        self._places, self._items = places, items

    def __getitem__(self, name: str) -> T:
        return self._items[self._places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
