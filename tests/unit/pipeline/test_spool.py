"""What is spooled comes back as it was, from memory or from a file, and takes no memory once it is much."""

import os
import tracemalloc

import pytest

from workbench.errors import ModelError
from workbench.pipeline.spool import Spool


def _spool(in_memory: int = 1 << 20) -> Spool[str]:
    return Spool(str.encode, bytes.decode, in_memory=in_memory)


@pytest.mark.parametrize("in_memory", [1, 1 << 20])
def test_items_come_back_in_their_order_and_by_their_place(in_memory: int) -> None:
    spool, items = _spool(in_memory), [f"item {number} é" * number for number in range(50)]
    for number, item in enumerate(items):
        spool.append(item)
        assert spool[number] == item
    assert list(spool) == list(spool) == items
    assert len(spool) == 50
    assert spool[-1] == items[-1]
    assert spool[3:9:2] == items[3:9:2]
    with pytest.raises(IndexError):
        spool[50]


def test_what_is_kept_is_the_same_each_time_as_long_as_there_is_room() -> None:
    spool: Spool[list[str]] = Spool(lambda one: one[0].encode(), lambda data: [data.decode()], kept=10)
    for word in ("first", "second", "third", "a"):
        spool.append([word])
    again = [one is other for one, other in zip(spool, spool, strict=True)]
    assert again == [True, False, True, False]
    assert list(spool) == [["first"], ["second"], ["third"], ["a"]]


def test_much_takes_no_memory() -> None:
    spool: Spool[bytes] = Spool(bytes, bytes, in_memory=1 << 16)
    tracemalloc.start()
    for _ in range(200):
        spool.append(os.urandom(1 << 16))  # what can't be compressed
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 << 20
    assert len(spool[7]) == 1 << 16


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    spool = _spool()

    def full(data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spool._file, "write", full)
    with pytest.raises(ModelError, match="No space left") as raised:
        spool.append("an item")
    assert "TMPDIR" in raised.value.hint
    assert len(spool) == 0
