"""Deletes suggestions that nobody needs: older ones that nobody worked from, and what arrived twice."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from workbench.core.batches import batches, shown_batches
from workbench.errors import LabelStudioError
from workbench.labelstudio.api.client import NOT_FOUND
from workbench.labelstudio.project.tasks import Found, sweep, with_ids
from workbench.labelstudio.push.run import Run
from workbench.store import prediction_ledger, task_ledger

CHUNK = 200
AT_ONCE = 2000
"""How many predictions of a version are deleted by one request."""


def retire(run: Run, found: Iterable[Found]) -> None:
    """Deletes older predictions of tasks that nobody has worked on and that have shown the current one for long enough.

    Label Studio refuses the work of a person whose page was opened with a prediction that is no longer there.

    Args:
        run: the push.
        found: the tasks as they were at its beginning; those that may be free are looked at again.
    """
    used = {task.task_id for task in found if task.worked_on}
    since = (datetime.now(UTC) - run.grace).isoformat()
    with run.store.transaction() as session:
        renewed = (
            prediction_ledger.sent_since(session, run.project.id, run.model_version or "", since)
            if run.grace
            else set[int]()
        )
        old = prediction_ledger.earlier_predictions(session, run.project.id, run.model_version or "")
        task_of = {row.id: row.task_id for row in task_ledger.tasks(session, run.project.id)} if old else {}
    unused = [prediction for prediction in old if task_of.get(prediction.task) not in used]
    due = [prediction for prediction in unused if prediction.task not in renewed]
    run.statistics.predictions_waiting += len(unused) - len(due)
    states = sweep(run.client, run.project.project_id) if due else {}
    tasks = {task.task_id: task for several in states.values() for task in several}
    free = [prediction for prediction in due if _is_free(run, tasks.get(task_of.get(prediction.task) or 0))]
    run.statistics.predictions_kept += len(old) - len(unused) + len(due) - len(free)
    left = free
    for version in sorted({prediction.model_version for prediction in free}):
        ours = [prediction for prediction in free if prediction.model_version == version]
        # The quick way takes all predictions of a version, and is safe only where all of them are free.
        if len(ours) <= AT_ONCE and run.client.model_versions(run.project.project_id).get(version) == len(ours):
            run.client.delete_model_version(run.project.project_id, version)
            _retired(run, ours)
            left = [prediction for prediction in left if prediction.model_version != version]
    for chunk in shown_batches(run.progress, left, 20, "retiring old suggestions"):
        for prediction in chunk:
            _delete(run, prediction)
        _retired(run, chunk)


def remove_doubles(run: Run, task_ids: Sequence[int]) -> None:
    """Deletes all but the first of the predictions of one model version that a task has: two of a set were sent."""
    for chunk in batches(task_ids, CHUNK):
        for task in run.client.tasks(run.project.project_id, where=with_ids(chunk), everything=True, page_size=CHUNK):
            first: dict[str | None, int] = {}
            for prediction in sorted(task.get("predictions", []), key=lambda p: p["id"]):
                if prediction["model_version"] == run.model_version and prediction["model_version"] in first:
                    run.client.delete_prediction(prediction["id"])
                    run.statistics.duplicates_removed += 1
                first.setdefault(prediction["model_version"], prediction["id"])


def _is_free(run: Run, task: Found | None) -> bool:
    return task is not None and not task.worked_on and run.model_version in task.versions


def _delete(run: Run, prediction: prediction_ledger.Prediction) -> None:
    if prediction.prediction_id is None:
        return
    try:
        run.client.delete_prediction(prediction.prediction_id)
    except LabelStudioError as error:
        if error.facts.get("status") != NOT_FOUND:
            raise


def _retired(run: Run, predictions: Sequence[prediction_ledger.Prediction]) -> None:
    with run.store.transaction() as session:
        prediction_ledger.settle_predictions(session, [one.id for one in predictions], state="retired")
    run.statistics.predictions_retired += len(predictions)
