"""Sends what does not fit back to its annotator: the task's note says why, until it is settled."""

from workbench.core.ports import Progress
from workbench.errors import LabelStudioError
from workbench.labelstudio.api.client import NOT_FOUND
from workbench.labelstudio.project import task_notes
from workbench.labelstudio.project.tasks import mark
from workbench.labelstudio.pull.intake import Intake
from workbench.store import problems, task_ledger


def send_back(intake: Intake, progress: Progress) -> int:
    """How many tasks were given a note about their open problems; those that have it already are not counted."""
    reasons: dict[int, list[str]] = {}
    with intake.store.transaction() as session:
        for problem in problems.unsettled(session, intake.project.id):
            if problem.task_id is not None:
                reasons.setdefault(problem.task_id, []).append(problem.message)
        rows = task_ledger.tasks_called(session, intake.project.id, list(reasons))
    wanted = {
        task_id: task_notes.of_problems(reasons[task_id], task_notes.own(row.note)) for task_id, row in rows.items()
    }
    untold = [row for task_id, row in rows.items() if row.state == "present" and row.note != wanted[task_id]]
    for row in progress.track(untold, "sending back") if untold else ():
        _write(intake, row, wanted[row.task_id or 0])
    return len(untold)


def clear(intake: Intake) -> int:
    """How many tasks lost their note, because nothing is open about them any more."""
    with intake.store.transaction() as session:
        noted = [
            row for row in task_ledger.noted_tasks(session, intake.project.id) if task_notes.tells_of_problems(row.note)
        ]
        still = {problem.task_id for problem in problems.unsettled(session, intake.project.id)} if noted else set[int]()
    settled = [row for row in noted if row.task_id not in still]
    for row in settled:
        _write(intake, row, task_notes.own(row.note))
    return len(settled)


def _write(intake: Intake, row: task_ledger.Task, text: str) -> None:
    if row.task_id is None:
        return
    try:
        mark(intake.client, intake.client.task(row.task_id), note=text)
    except LabelStudioError as error:
        if error.facts.get("status") != NOT_FOUND:
            raise
    with intake.store.transaction() as session:
        task_ledger.settle_task(session, row.id, state=row.state, note=text)
