"""What was sent to Label Studio, what came of it, and what was pulled and does not fit.

Intent is written before a request, the outcome after it, so that a run that died can be finished by the next.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

from sqlalchemy import bindparam, case
from sqlmodel import col, func, insert, select, tuple_, update
from sqlmodel.sql.expression import SelectOfScalar

from workbench.core.article import ArticleKey
from workbench.core.batches import batches
from workbench.core.frozen import Frozen
from workbench.errors import StoreError
from workbench.store.annotations import SUGGESTING
from workbench.store.database import Transaction, now
from workbench.store.tables import AnnotationSetRow, LsPredictionRow, LsProblemRow, LsProjectRow, LsTaskRow

BATCH = 400
"""How many values one statement names."""
LOWEST = -1e9
"""The priority of tasks that nobody needs to do any more."""
TaskState = Literal["intended", "present", "gone", "superseded"]
PredictionState = Literal["intended", "present", "retired"]


class Project(Frozen):
    """A Label Studio project. `watermark` is the server's clock up to which changes were pulled.

    `review_round` numbers the projects in which annotations are adjudicated; it is 0 where articles are annotated.
    """

    id: int
    server: str
    project_id: int
    title: str
    scheme_digest: str
    config: str
    model_version: str | None
    watermark: str | None
    review_round: int = 0

    @property
    def origin(self) -> str:
        """What revisions of annotations of this project call their origin."""
        return f"label-studio:{self.id}"

    @property
    def suggested_by(self) -> tuple[str, ...]:
        """The kinds of producers whose sets its tasks suggest."""
        return ("adjudicated",) if self.review_round else SUGGESTING


class Task(Frozen):
    """The one task of an article version in a project; `task_id` is the server's, None until it is known."""

    id: int
    project: int
    article_id: str
    article_version: int
    task_id: int | None
    state: TaskState
    blind: bool
    priority: float
    note: str


class Prediction(Frozen):
    """A prediction that was sent for a task (`task` is `Task.id`)."""

    id: int
    task: int
    set_id: str
    model_version: str
    prediction_id: int | None
    state: PredictionState


class Problem(Frozen):
    """An annotation that was pulled and does not fit. `payload` is Label Studio's JSON of it."""

    task_id: int | None
    article_id: str | None
    annotation_id: int | None
    updated: str
    rule: str
    message: str
    payload: str


def add_project(
    session: Transaction,
    *,
    server: str,
    project_id: int,
    title: str,
    scheme_digest: str,
    config: str,
    review_round: int = 0,
) -> Project:
    """Remembers a project that was made."""
    row = LsProjectRow(
        server=server,
        project_id=project_id,
        title=title,
        scheme_digest=scheme_digest,
        config=config,
        created=now(),
        review_round=review_round,
    )
    session.add(row)
    session.flush()
    return _project(row)


def project_of(session: Transaction, server: str, title: str) -> Project | None:
    """The newest project with this title on this server that we know of."""
    query = select(LsProjectRow).where(LsProjectRow.server == server, LsProjectRow.title == title)
    row = session.exec(query.order_by(col(LsProjectRow.id).desc())).first()
    return _project(row) if row else None


def projects(session: Transaction) -> list[Project]:
    """All projects, oldest first."""
    return [_project(row) for row in session.exec(select(LsProjectRow).order_by(col(LsProjectRow.id)))]


def review_projects(session: Transaction, server: str) -> list[Project]:
    """The newest project of each round on this server in which annotations are adjudicated, the first round first."""
    query = select(LsProjectRow).where(LsProjectRow.server == server, col(LsProjectRow.review_round) > 0)
    found = {row.review_round: _project(row) for row in session.exec(query.order_by(col(LsProjectRow.id)))}
    return [found[number] for number in sorted(found)]


def set_watermark(session: Transaction, project: int, watermark: str) -> None:
    """Writes down the server's clock up to which changes were pulled."""
    row = _project_row(session, project)
    row.watermark = watermark
    session.add(row)
    session.flush()


def set_model_version(session: Transaction, project: int, model_version: str) -> None:
    """Writes down which predictions the project shows."""
    row = _project_row(session, project)
    row.model_version = model_version
    session.add(row)
    session.flush()


def set_config(session: Transaction, project: int, config: str) -> None:
    """Writes down the label config that the project has now; it means what the old one meant."""
    row = _project_row(session, project)
    row.config = config
    session.add(row)
    session.flush()


def set_scheme(session: Transaction, project: int, *, config: str, scheme_digest: str) -> None:
    """Writes down the label config that the project has now, of another meaning.

    Where annotations are waiting that did not fit, everything is pulled again: they may fit now.
    """
    row = _project_row(session, project)
    row.config, row.scheme_digest = config, scheme_digest
    if problems(session, project):
        row.watermark = None
    session.add(row)
    session.flush()


def present_sets(session: Transaction, project: int) -> Iterator[str]:
    """The keys of the sets that a project shows as predictions, one for each prediction."""
    query = (
        select(LsPredictionRow.set_id)
        .join(LsTaskRow, col(LsTaskRow.id) == col(LsPredictionRow.task))
        .where(LsTaskRow.project == project, LsPredictionRow.state == "present", LsTaskRow.state == "present")
    )
    yield from session.exec(query)


class TaskIntent(Frozen):
    """A task that is about to be sent. `blind` ones go without suggestions, and stay so."""

    article_id: str
    article_version: int
    priority: float = 0.0
    blind: bool = False
    note: str = ""

    @property
    def key(self) -> ArticleKey:
        return self.article_id, self.article_version


class PredictionIntent(Frozen):
    """A prediction that is about to be sent for a task (`task` is `Task.id`)."""

    task: int
    set_id: str
    model_version: str


def intend_tasks(
    session: Transaction, project: int, intents: Sequence[TaskIntent], *, renew: bool = False
) -> dict[ArticleKey, Task]:
    """The tasks of article versions, written down before they are sent; those that are there are left as they are.

    With `renew`, priority, blindness and note are written anew for those that are not on the server.
    """
    found = tasks_of(session, project, [intent.key for intent in intents])
    stamp = now()
    new = [intent for intent in intents if intent.key not in found]
    if new:
        rows = [{**i.model_dump(), "project": project, "state": "intended", "intended": stamp} for i in new]
        session.connection().execute(insert(LsTaskRow), rows)
    again = [
        {"row": row.id, "priority": intent.priority, "blind": intent.blind, "note": intent.note}
        for intent in intents
        if renew
        and (row := found.get(intent.key))
        and row.state in ("intended", "gone")
        and (row.priority, row.blind, row.note) != (intent.priority, intent.blind, intent.note)
    ]
    if again:
        session.connection().execute(_UPDATE_TASKS, again)
        session.expire_all()
    return tasks_of(session, project, [intent.key for intent in intents]) if new or again else found


def intend_task(
    session: Transaction,
    project: int,
    article_id: str,
    article_version: int,
    *,
    priority: float = 0.0,
    blind: bool = False,
) -> Task:
    """The task of an article version, written down before it is sent; one that is there is left as it is."""
    intent = TaskIntent(article_id=article_id, article_version=article_version, priority=priority, blind=blind)
    return intend_tasks(session, project, [intent])[intent.key]


def settle_tasks(session: Transaction, task_ids: Mapping[int, int]) -> None:
    """Writes down that these tasks (`Task.id`) are present on the server, and under which ids."""
    _settle(session, LsTaskRow, list(task_ids), state="present", ids=task_ids)


def settle_task(
    session: Transaction,
    task: int,
    *,
    state: TaskState,
    task_id: int | None = None,
    note: str | None = None,
    priority: float | None = None,
) -> None:
    """Writes down what became of a task."""
    row = session.get(LsTaskRow, task)
    if row is None:
        raise StoreError(f"no task {task} in the store")
    row.state = state
    row.confirmed = now()
    if task_id is not None:
        row.task_id = task_id
    if note is not None:
        row.note = note
    if priority is not None:
        row.priority = priority
    session.add(row)
    session.flush()


def tasks_of(session: Transaction, project: int, keys: Collection[ArticleKey]) -> dict[ArticleKey, Task]:
    """The tasks of these article versions, of those that have one."""
    found: dict[ArticleKey, Task] = {}
    ordered = list(keys)
    for start in range(0, len(ordered), BATCH):
        which = tuple_(col(LsTaskRow.article_id), col(LsTaskRow.article_version)).in_(ordered[start : start + BATCH])
        for row in session.exec(select(LsTaskRow).where(LsTaskRow.project == project, which)):
            found[row.article_id, row.article_version] = _task(row)
    return found


def tasks_called(session: Transaction, project: int, task_ids: Collection[int]) -> dict[int, Task]:
    """The tasks with these ids of the server, by them."""
    found: dict[int, Task] = {}
    ordered = list(task_ids)
    for start in range(0, len(ordered), BATCH):
        which = col(LsTaskRow.task_id).in_(ordered[start : start + BATCH])
        for row in session.exec(select(LsTaskRow).where(LsTaskRow.project == project, which)):
            if row.task_id is not None:
                found[row.task_id] = _task(row)
    return found


def tasks_about(session: Transaction, project: int, article_ids: Iterable[str]) -> list[Task]:
    """The tasks of these articles, of all their versions."""
    found: list[Task] = []
    for some in batches(article_ids, BATCH):
        query = select(LsTaskRow).where(LsTaskRow.project == project, col(LsTaskRow.article_id).in_(some))
        found += [_task(row) for row in session.exec(query.order_by(col(LsTaskRow.id)))]
    return found


def settle_gone(session: Transaction, tasks: Sequence[int]) -> None:
    """Writes down that these tasks (`Task.id`) are not on the server any more, nor their predictions."""
    _settle(session, LsTaskRow, tasks, state="gone", ids={})
    for some in batches(tasks, BATCH):
        which = col(LsPredictionRow.task).in_(some)
        session.connection().execute(update(LsPredictionRow).where(which).values(state="retired", confirmed=now()))
    session.expire_all()


def blind_tasks(session: Transaction, project: int) -> set[ArticleKey]:
    """The article versions whose tasks go without suggestions."""
    query = select(LsTaskRow.article_id, LsTaskRow.article_version).where(LsTaskRow.project == project)
    return {(article_id, version) for article_id, version in session.exec(query.where(col(LsTaskRow.blind)))}


def noted_tasks(session: Transaction, project: int) -> list[Task]:
    """The tasks that have a note."""
    query = select(LsTaskRow).where(LsTaskRow.project == project, LsTaskRow.note != "").order_by(col(LsTaskRow.id))
    return [_task(row) for row in session.exec(query)]


def supersede(session: Transaction, project: int) -> list[Task]:
    """The tasks whose article has a present task in a newer version, and that do not say so on the server yet."""
    newest = (
        select(LsTaskRow.article_id, func.max(LsTaskRow.article_version).label("version"))
        .where(LsTaskRow.project == project, LsTaskRow.state == "present")
        .group_by(LsTaskRow.article_id)
        .having(func.max(LsTaskRow.article_version) > 1)
        .subquery()
    )
    query = (
        select(LsTaskRow)
        .join(newest, col(LsTaskRow.article_id) == newest.c.article_id)
        .where(LsTaskRow.project == project, col(LsTaskRow.article_version) < newest.c.version)
        .where(col(LsTaskRow.state).in_(("present", "superseded")))
    )
    older = session.exec(query).all()
    for row in older:
        row.state = "superseded"
        session.add(row)
    session.flush()
    return [_task(row) for row in older if row.priority > LOWEST]


def tasks(session: Transaction, project: int, *, state: TaskState | None = None) -> Iterator[Task]:
    """The tasks of a project, in the order in which they were intended."""
    query = select(LsTaskRow).where(LsTaskRow.project == project).order_by(col(LsTaskRow.id))
    if state is not None:
        query = query.where(LsTaskRow.state == state)
    for row in session.exec(query):
        yield _task(row)


def task_counts(session: Transaction, project: int) -> dict[str, int]:
    """How many tasks are in each state."""
    query = select(LsTaskRow.state, func.count()).where(LsTaskRow.project == project).group_by(LsTaskRow.state)
    return dict(session.exec(query).all())


def intend_predictions(session: Transaction, intents: Sequence[PredictionIntent]) -> list[Prediction]:
    """The predictions of tasks, written down before they are sent, in the order given; what is there is left as it is."""
    wanted = [(intent.task, intent.set_id) for intent in intents]
    found = _predictions_of(session, wanted)
    stamp = now()
    new = {(i.task, i.set_id): i for i in intents if (i.task, i.set_id) not in found}
    if new:
        rows = [{**intent.model_dump(), "state": "intended", "intended": stamp} for intent in new.values()]
        session.connection().execute(insert(LsPredictionRow), rows)
        found |= _predictions_of(session, list(new))
    return [found[key] for key in wanted]


def intend_prediction(session: Transaction, task: int, set_id: str, model_version: str) -> Prediction:
    """The prediction of a task with this set, written down before it is sent; one that is there is left as it is."""
    return intend_predictions(session, [PredictionIntent(task=task, set_id=set_id, model_version=model_version)])[0]


def settle_predictions(
    session: Transaction, predictions: Iterable[int], *, state: PredictionState, first_id: int | None = None
) -> None:
    """Writes down what became of predictions; with `first_id`, their ids on the server run on from there."""
    rows = list(predictions)
    ids = {} if first_id is None else {row: first_id + place for place, row in enumerate(rows)}
    _settle(session, LsPredictionRow, rows, state=state, ids=ids)


def settle_prediction(
    session: Transaction, prediction: int, *, state: PredictionState, prediction_id: int | None = None
) -> None:
    """Writes down what became of a prediction."""
    row = session.get(LsPredictionRow, prediction)
    if row is None:
        raise StoreError(f"no prediction {prediction} in the store")
    row.state = state
    row.confirmed = now()
    if prediction_id is not None:
        row.prediction_id = prediction_id
    session.add(row)
    session.flush()


def predictions(session: Transaction, project: int, *, task_ids: Iterable[int] | None = None) -> Iterator[Prediction]:
    """The predictions that were sent to a project, oldest first; of these tasks (`Task.id`) only, if given."""
    query = (
        select(LsPredictionRow)
        .join(LsTaskRow, col(LsTaskRow.id) == col(LsPredictionRow.task))
        .where(LsTaskRow.project == project)
        .order_by(col(LsPredictionRow.id))
    )
    if task_ids is None:
        yield from (_prediction(row) for row in session.exec(query))
        return
    ordered = list(task_ids)
    for start in range(0, len(ordered), BATCH):
        these = query.where(col(LsPredictionRow.task).in_(ordered[start : start + BATCH]))
        yield from (_prediction(row) for row in session.exec(these))


def earlier_predictions(session: Transaction, project: int, model_version: str) -> list[Prediction]:
    """The present predictions of other model versions than this, oldest first."""
    query = _present(select(LsPredictionRow), project).where(LsPredictionRow.model_version != model_version)
    return [_prediction(row) for row in session.exec(query.order_by(col(LsPredictionRow.id)))]


def sent_under_another_scheme(session: Transaction, project: int, model_version: str, scheme_digest: str) -> bool:
    """Whether a prediction that the project ever had under this version shows a set of another scheme."""
    query = (
        select(LsPredictionRow.id)
        .join(LsTaskRow, col(LsTaskRow.id) == col(LsPredictionRow.task))
        .join(AnnotationSetRow, col(AnnotationSetRow.id) == col(LsPredictionRow.set_id))
        .where(LsTaskRow.project == project, LsPredictionRow.model_version == model_version)
        .where(AnnotationSetRow.scheme_digest != scheme_digest)
    )
    return session.exec(query.limit(1)).first() is not None


def has_arrived(session: Transaction, project: int, model_version: str) -> bool:
    """Whether any prediction of this model version is present."""
    query = _present(select(LsPredictionRow), project).where(LsPredictionRow.model_version == model_version)
    return session.exec(query.limit(1)).first() is not None


def sent_since(session: Transaction, project: int, model_version: str, since: str) -> set[int]:
    """The tasks (`Task.id`) whose prediction of this version came to be known as present after this time (as `now`)."""
    query = (
        select(LsPredictionRow.task)
        .join(LsTaskRow, col(LsTaskRow.id) == col(LsPredictionRow.task))
        .where(LsTaskRow.project == project, LsPredictionRow.model_version == model_version)
        .where(LsPredictionRow.state == "present", col(LsPredictionRow.confirmed) > since)
    )
    return set(session.exec(query))


def present_among(session: Transaction, predictions: Collection[int]) -> set[int]:
    """Which of these predictions (`Prediction.id`) are known to be on the server."""
    found: set[int] = set()
    ordered = list(predictions)
    for start in range(0, len(ordered), BATCH):
        which = col(LsPredictionRow.id).in_(ordered[start : start + BATCH])
        query = select(LsPredictionRow.id).where(which, LsPredictionRow.state == "present")
        found.update(one for one in session.exec(query) if one is not None)
    return found


def keep_problem(session: Transaction, project: int, problem: Problem) -> bool:
    """Whether the problem is new."""
    query = select(LsProblemRow).where(
        LsProblemRow.project == project,
        LsProblemRow.annotation_id == problem.annotation_id,
        LsProblemRow.updated == problem.updated,
        LsProblemRow.rule == problem.rule,
    )
    if session.exec(query).first() is not None:
        return False
    session.add(LsProblemRow(project=project, **problem.model_dump(), found=now()))
    session.flush()
    return True


def settle_problems(session: Transaction, project: int, annotation_id: int) -> int:
    """How many open problems of an annotation are settled by this, because it now fits."""
    query = select(LsProblemRow).where(
        LsProblemRow.project == project,
        LsProblemRow.annotation_id == annotation_id,
        col(LsProblemRow.settled).is_(None),
    )
    rows = session.exec(query).all()
    for row in rows:
        row.settled = now()
        session.add(row)
    session.flush()
    return len(rows)


def problems(session: Transaction, project: int | None = None) -> list[Problem]:
    """The open problems, oldest first."""
    query = select(LsProblemRow).where(col(LsProblemRow.settled).is_(None)).order_by(col(LsProblemRow.id))
    if project is not None:
        query = query.where(LsProblemRow.project == project)
    return [
        Problem.model_validate(row.model_dump(exclude={"id", "project", "found", "settled"}))
        for row in session.exec(query)
    ]


_UPDATE_TASKS = update(LsTaskRow).where(col(LsTaskRow.id) == bindparam("row"))


def _settle(
    session: Transaction,
    table: type[LsTaskRow] | type[LsPredictionRow],
    rows: Sequence[int],
    *,
    state: str,
    ids: Mapping[int, int],
) -> None:
    """Writes state and ids of the server into rows, in few statements: each costs a thread its turn."""
    name = "task_id" if table is LsTaskRow else "prediction_id"
    for some in batches(rows, BATCH):
        values: dict[str, object] = {"state": state, "confirmed": now()}
        if ids:
            values[name] = case({row: ids[row] for row in some}, value=col(table.id))
        session.connection().execute(update(table).where(col(table.id).in_(some)).values(values))
    session.expire_all()


def _present(query: SelectOfScalar[LsPredictionRow], project: int) -> SelectOfScalar[LsPredictionRow]:
    here = query.join(LsTaskRow, col(LsTaskRow.id) == col(LsPredictionRow.task)).where(LsTaskRow.project == project)
    return here.where(LsPredictionRow.state == "present")


def _predictions_of(session: Transaction, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Prediction]:
    found: dict[tuple[int, str], Prediction] = {}
    for start in range(0, len(keys), BATCH):
        which = tuple_(col(LsPredictionRow.task), col(LsPredictionRow.set_id)).in_(keys[start : start + BATCH])
        for row in session.exec(select(LsPredictionRow).where(which)):
            found[row.task, row.set_id] = _prediction(row)
    return found


def _project_row(session: Transaction, project: int) -> LsProjectRow:
    row = session.get(LsProjectRow, project)
    if row is None:
        raise StoreError(f"no project {project} in the store")
    return row


def _project(row: LsProjectRow) -> Project:
    return Project.model_validate(row.model_dump(exclude={"created"}))


def _task(row: LsTaskRow) -> Task:
    return Task.model_validate(row.model_dump(exclude={"intended", "confirmed"}))


def _prediction(row: LsPredictionRow) -> Prediction:
    return Prediction.model_validate(row.model_dump(exclude={"intended", "confirmed"}))
