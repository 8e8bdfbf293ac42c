"""Curves of scores come out of few bytes, and of as many outcomes as say something."""

import random

import pytest

from workbench.pipeline.calibration import Outcome, fit
from workbench.training import score_log
from workbench.training.reliability import ScoredOutcome
from workbench.training.score_log import ScoreLog, curves_of


def outcomes(number: int, seed: int) -> list[ScoredOutcome]:
    chance = random.Random(seed)
    found: list[ScoredOutcome] = []
    for _ in range(number):
        score, label = chance.random(), chance.choice("AB")
        right = chance.random() < score * (0.5 if label == "A" else 0.9)
        what = "span" if chance.random() < 0.7 else "role"
        found.append(ScoredOutcome(layer="x", what=what, label=label, score=score, right=right))
    return found


def logged(some: list[ScoredOutcome]) -> ScoreLog:
    log = ScoreLog()
    log.add(some)
    return log


def test_curves_are_those_of_the_outcomes_of_all_logs() -> None:
    parts = [outcomes(300, seed) for seed in range(3)]
    curves = curves_of([logged(part) for part in parts])
    assert set(curves) == {("span", "x"), ("role", "x")}
    spans = [Outcome(one.score, one.label, one.right) for part in parts for one in part if one.what == "span"]
    assert curves["span", "x"] == fit(spans)
    assert curves_of([ScoreLog()]) == {}


def test_of_very_many_outcomes_some_do(monkeypatch: pytest.MonkeyPatch) -> None:
    log = logged(outcomes(6000, 1))
    whole = curves_of([log])["span", "x"]
    monkeypatch.setattr(score_log, "MOST", 1500)
    some = curves_of([log])["span", "x"]
    assert some != whole
    assert some.of(0.6, "A") == pytest.approx(whole.of(0.6, "A"), abs=0.05)
