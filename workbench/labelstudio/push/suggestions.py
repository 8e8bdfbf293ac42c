"""The predictions of tasks that are there: their ids learnt, newer ones imported, old ones retired."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from workbench.core.batches import ahead, batches, shown, shown_batches
from workbench.errors import AnnotationError, LabelStudioError, LabelStudioUnavailable
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import NOT_FOUND
from workbench.labelstudio.conversion import region_ids
from workbench.labelstudio.conversion.convert import to_prediction
from workbench.labelstudio.conversion.reading import region_ids as ids_in
from workbench.labelstudio.conversion.task import Key
from workbench.labelstudio.project.projects import show_suggestions
from workbench.labelstudio.project.tasks import Found, sweep, with_ids
from workbench.labelstudio.push.readback import differences
from workbench.labelstudio.push.run import Refused, Run, Wanted
from workbench.store import Transaction, annotations, articles, sync

CHUNK = 200
RENEWAL_CHUNK = 500
"""How many newer predictions go at once: each chunk is read back at both ends, and the server works on so many at a time."""
SLOW_CHUNK = 1000
"""How many go at once to a server that looks at all tasks of the project after each import."""
MANY = 200
"""From so many on it takes a while, on a server that is slow, and is worth a word."""
ATTEMPTS = 3
BAD_REQUEST = (400, 413)


@dataclass(frozen=True)
class Suggestion:
    """A suggestion on its way to its task: its row in the store, and what is sent; `data` is what the task came with."""

    wanted: Wanted
    task_id: int
    row: sync.Prediction
    payload: wire.NewPrediction
    data: Mapping[str, object] = field(default_factory=dict[str, object])


def confirm(run: Run, sent: Sequence[Suggestion]) -> None:
    """Writes down the server's ids of predictions that were just imported together, in their order.

    The server does not tell them. The first and the last are read back, and compared with what was sent; ids only grow,
    so where they lie exactly as far apart as their number says, those between are known. Else all are read.
    """
    if not sent:
        return
    ends = {one.task_id: one for one in (sent[0], sent[-1])}
    there = run.client.tasks(run.project.project_id, where=with_ids(ends), everything=True, page_size=len(ends) + 1)
    ids = {task["id"]: _read_back(run, task, ends[task["id"]]) for task in there}
    first, last = ids.get(sent[0].task_id), ids.get(sent[-1].task_id)
    if first is None or last is None or last - first != len(sent) - 1:
        adopt(run, [one.task_id for one in sent])
        return
    with run.store.transaction() as session:
        sync.settle_predictions(session, [one.row.id for one in sent], state="present", first_id=first)


def adopt(run: Run, task_ids: Sequence[int]) -> None:
    """Reads the predictions of these tasks and writes down which of our sets each is."""
    for chunk in batches(task_ids, CHUNK):
        where = with_ids(chunk)
        tasks = list(run.client.tasks(run.project.project_id, where=where, everything=True, page_size=CHUNK))
        with run.store.transaction() as session:
            rows = sync.tasks_called(session, run.project.id, chunk)
            for task in tasks:
                row = rows.get(task["id"])
                if row is None:
                    continue
                there = {prediction["id"] for prediction in task.get("predictions", [])}
                for prediction in task.get("predictions", []):
                    set_id = _set_of(session, run, row, prediction)
                    if set_id is None:
                        continue
                    intended = sync.intend_prediction(session, row.id, set_id, prediction["model_version"] or "")
                    if intended.prediction_id not in there or intended.state != "present":
                        sync.settle_prediction(session, intended.id, state="present", prediction_id=prediction["id"])
                        run.tally.predictions_adopted += 1


def unknown(run: Run, tasks: Mapping[Key, Found]) -> list[int]:
    """The tasks with predictions of ours that are not in the store as present, because a run died before it knew them."""
    with run.store.transaction() as session:
        rows = {row.id: (row.article_id, row.article_version) for row in sync.tasks(session, run.project.id)}
        known: dict[Key, dict[str, bool]] = {}
        for prediction in sync.predictions(session, run.project.id):
            versions = known.setdefault(rows[prediction.task], {})
            versions[prediction.model_version] = prediction.state == "present"
    found: list[int] = []
    for key, task in tasks.items():
        settled = {run.model_version: False, **known.get(key, {})}
        if any(settled.get(version) is False for version in task.versions):
            found.append(task.task_id)
    return found


def forget_vanished(run: Run, tasks: Mapping[Key, Found]) -> None:
    """Writes down which predictions are not on the server: runs died after they had deleted them, or before they sent them.

    Those that were intended and are not wanted any more are forgotten: should one arrive after all, it is `unknown`.
    """
    with run.store.transaction() as session:
        rows = {row.id: (row.article_id, row.article_version) for row in sync.tasks(session, run.project.id)}
        vanished: list[int] = []
        for prediction in sync.predictions(session, run.project.id):
            task = tasks.get(rows[prediction.task])
            is_there = task is not None and prediction.model_version in task.versions
            was_deleted = prediction.state == "present" and task is not None
            not_wanted = prediction.model_version != run.model_version or (task is not None and task.finished)
            never_came = prediction.state == "intended" and not_wanted
            if not is_there and (was_deleted or never_came):
                vanished.append(prediction.id)
        sync.settle_predictions(session, vanished, state="retired")


def refresh(run: Run, lacking: Sequence[tuple[Wanted, Found]]) -> None:
    """Imports the current suggestions for tasks that are there without them.

    Raises:
        LabelStudioUnavailable: no answer, again and again; the next push goes on.
        LabelStudioError: the server refuses all, not one prediction.
    """
    if not lacking:
        return
    run.tally.slow_renewal = len(lacking) > MANY and not run.imports_quickly
    chunk_size = RENEWAL_CHUNK if run.imports_quickly else SLOW_CHUNK
    packed = ((_pack(run, chunk), len(chunk)) for chunk in batches(lacking, chunk_size))
    with closing(ahead(packed)) as chunks:
        for newer in shown(run.progress, chunks, len(lacking), "renewing suggestions"):
            send(run, newer)


def send(run: Run, newer: Sequence[Suggestion]) -> None:
    """Imports suggestions for tasks that are there, and writes down which ids they got.

    Raises:
        LabelStudioUnavailable: no answer, again and again; the next push goes on.
        LabelStudioError: the server refuses all, not one prediction.
    """
    left = list(newer)
    for attempt in range(ATTEMPTS):
        if not left:
            return
        try:
            created = run.client.import_predictions(run.project.project_id, [one.payload for one in left])
        except LabelStudioUnavailable as error:
            left = _missing(run, left, 0.0 if error.facts.get("status") else run.patience)
            if left and attempt == ATTEMPTS - 1:
                raise
        except LabelStudioError as error:
            _refuse(run, left, error)
            return
        else:
            run.tally.predictions_sent += created
            if run.shown is None and run.model_version is not None:
                show_suggestions(run.store, run.client, run.project, run.model_version)
                run.shown = run.model_version
            if created == len(left):
                confirm(run, left)
                return
            for one in _missing(run, left, 0.0):
                reason = "Label Studio dropped its prediction without a word"
                run.tally.refused.append(Refused(article_id=one.wanted.article_id, reason=reason))
            return


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
        renewed = sync.sent_since(session, run.project.id, run.model_version or "", since) if run.grace else set[int]()
        old = sync.earlier_predictions(session, run.project.id, run.model_version or "")
        task_of = {row.id: row.task_id for row in sync.tasks(session, run.project.id)} if old else {}
    unused = [prediction for prediction in old if task_of.get(prediction.task) not in used]
    due = [prediction for prediction in unused if prediction.task not in renewed]
    run.tally.predictions_waiting += len(unused) - len(due)
    states = sweep(run.client, run.project.project_id) if due else {}
    tasks = {task.task_id: task for several in states.values() for task in several}
    free = [prediction for prediction in due if _is_free(run, tasks.get(task_of.get(prediction.task) or 0))]
    run.tally.predictions_kept += len(old) - len(unused) + len(due) - len(free)
    left = free
    for version in sorted({prediction.model_version for prediction in free}):
        ours = [prediction for prediction in free if prediction.model_version == version]
        # The quick way takes all predictions of a version, and is safe only where all of them are free.
        if len(ours) <= CHUNK * 10 and run.client.model_versions(run.project.project_id).get(version) == len(ours):
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
                    run.tally.duplicates_removed += 1
                first.setdefault(prediction["model_version"], prediction["id"])


def _is_free(run: Run, task: Found | None) -> bool:
    return task is not None and not task.worked_on and run.model_version in task.versions


def _delete(run: Run, prediction: sync.Prediction) -> None:
    if prediction.prediction_id is None:
        return
    try:
        run.client.delete_prediction(prediction.prediction_id)
    except LabelStudioError as error:
        if error.facts.get("status") != NOT_FOUND:
            raise


def _retired(run: Run, predictions: Sequence[sync.Prediction]) -> None:
    with run.store.transaction() as session:
        sync.settle_predictions(session, [one.id for one in predictions], state="retired")
    run.tally.predictions_retired += len(predictions)


def _read_back(run: Run, task: wire.Task, sent: Suggestion) -> int | None:
    """The id of the prediction that was sent for a task, after comparing both with what was sent."""
    found = [p["id"] for p in task.get("predictions", []) if p["model_version"] == sent.row.model_version]
    if len(found) != 1:
        return None
    run.tally.verified += 1
    run.tally.differences.extend(differences(task, sent.data, {found[0]: sent.payload["result"]}))
    return found[0]


def _set_of(session: Transaction, run: Run, row: sync.Task, prediction: wire.Prediction) -> str | None:
    """The key of the stored set that a prediction shows: its regions say so, or our intent where it has none."""
    keys = region_ids.keys(ids_in(prediction["result"]))
    if not keys:
        intended = sync.predictions(session, run.project.id, task_ids=[row.id])
        return next((p.set_id for p in intended if p.model_version == prediction["model_version"]), None)
    for stored in annotations.suggestions(session, row.article_id, row.article_version):
        if region_ids.key_of(stored.id) == keys[0]:
            return stored.id
    return None


def _pack(run: Run, chunk: Sequence[tuple[Wanted, Found]]) -> list[Suggestion]:
    model_version = run.model_version
    assert model_version is not None
    with run.store.reading() as session:
        texts = {article.id: article.text for article in articles.get_many(session, [w.article_id for w, _ in chunk])}
        sets = annotations.get_sets(session, [w.set_id for w, _ in chunk if w.set_id is not None])
    fitting: list[tuple[Wanted, Found, str, wire.NewPrediction]] = []
    for wanted, task in chunk:
        stored = sets[wanted.set_id or ""]
        text = texts[wanted.article_id]
        try:
            payload = to_prediction(stored.id, stored.annotations, text, run.scheme, model_version=model_version)
        except AnnotationError as error:
            run.tally.refused.append(Refused(article_id=wanted.article_id, reason=error.message))
            continue
        payload["task"] = task.task_id
        fitting.append((wanted, task, stored.id, payload))
    with run.store.transaction() as session:
        rows = sync.tasks_of(session, run.project.id, [wanted.key for wanted, *_ in fitting])
        intents = [
            sync.PredictionIntent(task=rows[wanted.key].id, set_id=set_id, model_version=model_version)
            for wanted, _, set_id, _ in fitting
        ]
        intended = sync.intend_predictions(session, intents)
    return [
        Suggestion(wanted, task.task_id, row, payload)
        for (wanted, task, _, payload), row in zip(fitting, intended, strict=True)
    ]


def _missing(run: Run, newer: Sequence[Suggestion], waiting: float) -> list[Suggestion]:
    """Those that did not arrive; those that did are settled."""
    run.doubtful_tasks.update(one.task_id for one in newer)
    pause = 0.25
    while True:
        found = sweep(run.client, run.project.project_id, with_ids(one.task_id for one in newer))
        states = {task.task_id: task for tasks in found.values() for task in tasks}
        arrived = [one for one in newer if one.task_id in states and run.model_version in states[one.task_id].versions]
        if arrived or waiting <= 0:
            break
        run.sleep(pause)
        waiting -= pause
        pause = min(2 * pause, 4.0)
    adopt(run, [one.task_id for one in arrived])
    there = {one.task_id for one in arrived}
    return [one for one in newer if one.task_id not in there]


def _refuse(run: Run, newer: Sequence[Suggestion], error: LabelStudioError) -> None:
    if error.facts.get("status") not in BAD_REQUEST:
        raise error
    if len(newer) == 1:
        run.tally.refused.append(Refused(article_id=newer[0].wanted.article_id, reason=error.message))
        return
    half = len(newer) // 2
    send(run, newer[:half])
    send(run, newer[half:])
