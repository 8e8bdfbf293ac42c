"""Lots worked on by several processes: in order, and ended at once, also in the midst of a result."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workbench import processes
from workbench.errors import StoreError
from workbench.processes import in_order, worth

PROGRAM = """
import sys, threading, time
from workbench.errors import StoreError
from workbench.processes import in_order

def much(number):
    return b"x" * 40_000_000

found = in_order(range(40), much, 2, killed=StoreError("killed"))
next(found)
time.sleep(float(sys.argv[1]))
found.close()
print("ended", threading.active_count())
"""


@pytest.mark.parametrize("wait", ["0", "0.05", "0.1", "0.2"])
def test_a_program_ends_though_results_were_half_sent(wait: str):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, wait], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("ended 1\n", "")


def _square(number: int) -> int:
    return number * number


def _square_of_given(number: int) -> int:
    return number * number + _given[0]


_given = [0]


def _begin(number: int) -> None:
    _given[0] = number


def _killed(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


def _killed_at_last(number: int) -> bytes:
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return b"x" * 1_000_000


def _fails(number: int) -> int:
    if number == 3:
        raise StoreError("not this one", hint="take another")
    return number


class _Local(Exception):
    def __reduce__(self) -> str:
        raise TypeError("cannot travel")


def _fails_oddly(number: int) -> int:
    raise _Local(f"odd {number}")


def _cannot_travel(number: int) -> object:
    return lambda: number


def test_what_is_made_comes_in_the_order_of_the_lots_and_lots_are_taken_as_they_are_needed():
    taken: list[int] = []

    def lots() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    found = in_order(lots(), _square, 2, killed=StoreError("killed"))
    assert next(found) == 0
    assert len(taken) < 10
    assert list(found) == [number * number for number in range(1, 100)]


def test_each_process_begins_with_what_is_given():
    found = in_order(range(8), _square_of_given, 2, killed=StoreError("killed"), begin=_begin, given=(1000,))
    assert list(found) == [number * number + 1000 for number in range(8)]
    assert _given == [0]


def test_a_killed_process_is_told_as_its_caller_wants():
    with pytest.raises(StoreError, match="it was killed"):
        list(in_order(range(3), _killed, 2, killed=StoreError("it was killed")))


def test_many_kills_leave_no_process_no_pipe_and_no_complaint():
    """A pool that closes what another thread closes as well finds a bad file descriptor once in a while."""
    before = _open_files()
    for _ in range(60):
        found = in_order(range(9), _killed_at_last, 2, killed=StoreError("it was killed"))
        with pytest.raises(StoreError, match="it was killed"):
            list(found)
    for _ in range(60):
        found = in_order(range(9), _much, 2, killed=StoreError("it was killed"))
        next(found)
        assert threading.active_count() == 1, "nobody else closes what is closed here"
        found.close()
    assert multiprocessing.active_children() == []
    assert _open_files() == before
    assert threading.active_count() == 1


def _open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def _much(number: int) -> bytes:
    return b"x" * (1_000_000 + number)


def test_lots_and_results_larger_than_any_pipe_do_not_wait_for_each_other():
    lots = [bytes([number]) * 3_000_000 for number in range(12)]
    assert list(in_order(lots, _same, 2, killed=StoreError("killed"))) == lots


def _same(lot: bytes) -> bytes:
    return lot


def test_what_the_work_raises_is_raised_here_and_says_where_it_came_from():
    found = in_order(range(9), _fails, 2, killed=StoreError("killed"))
    with pytest.raises(StoreError, match="not this one") as raised:
        list(found)
    assert raised.value.hint == "take another"
    assert "in _fails" in raised.value.__notes__[0]


@pytest.mark.parametrize(("work", "said"), [(_fails_oddly, "_Local.*odd 0"), (_cannot_travel, "pickle")])
def test_what_cannot_travel_is_told_and_nothing_waits_for_it(work: Callable[[int], object], said: str):
    with pytest.raises((RuntimeError, AttributeError), match=said):
        list(in_order(range(3), work, 2, killed=StoreError("killed")))


def test_what_is_wrong_with_the_lots_is_not_taken_for_a_process_that_was_killed():
    def lots() -> Iterator[int]:
        yield 1
        raise ConnectionResetError("the server went away")

    with pytest.raises(ConnectionResetError, match="went away"):
        list(in_order(lots(), _square, 2, killed=StoreError("killed")))


def test_few_lots_are_worth_no_process_of_their_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(processes, "_cores", lambda: 3)
    assert [worth(range(number), 5)[0] for number in (4, 5)] == [1, 3]
    assert list(worth(range(7), 5)[1]) == list(range(7))
    monkeypatch.setattr(processes, "_cores", lambda: 64)
    assert worth(range(5), 5)[0] == processes.AT_MOST
