"""Long work in batches: nothing left out, the bar at its end, one batch ahead and no more."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TypeVar

import pytest

from workbench.core.batches import ahead, batches, shown, shown_batches, weighed_batches

T = TypeVar("T")


class Bars:
    """Remembers how far each bar came."""

    def __init__(self) -> None:
        self.at: dict[str, list[int]] = {}

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        self.at[what] = [0, total or 0]
        for item in items:
            yield item
            self.at[what][0] += 1

    def say(self, line: str) -> None:
        raise AssertionError(line)


def test_batches_hold_everything_in_order():
    assert list(batches(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batches(range(6), 3)) == [[0, 1, 2], [3, 4, 5]]
    assert list(batches([], 3)) == []


def test_the_bar_moves_on_when_a_batch_is_done():
    bars = Bars()
    seen: list[tuple[str, int]] = []
    for batch in shown_batches(bars, "abcdefg", 3, "letters"):
        seen.append(("".join(batch), bars.at["letters"][0]))
    assert seen == [("abc", 0), ("def", 3), ("g", 6)]
    assert bars.at["letters"] == [7, 7]


def test_nothing_to_do_shows_no_bar():
    bars = Bars()
    assert list(shown(bars, [], 0, "nothing")) == []
    assert bars.at == {}


def test_one_is_made_while_one_is_used_and_no_more():
    made: list[int] = []
    more = threading.Event()

    def items() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            if number:
                more.set()
            yield number

    with closing(ahead(items())) as coming:
        assert next(coming) == 0
        assert more.wait(5)
        assert made == [0, 1]
        assert list(coming) == [1, 2, 3, 4]


def test_what_goes_wrong_while_making_reaches_the_user_of_the_items():
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the second")

    coming = ahead(items())
    assert next(coming) == 1
    with pytest.raises(ValueError, match="the second"):
        next(coming)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], []),
        ([1] * 7, [[1] * 3, [1] * 3, [1]]),
        ([4, 4, 4], [[4, 4], [4]]),
        ([1, 99, 1, 1], [[1], [99], [1, 1]]),
        ([99], [[99]]),
    ],
)
def test_a_batch_has_neither_too_many_items_nor_too_heavy_ones(items: list[int], expected: list[list[int]]) -> None:
    assert list(weighed_batches(items, 3, lambda item: item, 10)) == expected
