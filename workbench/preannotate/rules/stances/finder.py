"""What the finders of one kind of stance share: the text, its events and targets, who speaks, and what stances there are."""

from dataclasses import dataclass

from workbench.preannotate.rules.events.frames import EventFinder
from workbench.preannotate.rules.reading import TextAnalysis
from workbench.preannotate.rules.stances.speech import Speech
from workbench.preannotate.rules.stances.targets import Targets

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
