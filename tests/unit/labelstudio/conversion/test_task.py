"""What a task's data says of its place."""

from hypothesis import given
from hypothesis import strategies as st

from workbench.labelstudio.conversion.task import in_order
from workbench.selection.choosing import NO_DATE
from workbench.store.sync import LOWEST

NUMBERS = st.floats(LOWEST, -LOWEST).map(lambda number: round(number, 6))


def queue(priority: float) -> str:
    return str(in_order(priority)["queue"])


@given(NUMBERS, NUMBERS)
def test_the_order_of_priorities_is_the_order_of_their_texts(one: float, other: float) -> None:
    assert (one <= other) == (queue(one) <= queue(other)) or one == other
    assert len(queue(one)) == len(queue(other))


def test_nines_come_before_tens_and_nothing_falls_out() -> None:
    given = [float("-inf"), LOWEST, NO_DATE, -20384.0, -9.0, 0.0, 9e-05, 0.5, 9.0, 10.0, 20384.0]
    assert sorted(given, key=queue) == given
    assert queue(float("inf")) == queue(-LOWEST) > queue(20384.0)
    assert in_order(0.5)["priority"] == 0.5
