"""Stances in what somebody says will not or must not be, and what is not given up: "we will not yield", "has not changed its position"."""

from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.stances.finder import WILLING, WISH, WishFinder

_CLOSE = 3
_YIELDING = frozenset({"RETREAT", "CONCEDE", "AGREE", "CONSULT", "COOPERATE", "AID", "SUPPORT"})

_EVERY = frozenset({"every", "the", "full"})


class Refusals(WishFinder):
    """Finds the refusals of one text."""

    def at(self, verb: int) -> Frame | None:
        """The refusal that a verb with an auxiliary shows; without a negation of the verb it is in another word."""
        if not self._reading.clauses.negated(verb):
            return self._no_right(verb) or self._none(verb) or self._nothing(verb)
        return (
            self._kept(verb)
            or self._unwilling(verb)
            or self._no_right(verb)
            or self._none(verb)
            or self._cannot_be(verb)
            or self._unbowed(verb)
            or self._never(verb)
            or self._regretted(verb)
            or self._nothing(verb)
        )

    def no_ground(self, verb: int) -> Frame | None:
        """Against what somebody says there is no reason or place for, for what has no alternative."""
        parse, clauses = self._parse, self._reading.clauses
        things = parse.kids(verb, "attr") if parse.kids(verb, "expl") else []
        holders = self._speech.speakers(verb)
        if not things or not holders or not any(parse.low[t] == "no" for t in parse.kids(things[0], "det", "neg")):
            return None
        noun = things[0]
        for name, names, label in (
            ("ground_noun", ("for", "of", "in"), self._contra),
            ("alternative_noun", ("to", "for"), self._pro),
        ):
            about = [t for preposition in names for t in clauses.prepositional(noun, preposition)]
            about = about or [t for t in parse.kids(noun, "acl", "relcl") if self._is_infinitive(t)]
            if parse.lemma[noun] in self._words[name] and about:
                return self._made(label, verb, noun + 1, verb, holders, about[0], "no ground")
        return None

    def _unwilling(self, verb: int) -> Frame | None:
        """Against what a speaker will not do: "we *will not withdraw*", the guards *would not leave*."""
        parse = self._parse
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING), None)
        event = self._events.by_token.get(verb)
        negations = list(self._reading.clauses.negations(verb))
        if modal is not None and event is None and negations:
            return self._refusing(verb, modal, negations)
        if modal is None or event is None or event.head != verb or not negations:
            return None
        if event.start <= min(negations) or parse.is_passive(verb):
            return None
        holders = self._reading.fillers(self._reading.clauses.subjects(verb))
        own = self._is_own(verb, holders, self._speech.speakers(verb))
        refuses = event.label in _YIELDING and parse.low[modal] in ("would", "'d", "’d")
        if event.label not in _YIELDING and parse.low[modal] in ("can", "ca", "could"):
            return None
        if not holders or not (refuses or own) or self._is_supposed(verb):
            return None
        start, end = min([modal, *negations]), max([modal, *negations]) + 1
        if end > verb or end - start > 4:
            return None
        made = self._made(self._contra, start, end, modal, holders, verb, "will not")
        if made is not None:
            made.end = event.end
        return made

    def _refusing(self, verb: int, modal: int, negations: list[int]) -> Frame | None:
        """Against what those who speak say that they will not do: “We *will not pay* the fine”, said it *would not join*."""
        parse, clauses = self._parse, self._reading.clauses
        if parse.low[modal] in ("can", "ca", "could") or parse.lemma[verb] in self._words["no_refusal_verb"]:
            return None
        things = [t for t in clauses.objects(verb) if t > verb] or [
            t for t in self._targets.complements(verb) if t > verb
        ]
        things = things or [
            t for name in ("in", "with", "for", "to") for t in clauses.prepositional(verb, name) if t > verb
        ]
        holders = self._reading.fillers(clauses.subjects(verb))
        start = min([modal, *negations])
        if not things or not holders or verb - start > _CLOSE or parse.is_passive(verb) or self._is_supposed(verb):
            return None
        if parse.pos[things[0]] == "PRON" or not self._is_own(verb, holders, self._speech.speakers(verb)):
            return None
        return self._made(self._contra, start, verb + 1, verb, holders, things[0], "refusing")

    def _kept(self, verb: int) -> Frame | None:
        """For what somebody does not give up: "*has not changed* its position"."""
        negations = [t for t in self._reading.clauses.negations(verb) if t < verb]
        given_up = self._targets.given_up(verb) if negations else None
        beyond = (self._targets.through(verb) or given_up) if negations else None
        event = self._events.by_token.get(verb)
        if beyond is None or not beyond[1] or self._is_marked(verb):
            return None
        if event is not None and event.label != "REJECT" and given_up is None:
            return None
        holders = self._reading.fillers(self._reading.clauses.subjects(verb))
        start = min([*negations, *(t for t in self._parse.kids(verb, "aux") if t < verb)])
        if not holders or verb - start > _CLOSE:
            return None
        return self._made(self._pro, start, self._targets.left_end(verb), verb, holders, beyond[0], "kept")

    def _none(self, verb: int) -> Frame | None:
        """Against what somebody says there will not be: “There *will be no* talks”."""
        parse = self._parse
        things = parse.kids(verb, "attr", "dobj")
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING), None)
        if parse.lemma[verb] != "be" or modal is None or not things or not parse.kids(verb, "expl"):
            return None
        nothing = [t for t in parse.kids(things[0], "det", "neg") if parse.low[t] == "no"]
        nothing = nothing or [t for t in parse.kids(verb, "neg") if modal < t < things[0]]
        holders = self._speech.speakers(verb)
        if not nothing or not holders:
            return None
        needed = [t for head in (things[0], verb) for t in self._reading.clauses.prepositional(head, "without")]
        if needed:
            return self._made(self._pro, modal, max(nothing[0], verb) + 1, verb, holders, needed[0], "none without")
        return self._made(self._contra, modal, max(nothing[0], verb) + 1, verb, holders, things[0], "no")

    def _no_right(self, verb: int) -> Frame | None:
        """Against what somebody says that another may not do (*had no right* to keep the port), for what he may: *had every right* to."""
        parse = self._parse
        rights = [t for t in parse.kids(verb, "dobj") if parse.lemma[t] in self._words["right_noun"]]
        if parse.lemma[verb] != "have" or not rights or rights[0] < verb or self._is_supposed(verb):
            return None
        negations = [t for t in self._reading.clauses.negations(verb) if t < verb]
        none = [t for t in parse.kids(rights[0], "det", "neg") if parse.low[t] == "no"]
        acts = [t for t in (*parse.kids(rights[0], "acl"), *parse.kids(verb, "xcomp")) if self._is_infinitive(t)]
        holders = self._speech.speakers(verb)
        if (none and negations) or not acts or not holders or acts[0] < rights[0]:
            return None
        start = min([verb, *negations, *(t for t in parse.kids(verb, "aux") if t < verb)])
        label = self._contra if none or negations else self._pro
        if label == self._pro and not any(parse.low[t] in _EVERY for t in parse.kids(rights[0], "det")):
            return None
        return self._made(
            label, start, rights[0] + 1, verb, holders, acts[0], "no right" if none or negations else "right"
        )

    def _cannot_be(self, verb: int) -> Frame | None:
        """Against what somebody says cannot be borne: they *cannot be trusted*, it *cannot be justified*."""
        parse, clauses = self._parse, self._reading.clauses
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in ("can", "ca", "could")), None)
        negations = list(clauses.negations(verb))
        if modal is None or not negations or parse.lemma[verb] not in self._words["bearing_verb"]:
            return None
        subjects, holders = parse.kids(verb, "nsubjpass"), self._speech.speakers(verb)
        if not subjects or not holders or self._is_supposed(verb) or verb in self._events.by_token:
            return None
        return self._made(self._contra, modal, verb + 1, verb, holders, subjects[0], "cannot be")

    def _never(self, verb: int) -> Frame | None:
        """Against what somebody says will not be: annexation “*won't happen*”."""
        parse = self._parse
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING and t < verb), None)
        negations = [t for t in self._reading.clauses.negations(verb) if t < verb]
        if parse.lemma[verb] not in self._words["happening_verb"] or modal is None or not negations:
            return None
        subjects, holders = parse.kids(verb, "nsubj"), self._speech.speakers(verb)
        if not subjects or not holders or self._is_supposed(verb) or verb in self._events.by_token:
            return None
        return self._made(self._contra, min([modal, *negations]), verb + 1, verb, holders, subjects[0], "never")

    def _regretted(self, verb: int) -> Frame | None:
        """Against what a speaker says should not have been: it *should not have happened*."""
        parse = self._parse
        duty = next(
            (t for t in parse.kids(verb, "aux") if parse.low[t] in ("should", "ought", "must") and t < verb), None
        )
        negations = [t for t in self._reading.clauses.negations(verb) if t < verb]
        past = any(parse.low[t] == "have" for t in parse.kids(verb, "aux"))
        if duty is None or not past or not negations:
            return None
        subjects, holders = parse.kids(verb, "nsubj", "nsubjpass"), self._speech.speakers(verb)
        if not subjects or not holders or self._is_supposed(verb):
            return None
        event = self._events.by_token.get(verb)
        if event is not None and event.start > duty:
            made = self._made(self._contra, min([duty, *negations]), duty + 1, duty, holders, verb, "regretted")
            if made is not None:
                made.end = event.end
            return made
        return self._made(self._contra, min([duty, *negations]), verb + 1, verb, holders, subjects[0], "regretted")

    def not_going(self, verb: int) -> Frame | None:
        """Against what those who speak are not going to do: “I *am not going to resign*”."""
        parse, clauses = self._parse, self._reading.clauses
        acts = [t for t in parse.kids(verb, "xcomp") if t > verb and self._is_infinitive(t)]
        negations = [t for t in clauses.negations(verb) if t < verb]
        if parse.lemma[verb] != "go" or parse.tag[verb] != "VBG" or not acts or not negations:
            return None
        act, holders = acts[0], self._reading.fillers(clauses.subjects(verb))
        if not holders or parse.is_passive(act) or self._is_supposed(verb):
            return None
        event = self._events.by_token.get(act)
        if event is None and parse.lemma[act] in self._words["no_refusal_verb"]:
            return None
        if not self._is_own(verb, holders, self._speech.speakers(verb)):
            return None
        start = min([*negations, *(t for t in parse.kids(verb, "aux") if t < verb)])
        if parse.words[start] in ("'m", "'re", "'s", "’m", "’re", "’s"):
            start += 1
        if event is not None:
            if event.start <= verb:
                return None
            made = self._made(self._contra, start, verb + 1, verb, holders, act, "not going")
            if made is not None:
                made.end = event.end
            return made
        things = [t for t in clauses.objects(act) if t > act and parse.pos[t] != "PRON"]
        things = things or [t for t in self._targets.complements(act) if t > act]
        return self._made(self._contra, start, act + 1, verb, holders, things[0], "not going") if things else None

    def _nothing(self, verb: int) -> Frame | None:
        """Against what somebody says nothing justifies: “*Nothing can justify* this raid”."""
        parse = self._parse
        if parse.lemma[verb] not in self._words["justifying_verb"]:
            return None
        nothing = [t for t in parse.kids(verb, "nsubj") if parse.low[t] == "nothing" and verb - t < _CLOSE]
        things = [t for t in self._reading.clauses.objects(verb) if t > verb]
        holders = self._speech.speakers(verb)
        if not nothing or not things or not holders:
            return None
        return self._made(self._contra, nothing[0], verb + 1, verb, holders, things[0], "nothing")

    def _unbowed(self, verb: int) -> Frame | None:
        """Against being made to: said it *would not be bullied*. By whom is the target, where that is told."""
        parse, clauses = self._parse, self._reading.clauses
        modal = next((t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING), None)
        negations = [t for t in clauses.negations(verb) if t < verb]
        holders = self._reading.fillers(parse.kids(verb, "nsubjpass"))
        if modal is None or not negations or parse.lemma[verb] not in self._words["forcing_verb"]:
            return None
        if not holders or self._is_supposed(verb):
            return None
        frame = Frame(self._contra, min([modal, *negations]), verb + 1, verb, None, f"{WISH}:unbowed")
        for filler in holders:
            frame.add("holder", filler.mention, f"unbowed:{filler.route}")
        for agent in clauses.subjects(verb):
            target = self._targets.of(agent, frame)
            if target is not None and all(role.filler is not target[0] for role in frame.roles):
                frame.add("target", target[0], f"unbowed:{target[1]}")
        return self._speech.expressed(frame) if self._contra else None
