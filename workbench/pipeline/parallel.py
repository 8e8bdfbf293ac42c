"""Parses texts in several processes, and ends with them: on an interrupt, an error, or when the caller is killed.

`Language.pipe(n_process=…)` does not: interrupted, it waits for processes that wait for it (spaCy 3.8).
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing.connection import wait
from typing import Any, TypeVar

from spacy.language import Language
from spacy.tokens import Doc

from workbench.errors import ModelError
from workbench.pipeline.pieces import Piece, lots, pieces
from workbench.processes import end_at_once

T = TypeVar("T")
AHEAD = 2
"""How many lots wait for each process, so that none of them idles."""
MANY = 4
"""How many lots are enough for several processes: to start them costs a second or two."""
AT_MOST = 4
"""How many processes are started unasked: each has a pipeline in memory."""

_job: tuple[Language, Callable[[Doc], Any]] | None = None


def parsed(
    nlp: Language,
    texts: Iterable[str],
    make: Callable[[Doc], T],
    *,
    join: Callable[[Sequence[T]], T] | None = None,
    batch: int = 32,
    processes: int = 1,
) -> Generator[T, None, None]:
    """What `make` makes of the parse of each text, in their order.

    With more than one process, `make` runs in them, and what it makes travels back: plain data, no Doc. `processes` 0
    means one for each core, where there is enough text for that to be faster.

    Args:
        nlp: parses.
        texts: are taken as they are needed.
        make: turns a parse into what is wanted of it.
        join: makes one of what `make` made of the pieces of a text. With it, a text that is too long to be parsed at
            once is parsed in pieces; without it, every text is parsed whole.
        batch: how many texts are parsed in one go, at the most.
        processes: how many parse.

    Raises:
        ModelError: a process that parses was killed.
    """
    last: deque[bool] = deque()
    found = pieces(texts) if join is not None else (Piece(text, last=True) for text in texts)

    def waiting() -> Iterator[list[str]]:
        for lot in lots(found, batch):
            last.extend(piece.last for piece in lot)
            yield [piece.text for piece in lot]

    parts: list[T] = []
    for made in _made(nlp, waiting(), make, processes):
        parts.append(made)
        if last.popleft():
            yield parts[0] if join is None or len(parts) == 1 else join(parts)
            parts = []


def _made(
    nlp: Language, source: Iterator[list[str]], make: Callable[[Doc], T], processes: int
) -> Generator[T, None, None]:
    """What `make` makes of each text of each lot, in their order."""
    if processes == 0:
        some = list(islice(source, MANY))
        source = chain(some, source)
        processes = min(_cores(), AT_MOST) if len(some) == MANY else 1
    if processes == 1:
        for lot in source:
            for doc in nlp.pipe(lot, batch_size=len(lot)):
                yield make(doc)
        return
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else None)
    pool = ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(nlp, make))
    waiting: deque[Future[list[T]]] = deque()
    others = set(multiprocessing.active_children())
    finished = False
    try:
        for lot in source:
            waiting.append(pool.submit(_work, lot))
            if len(waiting) > AHEAD * processes:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
        finished = True
    except BrokenProcessPool as error:
        raise ModelError(
            "a process that parses was killed",
            hint="it probably ran out of memory: --processes 1 needs the least",
        ) from error
    finally:
        if finished:
            pool.shutdown(wait=False, cancel_futures=True)
        else:
            end_at_once(pool, others)


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin(nlp: Language, make: Callable[[Doc], Any]) -> None:
    """Prepares a process: an interrupt is its caller's to handle, and without the caller it ends."""
    global _job
    _job = (nlp, make)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # By this signal the caller ends it, also where the caller's own caller has both ignored.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _work(texts: list[str]) -> list[Any]:
    assert _job is not None
    nlp, make = _job
    return [make(doc) for doc in nlp.pipe(texts, batch_size=len(texts))]
