"""Actors without a name: persons, groups and bodies that common nouns mention, with sector and country (data/agents.tsv)."""

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property

from workbench.preannotate.rules.entities.mention import Mention, Mentions
from workbench.preannotate.rules.syntax import Parse
from workbench.preannotate.rules.tables import rows, values

FILE = "agents.tsv"
KIND = "agent"
UNKNOWN = "UNK"
_LONGEST = 4
_BACK = 3
"""How many sentences back a name may stand whose country an actor has that none stands beside."""
_BEFORE = frozenset({"amod", "compound", "nmod", "nummod", "poss", "quantmod", "npadvmod", "advmod", "det", "predet"})
_ARTICLES = frozenset({"the", "a", "an"})
_POSSESSIVES = frozenset({"his", "her", "its", "their", "our", "my", "your", "whose"})
_HEADS = frozenset({"NOUN", "PROPN", "ADJ", "VERB", "NUM"})
"""What words that an actor without a name is mentioned by are to the parse."""
_NEVER = frozenset({"no", "what", "which", "whose"})
_DROPPED = frozenset({"this", "that", "these", "those", "any", "every", "another", "each"})
_NAMED = frozenset({"person", "org", "gpe", "loc", "norp", "fac", "work", "date"})
_COUNTRIES = frozenset({"gpe", "norp", "org"})
_PERSONS = ("ers", "ors", "ists", "ians", "men", "women", "ees", "folk")
_SHORTEST = 6
_FAR_NAME = 20
"""So many words after an office that stands without article its holder is named, at the latest."""
_ADJECTIVES = ("the", "those", "some", "many", "most", "all", "several", "other")
_ROLES = frozenset({"nsubj", "nsubjpass", "dobj", "pobj", "conj", "poss", "dative", "ROOT", "appos", "attr"})


@dataclass(frozen=True)
class Sector:
    """What an actor is in the codes of event coders. `weak`: what stands beside the noun says it better."""

    code: str
    weak: bool = False


@dataclass
class AgentNouns:
    """Nouns and phrases of nouns with their sector, and the codes of countries."""

    sectors: dict[tuple[str, ...], Sector] = field(default_factory=dict[tuple[str, ...], Sector])
    countries: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def load(cls) -> "AgentNouns":
        """The nouns that ship."""
        nouns = cls()
        for _, row in rows(FILE):
            code, weak = row["sector"].rstrip("?"), row["sector"].endswith("?")
            for noun in values(row["nouns"]):
                words = tuple(noun.split())
                known = nouns.sectors.get(words)
                if weak and known is not None:
                    nouns.sectors[words] = Sector(known.code, weak=True)
                elif known is None or not weak:
                    nouns.sectors[words] = Sector(code, weak)
        for _, row in rows("countries.tsv"):
            nouns.countries[row["country"]] = row["code"]
        return nouns

    @cached_property
    def single(self) -> frozenset[str]:
        """The nouns of one word."""
        return frozenset(words[0] for words in self.sectors if len(words) == 1)

    def sector(self, words: tuple[str, ...], lemma: str) -> Sector | None:
        """The sector of the longest known phrase that the words end with; `lemma` is that of the last one."""
        for first in range(max(len(words) - _LONGEST, 0), len(words)):
            found = self.sectors.get((*words[first:-1], lemma)) or self.sectors.get(words[first:])
            if found is not None:
                return found
        return None


class Agents:
    """The noun phrases of one text that mention persons, groups and bodies without a name."""

    def __init__(self, parse: Parse, mentions: Mentions, nouns: AgentNouns, words: dict[str, frozenset[str]]) -> None:
        self._parse = parse
        self._mentions = mentions
        self._nouns = nouns
        self._words = words
        self._by_head: dict[int, Mention] = {}
        self._sectors: dict[int, Sector] = {}
        self._plural: set[int] = set()
        for token in range(len(parse)):
            sector = self._sector(token)
            if sector is not None:
                start, end = self._extent(token)
                mention = Mention(start, end, KIND, "agents", head=token)
                self._by_head[token] = mention
                self._sectors[token] = sector
        self.all = [self._by_head[token] for token in sorted(self._by_head)]
        self._lift()
        places = [m for m in mentions.all if m.kind in _COUNTRIES and m.norm in nouns.countries]
        starts = [place.start for place in places]
        for mention in self.all:
            mention.norm = self._norm(mention, places, starts)

    def _lift(self) -> None:
        """Makes of whom a group or a number consists the group: a group of *voters* who blamed the party."""
        parse = self._parse
        for token, mention in list(self._by_head.items()):
            if parse.lemma[token] not in self._words["whole_of"] and parse.low[token] not in self._words["whole_of"]:
                continue
            for of in parse.kids(token, "prep"):
                for below in parse.kids(of, "pobj") if parse.low[of] == "of" else ():
                    inner = self._by_head.get(below)
                    if inner is not None and parse.tag[below] == "NNS" and inner.end <= mention.end:
                        self._by_head[below] = mention
                        self.all.remove(inner)

    def at(self, token: int) -> Mention | None:
        """The actor whose noun stands here."""
        return self._by_head.get(token)

    def code(self, mention: Mention) -> str:
        """The sector of an actor, as its noun has it."""
        return self._sectors[mention.root].code

    def is_many(self, mention: Mention) -> bool:
        """Whether an actor is several persons or a body that "they" can go back to."""
        parse, head = self._parse, mention.root
        plural = parse.tag[head] in ("NNS", "NNPS", "CD") or parse.lemma[head] in self._words["collective"]
        return plural or bool(parse.kids(head, "conj"))

    def is_person(self, mention: Mention) -> bool:
        """Whether an actor is a single person that "he" or "she" can go back to."""
        parse, head = self._parse, mention.root
        bodies = ("org_noun", "place_noun", "collective")
        body = any(parse.lemma[head] in self._words[name] for name in bodies)
        return parse.tag[head] in ("NN", "NNP") and not body

    def is_called(self, mention: Mention, pronoun: str) -> bool:
        """Whether "he" or "she" can stand for an actor by its noun: "she" for no *husband*."""
        noun = self._parse.lemma[mention.root]
        words = self._words
        return noun not in words["man" if pronoun in words["she"] else "woman"]

    def is_body(self, mention: Mention) -> bool:
        """Whether an actor is a body that "it" can go back to."""
        parse, head = self._parse, mention.root
        words = self._words
        return parse.tag[head] in ("NN", "NNP") and any(
            parse.lemma[head] in words[name] for name in ("org_noun", "place_noun", "collective")
        )

    def _sector(self, token: int) -> Sector | None:
        """The sector of the actor whose noun the word is; None where it is none."""
        parse, pos = self._parse, self._parse.pos[token]
        if pos not in _HEADS or self._modifies(token):
            return None
        named = self._mentions.at(token)
        if named is not None and named.kind in _NAMED:
            return None
        if pos in ("NOUN", "PROPN"):
            if any(parse.low[c] in _NEVER for c in parse.kids(token, "det")) or self._is_no_actor(token):
                return None
            if parse.lemma[token] in self._words["partitive"] or parse.low[token] in self._words["partitive"]:
                return self._partitive(token)
            if self._titles(token) or self._is_apposed(token):
                return None
            first = token
            while first and token - first < _LONGEST - 1 and parse.head[first - 1] in range(first, token + 1):
                first -= 1
            if self._parse.singular(token) in self._words["needs_modifier"] and (
                first == token or self._is_condition(token)
            ):
                return None
            found = self._nouns.sector(tuple(parse.low[first : token + 1]), self._parse.singular(token))
            persons = self._sounds_like_persons(token) or self._suffers(token)
            return found or (Sector(UNKNOWN, weak=True) if persons else None)
        if pos == "ADJ" or (pos == "VERB" and parse.tag[token] == "VBN"):
            return self._adjective(token) or self._vague(token)
        return self._number(token) if pos == "NUM" else None

    def _is_no_actor(self, token: int) -> bool:
        """Whether a noun for a body names something else here: the *M5S party*, the south *side*, a school that is hit.

        Or what is done: *opposition* to the plan, the *prosecution* of editors.
        """
        parse, lemma = self._parse, self._parse.singular(token)
        if any(f"{lemma} {parse.low[below]}" in self._words["deed_phrase"] for below in parse.kids(token, "prep")):
            return True
        if lemma in self._words["acts_only"] and not self._acts(token):
            return True
        if lemma in self._words["self_named"] and parse.tag[token] != "NNS" and token:
            before = self._mentions.at(token - 1)
            if before is not None and before.kind == "org" and parse.head[token - 1] == token:
                return parse.dep[token - 1] == "compound"
        if lemma == "majority":
            return parse.dep[token] == "dobj"
        return lemma == "side" and any(parse.low[c] in self._words["compass"] for c in parse.kids(token, "amod"))

    def _acts(self, token: int) -> bool:
        """Whether a building or a site stands for who runs it: it does something, or is asked to do it."""
        parse, verb = self._parse, self._parse.head[token]
        if parse.dep[token] == "conj":
            return self._acts(verb)
        if parse.pos[verb] != "VERB":
            return False
        if parse.dep[token] == "nsubj":
            return parse.lemma[verb] not in self._words["state_verb"]
        return parse.dep[token] in ("dative", "dobj") and any(
            parse.tag[c] == "VB" for c in parse.kids(verb, "xcomp", "ccomp") if c > token
        )

    def _is_condition(self, token: int) -> bool:
        """Whether a state is one that something is in: a state of *emergency*."""
        parse = self._parse
        below = (noun for of in parse.kids(token, "prep") if parse.low[of] == "of" for noun in parse.kids(of, "pobj"))
        return any(parse.lemma[noun] in self._words["state_noun"] for noun in below)

    def _is_apposed(self, token: int) -> bool:
        """Whether the noun stands beside a name that says who is meant: its envoy, Anna Holm."""
        parse = self._parse
        beside = parse.kids(token, "appos")
        if parse.dep[token] == "appos" and ":" not in parse.words[parse.head[token] : token]:
            beside = [*beside, parse.head[token]]
        named = any((m := self._mentions.at(one)) is not None and m.kind in _COUNTRIES | {"person"} for one in beside)
        return named or self._is_named_next(token)

    def _is_named_next(self, token: int) -> bool:
        """Whether a person's name stands between commas after a noun, though the parse does not see it: the editor, *Li*, said."""
        parse, after = self._parse, token + 2
        if after >= len(parse) or parse.words[token + 1] != "," or parse.tag[token] not in ("NN", "NNP"):
            return False
        named = self._mentions.at(after)
        if named is None or named.kind != "person" or named.start != after or named.end >= len(parse):
            return False
        first = parse.sentence_of(token)[0]
        begins = parse.capital(token) or not any(parse.pos[t] in ("VERB", "AUX", "ADP") for t in range(first, token))
        return parse.words[named.end] in (",", ".", ";", ":", "—", "–") or (
            begins and parse.tag[named.end] in ("VBD", "VBZ", "MD")
        )

    def _modifies(self, token: int) -> bool:
        """Whether the word only describes another one; a noun before a verb is a parse that went wrong."""
        parse, dep = self._parse, self._parse.dep[token]
        if dep in ("compound", "nmod", "amod"):
            above = parse.head[token]
            return not (dep == "compound" and parse.pos[above] == "VERB" and above > token)
        return dep in ("npadvmod", "advmod", "prep", "aux", "punct")

    def _sounds_like_persons(self, token: int) -> bool:
        """Whether an unknown plural is made like words for persons: depositors, motorcyclists."""
        parse, low = self._parse, self._parse.low[token]
        return (
            parse.tag[token] == "NNS"
            and low.endswith(_PERSONS)
            and len(low) > _SHORTEST
            and self._parse.singular(token) not in self._words["thing_noun"]
        )

    def _suffers(self, token: int) -> bool:
        """Whether an unknown noun is the object of what is done to persons only: arrested two *jawans*."""
        parse, verb = self._parse, self._parse.head[token]
        if parse.pos[token] != "NOUN" or parse.lemma[verb] not in self._words["done_to_persons"]:
            return False
        if self._parse.singular(token) in self._words["thing_noun"] or parse.children[token] == []:
            return False
        return parse.dep[token] in ("dobj", "nsubjpass") or (parse.dep[verb] == "acl" and parse.tag[verb] == "VBN")

    def _titles(self, token: int) -> bool:
        """Whether the word is a title before a name that the parse took for something else."""
        after = token + 1
        if after >= len(self._parse) or self._parse.dep[after] == "poss":
            return False
        named = self._mentions.at(after)
        if named is not None and named.kind == "person" and named.start == after and self._parse.capital(token):
            return True
        return self._is_bare_title(token)

    def _is_bare_title(self, token: int) -> bool:
        """Whether an office stands without article before its phrase and a name: *Minister* for Trade (North), Anna Holm."""
        parse, low = self._parse, self._parse.low[token]
        if (
            low not in self._words["portfolio_holder"]
            or not parse.capital(token)
            or parse.tag[token] not in ("NN", "NNP")
        ):
            return False
        before = [c for c in parse.children[token] if c < token and parse.dep[c] in ("det", "poss", "amod")]
        if before or token + 1 >= len(parse) or parse.low[token + 1] not in ("in", "of", "for", "at"):
            return False
        return any(
            (named := self._mentions.at(t)) is not None and named.kind == "person"
            for t in range(token + 2, min(token + _FAR_NAME, len(parse)))
        )

    def _partitive(self, token: int) -> Sector | None:
        """Whom a number or a group consists of: dozens of *protesters*; thousands alone are people too."""
        parse = self._parse
        for of in parse.kids(token, "prep"):
            if parse.low[of] == "of":
                for below in parse.kids(of, "pobj"):
                    named = self._mentions.at(below)
                    found = self._sector(below)
                    if found is not None or named is None or named.kind not in ("org", "gpe", "norp", "loc"):
                        return found
                    return self._nouns.sector((parse.low[token],), parse.lemma[token])
        loose = parse.lemma[token] in self._words["crowd_number"] and parse.dep[token] in ("nsubj", "nsubjpass", "dobj")
        if loose:
            return Sector("CVL", weak=True)
        lemma = parse.lemma[token]
        return self._nouns.sector((parse.low[token],), lemma) if parse.low[token] not in ("number",) else None

    def _adjective(self, token: int) -> Sector | None:
        """The wounded, the displaced: an adjective or a participle with an article and without a noun."""
        parse = self._parse
        if parse.dep[token] not in _ROLES or not any(parse.low[c] in _ADJECTIVES for c in parse.kids(token, "det")):
            return None
        if parse.low[token] not in self._words["person_adjective"]:
            return None
        return Sector("CVL", weak=True)

    def _vague(self, token: int) -> Sector | None:
        """Many, others, where they do something: *many* were expecting a change."""
        parse, verb = self._parse, self._parse.head[token]
        if parse.low[token] not in self._words["vague_persons"] or parse.dep[token] != "nsubj" or parse.children[token]:
            return None
        doing = parse.pos[verb] == "VERB" and parse.lemma[verb] not in self._words["state_verb"]
        return Sector("CVL", weak=True) if doing else None

    def _number(self, token: int) -> Sector | None:
        """Five, where a verb says that persons are meant: killed *five*, *2,000* march."""
        parse = self._parse
        if parse.tag[token] != "CD" or any(parse.dep[c] == "prep" for c in parse.children[token]):
            return None
        wanted = {"dobj": "harm_verb", "nsubjpass": "harm_verb", "nsubj": "crowd_verb"}.get(parse.dep[token])
        if wanted is None or parse.lemma[parse.head[token]] not in self._words[wanted]:
            return None
        return Sector("CVL", weak=True)

    def _extent(self, token: int) -> tuple[int, int]:
        """The noun phrase: without article, possessive pronoun and approximator in front, with the "of" behind."""
        parse = self._parse
        start = self._first(token)
        for child in parse.kids(token, "det", "poss"):
            if parse.low[child] in _ARTICLES | _POSSESSIVES | _DROPPED:
                start = max(start, child + 1)
        while start < token and (
            parse.low[start] in _ARTICLES | _POSSESSIVES | _DROPPED
            or (
                parse.pos[start] in ("PUNCT", "SPACE", "CCONJ", "ADP", "SCONJ")
                and parse.dep[start] not in ("det", "predet")
            )
            or parse.low[start] in self._words["agent_approximator"]
            or self._is_date(start)
        ):
            start += 1
        if start > 1 and parse.low[start - 1] in ("and", "or") and parse.pos[start] == "ADJ":
            other = self._mentions.at(start - 2)
            if other is not None and other.kind == "norp" and parse.tag[start - 2] not in ("NNS", "NNPS"):
                start = other.start
        end = self._end(token)
        bracket = next((t for t in range(token + 1, end) if parse.words[t] == "("), end)
        return start, bracket if ")" not in parse.words[bracket:end] else end

    def _is_date(self, token: int) -> bool:
        named = self._mentions.at(token)
        return named is not None and named.kind == "date"

    def _first(self, token: int) -> int:
        """The first word of a phrase, as far as the words before the noun belong to it without a break."""
        parse = self._parse
        below: set[int] = {token}
        for child in parse.children[token]:
            if child < token and parse.dep[child] in _BEFORE:
                below.update(t for t in parse.subtree(child) if t < token)
            elif child < token and parse.dep[child] in ("punct", "cc"):
                below.add(child)
        start = token
        while start and start - 1 in below and "\n" not in parse.text[parse.end[start - 1] : parse.start[start]]:
            start -= 1
        return start

    def _end(self, token: int) -> int:
        """One past the last word of a phrase: the noun, or what follows its "of"."""
        parse, end = self._parse, token + 1
        named = self._mentions.at(token)
        if named is not None and named.kind in _NAMED:
            return named.end
        for child in parse.kids(token, "appos"):
            named = self._mentions.at(child)
            if named is not None and named.start == end:
                return named.end
        for child in parse.kids(token, "prep"):
            if child == end and parse.low[child] == "of":
                last = end
                for below in parse.kids(child, "pobj"):
                    if self._first(below) == child + 1 or parse.low[child + 1] in _ARTICLES:
                        last = max(last, self._end(below))
                        last = max([last, *(self._end(c) for c in parse.conjuncts(below)[1:] if self._close(below, c))])
                if last > child + 1:
                    end = last
        return end

    def _close(self, first: int, other: int) -> bool:
        """Whether a coordinated noun stands near: captives and *deserters*."""
        between = self._parse.low[first + 1 : self._first(other)]
        return between in (["and"], ["or"], ["and", "the"])

    def _norm(self, mention: Mention, places: list[Mention], starts: list[int]) -> str:
        """Country and sector, as event coders write them: RUS MIL."""
        sector = self._sectors[mention.root]
        code = sector.code
        if sector.weak:
            code = self._beside(mention) or code
        country = self._country(mention, places, starts)
        return " ".join(part for part in (country, "" if code == UNKNOWN else code) if part)

    def _beside(self, mention: Mention) -> str:
        """The sector of another noun of the phrase: *rebel* commander, group of *soldiers*."""
        parse, head = self._parse, mention.root
        others = [t for t in mention.tokens if t != head and self._mentions.at(t) is None]
        for token in sorted(others, key=lambda t: (t > head, abs(head - t))):
            if parse.pos[token] in ("NOUN", "PROPN", "ADJ"):
                known = self._nouns.sectors.get((parse.lemma[token],)) or self._nouns.sectors.get((parse.low[token],))
                if known is not None and known.code != UNKNOWN:
                    return known.code
        return ""

    def _country(self, mention: Mention, places: list[Mention], starts: list[int]) -> str:
        """The code of the country beside the noun, or of the nearest one before; "" for none."""
        parse, countries = self._parse, self._nouns.countries
        after = bisect_left(starts, mention.end)
        inside = [place for place in places[bisect_left(starts, mention.start) : after] if place.end <= mention.end]
        if inside:
            return countries[inside[0].norm]
        here = parse.sentence[mention.root]
        if after and here - parse.sentence[places[after - 1].start] <= _BACK:
            return countries[places[after - 1].norm]
        if after < len(places) and parse.sentence[places[after].start] == here:
            return countries[places[after].norm]
        return ""

    @cached_property
    def covered(self) -> dict[int, Mention]:
        """The actor whose words cover a token; the smallest where several do."""
        found: dict[int, Mention] = {}
        for mention in sorted(self.all, key=lambda one: one.start - one.end):
            found.update(dict.fromkeys(mention.tokens, mention))
        return found
