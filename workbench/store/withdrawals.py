"""Articles that were withdrawn: why, and whether their words are still in the store."""

import json
from collections.abc import Collection
from typing import Any

from pydantic import Field
from sqlalchemy import delete, exists, update
from sqlmodel import col, or_, select

from workbench.core.annotations import AnnotationSet
from workbench.core.frozen import Frozen
from workbench.errors import ArticleError
from workbench.store import annotations, revisions
from workbench.store.database import Transaction, now
from workbench.store.tables import (
    AdjudicationRow,
    AnnotationSetRow,
    ArticleRow,
    ArticleSignatureRow,
    ArticleVersionRow,
    CorrectionRow,
    DecisionRow,
    LsProblemRow,
    LsTaskRow,
    ModelRow,
    QueueRow,
    ReleaseRow,
    RevisionRow,
    WithdrawalRow,
)

ERASED = "its words were erased"
"""Stands where a message or an example quoted an article whose text was erased."""


Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class Withdrawal(Frozen):
    """An article that was withdrawn, when and why; `erased` says when its words were taken out of the store.

    `texts` are the hashes that the texts of its versions had.
    """

    article_id: str
    why: str
    withdrawn: str
    erased: str | None = None
    texts: dict[int, str] = Field(default_factory=dict[int, str])

    def __str__(self) -> str:
        how = " and erased" if self.erased else ""
        return f"it was withdrawn{how} on {self.withdrawn[:10]}: {self.why}"


def current(session: Transaction, article_ids: Collection[str] | None = None) -> dict[str, Withdrawal]:
    """The articles that are withdrawn, by id, the first first; of these only, where some are named."""
    query = select(WithdrawalRow).where(col(WithdrawalRow.undone).is_(None)).order_by(col(WithdrawalRow.id))
    rows = session.exec(query)
    wanted = None if article_ids is None else set(article_ids)
    return {row.article_id: _withdrawal(row) for row in rows if wanted is None or row.article_id in wanted}


def erased(session: Transaction) -> set[str]:
    """The ids of the articles whose words are not in the store any more."""
    return set(session.exec(select(WithdrawalRow.article_id).where(col(WithdrawalRow.erased).is_not(None))))


def withdraw(session: Transaction, article_id: str, why: str) -> Withdrawal:
    """The withdrawal of an article; one that is withdrawn already stays so, with the reason that was given then."""
    known = current(session, [article_id]).get(article_id)
    if known is None:
        session.add(WithdrawalRow(article_id=article_id, why=why, withdrawn=now()))
        session.connection().execute(delete(QueueRow).where(col(QueueRow.article_id) == article_id))
        session.flush()
        known = current(session, [article_id])[article_id]
    return known


def undo(session: Transaction, article_id: str) -> Withdrawal:
    """The withdrawal that holds no more.

    Raises:
        ArticleError: the article is not withdrawn, or its words were erased.
    """
    known = current(session, [article_id]).get(article_id)
    if known is None:
        raise ArticleError(f"article {article_id} is not withdrawn", hint="`workbench articles list` shows which are")
    if known.erased:
        raise ArticleError(
            f"article {article_id} was erased on {known.erased[:10]}, and its words are not in the store any more",
            hint="restore a backup of before, if there is one",
        )
    which = (col(WithdrawalRow.article_id) == article_id, col(WithdrawalRow.undone).is_(None))
    session.connection().execute(update(WithdrawalRow).where(*which).values(undone=now()))
    session.expire_all()
    return known


def erase(session: Transaction, article_id: str) -> Withdrawal:
    """The withdrawal of an article of which no word is in the store any more; what was stored of it stays as hashes.

    Taken out are its raw text, title, text and cuts, what it is compared with others by, every annotation set's spans
    and notes, what does not fit, decisions about it, and what messages and examples quote of it. Its annotations count as
    deleted. Where it was found stays, and the title in the manifests of releases, whose digests cover it.

    Raises:
        ArticleError: the article is not withdrawn.
    """
    known = current(session, [article_id]).get(article_id)
    if known is None:
        raise ArticleError(f"article {article_id} is not withdrawn", hint="withdraw it first")
    if known.erased:
        return known
    stamp = now()
    for last in revisions.current(session, [article_id]):
        if last.state != "deleted":
            gone = last.model_copy(update={"id": None, "state": "deleted", "updated": max(stamp, last.updated)})
            revisions.keep(session, gone)
    versions = select(ArticleVersionRow.version, ArticleVersionRow.text_sha256)
    texts = dict(session.exec(versions.where(ArticleVersionRow.article_id == article_id)).all())
    _blank_sets(session, article_id)
    _blank_documents(session, article_id)
    ours = select(RevisionRow.id).where(RevisionRow.article_id == article_id)
    adjudications = select(AdjudicationRow.id).where(AdjudicationRow.article_id == article_id)
    problem = or_(
        col(LsProblemRow.article_id) == article_id,
        exists().where(
            col(LsTaskRow.article_id) == article_id,
            col(LsTaskRow.project) == col(LsProblemRow.project),
            col(LsTaskRow.task_id) == col(LsProblemRow.task_id),
        ),
    )
    for statement in (
        delete(ArticleVersionRow).where(col(ArticleVersionRow.article_id) == article_id),
        delete(ArticleSignatureRow).where(col(ArticleSignatureRow.article_id) == article_id),
        delete(QueueRow).where(col(QueueRow.article_id) == article_id),
        delete(DecisionRow).where(col(DecisionRow.adjudication).in_(adjudications)),
        update(ArticleRow).where(col(ArticleRow.id) == article_id).values(raw="", meta="{}"),
        # Of an attribute it may be somebody's own words, or words of the text.
        update(CorrectionRow)
        .where(col(CorrectionRow.revision_id).in_(ours), col(CorrectionRow.kind) == "attribute")
        .values(label_before=None, label_after=None),
        update(LsProblemRow).where(problem).values(message=ERASED, payload="{}", settled=stamp),
        update(LsTaskRow).where(col(LsTaskRow.article_id) == article_id).values(note=""),
        update(WithdrawalRow)
        .where(col(WithdrawalRow.article_id) == article_id, col(WithdrawalRow.undone).is_(None))
        .values(erased=stamp, texts=json.dumps(texts)),
    ):
        session.connection().execute(statement)
    session.expire_all()
    return current(session, [article_id])[article_id]


def _blank_sets(session: Transaction, article_id: str) -> None:
    """Leaves of every annotation set of an article only who made it, when, and under which scheme."""
    rows = session.exec(select(AnnotationSetRow).where(AnnotationSetRow.article_id == article_id)).all()
    for row in rows:
        kept = annotations.without_words(AnnotationSet.model_validate_json(row.body))
        row.body = kept.model_dump_json(exclude_defaults=True)
        session.add(row)
    session.flush()


def _blank_documents(session: Transaction, article_id: str) -> None:
    """Takes what manifests and reports of models quote of an article out of them."""
    for release in session.exec(select(ReleaseRow).where(col(ReleaseRow.manifest).contains(article_id))).all():
        release.manifest = json.dumps(_manifest(json.loads(release.manifest), article_id), ensure_ascii=False)
        session.add(release)
    for model in session.exec(select(ModelRow).where(col(ModelRow.report).contains(article_id))).all():
        model.report = json.dumps(without_quotations(json.loads(model.report), article_id))
        session.add(model)
    session.flush()


def _manifest(document: dict[str, Any], article_id: str) -> dict[str, Any]:
    """A manifest without quotations of an article beside what its digest covers."""
    for one in document.get("left_out", ()):
        if one["article_id"] == article_id:
            one |= {"title": "", "reason": ERASED}
    for one in document.get("set_aside", ()):
        if one["article_id"] == article_id and one.get("unusable"):
            one["unusable"] = [ERASED] * len(one["unusable"])
    return document


def without_quotations(value: Json, article_id: str) -> Json:
    """A JSON document in which what is said with an article's id quotes nothing of it."""
    if isinstance(value, str):
        return f"{article_id}: {ERASED}" if article_id in value and value != article_id else value
    if isinstance(value, list):
        return [without_quotations(one, article_id) for one in value]
    if not isinstance(value, dict):
        return value
    about = article_id in (value.get("article"), value.get("article_id"))
    quoting = ("expected", "found", "right", "wrong", "title", "text") if about else ()
    return {
        name: ERASED if name in quoting and isinstance(one, str) and one else without_quotations(one, article_id)
        for name, one in value.items()
    }


def _withdrawal(row: WithdrawalRow) -> Withdrawal:
    return Withdrawal(
        article_id=row.article_id,
        why=row.why,
        withdrawn=row.withdrawn,
        erased=row.erased,
        texts={int(version): digest for version, digest in json.loads(row.texts).items()},
    )
