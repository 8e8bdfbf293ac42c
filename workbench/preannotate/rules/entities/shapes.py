"""Names that their own words give away: Black Sea Fleet, Ministry of Health, Port Sudan, Article 5."""

import re
from collections.abc import Iterator

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.entities.nameparts import NameParts
from workbench.preannotate.rules.entities.names import Gazetteer
from workbench.preannotate.rules.syntax import Parse

_NUMBER = re.compile(r"^\d[\d,.]*$")
_JOINED = frozenset({"ministry", "department", "agency", "administration", "authority", "office", "act", "ordinance"})
_IN_BRACKETS = 9
_CAPITALS = re.compile(r"^[A-Z]{2,5}$")
_ROMAN = re.compile(r"^[IVXLC]+$")
_ORDINAL = re.compile(r"^\d+(st|nd|rd|th)$", re.IGNORECASE)


class ShapeFinder:
    """Finds names that end, or begin, with a word that says what they are."""

    def __init__(self, parts: NameParts, names: Gazetteer, words: dict[str, frozenset[str]]) -> None:
        self._parts = parts
        self._names = names
        self._words = words
        self._firsts: dict[str, list[tuple[str, str]]] = {}
        for name, kind in (("fac_first", "fac"), ("gpe_first", "gpe"), ("loc_first", "loc"), ("party_first", "org")):
            for word in words[name]:
                self._firsts.setdefault(word, []).append((name, kind))

    def find(self, parse: Parse) -> Iterator[Mention]:
        """Names that end, or begin, with a word that says what they are: Black Sea Fleet, Ministry of Health."""
        yield from self._from_first_words(parse)
        yield from self._in_capitals(parse)
        for token in range(len(parse)):
            low = parse.low[token]
            kind = self._parts.heads.get(low)
            if kind is None:
                if low in self._words["work_number"] and parse.capital(token):
                    following = token + 1
                    if following < len(parse) and _NUMBER.match(parse.words[following]):
                        yield Mention(token, following + 1, "work", "pattern")
                continue
            lower = low in self._words["fac_lower"] or low in self._words["loc_lower"]
            if not parse.capital(token) and not lower:
                continue
            if parse.words[token].isupper() and len(low) > 3 and self._parts.shouts(parse, token):
                continue
            following = token + 1
            if (
                kind == "gpe"
                and following < len(parse)
                and parse.capital(following)
                and parse.low[following] in self._parts.heads
            ):
                continue
            first = self._leftwards(parse, token)
            if not parse.capital(token) and self._is_unnamed(parse, first, token):
                continue
            if not parse.capital(token) and self._is_region(parse, first, token):
                continue
            end = token + 1
            while end < len(parse) and parse.low[end] in self._words["company_end"] and parse.capital(end):
                end += 1
            if low in self._words["org_first"] or kind == "work":
                end = self._rightwards(parse, token)
            if kind == "org" and low in ("centre", "center") and parse.low[token - 1] in self._words["centre_fac"]:
                kind = "fac"
            if low == "church" and token > first and self._parts.is_people(parse, token - 1):
                kind = "org"
            if end - first > 1 or self._stands_alone(parse, token, kind):
                yield Mention(first, end, kind, "pattern")

    def _in_capitals(self, parse: Parse) -> Iterator[Mention]:
        """Words of a few capitals among others, as bodies are called for short, where nothing better is known of them."""
        for token in parse.capitals:
            word = parse.words[token]
            if not _CAPITALS.match(word) or _ROMAN.match(word) or parse.pos[token] not in ("PROPN", "NOUN", "VERB"):
                continue
            low = parse.low[token]
            if low in parse.small or any(low in self._words[name] for name in ("common_short", "title", "not_a_name")):
                continue
            if parse.dep[token] not in ("nsubj", "nsubjpass", "pobj", "conj", "poss", "dobj", "appos"):
                continue
            beside = [parse.words[one] for one in (token - 1, token + 1) if 0 <= one < len(parse)]
            if not any((other.isupper() and len(other) > 1) or other[:1] in "$€£" for other in beside):
                yield Mention(token, token + 1, "org", "document")

    def _stands_alone(self, parse: Parse, token: int, kind: str) -> bool:
        """Whether a capitalised head alone is a name: the Ministry, the Senate."""
        return (
            kind == "org"
            and token > 0
            and parse.words[token - 1] == "the"
            and parse.words[token].istitle()
            and token + 1 < len(parse)
            and not parse.capital(token + 1)
            and not self._parts.shouts(parse, token)
        )

    def _from_first_words(self, parse: Parse) -> Iterator[Mention]:
        """Names that begin with a word for what they are: Jalan Ampang, Port Sudan, Mount Ararat, Parti Islam."""
        for token in range(len(parse) - 1):
            for name, kind in self._firsts.get(parse.low[token], ()):
                if not parse.words[token].istitle() or self._parts.shouts(parse, token):
                    continue
                end = token + 1
                while end < len(parse) and parse.pos[end] == "PROPN" and self._goes_on(parse, end, name):
                    end += 1
                following = parse.low[end] if end < len(parse) else ""
                before = token and parse.capital(token - 1) and parse.words[token - 1][0].isalpha()
                if end - token > 1 and following not in self._parts.heads and not before:
                    yield Mention(token, end, kind, "title")

    def _goes_on(self, parse: Parse, token: int, name: str) -> bool:
        """Whether a name that began with a word for what it is goes on: Gabungan | Parti Sarawak."""
        return self._parts.could_name(parse, token) or parse.low[token] in self._words[name]

    def _is_unnamed(self, parse: Parse, first: int, head: int) -> bool:
        """Whether what stands before a small-letter head is no name of its own: "the Polish airport"."""
        before = tuple(parse.words[first:head])
        known = [n for n in self._names.by_first.get(before[0], ()) if n.tokens == before] if before else []
        if not before or parse.low[head - 1] in self._words["not_a_name"]:
            return True
        return any(name.kind in ("norp", "org", "person") for name in known) or (
            any(name.kind == "gpe" and name.stands_for for name in known)
        )

    def _is_region(self, parse: Parse, first: int, head: int) -> bool:
        """Whether a small-letter head only repeats what the name is: the Donbas | region."""
        before = tuple(parse.words[first:head])
        return any(n.tokens == before and n.kind == "loc" for n in self._names.by_first.get(before[0], ()))

    def _leftwards(self, parse: Parse, head: int) -> int:
        """The first token of the capitalised words that lead to `head`."""
        first = head
        generic = parse.low[head] in self._words["org_generic"]
        lowest = parse.sentences[parse.sentence[head]][0]
        while first > lowest:
            before = first - 1
            low = parse.low[before]
            if parse.capital(before) and parse.words[before][:1].isalpha() and low not in ("the", "a", "an"):
                if parse.low[before] in self._words["title"] and not self._parts.is_name_part(parse, before, head):
                    break
                if generic and first < head and self._parts.is_people(parse, before):
                    break
                if low in self._words["weekday"] or low in self._words["month"]:
                    break
                first = before
            elif (_ORDINAL.match(low) or low.isdigit()) and parse.low[head] in self._words["military_unit"]:
                first = before
            elif (
                (low in self._words["name_particle"] and first < head and before > lowest and parse.capital(before - 1))
                or (low in ("and", "&") and first < head and before > lowest and self._joins(parse, before, head))
                or (
                    low == "-"
                    and before > lowest
                    and first < head
                    and parse.low[before - 1] in self._words["name_particle"]
                )
            ):
                first = before - 1
            elif low in ("'", "’", "'s", "’s", "-") and before > lowest and parse.capital(before - 1):
                owner = low in ("'s", "’s") and parse.low[before - 1] not in self._words["title"]
                if owner and parse.low[before - 1] not in ("people", "workers", "women", "farmers"):
                    break
                first = before - 1
            elif low == ")" and parse.low[head] in self._words["company_end"] and self._bracket(parse, before) > lowest:
                first = self._bracket(parse, before)
            elif low == ")" and parse.low[head] in self._words["law_head"] and self._amended(parse, before) > lowest:
                first = self._amended(parse, before)
            else:
                break
        while first < head and parse.low[first] in self._words["not_a_name"] and parse.low[first + 1] != "-":
            if parse.low[first] in ("north", "south", "east", "west", "northern", "southern", "eastern", "western"):
                break
            if parse.low[first] in self._words["title"] and self._parts.is_name_part(parse, first, head):
                break
            if parse.low[first] in ("central", "national", "special", "state"):
                break
            first += 1
        return first

    def _bracket(self, parse: Parse, closing: int) -> int:
        """The opening bracket of a single word in brackets: George Kent (Malaysia) Bhd; 0 for anything else."""
        return closing - 2 if closing > 2 and parse.words[closing - 2] == "(" and parse.capital(closing - 1) else 0

    def _amended(self, parse: Parse, closing: int) -> int:
        """The opening bracket of words in a law's name: Elections (Conduct of Elections) (Amendment) Act; 0 for others."""
        for token in range(closing - 1, max(closing - _IN_BRACKETS, 0), -1):
            if parse.words[token] == "(":
                named = parse.capital(token + 1) and (parse.capital(token - 1) or parse.words[token - 1] == ")")
                return token if named else 0
            if not parse.capital(token) and parse.low[token] not in ("of", "and", "for", "in", "the", "to", "&", ","):
                return 0
        return 0

    def _joins(self, parse: Parse, conjunction: int, head: int) -> bool:
        """Whether "and" stands within one name: Trade and Industry Ministry, but not Iran and World Bank."""
        before = conjunction - 1
        return parse.capital(before) and parse.low[head] in _JOINED and not self._parts.is_people(parse, before)

    def _rightwards(self, parse: Parse, head: int) -> int:
        """One past the last token of "of …" after a head: Ministry of Foreign Affairs."""
        end, limit = head + 1, parse.sentences[parse.sentence[head]][1]
        while end < limit and parse.low[end] in ("of", "for", "on", "in"):
            after = end + 1
            if after < limit and parse.low[after] == "the":
                after += 1
            if after >= limit or not parse.capital(after) or parse.low[after] in self._words["month"]:
                break
            if parse.low[end] in ("in", "on", "for") and (
                self._parts.is_people(parse, after) or parse.low[after] in self._words["weekday"]
            ):
                break
            if (
                parse.low[end] == "of"
                and self._parts.is_people(parse, after)
                and parse.low[head] in ("ministry", "army")
            ):
                break
            while after < limit and (
                (parse.capital(after) and parse.words[after][:1].isalpha())
                or (parse.words[after - 1] == "-" and parse.words[after].isalpha())
                or (
                    parse.low[after] in ("and", "&", "-")
                    and after + 1 < limit
                    and parse.capital(after + 1)
                    and not self._parts.is_people(parse, after + 1)
                )
            ):
                after += 1
            end = after
        return end
