"""Brings the store's ledger in step with what is on the server: one task an article, and whose each prediction is."""

from collections.abc import Mapping, Sequence

from workbench.core.article import ArticleKey
from workbench.core.batches import batches
from workbench.labelstudio.api import wire
from workbench.labelstudio.conversion import region_ids
from workbench.labelstudio.conversion.reading import region_ids as ids_in
from workbench.labelstudio.project.tasks import Found, with_ids
from workbench.labelstudio.push.run import Run
from workbench.store import Transaction, annotations, articles, prediction_ledger, task_ledger

CHUNK = 200


def one_each(run: Run, found: Mapping[ArticleKey | None, list[Found]]) -> dict[ArticleKey, Found]:
    """The one task of each article of the store.

    Of two of an article, the one that nobody has worked on is deleted, or the one without the current suggestion; where
    somebody has worked on both, they are reported. Tasks that are about no article of the store are counted and left
    alone.
    """
    with run.store.transaction() as session:
        newest = articles.newest_versions(session)
    kept: dict[ArticleKey, Found] = {}
    for key, tasks in found.items():
        if key is None or key[1] > newest.get(key[0], 0):
            run.statistics.foreign += len(tasks)
            continue
        kept[key] = max(tasks, key=lambda task: (task.worked_on, run.model_version in task.versions, -task.task_id))
        for task in tasks:
            if task is kept[key]:
                continue
            if task.worked_on:
                message = f"{key[0]} has tasks {kept[key].task_id} and {task.task_id}, and both were worked on"
                run.statistics.duplicates.append(message)
            else:
                run.client.delete_task(task.task_id)
                run.statistics.duplicates_removed += 1
    return kept


def settle_tasks(run: Run, tasks: Mapping[ArticleKey, Found]) -> list[int]:
    """The tasks that the store knew under another id or not at all, after its ledger was brought in step with the server."""
    changed: list[int] = []
    with run.store.transaction() as session:
        unknown = dict(tasks)
        for row in list(task_ledger.tasks(session, run.project.id)):
            there = unknown.pop((row.article_id, row.article_version), None)
            if there and (row.state in ("intended", "gone") or row.task_id != there.task_id):
                state = "superseded" if row.state == "superseded" else "present"
                task_ledger.settle_task(session, row.id, state=state, task_id=there.task_id)
                changed.append(there.task_id)
                run.statistics.adopted += row.state == "intended"
            elif not there and row.state == "present":
                task_ledger.settle_task(session, row.id, state="gone")
                run.statistics.gone += 1
        intents = [task_ledger.TaskIntent(article_id=key[0], article_version=key[1]) for key in unknown]
        rows = task_ledger.intend_tasks(session, run.project.id, intents)
        task_ledger.settle_tasks(session, {rows[key].id: there.task_id for key, there in unknown.items()})
        changed += [there.task_id for there in unknown.values()]
        run.statistics.adopted += len(unknown)
    return changed


def forget_vanished(run: Run, tasks: Mapping[ArticleKey, Found]) -> None:
    """Writes down which predictions are not on the server: runs died after they had deleted them, or before they sent them.

    Those that were intended and are not wanted any more are forgotten: should one arrive after all, it is `unknown`.
    """
    with run.store.transaction() as session:
        rows = {row.id: (row.article_id, row.article_version) for row in task_ledger.tasks(session, run.project.id)}
        vanished: list[int] = []
        for prediction in prediction_ledger.predictions(session, run.project.id):
            task = tasks.get(rows[prediction.task])
            is_there = task is not None and prediction.model_version in task.versions
            was_deleted = prediction.state == "present" and task is not None
            not_wanted = prediction.model_version != run.model_version or (task is not None and task.finished)
            never_came = prediction.state == "intended" and not_wanted
            if not is_there and (was_deleted or never_came):
                vanished.append(prediction.id)
        prediction_ledger.settle_predictions(session, vanished, state="retired")


def unknown(run: Run, tasks: Mapping[ArticleKey, Found]) -> list[int]:
    """The tasks with predictions of ours that are not in the store as present, because a run died before it knew them."""
    with run.store.transaction() as session:
        rows = {row.id: (row.article_id, row.article_version) for row in task_ledger.tasks(session, run.project.id)}
        known: dict[ArticleKey, dict[str, bool]] = {}
        for prediction in prediction_ledger.predictions(session, run.project.id):
            versions = known.setdefault(rows[prediction.task], {})
            versions[prediction.model_version] = prediction.state == "present"
    found: list[int] = []
    for key, task in tasks.items():
        settled = {run.model_version: False, **known.get(key, {})}
        if any(settled.get(version) is False for version in task.versions):
            found.append(task.task_id)
    return found


def adopt(run: Run, task_ids: Sequence[int]) -> None:
    """Reads the predictions of these tasks and writes down which of our sets each is."""
    for chunk in batches(task_ids, CHUNK):
        where = with_ids(chunk)
        tasks = list(run.client.tasks(run.project.project_id, where=where, everything=True, page_size=CHUNK))
        with run.store.transaction() as session:
            rows = task_ledger.tasks_called(session, run.project.id, chunk)
            for task in tasks:
                row = rows.get(task["id"])
                if row is None:
                    continue
                there = {prediction["id"] for prediction in task.get("predictions", [])}
                for prediction in task.get("predictions", []):
                    set_id = _set_of(session, run, row, prediction)
                    if set_id is None:
                        continue
                    intended = prediction_ledger.intend_prediction(
                        session, row.id, set_id, prediction["model_version"] or ""
                    )
                    if intended.prediction_id not in there or intended.state != "present":
                        prediction_ledger.settle_prediction(
                            session, intended.id, state="present", prediction_id=prediction["id"]
                        )
                        run.statistics.predictions_adopted += 1


def _set_of(session: Transaction, run: Run, row: task_ledger.Task, prediction: wire.Prediction) -> str | None:
    """The key of the stored set that a prediction shows: its regions say so, or our intent where it has none."""
    keys = region_ids.keys(ids_in(prediction["result"]))
    if not keys:
        intended = prediction_ledger.predictions(session, run.project.id, task_ids=[row.id])
        return next((p.set_id for p in intended if p.model_version == prediction["model_version"]), None)
    for stored in annotations.suggestions(session, row.article_id, row.article_version, kinds=run.project.suggested_by):
        if region_ids.key_of(stored.id) == keys[0]:
            return stored.id
    return None
