"""What was sent to Label Studio, what came of it, and what was pulled and does not fit.

Intent is written before a request, the outcome after it, so that a run that died can be finished by the next.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from sqlmodel import col, func, select

from workbench.core.frozen import Frozen
from workbench.errors import StoreError
from workbench.store.database import Transaction, now
from workbench.store.tables import LsPredictionRow, LsProblemRow, LsProjectRow, LsTaskRow

TaskState = Literal["intended", "present", "gone", "superseded"]
PredictionState = Literal["intended", "present", "retired"]


class Project(Frozen):
    """A Label Studio project. `watermark` is the server's clock up to which changes were pulled."""

    id: int
    server: str
    project_id: int
    title: str
    scheme_digest: str
    config: str
    model_version: str | None
    watermark: str | None


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
    session: Transaction, *, server: str, project_id: int, title: str, scheme_digest: str, config: str
) -> Project:
    """Remembers a project that was made."""
    row = LsProjectRow(
        server=server, project_id=project_id, title=title, scheme_digest=scheme_digest, config=config, created=now()
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
    query = select(LsTaskRow).where(
        LsTaskRow.project == project, LsTaskRow.article_id == article_id, LsTaskRow.article_version == article_version
    )
    row = session.exec(query).first()
    if row is None:
        row = LsTaskRow(
            project=project,
            article_id=article_id,
            article_version=article_version,
            state="intended",
            priority=priority,
            blind=blind,
            intended=now(),
        )
        session.add(row)
        session.flush()
    return _task(row)


def settle_task(
    session: Transaction, task: int, *, state: TaskState, task_id: int | None = None, note: str | None = None
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
    session.add(row)
    session.flush()


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


def intend_prediction(session: Transaction, task: int, set_id: str, model_version: str) -> Prediction:
    """The prediction of a task with this set, written down before it is sent; one that is there is left as it is."""
    row = session.exec(
        select(LsPredictionRow).where(LsPredictionRow.task == task, LsPredictionRow.set_id == set_id)
    ).first()
    if row is None:
        row = LsPredictionRow(task=task, set_id=set_id, model_version=model_version, state="intended", intended=now())
        session.add(row)
        session.flush()
    return _prediction(row)


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
    if task_ids is not None:
        query = query.where(col(LsPredictionRow.task).in_(list(task_ids)))
    for row in session.exec(query):
        yield _prediction(row)


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
