"""Dates as publishers write them become ISO 8601, where there is no doubt about them."""

import re
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

_LANGUAGES = (("en",), ("de", "fr", "es", "it", "nl", "pt"))
"""English first: a short name of one of its months is a weekday elsewhere."""
_LONGEST = 60
_MAIL = re.compile(r"^(?:[A-Za-z]{3},? )?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d")
_YEAR_FIRST = re.compile(r"(?<![\d./-])(\d{4})([/.])(\d{1,2})\2(\d{1,2})(?![\d/-])")
_YEAR_LAST = re.compile(r"(?<![\d./-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![\d/-])")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_NAMES_A_DAY = re.compile(r"(?<!\d)\d{1,2}(?![\d:])")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_MONTH_FIRST = re.compile(rf"{_MONTH}\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})$", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"(?P<day>\d{{1,2}}) {_MONTH}\.?,? (?P<year>\d{{4}})$", re.IGNORECASE)
_NUMBER = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
# Other short names of time zones mean another one on each continent.
_ZONES = frozenset(("UTC", "GMT", "Z", "EST", "EDT", "PST", "PDT", "CET", "CEST", "AM", "PM"))
_CAPITALS = re.compile(r"\b[A-Z]{2,5}\b")
_MONTHS = frozenset(
    ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUNE", "JUL", "JULY", "AUG", "SEP", "SEPT", "OCT", "NOV", "DEC")
)
_DAYS = frozenset(("MON", "TUE", "TUES", "WED", "THU", "THUR", "THURS", "FRI", "SAT", "SUN"))
_MONTHS_IN_FULL = frozenset(("MARCH", "APRIL"))


def iso_date(given: str) -> str | None:
    """The date in ISO 8601, with its time and offset where they are given; None where it cannot be told.

    `3/4/2025` can't: it is another day on each side of the Atlantic. `25/4/2025` can.
    """
    text = " ".join(given.split())
    if not re.search(r"\d{4}", text) or len(text) > _LONGEST:
        return None
    found = _iso(text)
    if found is not None:
        return found
    if _MAIL.match(text):
        try:
            return parsedate_to_datetime(text).isoformat()
        except (ValueError, TypeError):
            pass
    named = _MONTH_FIRST.match(text) or _DAY_FIRST.match(text)
    if named is not None:
        # Most of what isn't ISO looks like this, and dateparser takes a hundred times as long for it.
        return _day(named["year"], _NUMBER[named["month"][:3].lower()], named["day"])
    numbers = _with_numbers_in_order(text)
    if numbers is None:
        return None
    return (_iso(numbers) if numbers != text else None) or _written(numbers)


def _day(year: str, month: int, day: str | int) -> str | None:
    try:
        return date(int(year), month, int(day)).isoformat()
    except ValueError:
        return None


def _iso(text: str) -> str | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.date().isoformat() if len(text) <= 10 else found.isoformat()


def _with_numbers_in_order(text: str) -> str | None:
    """The text with a date in numbers as year, month, day; None where its order is in doubt or there is no such day."""
    first = _YEAR_FIRST.search(text)
    last = _YEAR_LAST.search(text)
    if first is not None:
        found, year, month, day = first, first.group(1), int(first.group(3)), int(first.group(4))
    elif last is not None:
        found, year, day, month = last, last.group(4), int(last.group(1)), int(last.group(3))
        if last.group(2) != "." and day <= 12:
            if month <= 12 and month != day:
                return None
            day, month = month, day
    else:
        return text
    ordered = _day(year, month, day)
    return ordered and f"{text[: found.start()]}{ordered}{text[found.end() :]}"


def _written(text: str) -> str | None:
    """What dateparser makes of a text that names a day, a month and a year; None where it lacks one of them."""
    if not _YEAR.search(text) or not _NAMES_A_DAY.search(_YEAR.sub(" ", text)):
        return None
    known = _ZONES | _MONTHS | _DAYS | _MONTHS_IN_FULL
    if any(word not in known for word in _CAPITALS.findall(text)):
        return None
    for languages in _LANGUAGES:
        found = _parser(languages).get_date_data(text)
        if found.date_obj is not None:
            timed = found.period == "time"
            return found.date_obj.isoformat() if timed else found.date_obj.date().isoformat()
    return None


@cache
def _parser(languages: tuple[str, ...]) -> "DateDataParser":
    from dateparser.date import DateDataParser

    return DateDataParser(
        languages=list(languages),
        use_given_order=True,
        settings={
            "PARSERS": ["absolute-time"],
            "STRICT_PARSING": True,
            "RETURN_TIME_AS_PERIOD": True,
            "DATE_ORDER": "YMD",
            "NORMALIZE": True,
        },
    )
