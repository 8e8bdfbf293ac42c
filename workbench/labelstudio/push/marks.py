"""Marks on tasks that are there: which text is out of date, what comes first, what there is to decide."""

from collections.abc import Collection, Mapping

from workbench.core.article import ArticleKey
from workbench.core.batches import shown_batches
from workbench.errors import LabelStudioError
from workbench.labelstudio.api.client import NOT_FOUND
from workbench.labelstudio.conversion.task import key_of
from workbench.labelstudio.project import task_notes
from workbench.labelstudio.project.tasks import Found, mark, with_ids
from workbench.labelstudio.push.run import Run, Wanted
from workbench.store import task_ledger

CHUNK = 20
SUPERSEDED = "The text of this article was corrected: please annotate its newer task, and leave this one."


def supersede(run: Run) -> None:
    """Marks the tasks of older versions of articles whose newer version has its task; they and their work stay."""
    with run.store.transaction() as session:
        older = task_ledger.supersede(session, run.project.id)
    for row in run.progress.track(older, "marking older versions") if older else ():
        if row.task_id is not None:
            mark(run.client, run.client.task(row.task_id), note=SUPERSEDED, priority=task_ledger.LOWEST)
        with run.store.transaction() as session:
            task_ledger.settle_task(session, row.id, state="superseded", note=SUPERSEDED, priority=task_ledger.LOWEST)
        run.statistics.superseded += 1


def write_notes(run: Run, wanted: list[tuple[Wanted, Found]]) -> None:
    """Gives tasks that are there the note that is wanted now, a request for each that changes."""
    with_note = {one.key: (one, task) for one, task in wanted if one.note is not None}
    with run.store.transaction() as session:
        rows = task_ledger.tasks_of(session, run.project.id, list(with_note))
    changed = [row for key, row in rows.items() if task_notes.own(row.note) != with_note[key][0].note]
    for row in run.progress.track(changed, "changing notes") if changed else ():
        one, task = with_note[row.article_id, row.article_version]
        text = task_notes.with_own(row.note, one.note or "")
        mark(run.client, run.client.task(task.task_id), note=text)
        with run.store.transaction() as session:
            task_ledger.settle_task(session, row.id, state=row.state, note=text)


def withdraw(run: Run, tasks: Mapping[ArticleKey, Found], wanted: Collection[ArticleKey]) -> None:
    """Takes away the tasks that are not wanted any more and that nobody has worked on; work on others is kept.

    Whether somebody has begun is asked again right before each goes.
    """
    free = [key for key, task in tasks.items() if key not in wanted and not task.worked_on]
    with run.store.reading() as session:
        rows = task_ledger.tasks_of(session, run.project.id, free)
    for key in run.progress.track(free, "taking away tasks") if free else ():
        if not _delete_if_free(run, tasks[key].task_id):
            continue
        run.statistics.withdrawn += 1
        if key in rows:
            with run.store.transaction() as session:
                task_ledger.settle_task(session, rows[key].id, state="gone")


def _delete_if_free(run: Run, task_id: int) -> bool:
    """Whether the task is gone now: nobody has begun with it."""
    try:
        there = run.client.task(task_id)
        if there.get("annotations") or there.get("drafts"):
            return False
        run.client.delete_task(task_id)
    except LabelStudioError as error:
        if error.facts.get("status") != NOT_FOUND:
            raise
    return True


def reorder(run: Run, wanted: list[tuple[Wanted, Found]]) -> None:
    """Gives open tasks that are there the priority that is wanted now, a request for each that changes.

    It is what tabs of the project's list are ordered by. Whoever labels all tasks goes through them by their ids, which
    nobody can change.
    """
    open_ones: dict[ArticleKey, tuple[Wanted, Found]] = {
        one.key: (one, task) for one, task in wanted if not task.finished
    }
    with run.store.transaction() as session:
        rows = task_ledger.tasks_of(session, run.project.id, list(open_ones))
    changed = [row for key, row in rows.items() if row.priority != open_ones[key][0].priority]
    for chunk in shown_batches(run.progress, changed, CHUNK, "changing priorities"):
        where = with_ids(open_ones[row.article_id, row.article_version][1].task_id for row in chunk)
        there = {key_of(task["data"]): task for task in run.client.tasks(run.project.project_id, where=where)}
        for row in chunk:
            key = row.article_id, row.article_version
            if key not in there:  # deleted a moment ago
                continue
            mark(run.client, there[key], priority=open_ones[key][0].priority)
            with run.store.transaction() as session:
                task_ledger.settle_task(session, row.id, state=row.state, priority=open_ones[key][0].priority)
            run.statistics.moved += 1
