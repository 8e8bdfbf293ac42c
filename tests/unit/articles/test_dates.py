import pytest

from workbench.articles.dates import iso_date


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2025-10-21", "2025-10-21"),
        ("2025-10-21T10:00:00Z", "2025-10-21T10:00:00+00:00"),
        ("2025-10-21 10:00:00+02:00", "2025-10-21T10:00:00+02:00"),
        ("Tue, 21 Oct 2025 10:00:00 GMT", "2025-10-21T10:00:00+00:00"),
        ("October 21, 2025", "2025-10-21"),
        ("Oct. 21, 2025", "2025-10-21"),
        ("Sept. 3, 2025", "2025-09-03"),
        ("21 October 2025", "2025-10-21"),
        ("Tuesday, 21st October 2025 14:05", "2025-10-21T14:05:00"),
        ("Oct 21, 2025 at 3:05 PM", "2025-10-21T15:05:00"),
        ("21.10.2025", "2025-10-21"),
        ("25/4/2025", "2025-04-25"),
        ("4/25/2025", "2025-04-25"),
        ("5/5/2025", "2025-05-05"),
        ("20251021", "2025-10-21"),
        # in doubt, or no day at all
        ("3/4/2025", None),
        ("2025", None),
        ("2025-10", None),
        ("yesterday", None),
        ("31 February 2025", None),
        ("", None),
    ],
)
def test_a_date_is_told_or_left(given: str, expected: str | None) -> None:
    assert iso_date(given) == expected
