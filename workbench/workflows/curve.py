"""The learning curve of a release: what more articles brought, what the next would bring, and when to stop."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from workbench.core.chance import chance
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.measures import Interval
from workbench.core.ports import Silent
from workbench.core.report import Report, Shown, Table
from workbench.errors import ReleaseError, SettingsError
from workbench.selection.curve import Costs, Measured, Outlook, Work, costs, outlook
from workbench.store import Transaction, articles, correction_counts, revisions
from workbench.training import corpus
from workbench.training.evaluate import evaluate
from workbench.workflows.context import Context
from workbench.workflows.points import add_point, digest, known_points
from workbench.workflows.preannotate import rule_texts, rules
from workbench.workflows.replay import Learner, Point, Setting, replay

REPEATS = 3
NEXT = 20
HELD_BACK = 0.25
"""The share of the train part's stories that each repeat measures on, another one each time."""
STEPS = 4
LEARNER: Learner = "suggestions"
_RESAMPLES = 1000


class CurveRow(Frozen):
    """What held-back articles needed after a number of articles: means over all repeats, with 95 % intervals.

    No articles: the rules alone.
    """

    articles: int
    f1: float | None
    f1_range: Interval | None
    corrections: float
    interval: Interval


class CurveReport(Report):
    """The curve, what annotating takes, and the outlook."""

    schema_: Literal["workbench/curve/1"] = Field(default="workbench/curve/1", alias="schema")
    release: str
    train: int
    stories: int
    repeats: int
    rows: tuple[CurveRow, ...]
    costs: Costs
    outlook: Outlook

    def shown(self) -> Iterator[Shown]:
        """The curve as a table, and in words what follows from it."""
        yield (
            f"{self.release}: learned from parts of its {self.train} train articles, measured on stories of the same "
            f"part that were held back, {'once' if self.repeats == 1 else f'{self.repeats} times'}"
        )
        rows = [
            (
                row.articles or "rules",
                "" if row.f1 is None else f"{row.f1:.3f}",
                f"{row.f1_range.low:.3f}-{row.f1_range.high:.3f}" if row.f1_range else "",
                f"{row.corrections:.1f}",
                f"{row.interval.low:.1f}-{row.interval.high:.1f}",
            )
            for row in self.rows
        ]
        yield Table.of("articles", "F1", "range", "corrections an article", "95 %", rows=rows)
        source = (
            f"assumed, since {counted(self.costs.timed, 'annotations are timed')}"
            if self.costs.assumed
            else f"as {counted(self.costs.timed, 'annotations')} took"
        )
        yield (f"{self.costs.reading:.0f} s to read 100 words and {self.costs.correction:.1f} s a correction, {source}")
        view = self.outlook
        if not view.waiting:
            yield "no articles wait, so more annotation would save nothing"
            return
        yield (
            f"the next {counted(view.next, 'articles')}: about {view.cost:.1f} h of work; then {view.then:.1f} corrections an article "
            f"in the place of {view.now:.1f}, which saves {view.saves:.1f} h ({view.saves_interval.low:.1f} to "
            f"{view.saves_interval.high:.1f}) on the {view.waiting - view.next} that wait after them"
        )
        yield (
            "go on: they are expected to save more than they cost"
            if view.worth_it
            else "stop here, if it is for the model alone: they are expected to cost more than they save"
        )


def curve(
    context: Context,
    release: str,
    *,
    sizes: Sequence[int] = (),
    repeats: int = REPEATS,
    next_: int = NEXT,
    output: Path | None = None,
) -> CurveReport:
    """The learning curve of a release's train part. Its dev and test parts are not looked at.

    Args:
        context: the workspace.
        release: the release.
        sizes: after how many articles is measured; none for four sizes, each twice the one before.
        repeats: how many times, each with other articles and other stories held back.
        next_: how many articles would be annotated next.
        output: a file that keeps every result, and from which a run that was interrupted goes on.

    Raises:
        ReleaseError: there is no such release, or its train part has too few articles or stories.
        ModelError: something cannot be trained or loaded.
        SettingsError: there is no size that the train part has articles for.
    """
    scheme = context.scheme
    with context.store.reading() as session:
        gold = corpus.read(session, release, scheme).trainable("train", scheme)
        waiting, words = _waiting(session)
        works = _works(session)
    stories = sorted({one.article.story for one in gold})
    folds = [_held_back(stories, seed) for seed in range(repeats)]
    smallest = min((sum(one.article.story not in fold for one in gold) for fold in folds), default=0)
    if len(stories) < 2 or smallest < 2:
        raise ReleaseError(
            f"the train part of {release} has {counted(len(gold), 'articles')} of {counted(len(stories), 'stories')}, too few for a curve",
            hint="annotate more, and make another release",
        )
    wanted = _sizes(sizes, smallest)
    suggesting = rules(context)
    name = digest(gold, (), scheme, suggesting.producer)
    known = {(p.seed, p.articles): p for p in (known_points(output, name) if output else [])}
    by_rules: list[float] = []
    points: list[Point] = []
    for seed, fold in enumerate(folds):
        setting = Setting(
            pool=[one for one in gold if one.article.story not in fold],
            test=[one for one in gold if one.article.story in fold],
            scheme=scheme,
            rules=suggesting,
            pipeline=context.settings.preannotate.pipeline,
            rule_files=rule_texts(context),
        )
        measured = evaluate(suggesting, setting.test, scheme, Silent(), release=release, part="train")
        by_rules += [float(one) for one in measured.totals]
        if all((seed, size) in known for size in wanted):
            points += [known[seed, size] for size in wanted]
            continue
        for point in replay(setting, context.progress, strategy="random", learner=LEARNER, seed=seed, sizes=wanted):
            points.append(point)
            if output and (seed, point.articles) not in known:
                add_point(output, name, point)
    needed = {size: [float(n) for p in points if p.articles == size for n in p.needed] for size in wanted}
    return CurveReport(
        release=release,
        train=len(gold),
        stories=len(stories),
        repeats=repeats,
        rows=(
            CurveRow(articles=0, f1=None, f1_range=None, corrections=fmean(by_rules), interval=_interval(by_rules)),
            *(_row(size, [p for p in points if p.articles == size], needed[size]) for size in wanted),
        ),
        costs=(taken := costs(works)),
        outlook=outlook(
            [Measured(size, needed[size]) for size in wanted],
            taken,
            annotated=len(gold),
            waiting=waiting,
            words=words or fmean(len(one.article.text.split()) for one in gold),
            next_=next_,
        ),
    )


def _sizes(given: Sequence[int], most: int) -> list[int]:
    """The sizes that the smallest pool has articles for; four, each twice the one before, where none is named."""
    if not given:
        return sorted({max(1, most >> step) for step in range(STEPS)})
    fitting = sorted({size for size in given if 1 <= size <= most})
    if not fitting:
        raise SettingsError(
            f"a curve can be measured after 1 to {counted(most, 'articles')}, not {', '.join(map(str, given))}",
            hint="name smaller --sizes, or none",
        )
    return fitting


def _held_back(stories: Sequence[str], seed: int) -> set[str]:
    ordered = sorted(stories, key=lambda story: chance(f"curve {seed} {story}"))
    return set(ordered[: max(1, round(len(stories) * HELD_BACK))])


def _waiting(session: Transaction) -> tuple[int, float | None]:
    """How many articles nobody has annotated, and the words that one has, in the mean."""
    left = sorted(set(articles.ids(session)) - set(revisions.annotated(session)))
    some = list(articles.get_many(session, left[:200]))
    return len(left), fmean(len(one.text.split()) for one in some) if some else None


def _works(session: Transaction) -> list[Work]:
    timed = correction_counts.timed(session)
    texts = articles.texts(session, {one.key for one in timed})
    return [Work(len(texts[one.key].split()), one.corrections, one.seconds) for one in timed]


def _row(size: int, points: Sequence[Point], needed: Sequence[float]) -> CurveRow:
    f1 = [point.f1 for point in points]
    return CurveRow(
        articles=size,
        f1=fmean(f1),
        f1_range=Interval(low=min(f1), high=max(f1)) if len(f1) > 1 else None,
        corrections=fmean(needed),
        interval=_interval(needed),
    )


def _interval(values: Sequence[float]) -> Interval:
    """The middle 95 % of the mean over resampled articles."""
    array = np.asarray(values, dtype=float)
    places = np.random.default_rng(0).integers(0, len(array), size=(_RESAMPLES, len(array)))
    draws: NDArray[np.float64] = array[places].mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return Interval(low=float(low), high=float(high))
