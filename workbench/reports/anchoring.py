"""What suggestions do to whoever sees them: the time that they save, and how far they pull a judgement towards them.

Both are told by comparison with articles that went without a suggestion on purpose, which nobody chose by looking at
them: those of `push --blind`, and those of the dev and test parts.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal

from pydantic import Field

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import ArticleKey
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.measures import Counts, Interval, difference_of_f1
from workbench.core.report import Report, Shown, Table
from workbench.core.scheme import LabelScheme
from workbench.store import Store, Transaction, annotations, articles, projects, revisions, task_ledger
from workbench.store.annotations import StoredSet
from workbench.store.revisions import Revision

EVERYBODY = "everybody"
PER_WORDS = 100


class Pace(Frozen):
    """How fast people worked: `seconds` is the median over the annotations with a lead time, for 100 words of text."""

    annotations: int = 0
    timed: int = 0
    seconds: float | None = None


class TimeRow(Frozen):
    """One person's pace with and without suggestions, and the share of the time that they save."""

    annotator: str
    shown: Pace
    blind: Pace
    saved: float | None


class AnchoringRow(Frozen):
    """How much what people submitted is like the suggestions of one producer: seen, and never seen.

    `*_like` is the F1 of spans with the same place and label, both taken together. Where what was seen is clearly more
    like it than what was not, people take over what they would not have marked. `interval` covers 95 %, by bootstrap
    over annotations; None where either side has fewer than two.
    """

    producer: str
    shown: int
    shown_like: float | None
    blind: int
    blind_like: float | None
    difference: float | None
    interval: Interval | None


class AnchoringReport(Report):
    """Both comparisons.

    `suggested` annotations (in JSON `shown`) were made with a suggestion, `blind` ones without on purpose; `neither` ones
    had none, though not on purpose, and are left out.
    """

    schema_: Literal["workbench/anchoring/1"] = Field(default="workbench/anchoring/1", alias="schema")
    suggested: int = Field(alias="shown")
    blind: int
    neither: int
    time: tuple[TimeRow, ...]
    anchoring: tuple[AnchoringRow, ...]

    def shown(self) -> Iterator[Shown]:
        """Time and similarity with and without suggestions, where there is both."""
        if not self.blind or not self.suggested:
            yield (
                "with and without suggestions cannot be compared yet: annotations made with them "
                f"{self.suggested}, without on purpose {self.blind}; `workbench push --blind 10%` leaves some out"
            )
            return
        yield self._time()
        yield self._similarity()
        yield "same spans: F1 of place and label, between what was submitted and what was, or would have been, suggested"
        if self.neither:
            yield f"left out: {counted(self.neither, 'annotations')} without a suggestion, though not on purpose"

    def _time(self) -> Table:
        """Each annotator's pace with and without suggestions."""
        rows = [
            (
                row.annotator,
                row.shown.annotations,
                _number(row.shown.seconds, ".1f"),
                row.blind.annotations,
                _number(row.blind.seconds, ".1f"),
                _number(row.saved, ".0%"),
            )
            for row in self.time
        ]
        columns = ("annotator", "suggested", "s/100 words", "blind", "s/100 words", "time saved")
        return Table.of(*columns, rows=rows, title="Time with and without suggestions")

    def _similarity(self) -> Table:
        """How like each producer's suggestions is to what was submitted by people who saw them, and who did not."""
        rows = [
            (
                row.producer,
                row.shown,
                _number(row.shown_like, ".2f"),
                row.blind,
                _number(row.blind_like, ".2f"),
                _number(row.difference, "+.2f"),
                "" if row.interval is None else f"{row.interval.low:+.2f} to {row.interval.high:+.2f}",
            )
            for row in self.anchoring
        ]
        columns = ("suggestions by", "seen", "same spans", "not seen", "same spans", "difference", "95 %")
        return Table.of(*columns, rows=rows, title="How like the suggestions is what was submitted")


def _number(value: float | None, how: str) -> str:
    return "" if value is None else f"{value:{how}}"


@dataclass
class _Side:
    """The annotations with, or those without, suggestions: a pace for each that has a lead time, by person."""

    annotations: dict[str, int] = field(default_factory=dict[str, int])
    paces: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def add(self, revision: Revision, words: int) -> None:
        for who in (revision.annotator, EVERYBODY):
            self.annotations[who] = self.annotations.get(who, 0) + 1
            if revision.lead_time and words:
                self.paces.setdefault(who, []).append(revision.lead_time * PER_WORDS / words)

    def pace(self, who: str) -> Pace:
        found = self.paces.get(who, [])
        seconds = round(median(found), 2) if found else None
        return Pace(annotations=self.annotations.get(who, 0), timed=len(found), seconds=seconds)


def anchoring(store: Store, scheme: LabelScheme) -> AnchoringReport:
    """Time and similarity with and without suggestions, in the current submitted revisions from Label Studio."""
    shown, blind, neither = _Side(), _Side(), 0
    seen: dict[Producer, list[Counts]] = {}
    unseen: list[tuple[Revision, StoredSet]] = []
    with store.reading() as session:
        without = {
            (f"label-studio:{project.id}", *key)
            for project in projects.every(session)
            for key in task_ledger.blind_tasks(session, project.id)
        }
        lengths: dict[ArticleKey, int] = {}
        for revision, stored in revisions.submitted_sets(session):
            key = (revision.article_id, revision.article_version)
            if key not in lengths:
                lengths[key] = len(articles.get(session, *key).text.split())
            words = lengths[key]
            if (revision.origin, revision.article_id, revision.article_version) in without:
                blind.add(revision, words)
                unseen.append((revision, stored))
            elif revision.parent_set_id is not None:
                shown.add(revision, words)
                parent = annotations.get_set(session, revision.parent_set_id).annotations
                seen.setdefault(parent.producer, []).append(_similarity(parent, stored.annotations, scheme))
            elif revision.origin.startswith("label-studio:"):
                neither += 1
        rows = [
            _row(producer, similarities, list(_unseen(session, producer, unseen, scheme)))
            for producer, similarities in seen.items()
        ]
    people = sorted({*shown.annotations, *blind.annotations} - {EVERYBODY})
    return AnchoringReport(
        shown=shown.annotations.get(EVERYBODY, 0),
        blind=blind.annotations.get(EVERYBODY, 0),
        neither=neither,
        time=tuple(_time(who, shown, blind) for who in (*people, EVERYBODY)),
        anchoring=tuple(rows),
    )


def _unseen(
    session: Transaction, producer: Producer, blind: Sequence[tuple[Revision, StoredSet]], scheme: LabelScheme
) -> Iterator[Counts]:
    """How like what was submitted without any is to what the producer suggests there, where the store has that."""
    for revision, stored in blind:
        theirs = annotations.suggestions(session, revision.article_id, revision.article_version)
        hidden = [one.annotations for one in theirs if one.annotations.producer == producer]
        if hidden:
            yield _similarity(hidden[-1], stored.annotations, scheme)


def _similarity(suggestion: AnnotationSet, submitted: AnnotationSet, scheme: LabelScheme) -> Counts:
    """Spans with the same place and label; those that only the suggestion has; those that only the annotation has."""
    shown, made = _spans(suggestion, scheme), _spans(submitted, scheme)
    both = (shown & made).total()
    return Counts(tp=both, fp=shown.total() - both, fn=made.total() - both)


def _spans(annotations_: AnnotationSet, scheme: LabelScheme) -> Counter[tuple[str, str, int, int]]:
    return Counter((layer, s.label, s.start, s.end) for layer, s in scheme.renamed(annotations_).spans())


def _row(producer: Producer, shown: Sequence[Counts], blind: Sequence[Counts]) -> AnchoringRow:
    with_, without = sum(shown, Counts()).f1, sum(blind, Counts()).f1
    enough = min(len(shown), len(blind)) > 1
    return AnchoringRow(
        producer=str(producer),
        shown=len(shown),
        shown_like=with_,
        blind=len(blind),
        blind_like=without,
        difference=None if with_ is None or without is None else with_ - without,
        interval=difference_of_f1(shown, blind) if enough else None,
    )


def _time(who: str, shown: _Side, blind: _Side) -> TimeRow:
    with_, without = shown.pace(who), blind.pace(who)
    saved = 1 - with_.seconds / without.seconds if with_.seconds is not None and without.seconds else None
    return TimeRow(annotator=who, shown=with_, blind=without, saved=saved)
