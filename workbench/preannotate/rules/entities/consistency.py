"""One document, one name, one label: what the places where a name stands say of each other."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from workbench.preannotate.rules.entities import spellings
from workbench.preannotate.rules.entities.evidence import Evidence
from workbench.preannotate.rules.entities.mention import STRENGTH, Mention
from workbench.preannotate.rules.entities.persons import Persons, full_names
from workbench.preannotate.rules.syntax import Parse

Form = tuple[str, ...]
"""The words of a name, the first letter small."""

_WORD = re.compile(r"[^\W\d_]+")
_SHORT = re.compile(r"^[A-Z][A-Za-z&]*[A-Z0-9]s?$")


@dataclass(frozen=True)
class Alias:
    """Another form of a name that the document has in full: its kind, the full form, and how sure that is."""

    kind: str
    full: str
    sure: bool = True


class Consistency:
    """Settles the kinds of names by all their mentions, and finds further ones."""

    def __init__(self, words: dict[str, frozenset[str]]) -> None:
        self._words = words
        self._evidence = Evidence(words)

    def agree(self, parse: Parse, mentions: list[Mention], story: Persons) -> list[Mention]:
        """The same string has the same kind throughout; what is short for a name is what the name is.

        `story` knows the persons of other articles about the same.
        """
        own = Persons.of(full_names(parse, mentions))
        aliases = self._aliases(parse, mentions)
        mentions = self._voted(parse, mentions)
        agreed: list[Mention] = []
        for mention in mentions:
            surface = parse.surface(mention.start, mention.end)
            kind, norm = mention.kind, mention.norm
            alias = aliases.get(_form(parse, mention.start, mention.end))
            if mention.source in ("base", "document") and alias is not None:
                kind, norm = alias.kind, alias.full
                norm = self._called(norm, own, story) or norm
            elif mention.source == "base" and self._is_somewhere(parse, mention):
                kind = "gpe"
            elif alias is not None and self._is_surname(parse, mention, alias):
                kind, norm = "person", self._called(alias.full, own, story) or alias.full
            full = "" if norm or mention.source != "base" else self._surname(parse, mention, own, story)
            if full:
                kind, norm = "person", full
            elif kind == "person" and mention.source not in ("user", "gazetteer"):
                norm = self._called(norm or surface, own, story) or norm
            agreed.append(replace(mention, kind=kind, norm=norm))
        return agreed

    def _voted(self, parse: Parse, mentions: list[Mention]) -> list[Mention]:
        """The mentions with the kind that most speaks for, taking all of one string together."""
        votes: dict[str, Counter[str]] = {}
        for mention in mentions:
            vote = votes.setdefault(parse.surface(mention.start, mention.end).casefold(), Counter())
            # The base pipeline calls many an unknown word a region: whatever else is said of it counts for more.
            doubtful = (mention.kind, mention.source, mention.end - mention.start) == ("loc", "base", 1)
            vote[mention.kind] += 0 if doubtful else STRENGTH[mention.source]
            if mention.source == "base":
                for kind, weight in self._evidence.of(parse, mention):
                    vote[kind] += weight
        voted: list[Mention] = []
        for mention in mentions:
            vote = votes[parse.surface(mention.start, mention.end).casefold()]
            kind = mention.kind if mention.source == "user" else vote.most_common(1)[0][0]
            voted.append(mention if kind == mention.kind else replace(mention, kind=kind))
        return voted

    def _is_surname(self, parse: Parse, mention: Mention, alias: Alias) -> bool:
        """Whether a known town is somebody who was named in full before: Jack London … *London*."""
        if (mention.source, mention.kind) != ("gazetteer", "gpe") or alias.kind != "person" or not alias.sure:
            return False
        if mention.end - mention.start > 1 or not alias.full.endswith(f" {parse.words[mention.start]}"):
            return False
        word = parse.words[mention.start]
        places = (token for token, other in enumerate(parse.words) if other == word)
        return parse.text.find(alias.full) < parse.start[mention.start] and not any(
            self._is_place(parse, token) for token in places
        )

    def _is_place(self, parse: Parse, token: int) -> bool:
        """Whether what stands beside a word is said of places: *in* London, the London *mayor*."""
        before = parse.low[token - 1] if token else ""
        after = parse.low[token + 1] if token + 1 < len(parse) else ""
        return before in self._words["where_to"] or after in self._words["place_owned"]

    def _surname(self, parse: Parse, mention: Mention, own: Persons, story: Persons) -> str:
        """The full name of the person of the text or the story that a surname alone is of; "" for none."""
        word = parse.words[mention.start]
        if mention.end - mention.start > 1 or len(word) < spellings.LEAST or word.isupper():
            return ""
        full = own.of_surname(word) or story.of_surname(word)
        return self._called(full, own, story) or full

    def _called(self, name: str, own: Persons, story: Persons) -> str:
        """What a person with a full name goes by: in the story, else in the text."""
        if " " not in name:
            return ""
        return story.of_name(name) or own.of_name(name)

    def _is_somewhere(self, parse: Parse, mention: Mention) -> bool:
        """Whether a single unknown name stands where a place does: near Giurgiulesti."""
        before = parse.low[mention.start - 1] if mention.start else ""
        return (
            mention.kind in ("person", "norp")
            and mention.end - mention.start == 1
            and before in ("in", "near", "outside")
            and parse.dep[mention.start] == "pobj"
        )

    def _aliases(self, parse: Parse, mentions: list[Mention]) -> dict[Form, Alias]:
        """What the document's names are called for short."""
        aliases: dict[Form, Alias] = {}
        for mention in mentions:
            if mention.kind == "person" and mention.end - mention.start > 1:
                for form, alias in self._of_person(parse, mention):
                    known = aliases.get(form)
                    if known is None or (alias.sure and not known.sure):
                        aliases[form] = alias
                    elif known.full != alias.full and not alias.sure and not known.sure:
                        aliases[form] = Alias("person", "", sure=False)
            elif mention.kind == "org" and mention.source != "gazetteer":
                for form in self._of_company(parse, mention):
                    aliases.setdefault(form, Alias("org", ""))
        for mention in mentions:
            short = self._short_form(parse, mention)
            if short is not None:
                aliases[_form(parse, short, short + 1)] = Alias(mention.kind, "")
        return aliases

    def _of_person(self, parse: Parse, mention: Mention) -> Iterator[tuple[Form, Alias]]:
        """The surname, with its particles, and the first names, which families come first in elsewhere."""
        full, last = parse.surface(mention.start, mention.end), mention.end - 1
        for first in range(last, mention.start, -1):
            if parse.capital(last) and len(parse.words[last]) > 2:
                yield _form(parse, first, mention.end), Alias("person", full)
            if parse.low[first - 1] not in ("-", *self._words["name_particle"]):
                break
        if mention.end - mention.start > 2:
            yield _form(parse, mention.end - 2, mention.end), Alias("person", full)
            yield _form(parse, mention.start, mention.start + 2), Alias("person", full, sure=False)
        if len(parse.words[mention.start]) > 1 and parse.words[mention.start].isalpha():
            yield _form(parse, mention.start, mention.start + 1), Alias("person", full, sure=False)

    def _of_company(self, parse: Parse, mention: Mention) -> Iterator[Form]:
        """A company's name without what says that it is one: Haldor Maritime Holdings Ltd., Haldor Maritime."""
        end, ends = mention.end, self._words["company_end"] | self._words["company_part"]
        while end > mention.start + 1 and parse.low[end - 1].rstrip(".") in ends:
            end -= 1
            if parse.words[end - 1] == ")" and end - 3 > mention.start:
                end -= 3
            if parse.words[end - 1].isalpha() and parse.low[end - 1] not in self._words["not_a_name"]:
                yield _form(parse, mention.start, end)

    def repeated(self, parse: Parse, mentions: list[Mention], story: Persons) -> Iterator[Mention]:
        """Further places where a name of the document stands, or the short form that the document gives it."""
        known: dict[Form, Alias] = {}
        for mention in mentions:
            single = mention.end - mention.start == 1
            if single and (len(parse.words[mention.start]) < 3 or mention.source == "document"):
                continue
            known.setdefault(_form(parse, mention.start, mention.end), Alias(mention.kind, mention.norm))
        known |= self._aliases(parse, mentions)
        by_first: dict[str, list[Form]] = {}
        for form in known:
            by_first.setdefault(form[0], []).append(form)
        for start, word in enumerate(parse.words):
            for form in by_first.get(_lowered(word) if word[:1].isupper() else word, ()):
                end = start + len(form)
                if _form(parse, start, end) == form and self._is_named(parse, start, end, known[form]):
                    yield Mention(start, end, known[form].kind, "document", known[form].full)
        yield from self._respelled(parse, Persons.of(full_names(parse, mentions)), story)

    def _is_named(self, parse: Parse, start: int, end: int, alias: Alias) -> bool:
        """Whether the words stand as a name here; what may be a first name has to stand alone."""
        if not any(word[:1].isupper() for word in parse.words[start:end]):
            return False
        if end - start > 1:
            return True
        if not alias.sure:
            beside = [parse.capital(other) for other in (start - 1, end) if 0 <= other < len(parse)]
            return parse.pos[start] == "PROPN" and not any(beside)
        return parse.capital(start) and parse.pos[start] in ("PROPN", "NOUN", "ADJ")

    def _respelled(self, parse: Parse, own: Persons, story: Persons) -> Iterator[Mention]:
        """Surnames of persons in other spellings: Kravtchuk, where Oleh Kravchuk was named, here or in the story."""
        for token in parse.capitals:
            word = parse.words[token]
            if len(word) >= spellings.LEAST and parse.pos[token] == "PROPN":
                full = own.of_surname(word) or story.of_surname(word)
                if full:
                    yield Mention(token, token + 1, "person", "document", self._called(full, own, story) or full)

    def _short_form(self, parse: Parse, mention: Mention) -> int | None:
        """The token of an abbreviation in brackets after a name: Rapid Support Forces (RSF)."""
        bracket = mention.end
        if mention.kind == "person" or bracket + 2 >= len(parse) or mention.end - mention.start < 2:
            return None
        if parse.words[bracket] == "(" and parse.words[bracket + 2] == ")":
            short = parse.words[bracket + 1]
            if short.isupper() or (short[:1].isupper() and len(short) < 8 and mention.kind in ("org", "work", "fac")):
                return bracket + 1
        return None


def common_shorts(parse: Parse, heads: frozenset[str]) -> frozenset[str]:
    """The abbreviations that the text explains by common nouns: intensive care units (ICU); so they are no names.

    `heads` are nouns that bodies are called by: an anti-corruption commission (ACC) may have a name.
    """
    found: set[str] = set()
    for token in range(2, len(parse) - 1):
        short = parse.words[token]
        if parse.words[token - 1] != "(" or parse.words[token + 1] != ")" or not _SHORT.match(short):
            continue
        first = max(parse.start[token - 1] - 80, 0)
        words: list[str] = _WORD.findall(parse.text[first : parse.start[token - 1]])
        if words and words[-1].lower() not in heads and _spells(short, words):
            found.add(short)
    return frozenset(found)


def _spells(short: str, words: list[str]) -> bool:
    """Whether the last words, all in small letters, begin with the letters of an abbreviation, in their order."""
    letters = [letter for letter in short.removesuffix("s").lower() if letter.isalpha()]
    if letters[-2:] == ["t", "v"] and words[-1].lower() == "television":  # TV is short for one word
        letters.pop()
    position = len(words)
    for letter in reversed(letters):
        for back in (1, 2, 3):
            if position - back >= 0 and words[position - back][0].lower() == letter:
                position -= back
                break
        else:
            return False
    used = words[position:]
    return len(letters) > 1 and all(word.islower() for word in used[1:]) and (used[0].islower() or position == 0)


def _form(parse: Parse, start: int, end: int) -> Form:
    """The words as they are compared: Von der Leyen begins a sentence as von der Leyen stands within one."""
    words = parse.words[start:end]
    return (_lowered(words[0]), *words[1:]) if words else ()


def _lowered(word: str) -> str:
    return word[:1].lower() + word[1:]
