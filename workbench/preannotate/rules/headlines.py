"""Headlines In Title Case, or all in capitals: their words as a sentence would have them.

A tagger takes the verbs of such a line for names. Read again in the case of a sentence, it is parsed as one.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from spacy.language import Language
from spacy.tokens import Doc

from workbench.preannotate.rules.entities.names import Gazetteer
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.syntax import Parse

ANALYSIS = frozenset(
    {"tok2vec", "transformer", "tagger", "morphologizer", "parser", "attribute_ruler", "lemmatizer", "ner"}
)
"""The components of a base pipeline that say what a word is; whatever a trained pipeline has after them is left out."""
_FEWEST, _MOST = 4, 30
_SHORT = 4
"""Words of so many letters are often small in Title Case: of, with."""
_FINITE = frozenset({"VBZ", "VBP", "VBD", "VBN", "VB", "MD"})
_NOT_LAST = frozenset('.!?:;"”')


_NAMES = (
    "given_name",
    "surname_title",
    "gpe_first",
    "loc_first",
    "party_first",
    "company_end",
    "acting_region",
    "seat",
)
"""The classes of words.tsv that are or begin names."""


class Headlines:
    """Reads the lines of a text again that have capitals where a sentence has none. `nouns` are those for persons."""

    def __init__(
        self,
        nlp: Language,
        lexicon: Lexicon,
        nouns: Collection[str],
        names: Gazetteer,
        words: dict[str, frozenset[str]],
    ) -> None:
        self._nlp = nlp
        known = (members for name, members in words.items() if name not in _NAMES)
        self._common = frozenset(nouns).union(lexicon.words(), *known)
        self._verbs = frozenset(
            word for table in (lexicon.events, lexicon.stances) for word, pos in table if pos == "v"
        )
        self._lexicon, self._words = lexicon, words
        self._acting = frozenset(nouns) | words["org_noun"]
        listed = [name.tokens for found in names.by_first.values() for name in found]
        self._names = {tokens[0] for tokens in listed if len(tokens) == 1}
        self._given = words["given_name"]
        self._names.update(word.capitalize() for word in self._given)
        self._longer = {tokens for tokens in listed if len(tokens) > 1}
        self._longest = max(map(len, self._longer), default=0)

    def read(self, parse: Parse, doc: Doc) -> Parse:
        """The parse with such lines as they would be parsed in small letters; offsets and text stay."""
        lines = list(_lines(parse))
        titles = [line for line in lines if self._is_title(parse.words[slice(*line)])]
        told = _Told(parse, titles) if titles else None
        for first, end in reversed(titles):
            assert told is not None
            words = self._as_sentence(parse, first, end, told)
            if words != parse.words[first:end]:
                spaces = [bool(doc[token].whitespace_) for token in range(first, end)]
                again = Doc(doc.vocab, words=words, spaces=spaces)
                parse.replace(first, Parse.of(analysed(self._nlp, again)))
        for first, end in lines:
            self._find_verb(parse, first, end)
            _join_subjects(parse, first, end)
        return parse

    def _find_verb(self, parse: Parse, first: int, end: int) -> None:
        """Makes a verb of what the tagger took for a plural, in a line that has none: Holm *hosts* envoy for talks."""
        finite = [token for token in range(first, end) if parse.tag[token] in _FINITE]
        for token in range(first + 1, end - 1):
            if self._is_misread(parse, first, token, finite):
                _raise(parse, token)
                return
        if finite:
            return
        for token in range(first + 1, end - 1):
            if parse.tag[token] != "NNS" or parse.dep[token] != "ROOT" or parse.lemma[token] not in self._verbs:
                continue
            before = [one for one in parse.kids(token, "compound", "nmod") if one < token]
            acting = parse.pos[token - 1] == "PROPN" or parse.lemma[token - 1] in self._acting
            if before and before[-1] == token - 1 and acting:
                parse.pos[token], parse.tag[token] = "VERB", "VBZ"
                parse.dep[token - 1] = "nsubj"
                for other in before[:-1]:
                    parse.hang(other, token - 1, "compound")
                for after in parse.kids(token, "appos", "npadvmod", "dep")[:1]:
                    parse.dep[after] = "dobj"
                return

    def _is_misread(self, parse: Parse, first: int, token: int, finite: list[int]) -> bool:
        """Whether a verb hangs before its object as if it were a part of its name: Norway *bars* envoy, *lifts* curfew.

        It is tagged as one all the same, or as a plural, of which the lexicon knows no event and which would have this object.
        """
        noun = parse.head[token]
        if parse.dep[noun] != "ROOT" or noun < token or parse.lemma[token] not in self._verbs:
            return False
        before = [one for above in (token, noun) for one in parse.children[above] if one < token]
        if parse.tag[token] == "VBZ":
            return parse.dep[token] == "compound" and finite == [token] and bool(before)
        if parse.tag[token] != "NNS" or (parse.lemma[token], "n") in self._lexicon.events:
            return False
        named = token - 1 == first or parse.tag[token - 1] == "NNP"
        if not named or parse.head[token - 1] not in (token, noun):
            return False
        alone = (parse.dep[token] == "compound" and not finite) or (parse.dep[token] == "nsubj" and finite == [noun])
        return alone and self._takes(parse.lemma[token], parse.lemma[noun])

    def _takes(self, verb: str, noun: str) -> bool:
        """Whether a use of a verb asks for a noun as its object."""
        for entry in self._lexicon.events.get((verb, "v"), ()):
            for condition in entry.conditions:
                for value in condition.values if condition.what == "obj" else ():
                    if value == noun or (value.startswith("@") and noun in self._words.get(value[1:], ())):
                        return True
        return False

    def _is_title(self, words: list[str]) -> bool:
        """Whether the words of a line have capitals though some of them are no names, and one may be a verb."""
        if any(len(word) > _SHORT and word.islower() for word in words):
            return False
        alphabetic = [word for word in words if word[:1].isalpha() and len(word) > 1]
        if len(alphabetic) < _FEWEST:
            return False
        capitals = [word.lower() for word in alphabetic[1:] if word[:1].isupper()]
        may_tell = any(one in self._verbs for word in capitals for one in _bases(word))
        return may_tell and sum(self._is_common(word) for word in capitals) > 1

    def _as_sentence(self, parse: Parse, first: int, end: int, told: "_Told") -> list[str]:
        """The words of a line, in small letters but for names and abbreviations."""
        given = parse.words[first:end]
        shouted = all(word.isupper() for word in given if len(word) > _SHORT and word.isalpha())
        words, named_here = list(given), self._named(given)
        for place in range(len(given) - 1, -1, -1):
            word = given[place]
            if not word[:1].isupper():
                continue
            named = place + 1 < len(words) and words[place + 1][:1].isupper()
            named = named or (place > 0 and self._begins_name(given[place - 1], told))
            if place in named_here or (place and not shouted and (given[place - 1], word) in told.pairs):
                continue
            words[place] = self._one(word, told, shouted=shouted, beside_name=named)
        if words and words[0][:1].islower():
            words[0] = words[0][:1].upper() + words[0][1:]
        return words

    def _begins_name(self, word: str, told: "_Told") -> bool:
        """Whether a word is a given name, or one that nothing knows, so that a surname may follow."""
        low = word.lower()
        return word[:1].isupper() and low not in told.small and (low in self._given or not self._is_known(word, told))

    def _is_known(self, word: str, told: "_Told") -> bool:
        return word in self._names or word.lower() in told.capital or self._is_common(word.lower()) or word.isupper()

    def _named(self, words: list[str]) -> set[int]:
        """The places of the words of known names of several words: World *Bank*."""
        found: set[int] = set()
        for first in range(len(words)):
            for end in range(first + 2, min(first + self._longest, len(words)) + 1):
                if tuple(words[first:end]) in self._longer:
                    found.update(range(first, end))
        return found

    def _one(self, word: str, told: "_Told", *, shouted: bool, beside_name: bool) -> str:
        """A word as a sentence has it."""
        low = word.lower()
        if shouted:
            named = told.capital.get(low) or self._known(low)
            if named is not None and low not in told.small:
                return named
            return low if low in told.small or self._is_common(low) else word.capitalize()
        if word.isupper() and len(word) > 1:
            return word
        if low in told.small:
            return low
        if word in self._names or low in told.capital or not word.isalpha():
            return word
        return low if self._is_common(low) or not beside_name else word

    def _is_common(self, low: str) -> bool:
        """Whether a word, or the base form of one, is no name."""
        return any(one in self._common for one in _bases(low))

    def _known(self, low: str) -> str | None:
        """A known name as it is written, for the same in capitals."""
        return next((name for name in (low.capitalize(), low.upper()) if name in self._names), None)


def analysed(nlp: Language, doc: Doc) -> Doc:
    """The doc with what the base pipeline alone says of its words, also while `spacy train` has frozen components disabled."""
    for name, component in nlp.components:
        if name in ANALYSIS:
            doc = component(doc)
    return doc


def _lines(parse: Parse) -> Iterator[tuple[int, int]]:
    """First token and one past the last of every line that ends as headlines do, without a full stop."""
    starts, words = parse.line_starts, parse.words
    for first, after in zip(starts, [*starts[1:], len(parse)][: len(starts)], strict=True):
        if after - first <= _MOST + 2:
            end = after
            while end > first and words[end - 1].isspace():
                end -= 1
            if _FEWEST <= end - first <= _MOST and words[end - 1] not in _NOT_LAST:
                yield first, end


def _raise(parse: Parse, verb: int) -> None:
    """Makes a word the verb of its line, what it hung on its object, and the names before it its subject."""
    noun = parse.head[verb]
    parts = sorted({*parse.kids(verb, "compound", "nmod", "nsubj"), *parse.children[noun]})
    parts = [one for one in parts if one < verb]
    parse.pos[verb], parse.tag[verb] = "VERB", "VBZ"
    parse.children[noun].remove(verb)
    parse.head[verb], parse.dep[verb] = verb, "ROOT"
    if parse.pos[noun] not in ("NOUN", "PROPN"):
        parse.pos[noun], parse.tag[noun] = "NOUN", "NN"
    parse.hang(noun, verb, "dobj")
    for one in parts[:-1]:
        parse.hang(one, parts[-1], "compound")
    if parts:
        parse.hang(parts[-1], verb, "nsubj")


def _join_subjects(parse: Parse, first: int, end: int) -> None:
    """Makes one subject of two names with a comma between them, as headlines have it: *Rubio, Lavrov* meet."""
    if "," not in parse.words[first : end - 2]:
        return
    comma = parse.words.index(",", first, end)
    if comma == first or any(parse.pos[token] not in ("PROPN", "NOUN", "ADJ") for token in range(first, comma)):
        return
    subject = comma + 1
    while subject < end - 1 and parse.dep[subject] == "compound":
        subject += 1
    verb = parse.head[subject]
    after = parse.tag[subject + 1] if subject + 1 < len(parse) else ""
    if parse.dep[subject] == "appos" and verb == comma - 1 and after == "VBP":
        parse.dep[subject] = "conj"
        return
    if parse.dep[subject] in ("nsubj", "nsubjpass") and verb > subject and parse.dep[verb] == "ROOT":
        parse.hang(comma - 1, verb, parse.dep[subject])
        parse.hang(subject, comma - 1, "conj")


def _bases(low: str) -> Iterator[str]:
    """A word, and what it may be a form of: strikes, denied, striking, planning."""
    yield low
    for ending in ("s", "es", "d", "ed", "ing", "ly"):
        stem = low.removesuffix(ending)
        if stem != low and len(stem) > 1:
            yield stem
            yield f"{stem}e"
            if stem.endswith("i"):
                yield f"{stem[:-1]}y"
            if stem[-1] == stem[-2]:
                yield stem[:-1]


class _Told:
    """How a text writes its words outside of such lines: `small`, and names with a `capital` by their small letters.

    `pairs` are two words with capitals, one after the other.
    """

    def __init__(self, parse: Parse, lines: list[tuple[int, int]]) -> None:
        outside = set(range(len(parse))).difference(*(range(first, end) for first, end in lines))
        self.small = {parse.words[token] for token in outside if parse.words[token].islower()}
        capitals = Counter(
            parse.words[token]
            for token in outside
            if parse.words[token][:1].isupper() and parse.pos[token] in ("PROPN", "ADJ")
        )
        self.pairs = {
            (parse.words[token - 1], parse.words[token])
            for token in outside
            if token and parse.words[token][:1].isupper() and parse.words[token - 1][:1].isupper()
        }
        self.capital = {word.lower(): word for word, _ in reversed(capitals.most_common())}
