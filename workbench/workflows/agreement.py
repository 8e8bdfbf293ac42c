"""Agreement between annotators, and beside it what suggestions do to their time and to what they mark."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from workbench.core.report import Report, Shown
from workbench.gold.agreement import AgreementReport
from workbench.gold.agreement import agreement as measure
from workbench.reports.anchoring import AnchoringReport, anchoring
from workbench.workflows.context import Context


class AgreementDocument(Report):
    """How far annotators agree. `suggestions` compares, over the whole store, work with suggestions and without."""

    schema_: Literal["workbench/agreement/1"] = Field(default="workbench/agreement/1", alias="schema")
    report: AgreementReport
    suggestions: AnchoringReport

    def shown(self) -> Iterator[Shown]:
        """The agreement, then time and quality with and without suggestions."""
        yield from self.report.shown()
        yield from self.suggestions.shown()


def agreement(context: Context, *, release: str | None = None, resamples: int = 1000) -> AgreementDocument:
    """How far the annotators agree, on the whole store or the articles of a release.

    Raises:
        AgreementError: no article was annotated by two people independently.
        ReleaseError: there is no such release.
    """
    report = measure(context.store, context.scheme, context.progress, release=release, resamples=resamples)
    return AgreementDocument(report=report, suggestions=anchoring(context.store, context.scheme))
