"""Takes in tasks that somebody imported by hand: their texts become articles, and the tasks theirs."""

from workbench.core.article import Article, Scalar, same_text_sha256
from workbench.core.batches import batches
from workbench.core.ports import Progress
from workbench.labelstudio.api import wire
from workbench.labelstudio.conversion.task import key_of, task_data
from workbench.labelstudio.project.tasks import with_ids
from workbench.labelstudio.pull.intake import ERASED, Intake, UnknownTask
from workbench.store import articles, task_ledger, withdrawals

PAGE = 100
_OWN_PLACE = ("title", "source", "published", "note", "priority", "queue", "article_id", "article_version")


def adopt(intake: Intake, progress: Progress) -> int:
    """How many of the unknown tasks are taken for ours now, with the annotations that they have.

    One whose text has a task already, or that holds no text, stays unknown and is left alone.
    """
    adopted = 0
    for chunk in batches(progress.track(sorted(intake.unknown), "taking in tasks"), PAGE):
        where = with_ids(chunk)
        page = list(intake.client.tasks(intake.project.project_id, where=where, everything=True, page_size=PAGE + 1))
        ours = [task for task in page if _adopt(intake, task)]
        for task in ours:
            del intake.unknown[task["id"]]
        intake.take(ours)
        adopted += len(ours)
    return adopted


def _adopt(intake: Intake, task: wire.Task) -> bool:
    text = task["data"].get(intake.scheme.text_field)
    if not isinstance(text, str) or not text.strip():
        reason = f"holds no text in its field {intake.scheme.text_field!r}"
        intake.unknown[task["id"]] = UnknownTask(task_id=task["id"], reason=reason)
        return False
    found = _article(text, task)
    with intake.store.transaction() as session:
        same = next(iter(articles.with_same_text(session, [same_text_sha256(text)]).values()), None)
        named = key_of(task["data"])
        if erased := withdrawals.erased(session) & {found.id, same, named[0] if named else None}:
            intake.unknown[task["id"]] = UnknownTask(task_id=task["id"], reason=ERASED.format(erased.pop()))
            return False
        if same is not None:
            if articles.get(session, same, 1).text != text:
                reason = f"has the text of {same} with other line ends or without what cleaning cut, so offsets differ"
                intake.unknown[task["id"]] = UnknownTask(task_id=task["id"], reason=reason)
                return False
            found = found.model_copy(update={"id": same})
        row = task_ledger.tasks_of(session, intake.project.id, [(found.id, 1)]).get((found.id, 1))
        if row is not None and row.state in ("present", "superseded") and row.task_id != task["id"]:
            reason = f"has the text of {found.id}, whose task is {row.task_id}"
            intake.unknown[task["id"]] = UnknownTask(task_id=task["id"], reason=reason)
            return False
        articles.add(session, found, raw=text)
        article = articles.get(session, found.id, 1)
        row = task_ledger.intend_task(session, intake.project.id, article.id, 1)
    # What the task had besides stays: somebody put it there.
    data = {**task["data"], **task_data(article, intake.scheme)}
    intake.client.update_task(task["id"], data)
    task["data"] = data
    with intake.store.transaction() as session:
        task_ledger.settle_task(session, row.id, state="present", task_id=task["id"])
    return key_of(data) == (article.id, 1)


def _article(text: str, task: wire.Task) -> Article:
    data = task["data"]
    meta: dict[str, Scalar] = {
        name: value
        for name, value in data.items()
        if name not in _OWN_PLACE and value != text and (value is None or isinstance(value, str | int | float | bool))
    }
    return Article.from_text(
        text,
        title=_string(data.get("title")),
        source=_string(data.get("source")) or f"label-studio task {task['id']}",
        published=_string(data.get("published")) or None,
        meta=meta,
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
