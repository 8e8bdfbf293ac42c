"""What words say of what they are said of: good or ill, by the lexicon and by the list of words that judge."""

from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.stances.finder import Ground
from workbench.preannotate.rules.stances.opinions import Opinion, Opinions

_ILL = frozenset({"ASSAULT", "COERCE", "SANCTION", "THREATEN", "REJECT"})


class Verdicts:
    """What the words of one text say, each by itself and with what is before it."""

    def __init__(self, ground: Ground, lexicon: Lexicon, opinions: Opinions) -> None:
        self._parse = ground.reading.parse
        self._words = ground.reading.words
        self._events = ground.events
        self._unkind = ground.polarity.unkind
        self._lexicon = lexicon
        self._opinions = opinions

    def opinion(self, word: int) -> Opinion | None:
        """What the list of words that judge says of a word."""
        parse = self._parse
        return self._opinions.of(parse.lemma[word], parse.low[word], parse.pos[word], parse.tag[word])

    def of(self, word: int) -> str:
        """The stance that a word, or an adjective before it, shows towards what is called so; "" for none."""
        parse = self._parse
        if parse.dep[word] == "prep":
            nouns = [t for t in parse.subtree(word) if t > word and parse.dep[t] == "pobj"]
            named = (self.listed(f"{parse.low[word]} {parse.lemma[noun]}") for noun in reversed(nouns))
            return next((one for one in named if one), "")
        phrase = self.phrase(word)
        if phrase is not None:
            return phrase[0]
        mods = [t for t in parse.kids(word, "amod", "compound") if parse.pos[word] == "NOUN"]
        named = (self.listed(f"{parse.low[token]} {parse.lemma[word]}") for token in mods)
        if any(self._is_too(token) for token in (word, *mods)):
            return self._unkind
        found = next((one for one in named if one), "") or self.named(word)
        if found:
            return found
        if any(self.known(token) == self._unkind for token in mods):
            return self._unkind
        below = (t for child in parse.kids(word, "prep") for t in parse.kids(child, "pobj"))
        inner = (self.listed(f"{parse.low[t]} {parse.lemma[n]}") for n in below for t in parse.kids(n, "amod"))
        if parse.pos[word] == "NOUN" and (found := next((one for one in inner if one), "")):
            return found
        for token in (word, *parse.kids(word, "conj")):
            found = self.known(token) if token == word or parse.pos[token] == parse.pos[word] else ""
            if found:
                return found
        for token in mods:
            found = self.listed(f"{parse.low[token]} {parse.lemma[word]}")
            if found or (parse.lemma[token] in self._words["verdict"] and (found := self.known(token))):
                return found
        return ""

    def phrase(self, word: int) -> tuple[str, int] | None:
        """The stance that a noun shows with what its preposition governs, and where that ends: an *act of war*."""
        parse = self._parse
        if parse.pos[word] != "NOUN":
            return None
        for child in parse.kids(word, "prep"):
            for below in parse.kids(child, "pobj"):
                if child > word and (
                    label := self.listed(f"{parse.lemma[word]} {parse.low[child]} {parse.lemma[below]}")
                ):
                    return label, below + 1
        return None

    def _is_too(self, word: int) -> bool:
        """Whether an adjective goes too far: *too weak*, *too many*; not: too, at the end of a sentence."""
        parse = self._parse
        too = [t for t in parse.kids(word, "advmod") if parse.low[t] == "too"]
        return parse.pos[word] == "ADJ" and bool(too) and too[0] == word - 1

    def named(self, word: int) -> str:
        """What a word is listed as, or an adjective before it as unkind."""
        for token in (word, *self._parse.kids(word, "amod")):
            for form in (self._parse.lemma[token], self._parse.low[token]):
                found = self.listed(form)
                if found and (token == word or found == self._unkind):
                    return found
        return ""

    def known(self, word: int) -> str:
        """What a word shows by the lexicon, or as a quality by the list of words that judge."""
        parse = self._parse
        first = parse.hyphenated(word)
        whole = (parse.surface(first, word + 1).lower(),) if first < word else ()
        for form in (*whole, parse.lemma[word], parse.low[word]):
            found = self.listed(form)
            if found:
                return found
        opinion = self.opinion(word)
        return opinion.stance if opinion is not None and opinion.kind == "quality" and opinion.pos != "v" else ""

    def listed(self, form: str) -> str:
        """What a form is listed as among the words that judge what is called so."""
        return next((entry.stance for entry in self._lexicon.stances.get((form, "e"), ())), "")

    def own(self, verb: int) -> str:
        """What a verb shows by itself towards its object: *dismissed* it; "" for a verb that only names."""
        entries = self._lexicon.stances.get((self._parse.lemma[verb], "v"), ())
        plain = (one for one in entries if not any(c.values or c.what == "neg" for c in one.conditions))
        return next((one.stance for one in plain), "")

    def is_feeling(self, word: int) -> bool:
        """Whether a word says what somebody feels about a thing, not what he is like: is *furious*."""
        parse = self._parse
        return any((form, "a") in self._lexicon.stances for form in (parse.lemma[word], parse.low[word]))

    def is_ill(self, noun: int) -> bool:
        """Whether a noun names what nobody wants: the attack, the failure."""
        parse = self._parse
        event = self._events.by_token.get(noun)
        if event is not None:
            return event.label in _ILL
        opinion = self.opinion(noun)
        return parse.lemma[noun] in self._words["ill_noun"] or (
            opinion is not None and opinion.stance == self._unkind and opinion.kind != "hint"
        )
