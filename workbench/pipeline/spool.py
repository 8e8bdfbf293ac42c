"""A sequence that lies in a temporary file once it is large, so that it takes no more memory the longer it gets.

What is dear to make of its bytes is kept once it was made, as long as it is little.
"""

import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

from workbench.errors import ModelError

T = TypeVar("T")
IN_MEMORY = 1 << 26
"""How many bytes stay in memory."""


class Spool(Sequence[T], Generic[T]):
    """Items as bytes, compressed; each is made anew when it is asked for. The file goes with the object.

    `kept` is how many bytes of items, before they are compressed, are kept as they were made: those come back as the
    same object each time, and whoever changes one changes it for all.
    """

    def __init__(
        self,
        pack: Callable[[T], bytes],
        unpack: Callable[[bytes], T],
        *,
        in_memory: int = IN_MEMORY,
        kept: int = 0,
    ) -> None:
        self._pack, self._unpack = pack, unpack
        self._room, self._kept = kept, dict[int, T]()
        self._file = tempfile.SpooledTemporaryFile(max_size=in_memory, prefix="workbench-")  # noqa: SIM115 # lives on
        weakref.finalize(self, self._file.close)
        self._ends = [0]

    def append(self, item: T) -> None:
        """Adds an item.

        Raises:
            ModelError: the temporary file cannot be written.
        """
        data = zlib.compress(self._pack(item), 1)
        try:
            self._file.seek(self._ends[-1])
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise ModelError(
                f"training batches cannot be written to {tempfile.gettempdir()}: {error.strerror}",
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
        item = self._unpack(data)
        if len(data) <= self._room:
            self._room -= len(data)
            self._kept[number] = item
        return item

    def __iter__(self) -> Iterator[T]:
        return (self[number] for number in range(len(self)))
