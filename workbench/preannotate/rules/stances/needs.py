"""Stances in what somebody says is needed or has to be: "X must go", "we need a truce", "there is no need to meet"."""

from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.reading import ACTORS, Filler
from workbench.preannotate.rules.stances.finder import WishFinder

_OBLIGING = frozenset({"must", "should", "ought"})
_PLAIN = frozenset({"will", "'ll", "’ll", "do", "does", "did"})
"""Auxiliaries that leave a need a need: will *need to* leave; who will *have to* leave only foresees it."""
_NEAR = 3
_STANDING = frozenset({"place", "force", "effect", "power"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})


class Needs(WishFinder):
    """Finds the needs and duties of one text."""

    def at(self, verb: int) -> Frame | None:
        """The stance of a verb that says what is needed, or of its auxiliary."""
        parse = self._parse
        if parse.lemma[verb] == "require" and parse.pos[verb] == "VERB" and self._takes_a_thing(verb):
            return self._needed(verb) or self._obliged(verb)
        if parse.lemma[verb] == "need" and parse.pos[verb] == "VERB" and not parse.is_passive(verb):
            return self._needed(verb) or self._obliged(verb)
        if parse.lemma[verb] == "be" and self._speech.speakers(verb):
            found = self._time(verb) or self._is_need(verb) or self._cleft(verb)
            if found is not None:
                return found
        return self._obliged(verb)

    def _obliged(self, verb: int) -> Frame | None:
        """For what a speaker says must be, against what must not be."""
        parse = self._parse
        duty = next((t for t in parse.kids(verb, "aux") if parse.low[t] in _OBLIGING), None)
        inner = verb
        if duty is None:
            if parse.lemma[verb] not in ("need", "have"):
                return None
            infinitives = [t for t in parse.kids(verb, "xcomp", "ccomp") if t > verb and self._is_infinitive(t)]
            after = [t for t in parse.kids(verb, "advcl") if 0 < t - verb < _NEAR and self._is_infinitive(t)]
            infinitives = infinitives or (after if parse.lemma[verb] == "need" else [])
            helpers = [t for t in parse.kids(verb, "aux") if parse.low[t] not in _PLAIN]
            if not infinitives or parse.kids(verb, "dobj") or helpers:
                return None
            duty, inner = verb, infinitives[0]
            if parse.lemma[verb] == "have" and (
                self._reading.clauses.negated(verb) or parse.tag[verb] == "VBD" or parse.kids(verb, "aux")
            ):
                return None
        subjects = parse.kids(verb, "nsubj", "nsubjpass")
        if any(t > duty for t in subjects) or self._is_marked(inner) or self._reading.is_asked(verb):
            return None
        if self._announces(inner, subjects) or any(parse.low[t] == "have" for t in parse.kids(inner, "aux")):
            return None
        holders = self._speech.speakers(verb)
        teller = self._speech.reporting(verb)
        asked = self._events.by_token.get(teller) if teller is not None else None
        if not holders and duty == verb and parse.lemma[verb] == "need":
            own = self._reading.fillers(self._reading.clauses.subjects(verb))
            holders = [filler for filler in own if filler.mention.kind in ACTORS]
        if not holders or (asked is not None and asked.label == "REQUEST") or parse.dep[verb] == "acl":
            return None
        clauses = self._reading.clauses
        negations = [t for t in clauses.negations(verb) if duty <= t < inner or t < duty]
        turned = bool(negations) or clauses.nobodys(verb)
        doubted = self._speech.doubted(verb)
        if doubted and duty - doubted[-1] < _NEAR + 1:
            label = self._pro if turned else self._contra
            return self._made(label, doubted[0], duty + 1, duty, holders, inner, "must")
        label = self._contra if turned else self._pro
        start = min([duty, *(t for t in negations if duty - t < _NEAR and parse.dep[t] not in _SUBJECTS)])
        event = self._events.by_token.get(inner)
        if duty == verb and not parse.is_passive(inner) and parse.lemma[inner] != "be":
            return self._to_do(label, start, duty, inner, holders)
        if event is not None and event.start > duty:
            made = self._made(label, start, duty + 1, duty, holders, event.head, "must")
            if made is not None:
                made.end = event.end
            return made
        beyond = self._targets.through(inner)
        objects = clauses.objects(inner)
        about = beyond[0] if beyond is not None else objects[0] if objects else None
        if parse.is_passive(inner) and parse.kids(inner, "xcomp"):
            about = None
        if parse.lemma[inner] == "be":
            what = parse.kids(inner, "attr", "acomp")
            if not what or inner < duty or (not subjects and not parse.kids(inner, "expl")):
                return None
            person = not subjects or parse.pos[subjects[0]] == "PRON" or self._reading.is_somebody(subjects[0])
            if parse.low[what[0]] in self._words["shamed"] and subjects:
                turned_label = self._pro if label == self._contra else self._contra
                return self._made(turned_label, start, what[0] + 1, duty, holders, subjects[0], "must be")
            about = what[0] if person or self._reading.resolves_to_name(subjects[0]) else subjects[0]
            return self._made(label, start, inner + 1, duty, holders, about, "must be")
        after = [t for t in parse.kids(inner, "prep") if t == inner + 1 and parse.kids(t, "pobj")]
        if about is None and after and inner > duty and not parse.kids(inner, "nsubjpass", "xcomp", "ccomp"):
            things = parse.kids(after[0], "pobj")
            if subjects and things[0] == after[0] + 1 and parse.low[things[0]] in _STANDING:
                return self._made(label, start, things[0] + 1, inner, holders, subjects[0], "must stay")
            return self._made(label, start, after[0] + 1, inner, holders, things[0], "must with")
        sure = [t for t in parse.kids(inner, "acomp", "ccomp", "xcomp", "oprd") if parse.low[t] in ("sure", "certain")]
        if parse.lemma[inner] == "make" and sure and inner > duty:
            below = [t for head in (sure[0], inner) for t in parse.kids(head, "ccomp") if t > sure[0]]
            return self._made(label, start, sure[0] + 1, inner, holders, below[0], "must do") if below else None
        if about is None:
            adverbs = [t for t in parse.kids(inner, "advmod") if duty < t < inner]
            end = max([duty + 1, *(t + 1 for t in (*negations, *adverbs) if duty < t < inner)])
            return self._made(label, start, end, duty, holders, inner, "must do") if inner > duty else None
        if beyond is not None and beyond[1]:
            label = self._pro if label == self._contra else self._contra
        return self._made(label, start, inner + 1, inner, holders, about, "must")

    def _to_do(self, label: str, start: int, need: int, act: int, holders: list[Filler]) -> Frame | None:
        """For what has to be done, as an event or a clause: said they *need to* review the rules."""
        to = max((t for t in self._parse.kids(act, "aux") if self._parse.low[t] == "to" and t < act), default=need)
        beyond = self._targets.through(act)
        if beyond is not None and beyond[1]:
            label = self._opposite.get(label, label)
        return self._made(label, start, to + 1, need, holders, act, "must do")

    def _is_ruled(self, verb: int) -> bool:
        """Whether a rule requires something, which tells what it says: the law *requires* a licence."""
        subjects = self._reading.clauses.subjects(verb)
        return any(self._parse.lemma[t] in self._words["ruling_noun"] for t in subjects)

    def _takes_a_thing(self, verb: int) -> bool:
        """Whether a verb requires a thing rather than that somebody does it: *require* patience, not: require them to go."""
        parse = self._parse
        return bool(parse.kids(verb, "dobj")) and not parse.kids(verb, "xcomp", "ccomp")

    def _announces(self, verb: int, subjects: list[int]) -> bool:
        """Whether a verb only announces what is said: I must *say*; not: they must *agree*."""
        parse = self._parse
        own = any(parse.low[t] in self._words["first_person"] for t in subjects)
        if parse.lemma[verb] == "wait":
            return True
        if parse.lemma[verb] == "make" and any(parse.low[t] == "sure" for t in parse.children[verb]):
            return False
        return parse.lemma[verb] in self._words["performative"] and (own or not subjects)

    def _needed(self, verb: int) -> Frame | None:
        """For what a speaker needs, or says is needed: “We *need* a truce”, said the army *needs* more shells."""
        parse = self._parse
        things = [t for t in self._reading.clauses.objects(verb) if t > verb]
        holders = self._reading.fillers(self._reading.clauses.subjects(verb))
        speakers = self._speech.speakers(verb)
        if not things or self._is_marked(verb) or self._reading.is_asked(verb):
            return None
        if not (holders and self._is_own(verb, holders, speakers)):
            required = parse.lemma[verb] == "require" and not self._is_ruled(verb)
            if not (holders or required) or parse.pos[things[0]] != "NOUN":
                return None
            if speakers:
                holders = speakers
            elif required or any(filler.mention.kind not in ACTORS for filler in holders):
                return None
        negations = [t for t in self._reading.clauses.negations(verb) if t < verb]
        helpers = [t for t in parse.kids(verb, "aux") if t < verb] if negations else []
        label = self._contra if negations else self._pro
        return self._made(label, min([verb, *negations, *helpers]), verb + 1, verb, holders, things[0], "need")

    def _cleft(self, verb: int) -> Frame | None:
        """For what a speaker puts after what is needed or wanted: “What we *need* is a truce”."""
        parse = self._parse
        wanting = [t for t in parse.kids(verb, "csubj") if t < verb and parse.lemma[t] in self._words["wanting_verb"]]
        things = [t for t in parse.kids(verb, "attr", "xcomp", "ccomp") if t > verb]
        speakers = self._speech.speakers(verb)
        if not wanting or not things or not any(parse.low[t] == "what" for t in parse.subtree(wanting[0])):
            return None
        if self._is_marked(verb) or self._reading.is_asked(verb) or not speakers:
            return None
        want = wanting[0]
        negations = [t for t in self._reading.clauses.negations(want) if t < want]
        label = self._contra if bool(negations) != self._reading.clauses.negated(verb) else self._pro
        helpers = [t for t in parse.kids(want, "aux") if t < want] if negations else []
        return self._made(label, min([want, *negations, *helpers]), want + 1, want, speakers, things[0], "cleft")

    def _is_need(self, verb: int) -> Frame | None:
        """For what a speaker says there is a need for: “There *is a need* for dialogue”."""
        parse = self._parse
        nouns = [t for t in parse.kids(verb, "attr") if parse.lemma[t] in self._words["need_noun"]]
        holders = self._speech.speakers(verb)
        if not nouns or not parse.kids(verb, "expl") or not holders or self._is_marked(verb):
            return None
        noun = nouns[0]
        if self._reading.is_asked(verb) or any(parse.low[t] == "no" for t in parse.kids(noun, "det", "neg")):
            return None
        about = self._reading.clauses.prepositional(noun, "for") or [
            t for t in parse.kids(noun, "acl", "relcl") if self._is_infinitive(t)
        ]
        label = self._contra if self._reading.clauses.negated(verb) else self._pro
        helpers = [t for t in self._reading.clauses.state_helpers(noun) if t < noun]
        return (
            self._made(label, min([noun, *helpers]), noun + 1, verb, holders, about[0], "is a need") if about else None
        )

    def _time(self, verb: int) -> Frame | None:
        """For what a speaker says it is time for: “It *is time* to end this war”."""
        parse = self._parse
        nouns = [t for t in parse.kids(verb, "attr") if parse.lemma[t] in self._words["due_noun"] and t > verb]
        holders = self._speech.speakers(verb)
        if not nouns or not holders or self._is_marked(verb) or self._reading.is_asked(verb):
            return None
        due = (*parse.kids(nouns[0], "acl", "relcl"), *parse.kids(verb, "xcomp", "advcl"))
        due = [t for t in due if t > nouns[0] and self._is_infinitive(t)]
        due = due or self._reading.clauses.prepositional(nouns[0], "for")
        negations = list(self._reading.clauses.negations(verb))
        if not due:
            return None
        beyond = self._targets.through(due[0])
        about = beyond[0] if beyond is not None and not beyond[1] else due[0]
        label = self._contra if negations else self._pro
        return self._made(label, verb, nouns[0] + 1, verb, holders, about, "time")
