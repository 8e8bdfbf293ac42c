"""Marks on tasks that are there: which text is out of date, and what comes first."""

from workbench.core.article import ArticleKey
from workbench.core.batches import shown_batches
from workbench.labelstudio.conversion.task import key_of
from workbench.labelstudio.project.tasks import Found, mark, with_ids
from workbench.labelstudio.push.run import Run, Wanted
from workbench.store import sync

CHUNK = 20
SUPERSEDED = "The text of this article was corrected: please annotate its newer task, and leave this one."


def supersede(run: Run) -> None:
    """Marks the tasks of older versions of articles whose newer version has its task; they and their work stay."""
    with run.store.transaction() as session:
        older = sync.supersede(session, run.project.id)
    for row in run.progress.track(older, "marking older versions") if older else ():
        if row.task_id is not None:
            mark(run.client, run.client.task(row.task_id), note=SUPERSEDED, priority=sync.LOWEST)
        with run.store.transaction() as session:
            sync.settle_task(session, row.id, state="superseded", note=SUPERSEDED, priority=sync.LOWEST)
        run.statistics.superseded += 1


def reorder(run: Run, wanted: list[tuple[Wanted, Found]]) -> None:
    """Gives open tasks that are there the priority that is wanted now, a request for each that changes.

    It is what tabs of the project's list are ordered by. Whoever labels all tasks goes through them by their ids, which
    nobody can change.
    """
    open_ones: dict[ArticleKey, tuple[Wanted, Found]] = {
        one.key: (one, task) for one, task in wanted if not task.finished
    }
    with run.store.transaction() as session:
        rows = sync.tasks_of(session, run.project.id, list(open_ones))
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
                sync.settle_task(session, row.id, state=row.state, priority=open_ones[key][0].priority)
            run.statistics.moved += 1
