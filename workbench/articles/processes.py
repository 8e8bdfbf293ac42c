"""Does the same to many lots of things on all cores, and keeps their order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing.connection import wait
from typing import TypeVar

from workbench.errors import ArticleError
from workbench.processes import end_at_once

T = TypeVar("T")
R = TypeVar("R")

MANY = 8
"""How many lots are enough for processes of their own."""
AT_MOST = 4
_AHEAD = 3


def in_order(lots: Iterable[T], make: Callable[[T], R], *, processes: int = 0) -> Generator[R, None, None]:
    """What `make` makes of each lot; where there are many, in as many processes as there are cores.

    Args:
        lots: are taken a few ahead of what is made.
        make: a function at the top of a module, whose arguments and results can travel between processes.
        processes: 0 means one for each core, and none beside this one for a few lots.

    Raises:
        ArticleError: one of the processes was killed.
    """
    source = iter(lots)
    first = list(islice(source, MANY))
    source = chain(first, source)
    if not processes:
        processes = min(_cores(), AT_MOST) if len(first) == MANY else 1
    if processes == 1 or "fork" not in multiprocessing.get_all_start_methods():
        for lot in source:
            yield make(lot)
        return
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork"), initializer=_begin)
    waiting: deque[Future[R]] = deque()
    finished = False
    try:
        for lot in source:
            waiting.append(pool.submit(make, lot))
            if len(waiting) > _AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        finished = True
    except BrokenProcessPool as error:
        raise ArticleError("a process that reads articles was killed", hint="it probably ran out of memory") from error
    finally:
        if finished:
            pool.shutdown(wait=True)
        else:
            end_at_once(pool, before)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin() -> None:
    """Prepares a process: an interrupt is its caller's to handle, and without the caller it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
