"""What the rules found in one text, before it has scores and a scheme's names."""

from workbench.preannotate.rules.entities.mention import Mention, Mentions
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.reading import TextAnalysis
from workbench.preannotate.rules.stances.judgements import Judgements
from workbench.preannotate.rules.stances.pairs import Pairs


class Findings:
    """What the rules found in one text, in their own words, before a scheme's names are put on it.

    `nameless` are things and actors without a name; those that play a role are suggested.
    `loose` are stances that lack a holder or a target, which `pairs` may have.
    """

    def __init__(
        self,
        reading: TextAnalysis,
        mentions: Mentions,
        nameless: list[Mention],
        events: list[Frame],
        stances: list[Frame],
        judgements: Judgements,
        pairs: Pairs,
        loose: list[Frame],
    ) -> None:
        self.reading = reading
        self.parse = reading.parse
        self.mentions = mentions
        self.nameless = nameless
        self.events = events
        self.stances = stances
        self.judgements = judgements
        self.pairs = pairs
        self.loose = loose
