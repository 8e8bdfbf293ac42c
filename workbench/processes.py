"""Ends a pool of processes at once, whatever they are at."""

import multiprocessing
from collections.abc import Collection
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing.process import BaseProcess


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
