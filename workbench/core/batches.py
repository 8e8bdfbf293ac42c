"""Long work in batches: a bar that moves on with them, and the next one made while one is used."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from workbench.core.ports import Progress

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`; the last may be shorter."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def weighed_batches(items: Iterable[T], size: int, weight: Callable[[T], float], most: float) -> Iterator[list[T]]:
    """The items in lists of `size` at the most, that together weigh `most` at the most; a heavier one is alone."""
    batch: list[T] = []
    load = 0.0
    for item in items:
        own = weight(item)
        if batch and (len(batch) == size or load + own > most):
            yield batch
            batch, load = [], 0.0
        batch.append(item)
        load += own
    if batch:
        yield batch


def shown_batches(progress: Progress, items: Sequence[T], size: int, what: str) -> Iterator[list[T]]:
    """The items in lists of `size`, with a bar that moves on when a list is done."""
    with_sizes = ((batch, len(batch)) for batch in batches(items, size))
    return shown(progress, with_sizes, len(items), what)


def shown(progress: Progress, steps: Iterable[tuple[T, int]], total: int, what: str) -> Iterator[T]:
    """The steps, with a bar of `total` that moves on by a step's size when the step is done."""
    if not total:
        return
    bar = progress.track(range(total), what, total)
    next(bar)  # shows it: it moves on when the next one is asked for
    for step, size in steps:
        yield step
        for _ in range(size):
            next(bar, None)


def ahead(items: Iterator[T]) -> Generator[T]:
    """The same items; while one is used, the next is made in a thread, and no more than that one.

    Close it (`contextlib.closing`) where it may be left before its end.
    """
    with ThreadPoolExecutor(max_workers=1) as maker:
        coming = maker.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = maker.submit(next, items, None)
            yield item
