"""Reads back what was sent, and compares it character for character."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from workbench.core.annotations import AnnotationSet
from workbench.core.batches import batches
from workbench.core.scheme import LabelScheme
from workbench.errors import AnnotationError
from workbench.labelstudio.api import wire
from workbench.labelstudio.conversion.convert import to_prediction
from workbench.labelstudio.conversion.task import FREE, key_of, task_data
from workbench.labelstudio.push.run import Run
from workbench.store import Transaction, annotations, articles, prediction_ledger, schemes, task_ledger

PAGE = 100


def differences(
    task: wire.Task, data: Mapping[str, object], results: Mapping[int, Sequence[wire.ResultItem]]
) -> list[str]:
    """In what a task differs from what was sent; `results` are the sent results by prediction id."""
    found: list[str] = []
    for field, sent in data.items():
        got = task["data"].get(field)
        if field not in FREE and got != sent:
            found.append(f"task {task['id']}: {field} {_where(sent, got)}")
    there = {prediction["id"]: prediction for prediction in task.get("predictions", [])}
    for prediction_id, sent in results.items():
        prediction = there.get(prediction_id)
        if prediction is None:
            found.append(f"task {task['id']}: prediction {prediction_id} is not there")
        elif cast("object", prediction["result"]) != list(sent):
            found.append(f"task {task['id']}: prediction {prediction_id} is not what was sent")
    return found


def readers(session: Transaction, scheme: LabelScheme) -> Callable[[AnnotationSet], LabelScheme]:
    """Gives the scheme that a set was made under: the project's, or one that the project had before and the store kept."""
    known = {scheme.digest: scheme}

    def reader(found: AnnotationSet) -> LabelScheme:
        if found.scheme_digest not in known:
            known[found.scheme_digest] = schemes.find(session, found.scheme_digest) or scheme
        return known[found.scheme_digest]

    return reader


def verify_all(run: Run) -> None:
    """Compares every task of the project that is ours with what the store says was sent; the statistics has the outcome."""
    with run.store.transaction() as session:
        total = task_ledger.counts(session, run.project.id).get("present", 0)
    pages = batches(run.client.tasks(run.project.project_id, everything=True, page_size=PAGE), PAGE)
    for page in run.progress.track(pages, "reading back", total=-(-total // PAGE)):
        _verify(run, page)


def _verify(run: Run, page: Sequence[wire.Task]) -> None:
    by_task = {task["id"]: task for task in page}
    with run.store.transaction() as session:
        rows = [row for row in task_ledger.tasks(session, run.project.id, state="present") if row.task_id in by_task]
        sent: dict[int, list[prediction_ledger.Prediction]] = {}
        for prediction in prediction_ledger.predictions(session, run.project.id, task_ids=[row.id for row in rows]):
            if prediction.state == "present" and prediction.prediction_id is not None:
                sent.setdefault(prediction.task, []).append(prediction)
        scheme_of = readers(session, run.scheme)
        for row in rows:
            assert row.task_id is not None
            task = by_task[row.task_id]
            if key_of(task["data"]) != (row.article_id, row.article_version):
                run.statistics.differences.append(f"task {row.task_id} is about another article than {row.article_id}")
                continue
            article = articles.get(session, row.article_id, row.article_version)
            results: dict[int, Sequence[wire.ResultItem]] = {}
            for prediction in sent.get(row.id, []):
                assert prediction.prediction_id is not None
                stored = annotations.get_set(session, prediction.set_id)
                try:
                    built = to_prediction(
                        stored.id,
                        stored.annotations,
                        article.text,
                        scheme_of(stored.annotations),
                        model_version=prediction.model_version,
                    )
                except AnnotationError as error:
                    run.statistics.differences.append(f"task {row.task_id}: {error.message}")
                    continue
                results[prediction.prediction_id] = built["result"]
            run.statistics.verified += 1
            run.statistics.differences.extend(differences(task, task_data(article, run.scheme), results))


def _where(sent: object, got: object) -> str:
    if not isinstance(sent, str) or not isinstance(got, str):
        return f"is {got!r}, not {sent!r}"
    at = next((i for i, (a, b) in enumerate(zip(sent, got, strict=False)) if a != b), min(len(sent), len(got)))
    return f"differs at character {at}: {got[at : at + 10]!r}, not {sent[at : at + 10]!r}"
