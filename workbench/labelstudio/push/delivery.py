"""Gets articles into the project, exactly one task each, whatever becomes of a request.

Intent is written to the store before a chunk is sent, the outcome after. Where a request ends without a clear answer,
the server is asked which of the chunk's articles it has: those are adopted, the rest is sent again.

Label Studio checks the suggestions that come with tasks twice, which takes twice the time of all else. They have been
checked here, so they follow each chunk of tasks in a request of their own, where the server takes that quickly.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from workbench.core.article import Article
from workbench.core.batches import ahead, batches, shown
from workbench.errors import AnnotationError, LabelStudioUnavailable
from workbench.labelstudio.api import wire
from workbench.labelstudio.conversion.convert import to_prediction
from workbench.labelstudio.conversion.task import task_data
from workbench.labelstudio.project.tasks import Found, about, sweep
from workbench.labelstudio.push.ledger import adopt, one_each
from workbench.labelstudio.push.run import Refused, Run, Wanted
from workbench.labelstudio.push.sending import send_all
from workbench.labelstudio.push.suggestions import Suggestion, confirm, send
from workbench.store import annotations, articles, prediction_ledger, task_ledger

CHUNK = 250
WEIGHT = 6_000_000


@dataclass(frozen=True)
class OutgoingTask:
    """An article on its way: its rows in the store, and what is sent of it."""

    wanted: Wanted
    row: int
    data: dict[str, object]
    prediction: wire.NewPrediction | None
    intended: prediction_ledger.Prediction | None

    def task(self, *, with_suggestion: bool) -> wire.NewTask:
        """What is imported."""
        task: wire.NewTask = {"data": self.data}
        if with_suggestion and self.prediction is not None:
            task["predictions"] = [self.prediction]
        return task


def deliver(run: Run, wanted: Sequence[Wanted]) -> None:
    """Sends the articles, in chunks, in their order.

    Raises:
        LabelStudioUnavailable: no answer, again and again; what was sent is in the store, and the next push goes on.
        LabelStudioError: the server refuses all, not one article.
    """
    packed = ((_pack(run, chunk), len(chunk)) for chunk in batches(wanted, CHUNK))
    with closing(ahead(packed)) as chunks:
        for outgoing in shown(run.progress, chunks, len(wanted), "pushing articles"):
            for group in _by_weight(outgoing):
                _send(run, group)


def settle_doubtful(run: Run) -> None:
    """After requests of doubtful outcome: one task for each of their articles, and the store knows which."""
    if not run.doubtful:
        return
    found = sweep(run.client, run.project.project_id, about(sorted({article_id for article_id, _ in run.doubtful})))
    kept = one_each(run, {key: tasks for key, tasks in found.items() if key in run.doubtful})
    changed: list[int] = []
    with run.store.transaction() as session:
        for key, task in kept.items():
            row = task_ledger.intend_task(session, run.project.id, *key)
            if row.task_id != task.task_id:
                task_ledger.settle_task(session, row.id, state="present", task_id=task.task_id)
                changed.append(task.task_id)
            wanted = run.doubtful[key]
            if wanted.set_id is not None and run.model_version not in task.versions and not task.finished:
                run.bare[key] = wanted, task
    adopt(run, changed)


def _pack(run: Run, chunk: Sequence[Wanted]) -> list[OutgoingTask]:
    """The articles as they are sent, their intent written down; those that do not fit the scheme are refused."""
    with run.store.reading() as session:
        texts = {article.id: article for article in articles.get_many(session, [one.article_id for one in chunk])}
        sets = annotations.get_sets(session, [one.set_id for one in chunk if one.set_id is not None])
    fitting: list[tuple[Wanted, wire.NewPrediction | None]] = []
    for one in chunk:
        try:
            prediction = _prediction(run, texts[one.article_id], sets.get(one.set_id or ""))
        except AnnotationError as error:
            run.statistics.refused.append(Refused(article_id=one.article_id, reason=error.message))
        else:
            fitting.append((one, prediction))
    intents = [
        task_ledger.TaskIntent(
            article_id=one.article_id,
            article_version=one.version,
            priority=one.priority,
            blind=one.blind,
            note=one.note or "",
        )
        for one, _ in fitting
    ]
    with run.store.transaction() as session:
        rows = task_ledger.intend_tasks(session, run.project.id, intents, renew=True)
        suggested = [
            prediction_ledger.PredictionIntent(
                task=rows[one.key].id, set_id=one.set_id, model_version=run.model_version
            )
            for one, _ in fitting
            if one.set_id is not None and run.model_version is not None
        ]
        intended = {row.task: row for row in prediction_ledger.intend_predictions(session, suggested)}
    outgoing: list[OutgoingTask] = []
    for one, prediction in fitting:
        row = rows[one.key].id
        data = task_data(texts[one.article_id], run.scheme, priority=one.priority, note=one.note or "")
        outgoing.append(OutgoingTask(one, row, data, prediction, intended.get(row)))
    return outgoing


def _prediction(run: Run, article: Article, stored: annotations.StoredSet | None) -> wire.NewPrediction | None:
    if stored is None or run.model_version is None:
        return None
    return to_prediction(stored.id, stored.annotations, article.text, run.scheme, model_version=run.model_version)


def _by_weight(outgoing: Sequence[OutgoingTask]) -> list[list[OutgoingTask]]:
    groups: list[list[OutgoingTask]] = []
    weight = WEIGHT
    for one_task in outgoing:
        items = len(one_task.prediction["result"]) if one_task.prediction else 0
        own = 250 * items + sum(len(str(value)) for value in one_task.data.values())
        if weight + own > WEIGHT:
            groups.append([])
            weight = 0
        groups[-1].append(one_task)
        weight += own
    return groups


def _send(run: Run, outgoing: Sequence[OutgoingTask]) -> None:
    """Sends tasks in one request, or as few as it takes; their suggestions follow."""

    def post(left: Sequence[OutgoingTask]) -> list[int]:
        tasks = [one_task.task(with_suggestion=not run.imports_quickly) for one_task in left]
        return run.client.import_tasks(run.project.project_id, tasks)

    def settle(left: Sequence[OutgoingTask], ids: list[int]) -> None:
        _settle(run, left, ids)
        run.statistics.pushed += len(left)
        run.statistics.blind += sum(one_task.wanted.blind for one_task in left)
        _suggest(run, left, ids)

    def missing(left: Sequence[OutgoingTask], error: LabelStudioUnavailable) -> list[OutgoingTask]:
        return _adopt(run, left, error)

    send_all(run, outgoing, post=post, settle=settle, missing=missing)


def _adopt(run: Run, outgoing: Sequence[OutgoingTask], error: LabelStudioUnavailable) -> list[OutgoingTask]:
    """The outgoing that did not arrive, after the server was asked; those that did are settled."""
    run.doubtful.update({one_task.wanted.key: one_task.wanted for one_task in outgoing})

    def look() -> list[tuple[OutgoingTask, Found]]:
        found = sweep(run.client, run.project.project_id, about(one_task.wanted.article_id for one_task in outgoing))
        return [(one_task, found[one_task.wanted.key][0]) for one_task in outgoing if one_task.wanted.key in found]

    there = run.until_arrived(error, look)
    arrived, tasks = [one_task for one_task, _ in there], [task for _, task in there]
    _settle(run, arrived, [task.task_id for task in tasks])
    run.statistics.adopted += len(arrived)
    adopt(run, [task.task_id for task in tasks])
    if run.imports_quickly:
        without = {task.task_id: one_task for one_task, task in there if run.model_version not in task.versions}
        _suggest(run, list(without.values()), list(without))
    settled = {one_task.wanted.key for one_task in arrived}
    return [one_task for one_task in outgoing if one_task.wanted.key not in settled]


def _settle(run: Run, outgoing: Sequence[OutgoingTask], task_ids: Sequence[int]) -> None:
    rows = (one_task.row for one_task in outgoing)
    with run.store.transaction() as session:
        task_ledger.settle_tasks(session, dict(zip(rows, task_ids, strict=True)))


def _suggest(run: Run, outgoing: Sequence[OutgoingTask], task_ids: Sequence[int]) -> None:
    """Sends the suggestions of tasks that have just arrived, or sees to those that came with them."""
    suggestions = [
        Suggestion(one_task.wanted, task_id, one_task.intended, {**one_task.prediction, "task": task_id}, one_task.data)
        for one_task, task_id in zip(outgoing, task_ids, strict=True)
        if one_task.prediction is not None and one_task.intended is not None
    ]
    if run.imports_quickly:
        send(run, suggestions)
        return
    confirm(run, suggestions)
    with run.store.transaction() as session:
        arrived = prediction_ledger.present_among(session, [one.row.id for one in suggestions])
    # Label Studio can lose predictions without a word, where its database was busy at first.
    for one in suggestions:
        if one.row.id not in arrived:
            run.bare[one.wanted.key] = one.wanted, Found(one.task_id, frozenset(), worked_on=False, finished=False)
    run.statistics.predictions_sent += len(arrived)
