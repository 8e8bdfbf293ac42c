"""Cuts the boilerplate of news pages out of a text and leaves every character of the news as it was.

Newsletter boxes, appeals, subscription and cookie lines, buttons, share bars, advertisement marks, lists of related
articles. Precision comes first: a line goes when it is known as a whole, when its sentences speak to the reader about
the publisher's own business, or when it belongs to a box that such lines open or close. A sentence that no cue knows
speaks to the reader when several weak signs come together: an imperative, "you", "we", what a publisher offers, how
often, at what price. What stands in quotation marks is never evidence, and a sentence that reports what somebody said
is never cut, nor is an answer in an interview or a turn in a transcript.

The rules' words are in data/cues.toml; this module holds what follows from them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from workbench.articles import blocks as layout
from workbench.articles.blocks import Block, Line, Sentence
from workbench.articles.cues import RULE, SPEECH, SPEECH_BESIDE, Candidate, Cues, Opener, Sign, cues
from workbench.core.article import Cut

RULES = "3"
CERTAIN = 4
BESIDE = 2

BYTE_ORDER_MARK = "byte order mark"
LINE_END = "line end"

_APPEAL_AT_MOST = 16
_LIST_AT_MOST = 12
_CLOSERS = ("button", "subscription")
# Boilerplate that stands amid news and says nothing of what is beside it.
_ALOOF = frozenset({"advertisement", "read more", "related articles", "notice", "photo credit"})
# Boilerplate that stands together; a weak sign counts beside its own kind only.
_FAMILIES = (
    frozenset({"appeal", "subscription"}),
    frozenset({"newsletter", "subscription", "social media"}),
    frozenset({"cookie notice", "subscription"}),
    frozenset({"reader call", "social media", "comments", "newsletter"}),
    frozenset({"page boilerplate"}),
)
# Points of a line about an author that goes where it ends the text.
_AUTHOR = 3
_ITEM_WORDS = 25
_PARAGRAPH_WORDS = 14
# So many lines below the last sentence of news make the foot of a page, whose other lines have at most so many words.
_FOOT = 3
_FOOT_WORDS = 12
# Who wrote, and when, stays.
_CREDIT = re.compile(
    r"^(?:by|from our|from|reporting|additional reporting|writing|editing|edited|translated|with files)\b|\bcontribut|"
    r"^\W*(?:\w+\W+)?\d{1,4}\W|\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_NO_NAME = frozenset({"The", "He", "She", "They", "About"})
# Who speaks in a transcript or an interview: `Q: `, `HOST: `, `Ms Marin: `.
_SPEAKER = re.compile(r"[^\W\d_][\w.'’-]{0,20}(?: [\w.'’-]{1,20}){0,3}:\s")
# So many questions on lines of their own, each with an answer below, make an interview; they have so many words at most.
_QUESTIONS = 3
_QUESTION_WORDS = 40
# The words of the name with which a line begins.
_NAME = re.compile(r"(?:[A-Z][\w'.-]*,?\s+)+")
_BULLETS = "•▸▶►◆■●‣·»›→*-–—"


def cleaner() -> str:
    """The version of the rules and the cue table, as `Article.cleaner` has it."""
    return f"{RULES}.{cues().digest}"


def clean(raw: str) -> tuple[str, tuple[Cut, ...]]:
    """The cleaned text, and the cuts that make it out of `raw`: `core.article.apply_cuts(raw, cuts)` is the text.

    A byte order mark, and the CR of a CR LF, are cut with reasons of their own; a lone CR stays.
    """
    of = layout.lines(raw)
    page = _Page(raw, layout.blocks(raw, of), cues())
    ranges = _with_blanks(of, page.judged())
    made = [Cut(start=a, end=b, reason=reason, text=raw[a:b]) for a, b, reason in _with_line_ends(raw, of, ranges)]
    kept: list[str] = []
    position = 0
    for cut in made:
        kept.append(raw[position : cut.start])
        position = cut.end
    kept.append(raw[position:])
    return "".join(kept), tuple(made)


def boilerplate(cuts: Sequence[Cut]) -> Iterator[Cut]:
    """The cuts that took words away, not only a byte order mark or the CR of a line end."""
    return (cut for cut in cuts if cut.reason not in (BYTE_ORDER_MARK, LINE_END))


@dataclass(frozen=True)
class _Range:
    """A stretch to cut; `whole` when it takes its lines entirely."""

    start: int
    end: int
    reason: str
    whole: bool = True
    lines: tuple[int, int] = (0, 0)


class _Judged:
    """A block and what speaks for cutting it. `reason` is set once it goes, `parts` when only its ends do."""

    def __init__(self, raw: str, block: Block, table: Cues) -> None:
        self._raw, self._table = raw, table
        self.block = block
        self.line: Sign | None = table.line(block.shown)
        self.reason: str | None = None
        self.parts: list[_Range] = []

    @cached_property
    def opener(self) -> Opener | None:
        """The box that begins here: by its own words, or because the line calls for support and ends nowhere."""
        opener = self._table.opener(self.block.shown)
        if opener is not None:
            return opener
        if self.line is not None and self.line.reason == "appeal":
            return Opener("appeal", self.line)
        if (
            self.points >= BESIDE
            and self.best == "appeal"
            and self.block.words <= 12
            and not self.block.ends_a_sentence
        ):
            return Opener("appeal", Sign("appeal", BESIDE, 0))
        return None

    @cached_property
    def sentences(self) -> list[Sentence]:
        return layout.sentences(self._raw, self.block)

    @cached_property
    def signs(self) -> list[list[Sign]]:
        """The cues in each sentence."""
        signs = [self._table.sentence(sentence.seen, self._candidates) for sentence in self.sentences]
        if self._offers:
            for found, sentence in zip(signs, self.sentences, strict=True):
                speech = self._table.speech(sentence.seen)
                if speech is not None:
                    found.append(speech)
        return signs

    @cached_property
    def _candidates(self) -> list[Candidate]:
        return self._table.candidates(self.block.shown)

    @cached_property
    def _offers(self) -> bool:
        return self._table.offers(self.block.shown)

    @cached_property
    def seen(self) -> str:
        """The text without what stands in quotation marks."""
        return layout.without_quotes(self._raw[self.block.start : self.block.end])

    @cached_property
    def persons(self) -> int:
        return self._table.persons(self.seen)

    @cached_property
    def appeals(self) -> int:
        return self._table.appeals(self.seen)

    @cached_property
    def reports(self) -> bool:
        return self._table.reports(self.seen)

    @cached_property
    def reports_strictly(self) -> bool:
        return self._table.reports(self.seen, strictly=True)

    @cached_property
    def points(self) -> int:
        if not self._candidates and not self._offers:
            return 0
        distinct = {sign.name: sign.points for signs in self.signs for sign in signs}
        return sum(distinct.values())

    @property
    def best(self) -> str:
        """The reason with the most points."""
        totals: Counter[str] = Counter()
        for sign in {sign for signs in self.signs for sign in signs}:
            totals[sign.reason] += sign.points
        return totals.most_common(1)[0][0] if totals else (self.line.reason if self.line else "page boilerplate")

    @property
    def is_short(self) -> bool:
        """A line such as a button has: a few words and no end of a sentence."""
        return self.block.words <= 4 and len(self.block.shown) <= 40 and not self.block.ends_a_sentence

    @property
    def is_paragraph(self) -> bool:
        """Running text, as news is."""
        return self.block.words >= _PARAGRAPH_WORDS and (self.block.ends_a_sentence or len(self.sentences) > 1)

    @property
    def is_item(self) -> bool:
        """A line as a list of headlines has them: no sentence, no time, no name of an author."""
        shown = self.block.shown.strip()
        return (
            self.block.words <= _ITEM_WORDS
            and len(self.sentences) <= 2
            and not shown.endswith((".", ":", ",", ";"))
            and not shown.lower().startswith(("by ", "from our "))
            and self.block.words > (0 if not any(c.isdigit() for c in shown) else 2)
        )

    @property
    def bullet(self) -> str:
        first = self.block.shown.strip()[:1]
        return first if first in _BULLETS else ""


class _Page:
    """The blocks of one text, judged step by step; every step only adds to what goes."""

    def __init__(self, raw: str, found: Sequence[Block], table: Cues) -> None:
        self._table = table
        self._judged = [_Judged(raw, block, table) for block in found]

    def judged(self) -> list[_Range]:
        """What goes, in the order of the text."""
        for block in self._judged:
            self._alone(block)
        self._appeals()
        self._lists()
        self._authors()
        self._beside()
        self._below()
        for judged in self._spoken():
            judged.reason, judged.parts = None, []
        found: list[_Range] = []
        for judged in self._judged:
            block = judged.block
            if judged.reason is not None:
                found.append(_Range(block.start, block.end, judged.reason, lines=(block.first, block.last)))
            else:
                found.extend(judged.parts)
        return found

    def _alone(self, judged: _Judged) -> None:
        """Cuts a block that is boilerplate by itself, or the sentences at its ends that are."""
        if judged.line is not None and judged.line.points >= CERTAIN:
            judged.reason = judged.line.reason
        elif judged.opener is not None and judged.opener.sign.points >= CERTAIN:
            judged.reason = judged.opener.sign.reason
        elif judged.points >= CERTAIN and self._is_all_boilerplate(judged):
            judged.reason = judged.best
        elif judged.points >= CERTAIN:
            judged.parts = list(self._ends(judged))

    def _is_all_boilerplate(self, judged: _Judged) -> bool:
        """Whether no sentence of the block could be news.

        What stands before the first cue must have a cue itself; what follows one may also be short or speak to the
        reader; what is enclosed by cues must only not report.
        """
        marked = [number for number, signs in enumerate(judged.signs) if signs]
        for number, sentence in enumerate(judged.sentences):
            if judged.signs[number]:
                continue
            words = len(sentence.seen.split())
            if number < marked[0] or self._table.reports(sentence.seen):
                return False
            if number > marked[-1] and words > 3 and not (self._table.persons(sentence.seen) and words <= 30):
                return False
            if words > 30:
                return False
        return True

    def _ends(self, judged: _Judged) -> Iterator[_Range]:
        """The certain sentences with which a block of news begins or ends."""
        certain = [sum(sign.points for sign in signs) >= CERTAIN for signs in judged.signs]
        sentences = judged.sentences
        head = next((number for number, is_certain in enumerate(certain) if not is_certain), len(certain))
        tail = next((number for number, is_certain in enumerate(reversed(certain)) if not is_certain), len(certain))
        if head:
            reason = judged.signs[0][0].reason
            yield _Range(sentences[0].start, sentences[head].start, reason, whole=False)
        if tail:
            first = len(sentences) - tail
            reason = judged.signs[first][0].reason
            yield _Range(sentences[first - 1].end, sentences[-1].end, reason, whole=False)

    def _spoken(self) -> Iterator[_Judged]:
        """What is said in a transcript or an interview, where "you" and "we" are no publisher and no reader.

        Two speakers at least who take turns, by names before a colon; or questions and what stands below each.
        """
        names = [_SPEAKER.match(one.block.shown.strip()) for one in self._judged]
        turns = Counter(found.group() for found in names if found)
        speakers = {name for name, times in turns.items() if times > 1 and self._table.is_name(name)}
        if len(speakers) > 1:
            yield from (
                one for one, found in zip(self._judged, names, strict=True) if found and found.group() in speakers
            )
        asked = [number for number, one in enumerate(self._judged[:-1]) if self._is_question(one)]
        answers = [self._judged[n + 1] for n in asked if not self._is_question(self._judged[n + 1])]
        if len(answers) >= _QUESTIONS:
            yield from (one for one in answers if one.block.ends_a_sentence and one.block.words > 2)

    def _is_question(self, judged: _Judged) -> bool:
        """Whether a block is one question, and none with which a publisher begins its calls."""
        return (
            judged.block.shown.rstrip().endswith("?")
            and 2 < judged.block.words <= _QUESTION_WORDS
            and judged.reason is None
        )

    def _appeals(self) -> None:
        """Cuts the boxes that begin with `A Message from X:` and the like, to their end."""
        number = 0
        while number < len(self._judged):
            opener = self._judged[number].opener
            if opener is None or opener.kind != "appeal":
                number += 1
                continue
            end = self._end_of_appeal(number)
            for judged in self._judged[number:end]:
                judged.reason = judged.reason or opener.sign.reason
            number = max(end, number + 1)

    def _end_of_appeal(self, first: int) -> int:
        """The block after the appeal that begins at `first`; `first` itself if it is none."""
        name = self._name_of(self._judged[first])
        run, closer, speaks = first, None, False
        for number in range(first + 1, min(first + _APPEAL_AT_MOST, len(self._judged))):
            judged = self._judged[number]
            if self._is_closer(judged) and speaks:
                closer = number
            elif self._may_appeal(judged, name):
                speaks = speaks or judged.block.words >= 8
            elif not (speaks and judged.is_short):
                break
            run = number
        end = first
        if closer is not None:
            end = closer
            while end + 1 < len(self._judged) and self._is_button(self._judged[end + 1]):
                end += 1
        else:
            for number in range(first + 1, run + 1):
                if self._is_appeal(self._judged[number], name):
                    end = number
        inside = self._judged[first : end + 1]
        evidence = sum(judged.points for judged in inside) + sum(judged.appeals for judged in inside[1:])
        evidence += CERTAIN if closer is not None else 0
        return end + 1 if end > first and evidence >= 2 * CERTAIN else first

    def _name_of(self, judged: _Judged) -> str:
        """Whom the appeal is by, as its first line says."""
        _, found, name = judged.block.shown.strip(" :*#!").partition(" from ")
        return name.strip() if found else ""

    def _is_closer(self, judged: _Judged) -> bool:
        return judged.line is not None and judged.line.points >= CERTAIN and judged.line.reason in _CLOSERS

    def _is_button(self, judged: _Judged) -> bool:
        return judged.line is not None and judged.line.reason in ("button", "page boilerplate")

    def _may_appeal(self, judged: _Judged, name: str) -> bool:
        """Whether a block could stand in an appeal whose end is found further on."""
        if judged.reports_strictly:
            return False
        if judged.persons and (judged.points >= BESIDE or (judged.persons >= 2 and judged.appeals)):
            return True
        return self._is_appeal(judged, name)

    def _is_appeal(self, judged: _Judged, name: str) -> bool:
        """Whether a block stands in an appeal, wherever that ends."""
        if judged.reports_strictly:
            return False
        named = bool(name) and name.lower() in judged.block.shown.lower()
        appeals = judged.appeals + (2 if named else 0)
        kind = judged.opener is not None and judged.opener.kind == "appeal"
        return kind or judged.points >= CERTAIN or (judged.persons >= 1 and appeals >= 2)

    def _lists(self) -> None:
        """Cuts the headlines that follow `Related articles` and the like."""
        for number, judged in enumerate(self._judged):
            if judged.opener is None or judged.opener.kind != "list":
                continue
            items = self._items(number)
            if items or number == len(self._judged) - 1:
                judged.reason = judged.opener.sign.reason
            for item in items:
                item.reason = item.reason or judged.opener.sign.reason

    def _items(self, opener: int) -> list[_Judged]:
        run: list[_Judged] = []
        position = opener + 1
        while position < len(self._judged) and len(run) < _LIST_AT_MOST:
            judged = self._judged[position]
            if judged.reason is None and not judged.is_item:
                break
            run.append(judged)
            position += 1
        if not any(judged.is_paragraph and judged.reason is None for judged in self._judged[position:]):
            return run if position == len(self._judged) else run[: self._settled(run)]
        # News follows: its sub-heading, or the article's own headline, looks like one more item.
        bulleted = 0
        while bulleted < len(run) and (run[bulleted].bullet or run[bulleted].reason):
            bulleted += 1
        after_news = any(judged.is_paragraph and judged.reason is None for judged in self._judged[:opener])
        return run[: max(bulleted, len(run) - 1)] if after_news else run[:bulleted]

    def _settled(self, run: Sequence[_Judged]) -> int:
        """How many items may go where something that is neither a headline nor a paragraph follows the list."""
        return max(len(run) - 1, 0)

    def _authors(self) -> None:
        """Cuts the lines about the authors below the article: nothing of it follows, and it does not tell of them."""
        number = len(self._judged) - 1
        while number > 0:
            judged = self._judged[number]
            if judged.reason is None:
                if judged.best != "author" or judged.points < _AUTHOR or not self._is_all_boilerplate(judged):
                    return
                told = "\n".join(one.block.shown for one in self._judged[:number] if one.is_paragraph)
                name = _NAME.match(judged.block.shown.strip())
                words = re.findall(r"\w{2,}", name.group()) if name else []
                if any(re.search(rf"\b{word}\b", told) for word in words if word not in _NO_NAME):
                    return
                judged.reason = judged.best
            number -= 1

    def _beside(self) -> None:
        """Cuts what stands beside a block that goes and speaks to the reader, or is a button or a rule."""
        changed = True
        while changed:
            changed = False
            for number, judged in enumerate(self._judged):
                if judged.reason is None and not judged.parts and self._goes_beside(number, judged):
                    judged.reason = judged.best
                    changed = True

    def _below(self) -> None:
        """Cuts the short lines among those that go below the last sentence of news: the foot of a page."""
        start = len(self._judged)
        while start > 0 and (self._judged[start - 1].reason is not None or self._may_be_foot(self._judged[start - 1])):
            start -= 1
        below = self._judged[start:] if start else []
        gone = [n for n, one in enumerate(below) if one.reason is not None and one.reason not in _ALOOF]
        if len(gone) < _FOOT:
            return
        for judged in below[gone[0] : gone[-1]]:
            if judged.reason is None and _CREDIT.search(judged.block.shown.strip()) is None:
                judged.reason = "page boilerplate"

    def _may_be_foot(self, judged: _Judged) -> bool:
        """Whether a line could stand at the foot of a page: it is short, reports nothing and quotes nobody."""
        is_sentence = judged.block.words > 2 and judged.block.shown.rstrip().endswith(".") and not judged.persons
        return (
            judged.block.words <= _FOOT_WORDS
            and not is_sentence
            and not judged.parts
            and not self._table.tells(judged.seen)
        )

    def _goes_beside(self, number: int, judged: _Judged) -> bool:
        beside = (self._judged[n].reason for n in (number - 1, number + 1) if 0 <= n < len(self._judged))
        around = {reason for reason in beside if reason is not None}
        if judged.line is not None and judged.line.name == RULE:
            return bool(around)
        if not around - _ALOOF:
            return False
        if judged.line is not None:
            # The first line of the page is its headline, whatever it looks like.
            return number > 0 or judged.line.points >= BESIDE
        if not self._is_of_a_kind(judged, around):
            return False
        if judged.points < BESIDE or judged.reports or not self._is_all_boilerplate(judged):
            return False
        return judged.persons > 0 or any(sign.boilerplate for signs in judged.signs for sign in signs)

    def _is_of_a_kind(self, judged: _Judged, around: set[str]) -> bool:
        """Whether the block may stand in one box with what is beside it."""
        if any(sign.name in (SPEECH, SPEECH_BESIDE) for signs in judged.signs for sign in signs):
            return True
        return any({judged.best, reason} <= family for reason in around for family in _FAMILIES)


def _with_blanks(of: Sequence[Line], found: Sequence[_Range]) -> list[tuple[int, int, str]]:
    """The stretches with the blank lines that they leave over: of two gaps that meet, the larger one stays."""
    made: list[tuple[int, int, str]] = []
    run: list[_Range] = []
    for one in found:
        if not one.whole:
            made.extend(_run_with_blanks(of, run))
            run = []
            made.append((one.start, one.end, one.reason))
        elif run and not all(line.blank for line in of[run[-1].lines[1] + 1 : one.lines[0]]):
            made.extend(_run_with_blanks(of, run))
            run = [one]
        else:
            run.append(one)
    made.extend(_run_with_blanks(of, run))
    merged: list[tuple[int, int, str]] = []
    for start, end, reason in sorted(made):
        if merged and merged[-1][1] == start and merged[-1][2] == reason:
            merged[-1] = (merged[-1][0], end, reason)
        else:
            merged.append((start, end, reason))
    return merged


def _run_with_blanks(of: Sequence[Line], run: Sequence[_Range]) -> Iterator[tuple[int, int, str]]:
    """One stretch for each range of the run; the blank lines around and between them go to the nearest one before."""
    if not run:
        return
    first, last = run[0].lines[0], run[-1].lines[1]
    before, after = first, last + 1
    while before > 0 and of[before - 1].blank:
        before -= 1
    while after < len(of) and of[after].blank:
        after += 1
    take_before = take_after = True
    if before > 0 and after < len(of):
        take_after = first - before >= after - last - 1
        take_before = not take_after
    start_line = before if take_before else first
    stop_line = after if take_after else last + 1
    starts = [of[start_line].start, *(of[one.lines[0]].start for one in run[1:])]
    stops = [*starts[1:], of[stop_line - 1].stop]
    for one, start, stop in zip(run, starts, stops, strict=True):
        yield start, stop, one.reason


def _with_line_ends(raw: str, of: Sequence[Line], found: Sequence[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The stretches, and between them the byte order mark and the CR of every CR LF."""
    made = list(found)
    if raw.startswith("\ufeff") and not (found and found[0][0] == 0):
        made.append((0, 1, BYTE_ORDER_MARK))
    position = 0
    for line in of:
        if line.stop - line.end == 2:
            while position < len(found) and found[position][1] <= line.end:
                position += 1
            if position == len(found) or found[position][0] > line.end:
                made.append((line.end, line.end + 1, LINE_END))
    return sorted(made)
