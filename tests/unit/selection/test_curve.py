"""The learning curve: its law, what annotating takes, and when further articles are not worth it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.selection.curve import ASSUMED_READING, Costs, Law, Measured, Work, costs, fit, outlook

TIMES = Costs(reading=30.0, correction=6.0, timed=50, assumed=False)


def test_the_law_that_made_the_points_is_found():
    law = Law(a=12.0, b=80.0, c=0.6)
    found = fit([(n, law.at(n)) for n in (5, 10, 20, 40, 80)])
    assert found.at(160) == pytest.approx(law.at(160), abs=0.3)
    assert found.a == pytest.approx(12.0, abs=1)


def test_two_sizes_tell_no_curve():
    assert fit([(5, 40.0), (10, 30.0)]).at(1000) == 30.0


@given(st.lists(st.floats(0, 100), min_size=3, max_size=6))
def test_no_law_expects_more_corrections_from_more_articles(values: list[float]):
    law = fit([(2**n, value) for n, value in enumerate(values)])
    expected = [law.at(n) for n in (1, 5, 50, 500)]
    assert expected == sorted(expected, reverse=True)
    assert expected[-1] >= 0


def test_times_tell_reading_from_correcting():
    generator = np.random.default_rng(1)
    works = [
        Work(words, corrections, 0.3 * words + 7 * corrections + generator.normal(0, 2))
        for words, corrections in zip(generator.integers(200, 900, 60), generator.integers(0, 60, 60), strict=True)
    ]
    found = costs([*works, Work(300, 2, 80_000.0)])  # a page that was left open
    assert found.reading == pytest.approx(30, abs=1.5)
    assert found.correction == pytest.approx(7, abs=0.5)
    assert (found.timed, found.assumed) == (60, False)
    assert found.seconds(400, 10) == pytest.approx(4 * 30 + 70, rel=0.1)


@pytest.mark.parametrize("works", [[], [Work(300, 4, 100.0)] * 3])
def test_too_few_times_are_assumed_and_said_to_be(works: list[Work]):
    found = costs(works)
    assert found.assumed
    assert found.reading == ASSUMED_READING


def test_nobody_works_in_less_than_no_time():
    found = costs([Work(100 * n, 100 - n, 5.0 * n) for n in range(1, 20)])
    assert found.reading >= 0
    assert found.correction >= 0


def test_the_next_articles_are_worth_it_while_many_wait_and_not_when_few_do():
    law = Law(a=10.0, b=120.0, c=0.8)
    measured = [Measured(n, [law.at(n)] * 10) for n in (5, 10, 20, 40)]
    many = outlook(measured, TIMES, annotated=40, waiting=5000, words=400, next_=20)
    few = outlook(measured, TIMES, annotated=40, waiting=60, words=400, next_=20)
    assert many.now == pytest.approx(law.at(40), abs=0.2)
    assert many.then == pytest.approx(law.at(60), abs=0.2)
    assert many.cost == pytest.approx(20 * (4 * 30 + 6 * law.at(40)) / 3600, rel=0.05)
    assert many.saves == pytest.approx((law.at(40) - law.at(60)) * 6 * 4980 / 3600, rel=0.05)
    assert many.saves_interval.low <= many.saves <= many.saves_interval.high
    assert many.worth_it
    assert not few.worth_it
    assert few.cost == many.cost


def test_articles_that_differ_do_not_widen_what_all_of_them_save():
    law = Law(a=20, b=60, c=0.5)
    measured = [Measured(n, [law.at(n) + more for more in (-15, -5, 0, 5, 15)]) for n in (5, 10, 20, 40)]
    found = outlook(measured, TIMES, annotated=40, waiting=500, words=400, next_=20)
    span = found.saves_interval
    assert span.low == pytest.approx(found.saves, rel=0.3)
    assert span.high == pytest.approx(found.saves, rel=0.3)


def test_no_more_are_counted_than_wait():
    measured = [Measured(n, [50.0 - n, 52.0 - n]) for n in (5, 10, 20)]
    found = outlook(measured, TIMES, annotated=20, waiting=7, words=400, next_=20)
    assert found.next == 7
    assert found.saves == 0
