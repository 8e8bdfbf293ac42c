"""The correction ledger as a table: what became of suggestions, and how long it took."""

from collections.abc import Callable, Iterator
from typing import Literal

from pydantic import Field

from workbench.core.frozen import Frozen
from workbench.core.report import Report, Row, Shown, Table
from workbench.store import Store, correction_counts
from workbench.store.correction_counts import CorrectionCount, WorkCount

By = Literal["label", "annotator", "model", "layer"]
Kind = Literal["span", "role", "attribute"]

NO_SUGGESTIONS = "(no suggestions)"


class DecisionRow(Frozen):
    """What became of the suggestions of one label, layer, annotator or model (`name`).

    Of a span or role that was suggested exactly one holds: it was kept, moved, relabelled, deleted, or kept where it is
    with an attribute changed. One that was both moved and relabelled is relabelled, under the label that was suggested.
    Rows of the kind attribute have the attribute's name and count its changes only.
    """

    name: str
    layer: str = ""
    kind: Kind
    kept: int = 0
    moved: int = 0
    relabelled: int = 0
    changed: int = 0
    deleted: int = 0
    added: int = 0

    @property
    def suggested(self) -> int:
        """How many were suggested: kept, changed or deleted."""
        return self.kept + self.moved + self.relabelled + self.changed + self.deleted

    @property
    def kept_share(self) -> float | None:
        """The share that was right as it was suggested; None where nothing was."""
        return self.kept / self.suggested if self.suggested and self.kind != "attribute" else None


class WorkRow(Frozen):
    """What one person submitted from one model's suggestions; `model` is empty where there were none.

    A span deleted, added or moved, a label or an attribute changed, a role added, deleted or relabelled is one
    correction each. Means are over the annotations that have a lead time; None where there is nothing to divide by.
    """

    annotator: str
    model: str
    annotations: int
    corrections: int
    timed: int
    seconds: float
    seconds_per_article: float | None
    seconds_per_correction: float | None


class CorrectionsReport(Report):
    """The ledger over the current submitted revisions. `rows` are grouped as `by` says."""

    schema_: Literal["workbench/corrections/1"] = Field(default="workbench/corrections/1", alias="schema")
    by: By
    annotations: int
    rows: tuple[DecisionRow, ...]
    work: tuple[WorkRow, ...]

    def shown(self) -> Iterator[Shown]:
        """What became of suggestions, and how much work each annotator had with them."""
        if not self.annotations:
            yield "nobody has submitted anything yet; `workbench pull` brings what annotators did"
            return
        if self.rows:
            yield self._decisions()
        else:
            yield "nothing that was submitted was made from a suggestion"
        yield self._work()

    def _decisions(self) -> Table:
        """A row for each label, layer, annotator or model, spans before roles before attributes."""
        rows: list[Row] = []
        last = ("", "")
        for row in self.rows:
            if (row.layer, row.kind) != last:
                rows += [Row(())] if rows else []
                rows.append(Row((f"{row.layer}: {row.kind}s" if row.layer else f"{row.kind}s",), strong=True))
            counts = (row.moved, row.relabelled, row.changed, row.deleted, row.added)
            if row.kind == "attribute":
                cells = ["", "", "", "", "", str(row.changed), "", ""]
            else:
                share = "" if row.kept_share is None else f"{row.kept_share:.0%}"
                cells = [str(row.suggested), str(row.kept), share, *(str(count or "") for count in counts)]
            rows.append(Row((f"  {row.name or NO_SUGGESTIONS}", *cells)))
            last = (row.layer, row.kind)
        return Table(
            (self.by, "suggested", "kept", "", "moved", "relabelled", "attr.", "deleted", "added"), tuple(rows)
        )

    def _work(self) -> Table:
        """How much each annotator did from each model's suggestions, and how long it took."""
        rows = [
            (
                row.annotator,
                row.model or NO_SUGGESTIONS,
                row.annotations,
                row.corrections if row.model else "",
                f"{row.seconds / 60:.1f}" if row.timed else "",
                seconds(row.seconds_per_article),
                seconds(row.seconds_per_correction),
            )
            for row in self.work
        ]
        columns = ("annotator", "suggestions by", "submitted", "corrections", "minutes", "s/article", "s/correction")
        return Table.of(*columns, rows=rows, left=(0, 1))


def seconds(value: float | None) -> str:
    """Seconds as they stand in a table; nothing where there is none."""
    return "" if value is None else f"{value:.1f}"


_GROUPS: dict[By, Callable[[CorrectionCount], tuple[str, str]]] = {
    "label": lambda one: (one.layer, one.label),
    "layer": lambda one: (one.layer, one.layer),
    "annotator": lambda one: ("", one.annotator),
    "model": lambda one: ("", one.model),
}
_KINDS: tuple[Kind, ...] = ("span", "role", "attribute")


def corrections(store: Store, *, by: By = "label") -> CorrectionsReport:
    """What became of suggestions in the current submitted revisions, one row for each `by` and kind."""
    with store.reading() as session:
        counts = correction_counts.decisions(session)
        work = correction_counts.work(session)
    found: dict[tuple[str, Kind, str], dict[str, int]] = {}
    for one in counts:
        layer, name = _GROUPS[by](one)
        for kind in _KINDS:
            if kind == one.kind:
                cells = found.setdefault((layer, kind, name), {})
                cells[one.decision] = cells.get(one.decision, 0) + one.count
    ordered = sorted(found, key=lambda key: (key[0], _KINDS.index(key[1]), key[2]))
    return CorrectionsReport(
        by=by,
        annotations=sum(one.annotations for one in work),
        rows=tuple(
            DecisionRow.model_validate({"name": name, "layer": layer, "kind": kind, **found[layer, kind, name]})
            for layer, kind, name in ordered
        ),
        work=tuple(_work(one) for one in work),
    )


def _work(count: WorkCount) -> WorkRow:
    return WorkRow(
        annotator=count.annotator,
        model=count.model,
        annotations=count.annotations,
        corrections=count.corrections,
        timed=count.timed,
        seconds=round(count.seconds, 3),
        seconds_per_article=_mean(count.seconds, count.timed),
        seconds_per_correction=_mean(count.seconds, count.timed_corrections) if count.timed else None,
    )


def _mean(total: float, number: int) -> float | None:
    return round(total / number, 3) if number else None
