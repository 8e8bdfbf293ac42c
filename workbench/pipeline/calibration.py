"""Scores as frequencies: of suggestions with a score of .8, eight in ten are right.

Platt's logistic curve (1999) over the log odds of the raw score, with an offset for each label that is drawn to 0 where
there are few examples of it. It is fitted on suggestions for articles that the model had not seen, because on those that
it has learned from nearly everything is right. The order of the suggestions of one label stays as it is.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypedDict

import numpy as np

FEWEST = 20
"""From fewer suggestions nothing is fitted."""
STEADY = 4.0
"""How strongly slope and offsets are drawn to 1 and 0: as if so many examples spoke for that."""
LEAST_SLOPE = 0.05
EDGE = 1e-4
STEPS = 100
LONGEST = 1.0
"""So far a weight moves in one step: Newton's own steps can overshoot where nearly all are right."""


class CurveData(TypedDict):
    """A curve as JSON."""

    slope: float
    intercept: float
    offsets: dict[str, float]


class Outcome(NamedTuple):
    """A suggestion's raw score, its label, and whether it was right."""

    score: float
    label: str
    right: bool


class Calibration(NamedTuple):
    """The curve: log odds of the score times `slope`, plus `intercept`, plus the label's offset."""

    slope: float = 1.0
    intercept: float = 0.0
    offsets: Mapping[str, float] = {}

    def of(self, score: float, label: str) -> float:
        """The share of suggestions like this one that is right."""
        odds = self.slope * float(_log_odds(np.array(score))) + self.intercept + self.offsets.get(label, 0.0)
        return round(float(0.5 * (1 + np.tanh(odds / 2))), 4)  # the logistic function, which never overflows so

    def as_json(self) -> CurveData:
        """For a component's configuration."""
        return CurveData(slope=self.slope, intercept=self.intercept, offsets=dict(self.offsets))


def fit(outcomes: Iterable[Outcome]) -> Calibration:
    """The curve that fits the outcomes best; that of scores as they are, where there are too few or all are alike."""
    every = list(outcomes)
    right = np.array([one.right for one in every], dtype=float)
    if len(every) < FEWEST or right.min() == right.max():
        return Calibration()
    labels = sorted({one.label for one in every})
    place = {label: number for number, label in enumerate(labels, start=2)}
    table = np.zeros((len(every), len(labels) + 2))
    table[:, 0] = _log_odds(np.array([one.score for one in every]))
    table[:, 1] = 1
    table[np.arange(len(every)), [place[one.label] for one in every]] = 1
    start = np.zeros(table.shape[1])
    start[0] = 1
    drawn = np.full(table.shape[1], STEADY)
    drawn[1] = 0.5
    weights = start.copy()
    for _ in range(STEPS):  # Newton's, as it is convex
        given = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (given - right) + drawn * (weights - start)
        bend = (table * (given * (1 - given))[:, None]).T @ table + np.diag(drawn)
        step = np.clip(np.linalg.solve(bend, slope), -LONGEST, LONGEST)
        weights = weights - step
        if float(np.abs(step).max()) < 1e-8:
            break
    offsets = {label: round(float(weights[number]), 6) for label, number in place.items()}
    return Calibration(max(LEAST_SLOPE, round(float(weights[0]), 6)), round(float(weights[1]), 6), offsets)


def read(data: CurveData) -> Calibration:
    """The curve that `as_json` wrote."""
    return Calibration(data["slope"], data["intercept"], data["offsets"])


def _log_odds(scores: "np.typing.NDArray[np.float64]") -> "np.typing.NDArray[np.float64]":
    clipped = np.clip(scores, EDGE, 1 - EDGE)
    return np.log(clipped / (1 - clipped))
