"""What further annotation would bring: a learning curve, what it costs in hours, and when to stop.

Corrections an article fall with the number n of annotated articles as a + b·n^-c, as errors of learners do (Cortes et
al. 1994; Hestness et al. 2017). Pure: figures in, figures out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.core.frozen import Frozen
from workbench.core.measures import Interval

ASSUMED_READING, ASSUMED_CORRECTION = 25.0, 5.0
"""Seconds for 100 words and for a correction, where nothing was timed: about the speed of a careful reader."""
ENOUGH = 8
"""Timed annotations without which times are assumed."""
RESAMPLES = 500
_EXPONENTS = np.linspace(0.05, 2.0, 40)


class Work(NamedTuple):
    """One timed annotation: the words of the article, the corrections that were made, and the seconds it took."""

    words: int
    corrections: int
    seconds: float


class Costs(Frozen):
    """What annotating takes: seconds to read 100 words, and for one correction.

    `timed` annotations were they measured on; `assumed` where these were too few.
    """

    reading: float
    correction: float
    timed: int
    assumed: bool

    def seconds(self, words: float, corrections: float) -> float:
        """What an article of so many words takes that needs so many corrections."""
        return self.reading * words / 100 + self.correction * corrections


class Measured(NamedTuple):
    """The corrections that held-out articles needed after a number of articles was learned from.

    They are the same articles, in the same order, after any number.
    """

    articles: int
    needed: Sequence[float]


class Law(Frozen):
    """a + b·n^-c: the corrections an article needs after n articles."""

    a: float
    b: float
    c: float

    def at(self, articles: float) -> float:
        """Corrections an article after so many."""
        return self.a + self.b * articles**-self.c


class Outlook(Frozen):
    """What the next articles are expected to bring.

    `now` and `then` are corrections an article; `cost` is what annotating the next ones takes, `saves` what it takes
    off the work on the articles that wait after them, both in hours. `worth_it` is whether that is more.
    """

    annotated: int
    next: int
    waiting: int
    now: float
    then: float
    saves_corrections: Interval
    cost: float
    saves: float
    saves_interval: Interval

    @property
    def worth_it(self) -> bool:
        """Whether the next articles are expected to save more hours than they cost."""
        return self.saves >= self.cost


def costs(works: Sequence[Work]) -> Costs:
    """What the timed annotations say of reading and correcting: the best fit in which neither takes less than nothing.

    Longer than ten times the median for its words, a page was left open: such times are left out.
    """
    pace = np.array([one.seconds / max(1, one.words) for one in works])
    kept = [one for one, own in zip(works, pace, strict=True) if own <= 10 * np.median(pace)] if works else []
    if len(kept) < ENOUGH:
        return Costs(reading=ASSUMED_READING, correction=ASSUMED_CORRECTION, timed=len(works), assumed=True)
    words = np.array([one.words / 100 for one in kept])
    corrections = np.array([one.corrections for one in kept], dtype=float)
    seconds = np.array([one.seconds for one in kept])
    reading, correction = _not_negative(np.column_stack([words, corrections]), seconds)
    return Costs(reading=round(reading, 2), correction=round(correction, 2), timed=len(kept), assumed=False)


def fit(points: Sequence[tuple[int, float]]) -> Law:
    """The law that is nearest to the points (articles, corrections), in squares; a and b are not negative.

    With fewer than three sizes the curve cannot be told from a line that stays: then the last value holds.
    """
    sizes = np.array([n for n, _ in points], dtype=float)
    values = np.array([value for _, value in points])
    if len(set(sizes.tolist())) < 3:
        return Law(a=float(values[-1]), b=0.0, c=1.0)
    best: tuple[float, Law] | None = None
    for c in _EXPONENTS:
        columns = np.column_stack([np.ones(len(sizes)), sizes**-c])
        a, b = _not_negative(columns, values)
        error = float(((columns @ np.array([a, b]) - values) ** 2).sum())
        if best is None or error < best[0] - 1e-12:
            best = error, Law(a=a, b=b, c=float(c))
    assert best is not None
    return best[1]


def outlook(
    measured: Sequence[Measured],
    costs_: Costs,
    *,
    annotated: int,
    waiting: int,
    words: float,
    next_: int,
    seed: int = 0,
) -> Outlook:
    """What annotating the next articles would bring, with 95 % intervals over resampled articles.

    Args:
        measured: the curve.
        costs_: what annotating takes.
        annotated: how many articles are annotated now.
        waiting: how many wait.
        words: the words of an article, in the mean.
        next_: how many would be annotated next.
        seed: of the resampling.
    """
    coming = min(next_, waiting)
    law = fit([(one.articles, float(np.mean(one.needed))) for one in measured])
    now, then = law.at(max(1, annotated)), law.at(max(1, annotated + coming))
    generator = np.random.default_rng(seed)
    drops = np.array([_drop(measured, annotated, coming, generator) for _ in range(RESAMPLES)])
    low, high = (float(one) for one in np.percentile(drops, [2.5, 97.5]))
    hours = costs_.correction * (waiting - coming) / 3600
    return Outlook(
        annotated=annotated,
        next=coming,
        waiting=waiting,
        now=now,
        then=then,
        saves_corrections=Interval(low=low, high=high),
        cost=coming * costs_.seconds(words, now) / 3600,
        saves=(now - then) * hours,
        saves_interval=Interval(low=low * hours, high=high * hours),
    )


def _drop(measured: Sequence[Measured], annotated: int, coming: int, generator: np.random.Generator) -> float:
    """By how much an article's corrections fall, by articles that are drawn once for the whole curve."""
    draws = generator.random(max(len(one.needed) for one in measured))
    points = [
        (one.articles, float(np.mean([one.needed[int(draw * len(one.needed))] for draw in draws[: len(one.needed)]])))
        for one in measured
    ]
    law = fit(points)
    return law.at(max(1, annotated)) - law.at(max(1, annotated + coming))


def _not_negative(columns: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, float]:
    """The two coefficients of least squares, none below 0 (Lawson & Hanson 1974, for two columns: each case is tried)."""
    tries = [np.linalg.lstsq(columns, values, rcond=None)[0]]
    for only in (0, 1):
        column = columns[:, only]
        size = float(column @ column)
        alone = max(0.0, float(column @ values) / size) if size else 0.0
        tries.append(np.array([alone, 0.0] if only == 0 else [0.0, alone]))
    fitting = [one for one in tries if (one >= 0).all()]
    best = min(fitting, key=lambda one: float(((columns @ one - values) ** 2).sum()))
    return float(best[0]), float(best[1])
