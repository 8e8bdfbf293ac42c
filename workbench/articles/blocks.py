"""How a raw text falls into lines, blocks and sentences; offsets count its code points, half-open.

A line ends with CR LF, LF, or a lone CR (which old Macintosh files use; it is kept as it stands). A block is what one
decides on as a whole: a line that holds anything, or a paragraph where the text is hard-wrapped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

LINE_END = re.compile(r"\r\n|\n|\r")
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\ufeff": " "})
_QUOTES = (
    re.compile(r"“[^”]*(?:”|$)"),
    re.compile(r"„[^“”]*(?:[“”]|$)"),
    re.compile(r"«[^»]*(?:»|$)"),
    re.compile(r'"[^"]*(?:"|$)'),
    re.compile(r"(?<![\w'])'(?=\S)(?:[^'\n]|(?<=\w)'(?=\w))*[^'\s]'(?!\w)"),
)
_SENTENCE_END = re.compile(r"[.!?…]+[\"”’'»)\]]*\s+(?=[\"“‘'«(\[—–*•-]*\s?[^\W_a-z])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“‘'])(?:[A-Z]|[A-Z]\.[A-Z]|Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Sgt|Capt|Maj|Cmdr|Adm|Sen|Rep|Gov|Rev|St|Jr|Sr|vs|No|Jan|Feb|Mar|Apr|"
    r"Aug|Sept?|Oct|Nov|Dec|Brig|Hon|Amb|Inc|Ltd|Co|Corp|approx|e\.g|i\.e|etc)\.$"
)
_TERMINAL = re.compile(r"[.!?…:;][\"”’'»)\]]*\s*$")

WRAP_AT_LEAST = 45
WRAP_AT_MOST = 110


@dataclass(frozen=True)
class Line:
    """`start` to `end` is the line's text, `end` to `stop` its line end, which the last line may lack."""

    start: int
    end: int
    stop: int
    blank: bool


@dataclass(frozen=True)
class Sentence:
    """Half-open, in code points of the raw text. `seen` is what cues may look at, without quoted words."""

    start: int
    end: int
    seen: str


@dataclass(frozen=True)
class Block:
    """The lines `first` to `last`, both included. `shown` is the text with its quotations, in straight apostrophes."""

    first: int
    last: int
    start: int
    end: int
    shown: str

    @property
    def words(self) -> int:
        """How many words the block has."""
        return len(self.shown.split())

    @property
    def ends_a_sentence(self) -> bool:
        """Whether the block ends as a sentence does."""
        return _TERMINAL.search(self.shown) is not None


def lines(raw: str) -> list[Line]:
    """Every line of the text, blank ones included."""
    found: list[Line] = []
    start = 0
    for match in LINE_END.finditer(raw):
        found.append(_line(raw, start, match.start(), match.end()))
        start = match.end()
    if start < len(raw):
        found.append(_line(raw, start, len(raw), len(raw)))
    return found


def blocks(raw: str, of: Sequence[Line]) -> list[Block]:
    """The blocks of the text in their order."""
    runs = list(_runs(of))
    wrapped = _is_wrapped(raw, of, runs)
    found: list[Block] = []
    for first, last in runs:
        if wrapped and last > first and any(_is_full(of[number]) for number in range(first, last)):
            found.append(_block(raw, of, first, last))
        else:
            found.extend(_block(raw, of, number, number) for number in range(first, last + 1))
    return found


def sentences(raw: str, block: Block) -> list[Sentence]:
    """The sentences of a block; together with the blanks between them they are the block."""
    text = raw[block.start : block.end]
    seen = without_quotes(text)
    cuts = [0]
    for match in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text[cuts[-1] : match.start() + 1]):
            cuts.append(match.end())
    cuts.append(len(text))
    found: list[Sentence] = []
    for start, end in pairwise(cuts):
        length = len(text[start:end].rstrip())
        if length:
            found.append(Sentence(block.start + start, block.start + start + length, seen[start : start + length]))
    return found


def straight(text: str) -> str:
    """The text with straight apostrophes and plain spaces, as long as it was."""
    return text.translate(_STRAIGHT)


def without_quotes(text: str) -> str:
    """The text as long as it was, in which what stands inside quotation marks is dots in their place."""
    text = text.translate(_STRAIGHT)
    for quote in _QUOTES:
        text = quote.sub(lambda match: "·" * len(match.group()), text)
    return text


def _line(raw: str, start: int, end: int, stop: int) -> Line:
    return Line(start, end, stop, not raw[start:end].strip(" \t\u00a0\ufeff\u200b\x0b\x0c"))


def _runs(of: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """First and last line of each stretch of lines without a blank one."""
    first: int | None = None
    for number, line in enumerate(of):
        if line.blank:
            if first is not None:
                yield first, number - 1
            first = None
        elif first is None:
            first = number
    if first is not None:
        yield first, len(of) - 1


def _is_full(line: Line) -> bool:
    return WRAP_AT_LEAST <= line.end - line.start <= WRAP_AT_MOST


def _is_wrapped(raw: str, of: Sequence[Line], runs: Sequence[tuple[int, int]]) -> bool:
    """Whether the lines were broken at a width, so that a sentence runs over them."""
    inner = [of[number] for first, last in runs for number in range(first, last)]
    if len(inner) < 3 or any(line.end - line.start > WRAP_AT_MOST for line in of):
        return False
    running = [line for line in inner if _is_full(line) and not _TERMINAL.search(raw[line.start : line.end])]
    return len(running) >= 0.6 * len(inner)


def _block(raw: str, of: Sequence[Line], first: int, last: int) -> Block:
    start, end = of[first].start, of[last].end
    return Block(first, last, start, end, straight(raw[start:end]))
