"""Dates as publishers write them become ISO 8601, where there is no doubt about them."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime

_DAYS = (
    "%Y%m%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d.%m.%Y",
    "%B %d %Y",
    "%b %d %Y",
    "%d %B %Y",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d-%B-%Y",
    "%Y %B %d",
    "%Y %b %d",
)
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M%p", " %H:%M %z", " %H:%M:%S %z")
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+", re.IGNORECASE)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_SLASHES = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})(?=$|\s)")


def iso_date(given: str) -> str | None:
    """The date in ISO 8601, with its time and offset where they are given; None where it cannot be told.

    `3/4/2025` can't: it is another day on each side of the Atlantic. `25/4/2025` can.
    """
    text = " ".join(given.split())
    if not re.search(r"\d{4}", text) or len(text) > 60:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return found.date().isoformat() if len(text) <= 10 else found.isoformat()
    if re.match(r"^(?:[A-Za-z]{3},? )?\d{1,2} [A-Za-z]{3} \d{4} \d\d:\d\d", text):
        try:
            return parsedate_to_datetime(text).isoformat()
        except (ValueError, TypeError):
            pass
    return _written(text)


def _written(text: str) -> str | None:
    text = _ORDINAL.sub("", _WEEKDAY.sub("", text)).replace(",", " ").replace(" at ", " ").replace("Sept ", "Sep ")
    text = re.sub(r"(?<=[A-Za-z])\.", "", text.replace("Sept.", "Sep"))
    text = re.sub(r"\b(?:UTC|GMT)\b", "+0000", " ".join(text.split()))
    slashes = _SLASHES.match(text)
    if slashes:
        first, second = int(slashes.group(1)), int(slashes.group(2))
        if first <= 12 and second <= 12 and first != second:
            return None
        day, month = (first, second) if first > 12 else (second, first)
        text = f"{slashes.group(3)}/{month}/{day}{text[slashes.end() :]}"
    for day_format in _DAYS:
        for time_format in _TIMES:
            try:
                found = datetime.strptime(text, day_format + time_format)
            except ValueError:
                continue
            return found.isoformat() if time_format else found.date().isoformat()
    return None
