"""The coefficients, each over counts: the last axis holds the categories, axes before it are kept.

So one call gives a coefficient for every bootstrap resample. What is not defined is NaN: where nothing was counted, or
where all is of one category, so that there is nothing that could have been told apart.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def f1(both: Numbers, first: Numbers, second: Numbers) -> Numbers:
    """2 * both / (first + second): Dice (1945), and the F1 of either annotator against the other.

    For spans it is what kappa comes close to as what nobody marks grows without limit (Hripcsak & Rothschild 2005,
    "Agreement, the F-measure, and reliability in information retrieval").
    """
    return _over(2 * both, first + second)


def cohen_kappa(both: Numbers, first: Numbers, second: Numbers) -> Numbers:
    """(p_o - p_e) / (1 - p_e), p_o = sum(both) / n, p_e = sum(first * second) / n^2 (Cohen 1960).

    Args:
        both: how often the two gave the category to the same item.
        first: how often the first annotator gave it.
        second: how often the second did.
    """
    n = first.sum(axis=-1)
    observed = _over(both.sum(axis=-1), n)
    expected = _over((first * second).sum(axis=-1), n * n)
    return corrected(observed, expected)


def corrected(observed: Numbers, expected: Numbers) -> Numbers:
    """(observed - expected) / (1 - expected): the share of what chance leaves open (Scott 1955, Cohen 1960)."""
    return _over(observed - expected, 1 - expected)


def nominal_alpha(agreeing: Numbers, values: Numbers) -> Numbers:
    """Krippendorff's alpha for nominal data: 1 - D_o / D_e (2011, "Computing Krippendorff's Alpha-Reliability").

    D_o = (n - sum(o_cc)) / n and D_e = (n^2 - sum(n_c^2)) / (n (n - 1)): of the table of coincidences only its diagonal
    and its margins are needed, and both are sums over articles, which is what lets it be resampled. The package
    `krippendorff`, which the tests hold it against, wants all items at once, and is under the GPL.

    Args:
        agreeing: o_cc, the diagonal: for an item with m values, the ordered pairs of equal ones, over m - 1.
        values: n_c, how many values of items that have two or more are this category.
    """
    n = values.sum(axis=-1)
    observed = _over(n - agreeing.sum(axis=-1), n)
    expected = _over(n * n - (values * values).sum(axis=-1), n * (n - 1))
    return 1 - _over(observed, expected)


def unitizing_disagreement(
    distance: Numbers, lengths: Numbers, units: Numbers, room: Numbers, length: Numbers
) -> tuple[Numbers, Numbers]:
    """Observed and expected disagreement of two annotators about the units of one category on a line of text.

    alpha_U = 1 - sum_c D_oc / sum_c D_ec (Krippendorff 1995, "On the Reliability of Unitizing Continuous Data"; 2004,
    "Content Analysis", ch. 11.6), for m = 2:

        D_oc = 2 * distance / (m (m - 1) L^2)
        D_ec = 2 / L * sum over units of [(N - 1) (2 l^3 - 3 l^2 + l) / 3 + l^2 * room_l]
               / (m L (m L - 1) - sum over units of l (l - 1))

    Articles lie end to end on the line; no unit and no gap goes from one into the next.

    Args:
        distance: `unitizing_distance`, summed over articles.
        lengths: l, the lengths that units have.
        units: the last axis holds how many units of both annotators have each length.
        room: likewise in how many places of the gaps of both a unit of this length could lie: the sum of
            max(0, gap - l + 1).
        length: L, the length of the line.
    """
    number = units.sum(axis=-1, keepdims=True)
    cubes = 2 * lengths**3 - 3 * lengths**2 + lengths
    chance = (units * ((number - 1) * cubes / 3 + lengths**2 * room)).sum(axis=-1)
    places = 2 * length * (2 * length - 1) - (units * lengths * (lengths - 1)).sum(axis=-1)
    return _over(distance, length * length), _over(2 * chance, length * places)


def unitizing_alpha(observed: Numbers, expected: Numbers) -> Numbers:
    """1 - observed / expected, of the sums of `unitizing_disagreement` over categories."""
    return 1 - _over(observed, expected)


def unitizing_distance(first: Sequence[tuple[int, int]], second: Sequence[tuple[int, int]]) -> int:
    """How far the units (half-open) of one category by two annotators are from each other (Krippendorff 1995).

    Two that overlap: the squared distance of their beginnings, and that of their ends. One that overlaps none: the
    square of its length. Neither annotator's own units overlap each other.
    """
    total, i, j = 0, 0, 0
    met: tuple[set[int], set[int]] = (set(), set())
    while i < len(first) and j < len(second):
        (start, end), (other_start, other_end) = first[i], second[j]
        if start < other_end and other_start < end:
            total += (start - other_start) ** 2 + (end - other_end) ** 2
            met[0].add(i)
            met[1].add(j)
        if end <= other_end:
            i += 1
        else:
            j += 1
    for units, seen in ((first, met[0]), (second, met[1])):
        total += sum((end - start) ** 2 for number, (start, end) in enumerate(units) if number not in seen)
    return total


def _over(above: Numbers, below: Numbers) -> Numbers:
    """The quotient; NaN where there is nothing to divide by."""
    return np.divide(above, below, out=np.full(np.broadcast(above, below).shape, np.nan), where=np.abs(below) > 1e-12)
