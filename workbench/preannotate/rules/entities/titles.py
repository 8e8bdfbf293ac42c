"""Names that the words beside them give away: spokesman Gleb Arsenyev, the contractor Yilsan, the Achuar villagers."""

from collections.abc import Iterator

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.entities.nameparts import NameParts
from workbench.preannotate.rules.syntax import Parse

_OPENING, _CLOSING = frozenset("\"“‘'«``"), frozenset("\"”’'»") | {"''"}
_TITLE = 14
"""So many words after the quotation mark a title ends, at the latest."""


class TitleFinder:
    """Finds names after titles and beside words for groups, bodies and places."""

    def __init__(self, parts: NameParts, words: dict[str, frozenset[str]]) -> None:
        self._parts = parts
        self._words = words

    def find(self, parse: Parse) -> Iterator[Mention]:
        """Capitalised names after a title: spokesman Gleb Arsenyev, Gen. Zakou; also its envoy, Thabo Mahlangu."""
        yield from self._from_surroundings(parse)
        yield from self._from_bylines(parse)
        yield from self._from_appositions(parse)
        yield from self._from_given_names(parse)
        yield from self._ships(parse)
        yield from self._titles_in_quotes(parse)
        for token in range(len(parse) - 1):
            low = parse.low[token].rstrip(".")
            works = low in self._words["occupation"] and parse.words[token].islower()
            if not works and (low not in self._words["title"] or low in ("foreign", "justice", "private", "head")):
                continue
            first = token + 1
            if parse.words[first] in (".", ",") and first + 1 < len(parse):
                apart = parse.words[first] == ","
                first += 1
                end = self._person(parse, first)
                if apart and (end - first < 2 or end >= len(parse) or parse.words[end] not in ",.;"):
                    continue
            end = self._person(parse, first)
            if end > first:
                yield Mention(first, end, "person", "title")

    def _ships(self, parse: Parse) -> Iterator[Mention]:
        """Names after a word for a ship, and with the letters that ships have: the tanker *Eagle S*, *HMS Norfolk*."""
        nouns, letters = self._words["ship_noun"], self._words["ship_prefix"]
        for token in range(len(parse) - 1):
            lettered = parse.low[token] in letters and parse.words[token].isupper()
            if not lettered and (parse.low[token] not in nouns or parse.capital(token)):
                continue
            first = token if lettered else token + 1
            end = first
            while end < len(parse) and parse.capital(end) and parse.pos[end] in ("PROPN", "NOUN", "NUM", "ADJ"):
                end += 1
            named = end > token + 1 and not self._parts.shouts(parse, token)
            if named and not self._parts.known_place(parse, first, end):
                yield Mention(first, end, "fac", "title")

    def _titles_in_quotes(self, parse: Parse) -> Iterator[Mention]:
        """What stands in quotation marks after a word for a work: the report “*Broken Promises*”."""
        for token in range(len(parse) - 3):
            if parse.low[token] not in self._words["titled_noun"]:
                continue
            mark = token + 1 + (parse.words[token + 1] in (",", ":"))
            if parse.words[mark] not in _OPENING or not parse.capital(mark + 1):
                continue
            end = next((t for t in range(mark + 2, min(mark + _TITLE, len(parse))) if parse.words[t] in _CLOSING), 0)
            words = [word for word in parse.words[mark + 1 : end] if word[:1].isalpha()]
            if sum(word[:1].isupper() for word in words) * 2 > len(words):
                last = end - (parse.words[end - 1] in (",", "."))
                yield Mention(mark + 1, last, "work", "title")

    def _from_bylines(self, parse: Parse) -> Iterator[Mention]:
        """Who wrote the text: a line that begins with "By" and a name of two words or more."""
        for token in parse.line_starts:
            if parse.low[token] == "by" and token + 2 < len(parse):
                end = self._person(parse, token + 1)
                if end - token > 2:
                    yield Mention(token + 1, end, "person", "title")

    def _from_appositions(self, parse: Parse) -> Iterator[Mention]:
        """Names of two words or more that an apposition says to be somebody's: Annika Holmqvist, the envoy."""
        persons = self._words["person_noun"] | self._words["occupation"] | self._words["human"]
        for token in range(1, len(parse)):
            if parse.pos[token] != "PROPN" or not parse.children[token] or not self._parts.could_name(parse, token):
                continue
            if any(parse.lemma[child] in persons and child > token for child in parse.kids(token, "appos")):
                first = token
                while first > 0 and first - 1 in parse.sentence_of(token) and self._parts.could_name(parse, first - 1):
                    first -= 1
                if token - first in (1, 2) and not self._parts.known_place(parse, first, token + 1):
                    yield Mention(first, token + 1, "person", "title")

    def _from_given_names(self, parse: Parse) -> Iterator[Mention]:
        """Names of two words and more that begin with a given name, where nothing better is known of them."""
        given, token = self._words["given_name"], 0
        while token < len(parse) - 1:
            end = token + 1
            if parse.low[token] in given and parse.words[token].istitle() and parse.pos[token] == "PROPN":
                end = max(self._person(parse, token), end)
                surnames = range(token + 1, end)
                alone = not (token and parse.capital(token - 1) and parse.pos[token - 1] == "PROPN")
                if alone and surnames and all(parse.tag[t] in ("NNP", "HYPH") for t in surnames):
                    yield Mention(token, end, "person", "document")
            token = end

    def _from_surroundings(self, parse: Parse) -> Iterator[Mention]:
        """Names that the word beside them tells: the contractor Yilsan, the Achuar villagers, a port in Myeik."""
        people, body, where = self._words["people_noun"], self._words["org_descriptor"], self._words["where_surely"]
        for token in parse.capitals:
            if not token or not self._parts.could_name(parse, token):
                continue
            before = parse.low[token - 1]
            if parse.capital(token - 1) and parse.words[token - 1][0].isalpha() and before not in ("in", "at", "near"):
                continue
            end = token + 1
            while end < len(parse) and parse.capital(end) and self._parts.could_name(parse, end):
                end += 1
            after = parse.low[end] if end < len(parse) else ""
            party = after == "party" and end - token > 1
            if self._parts.shouts(parse, token) or (not party and self._parts.known_place(parse, token, end)):
                continue
            if (before in body and parse.pos[token - 1] == "NOUN") or (
                after in ("party", "faction", "militia", "newspaper") and parse.pos[token] == "PROPN"
            ):
                yield Mention(token, end, "org", "title")
            elif after in people and end - token == 1 and parse.pos[token] in ("PROPN", "ADJ"):
                yield Mention(token, end, "norp", "title")
            elif before in where and end - token == 1 and parse.pos[token] == "PROPN" and after != "'s":
                thing = parse.low[token] in self._words["numbered_thing"] or not parse.words[token].isalpha()
                if (
                    parse.dep[token] == "pobj"
                    and parse.low[token] not in self._words["month"]
                    and after != "-"
                    and not thing
                ):
                    yield Mention(token, end, "gpe", "document")
            elif before == "(" and after == ")" and token < 20 and parse.sentence[token] < 4:
                yield Mention(token, end, "org", "title")

    def _person(self, parse: Parse, first: int) -> int:
        """One past the last token of what looks like a person's name at `first`; `first` if nothing does."""
        token, last = first, first
        limit = parse.sentences[parse.sentence[first]][1]
        while token < limit:
            low, word = parse.low[token], parse.words[token]
            if low in self._words["never_person"] and token == first:
                return first
            if not self._parts.could_name(parse, token):
                if low in self._words["name_particle"] and (token > first or low not in ("la", "de", "san", "y")):
                    token += 1
                    continue
                if word in ("-", "’", "'") and token > first:
                    token += 1
                    continue
                break
            token += 1
            last = token
        if last == first:
            return first
        following = parse.low[last] if last < limit else ""
        if following in self._parts.heads or self._parts.known_place(parse, first, last):
            return first
        return last
