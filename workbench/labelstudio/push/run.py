"""What one push carries through its steps: where it sends, what it wants there, what it found, and its statistics."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TypeVar

from workbench.core.article import ArticleKey
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioUnavailable
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.project.tasks import Found
from workbench.store import Store, projects

T = TypeVar("T")


class Refused(Frozen):
    """An article that could not be pushed, and why."""

    article_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """An article version that is to have a task; `set_id` is the key of its suggestion, None where it goes without.

    `blind` ones go without although they could have one, so that what a person makes of them is nobody's correction.
    `note` is what the task tells whoever opens it; None leaves it as it is.
    """

    article_id: str
    version: int
    set_id: str | None
    priority: float
    blind: bool = False
    note: str | None = None

    @property
    def key(self) -> ArticleKey:
        """The article version."""
        return self.article_id, self.version


@dataclass
class Statistics:
    """What happened so far."""

    pushed: int = 0
    blind: int = 0
    superseded: int = 0
    moved: int = 0
    renewed: int = 0
    withdrawn: int = 0
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
    slow_renewal: bool = False
    refused: list[Refused] = field(default_factory=list[Refused])
    duplicates: list[str] = field(default_factory=list[str])
    differences: list[str] = field(default_factory=list[str])


@dataclass
class Run:
    """One push.

    `shown` is the model version that the project shows. `patience` is how many seconds are waited for what the server may
    still be doing after a time-out. What was sent twice because it was done all the same is found among the `doubtful`,
    and one of two is taken away. `bare` tasks are there without their suggestion. Older suggestions stay for the time of
    `grace` beside newer ones.
    """

    store: Store
    client: LabelStudioClient
    scheme: LabelScheme
    project: projects.Project
    model_version: str | None
    progress: Progress
    shown: str | None = None
    patience: float = 20.0
    grace: timedelta = timedelta()
    sleep: Callable[[float], None] = time.sleep
    statistics: Statistics = field(default_factory=Statistics)
    doubtful: dict[ArticleKey, Wanted] = field(default_factory=dict[ArticleKey, Wanted])
    doubtful_tasks: set[int] = field(default_factory=set[int])
    bare: dict[ArticleKey, tuple[Wanted, Found]] = field(default_factory=dict[ArticleKey, "tuple[Wanted, Found]"])

    def until_arrived(self, error: LabelStudioUnavailable, look: Callable[[], Sequence[T]]) -> Sequence[T]:
        """What `look` finds on the server after a request that ended so, of which the server may still be at work."""
        # A status is an answer: the server is done. Without one it may commit later.
        waiting = 0.0 if error.facts.get("status") else self.patience
        pause = 0.25
        while not (found := look()) and waiting > 0:
            self.sleep(pause)
            waiting -= pause
            pause = min(2 * pause, 4.0)
        return found

    @cached_property
    def imports_quickly(self) -> bool:
        """Whether the server looks only at the tasks whose suggestions it gets, not at all of the project's."""
        return not self.client.imports_slowly(self.project.project_id)
