"""Dates and amounts: what the base pipeline found, mended by the form that they have and by what is counted."""

import re
from collections.abc import Iterator

from workbench.preannotate.rules.entities.mention import Mention, choose, wordlike
from workbench.preannotate.rules.syntax import Parse

_YEAR = re.compile(r"^(1[5-9]|20)\d\d$")
_NUMBER = re.compile(r"^\d[\d,.]*$")
_MONTH = r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?|July?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_UNIT = r"(?:day|night|week|weekend|fortnight|month|year|decade)"
_DATE = re.compile(
    rf"\b(?:(?:{_DAY}, )?{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:, ?\d{{4}}| (?:last|this|next) year)?|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}(?:,? \d{{4}})?|{_MONTH} (?:1[89]|20)\d\d"
    rf"|(?:last |next )?{_DAY} (?:morning|afternoon|evening|night)|(?:yesterday|tomorrow) (?:morning|afternoon|evening|night)|(?:last|next|this|past) (?:{_UNIT}|{_DAY}|spring|summer|autumn|fall|winter|morning|afternoon|evening)"
    rf"|(?:\d+|two|three|four|five|six|ten)-(?:hour|{_UNIT})(?!-old)|(?:an?|one|two|three|four|five|six|\d+) {_UNIT}s? (?:ago|earlier|later)"
    rf"|New Year's (?:Day|Eve)|Christmas|Ramadan|Easter(?: Monday| Sunday)?)(?=\W|$)"
)

_SUM = r"\d+(?:,\d{2,3})*(?:\.\d+)?"
_TIMES = r"(?:bn|mn?|tn|k|hundred|thousand|lakh|crore|million|billion|trillion)"
_MONEY = re.compile(
    rf"(?<![\w.])(?:(?:US|AU|A|C|CA|HK|NZ|S|NT|R)?[$€£¥₹₴₽₦₩]\s?|(?:RM|Rs\.?|KSh|Ksh|Tk|EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|JPY|CNY"
    rf"|INR|PKR|UAH|RUB|NGN|ZAR)\s?){_SUM}(?:[ -]?{_TIMES}\b)?(?:[ -](?:to|and)[ -][$€£]?{_SUM}[ -]?{_TIMES}\b)?"
)


class Amounts:
    """Finds dates and quantities. `base` maps the base pipeline's labels to kinds."""

    def __init__(self, base: dict[str, str], words: dict[str, frozenset[str]]) -> None:
        self._base = base
        self._words = words

    def dates(self, parse: Parse, taken: dict[int, Mention]) -> Iterator[Mention]:
        """The dates outside of what is taken."""
        used: set[int] = set()
        written = [Mention(start, end, "date", "pattern") for start, end in self._written_dates(parse)]
        found_dates = list(written)
        for start, end, label in parse.entities:
            kind = self._base.get(label)
            if kind not in ("date", "time") or sum(start <= one.start < one.end <= end for one in written) > 1:
                continue
            found = self._trim_date(parse, start, end, kind)
            if found:
                found_dates.append(Mention(*found, "date", "base"))
        for mention in choose(found_dates):
            if not any(t in taken for t in mention.tokens):
                used.update(mention.tokens)
                yield mention
        words, weekdays = self._words["date_word"], self._words["weekday"]
        for token, low in enumerate(parse.low):
            if token in used or token in taken:
                continue
            if (
                low in words
                or (low in weekdays and parse.capital(token))
                or (_YEAR.match(low) and token and self._leads_to_year(parse, token))
            ):
                yield Mention(token, token + 1, "date", "pattern")

    def _leads_to_year(self, parse: Parse, token: int) -> bool:
        """Whether what stands before a number says that it is a year: *since* 2004, from *2004 to* 2009."""
        before = parse.low[token - 1]
        if before in ("in", "since", "of", "until", "by", "from"):
            return True
        return before in ("to", "and", "–", "-") and token > 1 and bool(_YEAR.match(parse.low[token - 2]))

    def _written_dates(self, parse: Parse) -> Iterator[tuple[int, int]]:
        """Token offsets of what has the form of a date: Feb. 6, Monday morning, 72-hour, a fortnight ago."""
        for match in _DATE.finditer(parse.text):
            tokens = parse.tokens_at(match.start(), match.end())
            if tokens is not None:
                yield tokens

    def _trim_date(self, parse: Parse, start: int, end: int, kind: str) -> tuple[int, int] | None:
        low = parse.low
        while end > start and (low[end - 1] in ("'s", "’s", "'", "’") or not wordlike(parse.words[end - 1])):
            end -= 1
        drop = self._words["approximator"] - {"last", "first", "a", "an", "another", "the", "this", "that", "these"}
        drop |= {"on", "in", "since", "from", "by", "during", "within", "until", "before", "after", "every"}
        while start < end and (low[start] in drop or not wordlike(parse.words[start])):
            start += 1
        if start >= end:
            return None
        surface = parse.surface(start, end).lower()
        lasts = end - start > 1 and low[end - 1] in ("hours", "minutes", "hour", "minute", "seconds")
        if kind == "time" and not lasts and not any(word in self._words["day_part"] for word in low[start:end]):
            return None
        if surface in self._words["date_drop"] or any(word in ("year-old", "age", "aged") for word in low[start:end]):
            return None
        if "years old" in surface or re.search(
            r"[-\s](?:years?|months?|weeks?|days?)[-\s]old\b|\d\s*[ap]\.?m", surface
        ):
            return None
        named = any(word.rstrip(".") in self._words["month"] | self._words["weekday"] for word in low[start:end])
        if _NUMBER.match(low[end - 1]) and not _YEAR.match(low[end - 1]) and not named:
            return None
        if low[end - 1] == "quarter" and end + 1 < len(low) and low[end] == "of" and not _YEAR.match(low[end + 1]):
            return None
        if low[start] == "the" or (low[start] in self._words["given_name"] and parse.capital(start)):
            start += 1
        if end - start == 3 and low[start] == "a" and low[end - 1] == "day" and parse.pos[start + 1] == "ADJ":
            return None
        while (
            start < end
            and (low[start] in ("late", "early", "shortly", "just") or (low[start] == "later" and end - start > 1))
            and low[end - 1] not in self._words["month"]
            and not _YEAR.match(low[end - 1])
        ):
            start += 1
        if (
            start >= end
            or parse.pos[end - 1] == "VERB"
            or parse.surface(start, end).lower() in ("night", "dawn", "midnight", "morning", "evening")
        ):
            return None
        return start, end

    def quantities(self, parse: Parse, taken: dict[int, Mention]) -> Iterator[Mention]:
        """The amounts outside of what is taken; a name may stand within one."""
        done: set[int] = set()
        for start, end in self._money(parse):
            if not any(token in taken for token in range(start, end)):
                done.update(range(start, end))
                yield Mention(start, end, "quantity", "pattern")
        for start, end, label in parse.entities:
            if self._base.get(label) in ("quantity", "number") and start not in done:
                found = self._quantity(parse, start, end, taken)
                if found is not None and not done & set(range(*found)):
                    done.update(range(*found))
                    yield Mention(*found, "quantity", "base")
        for token in range(len(parse)):
            if (
                token not in done
                and token not in taken
                and parse.dep[token] == "nummod"
                and self._is_number(parse, token)
            ):
                found = self._quantity(parse, token, token + 1, taken)
                if found is not None and not done & set(range(*found)):
                    done.update(range(*found))
                    yield Mention(*found, "quantity", "pattern")

    def _money(self, parse: Parse) -> Iterator[tuple[int, int]]:
        """Token offsets of amounts of money as they are written: $1.2bn, RM5,000, Rs 200 crore."""
        for match in _MONEY.finditer(parse.text):
            tokens = parse.tokens_at(match.start(), match.end())
            if tokens is not None:
                yield tokens

    def _is_number(self, parse: Parse, token: int) -> bool:
        low = parse.low[token]
        return bool(_NUMBER.match(low)) or low in self._words["number_word"] or (low[:1] in "$€£" and len(low) > 1)

    def _quantity(self, parse: Parse, start: int, end: int, taken: dict[int, Mention]) -> tuple[int, int] | None:
        """A number with what is counted: four Turkish engineers, $2 billion, 900 tons of medicine."""
        low = parse.low
        while start < end and low[start] in self._words["approximator"]:
            start += 1
        money = any(
            word in self._words["currency"] or word in ("%", "percent") or word[:1] in "$€£" for word in low[start:end]
        )
        if start >= end or start in taken or not (money or any(self._is_number(parse, t) for t in range(start, end))):
            return None
        if low[start] in self._words["vague_number"]:
            return None
        number = next((t for t in range(end - 1, start - 1, -1) if parse.dep[t] == "nummod"), None)
        noun = parse.head[number] if number is not None else None
        if noun is not None and noun >= end and noun - end <= 4 and parse.pos[noun] in ("NOUN", "PROPN"):
            if parse.lemma[noun] in self._words["not_counted"] or any(
                t in taken and taken[t].kind == "date" for t in range(start, noun + 1)
            ):
                return None
            if any(parse.words[t] in (",", ";", ".") for t in range(end, noun)):
                return None
            if money and parse.lemma[noun] not in self._words["counted_unit"]:
                return start, end
            end = noun + 1
            if (
                end + 1 < len(parse)
                and low[end] == "and"
                and parse.tag[end + 1] == "NNS"
                and parse.head[end + 1] == noun
            ):
                end += 2
        elif noun is not None and start <= noun < end:
            if parse.lemma[noun] in self._words["not_counted"]:
                return None
        elif not money:
            return None
        last = parse.lemma[end - 1]
        limit = len(parse)
        if (
            last in self._words["counted_unit"]
            and end + 1 < limit
            and low[end] == "of"
            and parse.pos[end + 1] in ("NOUN", "ADJ")
        ):
            end += 2
            while end < limit and parse.pos[end - 1] == "ADJ" and parse.pos[end] == "NOUN":
                end += 1
        elif (
            last in self._words["counted_unit"]
            and end + 1 < limit
            and low[end] in ("per", "a")
            and low[end + 1] in ("day", "year", "month", "week")
        ):
            end += 2
        if any(t in taken and taken[t].kind in ("date", "person") for t in range(start, end)):
            return None
        return start, end
