"""Whether an event happened, or is negated, still to come, only thought of, or long past."""

import re
from collections.abc import Iterator

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.lexicon import refuses
from workbench.preannotate.rules.reading import TextAnalysis

BELOW = frozenset({"xcomp", "ccomp", "pcomp", "prep", "acl", "conj", "dative", "oprd", "acomp", "attr"})
NOUN_BELOW = frozenset({"dobj", "pobj", "nsubjpass", "compound"})
_OPERATORS = ("negative_operator", "future_operator", "hypothetical_operator")
_NEXT = 3
"""How far behind a verb and its particle a gerund without a subject can be their object: ruled out *sending* police."""
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")


class Modality:
    """Answers for the events of one text, whose words `by_token` gives; `year` is when the text was published."""

    def __init__(self, reading: TextAnalysis, by_token: dict[int, Frame], year: int | None) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        self._by_token = by_token
        self._year = year
        self._known: dict[int, str] = {}

    def of(self, frame: Frame) -> str:
        """negated, future, hypothetical or historical; "" where it is asserted."""
        known = self._known.get(id(frame))
        if known is None:
            self._known[id(frame)] = ""
            known = self._known[id(frame)] = self._of(frame)
        return known

    def _of(self, frame: Frame) -> str:
        if self._is_past(frame):
            return "historical"
        refusal = frame.entry is not None and refuses(frame.entry)
        own = "" if refusal else self._own(frame.head, frame)
        found = own or self._from_above(frame)
        if found == "future" and (self._reading.is_asked(frame.head) or (own and self._is_only_thought_of(frame))):
            return "hypothetical"
        return found or ("future" if self._is_to_come(frame) else "")

    def _is_only_thought_of(self, frame: Frame) -> bool:
        """Whether what "would" be done is feared, threatened or asked for: fears that it *would* be annexed."""
        return self._from_above(frame, finite=True) == "hypothetical"

    def _is_past(self, frame: Frame) -> bool:
        """Whether an event has a date in a former year, or one that says how long ago it was."""
        year = self._year_of(frame)
        if year is not None and self._year is not None and year < self._year:
            return True
        return any(self._was_long_ago(time) for time in self._times(frame)) or self._did_past(frame)

    def _did_past(self, frame: Frame) -> bool:
        """Whether what an event did is told of one that is past: the *violence* in 2005 killed two."""
        if frame.entry is None or frame.entry.pos != "v":
            return False
        told = (self._by_token.get(one) for one in self._parse.kids(frame.head, "nsubj"))
        return any(one is not None and one is not frame and self._is_past(one) for one in told)

    def _was_long_ago(self, time: Mention) -> bool:
        """Whether a date is some months back or more: *last winter*, three *years ago*."""
        parse, long_time = self._parse, self._words["long_time"]
        return any(
            parse.low[token] in long_time
            and (parse.low[token - 1] == "last" or parse.low[token + 1] in ("ago", "earlier"))
            for token in time.tokens
            if 0 < token < len(parse) - 1
        )

    def _is_to_come(self, frame: Frame) -> bool:
        """Whether an event in the present tense, or a noun, has a date to come: they *meet* tomorrow, next week's *drills*."""
        if self._parse.tag[frame.head] in ("VBD", "VBN"):
            return False
        return any(self._says(time, "date_to_come") for time in self._times(frame))

    def _times(self, frame: Frame) -> Iterator[Mention]:
        """The dates that the words of an event lead to; one that is only near may belong to another."""
        for role in frame.playing("time"):
            if role.route == "attached" and isinstance(role.filler, Mention):
                yield role.filler

    def _says(self, time: Mention, name: str) -> bool:
        """Whether a date has a word of a class: *tomorrow*, *next* week, two *years* ago."""
        return any(self._parse.low[token] in self._words[name] for token in time.tokens)

    def _year_of(self, frame: Frame) -> int | None:
        for time in self._times(frame):
            if self._goes_on(time):
                continue
            match = _YEAR.search(self._parse.surface(time.start, time.end))
            if match:
                return int(match.group())
        return None

    def _goes_on(self, time: Mention) -> bool:
        """Whether a time is only when something began: *since* 2014."""
        parse, last = self._parse, time.end - 1
        return any(parse.low[above] == "since" for above in parse.above(last)[:4])

    def _own(self, token: int, frame: Frame | None, depth: int = 0) -> str:
        parse = self._parse
        kids = parse.children[token]
        if self._reading.clauses.negated(token) or self._reading.clauses.nobodys(token):
            return "hypothetical" if self._on_condition(token) else "negated"
        if self._not_needed(token):
            return "negated"
        for child in kids:
            if parse.dep[child] in ("aux", "auxpass"):
                low = parse.low[child]
                if low in self._words["modal_future"]:
                    return "future"
                if low in self._words["modal_open"]:
                    return "hypothetical"
                if low in self._words["modal_would"]:
                    return "hypothetical" if self._conditional(token) else "future"
            if parse.dep[child] == "mark" and parse.low[child] in self._words["conditional"]:
                return "hypothetical"
            if (
                parse.pos[token] == "NOUN"
                and parse.dep[child] in ("amod", "acl")
                and (coming := {parse.lemma[child], parse.low[child]} & self._words["coming"])
            ):
                return "future" if coming & self._words["planned"] else "hypothetical"
        if parse.tag[token] == "VB" and parse.dep[token] == "ROOT" and any(parse.low[c] == "to" for c in kids):
            return "future"
        if self._infinitive(token) and self._is_judged(token):
            said = parse.kids(parse.head[token], "acomp", "attr")
            return "negated" if any(parse.low[one] == "impossible" for one in said) else "hypothetical"
        if parse.dep[token] in ("xcomp", "attr") and parse.lemma[parse.head[token]] == "be" and self._infinitive(token):
            return "future"
        if parse.dep[token] == "prep" or parse.dep[token] == "pcomp":
            preposition = parse.head[token]
            if parse.low[preposition] == "without":
                return "negated"
        if parse.dep[token] == "conj" and depth < 3 and parse.pos[parse.head[token]] in ("VERB", "AUX"):
            head = parse.head[token]
            if not parse.kids(token, "nsubj", "nsubjpass", "aux") or self._infinitive(head):
                inherited = self._own(head, None, depth + 1)
                return inherited if inherited != "negated" or parse.low[token - 1] in ("or", "nor") else ""
        if parse.dep[token] in ("dobj", "nsubjpass", "nsubj", "pobj") and parse.pos[token] in ("NOUN", "PROPN"):
            verb = self._reading.clauses.governing(token)
            goes_on = parse.dep[token] == "nsubj" and verb is not None and parse.lemma[verb] in self._words["going_on"]
            if verb is not None and depth < 2 and (goes_on or self._tells_of(verb)):
                return self._own(verb, None, depth + 1)
        return ""

    def _is_judged(self, infinitive: int) -> bool:
        """Whether it is said of doing something what it would be: it is *madness* to close it, calls it *unwise* to go."""
        parse, above = self._parse, self._parse.head[infinitive]
        if parse.dep[infinitive] not in ("xcomp", "advcl", "ccomp"):
            return False
        it = any(parse.low[one] == "it" for one in parse.kids(above, "nsubj", "expl"))
        return it and (parse.pos[above] == "ADJ" or bool(parse.kids(above, "acomp", "attr")))

    def _on_condition(self, verb: int) -> bool:
        """Whether a clause is a condition: *whether* or not they sign, *should* they not be freed."""
        parse = self._parse
        for child in parse.children[verb]:
            if parse.dep[child] == "mark" and parse.low[child] in self._words["conditional"] - {"unless", "lest"}:
                return True
            if parse.low[child] == "should" and any(child < one for one in parse.kids(verb, "nsubj", "nsubjpass")):
                return not self._reading.is_asked(verb)
        return False

    def _is_new(self, frame: Frame) -> bool:
        """Whether a noun speaks of something for the first time that is not itself said: ruled out *a suspension*."""
        parse = self._parse
        if frame.entry is not None and frame.entry.effect:
            return False
        known = (*parse.kids(frame.head, "poss"), *parse.kids(frame.head, "nummod"))
        several = parse.tag[frame.head] == "NNS" and not parse.kids(frame.head, "det")
        return (
            not known
            and not several
            and all(parse.low[d] in ("a", "an", "any", "another") for d in parse.kids(frame.head, "det"))
        )

    def _is_known(self, frame: Frame) -> bool:
        """Whether a noun names what is there already: weighs *the offer*, supports *its ban*."""
        parse = self._parse
        definite = any(parse.low[d] in ("the", "this", "that", "these", "those") for d in parse.kids(frame.head, "det"))
        return definite or bool(parse.kids(frame.head, "poss")) or bool(frame.entry and frame.entry.effect)

    def _not_needed(self, noun: int) -> bool:
        """Whether it is said of something that it need not or can't be: a meeting is *not necessary*."""
        parse, verb = self._parse, self._parse.head[noun]
        if parse.dep[noun] not in ("nsubj", "nsubjpass") or not self._reading.clauses.negated(verb):
            return False
        said = [verb, *parse.kids(verb, "acomp", "attr", "xcomp")]
        return any(parse.low[one] in self._words["needed"] for one in said)

    def _none(self, noun: int) -> bool:
        """Whether there is none of something: *no* plans."""
        parse = self._parse
        return any(parse.low[c] in self._words["negation"] for c in parse.kids(noun, "det", "neg"))

    def _infinitive(self, token: int) -> bool:
        return any(self._parse.low[c] == "to" and self._parse.dep[c] == "aux" for c in self._parse.children[token])

    def _conditional(self, verb: int) -> bool:
        """Whether a sentence says on what condition something would be, or that it would *only* be so."""
        parse = self._parse
        first, end = parse.sentences[parse.sentence[verb]]
        return any(parse.low[t] == "only" for t in parse.kids(verb, "advmod")) or any(
            parse.dep[t] == "mark" and parse.low[t] in self._words["conditional"] and parse.low[t] != "whether"
            for t in range(first, end)
        )

    def _from_above(self, frame: Frame, *, finite: bool = False) -> str:
        """What the words above make of an event: urged to, refused to, plans to, denied that.

        With `finite`, also what verbs of fearing and wishing make of a clause with a tense of its own.
        """
        parse, token = self._parse, frame.head
        is_noun = parse.pos[token] in ("NOUN", "PROPN")
        for above in parse.above(token):
            dep = parse.dep[token]
            asked = self._asked_beside(token, above)
            if asked is not None and asked is not frame:
                return self._by_event(frame, asked, of_noun=False)
            during = self._by_token.get(parse.head[above]) if parse.low[above] in ("in", "at", "during") else None
            same = during is not None and during is not frame and during.label == frame.label
            if is_noun and during is not None and same and self.of(during) in ("future", "hypothetical"):
                return self.of(during)
            if not self._reaches(token, above):
                return ""
            if dep == "conj":
                token = above
                continue
            other = self._by_token.get(above)
            if other is not None and other is not frame and other.entry is not None:
                if other.entry.effect and (above == other.head or other.entry.pos == "v"):
                    return self._by_event(frame, other, of_noun=is_noun)
                if not any(parse.lemma[above] in self._words[name] for name in _OPERATORS):
                    return ""
            lemma = parse.lemma[above]
            finite_clause = dep == "ccomp" and not self._infinitive(token)
            if lemma in self._words["intention"] and self._none(above) and not finite_clause:
                return "negated"
            if lemma in self._words["negative_operator"]:
                if self._own(above, None) == "hypothetical":
                    return "hypothetical"
                if parse.lemma[frame.head] in self._words["told_noun"]:
                    return ""
                if is_noun and lemma not in self._words["undoing"]:
                    return "negated" if parse.pos[above] in ("VERB", "AUX") and self._is_new(frame) else ""
                return "" if self._reading.clauses.negated(above) else "negated"
            only_hoped = finite_clause and lemma in self._words["hoping"] and parse.tag[token] in ("VB", "VBP", "VBZ")
            if only_hoped:
                return "hypothetical"
            if not finite_clause or (finite and lemma in self._words["fearing"]):
                going = parse.low[above] == "going" and self._infinitive(token)
                if going and frame.entry is not None and refuses(frame.entry):
                    return ""
                if going or lemma in self._words["future_operator"]:
                    return "negated" if self._reading.clauses.negated(above) else "future"
                named = parse.pos[above] in ("NOUN", "PROPN") or lemma not in self._words["operator_noun"]
                if named and lemma in self._words["hypothetical_operator"]:
                    known = is_noun and lemma in self._words["weighing"] and self._is_known(frame)
                    return "" if known else "hypothetical"
            if parse.pos[above] in ("VERB", "AUX") and dep in ("xcomp", "dobj", "pobj", "pcomp"):
                own = self._own(above, None)
                if own and (dep in ("xcomp", "pcomp") or self._tells_of(above)):
                    return own
            if finite_clause or dep in NOUN_BELOW - {"pobj", "compound"}:
                return ""
            token = above
        return ""

    def _reaches(self, token: int, above: int) -> bool:
        """Whether what is said of a word above can be said of an event as well."""
        parse, dep = self._parse, self._parse.dep[token]
        if dep == "acl" and parse.tag[token] in ("VBG", "VBN"):
            return False
        low, aside = parse.low[above], parse.pos[above] in ("ADP", "SCONJ")
        noun = parse.pos[token] in ("NOUN", "PROPN")
        if aside and (low in self._words["aside"] or (low == "over" and noun)):
            return False
        if aside and low == "with" and parse.kids(token, "nsubj", "nsubjpass"):
            return False
        if aside and low in ("in", "at") and noun:
            word = parse.head[above]
            verb = self._by_token.get(word)
            if (verb is not None and verb.entry is not None and verb.entry.effect) or any(
                parse.lemma[word] in self._words[name] for name in _OPERATORS
            ):
                return False
        if dep in ("ccomp", "conj") and token < above and parse.kids(token, "nsubj", "nsubjpass"):
            return False
        if dep == "advcl" and parse.tag[token] == "VBG" and token - above <= _NEXT:
            verb = self._by_token.get(above)
            return verb is not None and verb.entry is not None and bool(verb.entry.effect)
        clause = dep in BELOW or (dep in ("advcl", "relcl") and self._infinitive(token))
        return clause or dep in NOUN_BELOW

    def _asked_beside(self, token: int, verb: int) -> Frame | None:
        """The noun that says what is to be done, where the parse hangs it on the verb: faced *calls* on Friday to go."""
        if self._parse.dep[token] != "advcl" or not self._infinitive(token):
            return None
        frames = (self._by_token.get(noun) for noun in self._parse.kids(verb, "dobj") if noun < token)
        return next((one for one in frames if one and one.entry and one.entry.pos == "n" and one.entry.effect), None)

    def _by_event(self, frame: Frame, other: Frame, *, of_noun: bool) -> str:
        """What an event makes of another below it: what is demanded is hypothetical, what is refused negated."""
        assert other.entry is not None
        effect = other.entry.effect
        if effect == "negated":
            if of_noun and self._parse.lemma[other.head] not in self._words["undoing"] and not self._is_new(frame):
                return ""
            return "hypothetical" if self._reading.clauses.negated(other.head) else "negated"
        if other.entry.pos == "n" and effect == "hypothetical" and self._is_refused(other):
            return "negated"
        if effect == "future" and of_noun and frame.entry is not None and frame.entry.effect:
            return ""
        if effect == "future" and self.of(other) in ("hypothetical", "negated"):
            return "hypothetical"
        return effect

    def _is_refused(self, asked: Frame) -> bool:
        """Whether somebody refuses what a noun asks for or offers: turned down a *request* for talks."""
        verb = self._reading.clauses.governing(asked.head)
        above = self._by_token.get(verb) if verb is not None else None
        return (
            above is not None
            and above.entry is not None
            and above.entry.effect == "negated"
            and not (self._reading.clauses.negated(above.head) and not refuses(above.entry))
        )

    def _tells_of(self, verb: int) -> bool:
        """Whether a verb only says that what its object names happens: *hold* talks; not *end* the war."""
        lemma = self._parse.lemma[verb]
        return lemma in self._words["support_verb"] and lemma not in self._words["ending_verb"]
