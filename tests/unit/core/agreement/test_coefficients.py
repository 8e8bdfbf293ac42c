"""The coefficients against published examples and other implementations."""

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.agreement import coefficients
from workbench.core.agreement.reading import gaps, merged

NAN = float("nan")
# Krippendorff 2011, as the package `krippendorff` has it among its examples.
THREE_CODERS = [
    [NAN, NAN, NAN, NAN, NAN, 3, 4, 1, 2, 1, 1, 3, 3, NAN, 3],
    [1, NAN, 2, 1, 3, 3, 4, 3, NAN, NAN, NAN, NAN, NAN, NAN, NAN],
    [NAN, NAN, 2, 1, 3, 4, 4, NAN, 2, 1, 1, 3, 3, NAN, 4],
]
FOUR_CODERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]


def numbers(*values):
    return np.array(values, dtype=float)


def alpha_of(value_counts):
    """Nominal alpha from how many coders gave each value to each unit."""
    counts = np.array([row for row in value_counts if sum(row) > 1], dtype=float)
    if not len(counts):
        return NAN
    many = counts.sum(axis=1, keepdims=True)
    return float(coefficients.nominal_alpha((counts * (counts - 1) / (many - 1)).sum(axis=0), counts.sum(axis=0)))


@pytest.mark.parametrize(("coders", "published"), [(THREE_CODERS, 0.691358), (FOUR_CODERS, 0.743)])
def test_alpha_of_published_examples(coders, published):
    data = np.array(coders)
    values = np.unique(data[~np.isnan(data)])
    counts = [[int((unit == value).sum()) for value in values] for unit in data.T]
    assert alpha_of(counts) == pytest.approx(published, abs=5e-4)
    assert alpha_of(counts) == pytest.approx(krippendorff.alpha(data, level_of_measurement="nominal"))


@given(st.lists(st.lists(st.integers(0, 3), min_size=3, max_size=3), min_size=1, max_size=12))
def test_alpha_is_what_the_package_krippendorff_says(counts):
    pairable = np.array([row for row in counts if sum(row) > 1])
    ours = alpha_of(counts)
    if len(pairable) and (pairable.sum(axis=0) > 0).sum() > 1:
        theirs = krippendorff.alpha(value_counts=np.array(counts), level_of_measurement="nominal")
        assert ours == pytest.approx(float(theirs))
    else:
        assert np.isnan(ours)


def test_kappa_of_two_readers_by_hand():
    # 50 proposals, yes or no: both yes 20, both no 15; the first says yes 25 times, the second 30 times. p_e = 0.5.
    found = coefficients.cohen_kappa(numbers(20, 15), numbers(25, 25), numbers(30, 20))
    assert found == pytest.approx(0.4)


def test_kappa_for_every_resample_at_once():
    both, first, second = numbers([20, 15], [50, 0]), numbers([25, 25], [50, 0]), numbers([30, 20], [50, 0])
    found = coefficients.cohen_kappa(both, first, second)
    assert found[0] == pytest.approx(0.4)
    assert np.isnan(found[1]), "one value alone says nothing"


def test_nothing_counted_is_not_defined():
    zero = numbers(0, 0)
    assert np.isnan(coefficients.f1(zero, zero, zero)).all()
    assert np.isnan(coefficients.cohen_kappa(zero, zero, zero))
    assert np.isnan(coefficients.nominal_alpha(zero, zero))


# Krippendorff 2004, Content Analysis, p. 254: two observers, a line from 150 to 450, categories c and k.
OBSERVERS = {
    "c": ([(225, 295), (370, 400)], [(220, 300), (355, 375), (400, 420)]),
    "k": ([(180, 240), (300, 350)], [(180, 240), (300, 350)]),
}


def disagreement(category, begin=150, length=300):
    sides = [[(start - begin, end - begin) for start, end in units] for units in OBSERVERS[category]]
    sizes = [end - start for units in sides for start, end in units]
    free = [gap for units in sides for gap in gaps(units, length)]
    lengths = np.unique(sizes).astype(float)
    return coefficients.unitizing_disagreement(
        numbers(coefficients.unitizing_distance(*sides)).sum(),
        lengths,
        numbers(*(sizes.count(one) for one in lengths)),
        numbers(*(sum(max(0, gap - one + 1) for gap in free) for one in lengths)),
        np.float64(length),
    )


def test_unitizing_alpha_of_the_published_example():
    seen, chance = disagreement("c")
    assert (seen, chance) == (pytest.approx(0.0144, abs=1e-4), pytest.approx(0.0532, abs=1e-4))
    assert coefficients.unitizing_alpha(seen, chance) == pytest.approx(0.7286, abs=1e-4)
    same, other = disagreement("k")
    assert (same, other) == (0, pytest.approx(0.0490, abs=1e-4))
    assert coefficients.unitizing_alpha(same, other) == 1
    assert coefficients.unitizing_alpha(seen + same, chance + other) == pytest.approx(0.8591, abs=5e-4)


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [
        ((5, 11), (4, 6), 26),
        ((5, 11), (5, 7), 16),
        ((5, 11), (6, 8), 10),
        ((5, 11), (7, 9), 8),
        ((5, 11), (6, 10), 2),
        ((5, 11), (5, 11), 0),
        ((5, 11), (2, 4), 40),
    ],
)
def test_distances_of_two_units_as_published(first, second, distance):
    assert coefficients.unitizing_distance([first], [second]) == distance
    assert coefficients.unitizing_distance([second], [first]) == distance


@given(*(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 8)), max_size=6) for _ in range(2)))
def test_distance_counts_every_pair_and_every_unit_that_meets_none(ours, theirs):
    first, second = (merged((start, start + length) for start, length in side) for side in (ours, theirs))
    meet = [(a, b) for a in first for b in second if a[0] < b[1] and b[0] < a[1]]
    expected = sum((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 for a, b in meet)
    expected += sum((a[1] - a[0]) ** 2 for a in first if all(a is not one for one, _ in meet))
    expected += sum((b[1] - b[0]) ** 2 for b in second if all(b is not one for _, one in meet))
    assert coefficients.unitizing_distance(first, second) == expected


def test_gaps_lie_between_units_and_at_both_ends():
    assert gaps([(2, 4), (4, 6), (9, 10)], 10) == [2, 3]
    assert gaps([], 7) == [7]
    assert gaps([(0, 7)], 7) == []


def test_units_of_one_label_that_overlap_are_one():
    assert merged([(3, 5), (0, 2), (4, 9), (9, 10)]) == [(0, 2), (3, 9), (9, 10)]
