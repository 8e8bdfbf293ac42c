"""Events: what their own clauses say of who takes part, where and when."""

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.circumstances import Circumstances
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.modality import BELOW, NOUN_BELOW, Modality
from workbench.preannotate.rules.events.paths import TOGETHER, Paths
from workbench.preannotate.rules.events.triggers import TriggerFinder
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.reading import ACTORS, PLACES, Filler, TextAnalysis
from workbench.preannotate.rules.weights import Weights

_AIMS = ("obj", "to", "into", "towards", "toward", "through", "from")
_STRICT_PLACES = frozenset({"loc", "fac"})


class EventFinder:
    """Finds the events of one text."""

    def __init__(self, reading: TextAnalysis, lexicon: Lexicon, year: int | None) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        self._lexicon = lexicon
        self._year = year
        self.triggers = TriggerFinder(reading, lexicon)
        self.paths = Paths(reading)
        self.by_token = self.triggers.by_token
        self._filled: set[int] = set()
        reading.clauses.controller = self._controller

    def find(self, weights: Weights) -> list[Frame]:
        """The events that are likely enough by these weights, in text order, with their roles and modality."""
        frames = self.triggers.find(weights)
        for frame in frames:
            self._fill(frame)
        for frame in frames:
            self._inherit(frame)
        circumstances = Circumstances(self._reading, self._lexicon, self.by_token)
        circumstances.attach(frames)
        for frame in frames:
            if frame.entry is not None and frame.entry.pos == "v" and not frame.playing("actor"):
                self._lost_subject(frame)
        circumstances.nearest(frames)
        modalities = Modality(self._reading, self.by_token, self._year)
        for frame in frames:
            modality = modalities.of(frame)
            if modality:
                frame.attributes["modality"] = modality
        return frames

    def _controller(self, verb: int) -> str:
        frame = self.by_token.get(verb)
        if frame is None or frame.entry is None or frame.head != verb:
            return "none"
        return frame.entry.controller if frame.entry.effect else "actor"

    def _fill(self, frame: Frame) -> None:
        if frame.entry is None or id(frame) in self._filled:
            return
        self._filled.add(id(frame))
        for filler, route in self.paths.places(frame, frame.entry.place, PLACES) or self.paths.places(
            frame, _AIMS, _STRICT_PLACES
        ):
            frame.add("place", filler, route)
        gaining = self._gaining(frame)
        for name, paths in (("actor", frame.entry.actor), ("recipient", frame.entry.recipient)):
            if name == "actor" and gaining:
                paths = tuple(path for path in paths if path not in ("via", "subj"))
            found = self.paths.follow(frame, paths)
            if name == "recipient":
                found = [one for one in found if not self.paths.is_moved(one[0])]
            if not found and name == "recipient":
                mutual_noun = frame.entry.pos == "n" and frame.label in self._lexicon.mutual
                found = [] if mutual_noun else self.paths.inside(frame, paths) or self.paths.within(frame)
            if name == "actor":
                found = self._hyphened_pair(frame) or self._around(frame, found) or found
            if name == "recipient" and not found:
                found = self._addressed(frame) or self._undergoing(frame)
            if name == "actor" and not any(filler.kind in ACTORS for filler, _ in found):
                found = self._of_subject(frame) or self._of_means(frame) or self._claimed(frame) or found
            partners = name == "recipient" and frame.entry.pos == "n" and frame.label in self._lexicon.mutual
            if partners and not frame.playing("actor") and any(route.startswith("prep") for _, route in found):
                for filler in self._reading.fillers(self._around_phrase(frame)):
                    frame.add("actor", filler.mention, f"clause:{filler.route}")
            for filler, route in found:
                acts = route.startswith(TOGETHER) or (partners and route.startswith("prep"))
                acts = acts or (route.startswith("between") and self._is_noun(frame))
                hit = name == "recipient" and frame.label in self._lexicon.hitting and filler.kind in PLACES
                frame.add("actor" if acts else "place" if hit else name, filler, route)
        self._symmetric(frame)

    def _is_noun(self, frame: Frame) -> bool:
        """Whether a noun names an event, alone or as the object of its verb: *deal* between, *reached a deal* between."""
        entry = frame.entry
        return entry is not None and (entry.pos == "n" or any(c.what == "obj" and c.inside for c in entry.conditions))

    def _is_truce(self, frame: Frame) -> bool:
        """Whether a noun names a truce, which who agrees to it or proposes it keeps only with others: accepted a *ceasefire*."""
        return self._parse.lemma[frame.head] in self._words["told_truce"] and frame.label == "RETREAT"

    def _hyphened_pair(self, frame: Frame) -> list[tuple[Mention, str]]:
        """The two who stand before a noun with a hyphen: *Norway-Chad* talks."""
        if frame.entry is None or frame.entry.pos != "n":
            return []
        found = [m for t in self.paths.noun_step(frame, "mod") if (m := self._reading.actor_at(t)) is not None]
        together = len(found) == 2 and any(self.paths.hyphened(mention.start) for mention in found)
        return [(mention, "mod:name") for mention in found] if together else []

    def _addressed(self, frame: Frame) -> list[tuple[Mention, str]]:
        """Who is told what somebody refuses, agrees to or threatens: told *Kenya* that Chad would not accept it."""
        parse, verb = self._parse, frame.head
        if frame.entry is None or frame.entry.pos == "n" or frame.label not in self._lexicon.answering:
            return []
        for path in ("in", "during", "at"):
            for token in self.paths.step(frame, path):
                below = self.by_token.get(token)
                if below is not None and below.label in self._lexicon.mutual:
                    found = self._reading.fillers(self._reading.clauses.prepositional(below.head, "with"))
                    if found:
                        return [(filler.mention, f"prep:{filler.route}") for filler in found]
        if parse.dep[verb] != "ccomp" or parse.lemma[parse.head[verb]] not in self._words["speech"]:
            return []
        above = parse.head[verb]
        clauses = self._reading.clauses
        tokens = clauses.objects(above) or clauses.indirect(above) or clauses.prepositional(above, "to")
        return [(filler.mention, f"prep:{filler.route}") for filler in self._reading.fillers(tokens)]

    def _undergoing(self, frame: Frame) -> list[tuple[Mention, str]]:
        """Who is put under what a noun names, or faces it: moved *the mayor* to house arrest, *Chad* came under attack."""
        parse, clauses, head = self._parse, self._reading.clauses, frame.head
        if frame.entry is None or frame.entry.pos != "n" or frame.label in self._lexicon.mutual:
            return []
        verb = clauses.governing(head)
        if verb is None:
            return []
        lemma, tokens = parse.lemma[verb], list[int]()
        if parse.dep[head] == "pobj" and parse.low[parse.head[head]] in ("under", "to", "into", "in", "on"):
            if lemma in self._words["undergoing_verb"]:
                tokens = clauses.objects(verb)
            elif lemma in self._words["coming_verb"] and parse.low[parse.head[head]] in ("under", "on"):
                tokens = clauses.subjects(verb)
        elif parse.dep[head] == "dobj" and lemma in self._words["suffering_verb"]:
            tokens = clauses.subjects(verb)
        tokens = tokens or self._gaining(frame)
        return [(filler.mention, f"obj:{filler.route}") for filler in self._reading.fillers(tokens)]

    def _gaining(self, frame: Frame) -> list[int]:
        """Who gets what a noun names, or asks for it: *Chad* drew criticism, *Kenya* sought help, appealed for aid."""
        parse, head = self._parse, frame.head
        if frame.entry is None or frame.entry.pos != "n" or frame.label not in self._lexicon.gained:
            return []
        verb = self._reading.clauses.governing(head)
        if verb is None:
            return []
        asked = parse.dep[head] == "pobj" and parse.low[parse.head[head]] == "for"
        names = ("pleading_verb",) if asked else ("gaining_verb", "seeking_verb") if parse.dep[head] == "dobj" else ()
        gains = any(parse.lemma[verb] in self._words[name] for name in names)
        return self._reading.clauses.subjects(verb) if gains else []

    def _around(self, frame: Frame, found: list[tuple[Mention, str]]) -> list[tuple[Mention, str]]:
        """Who does something in a meeting, and with whom: rebuffed *Chad* in an encounter, discussed it in a call."""
        parse, head = self._parse, frame.head
        preposition = parse.head[head]
        if frame.entry is None or frame.entry.pos != "n" or frame.label not in self._lexicon.mutual:
            return []
        if any(not route.startswith("via") for _, route in found) or self.paths.noun_step(frame, "with"):
            return []
        if parse.dep[head] != "pobj" or parse.low[preposition] not in ("in", "during", "at", "over"):
            return []
        if any(parse.low[c] in ("the", "this", "that") or parse.dep[c] == "poss" for c in parse.children[head]):
            return []
        verb = parse.head[preposition]
        if parse.pos[verb] != "VERB":
            return []
        clauses = self._reading.clauses
        while (
            parse.dep[verb] == "xcomp"
            and parse.pos[parse.head[verb]] == "VERB"
            and self._reading.clauses.asks(parse.head[verb])
        ):
            verb = parse.head[verb]
        subjects = clauses.subjects(verb)
        others = [*clauses.objects(verb), *clauses.prepositional(verb, "with"), *clauses.prepositional(verb, "to")]
        if not others and not self._is_mutual(verb):
            return []
        return [(f.mention, f"around:{f.route}") for f in self._reading.fillers([*subjects, *others])]

    def _is_mutual(self, verb: int) -> bool:
        frame = self.by_token.get(verb)
        return frame is not None and frame.label in self._lexicon.mutual

    def _of_subject(self, frame: Frame) -> list[tuple[Mention, str]]:
        """Who did what is the subject of a verb: *Kenya*'s air strikes killed three."""
        found: list[tuple[Mention, str]] = []
        for token in self.paths.step(frame, "subj") if frame.entry is not None and frame.entry.pos == "v" else ():
            found += self._actors_below(frame, token)
            if not found and self._parse.lemma[token] in self._words["partitive"]:
                found += [
                    one
                    for t in self._reading.clauses.prepositional(token, "of")
                    for one in self._actors_below(frame, t)
                ]
        return found

    def _of_means(self, frame: Frame) -> list[tuple[Mention, str]]:
        """Who did what happened to somebody in an event that is told: killed in an ambush by *rebels*."""
        if frame.entry is None or frame.entry.pos != "v" or not self._reading.clauses.is_passive(frame.head):
            return []
        tokens = [token for path in ("in", "by", "during") for token in self.paths.step(frame, path)]
        return [one for token in tokens for one in self._actors_below(frame, token)]

    def _actors_below(self, frame: Frame, token: int) -> list[tuple[Mention, str]]:
        """Who acts in the event that a word names."""
        below = self.by_token.get(token)
        if below is None or below is frame:
            return []
        self._fill(below)
        return [(filler.mention, "subj:event") for filler in fillers_of(below, "actor")]

    def _claimed(self, frame: Frame) -> list[tuple[Mention, str]]:
        """Who says that it was they: *Islamic State* claimed responsibility for the attack."""
        parse, token = self._parse, frame.head
        if frame.entry is None or frame.entry.pos != "n" or parse.dep[token] != "pobj":
            return []
        noun = parse.head[parse.head[token]]
        if parse.low[parse.head[token]] != "for" or parse.lemma[noun] not in ("responsibility", "credit"):
            return []
        verb = self._reading.clauses.governing(noun)
        fillers = self._reading.fillers(self._reading.clauses.subjects(verb)) if verb is not None else []
        return [(filler.mention, f"via:{filler.route}") for filler in fillers]

    def _around_phrase(self, frame: Frame) -> list[int]:
        """The subject of the clause that a noun stands in with its preposition: *Chad* said after talks with Kenya."""
        parse, token = self._parse, frame.head
        while parse.dep[token] in ("pobj", "prep", "conj", "dobj", "mark") and parse.head[token] != token:
            token = parse.head[token]
            if parse.pos[token] in ("VERB", "AUX"):
                while any(frame.head < mark for mark in parse.kids(token, "mark")) and parse.head[token] != token:
                    token = parse.head[token]
                return self._reading.clauses.subjects(token)
        return []

    def _symmetric(self, frame: Frame) -> None:
        """A body that is both actor and recipient is one of them only: the actor."""
        actors = {id(role.filler) for role in frame.playing("actor")}
        frame.roles = [role for role in frame.roles if role.name == "actor" or id(role.filler) not in actors]

    def inherit(self, frames: list[Frame]) -> None:
        """Recipients that other events give by now, of those that are known by what was told before."""
        for frame in frames:
            if not frame.playing("recipient"):
                self._inherit_recipients(frame)

    def _inherit(self, frame: Frame) -> None:
        """Who takes part by what another event says of it."""
        entry = frame.entry
        if entry is None:
            return
        self._inherit_recipients(frame)
        if not frame.playing("actor") and entry.pos == "n" and not self._is_truce(frame):
            above = self._frame_above(frame)
            if above is not None and above.entry is not None and above.entry.effect:
                wanted = "recipient" if above.entry.controller == "recipient" else "actor"
                for role in above.playing(wanted):
                    frame.add("actor", role.filler, "inherited")

    def _inherit_recipients(self, frame: Frame) -> None:
        """Recipients that another event gives: who made the demand that is rejected, who acted in what is condemned."""
        for path in frame.entry.recipient if frame.entry is not None else ():
            first, _, wanted = path.partition(">")
            if wanted not in ("actor", "recipient") or frame.playing("recipient"):
                continue
            for token in self.paths.step(frame, first):
                below = self.by_token.get(token)
                if below is not None and below is not frame and below.label not in self._lexicon.mutual:
                    for role in below.playing(wanted):
                        frame.add("recipient", role.filler, f"{first}:inherited", role.score)

    def _lost_subject(self, frame: Frame) -> None:
        parse, head = self._parse, frame.head
        clauses = self._reading.clauses
        if clauses.is_passive(head) or clauses.subjects(head) or parse.dep[head] in ("amod", "acl", "compound"):
            return
        first = parse.sentences[parse.sentence[head]][0]
        for token in range(head - 1, first - 1, -1):
            mention = self._reading.actor_at(token)
            if mention is None or token in clauses.outside:
                continue
            if parse.dep[mention.root] in ("nsubj", "nsubjpass", "appos", "conj", "ROOT", "compound"):
                frame.add("actor", mention, "nearest")
                return

    def _frame_above(self, frame: Frame) -> Frame | None:
        token = frame.head
        for above in self._parse.above(frame.head):
            if self._parse.dep[token] not in BELOW and self._parse.dep[token] not in NOUN_BELOW:
                return None
            other = self.by_token.get(above)
            if other is not None and other is not frame:
                return other
            if self._parse.pos[above] in ("VERB", "AUX", "NOUN"):
                return None
            token = above
        return None


def fillers_of(frame: Frame, name: str) -> list[Filler]:
    """The entities that play a role in a frame."""
    return [Filler(role.filler, role.route) for role in frame.playing(name) if isinstance(role.filler, Mention)]
