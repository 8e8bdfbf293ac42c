"""What a task's data says of its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pushing import SCHEME

from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.conversion.task import described, in_order, shown_source, task_data
from workbench.selection.choosing import NO_DATE
from workbench.store.task_ledger import LOWEST

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


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("/home/noor/archive 2024/talks.txt", "talks.txt"),
        ("~/talks.txt", "talks.txt"),
        ("../archive/talks.txt", "talks.txt"),
        (r"C:\Users\noor\talks.txt", "talks.txt"),
        (r"\\server\share\talks.txt", "talks.txt"),
        ("file:///home/noor/talks.txt", "talks.txt"),
        ("line 7 of /home/noor/pages.jsonl", "line 7 of pages.jsonl"),
        ("row 7 of archive/pages.csv", "row 7 of pages.csv"),
        ("line 7 of standard input", "line 7 of standard input"),
        ("https://news.example.org/2024/talks.html?page=2", "https://news.example.org/2024/talks.html?page=2"),
        ("https://noor:secret@news.example.org/talks", "https://news.example.org/talks"),
        ("AFP/dpa", "AFP/dpa"),
        ("Reuters", "Reuters"),
        ("", ""),
        ("/", "/"),
    ],
)
def test_of_a_file_its_name_is_shown_and_of_an_address_all_but_the_log_in(source: str, shown: str) -> None:
    assert shown_source(source) == shown
    data = task_data(Article.from_text("Talks.", source=source), SCHEME)
    assert (data["source"], data["source_shown"]) == (shown, shown)


def test_what_is_described_is_the_task_without_its_text_and_without_what_may_be_changed() -> None:
    article = Article.from_text("Talks.", title="T", meta={"workplace": "World", "title": "no"})
    config = '<View><Header value="$workplace"/><Labels name="l" toName="t"><Label value="A"/></Labels>{}</View>'
    for field in ("text", "title"):
        scheme = LabelScheme.from_xml(config.format(f'<Text name="t" value="${field}"/>'))
        data = task_data(article, scheme)
        free = {"note", "priority", "queue", field}
        assert described(article, scheme) == {name: value for name, value in data.items() if name not in free}
        assert (data["workplace"], data[field]) == ("World", "Talks.")
