"""Takes withdrawn articles out of Label Studio: tasks of erased ones are deleted, the others say so and come last.

What is to be done stands in the store before anything is asked of the server, so that a run that died, or a server that
was away, leaves it to the next. A task is found by the article that it is about: the server reuses the ids of deleted ones.
"""

from collections.abc import Collection, Iterable, Sequence

from workbench.core.batches import batches
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.errors import LabelStudioError
from workbench.labelstudio.api.client import NOT_FOUND, LabelStudioClient
from workbench.labelstudio.project.tasks import about, mark, sweep
from workbench.store import Store, Transaction, projects, task_ledger, withdrawals

CHUNK = 200
WITHDRAWN = "This article was withdrawn: please leave this task."


class TakenOut(Frozen):
    """How many tasks were deleted, were marked as withdrawn, and are open again."""

    deleted: int = 0
    marked: int = 0
    reopened: int = 0


class Due(Frozen):
    """What is left to do in a project: tasks of erased articles, tasks to mark, and tasks whose mark is out of date."""

    project: projects.Project
    erased: tuple[task_ledger.Task, ...]
    unmarked: tuple[task_ledger.Task, ...]
    marked: tuple[task_ledger.Task, ...]

    def __len__(self) -> int:
        return len(self.erased) + len(self.unmarked) + len(self.marked)


def due(session: Transaction) -> list[Due]:
    """What is left to do in each project in which there is anything."""
    found: list[Due] = []
    withdrawn = withdrawals.current(session)
    for project in projects.every(session):
        rows = task_ledger.tasks_about(session, project.id, withdrawn)
        kept = [row for row in rows if not withdrawn[row.article_id].erased]
        noted = [row for row in task_ledger.noted_tasks(session, project.id) if row.note == WITHDRAWN]
        one = Due(
            project=project,
            erased=tuple(row for row in rows if withdrawn[row.article_id].erased and row.state != "gone"),
            unmarked=tuple(row for row in kept if row.state == "present" and row.task_id is not None),
            marked=tuple(row for row in noted if row.article_id not in withdrawn),
        )
        if len(one):
            found.append(one)
    return found


def take_out(store: Store, client: LabelStudioClient, progress: Progress) -> TakenOut:
    """What was done in all projects on this server. Nobody else may push meanwhile.

    Raises:
        LabelStudioError: the server refuses.
        LabelStudioUnavailable: no answer; what was done is kept, and the next run goes on from there.
    """
    with store.reading() as session:
        left = [one for one in due(session) if one.project.server == client.server]
    deleted = marked = reopened = 0
    for one in left:
        for chunk in batches(one.erased, CHUNK):
            deleted += _delete_about(client, one.project, {row.article_id for row in chunk})
            with store.transaction() as session:
                task_ledger.settle_gone(session, [row.id for row in chunk])
        for row in progress.track(one.unmarked, "marking withdrawn articles") if one.unmarked else ():
            _mark(client, row, note=WITHDRAWN, priority=task_ledger.LOWEST)
            with store.transaction() as session:
                # The row keeps its priority, for the day that the article comes back.
                task_ledger.settle_task(session, row.id, state="superseded", note=WITHDRAWN)
            marked += 1
        for row in progress.track(one.marked, "opening tasks again") if one.marked else ():
            _mark(client, row, note="", priority=row.priority)
            with store.transaction() as session:
                task_ledger.settle_task(session, row.id, state="present", note="")
            reopened += 1
    return TakenOut(deleted=deleted, marked=marked, reopened=reopened)


def delete(client: LabelStudioClient, task_ids: Iterable[int]) -> int:
    """How many of these tasks were deleted; those that are gone already are not counted."""
    deleted = 0
    for task_id in task_ids:
        try:
            client.delete_task(task_id)
        except LabelStudioError as error:
            if error.facts.get("status") != NOT_FOUND:
                raise
        else:
            deleted += 1
    return deleted


def _delete_about(client: LabelStudioClient, project: projects.Project, article_ids: Collection[str]) -> int:
    try:
        found = sweep(client, project.project_id, about(sorted(article_ids)))
    except LabelStudioError as error:
        if error.facts.get("status") != NOT_FOUND:
            raise
        return 0  # with the whole project
    theirs: Sequence[int] = [
        task.task_id for key, tasks in found.items() if key is not None and key[0] in article_ids for task in tasks
    ]
    return delete(client, theirs)


def _mark(client: LabelStudioClient, row: task_ledger.Task, *, note: str, priority: float) -> None:
    if row.task_id is None:
        return
    try:
        mark(client, client.task(row.task_id), note=note, priority=priority)
    except LabelStudioError as error:
        if error.facts.get("status") != NOT_FOUND:
            raise
