"""Entities: what the base pipeline found, mended by names, by the shape of names, and by the rest of the document."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from workbench.preannotate.amounts import Amounts
from workbench.preannotate.mention import STRENGTH, Mention, Mentions, choose, wordlike
from workbench.preannotate.names import Gazetteer
from workbench.preannotate.syntax import Parse

NAMED = frozenset({"person", "org", "gpe", "loc", "norp", "fac", "work"})
_NUMBER = re.compile(r"^\d[\d,.]*$")
_INITIAL = re.compile(r"^[A-Z]\.?$")
_ORDINAL = re.compile(r"^\d+(st|nd|rd|th)$", re.IGNORECASE)
_BREAKS = frozenset('/,;:()[]–—"“”|•')


class MentionFinder:
    """Finds the entities of a parsed text. `base` maps the base pipeline's labels to kinds."""

    def __init__(self, base: dict[str, str], names: Gazetteer, words: dict[str, frozenset[str]]) -> None:
        self._base = base
        self._names = names
        self._words = words
        self._amounts = Amounts(base, words)
        self._no_names = words["title"] | words["not_a_name"] | words["org_head"]
        self._heads = {
            **dict.fromkeys(words["work_head"], "work"),
            **dict.fromkeys(words["loc_head"], "loc"),
            **dict.fromkeys(words["gpe_head"], "gpe"),
            **dict.fromkeys(words["fac_head"], "fac"),
            **dict.fromkeys(words["org_head"], "org"),
        }

    def find(self, parse: Parse) -> Mentions:
        """All entities of a text, in text order; a named one may lie within a quantity."""
        named = self._named(parse)
        taken = {token: mention for mention in named for token in mention.tokens}
        dates = list(self._amounts.dates(parse, taken))
        taken.update({token: mention for mention in dates for token in mention.tokens})
        quantities = list(self._amounts.quantities(parse, taken))
        mentions = sorted([*named, *dates, *quantities], key=lambda mention: (mention.start, mention.end))
        by_token: dict[int, Mention] = {}
        for mention in sorted(mentions, key=lambda mention: mention.start - mention.end):
            by_token.update(dict.fromkeys(mention.tokens, mention))
        return Mentions(mentions, by_token)

    def _named(self, parse: Parse) -> list[Mention]:
        known = [*self._from_names(parse)]
        candidates = [
            *known,
            *self._from_shapes(parse),
            *self._from_titles(parse),
            *(c for c in self._from_base(parse) if not self._is_pair(parse, c, known)),
        ]
        cleaned = [mention for mention in (self._trim(parse, c) for c in candidates) if mention is not None]
        chosen = choose(cleaned)
        chosen = self._agree(parse, chosen)
        return choose([*chosen, *self._repeated(parse, chosen)])

    def _is_pair(self, parse: Parse, mention: Mention, known: list[Mention]) -> bool:
        """Whether the base took two names for one: Rubio-Lavrov, U.S.-Russia."""
        for token in range(mention.start + 1, mention.end - 1):
            if parse.words[token] in ("-", "–"):
                halves = [parse.surface(mention.start, token), parse.surface(token + 1, mention.end)]
                alone = {
                    parse.surface(start, end)
                    for start, end, label in parse.entities
                    if start != mention.start and self._base.get(label) in NAMED
                } | {
                    parse.words[end - 1]
                    for start, end, label in parse.entities
                    if self._base.get(label) == "person" and end - start > 1
                }
                alone |= {parse.surface(one.start, one.end) for one in known}
                return all(half in alone for half in halves)
        return False

    def _from_names(self, parse: Parse) -> Iterator[Mention]:
        for start, end, name in self._names.matches(parse):
            yield Mention(start, end, name.kind, "gazetteer", name.stands_for)

    def _from_base(self, parse: Parse) -> Iterator[Mention]:
        for start, end, label in parse.entities:
            kind = self._base.get(label)
            if kind in NAMED and not all(parse.words[t].isupper() for t in _sentence(parse, start)):
                yield Mention(start, end, kind, "base")

    def _from_shapes(self, parse: Parse) -> Iterator[Mention]:
        """Names that end, or begin, with a word that says what they are: Black Sea Fleet, Ministry of Health."""
        yield from self._from_first_words(parse)
        for token in range(len(parse)):
            low = parse.low[token]
            kind = self._heads.get(low)
            if kind is None:
                if low in self._words["work_number"] and parse.capital(token):
                    following = token + 1
                    if following < len(parse) and _NUMBER.match(parse.words[following]):
                        yield Mention(token, following + 1, "work", "pattern")
                continue
            lower = low in self._words["fac_lower"] or low in self._words["loc_lower"]
            if not parse.capital(token) and not lower:
                continue
            if parse.words[token].isupper() and len(low) > 3 and self._shouts(parse, token):
                continue
            following = token + 1
            if (
                kind == "gpe"
                and following < len(parse)
                and parse.capital(following)
                and parse.low[following] in self._heads
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
            if end - first > 1 or self._stands_alone(parse, token, kind):
                yield Mention(first, end, kind, "pattern")

    def _stands_alone(self, parse: Parse, token: int, kind: str) -> bool:
        """Whether a capitalised head alone is a name: the Ministry, the Senate."""
        return (
            kind == "org"
            and token > 0
            and parse.words[token - 1] == "the"
            and parse.words[token].istitle()
            and token + 1 < len(parse)
            and not parse.capital(token + 1)
            and not self._shouts(parse, token)
        )

    def _from_first_words(self, parse: Parse) -> Iterator[Mention]:
        """Names that begin with a word for what they are: Jalan Ampang, Port Sudan, Mount Ararat, Parti Islam."""
        firsts = (("fac_first", "fac"), ("gpe_first", "gpe"), ("loc_first", "loc"), ("party_first", "org"))
        for token in range(len(parse) - 1):
            for name, kind in firsts:
                if (
                    parse.low[token] in self._words[name]
                    and parse.words[token].istitle()
                    and not self._shouts(parse, token)
                ):
                    end = token + 1
                    while end < len(parse) and self._could_name(parse, end) and parse.pos[end] == "PROPN":
                        end += 1
                    following = parse.low[end] if end < len(parse) else ""
                    before = token and parse.capital(token - 1) and parse.words[token - 1][0].isalpha()
                    if end - token > 1 and following not in self._heads and not before:
                        yield Mention(token, end, kind, "title")

    def _shouts(self, parse: Parse, token: int) -> bool:
        return all(word.isupper() or not word.isalpha() for word in (parse.words[t] for t in _sentence(parse, token)))

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
                if parse.low[before] in self._words["title"] and not self._is_name_part(parse, before, head):
                    break
                if generic and first < head and self._is_people(parse, before):
                    break
                if low in self._words["weekday"] or low in self._words["month"]:
                    break
                first = before
            elif _ORDINAL.match(low) and parse.low[head] in self._words["military_unit"]:
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
            elif low == "of" and before > lowest and first < head:
                break
            else:
                break
        while first < head and parse.low[first] in self._words["not_a_name"] and parse.low[first + 1] != "-":
            if parse.low[first] in ("north", "south", "east", "west", "northern", "southern", "eastern", "western"):
                break
            if parse.low[first] in self._words["title"] and self._is_name_part(parse, first, head):
                break
            if parse.low[first] in ("central", "national", "special", "state"):
                break
            first += 1
        return first

    def _is_name_part(self, parse: Parse, token: int, head: int) -> bool:
        """Whether a title belongs to a name: Foreign Ministry, Prime Minister's Office, Justice Department."""
        low, after = parse.low[token], parse.low[token + 1] if token + 1 < len(parse) else ""
        if low in ("foreign", "justice", "defence", "treasury", "prime", "general"):
            return True
        if low in ("secretary", "state", "judge"):
            return False
        return after in ("'s", "’s") or (low in ("minister",) and after in ("'s", "’s"))

    def _is_people(self, parse: Parse, token: int) -> bool:
        return any(
            name.kind in ("norp", "gpe") and len(name.tokens) == 1
            for name in self._names.by_first.get(parse.words[token], ())
        )

    def _joins(self, parse: Parse, conjunction: int, head: int) -> bool:
        """Whether "and" stands within one name: Trade and Industry Ministry, but not Iran and World Bank."""
        before = conjunction - 1
        return (
            parse.capital(before)
            and parse.low[head] in ("ministry", "department", "agency", "administration", "authority", "office")
            and not self._is_people(parse, before)
        )

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
                self._is_people(parse, after) or parse.low[after] in self._words["weekday"]
            ):
                break
            if parse.low[end] == "of" and self._is_people(parse, after) and parse.low[head] in ("ministry", "army"):
                break
            while after < limit and (
                (parse.capital(after) and parse.words[after][:1].isalpha())
                or (
                    parse.low[after] in ("and", "&", "-")
                    and after + 1 < limit
                    and parse.capital(after + 1)
                    and not self._is_people(parse, after + 1)
                )
            ):
                after += 1
            end = after
        return end

    def _from_titles(self, parse: Parse) -> Iterator[Mention]:
        """Capitalised names after a title: spokesman Gleb Arsenyev, Gen. Zakou; also its envoy, Thabo Mahlangu."""
        yield from self._from_surroundings(parse)
        for token in range(len(parse) - 1):
            low = parse.low[token].rstrip(".")
            if low not in self._words["title"] or low in ("foreign", "justice", "private", "head"):
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

    def _from_surroundings(self, parse: Parse) -> Iterator[Mention]:
        """Names that the word beside them tells: the contractor Yilsan, the Achuar villagers, a port in Myeik."""
        people, body, where = self._words["people_noun"], self._words["org_descriptor"], self._words["where_surely"]
        for token in range(1, len(parse)):
            if not parse.capital(token) or not self._could_name(parse, token):
                continue
            before = parse.low[token - 1]
            if parse.capital(token - 1) and parse.words[token - 1][0].isalpha() and before not in ("in", "at", "near"):
                continue
            end = token + 1
            while end < len(parse) and parse.capital(end) and self._could_name(parse, end):
                end += 1
            if self._known_place(parse, token, end) or self._shouts(parse, token):
                continue
            after = parse.low[end] if end < len(parse) else ""
            if (before in body and parse.pos[token - 1] == "NOUN") or (
                after in ("party", "faction", "militia", "newspaper") and parse.pos[token] == "PROPN"
            ):
                yield Mention(token, end, "org", "title")
            elif after in people and end - token == 1 and parse.pos[token] in ("PROPN", "ADJ"):
                yield Mention(token, end, "norp", "title")
            elif before in where and end - token == 1 and parse.pos[token] == "PROPN" and after != "'s":
                if parse.dep[token] == "pobj" and parse.low[token] not in self._words["month"] and after != "-":
                    yield Mention(token, end, "gpe", "document")
            elif before == "(" and after == ")" and token < 20 and parse.sentence[token] < 4:
                yield Mention(token, end, "org", "title")

    def _person(self, parse: Parse, first: int) -> int:
        """One past the last token of what looks like a person's name at `first`; `first` if nothing does."""
        token, last = first, first
        limit = parse.sentences[parse.sentence[first]][1]
        while token < limit:
            low, word = parse.low[token], parse.words[token]
            if not self._could_name(parse, token):
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
        if following in self._heads or self._known_place(parse, first, last):
            return first
        return last

    def _could_name(self, parse: Parse, token: int) -> bool:
        low, word = parse.low[token], parse.words[token]
        if not word[:1].isupper() or parse.tag[token] in ("POS",) or not word[0].isalpha():
            return False
        if _INITIAL.match(word):
            return True
        if low in self._heads and parse.words[token].istitle() and parse.pos[token] != "PROPN":
            return False
        if low in self._words["surname_title"] and token and parse.capital(token - 1) and parse.words[token].istitle():
            return parse.low[token - 1] not in self._words["title"]
        return low.rstrip(".") not in self._no_names

    def _known_place(self, parse: Parse, first: int, end: int) -> bool:
        tokens = tuple(parse.words[first:end])
        return (
            any(
                name.kind != "person" and name.tokens == tokens[: len(name.tokens)]
                for name in self._names.by_first.get(tokens[0], ())
            )
            and end - first < 3
        )

    def _trim(self, parse: Parse, mention: Mention) -> Mention | None:
        """The mention without articles, titles, possessives and quotation marks at its ends; None if nothing is left."""
        start, end, kind = mention.start, mention.end, mention.kind
        if mention.source == "gazetteer":
            return mention
        while end > start and (
            parse.low[end - 1] in ("'s", "’s", "'", "’", "the", "of", "and", "in") or not wordlike(parse.words[end - 1])
        ):
            end -= 1
        while start < end and (self._is_opening(parse, start) or not wordlike(parse.words[start])):
            start += 1
        if kind == "person":
            start, end = self._without_titles(parse, start, end)
        elif kind in ("org", "norp", "gpe") and mention.source == "base":
            start = self._without_people(parse, start, end)
        if start >= end:
            return None
        if mention.source == "base" and not self._plausible(parse, start, end, kind):
            return None
        return Mention(start, end, kind, mention.source, mention.norm)

    def _is_opening(self, parse: Parse, token: int) -> bool:
        """Whether a token at the beginning of a mention is no part of it, though a sentence may begin with it."""
        if parse.low[token] in ("the", "a", "an"):
            return True
        first = parse.sentences[parse.sentence[token]][0] == token
        return first and (
            parse.pos[token] in ("ADP", "DET", "PRON", "SCONJ", "CCONJ", "ADV", "VERB", "AUX")
            or (parse.tag[token] in ("JJ", "JJR", "JJS") and not self._is_people(parse, token))
        )

    def _without_titles(self, parse: Parse, start: int, end: int) -> tuple[int, int]:
        for token in range(end - 2, start - 1, -1):
            low = parse.low[token].rstrip(".")
            if low in self._words["title"] or low in ("'s", "’s"):
                if low in self._words["surname_title"] and token > start:
                    continue
                return token + 1, end
        while end - start > 1 and (parse.low[end - 1] in self._words["weekday"] or parse.words[end - 1][0].isdigit()):
            end -= 1
        if end - start > 2 and self._is_people(parse, start):
            start += 1
        return start, end

    def _without_people(self, parse: Parse, start: int, end: int) -> int:
        """Where the name begins after a nationality: Ukrainian | Foreign Ministry."""
        head = parse.low[end - 1]
        if head in self._words["org_generic"] and end - start > 2 and self._is_people(parse, start):
            return start + 2 if parse.low[start + 1] in ("'s", "’s") else start + 1
        if "'s" in parse.low[start:end] or "’s" in parse.low[start:end]:
            for token in range(end - 2, start - 1, -1):
                if parse.low[token] in ("'s", "’s") and self._is_people(parse, token - 1):
                    return token + 1
        return start

    def _plausible(self, parse: Parse, start: int, end: int, kind: str) -> bool:
        words = parse.words[start:end]
        if any(word in _BREAKS for word in words):
            return False
        if not any(word[:1].isupper() for word in words):
            return False
        if end - start == 1:
            low = parse.low[start]
            if low in self._words["not_a_name"] or low.rstrip(".") in self._words["title"] or len(low) < 2:
                return False
            if parse.pos[start] in ("VERB", "AUX", "ADV", "PRON", "DET", "ADP", "INTJ", "SCONJ", "CCONJ"):
                return False
            if kind in ("work",) or (low in self._heads and kind != "org"):
                return False
            first_of_sentence = parse.sentences[parse.sentence[start]][0] == start
            if first_of_sentence and parse.pos[start] != "PROPN" and (kind == "person" or parse.pos[start] != "ADJ"):
                return False
        if kind == "work":
            return parse.low[end - 1] in self._words["work_head"] or len(words) > 2
        return True

    def _agree(self, parse: Parse, mentions: list[Mention]) -> list[Mention]:
        """The same string has the same kind throughout; a surname is a person once the full name is."""
        surnames = self._surnames(parse, mentions)
        votes: dict[str, Counter[str]] = {}
        for mention in mentions:
            key = parse.surface(mention.start, mention.end).casefold()
            votes.setdefault(key, Counter())[mention.kind] += STRENGTH[mention.source]
        agreed: list[Mention] = []
        for mention in mentions:
            surface = parse.surface(mention.start, mention.end)
            kind = votes[surface.casefold()].most_common(1)[0][0]
            norm = mention.norm
            if mention.source == "base" and surface not in surnames and self._is_somewhere(parse, mention):
                kind = "gpe"
            if mention.source in ("base", "document") and surface in surnames:
                kind, norm = "person", surnames[surface]
            agreed.append(Mention(mention.start, mention.end, kind, mention.source, norm))
        return agreed

    def _is_somewhere(self, parse: Parse, mention: Mention) -> bool:
        """Whether a single unknown name stands where a place does: near Giurgiulesti."""
        before = parse.low[mention.start - 1] if mention.start else ""
        return (
            mention.kind in ("person", "norp")
            and mention.end - mention.start == 1
            and before in ("in", "near", "outside")
            and parse.dep[mention.start] == "pobj"
        )

    def _surnames(self, parse: Parse, mentions: Iterable[Mention]) -> dict[str, str]:
        surnames: dict[str, str] = {}
        for mention in mentions:
            if mention.kind == "person" and mention.end - mention.start > 1:
                full = parse.surface(mention.start, mention.end)
                last = mention.end - 1
                for first in range(last, mention.start, -1):
                    if parse.capital(last) and len(parse.words[last]) > 2:
                        surnames.setdefault(parse.surface(first, mention.end), full)
                    if parse.low[first - 1] not in ("-", *self._words["name_particle"]):
                        break
                if mention.end - mention.start > 2:
                    surnames.setdefault(parse.surface(mention.end - 2, mention.end), full)
        return surnames

    def _repeated(self, parse: Parse, mentions: list[Mention]) -> Iterator[Mention]:
        """Further places where a name of the document stands, or the short form that the document gives it."""
        known: dict[tuple[str, ...], Mention] = {}
        for mention in mentions:
            single = mention.end - mention.start == 1
            if single and (len(parse.words[mention.start]) < 3 or mention.source == "document"):
                continue
            known.setdefault(tuple(parse.words[mention.start : mention.end]), mention)
        for surname, full in self._surnames(parse, mentions).items():
            tokens = next(_find(parse, surname), None)
            if tokens is not None:
                known[tokens] = Mention(0, 1, "person", "document", full)
        for mention in mentions:
            short = self._short_form(parse, mention)
            if short is not None:
                known[(parse.words[short],)] = Mention(0, 1, mention.kind, "document")
        by_first: dict[str, list[tuple[str, ...]]] = {}
        for tokens in known:
            by_first.setdefault(tokens[0], []).append(tokens)
        for start, word in enumerate(parse.words):
            for tokens in by_first.get(word, ()):
                end = start + len(tokens)
                if tuple(parse.words[start:end]) == tokens and any(w[:1].isupper() for w in tokens):
                    if len(tokens) == 1 and parse.pos[start] not in ("PROPN", "NOUN", "ADJ"):
                        continue
                    source = known[tokens]
                    yield Mention(start, end, source.kind, "document", source.norm)

    def _short_form(self, parse: Parse, mention: Mention) -> int | None:
        """The token of an abbreviation in brackets after a body's name: Rapid Support Forces (RSF)."""
        bracket = mention.end
        if mention.kind not in ("org", "work", "fac") or bracket + 2 >= len(parse) or mention.end - mention.start < 2:
            return None
        if parse.words[bracket] == "(" and parse.words[bracket + 2] == ")":
            short = parse.words[bracket + 1]
            if short.isupper() or (short[:1].isupper() and len(short) < 8):
                return bracket + 1
        return None


def _sentence(parse: Parse, token: int) -> range:
    return range(*parse.sentences[parse.sentence[token]])


def _find(parse: Parse, surface: str) -> Iterator[tuple[str, ...]]:
    """The tokens that a string has where it stands first."""
    position = parse.text.find(surface)
    while position >= 0:
        if position in parse.start:
            first = parse.start.index(position)
            end = first
            while end < len(parse) and parse.end[end] < position + len(surface):
                end += 1
            if end < len(parse) and parse.end[end] == position + len(surface):
                yield tuple(parse.words[first : end + 1])
        position = parse.text.find(surface, position + 1)
