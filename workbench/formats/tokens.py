"""Tokens and sentences for the formats that have no other offsets, and which spans they can hold."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from workbench.core.annotations import Span
from workbench.errors import FormatError

Offsets = tuple[int, int]
"""Half-open, in code points of the text."""

_BREAK = re.compile(
    r"[^\S\r\n\x85\u2028\u2029]*[\r\n\x85\u2028\u2029]\s*"
    r"|(?:(?<=[.!?…])|(?<=[.!?…][\"'”’»)\]]))\s+(?=[\"'“‘«(\[]*\w)"
)
_LAST_WORD = re.compile(r"(\S+)$")
_ABBREVIATION = re.compile(
    r"(?:[^\W\d_]|(?:[^\W\d_]\.)+[^\W\d_]|Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Lt|Sgt|Capt|Maj|Sen|Rep|Gov|Pres|Rev|vs|No|Jan|Feb"
    r"|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\."
)


def tokens(text: str, *, article: str = "", blank: bool = False) -> list[Offsets]:
    """The words and signs of a text as spaCy's English tokenizer parts them; with `blank` its tokens of white space, too.

    Raises:
        FormatError: spaCy's tokens do not give the text back.
    """
    from workbench.formats.docbin import tokenizer

    doc = tokenizer().make_doc(text)
    if doc.text != text:
        raise FormatError(f"{article}: spaCy's tokens do not give its text back", article=article)
    return [(one.idx, one.idx + len(one)) for one in doc if blank or not one.is_space]


def sentences(text: str, spans: Iterable[Span] = ()) -> list[Offsets]:
    """The sentences of a text, without the white space between them: by line ends, and by full stops before a word.

    No sentence ends within one of `spans`.
    """
    inside = sorted(span.offsets for span in spans)
    reach: list[int] = []
    for _, end in inside:
        reach.append(max(end, reach[-1]) if reach else end)
    starts = [start for start, _ in inside]
    found: list[Offsets] = []
    begin = 0
    for gap in _BREAK.finditer(text):
        before = bisect_left(starts, gap.end())
        if before and reach[before - 1] > gap.start():
            continue
        if not re.search(r"[\r\n\x85\u2028\u2029]", gap.group()):
            word = _LAST_WORD.search(text, max(begin, gap.start() - 40), gap.start())
            if word and _ABBREVIATION.fullmatch(re.sub(r"^\W+", "", word[1])):
                continue
            if text[gap.end()].islower():
                continue
        _add(found, text, begin, gap.start())
        begin = gap.end()
    _add(found, text, begin, len(text))
    return found


def sentence_at(bounds: Sequence[Offsets], offset: int) -> Offsets:
    """The sentence that an offset within one of them lies in."""
    return bounds[max(0, bisect_right(bounds, (offset, 10**12)) - 1)]


def flat(spans: Iterable[Span]) -> tuple[list[Span], list[Span]]:
    """The spans without overlaps, in order of the text, and those left out: of overlapping ones the longest stays."""
    kept: list[Span] = []
    left: list[Span] = []
    taken: set[int] = set()
    for span in sorted(spans, key=lambda one: (one.start - one.end, one.start, one.label)):
        if span.start in taken or span.end - 1 in taken:
            left.append(span)
        else:
            kept.append(span)
            taken.update(range(span.start, span.end))
    return sorted(kept, key=lambda one: one.start), left


def covered(words: Sequence[Offsets], span: Span) -> tuple[int, int] | None:
    """The first token that a span touches and the one after its last; None where it touches none."""
    first = bisect_right([end for _, end in words], span.start) if words else 0
    last = bisect_left([start for start, _ in words], span.end) if words else 0
    return (first, last) if first < last else None


def _add(found: list[Offsets], text: str, start: int, end: int) -> None:
    inner = text[start:end]
    start += len(inner) - len(inner.lstrip())
    end = start + len(inner.strip())
    if start < end:
        found.append((start, end))
