"""What annotators said, merged, and what was decided of the things on which they differ. Only ever added to."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlmodel import col, func, insert, select

from workbench.core.adjudication.decisions import Decision
from workbench.core.adjudication.policies import Policies
from workbench.core.batches import batches
from workbench.core.frozen import Frozen
from workbench.store.database import Transaction, now
from workbench.store.tables import AdjudicationParentRow, AdjudicationReviewRow, AdjudicationRow, DecisionRow

BATCH = 500
"""How many keys one statement names."""


class Parent(Frozen):
    """An annotation that was merged: whose, which revision and set, and a hash of what it says.

    One that could not be merged, because it fits neither text nor scheme, is not `used`.
    """

    annotator: str
    revision_id: int
    set_id: str
    content: str
    used: bool = True


class Adjudication(Frozen):
    """The annotations of an article version, merged into the set with the key `set_id`.

    `agreed`, `decided` and `left_open` count things that all say, that the policies decided, and that a person has to.
    """

    id: int | None = None
    article_id: str
    article_version: int
    set_id: str
    policies: Policies
    agreed: int
    decided: int
    left_open: int
    created: str = ""
    parents: tuple[Parent, ...] = ()


class DecisionCount(Frozen):
    """How many things of a layer were decided in one way; `by` None were left to a person."""

    layer: str
    kind: str
    by: str | None
    count: int


def add(session: Transaction, made: Adjudication, decisions: Iterable[Decision]) -> int:
    """The number of the adjudication, stored with everything that was decided or left open."""
    row = AdjudicationRow(
        **made.model_dump(exclude={"id", "policies", "created", "parents"}),
        policies=made.policies.model_dump_json(),
        created=made.created or now(),
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    parents = [{"adjudication": row.id, **one.model_dump()} for one in made.parents]
    if parents:
        session.connection().execute(insert(AdjudicationParentRow), parents)
    _add_decisions(session, row.id, None, decisions)
    return row.id


def add_review(session: Transaction, adjudication: int, revision_id: int, decisions: Iterable[Decision]) -> None:
    """Stores that a person decided, with this revision, what an adjudication left open."""
    session.add(AdjudicationReviewRow(revision_id=revision_id, adjudication=adjudication))
    session.flush()
    _add_decisions(session, adjudication, revision_id, decisions)


def current(session: Transaction, article_ids: Iterable[str] | None = None) -> dict[str, Adjudication]:
    """The last adjudication of each article that has one, of these articles if they are given."""
    newest = select(func.max(AdjudicationRow.id)).group_by(col(AdjudicationRow.article_id))
    if article_ids is None:
        found = list(session.exec(select(AdjudicationRow).where(col(AdjudicationRow.id).in_(newest))))
    else:
        found: list[AdjudicationRow] = []
        for some in batches(dict.fromkeys(article_ids), BATCH):
            which = newest.where(col(AdjudicationRow.article_id).in_(some))
            found += session.exec(select(AdjudicationRow).where(col(AdjudicationRow.id).in_(which)))
    return {one.article_id: one for one in _with_parents(session, found)}


def settled_by_rule(session: Transaction, article_ids: Iterable[str]) -> dict[str, dict[int, str]]:
    """When each version of these articles was first adjudicated with nothing left to a person, by article and version."""
    found: dict[str, dict[int, str]] = {}
    for some in batches(dict.fromkeys(article_ids), BATCH):
        query = (
            select(AdjudicationRow.article_id, AdjudicationRow.article_version, func.min(AdjudicationRow.created))
            .where(col(AdjudicationRow.article_id).in_(some), AdjudicationRow.left_open == 0)
            .group_by(col(AdjudicationRow.article_id), col(AdjudicationRow.article_version))
        )
        for article_id, version, created in session.exec(query):
            found.setdefault(article_id, {})[version] = created
    return found


def of_article(session: Transaction, article_id: str) -> list[Adjudication]:
    """Every adjudication of an article, the first first."""
    query = select(AdjudicationRow).where(AdjudicationRow.article_id == article_id).order_by(col(AdjudicationRow.id))
    return _with_parents(session, list(session.exec(query)))


def made_of(session: Transaction, set_id: str) -> Adjudication | None:
    """The last adjudication that merged into this set; None where none did."""
    query = select(AdjudicationRow).where(AdjudicationRow.set_id == set_id).order_by(col(AdjudicationRow.id).desc())
    row = session.exec(query).first()
    return _with_parents(session, [row])[0] if row else None


def last_policies(session: Transaction) -> Policies | None:
    """What decided in the last adjudication of any article; None where there is none."""
    row = session.exec(select(AdjudicationRow).order_by(col(AdjudicationRow.id).desc())).first()
    return Policies.model_validate_json(row.policies) if row else None


def reviewed(session: Transaction, revision_ids: Iterable[int]) -> dict[int, int]:
    """The adjudication that each of these revisions decided, of those that decided one."""
    found: dict[int, int] = {}
    for some in batches(dict.fromkeys(revision_ids), BATCH):
        query = select(AdjudicationReviewRow).where(col(AdjudicationReviewRow.revision_id).in_(some))
        found |= {row.revision_id: row.adjudication for row in session.exec(query)}
    return found


def decisions(session: Transaction, adjudication: int) -> list[Decision]:
    """What was decided or left open when an adjudication was made."""
    query = select(DecisionRow).where(DecisionRow.adjudication == adjudication, col(DecisionRow.revision_id).is_(None))
    return [Decision.model_validate_json(row.body) for row in session.exec(query.order_by(col(DecisionRow.id)))]


def decided_with(session: Transaction, revision_id: int) -> list[Decision]:
    """What a person decided with a revision."""
    query = select(DecisionRow).where(DecisionRow.revision_id == revision_id)
    return [Decision.model_validate_json(row.body) for row in session.exec(query.order_by(col(DecisionRow.id)))]


def decision_counts(
    session: Transaction, adjudications: Iterable[int], *, revision_ids: Iterable[int] = ()
) -> list[DecisionCount]:
    """How often what decided, in these adjudications and by people with these revisions, by layer and kind."""
    counts: Counter[tuple[str, str, str | None]] = Counter()
    columns = select(DecisionRow.layer, DecisionRow.kind, DecisionRow.decided_by, func.count()).group_by(
        col(DecisionRow.layer), col(DecisionRow.kind), col(DecisionRow.decided_by)
    )
    for some in batches(list(adjudications), BATCH):
        query = columns.where(col(DecisionRow.adjudication).in_(some), col(DecisionRow.revision_id).is_(None))
        for layer, kind, by, number in session.exec(query):
            counts[layer, kind, by] += number
    for some in batches(list(revision_ids), BATCH):
        for layer, kind, by, number in session.exec(columns.where(col(DecisionRow.revision_id).in_(some))):
            counts[layer, kind, by] += number
    ordered = sorted(counts.items(), key=lambda one: tuple(part or "" for part in one[0]))
    return [DecisionCount(layer=layer, kind=kind, by=by, count=n) for (layer, kind, by), n in ordered]


def _add_decisions(
    session: Transaction, adjudication: int, revision_id: int | None, decisions: Iterable[Decision]
) -> None:
    rows = [
        {
            "adjudication": adjudication,
            "revision_id": revision_id,
            "layer": one.layer,
            "kind": one.kind,
            "decided_by": one.by,
            "who": one.who,
            "body": one.model_dump_json(exclude_defaults=True),
        }
        for one in decisions
    ]
    if rows:
        session.connection().execute(insert(DecisionRow), rows)


def _with_parents(session: Transaction, rows: Sequence[AdjudicationRow]) -> list[Adjudication]:
    by_adjudication: dict[int, list[Parent]] = {}
    for some in batches([row.id for row in rows if row.id is not None], BATCH):
        query = select(AdjudicationParentRow).where(col(AdjudicationParentRow.adjudication).in_(some))
        for one in session.exec(query.order_by(col(AdjudicationParentRow.annotator))):
            parent = Parent.model_validate(one.model_dump(exclude={"adjudication"}))
            by_adjudication.setdefault(one.adjudication, []).append(parent)
    return [
        Adjudication(
            **row.model_dump(exclude={"policies"}),
            policies=Policies.model_validate_json(row.policies),
            parents=tuple(sorted(by_adjudication.get(row.id or 0, ()), key=lambda one: one.annotator)),
        )
        for row in rows
    ]
