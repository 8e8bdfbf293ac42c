import random
import subprocess
import sys
import time
from datetime import datetime, timedelta

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
        ("3.4.2025", "2025-04-03"),
        ("2025/3/4", "2025-03-04"),
        ("21-10-2025", "2025-10-21"),
        ("4/25/2025 3:05 PM", "2025-04-25T15:05:00"),
        ("October 21, 2025 12:00 AM", "2025-10-21T00:00:00"),
        ("October 21, 2025 10:00 +0200", "2025-10-21T10:00:00+02:00"),
        ("21 Oct 2025 10:00:05 UTC", "2025-10-21T10:00:05+00:00"),
        ("Oct 21, 2025 10:00 EST", "2025-10-21T10:00:00-05:00"),
        ("MAY 3 2025", "2025-05-03"),
        ("21. März 2025", "2025-03-21"),
        ("21 octobre 2025", "2025-10-21"),
        ("martes 21 de octubre de 2025", "2025-10-21"),
        # in doubt, or no day at all
        ("03-04-2025", None),
        ("Published 3/4/2025", None),
        ("3/4/2025 10:00", None),
        ("10/21/25", None),
        ("31/2/2025", None),
        ("Oct 21, 2025 10:00 IST", None),
        ("Oct 21 2025 25:00", None),
        ("Feb 30, 2025", None),
        ("Oct 2025", None),
        ("May 2025", None),
        ("Monday 2025 12", None),
        ("2025 days ago", None),
        ("room 2025 10:30", None),
        ("May 5 2025, page 3", None),
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


FORMATS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%a, %d %b %Y %H:%M:%S +0000", "%B %d, %Y", "%d %B %Y", "%b. %d, %Y")


def test_the_forms_that_are_common_take_no_time() -> None:
    """5,000 articles are read in half a minute at the best; their dates may be a hundredth of that."""
    random.seed(1)
    moments = [datetime(2020, 1, 1) + timedelta(minutes=random.randrange(3_000_000)) for _ in range(5000)]
    given = [moment.strftime(random.choice(FORMATS)) for moment in moments]
    started = time.process_time()
    found = [iso_date(one) for one in given]
    took = time.process_time() - started
    assert [one[:10] for one in found if one] == [moment.date().isoformat() for moment in moments]
    assert took < 0.5


def test_reading_common_dates_loads_no_parser() -> None:
    program = (
        "import sys; from workbench.articles.dates import iso_date; "
        "assert iso_date('2025-10-21') and iso_date('October 21, 2025'); print('dateparser' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
