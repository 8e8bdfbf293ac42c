"""Gets suggestions to tasks that are there, once each, and learns the ids that the server gave them."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from workbench.core.batches import ahead, batches, shown
from workbench.errors import AnnotationError, LabelStudioUnavailable
from workbench.labelstudio.api import wire
from workbench.labelstudio.conversion.convert import to_prediction
from workbench.labelstudio.project.projects import show_suggestions
from workbench.labelstudio.project.tasks import Found, sweep, with_ids
from workbench.labelstudio.push.ledger import adopt
from workbench.labelstudio.push.readback import differences
from workbench.labelstudio.push.run import Refused, Run, Wanted
from workbench.labelstudio.push.sending import send_all
from workbench.store import annotations, articles, prediction_ledger, task_ledger

RENEWAL_CHUNK = 500
"""How many newer predictions go at once: each chunk is read back at both ends, and the server works on so many at a time."""
SLOW_CHUNK = 1000
"""How many go at once to a server that looks at all tasks of the project after each import."""
MANY = 200
"""From so many on it takes a while, on a server that is slow, and is worth a word."""


@dataclass(frozen=True)
class Suggestion:
    """A suggestion on its way to its task: its row in the store, and what is sent; `data` is what the task came with."""

    wanted: Wanted
    task_id: int
    row: prediction_ledger.Prediction
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
        prediction_ledger.settle_predictions(session, [one.row.id for one in sent], state="present", first_id=first)


def refresh(run: Run, lacking: Sequence[tuple[Wanted, Found]]) -> None:
    """Imports the current suggestions for tasks that are there without them.

    Raises:
        LabelStudioUnavailable: no answer, again and again; the next push goes on.
        LabelStudioError: the server refuses all, not one prediction.
    """
    if not lacking:
        return
    run.statistics.slow_renewal = len(lacking) > MANY and not run.imports_quickly
    chunk_size = RENEWAL_CHUNK if run.imports_quickly else SLOW_CHUNK
    packed = ((_pack(run, chunk), len(chunk)) for chunk in batches(lacking, chunk_size))
    with closing(ahead(packed)) as chunks:
        for chunk in shown(run.progress, chunks, len(lacking), "renewing suggestions"):
            send(run, chunk)


def send(run: Run, suggestions: Sequence[Suggestion]) -> None:
    """Imports suggestions for tasks that are there, and writes down which ids they got.

    Raises:
        LabelStudioUnavailable: no answer, again and again; the next push goes on.
        LabelStudioError: the server refuses all, not one prediction.
    """

    def post(left: Sequence[Suggestion]) -> int:
        return run.client.import_predictions(run.project.project_id, [one.payload for one in left])

    def settle(left: Sequence[Suggestion], created: int) -> None:
        run.statistics.predictions_sent += created
        if created and run.shown is None and run.model_version is not None:
            show_suggestions(run.store, run.client, run.project, run.model_version)
            run.shown = run.model_version
        if created == len(left):
            confirm(run, left)
            return
        for one in _missing(run, left):
            reason = "Label Studio dropped its prediction without a word"
            run.statistics.refused.append(Refused(article_id=one.wanted.article_id, reason=reason))

    def missing(left: Sequence[Suggestion], error: LabelStudioUnavailable) -> list[Suggestion]:
        return _missing(run, left, error)

    send_all(run, suggestions, post=post, settle=settle, missing=missing)


def _read_back(run: Run, task: wire.Task, sent: Suggestion) -> int | None:
    """The id of the prediction that was sent for a task, after comparing both with what was sent."""
    found = [p["id"] for p in task.get("predictions", []) if p["model_version"] == sent.row.model_version]
    if len(found) != 1:
        return None
    run.statistics.verified += 1
    run.statistics.differences.extend(differences(task, sent.data, {found[0]: sent.payload["result"]}))
    return found[0]


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
            run.statistics.refused.append(Refused(article_id=wanted.article_id, reason=error.message))
            continue
        payload["task"] = task.task_id
        fitting.append((wanted, task, stored.id, payload))
    with run.store.transaction() as session:
        rows = task_ledger.tasks_of(session, run.project.id, [wanted.key for wanted, *_ in fitting])
        intents = [
            prediction_ledger.PredictionIntent(task=rows[wanted.key].id, set_id=set_id, model_version=model_version)
            for wanted, _, set_id, _ in fitting
        ]
        intended = prediction_ledger.intend_predictions(session, intents)
    return [
        Suggestion(wanted, task.task_id, row, payload)
        for (wanted, task, _, payload), row in zip(fitting, intended, strict=True)
    ]


def _missing(
    run: Run, suggestions: Sequence[Suggestion], error: LabelStudioUnavailable | None = None
) -> list[Suggestion]:
    """Those that did not arrive, after a request that ended so; those that did are settled."""
    run.doubtful_tasks.update(one.task_id for one in suggestions)

    def look() -> list[Suggestion]:
        found = sweep(run.client, run.project.project_id, with_ids(one.task_id for one in suggestions))
        shown_by = {task.task_id: task.versions for tasks in found.values() for task in tasks}
        return [one for one in suggestions if run.model_version in shown_by.get(one.task_id, ())]

    arrived = run.until_arrived(error, look) if error else look()
    adopt(run, [one.task_id for one in arrived])
    there = {one.task_id for one in arrived}
    return [one for one in suggestions if one.task_id not in there]
