"""Producers of suggestions side by side on a part of a release, and the decision about one of them."""

from collections import Counter
from collections.abc import Iterator

from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.parts import HELD_OUT
from workbench.core.report import Line, Listing, Report, Row, Shown, Table
from workbench.core.whitespace import quoted
from workbench.errors import ModelError
from workbench.store.models import Promotion
from workbench.training.evaluate import Evaluation, LayerSummary
from workbench.training.faults import KINDS
from workbench.training.promote import Verdict
from workbench.training.reliability import calibration_error
from workbench.training.report import TrainReport

MIXED_UP = 15
"""How many confusions are shown."""


class Contestant(Frozen):
    """One producer's evaluation, and the same in a line a layer. `name` is what a user calls the producer."""

    name: str
    evaluation: Evaluation
    layers: tuple[LayerSummary, ...]


class Comparison(Report):
    """Producers side by side on one part of a release; the first is what annotators see now, the last who is asked about."""

    release: str
    part: str
    articles: int
    contestants: tuple[Contestant, ...]
    remarks: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """The last one's scores, what is wrong with its suggestions, and all of them side by side."""
        for contestant in self.contestants[-1:]:
            yield Line(str(contestant.evaluation.producer))
            yield from contestant.evaluation.scores.shown()
            yield kinds(contestant.evaluation)
            yield confusion(contestant.evaluation)
            yield reliability(contestant.evaluation)
        yield self.table()
        yield from self.remarks

    def table(self) -> Table:
        """All of them, layer by layer."""
        names = ("", "F1 strict", "lenient", "roles F1", "frames F1", "corrections an article", "words a second")
        rows: list[Row] = []
        for one in self.contestants:
            found = one.evaluation
            speed = "–" if found.words_a_second is None else f"{found.words_a_second:,.0f}"
            rows.append(Row((one.name, "", "", "", "", f"{found.mean:.1f}", speed), strong=True))
            for layer in one.layers:
                shares = (layer.strict_f1, layer.lenient_f1, layer.argument_f1, layer.frame_f1)
                rows.append(Row((f"  {layer.layer}", *map(_share, shares), f"{layer.corrections:.1f}", "")))
        return Table(names, tuple(rows), f"{self.part} part of {self.release}: {counted(self.articles, 'articles')}")


class PromotionReport(Report):
    """The decision about a model, and what it rests on; `verdict` is None where nothing was measured."""

    decision: Promotion
    verdict: Verdict | None = None
    remarks: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether annotators see it from now on."""
        return self.decision.accepted

    @property
    def reason(self) -> str:
        """Why, in words."""
        return self.decision.reason

    @property
    def _outcome(self) -> str:
        verb = "is" if self.decision.model or self.decision.plugin else "are"
        return f"{self.decision.subject} {verb} {'' if self.accepted else 'not '}promoted"

    def shown(self) -> Iterator[Shown]:
        """What was decided and why, the labels by what they lose or gain, and examples."""
        yield Line(self._outcome, f": {self.reason}", style="good" if self.accepted else "bad")
        if self.accepted:
            yield "`workbench preannotate` and `workbench push` bring its suggestions to annotators"
        yield from self.remarks
        if self.verdict is None:
            return
        yield Table.of(
            *("", "corrections an article", "now", "difference", "p of a loss"),
            rows=[
                (
                    one.of,
                    f"{one.challenger:.1f}",
                    f"{one.current:.1f}",
                    f"{one.difference:+.1f}",
                    f"{one.p:.3f}" + (" significant" if one.significant else ""),
                )
                for one in self.verdict.names
            ],
            title="by label, role and attribute",
        )
        yield Listing("examples of what speaks against it", [f"{e.of}: {e}" for e in self.verdict.examples])

    def failure(self) -> ModelError | None:
        """What ends the command where the model was refused."""
        if self.accepted:
            return None
        if self.decision.model:
            return ModelError(self._outcome, hint="annotate more and train again, or use --force")
        forced = f"takes `workbench models promote {self.decision.plugin or 'rules'} --force`"
        way = "promoting it all the same" if self.decision.plugin else "going back to the rules"
        return ModelError(self._outcome, hint=f"{way} {forced}")


class TrainOutcome(Report):
    """A model that was trained and kept: how it came about, and how it compares on the parts it did not learn from."""

    training: TrainReport
    comparisons: tuple[Comparison, ...]
    held_back: Evaluation | None = None

    def shown(self) -> Iterator[Shown]:
        """What it learned from, what could not be learned, how it compares."""
        trained = self.training
        yield from training_lines(trained)
        misaligned = (*trained.alignment.expanded, *trained.alignment.refused)
        yield Listing(
            f"of {counted(trained.alignment.spans, 'spans')} end inside a token",
            [(f"{one.article}: {one.layer} {one.label} {quoted(one.text)}", one.became) for one in misaligned],
        )
        yield Listing(
            "articles were left out",
            [
                (name, f"by its choices about the document ({part.name})")
                for part in trained.parts
                for name in part.not_trained
            ],
        )
        if self.held_back is not None:
            yield reliability(self.held_back)
        for comparison in self.comparisons:
            yield comparison.table()
        for part in trained.parts:
            if part.name in HELD_OUT and not part.articles:
                yield f"nothing was measured on {part.name}, which has no articles; `workbench gold release` says what fills it"
        yield f"let annotators see it, if it is better: workbench models promote {trained.version}"


def training_lines(report: TrainReport) -> Iterator[str]:
    """What was learned, and what could not be."""
    how = counted(report.epochs, "epochs") if not report.options.config else "with a config"
    yield (
        f"{report.version}: trained on {report.release} in {report.seconds:.0f} s, {how} over "
        f"{report.base}" + (", stopped because time was up" if report.stopped_early else "")
    )
    if report.stopped_on:
        yield f"  the best state on {counted(len(report.stopped_on), 'articles of train that were held back for it')}"
    for part in report.parts:
        spans = ", ".join(f"{number} {layer}" for layer, number in part.spans.items())
        erased = f"; {part.erased} more were erased since the release" if part.erased else ""
        yield f"  {part.name:<5} {counted(part.articles, 'articles')} ({part.empty} empty): {spans}, {counted(part.arguments, 'roles')}{erased}"
    for label, number in report.nested.items():
        yield f"  {number} {label} overlap a longer span of their kind and could not be taught"
    if report.out_of_reach:
        yield f"  {counted(report.out_of_reach, 'roles are too far from their frame and could not be taught')}"
    for part in report.parts:
        if part.name == "train":
            for layer in (layer for layer, number in part.spans.items() if not number):
                yield f"  {layer} is not learned: no article of the train part has any"
    for field in report.fields_skipped:
        yield f"  {field} is not learned: there are no examples of two values of it"
    for name in report.not_learned:
        yield f"  {name} is kept and exported, but not learned: no model learns texts, ratings and numbers"


def kinds(found: Evaluation) -> Table:
    """How many faults of each kind there are, by layer and label; the labels with most faults first."""
    counts: Counter[tuple[str, str]] = Counter()
    cells: Counter[tuple[str, str, str]] = Counter()
    for one in found.faults:
        counts[one.layer, one.label] += one.number
        cells[one.layer, one.label, one.kind] += one.number
    used = [kind for kind in KINDS if any(one.kind == kind for one in found.faults)]
    rows = [
        (layer, label, *(cells[layer, label, kind] or "" for kind in used), number)
        for (layer, label), number in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    ]
    title = "corrections, by kind" + (
        "; an attribute is missed with its span, and wrong also where the span's label or ends are"
        if any("attribute" in kind for kind in used)
        else ""
    )
    return Table.of("layer", "of", *used, "all", rows=rows, title=title, left=(0, 1))


def confusion(found: Evaluation) -> Table:
    """What was suggested where something else is right, the most frequent first."""
    wrong = [one for one in found.confusion if one.right and one.wrong and one.right != one.wrong]
    rows = [(one.layer, one.what, one.right, one.wrong, one.number) for one in wrong[:MIXED_UP]]
    more = f", the first {MIXED_UP} of {len(wrong)}" if len(wrong) > MIXED_UP else ""
    return Table.of(
        *("layer", "", "right", "suggested", "times"), rows=rows, title=f"mixed up{more}", left=(0, 1, 2, 3)
    )


def reliability(found: Evaluation) -> Table:
    """How many suggestions with some score were right."""
    rows = [
        (
            one.layer,
            f"{one.what}s",
            f"{one.low:.1f}–{one.high:.1f}",
            one.suggested,
            f"{one.mean_score:.2f}",
            f"{one.share_right:.2f}",
        )
        for one in found.reliability
    ]
    error = calibration_error(found.reliability)
    title = "scores, and the share of suggestions that is right" + (
        "" if error is None else f" (mean distance {error:.2f})"
    )
    return Table.of(*("layer", "", "score", "suggested", "mean score", "right"), rows=rows, title=title, left=(0, 1, 2))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
