"""Lots worked on by several processes: in order, and ended at once, also in the midst of a result."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from workbench import processes
from workbench.errors import StoreError
from workbench.processes import in_order, worth

PROGRAM = """
import multiprocessing, sys, time
from concurrent.futures import ProcessPoolExecutor
from workbench.processes import end_at_once

def much(number):
    return b"x" * 40_000_000

pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork"))
for number in range(40):
    pool.submit(much, number)
time.sleep(float(sys.argv[1]))
end_at_once(pool, ())
print("ended")
"""


def test_a_program_ends_though_results_were_half_sent():
    for wait in ("0.05", "0.1", "0.2", "0.3"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, wait], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.stdout == "ended\n"


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


def test_few_lots_are_worth_no_process_of_their_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(processes, "_cores", lambda: 3)
    assert [worth(range(number), 5)[0] for number in (4, 5)] == [1, 3]
    assert list(worth(range(7), 5)[1]) == list(range(7))
    monkeypatch.setattr(processes, "_cores", lambda: 64)
    assert worth(range(5), 5)[0] == processes.AT_MOST
