"""Whether an event happened, or is negated, still to come, only thought of, or long past."""

import re

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.reading import TextAnalysis

BELOW = frozenset({"xcomp", "ccomp", "pcomp", "prep", "acl", "conj", "dative", "oprd", "acomp", "attr"})
NOUN_BELOW = frozenset({"dobj", "pobj", "nsubjpass", "compound"})
_OPERATORS = ("negative_operator", "future_operator", "hypothetical_operator")
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)\b")


class Modality:
    """Answers for the events of one text, whose words `by_token` gives; `year` is when the text was published."""

    def __init__(self, reading: TextAnalysis, by_token: dict[int, Frame], year: int | None) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        self._by_token = by_token
        self._year = year

    def of(self, frame: Frame) -> str:
        """negated, future, hypothetical or historical; "" where it is asserted."""
        year = self._year_of(frame)
        if year is not None and self._year is not None and year < self._year - 1:
            return "historical"
        refusal = frame.entry is not None and any(one.what == "neg" for one in frame.entry.conditions)
        found = ("" if refusal else self._own(frame.head, frame)) or self._from_above(frame)
        return "hypothetical" if found == "future" and self._reading.is_asked(frame.head) else found

    def _year_of(self, frame: Frame) -> int | None:
        for role in frame.playing("time"):
            assert isinstance(role.filler, Mention)
            if self._goes_on(role.filler):
                continue
            match = _YEAR.search(self._parse.surface(role.filler.start, role.filler.end))
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
            return "negated"
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
                and parse.dep[child] == "amod"
                and parse.lemma[child] in self._words["coming"]
            ):
                future = parse.lemma[child] in (
                    "planned",
                    "upcoming",
                    "scheduled",
                    "forthcoming",
                    "expected",
                    "imminent",
                )
                return "future" if future else "hypothetical"
        if parse.tag[token] == "VB" and parse.dep[token] == "ROOT" and any(parse.low[c] == "to" for c in kids):
            return "future"
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
            if verb is not None and depth < 2 and parse.lemma[verb] in self._words["support_verb"]:
                return self._own(verb, None, depth + 1)
        return ""

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
        """Whether a sentence says on what condition something would be."""
        parse = self._parse
        first, end = parse.sentences[parse.sentence[verb]]
        return any(
            parse.dep[t] == "mark" and parse.low[t] in self._words["conditional"] and parse.low[t] != "whether"
            for t in range(first, end)
        )

    def _from_above(self, frame: Frame) -> str:
        """What the words above make of an event: urged to, refused to, plans to, denied that."""
        parse, token = self._parse, frame.head
        is_noun = parse.pos[token] in ("NOUN", "PROPN")
        for above in parse.above(token):
            dep = parse.dep[token]
            clause = dep in BELOW or (dep in ("advcl", "relcl") and self._infinitive(token))
            if dep == "acl" and parse.tag[token] in ("VBG", "VBN"):
                return ""
            if parse.pos[above] in ("ADP", "SCONJ") and parse.low[above] in self._words["aside"]:
                return ""
            if not clause and dep not in NOUN_BELOW:
                return ""
            if dep == "conj":
                token = above
                continue
            other = self._by_token.get(above)
            if other is not None and other is not frame and other.entry is not None:
                effect = other.entry.effect
                if (effect and above == other.head) or (effect and other.entry.pos == "v"):
                    if effect == "negated" and is_noun and dep != "pobj":
                        return "negated" if self._is_new(frame) else ""
                    twice = effect == "negated" and self._reading.clauses.negated(other.head)
                    return "hypothetical" if twice else effect
                if not any(parse.lemma[above] in self._words[name] for name in _OPERATORS):
                    return ""
            lemma = parse.lemma[above]
            finite_clause = dep == "ccomp" and not self._infinitive(token)
            if lemma in self._words["negative_operator"] and dep != "conj":
                return "" if self._reading.clauses.negated(above) else "negated"
            if not finite_clause and dep not in ("conj",):
                if lemma in self._words["intention"] and self._none(above):
                    return "negated"
                if lemma in self._words["future_operator"]:
                    return "future"
                if lemma in self._words["hypothetical_operator"]:
                    return "hypothetical"
            if parse.pos[above] in ("VERB", "AUX") and dep in ("xcomp", "dobj", "pobj", "pcomp", "conj"):
                own = self._own(above, None)
                if own and (dep in ("xcomp", "pcomp") or lemma in self._words["support_verb"]):
                    return own
            if finite_clause or dep in NOUN_BELOW - {"pobj", "compound"}:
                return ""
            token = above
        return ""
