"""What the cue table says of a line or a sentence. The table is data/cues.toml; this is all that reads it."""

import hashlib
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, Required, TypedDict, cast

from workbench.articles.blocks import straight

_TRIM = " \\\t\u00a0\ufeff\u200b*_#•▸▶►◆■●‣·»›>→←«‹|=~-—–[]⤢👍👎✉📧🔔⬇↓↑."
_LEAD = re.compile(r"^[^\w·]+")
_PLEASE = re.compile(r"^please,? ", re.IGNORECASE)
_WORD = re.compile(r"\b[a-z]{4}")
_LABEL = re.compile(r"^[\w'&]+(?: [\w'&]+){0,2}: (?=[A-Z])")
_SEPARATOR = re.compile(r"[\s\\|·•›»→←▸/,;:()&+\[\]👍👎✉📧🔔⤢—–-]+")
BUTTONS_AT_MOST = 160
# The name of the sign for a line of dashes or stars.
RULE = -500
# The names of the signs for sentences whose traits come to enough, alone and beside others, and the points it takes.
SPEECH = -600
SPEECH_BESIDE = -601
_ALONE = 4.0
_BESIDE = 3.5
# Groups of traits that speak to the reader, as a sentence that begins with "we" does; one without them is no call.
_SPEAKS = frozenset({"call", "you", "page"})
# Words: longer sentences are no call, unless they name the reader or the publisher, or beyond that at all.
_SPOKEN = 26
_SENTENCE = 45


class _Words(TypedDict):
    reports: str
    reports_strictly: str
    person: str
    appeal_words: str


class _Buttons(TypedDict):
    strong: list[str]
    weak: list[str]


class _LineRow(TypedDict):
    reason: str
    points: int
    pattern: str


class _CueRow(_LineRow, total=False):
    needs: Required[list[str]]
    at: Literal["start"]
    headline: int
    boilerplate: bool


class _OpenerRow(_LineRow):
    kind: Literal["appeal", "list"]


class _TraitRow(TypedDict, total=False):
    group: Required[str]
    points: Required[float]
    pattern: Required[str]
    at: Literal["start"]
    reason: str
    needs: list[str]


class _Table(TypedDict):
    words: dict[str, str]
    news: _Words
    buttons: _Buttons
    line: list[_LineRow]
    cue: list[_CueRow]
    opener: list[_OpenerRow]
    trait: list[_TraitRow]


@dataclass(frozen=True)
class Sign:
    """One cue that was found. `boilerplate`: it counts as speaking to the reader although it names nobody."""

    reason: str
    points: int
    name: int
    boilerplate: bool = False


@dataclass(frozen=True)
class Candidate:
    """A compiled row of the table."""

    sign: Sign
    expression: re.Pattern[str]
    needs: tuple[str, ...] = ()
    at_start: bool = False
    headline: int | None = None


@dataclass(frozen=True)
class Trait:
    """A weak sign: of the traits of one group that a sentence has, the one with the most points counts.

    `reason` is set for what a publisher offers or asks for; without one of these a sentence is no boilerplate.
    """

    group: str
    points: float
    expression: re.Pattern[str]
    at_start: bool = False
    reason: str = ""

    def found(self, text: str) -> bool:
        """Whether a sentence has it."""
        return (self.expression.match(text) if self.at_start else self.expression.search(text)) is not None


@dataclass(frozen=True)
class Opener:
    """A line that begins a box of several lines."""

    kind: Literal["appeal", "list"]
    sign: Sign


class Cues:
    """The compiled table."""

    def __init__(self, text: str) -> None:
        table = cast(_Table, cast(object, tomllib.loads(text)))
        words = table["words"]
        self.digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        self._words = words
        news = table["news"]
        self._reports = self._compile(news["reports"])
        self._reports_strictly = self._compile(news["reports_strictly"])
        self._person = self._compile(news["person"])
        self._appeal = self._compile(news["appeal_words"])
        self._strong = self._compile("|".join(f"(?:{p})" for p in table["buttons"]["strong"]))
        self._token = self._compile(self._tokens(table["buttons"]))
        self._lines = [
            Candidate(Sign(row["reason"], row["points"], -1 - number), self._compile(row["pattern"]))
            for number, row in enumerate(table["line"])
        ]
        self._cues = [self._cue(number, row) for number, row in enumerate(table["cue"])]
        by_need: dict[str, list[Candidate]] = {}
        for cue in self._cues:
            for need in cue.needs:
                by_need.setdefault(need, []).append(cue)
        # A need of four letters and more is looked up by the first four letters of the words that a text has.
        self._by_word: dict[str, list[tuple[str, list[Candidate]]]] = {}
        self._by_part: list[tuple[str, list[Candidate]]] = []
        for need, cues in by_need.items():
            if _WORD.match(need):
                self._by_word.setdefault(need[:4], []).append((need, cues))
            else:
                self._by_part.append((need, cues))
        self._openers: list[tuple[Literal["appeal", "list"], Candidate]] = [
            (row["kind"], Candidate(Sign(row["reason"], row["points"], -1000 - number), self._compile(row["pattern"])))
            for number, row in enumerate(table["opener"])
        ]
        traits = [
            Trait(
                row["group"],
                row["points"],
                self._compile(row["pattern"]),
                row.get("at") == "start",
                row.get("reason", ""),
            )
            for row in table["trait"]
        ]
        self._traits = [trait for trait in traits if trait.points > 0]
        self._objections = [trait for trait in traits if trait.points < 0]
        self._offered = [
            (tuple(row["needs"]), trait) for row, trait in zip(table["trait"], traits, strict=True) if "needs" in row
        ]
        self._publication = re.compile(
            rf"(?:Support|Donate to|Help|Subscribe to|Follow|Join) (?:[Tt]he )?(?:[A-Z][\w'.&-]*\s)*{words['publication']}(?:\s[A-Z][\w'.&-]*)?\s*(!)?\.?"
        )
        self._photo = re.compile(
            r"(?:Photo(?:s|graphs?)?|Images?|Pictures?|Foto)(?:\s(?:credits?|sources?|by|courtesy))*\s*[:,/]\s*"
            r"(?:(?:[A-Z][\w'.&-]*|via|by|and|of|the|courtesy|handout|file|pool|[/,|&()-]+|©)[\s/,]*){1,9}(?:⤢\s*)?(?:Enlarge)?"
        )

    def line(self, shown: str) -> Sign | None:
        """What a whole line is, if it is known as such; weak buttons have 1 point."""
        trimmed = shown.strip(_TRIM)
        if not trimmed:
            return Sign("page boilerplate", 1, RULE) if len(shown.strip()) >= 3 else None
        if len(trimmed) > 2 * BUTTONS_AT_MOST:
            return None
        for pattern in self._lines:
            if pattern.expression.fullmatch(trimmed.rstrip("!:")) or pattern.expression.fullmatch(shown.strip()):
                return pattern.sign
        if self._photo.fullmatch(trimmed):
            return Sign("photo credit", 4, -501)
        published = self._publication.fullmatch(trimmed)
        if published:
            return Sign("appeal", 4 if published.group(1) else 3, -502)
        return self._buttons(shown)

    def candidates(self, text: str) -> list[Candidate]:
        """The cues that may be in a text because a word that they need is; most news is done with here."""
        lowered = text.lower()
        needs = [*self._by_part]
        for word in set(_WORD.findall(lowered)):
            needs += self._by_word.get(word, ())
        found = {cue.sign.name: cue for need, cues in needs if need in lowered for cue in cues}
        return [found[name] for name in sorted(found)]

    def offers(self, text: str) -> bool:
        """Whether a text may have a word for what a publisher offers or asks for; without one no trait counts."""
        lowered = text.lower()
        return any(
            any(need in lowered for need in needs) and (trait.at_start or trait.found(text))
            for needs, trait in self._offered
        )

    def sentence(self, seen: str, candidates: Iterable[Candidate]) -> list[Sign]:
        """The cues in a sentence, whose quotations must have been taken out; none where it reports something."""
        whole = " ".join(seen.split())
        bare = _LEAD.sub("", whole)
        words = len(bare.split())
        starts = {whole, bare, _PLEASE.sub("", bare), _LABEL.sub("", bare)}
        found = [
            cue
            for cue in candidates
            if (cue.headline is None or (words <= cue.headline and not bare.endswith((".", "·"))))
            and (any(map(cue.expression.match, starts)) if cue.at_start else cue.expression.search(bare))
        ]
        if found and self._reports.search(seen):
            found = [cue for cue in found if cue.headline]
        if (words > _SPOKEN and not self._person.search(seen)) or words > _SENTENCE:
            return []
        return [cue.sign for cue in found]

    def speech(self, seen: str) -> Sign | None:
        """What the traits of a sentence come to together, if it speaks to the reader about the publisher's business.

        None where it reports something, or is long; its quotations must have been taken out.
        """
        whole = " ".join(seen.split())
        bare = _PLEASE.sub("", _LEAD.sub("", whole))
        if len(bare.split()) > _SENTENCE or self._reports.search(whole):
            return None
        points: dict[str, float] = {}
        reasons: dict[float, str] = {}
        for trait in self._traits:
            if trait.points > points.get(trait.group, 0.0) and trait.found(bare):
                points[trait.group] = trait.points
                if trait.reason:
                    reasons.setdefault(-trait.points, trait.reason)
        total = sum(points.values())
        speaks = not _SPEAKS.isdisjoint(points) or points.get("we", 0.0) > 1
        if not reasons or not speaks or total < _BESIDE:
            return None
        total += sum(objection.points for objection in self._objections if objection.found(bare))
        if total < _BESIDE:
            return None
        reason = reasons[min(reasons)]
        if total >= _ALONE:
            return Sign(reason, 4, SPEECH)
        return Sign(reason, 2, SPEECH_BESIDE, boilerplate=True)

    def opener(self, shown: str) -> Opener | None:
        """The box that begins with this line."""
        trimmed = shown.strip(_TRIM)
        if not trimmed or len(trimmed) > BUTTONS_AT_MOST or shown.rstrip().endswith("."):
            return None
        for kind, pattern in self._openers:
            if pattern.expression.fullmatch(trimmed) or pattern.expression.fullmatch(trimmed.rstrip("!:")):
                return Opener(kind, pattern.sign)
        return None

    def reports(self, seen: str, *, strictly: bool = False) -> bool:
        """Whether the words report what somebody said or did."""
        return (self._reports_strictly if strictly else self._reports).search(seen) is not None

    def tells(self, seen: str) -> bool:
        """Whether the words report, quote, or tell of what was, as news does and no call to the reader."""
        whole = " ".join(seen.split())
        return self._reports.search(whole) is not None or any(trait.found(whole) for trait in self._objections)

    def is_name(self, label: str) -> bool:
        """Whether the words before a colon may name who speaks, and are no button or call such as `Read more:`."""
        bare = label.strip(" :\n")
        calls = (trait for trait in self._traits if trait.group == "call")
        return self.line(bare) is None and self.opener(bare) is None and not any(call.found(bare) for call in calls)

    def persons(self, seen: str) -> int:
        """How often the words say you or we."""
        return len(self._person.findall(seen))

    def appeals(self, seen: str) -> int:
        """How many words of an appeal there are."""
        return len(self._appeal.findall(seen))

    def _buttons(self, shown: str) -> Sign | None:
        text = straight(shown).strip(" \t.!")
        if len(text) > BUTTONS_AT_MOST:
            return None
        position, number, strong = 0, 0, False
        leading = _SEPARATOR.match(text)
        position = leading.end() if leading else 0
        while position < len(text):
            token = self._token.match(text, position)
            if token is None or token.end() == position:
                return None
            strong = strong or self._strong.fullmatch(token.group()) is not None
            number += 1
            position = token.end()
            between = _SEPARATOR.match(text, position)
            if between is None and position < len(text):
                return None
            position = between.end() if between else position
        if not number:
            return None
        return Sign("button", 4 if strong or number >= 3 else 1, -503)

    def _tokens(self, buttons: _Buttons) -> str:
        # Longer alternatives first, so that "sign up now" is one button and not "sign up" with a word left over.
        parts = sorted((*buttons["strong"], *buttons["weak"]), key=len, reverse=True)
        return "(?:" + "|".join(f"(?:{part})" for part in parts) + r")(?![\w'])"

    def _cue(self, number: int, row: _CueRow) -> Candidate:
        return Candidate(
            Sign(row["reason"], row["points"], number, row.get("boilerplate", False)),
            self._compile(row["pattern"]),
            tuple(row["needs"]),
            row.get("at") == "start",
            row.get("headline"),
        )

    def _compile(self, pattern: str) -> re.Pattern[str]:
        for _ in range(3):
            for name, words in self._words.items():
                pattern = pattern.replace(f"<{name}>", words)
        return re.compile(pattern, re.IGNORECASE)


@cache
def cues() -> Cues:
    """The table that ships with the workbench."""
    return Cues(resources.files("workbench.articles").joinpath("data/cues.toml").read_text(encoding="utf-8"))
