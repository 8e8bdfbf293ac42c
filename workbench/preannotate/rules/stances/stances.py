"""Stances: the words that show who is for or against what, or undecided."""

from collections.abc import Iterator

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.frames import EventFinder
from workbench.preannotate.rules.events.triggers import PARTICIPLES
from workbench.preannotate.rules.lexicon import Entry, Lexicon
from workbench.preannotate.rules.reading import ACTORS, TextAnalysis
from workbench.preannotate.rules.stances.carried import KIND as CARRIED
from workbench.preannotate.rules.stances.carried import Carried, CarriedStances
from workbench.preannotate.rules.stances.evaluations import Evaluations
from workbench.preannotate.rules.stances.finder import WISH, Ground, Polarity
from workbench.preannotate.rules.stances.opinions import Opinions
from workbench.preannotate.rules.stances.pairs import Pairs
from workbench.preannotate.rules.stances.speech import Speech
from workbench.preannotate.rules.stances.targets import CLITICS, SEEING, TRAILING, Target, Targets
from workbench.preannotate.rules.stances.wishes import Wishes

_NEAR = 4
_NO = frozenset({"no", "neither", "little", "few", "scant"})
_RECENT = 6
_NEVER = frozenset({"PUNCT", "SPACE", "DET", "PRON", "PART", "SYM", "NUM", "CCONJ"})
"""Parts of speech that show no stance, but where they open a quotation."""


class StanceFinder:
    """Finds the stances of one text. `issues` are the nameless things that stances are about."""

    def __init__(
        self,
        reading: TextAnalysis,
        lexicon: Lexicon,
        opinions: Opinions,
        carried: CarriedStances,
        events: EventFinder,
        polarity: Polarity,
    ) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        self._lexicon = lexicon
        self._events = events
        self._opposite = polarity.turned
        self._pro = polarity.pro
        self.loose: list[Frame] = []
        self._targets = Targets(reading, events)
        self._speech = Speech(reading)
        ground = Ground(reading, events, self._targets, self._speech, polarity)
        self._evaluations = Evaluations(ground, lexicon, opinions)
        self._wishes = Wishes(ground)
        self._carried = Carried(ground, carried, self.is_unreal, self._is_withdrawn, self.loose)

    @property
    def issues(self) -> list[Mention]:
        """The nameless things that stances are about."""
        return list(self._targets.issues.values())

    def find(self) -> list[Frame]:
        """The stances, in text order, each with a target."""
        found: list[Frame] = []
        openings = {quote.start for quote in self._reading.quotes}
        for token, pos in enumerate(self._parse.pos):
            if pos in _NEVER and token not in openings:
                continue
            for stance in self._at(token):
                if not stance.playing("target"):
                    if not self._needs_content(stance):
                        self.loose.append(stance)
                    continue
                if any(_overlap(stance, other) for other in found[-_RECENT:]):
                    continue
                self._targets.last = (token, stance.playing("target")[0].filler)
                self._keep_to_quotation(stance)
                found.append(stance)
        found.sort(key=lambda stance: stance.start)
        about: dict[int, list[Frame]] = {}
        for stance in found:
            for role in stance.playing("target"):
                for token in range(role.filler.start, role.filler.end):
                    about.setdefault(token, []).append(stance)
        decided = {self._parse.head[stance.head] for stance in found if self._is_voted(stance.head)}
        return [
            stance
            for stance in found
            if stance.head not in decided and not self._is_told_by(stance, about.get(stance.head, []))
        ]

    def _keep_to_quotation(self, stance: Frame) -> None:
        """Leaves out the words before a quotation that an expression ends with: raised “*serious questions*” over it."""
        words, event = self._parse.words, self._events.by_token.get(stance.head)
        last = max((t for t in range(stance.start, stance.end) if words[t] not in TRAILING), default=stance.head)
        quote = self._reading.quote_of.get(last)
        if quote is None or quote.start <= stance.start or (event is not None and event.start < quote.start):
            return
        stance.start, stance.end = quote.start, last + 1
        stance.attributes["expressed"] = "quoted"

    def _is_told_by(self, stance: Frame, others: list[Frame]) -> bool:
        """Whether a stance only says what another is about: is glad of *their refusal*, wants to *back* it.

        What others demand or offer is a stance of theirs, whoever is for or against it. `others` are all stances with a
        target that the word of this one belongs to.
        """
        own = {id(role.filler) for role in stance.playing("holder")}
        for other in others:
            if other is stance:
                continue
            same = own == {id(role.filler) for role in other.playing("holder")}
            if stance.entry is None:
                if same and other.start < stance.start and stance.kind.startswith(WISH):
                    return True
                continue
            if stance.entry.pos == "n" and (same or not own or stance.label != self._pro):
                return True
            first = other.playing("target")[0].filler
            if same and isinstance(first, Mention) and other.start < stance.start:
                return True
        return False

    def _needs_content(self, stance: Frame) -> bool:
        """Whether a stance is none without what it is about: who asks for nothing, or only *wants to say* something."""
        if stance.kind.startswith(CARRIED):
            return stance.label == self._pro or (stance.entry is not None and stance.entry.pos == "n")
        announced = [t for one in self._inside(stance) for t in self._targets.complements(one)]
        return any(self._announces(t) for t in announced)

    def _at(self, token: int) -> Iterator[Frame]:
        """The stances that a word may show, the surest first; of the latter two only where it shows no other."""
        first = self._from_lexicon(token)
        for stance in (first, self._evaluations.at(token)):
            if stance is not None:
                yield stance
        for find in (self._wishes.at, self._carried.at, self._carried.against):
            stance = find(token)
            if stance is not None:
                yield stance

    def _from_lexicon(self, token: int) -> Frame | None:
        pos = self._events.triggers.part_of_speech(token)
        if pos is None:
            return None
        match = self._of_state(token) or self._events.triggers.matcher.best(token, self._lexicon.stances, pos)
        if match is None or not self._may_be(token, match[0]):
            return None
        entry, inside = match
        label = entry.stance
        negations = list(self._reading.clauses.negations(token))
        wants_negation = any(condition.what == "neg" for condition in entry.conditions)
        if not wants_negation and entry.pos == "v" and label in self._opposite and self._of_nothing(token):
            label = self._opposite[label]
        if negations and not wants_negation:
            if not entry.flips or label not in self._opposite:
                return None
            label = self._opposite[label]
        if self.is_unreal(token) or self._reading.clauses.nobodys(token) or self._speech.doubted(token):
            return None
        if entry.pos == "n" and self._is_lacking(token):
            return None
        if entry.pos == "n" and self._is_withdrawn(token) and label in self._opposite:
            label = self._opposite[label]
        start, end = self._extent(token, {*inside, *self._neither(token)}, negations, state=entry.pos == "a")
        kind = entry.pos + ("+" if entry.conditions else "") + ("-" if negations else "")
        frame = Frame(label, start, end, token, entry, kind)
        self._holder(frame, entry)
        if not frame.roles and self._reading.is_asked(token):
            return None
        is_held = bool(frame.roles) or self._may_lack_holder(frame, entry)
        for filler, route in self._about(frame, entry):
            if all(role.filler is not filler for role in frame.roles):
                frame.add("target", filler, route)
        if not is_held and not any(_is_actor(role.filler) for role in frame.playing("target")):
            self.loose.append(self._speech.expressed(frame))
            return None
        if frame.roles and not frame.playing("target") and self._stands_alone(frame, entry):
            meant = self._targets.recent(token)
            if meant is not None and all(role.filler is not meant for role in frame.roles):
                frame.add("target", meant, "recent")
        return self._speech.expressed(frame)

    def _stands_alone(self, frame: Frame, entry: Entry) -> bool:
        """Whether a stance can leave out what it is about: are in favour, has given no answer."""
        return entry.pos == "a" or not entry.flips or any(condition.what == "in" for condition in entry.conditions)

    def _is_withdrawn(self, noun: int) -> bool:
        """Whether what a noun names is taken back: *dropped* its opposition, but not: did not drop it."""
        verb = self._reading.clauses.governing(noun)
        if verb is None or self._parse.lemma[verb] not in self._words["withdrawal_verb"]:
            return False
        return not self._reading.clauses.negated(verb)

    def _is_lacking(self, noun: int) -> bool:
        """Whether what a noun names is only needed or sought: the plan *requires* the approval of parliament."""
        verb = self._reading.clauses.governing(noun)
        is_object = verb is not None and noun in self._reading.clauses.objects(verb)
        return is_object and verb is not None and self._parse.lemma[verb] in self._words["seeking_verb"]

    def _of_nothing(self, token: int) -> list[int]:
        """The negation of what a verb is about: supports *no* deal, *neither* the plan nor the vote."""
        parse = self._parse
        objects = self._reading.clauses.objects(token)[:1]
        return [
            child
            for thing in objects
            if thing > token
            for child in parse.kids(thing, "det", "preconj", "cc", "neg", "amod")
            if parse.low[child] in _NO and child < thing
        ]

    def _may_lack_holder(self, frame: Frame, entry: Entry) -> bool:
        """Whether somebody who is not known may hold a stance to a thing: a pronoun that goes back to nobody, or nobody at all.

        Where a thing is said to support another, or nobody is there in a passive, nothing is held.
        """
        holders = [token for path in entry.actor for token in self._events.paths.step(frame, path.partition(">")[0])]
        if entry.pos == "n" or not entry.actor or self._parse.is_passive(frame.head):
            return False
        return not holders or any(self._parse.pos[token] == "PRON" for token in holders)

    def _of_state(self, token: int) -> tuple[Entry, set[int]] | None:
        """The entry for what somebody is rather than what is done to them: is *opposed* to, are *dismayed* by; not: is opposed by."""
        parse = self._parse
        if parse.tag[token] != "VBN" or not (parse.kids(token, "auxpass") or parse.dep[token] == "acomp"):
            return None
        if (parse.low[token], "a") not in self._lexicon.stances:
            return None
        found = self._events.triggers.matcher.best(token, self._lexicon.stances, "a")
        if found is None or not found[0].conditions:
            return None
        felt = any("by" in condition.values for condition in found[0].conditions)
        return found if felt or not parse.kids(token, "agent") else None

    def _neither(self, token: int) -> list[int]:
        """The words of "nor turned down" after "neither accepted"."""
        parse = self._parse
        if not any(parse.low[n] == "neither" for n in self._reading.clauses.negations(token)):
            return []
        verbs = [verb for verb in parse.kids(token, "conj") if parse.pos[verb] == "VERB"]
        return [word for verb in verbs for word in (verb, *parse.kids(verb, "prt"))]

    def pairs(self) -> Pairs:
        """The candidates for holders and targets."""
        return Pairs(self._reading, self._targets, self._speech, self._events.by_token)

    def event_at(self, token: int) -> Frame | None:
        """The event that a word belongs to."""
        return self._events.by_token.get(token)

    def judged(self, token: int, label: str, holder: Mention | None, kind: str) -> Frame:
        """A stance of a word that the lexicon of stances lacks, without its target."""
        start, end = self._extent(token, {token}, list(self._reading.clauses.negations(token)))
        frame = Frame(label, start, end, token, None, kind, judged=True)
        if holder is not None:
            frame.add("holder", holder, kind)
        return self._speech.expressed(frame)

    def _may_be(self, token: int, entry: Entry) -> bool:
        parse = self._parse
        mention = self._reading.mentions.at(token)
        if mention is not None:
            return False
        if entry.pos == "v" and parse.dep[token] in ("amod", "compound") and parse.tag[token] in PARTICIPLES:
            return False
        if entry.pos == "n" and parse.dep[token] in ("compound", "amod"):
            return False
        return not (entry.pos == "a" and parse.dep[token] == "amod")

    def is_unreal(self, token: int) -> bool:
        """Whether the stance is only asked for, supposed or denied: urged X to accept, if X accepts, denied backing X."""
        parse = self._parse
        if self._reading.is_supposed(token):
            return True
        above = parse.head[token]
        if parse.dep[token] == "pcomp" and parse.lemma[parse.head[above]] in self._words["negative_operator"]:
            return True
        if self._is_voted(token):
            return self.is_unreal(above)
        if parse.dep[token] in ("ccomp", "acl") and above < token and parse.lemma[above] in self._words["supposed_by"]:
            return True
        if (
            parse.dep[token] == "conj"
            and not parse.kids(token, "aux", "nsubj", "nsubjpass")
            and parse.tag[token] == "VB"
        ):
            return parse.dep[above] in ("xcomp", "ccomp", "advcl", "acl") and self.is_unreal(above)
        denied = (
            parse.lemma[above] in self._words["negative_operator"]
            and parse.dep[token] in ("xcomp", "ccomp")
            and above < token
        )
        if denied and not self._reading.clauses.negated(above):
            return True
        if parse.dep[token] in ("xcomp", "advcl", "acl", "conj") and any(
            parse.low[c] == "to" and parse.dep[c] == "aux" for c in parse.children[token]
        ):
            head = parse.head[token]
            if head in self._events.by_token:
                return True
            states = [t for t in parse.kids(head, "acomp") if parse.lemma[head] == "be"]
            unlikely = [t for t in states or [head] if parse.lemma[t] == "likely"]
            if any(self._reading.clauses.negated(t) for t in (*unlikely, *([head] if unlikely else []))):
                return True
            return any(parse.lemma[t] not in self._words["stance_carrier"] for t in states or [head])
        return False

    def _is_voted(self, token: int) -> bool:
        """Whether an infinitive tells what somebody voted or decided to do: voted to *reject* the treaty."""
        above = self._parse.head[token]
        return self._parse.dep[token] == "xcomp" and self._parse.lemma[above] in self._words["deciding_verb"]

    def _extent(self, token: int, inside: set[int], negations: list[int], *, state: bool = False) -> tuple[int, int]:
        """The expression: with its negation and auxiliaries, an adverb that strengthens it, and "we" in a quotation."""
        parse = self._parse
        start, end = min(inside), max(inside) + 1
        if negations:
            leading = [t for t in negations if t < token and token - t < 5]
            start = min([start, *leading])
        degrees = self._words["intensifier"] | self._words["degree"] if state else self._words["intensifier"]
        while start and parse.low[start - 1] in degrees:
            start -= 1
        is_event = token in self._events.by_token and not negations and not state
        above = parse.head[token]
        helpers = set(parse.kids(token, "aux", "auxpass"))
        if parse.dep[token] == "pobj" and parse.lemma[parse.head[above]] == "be":
            helpers |= {parse.head[above], *parse.kids(parse.head[above], "aux")}
        elif parse.pos[end - 1] == "ADP" and parse.lemma[above] == "be":
            helpers |= {above, *parse.kids(above, "aux")}
        elif state or self._events.triggers.part_of_speech(token) != "v":
            helpers = set(self._reading.clauses.state_helpers(token))
        while (
            not is_event and start and (start - 1 in helpers or start - 1 in negations) and parse.low[start - 1] != "to"
        ):
            start -= 1
        while start < token and parse.words[start] in CLITICS:
            start += 1
        opened = sum(parse.words[t] in '"“' for t in range(start, end)) - sum(
            parse.words[t] == "”" for t in range(start, end)
        )
        if opened % 2 and end < len(parse) and parse.words[end] in ('"', "”"):
            end += 1
        return start, end

    def _holder(self, frame: Frame, entry: Entry) -> None:
        for mention, route in self._events.paths.follow(frame, entry.actor):
            frame.add("holder", mention, route)
        token = frame.head
        if frame.roles:
            return
        event = self._events.by_token.get(token)
        for role in event.playing("actor") if event is not None and event.head == token and entry.pos == "v" else ():
            frame.add("holder", role.filler, f"event:{role.route}")
        if frame.roles:
            return
        beside = [t for t in self._parse.kids(token, "compound", "nsubj") if t < token] if entry.pos == "a" else []
        for filler in self._reading.fillers(beside):
            frame.add("holder", filler.mention, f"beside:{filler.route}")
        if frame.roles:
            return
        if token in self._reading.quote_of:
            for filler in self._reading.speaker(token)[:1]:
                frame.add("holder", filler.mention, "speaker")
        elif not entry.actor:
            for filler in self._speech.speakers(token):
                frame.add("holder", filler.mention, "speaker")

    def _about(self, frame: Frame, entry: Entry) -> list[Target]:
        for path in entry.target:
            found: list[Target] = []
            for token in self._step(frame, path):
                target = self._target(token, frame, path)
                if target is not None and not any(_covers(known, token) for known, _ in found):
                    found.append((target[0], f"{path if path in ('obj', 'comp') else 'prep'}:{target[1]}"))
            if found:
                return found
            if path == "obj":
                clause = list(self._parse.kids(frame.head, "ccomp", "xcomp", "pcomp"))
                if not clause and self._events.paths.step(frame, "obj"):
                    continue
        last = [found for verb in self._neither(frame.head) for found in self._reading.clauses.objects(verb)]
        targets = (self._targets.of(token, frame) for token in last[:1])
        return [(target[0], f"obj:{target[1]}") for target in targets if target is not None]

    def _step(self, frame: Frame, path: str) -> list[int]:
        """The words at the end of a path; clauses after a preposition, too."""
        if path == "comp":
            return self._clauses(frame)
        found = self._events.paths.step(frame, path)
        if found or path in ("obj", "iobj", "subj"):
            return found
        return [t for token in self._inside(frame) for t in self._targets.gerunds(token, path)]

    def _inside(self, frame: Frame) -> list[int]:
        """The head of an expression and its other verbs and nouns."""
        pos = self._parse.pos
        others = (t for t in range(frame.start, frame.end) if t != frame.head and pos[t] in ("VERB", "NOUN", "ADP"))
        return [frame.head, *others]

    def _clauses(self, frame: Frame) -> list[int]:
        """The clause that a stance takes; none where it only announces what is said: I want to *say*."""
        parse, clauses = self._parse, self._reading.clauses
        found = [t for one in self._inside(frame) for t in self._targets.complements(one)]
        announced = any(parse.low[s] in self._words["first_person"] for s in clauses.subjects(frame.head))
        return [t for t in found if not frame.start <= t < frame.end and not (announced and self._announces(t))]

    def _announces(self, verb: int) -> bool:
        """Whether a verb only leads on to what is said: want to *say*, to *make* a point; not: to make a deal."""
        parse = self._parse
        if parse.lemma[verb] == "make":
            made = parse.kids(verb, "dobj")
            return not made or parse.pos[made[0]] == "PRON" or parse.lemma[made[0]] in self._words["point_noun"]
        return parse.lemma[verb] in self._words["performative"]

    def _target(self, token: int, frame: Frame, path: str) -> Target | None:
        """What a stance is about: also what the verb of a clause takes or leaves, instead of the clause.

        To allow *monitors*; to give up *its demand*. What is left turns the stance round, and the verb belongs to the
        expression: *refused to give up* its demand. So does a negation of what is wanted: wants them *not* to leave.
        """
        beyond = self._targets.through(token) if token > frame.head else None
        if beyond is None:
            if path == "comp" and frame.label == self._pro and self._reading.clauses.negated(token):
                frame.label = self._opposite.get(frame.label, frame.label)
            return self._targets.of(token, frame)
        thing, left = beyond
        near = token - frame.head <= _NEAR
        if path == "comp" and frame.label == self._pro and self._reading.clauses.negated(token):
            left = not left
        if left and near and frame.label in self._opposite:
            frame.label = self._opposite[frame.label]
            frame.end = max(frame.end, self._targets.left_end(token))
            frame.kind += "~"
            return self._targets.thing(thing)
        if left:
            return self._targets.of(token, frame)
        if self._parse.lemma[token] in self._words[SEEING] and near:
            frame.end = max(frame.end, token + 1)
        return self._targets.of(thing, frame)


def _covers(known: Mention | Frame, token: int) -> bool:
    """Whether a word belongs to what is known to be a target already: clinics *and a school*."""
    return known.start <= token < known.end


def _overlap(one: Frame, other: Frame) -> bool:
    return one.start < other.end and other.start < one.end


def _is_actor(filler: Mention | Frame) -> bool:
    return isinstance(filler, Mention) and filler.kind in ACTORS
