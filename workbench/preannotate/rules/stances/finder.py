"""What the finders of one kind of stance share: the text, its events and targets, who speaks, and what stances there are."""

from dataclasses import dataclass

from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.frames import EventFinder
from workbench.preannotate.rules.reading import Filler, TextAnalysis
from workbench.preannotate.rules.stances.speech import Speech
from workbench.preannotate.rules.stances.targets import Targets

BY_THEMSELVES = 3
"""How many sentences a text has at most that was picked for what it says of somebody. In an article, words without anybody
who judges with them mostly tell what happened: was *convicted*, *won* the seat."""
WISH = "wish"
"""The kind of stances that wishes, needs and conditions show."""
_CONDITIONS = frozenset({"if", "unless", "whether"})
WILLING = frozenset({"will", "would", "wo", "'ll", "’ll", "can", "ca", "could"})


@dataclass(frozen=True)
class Polarity:
    """What the scheme's stances are to each other, in the rules' words.

    `turned`: what negation makes of a stance; `unkind`: what a quoted name shows that the lexicon lacks; `pro`, `contra`:
    what wishing for a thing and ruling it out show; `open`: what leaving it open shows.
    """

    turned: dict[str, str]
    unkind: str = ""
    pro: str = ""
    contra: str = ""
    open: str = ""


@dataclass(frozen=True)
class Ground:
    """What there is to find stances in, of one text."""

    reading: TextAnalysis
    events: EventFinder
    targets: Targets
    speech: Speech
    polarity: Polarity


class KindFinder:
    """Finds the stances of one kind in one text."""

    def __init__(self, ground: Ground) -> None:
        self._reading = ground.reading
        self._parse = ground.reading.parse
        self._words = ground.reading.words
        self._events = ground.events
        self._targets = ground.targets
        self._speech = ground.speech
        self._opposite = ground.polarity.turned
        self._unkind = ground.polarity.unkind
        self._pro = ground.polarity.pro
        self._contra = ground.polarity.contra
        self._undecided = ground.polarity.open

    def _is_marked(self, verb: int) -> bool:
        """Whether a clause is a condition or a question."""
        return any(self._parse.low[t] in _CONDITIONS for t in self._parse.kids(verb, "mark"))

    def _is_infinitive(self, token: int) -> bool:
        return any(self._parse.low[c] == "to" and self._parse.dep[c] == "aux" for c in self._parse.children[token])


class WishFinder(KindFinder):
    """Finds the stances of one text that show in what somebody wants, needs, or will not do."""

    def _is_own(self, verb: int, holders: list[Filler], speakers: list[Filler]) -> bool:
        """Whether those who need it, or will not do it, say so themselves."""
        return any(filler.mention is other.mention for filler in holders for other in speakers) or any(
            self._parse.low[t] in self._words["first_person"] for t in self._reading.clauses.subjects(verb)
        )

    def _is_supposed(self, verb: int) -> bool:
        """Whether a clause only supposes: if she *would not*; whoever would not."""
        parse = self._parse
        return self._is_marked(verb) or parse.dep[verb] in ("relcl", "advcl") or self._reading.is_asked(verb)

    def _made(
        self, label: str, start: int, end: int, head: int, holders: list[Filler], about: int, how: str
    ) -> Frame | None:
        """A stance of these words, if the word that it is about is a target."""
        if not label:
            return None
        frame = Frame(label, start, end, head, None, f"{WISH}:{how}")
        for filler in holders:
            frame.add("holder", filler.mention, f"{how}:{filler.route}")
        target = self._targets.of(about, frame)
        if target is None or any(role.filler is target[0] for role in frame.roles):
            return None
        frame.add("target", target[0], f"{how}:{target[1]}")
        return self._speech.expressed(frame)
