"""Annotation sets, revisions of people's work, and what became of each suggestion. Only ever added to."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import select as sa_select
from sqlalchemy import text
from sqlmodel import col, func, insert, select, tuple_

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import ArticleKey
from workbench.core.batches import batches
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.errors import StoreError
from workbench.store.database import Transaction, now
from workbench.store.tables import AnnotationSetRow, CorrectionRow, LsProblemRow, RevisionRow, SchemeRow, WithdrawalRow

BATCH = 500
"""How many keys one statement names."""
State = Literal["submitted", "skipped", "deleted", "adjudicated"]
"""What became of an annotation; adjudicated is what a person submitted in a review task."""
SUGGESTING = ("rules", "model")
"""The kinds of producers whose sets annotators see as suggestions."""
SAYING: tuple[State, ...] = ("submitted", "adjudicated")
"""The states in which an annotation says something of its article."""

MOVED_TOO = "moved, too"
"""The detail of a span that was relabelled and moved."""
WITH_SPAN = "with its span"
"""The detail of a role that went, or came, because a span of it did."""


class StoredSet(Frozen):
    """An annotation set with the article version that it annotates. `id` is its key in the store."""

    id: str
    article_id: str
    article_version: int
    annotations: AnnotationSet


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


class Unfit(Frozen):
    """An annotation that was pulled and kept aside, because it does not fit; `origin` and `external_id` as in a revision."""

    article_id: str
    origin: str
    external_id: str
    message: str


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


class CorrectionCount(Frozen):
    """How often one decision was taken. `model` names the producer of the suggestions.

    `label` is the suggested label or role, the new one where it was added, and for an attribute the attribute's name. A
    span that kept place and label counts as changed, not as kept, where one of its attributes was changed.
    """

    annotator: str
    model: str
    layer: str
    kind: str
    label: str
    decision: str
    count: int


class TimedWork(NamedTuple):
    """What one annotation of an article version took in seconds, and how many corrections were made in it."""

    key: ArticleKey
    corrections: int
    seconds: float


class WorkCount(Frozen):
    """What one person submitted from the suggestions of one model: `model` is empty where there were none.

    `annotations` count the current submitted ones and `timed` those with a lead time; `seconds` is their lead time, and
    `timed_corrections` what they corrected.
    """

    annotator: str
    model: str
    annotations: int
    corrections: int
    timed: int
    timed_corrections: int
    seconds: float


def set_id(article_id: str, article_version: int, annotations: AnnotationSet) -> str:
    """The key of an annotation set: a hash of article, version and content."""
    return key_of(article_id, article_version, annotations.digest)


def key_of(article_id: str, article_version: int, digest: str) -> str:
    """The key of the annotation set with this digest."""
    return hashlib.sha256(f"{article_id} {article_version} {digest}".encode()).hexdigest()[:32]


def keep(session: Transaction, article_id: str, article_version: int, annotations: AnnotationSet) -> str:
    """The key of the set in the store; a set that is there already is not stored again.

    Of an article whose words were erased meanwhile, it is stored without any.
    """
    key = set_id(article_id, article_version, annotations)
    if session.get(AnnotationSetRow, key) is None:
        if _is_erased(session, article_id):
            annotations = without_words(annotations)
        session.add(
            AnnotationSetRow(
                id=key,
                article_id=article_id,
                article_version=article_version,
                kind=annotations.producer.kind,
                name=annotations.producer.name,
                version=annotations.producer.version,
                scheme_digest=annotations.scheme_digest,
                created=annotations.created,
                stored=now(),
                body=annotations.model_dump_json(exclude_defaults=True),
            )
        )
        session.flush()
    return key


def without_words(annotations: AnnotationSet) -> AnnotationSet:
    """Who made a set, when, and under which scheme, without anything that it says."""
    return AnnotationSet(
        producer=annotations.producer, scheme_digest=annotations.scheme_digest, created=annotations.created, layers={}
    )


def _is_erased(session: Transaction, article_id: str) -> bool:
    query = select(WithdrawalRow.id).where(
        WithdrawalRow.article_id == article_id, col(WithdrawalRow.erased).is_not(None)
    )
    return session.exec(query).first() is not None


def get_set(session: Transaction, key: str) -> StoredSet:
    """The annotation set with this key.

    Raises:
        StoreError: there is none.
    """
    row = session.get(AnnotationSetRow, key)
    if row is None:
        raise StoreError(f"no annotation set {key} in the store")
    return _stored(row)


def get_sets(session: Transaction, keys: Sequence[str]) -> dict[str, StoredSet]:
    """The annotation sets with these keys, of those that are there."""
    found: dict[str, StoredSet] = {}
    for start in range(0, len(keys), BATCH):
        which = col(AnnotationSetRow.id).in_(keys[start : start + BATCH])
        found |= {row.id: _stored(row) for row in session.exec(select(AnnotationSetRow).where(which))}
        session.expunge_all()
    return found


def suggested(session: Transaction, producer: Producer, scheme_digest: str) -> dict[tuple[str, int], str]:
    """The key of the newest set by this producer under this scheme, for each article id and version that has one."""
    query = select(AnnotationSetRow.article_id, AnnotationSetRow.article_version, AnnotationSetRow.id).where(
        AnnotationSetRow.kind == producer.kind,
        AnnotationSetRow.name == producer.name,
        AnnotationSetRow.version == producer.version,
        AnnotationSetRow.scheme_digest == scheme_digest,
    )
    ordered = query.order_by(col(AnnotationSetRow.stored))
    return {(article_id, version): key for article_id, version, key in session.exec(ordered)}


def suggestions(
    session: Transaction, article_id: str, article_version: int, *, kinds: Collection[str] = SUGGESTING
) -> list[StoredSet]:
    """The sets that producers of these kinds suggested for an article version, oldest first."""
    query = select(AnnotationSetRow).where(
        AnnotationSetRow.article_id == article_id,
        AnnotationSetRow.article_version == article_version,
        col(AnnotationSetRow.kind).in_(kinds),
    )
    return [_stored(row) for row in session.exec(query.order_by(col(AnnotationSetRow.stored)))]


def suggestion_ids(
    session: Transaction, keys: Collection[tuple[str, int]], *, kinds: Collection[str] = SUGGESTING
) -> dict[tuple[str, int], list[str]]:
    """The keys of the sets that producers of these kinds suggested for these article versions, oldest first."""
    found: dict[tuple[str, int], list[str]] = {}
    for some in batches(keys, BATCH):
        query = select(AnnotationSetRow.article_id, AnnotationSetRow.article_version, AnnotationSetRow.id).where(
            tuple_(col(AnnotationSetRow.article_id), col(AnnotationSetRow.article_version)).in_(some),
            col(AnnotationSetRow.kind).in_(kinds),
        )
        for article_id, version, key in session.exec(query.order_by(col(AnnotationSetRow.stored))):
            found.setdefault((article_id, version), []).append(key)
    return found


def producers(session: Transaction) -> list[tuple[Producer, int]]:
    """Every producer of suggestions with the number of its sets, the newest producer last."""
    query = (
        select(AnnotationSetRow.kind, AnnotationSetRow.name, AnnotationSetRow.version, func.count())
        .where(col(AnnotationSetRow.kind).in_(("rules", "model")))
        .group_by(AnnotationSetRow.kind, AnnotationSetRow.name, AnnotationSetRow.version)
        .order_by(func.max(AnnotationSetRow.stored))
    )
    return [
        (Producer.model_validate({"kind": kind, "name": name, "version": version}), number)
        for kind, name, version, number in session.exec(query)
    ]


def versions(session: Transaction, producer: Producer) -> list[str]:
    """The versions of a producer, whatever its own, of which there are sets."""
    query = select(AnnotationSetRow.version).where(
        AnnotationSetRow.kind == producer.kind, AnnotationSetRow.name == producer.name
    )
    return sorted(session.exec(query.distinct()))


def keep_scheme(session: Transaction, scheme: LabelScheme) -> None:
    """Keeps a scheme, so that sets which were made under it can be read when another has taken its place."""
    if session.get(SchemeRow, scheme.digest) is None:
        session.add(SchemeRow(digest=scheme.digest, body=scheme.model_dump_json(exclude_defaults=True), stored=now()))
        session.flush()


def scheme_of(session: Transaction, digest: str) -> LabelScheme | None:
    """The scheme with this digest; None where it was not kept."""
    row = session.get(SchemeRow, digest)
    return LabelScheme.model_validate_json(row.body) if row else None


def keep_revision(session: Transaction, revision: Revision, corrections: Iterable[Correction] = ()) -> bool:
    """Whether the revision is new; one that is there already is left as it is, with its corrections."""
    return add_revision(session, revision, corrections) is not None


def add_revision(session: Transaction, revision: Revision, corrections: Iterable[Correction] = ()) -> int | None:
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


def revisions(
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


def revisions_by_article(
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


def kinds(session: Transaction, keys: Sequence[str]) -> dict[str, str]:
    """The kind of the producer of each of these annotation sets."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), BATCH):
        which = col(AnnotationSetRow.id).in_(keys[start : start + BATCH])
        found |= dict(session.exec(select(AnnotationSetRow.id, AnnotationSetRow.kind).where(which)).all())
    return found


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


def current_revisions(session: Transaction, article_ids: Sequence[str] | None = None) -> list[Revision]:
    """The last revision of every annotation, deleted ones included; of these articles, where they are given."""
    last: dict[tuple[str, str], Revision] = {}
    if article_ids is None:
        found = revisions(session)
    else:
        found = [one for some in batches(dict.fromkeys(article_ids), BATCH) for one in _revisions_of(session, some)]
    for revision in found:
        last[revision.origin, revision.external_id] = revision
    return list(last.values())


def _revisions_of(session: Transaction, article_ids: Sequence[str]) -> list[Revision]:
    query = select(RevisionRow).where(col(RevisionRow.article_id).in_(article_ids))
    rows = session.exec(query.order_by(col(RevisionRow.updated), col(RevisionRow.id)))
    return [Revision.model_validate(row.model_dump(exclude={"stored"})) for row in rows]


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


def submitted_sets(session: Transaction) -> Iterator[tuple[Revision, StoredSet]]:
    """The current revision of every annotation, where it was submitted, with its set; read as it is asked for."""
    current = [row.id for row in session.connection().execute(text(f"{_CURRENT} SELECT id FROM live ORDER BY id"))]
    for first in range(0, len(current), BATCH):
        query = (
            select(RevisionRow, AnnotationSetRow)
            .join(AnnotationSetRow, col(AnnotationSetRow.id) == col(RevisionRow.set_id))
            .where(col(RevisionRow.id).in_(current[first : first + BATCH]))
            .order_by(col(RevisionRow.id))
        )
        for row, stored in session.exec(query):
            yield Revision.model_validate(row.model_dump(exclude={"stored"})), _stored(stored)


def corrections(session: Transaction, revision_id: int) -> list[Correction]:
    """What became of each suggestion in a revision."""
    query = select(CorrectionRow).where(CorrectionRow.revision_id == revision_id).order_by(col(CorrectionRow.id))
    return [Correction.model_validate(row.model_dump(exclude={"id", "revision_id"})) for row in session.exec(query)]


def correction_counts(session: Transaction) -> list[CorrectionCount]:
    """How often each decision was taken in the current submitted revisions, by annotator, model, layer and label."""
    found = [
        CorrectionCount(
            annotator=row.annotator,
            model=_model(row.name, row.version),
            layer=row.layer,
            kind=row.kind,
            label=row.label,
            decision=row.decision,
            count=row.number,
        )
        for row in session.connection().execute(_DECISIONS)
    ]
    # Sorted here: databases differ in how they order text.
    return sorted(found, key=lambda one: (one.annotator, one.model, one.layer, one.kind, one.label, one.decision))


def work_counts(session: Transaction) -> list[WorkCount]:
    """How much each person submitted and corrected from the suggestions of each model, and how long it took."""
    found = [
        WorkCount(
            annotator=row.annotator,
            model=_model(row.name, row.version),
            annotations=row.annotations,
            corrections=int(row.corrections),
            timed=row.timed,
            timed_corrections=int(row.timed_corrections),
            seconds=float(row.seconds),
        )
        for row in session.connection().execute(_WORK, {"moved_too": MOVED_TOO, "with_span": WITH_SPAN})
    ]
    return sorted(found, key=lambda one: (one.annotator, one.model))


def timed_work(session: Transaction) -> list[TimedWork]:
    """Every current submitted annotation that has a lead time, with what it corrected."""
    found = [
        TimedWork(key=(row.article_id, row.article_version), corrections=int(row.price), seconds=float(row.lead_time))
        for row in session.connection().execute(_TIMED, {"moved_too": MOVED_TOO, "with_span": WITH_SPAN})
    ]
    return sorted(found)


_CURRENT = """
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

_DECISIONS = text(
    _CURRENT
    + """, touched AS (
  SELECT DISTINCT revision_id, span FROM correction WHERE kind = 'attribute'
), decided AS (
  SELECT live.annotator, live.name, live.version, correction.layer, correction.kind,
    CASE WHEN correction.kind = 'attribute' THEN correction.detail
         ELSE coalesce(correction.label_before, correction.label_after, '') END AS label,
    CASE WHEN correction.kind = 'span' AND correction.decision = 'kept' AND touched.span IS NOT NULL THEN 'changed'
         ELSE correction.decision END AS decision
  FROM correction
  JOIN live ON live.id = correction.revision_id
  LEFT JOIN touched ON touched.revision_id = correction.revision_id AND touched.span = correction.span
)
SELECT annotator, name, version, layer, kind, label, decision, count(*) AS number
FROM decided GROUP BY annotator, name, version, layer, kind, label, decision
"""
)

# What the rows of a revision cost the annotator: a role that goes with its span goes by itself. They are looked up by
# the index: PostgreSQL cannot know how many revisions are current, and would join a sum over all corrections in a loop.
_PRICED = (
    _CURRENT
    + """, priced AS (
  SELECT annotator, name, version, lead_time, article_id, article_version, coalesce((
    SELECT sum(CASE
      WHEN decision = 'kept' OR (kind = 'role' AND decision = 'deleted' AND detail = :with_span) THEN 0
      WHEN detail = :moved_too THEN 2
      ELSE 1 END)
    FROM correction WHERE correction.revision_id = live.id), 0) AS price
  FROM live
)
"""
)
_TIMED = text(_PRICED + "SELECT article_id, article_version, lead_time, price FROM priced WHERE lead_time > 0")
_WORK = text(
    _PRICED
    + """
SELECT annotator, name, version, count(*) AS annotations, sum(price) AS corrections, count(lead_time) AS timed,
  sum(CASE WHEN lead_time IS NULL THEN 0 ELSE price END) AS timed_corrections, coalesce(sum(lead_time), 0) AS seconds
FROM priced GROUP BY annotator, name, version
"""
)


def _model(name: str | None, version: str | None) -> str:
    return f"{name or ''} {version or ''}".strip()


def _stored(row: AnnotationSetRow) -> StoredSet:
    return StoredSet(
        id=row.id,
        article_id=row.article_id,
        article_version=row.article_version,
        annotations=AnnotationSet.model_validate_json(row.body),
    )
