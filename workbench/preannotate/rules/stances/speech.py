"""Who says what a stance shows, and in whose words: quoted, told of the holder, or ascribed to them by others."""

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.quotes import Quote
from workbench.preannotate.rules.reading import ACTORS, Filler, TextAnalysis

_CLAUSES = frozenset({"ccomp", "conj", "advcl", "xcomp", "acomp", "attr", "relcl"})
_VERBS = frozenset({"VERB", "AUX"})
_THINKING = frozenset({"think", "believe", "feel", "suppose"})
_MADE = frozenset({"clear", "plain", "known"})
"""What somebody makes who says something: made it *clear* that."""
_IN_FULL = frozenset({"diplomat", "aide", "source", "people", "person"})


class Speech:
    """Answers for the words of one text."""

    def __init__(self, reading: TextAnalysis) -> None:
        self._reading = reading
        self._parse = reading.parse
        self._words = reading.words
        self._known: dict[int, list[Filler]] = {}
        self._quoted: dict[int | None, list[Filler]] = {}

    def speakers(self, token: int) -> list[Filler]:
        """Who says a word: in a quotation its speaker, else who says, thinks or finds what it stands in; none for the author."""
        known = self._known.get(token)
        if known is None:
            quote = self._reading.quote_of.get(token)
            found = self._tellers(token) if quote is None else self._speaker(quote, token)
            known = self._known[token] = [filler for filler in found if filler.mention.kind in ACTORS]
        return known

    def _speaker(self, quote: Quote, token: int) -> list[Filler]:
        if quote.verb not in self._quoted:
            self._quoted[quote.verb] = self._reading.speaker(token)
        return self._quoted[quote.verb]

    def _tellers(self, token: int) -> list[Filler]:
        verb = self.reporting(token)
        if verb is not None:
            return self._reading.fillers(self._reading.clauses.subjects(verb))
        return self._according(token)

    def reporting(self, token: int) -> int | None:
        """The verb of speech or thought that the clause of a word depends on."""
        parse, below = self._parse, token
        for above in parse.above(token):
            dep = parse.dep[below]
            if dep == "ccomp" and (
                parse.lemma[above] in self._words["speech"] or parse.lemma[above] in self._words["finding_verb"]
            ):
                return above
            if dep == "ccomp" and parse.low[above] in _MADE and parse.lemma[parse.head[above]] == "make":
                return parse.head[above]
            if (
                dep == "ccomp"
                and parse.lemma[above] == "make"
                and any(parse.low[t] in _MADE for t in parse.children[above])
            ):
                return above
            if parse.pos[above] in _VERBS and parse.pos[below] in _VERBS and dep not in _CLAUSES:
                return None
            below = above
        return None

    def doubted(self, token: int) -> list[int]:
        """The words by which somebody says that something is not so: I *don't think* we should go; none where it is."""
        verb = self.reporting(token)
        if verb is None or verb > token or self._parse.lemma[verb] not in _THINKING:
            return []
        negations = [t for t in self._reading.clauses.negations(verb) if t < verb]
        helpers = [t for t in self._parse.kids(verb, "aux") if t < verb]
        return sorted([*negations, *helpers, verb]) if negations else []

    def _according(self, token: int) -> list[Filler]:
        """Who is named in "according to …" of the clause of a word."""
        parse = self._parse
        clause = parse.clause(token)
        for child in parse.kids(clause, "prep", "advmod"):
            if parse.low[child] == "according":
                below = [p for to in parse.kids(child, "prep") for p in parse.kids(to, "pobj")]
                return self._reading.fillers(below)
        return []

    def expressed(self, frame: Frame) -> Frame:
        """The frame with how the stance is expressed: in the holder's quoted words, or as somebody else says."""
        if self._reading.quote_of.get(frame.head) is not None:
            frame.attributes["expressed"] = "quoted"
        elif self._ascribing(frame) is not None:
            frame.attributes["expressed"] = "attributed"
        return frame

    def _ascribing(self, frame: Frame) -> int | None:
        """The verb of the one who says so, where that is somebody else than the holder or those who speak for them."""
        parse, clauses = self._parse, self._reading.clauses
        holders = [role.filler for role in frame.playing("holder")]
        if not holders:
            return None
        if any(parse.low[t] in self._words["hearsay"] for t in self._around(frame)):
            return frame.head
        verbs = [above for above in parse.above(frame.head) if parse.lemma[above] in self._words["speech"]]
        for child in parse.children[frame.head]:
            if parse.dep[child] in ("parataxis", "ccomp") and parse.lemma[child] in self._words["speech"]:
                verbs.append(child)
        for verb in verbs:
            if parse.is_passive(verb) and parse.lemma[verb] in self._words["hearsay"]:
                return verb
        for verb in verbs[:1]:
            for subject in clauses.subjects(verb):
                fillers = self._reading.resolve(subject)
                if parse.lemma[subject] in self._words["attribute_source"] and not fillers:
                    return verb
                others = [filler for filler in fillers if all(filler.mention is not holder for holder in holders)]
                if parse.lemma[subject] in _IN_FULL and others:
                    return verb
                for filler in fillers:
                    both = {filler.mention.kind, *(h.kind for h in holders if isinstance(h, Mention))}
                    if filler.route == "name" and filler.mention not in holders and both <= {"gpe"}:
                        names = {filler.mention.norm, *(h.norm for h in holders if isinstance(h, Mention))}
                        if len(names) > 1:
                            return verb
        return None

    def _around(self, frame: Frame) -> list[int]:
        """The adverbs of a stance and of the verb above it: *reportedly* pressed."""
        parse = self._parse
        heads = {frame.head, parse.clause(frame.head)}
        return [child for head in heads for child in parse.kids(head, "advmod")]
