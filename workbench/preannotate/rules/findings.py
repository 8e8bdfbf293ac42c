"""What the rules found in one text, before it has scores and a scheme's names."""

from workbench.preannotate.rules.entities.mention import Mention, Mentions
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.reading import TextAnalysis
from workbench.preannotate.rules.stances.judgements import Judgements


class Findings:
    """What the rules found in one text, in their own words, before a scheme's names are put on it.

    `nameless` are things and actors without a name; those that play a role are suggested.
    """

    def __init__(
        self,
        reading: TextAnalysis,
        mentions: Mentions,
        nameless: list[Mention],
        events: list[Frame],
        stances: list[Frame],
        judgements: Judgements,
    ) -> None:
        self.reading = reading
        self.parse = reading.parse
        self.mentions = mentions
        self.nameless = nameless
        self.events = events
        self.stances = stances
        self.judgements = judgements
