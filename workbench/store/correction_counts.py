"""What annotators corrected and how long it took, counted by the database over the current revisions."""

from typing import NamedTuple

from sqlalchemy import text

from workbench.core.article import ArticleKey
from workbench.core.frozen import Frozen
from workbench.store.database import Transaction
from workbench.store.revisions import CURRENT, MOVED_TOO, WITH_SPAN


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


def decisions(session: Transaction) -> list[CorrectionCount]:
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


def work(session: Transaction) -> list[WorkCount]:
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


def timed(session: Transaction) -> list[TimedWork]:
    """Every current submitted annotation that has a lead time, with what it corrected."""
    found = [
        TimedWork(key=(row.article_id, row.article_version), corrections=int(row.price), seconds=float(row.lead_time))
        for row in session.connection().execute(_TIMED, {"moved_too": MOVED_TOO, "with_span": WITH_SPAN})
    ]
    return sorted(found)


_DECISIONS = text(
    CURRENT
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
    CURRENT
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
