"""The tasks that are sent to Label Studio.

Intent is written before a request, the outcome after it, so that a run that died can be finished by the next.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from sqlalchemy import bindparam
from sqlmodel import col, func, insert, select, tuple_, update

from workbench.core.article import ArticleKey
from workbench.core.batches import batches
from workbench.core.frozen import Frozen
from workbench.store.database import Transaction, now
from workbench.store.ledger_rows import BATCH, settle, settle_one
from workbench.store.tables import LsPredictionRow, LsTaskRow

LOWEST = -1e9
"""The priority of tasks that nobody needs to do any more."""
TaskState = Literal["intended", "present", "gone", "superseded"]


class Task(Frozen):
    """The one task of an article version in a project; `task_id` is the server's, None until it is known."""

    id: int
    project: int
    article_id: str
    article_version: int
    task_id: int | None
    state: TaskState
    blind: bool
    priority: float
    note: str


class TaskIntent(Frozen):
    """A task that is about to be sent. `blind` ones go without suggestions, and stay so."""

    article_id: str
    article_version: int
    priority: float = 0.0
    blind: bool = False
    note: str = ""

    @property
    def key(self) -> ArticleKey:
        """The article version that the task is about."""
        return self.article_id, self.article_version


def intend_tasks(
    session: Transaction, project: int, intents: Sequence[TaskIntent], *, renew: bool = False
) -> dict[ArticleKey, Task]:
    """The tasks of article versions, written down before they are sent; those that are there are left as they are.

    With `renew`, priority, blindness and note are written anew for those that are not on the server.
    """
    found = tasks_of(session, project, [intent.key for intent in intents])
    stamp = now()
    new = [intent for intent in intents if intent.key not in found]
    if new:
        rows = [{**i.model_dump(), "project": project, "state": "intended", "intended": stamp} for i in new]
        session.connection().execute(insert(LsTaskRow), rows)
    again = [
        {"row": row.id, "priority": intent.priority, "blind": intent.blind, "note": intent.note}
        for intent in intents
        if renew
        and (row := found.get(intent.key))
        and row.state in ("intended", "gone")
        and (row.priority, row.blind, row.note) != (intent.priority, intent.blind, intent.note)
    ]
    if again:
        session.connection().execute(_UPDATE_TASKS, again)
        session.expire_all()
    return tasks_of(session, project, [intent.key for intent in intents]) if new or again else found


def intend_task(
    session: Transaction,
    project: int,
    article_id: str,
    article_version: int,
    *,
    priority: float = 0.0,
    blind: bool = False,
) -> Task:
    """The task of an article version, written down before it is sent; one that is there is left as it is."""
    intent = TaskIntent(article_id=article_id, article_version=article_version, priority=priority, blind=blind)
    return intend_tasks(session, project, [intent])[intent.key]


def settle_tasks(session: Transaction, task_ids: Mapping[int, int]) -> None:
    """Writes down that these tasks (`Task.id`) are present on the server, and under which ids."""
    settle(session, LsTaskRow, list(task_ids), state="present", ids=task_ids)


def settle_task(
    session: Transaction,
    task: int,
    *,
    state: TaskState,
    task_id: int | None = None,
    note: str | None = None,
    priority: float | None = None,
) -> None:
    """Writes down what became of a task.

    Raises:
        StoreError: there is none.
    """
    settle_one(session, LsTaskRow, task, state=state, task_id=task_id, note=note, priority=priority)


def tasks_of(session: Transaction, project: int, keys: Collection[ArticleKey]) -> dict[ArticleKey, Task]:
    """The tasks of these article versions, of those that have one."""
    found: dict[ArticleKey, Task] = {}
    ordered = list(keys)
    for start in range(0, len(ordered), BATCH):
        which = tuple_(col(LsTaskRow.article_id), col(LsTaskRow.article_version)).in_(ordered[start : start + BATCH])
        for row in session.exec(select(LsTaskRow).where(LsTaskRow.project == project, which)):
            found[row.article_id, row.article_version] = _task(row)
    return found


def tasks_called(session: Transaction, project: int, task_ids: Collection[int]) -> dict[int, Task]:
    """The tasks with these ids of the server, by them."""
    found: dict[int, Task] = {}
    ordered = list(task_ids)
    for start in range(0, len(ordered), BATCH):
        which = col(LsTaskRow.task_id).in_(ordered[start : start + BATCH])
        for row in session.exec(select(LsTaskRow).where(LsTaskRow.project == project, which)):
            if row.task_id is not None:
                found[row.task_id] = _task(row)
    return found


def tasks_about(session: Transaction, project: int, article_ids: Iterable[str]) -> list[Task]:
    """The tasks of these articles, of all their versions."""
    found: list[Task] = []
    for some in batches(article_ids, BATCH):
        query = select(LsTaskRow).where(LsTaskRow.project == project, col(LsTaskRow.article_id).in_(some))
        found += [_task(row) for row in session.exec(query.order_by(col(LsTaskRow.id)))]
    return found


def settle_gone(session: Transaction, tasks: Sequence[int]) -> None:
    """Writes down that these tasks (`Task.id`) are not on the server any more, nor their predictions."""
    settle(session, LsTaskRow, tasks, state="gone", ids={})
    for some in batches(tasks, BATCH):
        which = col(LsPredictionRow.task).in_(some)
        session.connection().execute(update(LsPredictionRow).where(which).values(state="retired", confirmed=now()))
    session.expire_all()


def blind_tasks(session: Transaction, project: int) -> set[ArticleKey]:
    """The article versions whose tasks go without suggestions."""
    query = select(LsTaskRow.article_id, LsTaskRow.article_version).where(LsTaskRow.project == project)
    return {(article_id, version) for article_id, version in session.exec(query.where(col(LsTaskRow.blind)))}


def noted_tasks(session: Transaction, project: int) -> list[Task]:
    """The tasks that have a note."""
    query = select(LsTaskRow).where(LsTaskRow.project == project, LsTaskRow.note != "").order_by(col(LsTaskRow.id))
    return [_task(row) for row in session.exec(query)]


def supersede(session: Transaction, project: int) -> list[Task]:
    """The tasks whose article has a present task in a newer version, and that do not say so on the server yet."""
    newest = (
        select(LsTaskRow.article_id, func.max(LsTaskRow.article_version).label("version"))
        .where(LsTaskRow.project == project, LsTaskRow.state == "present")
        .group_by(LsTaskRow.article_id)
        .having(func.max(LsTaskRow.article_version) > 1)
        .subquery()
    )
    query = (
        select(LsTaskRow)
        .join(newest, col(LsTaskRow.article_id) == newest.c.article_id)
        .where(LsTaskRow.project == project, col(LsTaskRow.article_version) < newest.c.version)
        .where(col(LsTaskRow.state).in_(("present", "superseded")))
    )
    older = session.exec(query).all()
    for row in older:
        row.state = "superseded"
        session.add(row)
    session.flush()
    return [_task(row) for row in older if row.priority > LOWEST]


def tasks(session: Transaction, project: int, *, state: TaskState | None = None) -> Iterator[Task]:
    """The tasks of a project, in the order in which they were intended."""
    query = select(LsTaskRow).where(LsTaskRow.project == project).order_by(col(LsTaskRow.id))
    if state is not None:
        query = query.where(LsTaskRow.state == state)
    for row in session.exec(query):
        yield _task(row)


def counts(session: Transaction, project: int) -> dict[str, int]:
    """How many tasks are in each state."""
    query = select(LsTaskRow.state, func.count()).where(LsTaskRow.project == project).group_by(LsTaskRow.state)
    return dict(session.exec(query).all())


_UPDATE_TASKS = update(LsTaskRow).where(col(LsTaskRow.id) == bindparam("row"))


def _task(row: LsTaskRow) -> Task:
    return Task.model_validate(row.model_dump(exclude={"intended", "confirmed"}))
