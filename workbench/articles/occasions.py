"""What a text says about when: which days and months it names, and what it tells of each day.

A text without a date of publication still says "spoke by phone on Monday" or "the talks of Feb. 18"; two texts that tell
the same of one day are about one occasion, and two that tell different things of their days are not, however many names
they share.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
# Not what happens "every Friday", nor "on Fridays".
_WEEKDAY = re.compile(rf"(?<!every )(?<!each )\b({'|'.join(_DAYS)})\b", re.IGNORECASE)
_DATE = re.compile(rf"\b(?:({_MONTH})\.? (\d{{1,2}})|(\d{{1,2}}) ({_MONTH}))\b(?!\d)")
# "May" and "March" are words, too: a month stands after one of these, before a year, or qualifies what follows it.
_IN_MONTH = re.compile(
    rf"\b(?:(?:in|of|since|until|by|from|last|early|late|mid|next)[ -]({_MONTH})\b|({_MONTH}),? (?:19|20)\d\d\b"
    r"|(January|February|April|June|July|August|September|October|November|December)\b)"
)
_LAST_MONTH, _NEXT_MONTH = re.compile(r"\blast month\b", re.IGNORECASE), re.compile(r"\bnext month\b", re.IGNORECASE)
_MOST = 120
"""How many terms of days are kept of a text."""


def moments(sentences: Iterable[tuple[str, Iterable[tuple[str, float]]]]) -> dict[str, float]:
    """What each term counts that stands in a sentence which names a day, by "DAY TERM"; a day is a weekday or "MM-DD".

    Args:
        sentences: each with its terms, and what these count by themselves.
    """
    found: dict[str, float] = {}
    for sentence, terms in sentences:
        days = set(_days(sentence))
        for term, counts in terms if days else ():
            for day in days:
                found[f"{day} {term}"] = max(found.get(f"{day} {term}", 0.0), counts)
    order = sorted(found, key=lambda one: (-found[one], one))
    return {one: found[one] for one in order[:_MOST]}


def months(text: str, published: date | None) -> tuple[int, ...]:
    """The months that a text names, and that of its publication where that is known; January is 0."""
    found = {int(day[:2]) - 1 for day in _days(text) if "-" in day}
    for match in _IN_MONTH.finditer(text):
        found.add(_month(match[1] or match[2] or match[3]))
    if published is not None:
        month = published.month - 1
        found.add(month)
        found.update((month - 1) % 12 for _ in _LAST_MONTH.finditer(text))
        found.update((month + 1) % 12 for _ in _NEXT_MONTH.finditer(text))
    return tuple(sorted(found))


def months_apart(ones: Iterable[int], others: Iterable[int]) -> int:
    """How many months lie between the nearest of them, round the year; 0 where one side names none."""
    return min((min((one - other) % 12, (other - one) % 12) for one in ones for other in others), default=0)


def _days(sentence: str) -> Iterator[str]:
    for match in _WEEKDAY.finditer(sentence):
        yield match[1].lower()[:3]
    for match in _DATE.finditer(sentence):
        month, day = match[1] or match[4], int(match[2] or match[3])
        if 1 <= day <= 31:
            yield f"{_month(month) + 1:02}-{day:02}"


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower())
