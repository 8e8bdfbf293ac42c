"""Events: what their own clauses say of who takes part, where and when."""

from workbench.preannotate.rules.agents import KIND as AGENT
from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.matcher import WIDEST
from workbench.preannotate.rules.events.modality import BELOW, NOUN_BELOW, Modality
from workbench.preannotate.rules.events.triggers import TriggerFinder
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.reading import ACTORS, PLACES, Filler, TextAnalysis

_PLACE_PREPOSITIONS = frozenset(
    {"in", "at", "near", "outside", "across", "on", "off", "inside", "over", "around", "along", "towards", "toward"}
)
_AIMS = ("obj", "to", "into", "towards", "toward", "through", "from")
_BESIDE = frozenset({"by", "of", "between", "against"})
_PHRASE = frozenset({"NOUN", "PROPN", "ADJ", "DET", "ADP", "NUM", "PRON", "PART"})
_OF_OBJECTS = frozenset({"to", "for", "from", "with"})
"""Prepositions that belong to a verb, though the parse may give them to its object: sent two million euros *to* Chad."""
_CARRIERS = ("support_verb", "future_operator", "hypothetical_operator")
_STRICT_PLACES = frozenset({"loc", "fac"})
TOGETHER = "together"
"""The route to whoever does with others what they do: met *Putin*."""
_LEAVES = frozenset({"relcl", "advcl", "parataxis", "npadvmod", "agent"})


class EventFinder:
    """Finds the events of one text."""

    def __init__(self, reading: TextAnalysis, lexicon: Lexicon, year: int | None) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        self._lexicon = lexicon
        self._year = year
        self.triggers = TriggerFinder(reading, lexicon)
        self.by_token = self.triggers.by_token
        self._filled: set[int] = set()

    def find(self) -> list[Frame]:
        """The events, in text order, with their roles and modality."""
        frames = self.triggers.find()
        self._reading.clauses.controller = self._controller
        for frame in frames:
            self._fill(frame)
        for frame in frames:
            self._inherit(frame)
        self._place_and_time(frames)
        self._nearest(frames)
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
        for filler, route in self._places(frame, frame.entry.place, PLACES) or self._places(
            frame, _AIMS, _STRICT_PLACES
        ):
            frame.add("place", filler, route)
        for name, paths in (("actor", frame.entry.actor), ("recipient", frame.entry.recipient)):
            found = self.follow(frame, paths)
            if name == "recipient":
                found = [one for one in found if not self._is_moved(one[0])]
            if not found and name == "recipient":
                mutual_noun = frame.entry.pos == "n" and frame.label in self._lexicon.mutual
                found = [] if mutual_noun else self._inside(frame, paths) or self._within(frame)
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
        found = [m for t in self._noun_step(frame, "mod") if (m := self._reading.actor_at(t)) is not None]
        together = len(found) == 2 and any(self._hyphened(mention.start) for mention in found)
        return [(mention, "mod:name") for mention in found] if together else []

    def _addressed(self, frame: Frame) -> list[tuple[Mention, str]]:
        """Who is told what somebody refuses, agrees to or threatens: told *Kenya* that Chad would not accept it."""
        parse, verb = self._parse, frame.head
        if frame.entry is None or frame.entry.pos == "n" or frame.label not in self._lexicon.answering:
            return []
        for path in ("in", "during", "at"):
            for token in self.step(frame, path):
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
        return [(filler.mention, f"obj:{filler.route}") for filler in self._reading.fillers(tokens)]

    def _around(self, frame: Frame, found: list[tuple[Mention, str]]) -> list[tuple[Mention, str]]:
        """Who does something in a meeting, and with whom: rebuffed *Chad* in an encounter, discussed it in a call."""
        parse, head = self._parse, frame.head
        preposition = parse.head[head]
        if frame.entry is None or frame.entry.pos != "n" or frame.label not in self._lexicon.mutual:
            return []
        if any(not route.startswith("via") for _, route in found) or self._noun_step(frame, "with"):
            return []
        if parse.dep[head] != "pobj" or parse.low[preposition] not in ("in", "during", "at", "over"):
            return []
        if any(parse.low[c] in ("the", "this", "that") or parse.dep[c] == "poss" for c in parse.children[head]):
            return []
        verb = parse.head[preposition]
        if parse.pos[verb] != "VERB":
            return []
        clauses = self._reading.clauses
        while parse.dep[verb] == "xcomp" and parse.pos[parse.head[verb]] == "VERB" and self._asks(parse.head[verb]):
            verb = parse.head[verb]
        subjects = clauses.subjects(verb)
        others = [*clauses.objects(verb), *clauses.prepositional(verb, "with"), *clauses.prepositional(verb, "to")]
        if not others and not self._is_mutual(verb):
            return []
        return [(f.mention, f"around:{f.route}") for f in self._reading.fillers([*subjects, *others])]

    def _asks(self, verb: int) -> bool:
        """Whether a verb tells of somebody who is to do something: pressed *Kenya* to accept."""
        frame = self.by_token.get(verb)
        return frame is not None and self._controller(verb) == "recipient"

    def _is_mutual(self, verb: int) -> bool:
        frame = self.by_token.get(verb)
        return frame is not None and frame.label in self._lexicon.mutual

    def _of_subject(self, frame: Frame) -> list[tuple[Mention, str]]:
        """Who did what is the subject of a verb: *Kenya*'s air strikes killed three."""
        found: list[tuple[Mention, str]] = []
        for token in self.step(frame, "subj") if frame.entry is not None and frame.entry.pos == "v" else ():
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
        tokens = [token for path in ("in", "by", "during") for token in self.step(frame, path)]
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

    def _places(self, frame: Frame, paths: tuple[str, ...], kinds: frozenset[str]) -> list[tuple[Mention, str]]:
        """Places at the end of a path: shelled *Kharkiv*, moved troops to *Raška*."""
        for path in paths:
            tokens = self.step(frame, path)
            if path == "mod" and (len(tokens) > 1 or any(self._hyphened(t) for t in tokens)):
                continue
            places = (self._reading.place_at(t) for t in tokens)
            found = [place for place in places if place is not None and place.kind in kinds]
            if found:
                return [(mention, f"{_shape(path)}:place") for mention in found]
        return []

    def follow(self, frame: Frame, paths: tuple[str, ...]) -> list[tuple[Mention, str]]:
        """The entities at the end of the first path that leads to any, and the route."""
        for path in paths:
            together = path.startswith("=")
            first, _, rest = path.removeprefix("=").partition(">")
            tokens = self.step(frame, first)
            if rest == "poss":
                tokens = [p for t in tokens for p in self._parse.kids(t, "poss")]
            elif rest == "subj":
                tokens = [s for t in tokens for s in self._reading.clauses.subjects(t)]
            elif rest in ("actor", "recipient"):
                continue
            elif rest == "mod":
                found = [m for t in tokens if (m := self._named_modifier(t)) is not None]
                if found:
                    return [(mention, "mod:modifier") for mention in found]
                continue
            fillers = [
                filler for filler in self._reading.fillers(tokens) if not (first == "mod" and filler.route != "name")
            ]
            if fillers:
                shape = TOGETHER if together else _shape(first)
                return [(filler.mention, f"{shape}:{filler.route}") for filler in fillers]
        return []

    def _inside(self, frame: Frame, paths: tuple[str, ...]) -> list[tuple[Mention, str]]:
        """The first name within what a path leads to: praised *Haiti*'s efforts, visas for *Honduran* officials."""
        parse = self._parse
        for path in paths:
            if ">" in path or path in ("mod", "poss", "via"):
                continue
            for token in self.step(frame, path.removeprefix("=")):
                for below in parse.subtree(token):
                    mention = self._reading.actor_at(below)
                    if parse.dep[below] in ("relcl", "advcl", "ccomp"):
                        break
                    if (
                        mention is not None
                        and not self._is_moved(mention)
                        and not self._is_where(mention)
                        and not self._reading.is_in_title(mention)
                        and below not in self._reading.clauses.outside
                    ):
                        return [(mention, f"inside:{parse.dep[mention.root]}")]
        return []

    def _within(self, frame: Frame) -> list[tuple[Mention, str]]:
        """The first name in what is said, done or asked: threatened to ban *Ugandan* candidates, calls by *Annan*."""
        parse = self._parse
        entry = frame.entry
        if entry is None or not entry.recipient:
            return []
        last = parse.sentences[parse.sentence[frame.head]][1]
        for token in range(frame.end, last):
            mention = self._reading.actor_at(token)
            if mention is None or (token != mention.root and token not in range(mention.start, mention.root)):
                continue
            if self._is_moved(mention) or self._is_where(mention):
                continue
            token = mention.root
            route: list[str] = []
            while token != frame.head and parse.head[token] != token and len(route) < WIDEST:
                if parse.dep[token] in _LEAVES or token in self._reading.clauses.outside:
                    return []
                if parse.dep[token] != "conj" or parse.pos[token] not in ("VERB", "AUX"):
                    route.append(parse.dep[token])
                token = parse.head[token]
            if token != frame.head or any(role.filler is mention for role in frame.roles):
                continue
            return [(mention, f"within:{'clause' if 'xcomp' in route or 'ccomp' in route else 'phrase'}")]
        return []

    def _is_where(self, mention: Mention) -> bool:
        """Whether a place only tells where something is: a summit *in Doha*."""
        parse, head = self._parse, mention.root
        if mention.kind != "gpe":
            return False
        while parse.dep[head] == "conj" and parse.head[head] != head:
            head = parse.head[head]
        return parse.dep[head] == "pobj" and parse.low[parse.head[head]] in self._words["where_surely"]

    def _is_moved(self, mention: Mention) -> bool:
        """Whether somebody's own forces or envoys are meant, with whom something is done but to whom it is not: *its troops*."""
        parse, head = self._parse, mention.root
        if mention.kind != AGENT or not any(parse.lemma[head] in self._words[name] for name in ("forces", "envoys")):
            return False
        return any(parse.tag[owner] == "PRP$" for owner in parse.kids(head, "poss"))

    def step(self, frame: Frame, path: str) -> list[int]:
        """The words that stand in a grammatical place of a trigger."""
        parse, clauses, head = self._parse, self._reading.clauses, frame.head
        entry = frame.entry
        pos = entry.pos if entry is not None else "v"
        if pos == "n":
            return self._noun_step(frame, path)
        if pos == "a":
            above = parse.head[head]
            if path == "subj":
                if parse.kids(head, "auxpass"):
                    return parse.kids(head, "nsubjpass")
                verb = above if parse.pos[above] in ("AUX", "VERB") else head
                if parse.dep[head] == "amod":
                    return [above]
                return clauses.subjects(verb)
            if path == "obj":
                return parse.kids(head, "pobj", "pcomp")
            if path == "comp":
                return clauses.complements(head)
            return clauses.prepositional(head, path) or ([] if path == "obj" else clauses.prepositional(above, path))
        if path == "subj":
            return clauses.subjects(head)
        if path == "obj":
            return [t for t in clauses.objects(head) if not frame.start <= t < frame.end or t == head]
        if path == "iobj":
            return clauses.indirect(head)
        if path == "comp":
            inside = [head, *(t for t in range(frame.start, frame.end) if t != head and parse.pos[t] == "VERB")]
            return [c for t in inside for c in clauses.complements(t) if not frame.start <= c < frame.end]
        found = clauses.prepositional(head, path)
        for token in range(frame.start, frame.end):
            if token != head:
                found = [*found, *clauses.prepositional(token, path)]
                if parse.low[token] == path:
                    found = [*found, *parse.kids(token, "pobj")]
        if not found and path == "with":
            dates = [
                t for prep in parse.kids(head, "prep") for t in parse.kids(prep, "pobj") if self._reading.is_date(t)
            ]
            found = [t for date in dates for t in clauses.prepositional(date, path)]
        if not found and path in _OF_OBJECTS:
            found = [t for below in clauses.objects(head) for t in clauses.prepositional(below, path)]
        return [t for t in dict.fromkeys(found) if not self._reading.is_date(t)]

    def _noun_step(self, frame: Frame, path: str) -> list[int]:
        parse, clauses, head = self._parse, self._reading.clauses, frame.head
        if path == "poss":
            return parse.kids(head, "poss")
        if path == "mod":
            found = [c for c in parse.kids(head, "amod", "compound", "nmod") if self._reading.mentions.at(c)]
            found = [one for c in found for one in (*self._hyphened(c), *parse.conjuncts(c))]
            before = head - 1
            if (
                not found
                and before >= 0
                and self._reading.mentions.at(before)
                and parse.pos[before] in ("PROPN", "ADJ")
            ) and parse.sentence[before] == parse.sentence[head]:
                found = [before]
            return found
        if path in ("via", "subj"):
            verb = self._governing(head)
            if verb is None or parse.dep[head] == "oprd" or parse.lemma[verb] in self._words["suffering_verb"]:
                return []
            if path == "via" and not any(parse.lemma[verb] in self._words[name] for name in _CARRIERS):
                return []
            subjects = clauses.subjects(verb)
            return [s for s in subjects if s != head]
        if path == "comp":
            return parse.kids(head, "acl", "ccomp", "relcl")
        found = clauses.prepositional(head, path)
        for participle in parse.kids(head, "acl") if not found else ():
            if parse.tag[participle] == "VBN":
                found = [*found, *clauses.prepositional(participle, path)]
        if not found and path in _BESIDE:
            found = self._right_after(frame, path)
        if not found and path in ("on", "against", "with", "to", "by", "between", "for", "from"):
            verb = clauses.governing(head)
            if verb is not None and parse.lemma[verb] in self._words["support_verb"] and parse.dep[head] != "pobj":
                found = clauses.prepositional(verb, path)
        return found

    def _governing(self, noun: int) -> int | None:
        """The verb that a noun depends on; not that of a clause with "that" after it: *said* after talks that it would go."""
        parse, verb = self._parse, self._reading.clauses.governing(noun)
        while verb is not None and any(noun < mark for mark in parse.kids(verb, "mark")):
            above = parse.head[verb]
            verb = above if above != verb and parse.pos[above] in ("VERB", "AUX") else None
        return verb

    def _right_after(self, frame: Frame, path: str) -> list[int]:
        """The object of a preposition right after the words of a noun, though the parse gives it to another word.

        Only "by" may stand further off: the attack on the port *by Chad*.
        """
        parse, after = self._parse, frame.end
        last = parse.sentences[parse.sentence[frame.head]][1]
        phrases = 0
        while (
            path == "by" and after < last and parse.pos[after] in _PHRASE and parse.low[after] != path and phrases < 2
        ):
            phrases += parse.pos[after] == "ADP"
            after += 1
        if after >= last or parse.low[after] != path or parse.dep[after] not in ("prep", "agent"):
            return []
        return [one for token in parse.kids(after, "pobj") for one in parse.conjuncts(token)]

    def _hyphened(self, token: int) -> list[int]:
        """The other half of a pair before a noun: the *Putin*-Trump meeting."""
        before = token - 1
        if before > 0 and self._parse.words[before] in ("-", "–") and self._reading.mentions.at(before - 1):
            return [before - 1]
        return []

    def _named_modifier(self, token: int) -> Mention | None:
        for child in self._parse.kids(token, "amod", "compound", "nmod", "poss"):
            mention = self._reading.mentions.at(child)
            if mention is not None and mention.kind in ACTORS:
                return mention
        return None

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
            for token in self.step(frame, first):
                below = self.by_token.get(token)
                if below is not None and below is not frame and below.label not in self._lexicon.mutual:
                    for role in below.playing(wanted):
                        frame.add("recipient", role.filler, f"{first}:inherited", role.score)

    def _nearest(self, frames: list[Frame]) -> None:
        """What the parse leaves over: the subject of a verb without one, a place or date that nothing has taken."""
        parse = self._parse
        by_sentence: dict[int, list[Frame]] = {}
        for frame in frames:
            by_sentence.setdefault(parse.sentence[frame.head], []).append(frame)
            if frame.entry is not None and frame.entry.pos == "v" and not frame.playing("actor"):
                self._lost_subject(frame)
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

    def _place_and_time(self, frames: list[Frame]) -> None:
        for mention in self._reading.mentions.all:
            if mention.start in self._reading.clauses.outside:
                continue
            if mention.kind in PLACES or mention.kind == "date":
                self._attach(mention)
        for frame in frames:
            self._share(frame)

    def _share(self, frame: Frame) -> None:
        """What is done in a meeting is done where and when the meeting is: pressed Kenya in talks *in Oslo on Friday*."""
        parse, head = self._parse, frame.head
        preposition = parse.head[head]
        if frame.label not in self._lexicon.mutual or parse.dep[head] != "pobj":
            return
        if parse.low[preposition] not in ("in", "during", "at"):
            return
        verb = parse.head[preposition]
        while parse.dep[verb] == "xcomp" and self._asks(parse.head[verb]):
            verb = parse.head[verb]
        above = self.by_token.get(verb)
        if above is None or above is frame:
            return
        lower = self.by_token.get(parse.head[preposition])
        for one, other in ((above, frame), (lower, frame), (frame, above)):
            for name in ("place", "time"):
                for role in one.playing(name) if one is not None and not other.playing(name) else ():
                    if not (frame.start <= role.filler.start < frame.end):
                        other.add(name, role.filler, "attached:far")
        if lower is not None and lower is not above:
            there = {id(role.filler) for role in above.roles}
            lower.roles = [r for r in lower.roles if r.name not in ("place", "time") or id(r.filler) not in there]

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
            frame = self.by_token.get(above)
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

    def _coordinated(self, frame: Frame) -> list[Frame]:
        """Events in gerunds that tell more of the same event: struck the port, *killing* three."""
        found: list[Frame] = []
        for child in self._parse.kids(frame.head, "advcl"):
            other = self.by_token.get(child)
            if other is not None and self._parse.tag[child] == "VBG":
                found.append(other)
        return found


def _shape(path: str) -> str:
    """The kind of a path, for scores: subj, obj, poss, mod, via, of, or any other preposition."""
    return path if path in ("subj", "obj", "iobj", "poss", "mod", "via", "of", "by", "between") else "prep"


def fillers_of(frame: Frame, name: str) -> list[Filler]:
    """The entities that play a role in a frame."""
    return [Filler(role.filler, role.route) for role in frame.playing(name) if isinstance(role.filler, Mention)]
