"""Stances in conditions, oaths and questions that ask for no answer: "would sign *only if*", vowed *not to* yield, “*Why should* we?”."""

from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.stances.finder import WILLING, WishFinder

_ON = frozenset({"on", "under", "after", "with", "if", "in", "for"})
_MARKS = frozenset({"if", "when", "once", "after", "provided"})
_ASKING = frozenset({"why", "how"})
_ASKED = frozenset({"should", "can", "could", "would", "must"})
_CLOSE = 3
_NEAR = 8


class Conditions(WishFinder):
    """Finds these stances in one text."""

    def at(self, verb: int) -> Frame | None:
        """The stance of a verb with such a condition, oath or question."""
        parse = self._parse
        if parse.lemma[verb] in self._words["oath_verb"]:
            return self._sworn(verb)
        if parse.lemma[verb] in self._words["staying_verb"] and (found := self._stays(verb)) is not None:
            return found
        if not parse.kids(verb, "aux"):
            return self._only_if(verb)
        return self._only(verb) or self._only_if(verb) or self._rhetorical(verb)

    def of_noun(self, noun: int) -> Frame | None:
        """For what somebody makes a condition of: would agree *on condition* that they left."""
        parse = self._parse
        preposition = parse.head[noun]
        if parse.lemma[noun] not in self._words["condition_noun"] or parse.dep[noun] != "pobj":
            return None
        if parse.low[preposition] not in ("on", "with"):
            return None
        below = [t for t in parse.kids(noun, "acl", "relcl", "ccomp") if t > noun]
        below = below or self._reading.clauses.prepositional(noun, "of")
        verb = parse.head[preposition]
        if not below or parse.pos[verb] not in ("VERB", "AUX"):
            return None
        if parse.lemma[verb] in self._words["speech"] and parse.lemma[below[0]] in self._words["anonymity"]:
            return None
        holders = self._reading.fillers(self._reading.clauses.subjects(verb))
        return self._made(self._pro, preposition, noun + 1, noun, holders, below[0], "condition") if holders else None

    def _only(self, verb: int) -> Frame | None:
        """For the one condition that would do: "would *only* talk *on the basis of* the current lines"."""
        parse = self._parse
        modals = [t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING]
        if not modals:
            return None
        for preposition in parse.kids(verb, "prep"):
            adverbs = [*parse.kids(verb, "advmod"), *parse.kids(preposition, "advmod")]
            only = [t for t in adverbs if parse.low[t] == "only" and modals[0] < t < preposition]
            below = parse.kids(preposition, "pobj", "pcomp")
            if preposition - verb > _CLOSE or not only or not below or parse.low[preposition] not in _ON:
                continue
            end, about = preposition + 1, below[0]
            if parse.lemma[about] in self._words["footing"]:
                inner = [(p, o) for p in parse.kids(about, "prep") for o in parse.kids(p, "pobj", "pcomp")]
                if inner:
                    end, about = inner[0][0] + 1, inner[0][1]
            holders = self._reading.fillers(self._reading.clauses.subjects(verb))
            return self._made(self._pro, modals[0], end, verb, holders, about, "only")
        return None

    def _only_if(self, verb: int) -> Frame | None:
        """For what has to be first: *would* sign *only if* the sanctions were lifted."""
        parse = self._parse
        for clause in parse.kids(verb, "advcl"):
            modals = [t for t in parse.kids(verb, "aux") if parse.low[t] in WILLING and t < verb]
            marks = [t for t in parse.kids(clause, "mark", "advmod") if parse.low[t] in _MARKS]
            adverbs = [*parse.kids(verb, "advmod"), *parse.kids(clause, "advmod")]
            only = [t for t in adverbs if parse.low[t] == "only"]
            if not marks or not only or not only[0] < marks[0] or marks[0] - verb > _NEAR:
                continue
            if only[0] != marks[0] - 1 and (not modals or modals[0] > only[0]):
                continue
            holders = self._reading.fillers(self._reading.clauses.subjects(verb))
            beyond = self._targets.through(clause)
            about = beyond[0] if beyond is not None and not beyond[1] else clause
            close = only[0] == marks[0] - 1
            start, end = (only[0], marks[0] + 1) if close else (modals[0], verb + 1)
            return self._made(self._pro, start, end, verb, holders, about, "only if") if holders else None
        return None

    def _sworn(self, verb: int) -> Frame | None:
        """Against what somebody swears not to do; for what is not given up: *vowed not to give up* its claim."""
        parse = self._parse
        for clause in parse.kids(verb, "xcomp"):
            negations = [t for t in self._reading.clauses.negations(clause) if verb < t < clause]
            if not negations or clause - verb > _CLOSE + 1 or self._reading.clauses.negated(verb):
                continue
            holders = self._reading.fillers(self._reading.clauses.subjects(verb))
            beyond = self._targets.through(clause) or self._targets.given_up(clause)
            if not holders:
                return None
            if beyond is not None and beyond[1]:
                end = self._targets.left_end(clause)
                return self._made(self._pro, verb, end, verb, holders, beyond[0], "sworn to keep")
            about = beyond[0] if beyond is not None else clause
            return self._made(self._contra, verb, negations[-1] + 1, verb, holders, about, "sworn")
        return None

    def _stays(self, verb: int) -> Frame | None:
        """For a position that stays: “Our position *has not changed*”, said its stance *remains unchanged*."""
        parse, clauses = self._parse, self._reading.clauses
        subjects = [t for t in parse.kids(verb, "nsubj", "nsubjpass") if t < verb]
        if not subjects or parse.lemma[subjects[0]] not in self._words["held_noun"] or self._reading.is_asked(verb):
            return None
        if any(parse.low[t] in ("can", "could", "may", "might") for t in parse.kids(verb, "aux")):
            return None
        negations = [t for t in clauses.negations(verb) if t < verb]
        same = [t for t in parse.kids(verb, "acomp", "attr", "advcl", "oprd") if parse.low[t] in self._words["same"]]
        if parse.lemma[verb] in ("be", "remain", "stay"):
            if not same or negations:
                return None
            start, end = verb, same[0] + 1
        elif negations:
            start, end = min([*negations, *(t for t in parse.kids(verb, "aux", "auxpass") if t < verb)]), verb + 1
        else:
            return None
        owners = self._reading.fillers(parse.kids(subjects[0], "poss"))
        holders = owners or self._speech.speakers(verb)
        return self._made(self._pro, start, end, verb, holders, subjects[0], "stays") if holders else None

    def _rhetorical(self, verb: int) -> Frame | None:
        """Against what a question that asks for no answer is about: “*Why should we* trust them?”."""
        parse = self._parse
        words = [t for t in parse.kids(verb, "advmod") if parse.low[t] in _ASKING and t < verb]
        modals = [t for t in parse.kids(verb, "aux") if parse.low[t] in _ASKED and t < verb]
        if not words or not modals or modals[0] != words[0] + 1 or not self._reading.is_asked(verb):
            return None
        quote = self._reading.quote_of.get(verb)
        holders = self._speech.speakers(verb)
        if quote is None or not holders:
            return None
        objects = [t for t in self._reading.clauses.objects(verb) if t > verb]
        about = objects[0] if objects and parse.lemma[verb] in self._words["bearing_verb"] else verb
        return self._made(self._contra, words[0], modals[0] + 1, verb, holders, about, "rhetorical")
