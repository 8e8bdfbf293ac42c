"""Lots worked on by several processes, which end with their caller: on an interrupt, an error, or when it is killed."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import chain, islice
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

AT_MOST = 4
"""How many processes are started unasked: each has its own memory."""
_AHEAD = 2
"""How many lots wait for each process, so that none of them idles."""


def worth(lots: Iterable[T], many: int) -> tuple[int, Iterator[T]]:
    """How many processes these lots are worth, and the lots: one for each core, and none but this for a few lots.

    Args:
        lots: of them, as many as `many` are taken beforehand.
        many: how many lots are enough for processes of their own.
    """
    source = iter(lots)
    first = list(islice(source, many))
    several = len(first) == many and "fork" in multiprocessing.get_all_start_methods()
    return min(_cores(), AT_MOST) if several else 1, chain(first, source)


def in_order(
    lots: Iterable[T],
    work: Callable[[T], R],
    processes: int,
    *,
    killed: Exception,
    begin: Callable[..., None] | None = None,
    given: tuple[object, ...] = (),
) -> Generator[R, None, None]:
    """What `work` makes of each lot, in their order, made by that many processes beside this one.

    Args:
        lots: are taken a few ahead of what is made.
        work: a function at the top of a module, whose arguments and results can travel between processes.
        processes: how many.
        killed: is raised where one of the processes was killed.
        begin: is called once in each process before it works, with what is `given`.
        given: travels with the process, where processes are forked: it need not be fit for anything else.
    """
    context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(begin, given))
    waiting: deque[Future[R]] = deque()
    over = False
    try:
        for lot in lots:
            waiting.append(pool.submit(work, lot))
            if len(waiting) > _AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        over = True
    except BrokenProcessPool as error:
        over = True  # the pool ends the others itself
        raise killed from error
    finally:
        if over:
            pool.shutdown(wait=True)
        else:
            end_at_once(pool, before)


def end_at_once(pool: ProcessPoolExecutor, before: Collection[BaseProcess]) -> None:
    """Ends a pool's processes; `before` are the children that were there before it and stay.

    A process that ends while it sends a result leaves half of one. The pool's own thread would wait for the other half
    for ever, and the program for that thread, because this process, too, holds the ends of the pipes that only the
    others use. So these are closed.
    """
    ends = [
        getattr(getattr(pool, queue, None), end, None)
        for queue, end in (("_result_queue", "_writer"), ("_call_queue", "_reader"))
    ]
    pool.shutdown(wait=False, cancel_futures=True)
    for process in multiprocessing.active_children():
        if process not in before:
            process.terminate()
    for end in ends:
        if end is not None:
            with suppress(OSError):
                end.close()


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin(begin: Callable[..., None] | None, given: tuple[object, ...]) -> None:
    """Prepares a process: an interrupt is its caller's to handle, and without the caller it ends."""
    if begin is not None:
        begin(*given)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # By this signal the caller ends it, also where the caller's own caller has both ignored.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
