"""Candidates and roles, decided together."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.pipeline.assignment import NONE, assign


def total(chosen: list[int], gains: list[list[float]]) -> float:
    return sum(gains[candidate][role] for candidate, role in enumerate(chosen) if role != NONE)


def test_who_loses_a_role_gets_the_next_best() -> None:
    assert total(assign([[3.0, 1.0], [2.0, -1.0]], [1, 1]), [[3.0, 1.0], [2.0, -1.0]]) == 3.0
    assert assign([[3.0, 2.5], [2.0, -1.0]], [1, 1]) == [1, 0]
    assert assign([[2.0], [3.0], [1.0]], [1]) == [NONE, 0, NONE]
    assert assign([[2.0], [3.0], [-1.0]], [None]) == [0, 0, NONE]
    assert assign([], [1]) == []


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 4).flatmap(
        lambda candidates: st.integers(1, 3).flatmap(
            lambda roles: st.tuples(
                st.lists(
                    st.lists(st.integers(-5, 9).map(float), min_size=roles, max_size=roles),
                    min_size=candidates,
                    max_size=candidates,
                ),
                st.lists(st.sampled_from([1, 2, None]), min_size=roles, max_size=roles),
            )
        )
    )
)
def test_no_other_choice_gains_more(given_: tuple[list[list[float]], list[int | None]]) -> None:
    gains, capacities = given_
    chosen = assign(gains, capacities)
    for role, capacity in enumerate(capacities):
        assert capacity is None or chosen.count(role) <= capacity
    options = product(range(NONE, len(capacities)), repeat=len(gains))
    allowed = (
        list(one)
        for one in options
        if all(capacity is None or one.count(role) <= capacity for role, capacity in enumerate(capacities))
    )
    assert total(chosen, gains) == max(total(one, gains) for one in allowed)
