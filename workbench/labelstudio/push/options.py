"""What a push is asked for: of which project, which articles, and how it goes about them."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from workbench.core.annotations import Producer
from workbench.core.frozen import Frozen
from workbench.core.options import Options

OPEN_PAGE = timedelta(hours=12)
"""How long a page may be open with a suggestion that was renewed; a push after that deletes the older one."""


class PushOptions(Options):
    """How a push goes about it.

    Attributes:
        without_suggestions: push articles that have no current suggestion, too.
        limit: the number of new tasks at the most.
        overlap: how many people annotate each article; None leaves it as the project has it.
        renew_all: send newer suggestions to finished tasks, too; the ones that people worked from stay beside them.
        verify: read everything back, not only samples.
        new_project: make a new project where the remembered one is gone.
        patience: seconds to wait, after a time-out, for what the server may still be doing.
        grace: how long an older suggestion stays beside a newer one; whoever has opened it can submit the work so long.
    """

    without_suggestions: bool = False
    limit: int | None = Field(default=None, ge=1)
    overlap: int | None = Field(default=None, ge=1)
    renew_all: bool = False
    verify: bool = False
    new_project: bool = False
    patience: float = Field(default=20.0, ge=0)
    grace: timedelta = Field(default=OPEN_PAGE, ge=timedelta(0))


class Queue(Frozen):
    """Which articles are to have a task, in which order, and with whose suggestions.

    Attributes:
        producers: whose suggestions may be shown; the first that has any is the current one.
        article_ids: the articles; None for all.
        priorities: by article id; 0 where one is absent.
        reorder: give tasks that are there these priorities, too; their place in the queue stays as it is.
        blind: the articles that go without a suggestion, now and later, even where there is one.
        notes: what tasks tell whoever opens them, by article id; None leaves notes as they are.
        withdraw: take away tasks of other articles, where nobody has begun with them.
    """

    producers: tuple[Producer, ...]
    article_ids: frozenset[str] | None = None
    priorities: Mapping[str, float] = Field(default_factory=dict[str, float])
    reorder: bool = False
    blind: frozenset[str] = frozenset()
    notes: Mapping[str, str] | None = None
    withdraw: bool = False
