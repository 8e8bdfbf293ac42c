"""Where and when events are, by what their clauses and sentences say."""

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.reading import PLACES, TextAnalysis

_PLACE_PREPOSITIONS = frozenset(
    {"in", "at", "near", "outside", "across", "on", "off", "inside", "over", "around", "along", "towards", "toward"}
)


class Circumstances:
    """Gives the events of one text their places and times."""

    def __init__(self, reading: TextAnalysis, lexicon: Lexicon, by_token: dict[int, Frame]) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._lexicon = lexicon
        self._by_token = by_token

    def attach(self, frames: list[Frame]) -> None:
        """Gives places and dates to the events whose clauses they modify, and to meetings what is done in them."""
        for mention in self._reading.mentions.all:
            if mention.start in self._reading.clauses.outside:
                continue
            if mention.kind in PLACES or mention.kind == "date":
                self._attach(mention)
        for frame in frames:
            self._share(frame)

    def _attach(self, mention: Mention) -> None:
        """Gives a place or a date to the event that it modifies: the nearest one above it."""
        parse = self._parse
        token = mention.end - 1
        while mention.start <= parse.head[token] < mention.end and parse.head[token] != token:
            token = parse.head[token]
        name = "time" if mention.kind == "date" else "place"
        if name == "place":
            preposition = parse.head[token]
            while parse.dep[token] == "conj" and preposition != token:
                token, preposition = preposition, parse.head[preposition]
            if parse.dep[token] != "pobj" or parse.low[preposition] not in _PLACE_PREPOSITIONS:
                return
        elif parse.dep[token] == "poss":
            pass
        seen_noun = False
        for above in parse.above(token):
            frame = self._by_token.get(above)
            if frame is not None and not (frame.start <= mention.start < frame.end):
                frame.add(name, mention, "attached" if not seen_noun else "attached:far")
                for other in self._coordinated(frame) if name == "time" and not seen_noun else []:
                    other.add(name, mention, "attached:far")
                return
            if parse.pos[above] in ("VERB", "AUX"):
                return
            if parse.pos[above] in ("NOUN", "PROPN"):
                if seen_noun or parse.dep[above] not in ("dobj", "nsubjpass", "pobj", "nsubj"):
                    return
                seen_noun = True

    def _share(self, frame: Frame) -> None:
        """What is done in a meeting is done where and when the meeting is: pressed Kenya in talks *in Oslo on Friday*."""
        parse, head = self._parse, frame.head
        preposition = parse.head[head]
        if frame.label not in self._lexicon.mutual or parse.dep[head] != "pobj":
            return
        if parse.low[preposition] not in ("in", "during", "at"):
            return
        verb = parse.head[preposition]
        while parse.dep[verb] == "xcomp" and self._reading.clauses.asks(parse.head[verb]):
            verb = parse.head[verb]
        above = self._by_token.get(verb)
        if above is None or above is frame:
            return
        lower = self._by_token.get(parse.head[preposition])
        for one, other in ((above, frame), (lower, frame), (frame, above)):
            for name in ("place", "time"):
                for role in one.playing(name) if one is not None and not other.playing(name) else ():
                    if not (frame.start <= role.filler.start < frame.end):
                        other.add(name, role.filler, "attached:far")
        if lower is not None and lower is not above:
            there = {id(role.filler) for role in above.roles}
            lower.roles = [r for r in lower.roles if r.name not in ("place", "time") or id(r.filler) not in there]

    def _coordinated(self, frame: Frame) -> list[Frame]:
        """Events in gerunds that tell more of the same event: struck the port, *killing* three."""
        found: list[Frame] = []
        for child in self._parse.kids(frame.head, "advcl"):
            other = self._by_token.get(child)
            if other is not None and self._parse.tag[child] == "VBG":
                found.append(other)
        return found

    def nearest(self, frames: list[Frame]) -> None:
        """Gives each place or date that nothing has taken to the last event before it in its sentence."""
        parse = self._parse
        by_sentence: dict[int, list[Frame]] = {}
        for frame in frames:
            by_sentence.setdefault(parse.sentence[frame.head], []).append(frame)
        taken = {id(role.filler) for frame in frames for role in frame.roles}
        for mention in self._reading.mentions.all:
            if id(mention) in taken or mention.start in self._reading.clauses.outside:
                continue
            near = by_sentence.get(parse.sentence[mention.start], [])
            if mention.kind == "date":
                name = "time"
            elif mention.kind in PLACES and mention.start and parse.low[self._before(mention)] in _PLACE_PREPOSITIONS:
                name = "place"
            else:
                continue
            open_frames = [f for f in near if not f.playing(name) and f.end <= mention.start]
            if open_frames:
                open_frames[-1].add(name, mention, "nearest")

    def _before(self, mention: Mention) -> int:
        """The word before a mention and its article."""
        before = mention.start - 1
        return before - 1 if before and self._parse.low[before] == "the" else before
