"""Revisions of people's work, and what became of each suggestion in them. Only ever added to."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import select as sa_select
from sqlalchemy import text
from sqlmodel import col, func, insert, select

from workbench.core.batches import batches
from workbench.core.frozen import Frozen
from workbench.store.annotations import BATCH, StoredSet, stored_set
from workbench.store.database import Transaction, now
from workbench.store.tables import AnnotationSetRow, CorrectionRow, RevisionRow

State = Literal["submitted", "skipped", "deleted", "adjudicated"]
"""What became of an annotation; adjudicated is what a person submitted in a review task."""
SAYING: tuple[State, ...] = ("submitted", "adjudicated")
"""The states in which an annotation says something of its article."""
MOVED_TOO = "moved, too"
"""The detail of a span that was relabelled and moved."""
WITH_SPAN = "with its span"
"""The detail of a role that went, or came, because a span of it did."""

CURRENT = """
WITH ranked AS (
  SELECT revision.*, row_number() OVER (PARTITION BY origin, external_id ORDER BY updated DESC, id DESC) AS place
  FROM revision
), live AS (
  SELECT ranked.id, ranked.article_id, ranked.article_version, ranked.annotator, ranked.lead_time, annotation_set.name, annotation_set.version
  FROM ranked LEFT JOIN annotation_set ON annotation_set.id = ranked.parent_set_id
  WHERE place = 1 AND state = 'submitted'
)
"""
"""The last revision of every annotation, where it was submitted, with the producer of what it was made from."""


class Revision(Frozen):
    """One state of one person's annotation of an article.

    `origin` and `external_id` name the annotation in the place where it was made, `updated` is that place's clock
    (ISO 8601, UTC); `lead_time` counts seconds. `parent_annotation` is the `external_id` of the annotation of the same
    origin that this one was copied from.
    """

    id: int | None = None
    article_id: str
    article_version: int
    annotator: str
    origin: str
    external_id: str
    updated: str
    created: str
    state: State
    set_id: str
    parent_set_id: str | None = None
    parent_annotation: str | None = None
    lead_time: float | None = None


class CurrentState(NamedTuple):
    """Which article version an annotation is of, whether it is submitted, skipped or deleted, and since when."""

    article_id: str
    article_version: int
    state: str
    updated: str


class Correction(Frozen):
    """What became of one suggestion, or one addition.

    `kind` is span, role or attribute; `decision` is kept, moved, relabelled, changed, deleted or added. `detail` is an
    attribute's name, or one of the constants above.
    """

    layer: str
    kind: Literal["span", "role", "attribute"]
    decision: str
    parent_span: str | None = None
    span: str | None = None
    label_before: str | None = None
    label_after: str | None = None
    detail: str = ""


def keep(session: Transaction, revision: Revision, corrections: Iterable[Correction] = ()) -> bool:
    """Whether the revision is new; one that is there already is left as it is, with its corrections."""
    return add(session, revision, corrections) is not None


def add(session: Transaction, revision: Revision, corrections: Iterable[Correction] = ()) -> int | None:
    """The number of the revision, if it is new; one that is there already is left as it is, with its corrections."""
    names = revision.model_dump(include={"origin", "external_id", "updated", "state"})
    if is_kept(session, **names):
        return None
    row = RevisionRow(**revision.model_dump(), stored=now())
    session.add(row)
    session.flush()
    assert row.id is not None
    became = [{"revision_id": row.id, **correction.model_dump()} for correction in corrections]
    if became:
        session.connection().execute(insert(CorrectionRow), became)
    return row.id


def is_kept(session: Transaction, *, origin: str, external_id: str, updated: str, state: State) -> bool:
    """Whether this state of an annotation is a revision already."""
    return (external_id, updated, state) in kept_states(session, origin=origin, external_ids=[external_id])


def kept_states(session: Transaction, *, origin: str, external_ids: Sequence[str]) -> set[tuple[str, str, str]]:
    """The states of these annotations that are revisions already: id there, time of the update, state."""
    found: set[tuple[str, str, str]] = set()
    columns = (RevisionRow.external_id, RevisionRow.updated, RevisionRow.state)
    for some in batches(external_ids, BATCH):
        query = select(*columns).where(RevisionRow.origin == origin, col(RevisionRow.external_id).in_(some))
        found.update(session.exec(query))
    return found


def find(
    session: Transaction, *, article_id: str | None = None, origin: str | None = None, external_id: str | None = None
) -> list[Revision]:
    """Revisions in the order in which they were made, of one article, origin or annotation if one is named."""
    query = select(RevisionRow).order_by(col(RevisionRow.updated), col(RevisionRow.id))
    if article_id is not None:
        query = query.where(RevisionRow.article_id == article_id)
    if origin is not None:
        query = query.where(RevisionRow.origin == origin)
    if external_id is not None:
        query = query.where(RevisionRow.external_id == external_id)
    return [Revision.model_validate(row.model_dump(exclude={"stored"})) for row in session.exec(query)]


def annotated(session: Transaction) -> list[str]:
    """The ids of the articles that have revisions."""
    return sorted(session.exec(select(RevisionRow.article_id).distinct()))


def annotators(session: Transaction) -> list[str]:
    """Everybody who has revisions, in the order in which the first of them was stored."""
    query = select(RevisionRow.annotator).group_by(RevisionRow.annotator).order_by(func.min(RevisionRow.id))
    return list(session.exec(query))


def by_article(
    session: Transaction, article_ids: Iterable[str], *, stored_by: str | None = None
) -> Iterator[tuple[str, list[Revision]]]:
    """Those of the articles that have revisions, by id, each with all of them in the order in which they were made.

    Read as they are asked for; only what was stored by then, if a time is named.
    """
    names = sorted(set(article_ids))
    for first in range(0, len(names), BATCH):
        query = select(RevisionRow).where(col(RevisionRow.article_id).in_(names[first : first + BATCH]))
        if stored_by is not None:
            query = query.where(RevisionRow.stored <= stored_by)
        by_article: dict[str, list[Revision]] = {}
        for row in session.exec(query.order_by(col(RevisionRow.updated), col(RevisionRow.id))):
            revision = Revision.model_validate(row.model_dump(exclude={"stored"}))
            by_article.setdefault(row.article_id, []).append(revision)
        session.expunge_all()
        yield from sorted(by_article.items())


def current_states(session: Transaction, origin: str) -> dict[str, CurrentState]:
    """Where every annotation of an origin stands, by its id there."""
    columns = (
        col(RevisionRow.external_id),
        col(RevisionRow.article_id),
        col(RevisionRow.article_version),
        col(RevisionRow.state),
        col(RevisionRow.updated),
    )
    query = sa_select(*columns).where(col(RevisionRow.origin) == origin)
    ordered = query.order_by(col(RevisionRow.updated), col(RevisionRow.id))
    return {
        name: CurrentState(article_id, version, state, updated)
        for name, article_id, version, state, updated in session.connection().execute(ordered)
    }


def current(session: Transaction, article_ids: Sequence[str] | None = None) -> list[Revision]:
    """The last revision of every annotation, deleted ones included; of these articles, where they are given."""
    last: dict[tuple[str, str], Revision] = {}
    if article_ids is None:
        found = find(session)
    else:
        found = [one for some in batches(dict.fromkeys(article_ids), BATCH) for one in _revisions_of(session, some)]
    for revision in found:
        last[revision.origin, revision.external_id] = revision
    return list(last.values())


def _revisions_of(session: Transaction, article_ids: Sequence[str]) -> list[Revision]:
    query = select(RevisionRow).where(col(RevisionRow.article_id).in_(article_ids))
    rows = session.exec(query.order_by(col(RevisionRow.updated), col(RevisionRow.id)))
    return [Revision.model_validate(row.model_dump(exclude={"stored"})) for row in rows]


def submitted_sets(session: Transaction) -> Iterator[tuple[Revision, StoredSet]]:
    """The current revision of every annotation, where it was submitted, with its set; read as it is asked for."""
    current = [row.id for row in session.connection().execute(text(f"{CURRENT} SELECT id FROM live ORDER BY id"))]
    for first in range(0, len(current), BATCH):
        query = (
            select(RevisionRow, AnnotationSetRow)
            .join(AnnotationSetRow, col(AnnotationSetRow.id) == col(RevisionRow.set_id))
            .where(col(RevisionRow.id).in_(current[first : first + BATCH]))
            .order_by(col(RevisionRow.id))
        )
        for row, stored in session.exec(query):
            yield Revision.model_validate(row.model_dump(exclude={"stored"})), stored_set(stored)


def corrections(session: Transaction, revision_id: int) -> list[Correction]:
    """What became of each suggestion in a revision."""
    query = select(CorrectionRow).where(CorrectionRow.revision_id == revision_id).order_by(col(CorrectionRow.id))
    return [Correction.model_validate(row.model_dump(exclude={"id", "revision_id"})) for row in session.exec(query)]
