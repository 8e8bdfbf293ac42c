"""Direct speech: where it begins and ends, and who speaks."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from workbench.preannotate.rules.clauses import Clauses
from workbench.preannotate.rules.syntax import Parse

_PAIRS = {'"': '"', "“": "”", "«": "»", "„": "“", "‘": "’"}
_LONGEST = 1500
_OPENING = re.compile("[" + "".join(_PAIRS) + r"]|(?<![^\s(\[—–:])'(?=[^\W\d])")
_SINGLE_CLOSING = re.compile(r"(?<=[,.!?])'(?![\w'])")
_SINGLE_OPENING = re.compile(r"(?<![^\s(\[—–:])'(?=[^\W\d])")
_PLAIN_CLOSING = re.compile(r"(?<=[^\s,.!?'])'(?![\w'])")
_LONGEST_PLAIN = 80
"""How many characters a quotation in plain single marks may have that ends without a comma or stop."""
_APOSTROPHE = re.compile(r"\w")


@dataclass
class Quote:
    """A quotation: tokens between the marks, and the token of its reporting verb, if one was found."""

    start: int
    end: int
    verb: int | None = None


def find(parse: Parse, clauses: Clauses, speech: frozenset[str]) -> list[Quote]:
    """The quotations of a text, in text order, each with its reporting verb."""
    quotes = [
        Quote(first, last)
        for start, end in _marks(parse.text)
        if (bounds := _tokens(parse, start, end)) is not None
        for first, last in [bounds]
    ]
    inside = {token for quote in quotes for token in range(quote.start, quote.end)}
    for before, quote in zip([None, *quotes], quotes, strict=False):
        own = _reporting(parse, clauses, quote, inside, speech)
        goes_on = before is not None and before.verb is not None and _goes_on(parse, before, quote, own)
        quote.verb = before.verb if before is not None and goes_on else own
    return quotes


def _goes_on(parse: Parse, before: Quote, quote: Quote, own: int | None) -> bool:
    """Whether a quotation goes on with the one before: nothing but marks and a new paragraph between them.

    `own`: the nearest verb of speech. Where the one before is closed, this one has no verb of speech in its sentences.
    """
    between = parse.text[parse.end[before.end - 1] : parse.start[quote.start]]
    if "\n" not in between or between.strip('\n\r\t "“”'):
        return False
    if not between.lstrip(" ").startswith(('"', "”")):
        return True
    return own is None or not parse.sentence[quote.start] <= parse.sentence[own] <= parse.sentence[quote.end - 1]


def _marks(text: str) -> list[tuple[int, int]]:
    """Half-open offsets of what stands between quotation marks, within one paragraph but for plain single marks."""
    found: list[tuple[int, int]] = []
    position = 0
    for match in _OPENING.finditer(text):
        start = match.start()
        if start < position or (match.group() == "‘" and start and _APOSTROPHE.match(text[start - 1])):
            continue
        limit = text.find("\n", start)
        limit = len(text) if limit < 0 else limit
        limit = min(limit, start + _LONGEST)
        if match.group() == "'":
            end = _single(text, start + 1, limit)
            end = end if end > 0 else _over_lines(text, start + 1, limit)
        else:
            end = _closing(text, start + 1, limit, _PAIRS[match.group()])
            if end < 0 and match.group() == '"' and text[limit : limit + 4].lstrip().startswith('"'):
                end = limit
        if end > start + 1:
            found.append((start + 1, end))
            position = end + 1
    return found


def _single(text: str, start: int, limit: int) -> int:
    """Where a plain single mark closes: after a comma or stop, or soon after a word that is no plural's; -1 for nowhere."""
    closed = _SINGLE_CLOSING.search(text, start, limit + 1) if text[start].isupper() else None
    plain = list(_PLAIN_CLOSING.finditer(text, start, min(limit, start + _LONGEST_PLAIN) + 1))
    surer = [match for match in plain if text[match.start() - 1] != "s"] or plain[-1:]
    nearest = surer[0].start() if surer else -1
    if closed is not None and (nearest < 0 or closed.start() < nearest or text[nearest - 1] == "s"):
        return closed.start()
    return nearest


def _over_lines(text: str, start: int, limit: int) -> int:
    """Where a quotation in plain single marks closes that goes on in the next lines, which open none; -1 for nowhere."""
    if not text[start].isupper() or text[limit : limit + 1] != "\n":
        return -1
    end = min(len(text), start + _LONGEST)
    closed, opened = _SINGLE_CLOSING.search(text, limit, end), _SINGLE_OPENING.search(text, limit, end)
    return closed.start() if closed is not None and (opened is None or closed.start() < opened.start()) else -1


def _closing(text: str, start: int, limit: int, mark: str) -> int:
    """Where the closing mark stands; the end of the paragraph where it is left open (a quotation goes on after it)."""
    position = text.find(mark, start, limit)
    while mark == "’" and 0 <= position < limit - 1 and text[position + 1].isalnum():
        position = text.find(mark, position + 1, limit)
    if position < 0:
        return limit if mark == "”" else -1
    return position


def _tokens(parse: Parse, start: int, end: int) -> tuple[int, int] | None:
    first, last = bisect_left(parse.start, start), bisect_right(parse.end, end)
    return (first, last) if first < last else None


def _reporting(parse: Parse, clauses: Clauses, quote: Quote, inside: set[int], speech: frozenset[str]) -> int | None:
    """The nearest verb of speech outside the quotation: in its own sentence, else in the one before or after."""
    first, last = parse.sentence[quote.start], parse.sentence[quote.end - 1]
    bounds = parse.sentences
    candidates: list[tuple[int, int, int]] = []
    for number in range(max(first - 1, 0), min(last + 2, len(bounds))):
        for token in range(*bounds[number]):
            if token in inside or parse.pos[token] not in ("VERB", "AUX") or parse.lemma[token] not in speech:
                continue
            if not clauses.subjects(token):
                continue
            far = 0 if first <= number <= last else 1
            if far and "\n\n" in parse.text[min(parse.end[token], parse.start[quote.start]) : parse.start[quote.start]]:
                far = 2
            distance = quote.start - token if token < quote.start else token - quote.end
            candidates.append((far, distance, token))
    best = min(candidates, default=None)
    return best[2] if best is not None and best[0] < 2 else None
