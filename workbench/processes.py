"""Lots worked on by several processes, which end with their caller: on an interrupt, an error, or when it is killed.

`ProcessPoolExecutor` cannot be ended in the midst of a result: its own thread waits for the other half, and closes the
same pipes as whoever wants to end that (Python 3.11). So the caller itself reads and writes here, without any thread.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import chain, islice
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from pickle import PicklingError
from queue import SimpleQueue
from typing import Any, NoReturn, TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")

AT_MOST = 4
"""How many processes are started unasked: each has its own memory."""
_AHEAD = 2
"""How many lots each process has at once, so that none of them idles."""


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
        work: a function at the top of a module, whose arguments and results can travel between processes. What it
            raises is raised here, with its traceback as a note.
        processes: how many.
        killed: is raised where one of the processes was killed.
        begin: is called once in each process before it works, with what is `given`.
        given: travels with the process, where processes are forked: it need not be fit for anything else.
    """
    workers: list[_Worker] = []
    try:
        for _ in range(processes):
            workers.append(_Worker(work, begin, given))
        yield from _results(lots, workers)
    except _Gone as gone:
        raise killed from gone
    finally:
        for worker in workers:
            worker.end()


class _Gone(Exception):
    """A process that was asked for something is no more."""


class _Worker:
    """A process, and this side of the pipe to it.

    Whoever writes to the other side is never kept waiting for long: the process reads what it is sent while it works,
    and sends what it made while it works on.
    """

    def __init__(
        self, work: Callable[[Any], object], begin: Callable[..., None] | None, given: tuple[object, ...]
    ) -> None:
        context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)
        self.pipe, theirs = context.Pipe()
        self.lots = 0
        """How many it has."""
        self._process = context.Process(target=_serve, args=(theirs, self.pipe, work, begin, given), daemon=True)
        self._process.start()
        theirs.close()  # from now on the process alone holds that end, so that it is noticed here when it ends

    def send(self, number: int, lot: object) -> None:
        """Gives it one more lot.

        Raises:
            _Gone: it has ended.
        """
        try:
            self.pipe.send((number, lot))
        except ConnectionError as error:
            raise _Gone from error
        self.lots += 1

    def receive(self) -> tuple[int, object]:
        """The number of a lot, and what was made of it.

        Raises:
            _Gone: it has ended.
            Exception: what the work raised.
        """
        try:
            number, made, error = self.pipe.recv()
        except (EOFError, OSError) as gone:
            raise _Gone from gone
        if error is not None:
            raise error
        self.lots -= 1
        return number, made

    def end(self) -> None:
        """Ends it, whatever it does; it keeps nothing that could be lost."""
        self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()


def _results(lots: Iterable[Any], workers: Sequence[_Worker]) -> Generator[Any, None, None]:
    source = enumerate(lots)
    by_pipe = {worker.pipe: worker for worker in workers}
    made: dict[int, object] = {}
    taken = given = 0
    while True:
        for number, lot in islice(source, _AHEAD * len(workers) - (taken - given)):
            min(workers, key=lambda worker: worker.lots).send(number, lot)
            taken = number + 1
        if taken == given:
            return
        while given not in made:
            for pipe in wait([worker.pipe for worker in workers if worker.lots]):
                number, result = by_pipe[cast("Connection[Any, Any]", pipe)].receive()
                made[number] = result
        yield made.pop(given)
        given += 1


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _serve(
    pipe: "Connection[Any, Any]",
    callers: "Connection[Any, Any]",
    work: Callable[[Any], object],
    begin: Callable[..., None] | None,
    given: tuple[object, ...],
) -> NoReturn:
    """Works on one lot after the other until the caller ends it, or is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the caller's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    callers.close()  # held here, too, it would never tell that the caller is gone
    lots: SimpleQueue[tuple[int, Any]] = SimpleQueue()
    results: SimpleQueue[memoryview] = SimpleQueue()
    threading.Thread(target=_forward, args=(pipe.recv, lots.put), daemon=True).start()
    threading.Thread(target=_forward, args=(results.get, pipe.send_bytes), daemon=True).start()
    if begin is not None:
        begin(*given)
    while True:
        number, lot = lots.get()
        try:
            packed = ForkingPickler.dumps((number, work(lot), None))
        except Exception as error:  # noqa: BLE001 -- whatever the work raises, the caller raises
            packed = _failure(number, error)
        results.put(packed)


def _forward(take: Callable[[], Any], give: Callable[[Any], None]) -> NoReturn:
    """Hands on what comes until the pipe breaks: then the caller is gone, and so is this process."""
    try:
        while True:
            give(take())
    finally:
        os._exit(1)


def _failure(number: int, error: Exception) -> memoryview:
    """What the work raised, as it travels; one that cannot is told in words."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        return ForkingPickler.dumps((number, None, error))
    except (PicklingError, TypeError, AttributeError):
        return ForkingPickler.dumps((number, None, RuntimeError("\n".join([repr(error), *error.__notes__]))))
