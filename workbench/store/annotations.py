"""Annotation sets: who made them, of which article version, under which scheme. Only ever added to."""

import hashlib
from collections.abc import Collection, Sequence

from sqlmodel import col, func, select, tuple_

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.batches import batches
from workbench.core.frozen import Frozen
from workbench.errors import StoreError
from workbench.store.database import Transaction, now
from workbench.store.tables import AnnotationSetRow, WithdrawalRow

BATCH = 500
"""How many keys one statement names."""
SUGGESTING = ("rules", "model")
"""The kinds of producers whose sets annotators see as suggestions."""


class StoredSet(Frozen):
    """An annotation set with the article version that it annotates. `id` is its key in the store."""

    id: str
    article_id: str
    article_version: int
    annotations: AnnotationSet


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
    return stored_set(row)


def get_sets(session: Transaction, keys: Sequence[str]) -> dict[str, StoredSet]:
    """The annotation sets with these keys, of those that are there."""
    found: dict[str, StoredSet] = {}
    for start in range(0, len(keys), BATCH):
        which = col(AnnotationSetRow.id).in_(keys[start : start + BATCH])
        found |= {row.id: stored_set(row) for row in session.exec(select(AnnotationSetRow).where(which))}
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
    return [stored_set(row) for row in session.exec(query.order_by(col(AnnotationSetRow.stored)))]


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


def kinds(session: Transaction, keys: Sequence[str]) -> dict[str, str]:
    """The kind of the producer of each of these annotation sets."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), BATCH):
        which = col(AnnotationSetRow.id).in_(keys[start : start + BATCH])
        found |= dict(session.exec(select(AnnotationSetRow.id, AnnotationSetRow.kind).where(which)).all())
    return found


def stored_set(row: AnnotationSetRow) -> StoredSet:
    """The annotation set that a row holds."""
    return StoredSet(
        id=row.id,
        article_id=row.article_id,
        article_version=row.article_version,
        annotations=AnnotationSet.model_validate_json(row.body),
    )
