"""What one push carries through its steps: where it sends, what it wants there, what it found, and its tally."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.labelstudio import wire
from workbench.labelstudio.client import LabelStudioClient
from workbench.labelstudio.tasks import Key, key_of
from workbench.store import Store, sync

T = TypeVar("T")


class Refused(Frozen):
    """An article that could not be pushed, and why."""

    article_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """An article version that is to have a task; `set_id` is the key of its suggestion, None where it goes without.

    `blind` ones go without although they could have one, so that what a person makes of them is nobody's correction.
    """

    article_id: str
    version: int
    set_id: str | None
    priority: float
    blind: bool = False

    @property
    def key(self) -> Key:
        return self.article_id, self.version


@dataclass(frozen=True, slots=True)
class Found:
    """A task on the server: the model versions of its predictions, and whether somebody has worked on it."""

    task_id: int
    versions: frozenset[str]
    worked_on: bool
    finished: bool


@dataclass
class Tally:
    """What happened so far."""

    pushed: int = 0
    blind: int = 0
    superseded: int = 0
    moved: int = 0
    adopted: int = 0
    gone: int = 0
    foreign: int = 0
    predictions_sent: int = 0
    predictions_adopted: int = 0
    predictions_retired: int = 0
    predictions_kept: int = 0
    predictions_waiting: int = 0
    duplicates_removed: int = 0
    verified: int = 0
    refused: list[Refused] = field(default_factory=list[Refused])
    duplicates: list[str] = field(default_factory=list[str])
    differences: list[str] = field(default_factory=list[str])


@dataclass
class Run:
    """One push.

    `patience` is how many seconds it waits for what the server may still be doing after a time-out. What was sent twice
    because it was done all the same is found among the `doubtful`, and one of two is taken away. `bare` tasks are there
    without the suggestion that was sent with them. Older suggestions stay for the time of `grace` beside newer ones.
    """

    store: Store
    client: LabelStudioClient
    scheme: LabelScheme
    project: sync.Project
    model_version: str | None
    progress: Progress
    patience: float = 20.0
    grace: timedelta = timedelta()
    sleep: Callable[[float], None] = time.sleep
    tally: Tally = field(default_factory=Tally)
    doubtful: set[Key] = field(default_factory=set[Key])
    doubtful_tasks: set[int] = field(default_factory=set[int])
    bare: list[tuple[Wanted, Found]] = field(default_factory=list[tuple[Wanted, Found]])


def sweep(
    client: LabelStudioClient, project_id: int, where: wire.Filters | None = None
) -> dict[Key | None, list[Found]]:
    """The tasks of a project by the article version that they are about, oldest first; under None all others."""
    found: dict[Key | None, list[Found]] = {}
    known: dict[str, frozenset[str]] = {}
    for state in client.task_states(project_id, where=where):
        joined = state["predictions_model_versions"]
        versions = known.setdefault(joined, frozenset(filter(None, joined.split(","))))
        worked_on = bool(state["annotations_ids"]) or state["draft_exists"]
        task = Found(state["id"], versions, worked_on, state["is_labeled"])
        found.setdefault(key_of(state["data"]), []).append(task)
    return found


def about(article_ids: Iterable[str]) -> wire.Filters:
    """The tasks of these articles."""
    return _in_list("filter:tasks:data.article_id", list(article_ids))


def with_ids(task_ids: Iterable[int]) -> wire.Filters:
    """The tasks with these ids."""
    return _in_list("filter:tasks:id", list(task_ids))


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


def shown_batches(progress: Progress, items: Sequence[T], size: int, what: str) -> Iterator[list[T]]:
    """The items in lists of `size`, with a bar that moves on when a list is done."""
    with_sizes = ((batch, len(batch)) for batch in batches(items, size))
    return shown(progress, with_sizes, len(items), what)


def shown(progress: Progress, steps: Iterable[tuple[T, int]], total: int, what: str) -> Iterator[T]:
    """The steps, with a bar of `total` that moves on by a step's size when the step is done."""
    if not total:
        return
    bar = progress.track(range(total), what, total)
    for step, size in steps:
        yield step
        for _ in range(size):
            next(bar, None)
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


def _in_list(name: str, value: list[str] | list[int]) -> wire.Filters:
    item: wire.Filter = {"filter": name, "operator": "in_list", "type": "List", "value": value}
    return {"conjunction": "and", "items": [item]}
