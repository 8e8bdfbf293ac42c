"""What the demo tells at its end: what three rounds of annotation led to, in a few tables."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from workbench.articles.ingest import AddReport
from workbench.core.frozen import Frozen
from workbench.core.measures import ScoreReport, ScoreRow, story_bootstrap
from workbench.core.report import Line, Listing, Report, Row, Shown, Table
from workbench.gold.agreement import AgreementReport
from workbench.labelstudio.push.push import PushReport
from workbench.store.adjudications import DecisionCount
from workbench.store.models import Promotion
from workbench.training.evaluate import Evaluation
from workbench.workflows.comparison import Comparison

RULES = "rules"
DECISIONS = ("kept", "moved", "relabelled", "deleted", "added")


class LayerDecisions(Frozen):
    """What annotators did with the suggestions of a layer: spans (or roles) by decision."""

    layer: str
    kind: str
    decisions: dict[str, int]


class Place(Frozen):
    """Where the demo's server runs and what it shows."""

    folder: Path
    url: str
    project_url: str
    accounts: tuple[str, ...]

    def lines(self) -> Iterator[Line]:
        """What to open, who can log in, how the server is stopped."""
        workspace = f"workbench -w {near(self.folder)}"
        yield Line("open", f"      {self.project_url}")
        yield Line("log in", f"    {' or '.join(self.accounts)}; passwords: `{workspace} annotators list --passwords`")
        yield Line("server", f"    still running at {self.url}; end it: `{workspace} server stop`")


class Waiting(Frozen):
    """How many tasks wait in the browser: with suggestions, and without, because they belong to a part to measure on."""

    suggested: int
    blind: int


class PreparedReport(Report):
    """A user's own articles, waiting in the browser."""

    place: Place
    added: AddReport
    pushed: PushReport
    waiting: Waiting

    def shown(self) -> Iterator[Shown]:
        """What was refused, how many articles wait, and where to look."""
        yield Listing("refused", [(one.name, one.reason) for one in self.added.refused], between=" ")
        told = f"     {self.waiting.suggested} articles wait in the browser with suggestions"
        if self.waiting.blind:
            told += f", {self.waiting.blind} without: the dev and test parts, to measure on what leans towards nobody's"
        yield Line("ready", told)
        yield from self.place.lines()


class Round(Frozen):
    """A round of annotating, training and deciding.

    `articles` counts all that are annotated by now. `comparison` holds, on the test part, the rules, the model, and
    what annotators saw before; `seconds` is what training took.
    """

    articles: int
    model: str
    seconds: float
    comparison: Comparison
    decision: Promotion

    @property
    def rules(self) -> Evaluation:
        """What the rules suggest, measured."""
        return next(one.evaluation for one in self.comparison.contestants if one.name == RULES)

    @property
    def shown(self) -> Evaluation:
        """What annotators see after this round, measured."""
        return self.comparison.contestants[-1 if self.decision.accepted else 0].evaluation


class Adjudicated(Frozen):
    """What came of the articles that two annotated: how much both say, by what policies the rest was decided, and how."""

    policies: str
    agreed: int
    decisions: tuple[DecisionCount, ...]


class DemoReport(Report):
    """What three rounds led to.

    `decisions` are what annotators did with suggestions, `agreement` is how far they agree on the articles that both
    annotated, `parts` counts the articles of the last `release`, `waiting` those that are left for the reader.
    """

    place: Place
    rounds: tuple[Round, ...]
    decisions: tuple[LayerDecisions, ...]
    agreement: AgreementReport
    adjudicated: Adjudicated
    release: str
    parts: dict[str, int]
    exports: tuple[Path, ...]
    now_shown: str
    waiting: int

    def shown(self) -> Iterator[Shown]:
        """The tables, each with a line on what it says, and where to look."""
        yield self._decisions()
        yield self._agreement()
        yield self._adjudicated()
        yield self._quality()
        yield self._rounds()
        yield Line("result", f"    {self._result()}")
        for number, one in enumerate(self.rounds, 1):
            what = "promoted" if one.decision.accepted else "refused"
            yield Line(f"round {number}", f"   {one.model} was {what}: {one.decision.reason}")
        yield Line(
            "remark",
            "    texts, gold and habits of wording are by the same hands: this shows that the annotation loop works, and "
            "nothing about other people's news",
        )
        counts = ", ".join(f"{number} {part}" for part, number in self.parts.items())
        folders = ", ".join(near(one) for one in self.exports)
        yield Line("gold", f"      release {self.release} ({counts}): {folders}, each with its card, README.md")
        yield Line(
            "waiting", f"   {self.waiting} articles nobody has annotated, with the suggestions of {self.now_shown}"
        )
        yield from self.place.lines()

    def _decisions(self) -> Table:
        rows = [
            (f"{one.layer}, {one.kind}s", *(one.decisions.get(name, 0) for name in DECISIONS)) for one in self.decisions
        ]
        return Table.of("suggestions", *DECISIONS, rows=rows, title="What the annotators did with the suggestions")

    def _agreement(self) -> Table:
        found = self.agreement.agreement
        frames = {one.layer: one.partial.value for one in found.frames if one.pair is None and one.label == "*"}
        rows = [
            (
                one.layer,
                *(_share(figure.value) for figure in (one.strict_f1, one.lenient_f1, one.kappa, one.alpha)),
                _share(frames.get(one.layer)),
            )
            for one in found.spans
            if one.pair is None and one.label == "*"
        ]
        names = " and ".join(one.partition("@")[0] for one in self.agreement.agreement.annotators)
        return Table.of(
            *("layer", "spans F1", "overlapping", "kappa", "alpha", "frames"),
            rows=rows,
            title=f"How far {names} agree on the {found.articles} articles that both annotated (1 is fully)",
        )

    def _adjudicated(self) -> Table:
        found = self.adjudicated
        counts = Counter[tuple[str, str]]()
        for one in found.decisions:
            counts[one.layer, one.by or "nobody yet"] += one.count
        rules = sorted({by for _, by in counts})
        rows = [(layer, *(counts[layer, by] for by in rules)) for layer in dict.fromkeys(layer for layer, _ in counts)]
        return Table.of(
            *("things decided by", *rules),
            rows=rows,
            title=f"They say the same of {found.agreed:,} things there. What they differ in is decided by {found.policies}",
        )

    def _quality(self) -> Table:
        last = self.rounds[-1]
        scored = {"the rules": last.rules.scores, self.now_shown: last.shown.scores}
        rows = [
            Row((f"{row.layer}: {row.what}", *(_f1(one.row(row.what, row.layer)) for one in scored.values())))
            for row in last.rules.scores.rows
            if row.label == "*" and row.mode == "strict" and row.what != "attributes"
        ]
        rows += [
            Row(("corrections an article needs", *map(_per_article, scored.values())), section=True),
            Row(("corrections saved", *("" if one.saved is None else f"{one.saved:.0%}" for one in scored.values()))),
        ]
        return Table(
            (f"F1 [95 % interval], strict, {last.comparison.articles} articles", *scored),
            tuple(rows),
            "Quality on the test part, which no annotator and no training has seen",
        )

    def _rounds(self) -> Table:
        layers = list(self.rounds[0].rules.corrections[0])
        rows = [Row(("the rules", "", *_by_layer(self.rounds[0].rules, layers), "", ""))]
        rows += [
            Row(
                (
                    f"round {number}",
                    str(one.articles),
                    *_by_layer(one.shown, layers),
                    f"{one.shown.mean / one.rules.mean - 1:+.0%}" if one.rules.mean else "",
                    f"{one.seconds:.0f}",
                ),
                section=number == 1,
            )
            for number, one in enumerate(self.rounds, 1)
        ]
        return Table(
            ("what annotators see after", "annotated", *layers, "all", "against the rules", "training s"),
            tuple(rows),
            "Corrections that an article of the test part needs, by what annotators see after each round",
        )

    def _result(self) -> str:
        last = self.rounds[-1]
        difference, interval = story_bootstrap(last.shown.totals, last.rules.totals, last.rules.stories)
        return (
            f"after {last.articles} articles {last.shown.mean:.1f} corrections an article for the rules' "
            f"{last.rules.mean:.1f}: {difference:+.1f} (95 % over {len(set(last.rules.stories))} stories: "
            f"{interval.low:+.1f} to {interval.high:+.1f})"
        )


def near(path: Path) -> str:
    """The path as it is shortest to type from here."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _by_layer(found: Evaluation, layers: list[str]) -> list[str]:
    articles = max(1, len(found.articles))
    return [*(f"{sum(found.of_layer(layer)) / articles:.1f}" for layer in layers), f"{found.mean:.1f}"]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _f1(row: ScoreRow | None) -> str:
    if row is None or row.f1 is None:
        return "none"
    interval = row.f1_interval
    return f"{row.f1:.2f}" + (f" [{interval.low:.2f}, {interval.high:.2f}]" if interval else "")


def _per_article(report: ScoreReport) -> str:
    return f"{report.corrections / report.documents:.1f} of {report.corrections_from_empty / report.documents:.1f}"
