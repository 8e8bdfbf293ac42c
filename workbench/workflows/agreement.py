"""Agreement between annotators, and beside it what suggestions do to their time and to what they mark."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from workbench.core.ports import Progress
from workbench.core.report import Report, Shown, Table
from workbench.core.scheme import LabelScheme
from workbench.gold.agreement import AgreementReport
from workbench.gold.agreement import agreement as measure
from workbench.reports.anchoring import AnchoringReport, anchoring
from workbench.store import Store


class AgreementDocument(Report):
    """How far annotators agree. `suggestions` compares, over the whole store, work with suggestions and without."""

    schema_: Literal["workbench/agreement/1"] = Field(default="workbench/agreement/1", alias="schema")
    report: AgreementReport
    suggestions: AnchoringReport

    def shown(self) -> Iterator[Shown]:
        """The agreement, then time and quality with and without suggestions, where there is both."""
        yield from self.report.shown()
        found = self.suggestions
        if found.shown and found.blind:
            yield _time(found)
            yield _similarity(found)
        else:
            yield (
                f"what suggestions save cannot be told: {found.shown} annotations were made with them and {found.blind} "
                "without on purpose; `workbench push --blind 10%` leaves some out"
            )


def agreement(
    store: Store, scheme: LabelScheme, progress: Progress, *, release: str | None = None, resamples: int = 1000
) -> AgreementDocument:
    """How far the annotators agree, on the whole store or the articles of a release.

    Raises:
        AgreementError: no article was annotated by two people independently.
        ReleaseError: there is no such release.
    """
    report = measure(store, scheme, progress, release=release, resamples=resamples)
    return AgreementDocument(report=report, suggestions=anchoring(store, scheme))


def _time(found: AnchoringReport) -> Table:
    rows = [
        (
            row.annotator,
            row.shown.annotations,
            _number(row.shown.seconds, ".1f"),
            row.blind.annotations,
            _number(row.blind.seconds, ".1f"),
            _number(row.saved, ".0%"),
        )
        for row in found.time
    ]
    columns = ("annotator", "with", "s/100 words", "without", "s/100 words", "time saved")
    return Table.of(*columns, rows=rows, title="Time with and without suggestions")


def _similarity(found: AnchoringReport) -> Table:
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
        for row in found.anchoring
    ]
    columns = ("suggestions by", "seen", "same spans", "not seen", "same spans", "difference", "95 %")
    return Table.of(*columns, rows=rows, title="How like the suggestions is what was submitted: F1 of spans")


def _number(value: float | None, how: str) -> str:
    return "" if value is None else f"{value:{how}}"
