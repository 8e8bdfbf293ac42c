"""What is left of a mention without articles, titles and possessives, and whether that can be a name."""

import re

from workbench.preannotate.rules.entities.mention import Mention, wordlike
from workbench.preannotate.rules.entities.nameparts import NameParts
from workbench.preannotate.rules.syntax import Parse

_NUMERAL = re.compile(r"^(?:[A-Z]|[IVX]+|One|Two|Three|Four|Five)$")
_MONEY = re.compile(r"^(?:[A-Z]{1,3}\$?|[$€£¥₹₴₽])\d")
_SHORT = re.compile(r"^[A-Z]{3,6}$")
_YEAR = re.compile(r"^(?:18|19|20)\d\d$")
_PREFIXES = frozenset({"pro", "anti"})
_BREAKS = frozenset('/,;:()[]–—"“”|•')


class Trimmer:
    """Trims mentions to the name itself."""

    def __init__(self, parts: NameParts, words: dict[str, frozenset[str]]) -> None:
        self._parts = parts
        self._words = words

    def trim(self, parse: Parse, mention: Mention) -> Mention | None:
        """The mention without articles, titles, possessives and quotation marks at its ends; None if nothing is left."""
        start, end, kind = mention.start, mention.end, mention.kind
        if mention.source in ("gazetteer", "user"):
            return mention
        while end > start and (
            parse.low[end - 1] in ("'s", "’s", "'", "’", "the", "of", "and", "in") or not wordlike(parse.words[end - 1])
        ):
            end -= 1
        while start < end and (self._is_opening(parse, start) or not wordlike(parse.words[start])):
            start += 1
        start = self._without_side(parse, start, end)
        if kind == "org" and mention.source == "base":
            while (
                end - start > 1
                and parse.low[end - 1] in self._words["org_descriptor"]
                and parse.words[end - 1].islower()
            ):
                end -= 1
        while kind == "org" and end - start > 1 and self._is_title(parse, end - 1):
            end -= 1
        if kind == "person":
            start, end = self._without_titles(parse, start, self._before_verb(parse, mention.source, start, end))
        elif kind in ("org", "norp", "gpe") and mention.source == "base":
            start = self._without_people(parse, start, end)
        if start >= end:
            return None
        if mention.source == "base":
            start, kind = self._rebuilt(parse, start, end, kind)
        if mention.source == "base" and not self._plausible(parse, start, end, kind):
            return None
        if kind == "work":
            end = self._with_year(parse, end)
        return Mention(start, end, kind, mention.source, mention.norm)

    def _without_side(self, parse: Parse, start: int, end: int) -> int:
        """Where the name begins that somebody is for or against: pro- | Ankara."""
        if end - start <= 2 or parse.low[start] not in _PREFIXES or parse.words[start + 1] != "-":
            return start
        return start + 2 if parse.words[start].islower() or self._parts.is_known(parse, start + 2) else start

    def _with_year(self, parse: Parse, end: int) -> int:
        """Where the name of a law ends, with its year: Harbour Safety Act 1987."""
        followed = parse.low[end - 1] in self._words["law_head"] and end < len(parse)
        return end + 1 if followed and _YEAR.match(parse.words[end]) else end

    def _before_verb(self, parse: Parse, source: str, start: int, end: int) -> int:
        """Where a person's name ends in a headline with capitals throughout: Susan Bro | Wants."""
        if source != "base":
            return end
        verbs = ("VBZ", "VBD", "VBP", "MD")
        return next((token for token in range(start + 1, end) if parse.tag[token] in verbs), end)

    def _is_title(self, parse: Parse, token: int) -> bool:
        """Whether a body's name has run into the title of who speaks for it: Foreign Ministry | Spokesman."""
        low = parse.low[token]
        if low not in self._words["title"] or low in self._parts.heads:
            return False
        named = token + 1 < len(parse) and parse.pos[token + 1] == "PROPN" and self._parts.could_name(parse, token + 1)
        return named or low not in self._words["org_end"]

    def _rebuilt(self, parse: Parse, start: int, end: int, kind: str) -> tuple[int, str]:
        """Where a name begins and its kind, where its words contradict the base pipeline.

        "Bangi MP Ong Kian Ming" is a person, "CIMB Niaga" and "YBKU" are none.
        """
        if kind == "org" and parse.low[end - 1] in self._words["law_head"] and end - start > 1:
            return start, "work"
        if kind == "org":
            for token in range(end - 3, start - 1, -1):
                low, names = parse.low[token].rstrip("."), range(token + 1, end)
                if low in self._words["title"] | self._words["occupation"] and not self._parts.is_name_part(
                    parse, token, end - 1
                ):
                    if all(self._parts.could_name(parse, name) for name in names):
                        return token + 1, "person"
                    break
        elif kind in ("person", "norp"):
            alone = end - start == 1
            company = not alone and parse.low[end - 1] in self._words["company_part"]
            if (
                company
                or (alone and _SHORT.match(parse.words[start]))
                or (not alone and self._parts.is_body(parse, start))
            ):
                return start, "org"
        elif end - start > 2 and parse.low[start + 1] == "of" and parse.low[start] in self._parts.heads:
            return start, "org"
        return start, kind

    def _is_opening(self, parse: Parse, token: int) -> bool:
        """Whether a token at the beginning of a mention is no part of it, though a sentence may begin with it."""
        if parse.low[token] in ("the", "a", "an"):
            return True
        first = parse.sentences[parse.sentence[token]][0] == token
        return first and (
            parse.pos[token] in ("ADP", "DET", "PRON", "SCONJ", "CCONJ", "ADV", "VERB", "AUX")
            or (parse.tag[token] in ("JJ", "JJR", "JJS") and not self._parts.is_people(parse, token))
        )

    def _without_titles(self, parse: Parse, start: int, end: int) -> tuple[int, int]:
        for token in range(end - 2, start - 1, -1):
            low = parse.low[token].rstrip(".")
            if low in self._words["title"] or low in ("'s", "’s"):
                if low in self._words["surname_title"] and token > start:
                    continue
                return token + 1, end
        while end - start > 2 and parse.words[end - 1].isupper() and len(parse.words[end - 1]) > 4:
            end -= 1
        while end - start > 1 and (parse.low[end - 1] in self._words["weekday"] or parse.words[end - 1][0].isdigit()):
            end -= 1
        if end - start > 2 and self._parts.is_people(parse, start):
            start += 1
        return start, end

    def _without_people(self, parse: Parse, start: int, end: int) -> int:
        """Where the name begins after a nationality: Ukrainian | Foreign Ministry."""
        head = parse.low[end - 1]
        if head in self._words["org_generic"] and end - start > 2 and self._parts.is_people(parse, start):
            return start + 2 if parse.low[start + 1] in ("'s", "’s") else start + 1
        if "'s" in parse.low[start:end] or "’s" in parse.low[start:end]:
            for token in range(end - 2, start - 1, -1):
                if parse.low[token] in ("'s", "’s") and self._parts.is_known(parse, token - 1):
                    return token + 1
        return start

    def _plausible(self, parse: Parse, start: int, end: int, kind: str) -> bool:
        words = parse.words[start:end]
        if any(word in _BREAKS or _MONEY.match(word) for word in words):
            return False
        if not any(word[:1].isupper() for word in words):
            return False
        if end - start == 1:
            low, after = parse.low[start], parse.words[end] if end < len(parse) else ""
            if low in self._words["numbered_thing"] and (after[:1].isdigit() or _NUMERAL.match(after)):
                return False
            if low in self._words["not_a_name"] or low.rstrip(".") in self._words["title"] or len(low) < 2:
                return False
            if parse.pos[start] in ("VERB", "AUX", "ADV", "PRON", "DET", "ADP", "INTJ", "SCONJ", "CCONJ"):
                return False
            if low in self._words["common_short"]:
                return False
            if low in self._words["never_person"] and (kind == "person" or after.lower() in self._words["title"]):
                return False
            if kind == "person" and any(letter.isdigit() for letter in low):
                return False
            if kind in ("work",) or (low in self._parts.heads and kind != "org"):
                return False
            first_of_sentence = parse.sentences[parse.sentence[start]][0] == start
            if first_of_sentence and low in parse.small:
                return False
            if first_of_sentence and parse.pos[start] != "PROPN" and (kind == "person" or parse.pos[start] != "ADJ"):
                return False
        if kind == "work":
            return parse.low[end - 1] in self._words["work_head"] or len(words) > 2
        return True
