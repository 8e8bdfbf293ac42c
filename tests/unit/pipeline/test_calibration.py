"""Scores become frequencies."""

import random

from workbench.pipeline.calibration import Calibration, Outcome, fit, read


def outcomes(number: int, labels: dict[str, float]) -> list[Outcome]:
    """Suggestions whose scores are too high: a label's are right with this share of their score."""
    chance = random.Random(4)
    found: list[Outcome] = []
    for _ in range(number):
        label, score = chance.choice(sorted(labels)), chance.uniform(0.3, 0.99)
        found.append(Outcome(score, label, chance.random() < score * labels[label]))
    return found


def test_what_is_too_sure_comes_down_label_by_label() -> None:
    curve = fit(outcomes(4000, {"good": 0.9, "bad": 0.4}))
    assert abs(curve.of(0.8, "good") - 0.72) < 0.06
    assert abs(curve.of(0.8, "bad") - 0.32) < 0.06
    assert curve.of(0.9, "bad") > curve.of(0.5, "bad")
    assert 0 < curve.of(0.0, "good") < curve.of(1.0, "good") < 1


def test_a_label_with_few_examples_stays_near_the_others() -> None:
    many = outcomes(500, {"good": 0.9})
    curve = fit([*many, Outcome(0.9, "rare", right=False)])
    assert curve.of(0.9, "rare") > 0.5
    assert curve.of(0.9, "rare") < curve.of(0.9, "good")


def test_too_few_or_all_alike_change_nothing() -> None:
    assert fit([]) == Calibration()
    assert fit([Outcome(0.7, "a", right=True)] * 100) == Calibration()
    assert fit(outcomes(10, {"a": 0.5})) == Calibration()
    assert Calibration().of(0.25, "a") == 0.25


def test_a_curve_travels_as_json() -> None:
    curve = fit(outcomes(200, {"a": 0.5, "b": 0.9}))
    assert read(curve.as_json()) == curve


def test_nearly_all_right_or_wrong_is_no_reason_to_run_away() -> None:
    for right in (True, False):
        odd = [Outcome(0.5 + n / 200, "a", right) for n in range(60)]
        curve = fit([*odd, Outcome(0.6, "b", not right)])
        assert abs(curve.intercept) < 10
        assert abs(curve.of(0.8, "a") - right) < 0.2
