"""Annotations that were pulled and do not fit."""

from sqlmodel import col, select

from workbench.core.frozen import Frozen
from workbench.store.database import Transaction, now
from workbench.store.tables import LsProblemRow


class Unfit(Frozen):
    """An annotation that was pulled and kept aside, because it does not fit; `origin` and `external_id` as in a revision."""

    article_id: str
    origin: str
    external_id: str
    message: str


def unfit(session: Transaction) -> list[Unfit]:
    """What was pulled of articles and does not fit, as far as it is not settled, oldest first."""
    query = select(LsProblemRow).where(col(LsProblemRow.settled).is_(None), col(LsProblemRow.article_id).is_not(None))
    return [
        Unfit(
            article_id=row.article_id,
            origin=f"label-studio:{row.project}",
            external_id=str(row.annotation_id),
            message=row.message,
        )
        for row in session.exec(query.order_by(col(LsProblemRow.id)))
        if row.article_id is not None
    ]


class Problem(Frozen):
    """An annotation that was pulled and does not fit. `payload` is Label Studio's JSON of it."""

    task_id: int | None
    article_id: str | None
    annotation_id: int | None
    updated: str
    rule: str
    message: str
    payload: str


def keep(session: Transaction, project: int, problem: Problem) -> bool:
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


def settle(session: Transaction, project: int, annotation_id: int) -> int:
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


def unsettled(session: Transaction, project: int | None = None) -> list[Problem]:
    """The open problems, oldest first."""
    query = select(LsProblemRow).where(col(LsProblemRow.settled).is_(None)).order_by(col(LsProblemRow.id))
    if project is not None:
        query = query.where(LsProblemRow.project == project)
    return [
        Problem.model_validate(row.model_dump(exclude={"id", "project", "found", "settled"}))
        for row in session.exec(query)
    ]
