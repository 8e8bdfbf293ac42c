"""One text as the rules read it: its parse, entities, clauses and quotations, and who a word stands for."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest

from workbench.preannotate.rules import quotes
from workbench.preannotate.rules.agents import KIND as AGENT
from workbench.preannotate.rules.agents import AgentNouns, Agents
from workbench.preannotate.rules.clauses import Clauses
from workbench.preannotate.rules.entities.mention import Mention, Mentions
from workbench.preannotate.rules.syntax import Parse

ACTORS = frozenset({"person", "org", "gpe", "norp", AGENT})
PLACES = frozenset({"gpe", "loc", "fac"})
_SENTENCE_ENDS = frozenset(".!?")
_BACK = 4
_DATELINE = 18


@dataclass(frozen=True)
class Filler:
    """An entity that fills a role, and the way in which the word led to it."""

    mention: Mention
    route: str


class TextAnalysis:
    """Answers what the frames ask of one text."""

    def __init__(
        self, parse: Parse, mentions: Mentions, words: dict[str, frozenset[str]], nouns: AgentNouns | None = None
    ) -> None:
        """Reads a text; without `nouns` (the scheme has no label for them) actors have names only."""
        self.parse = parse
        self.mentions = mentions
        self.words = words
        self.clauses = Clauses(parse, words)
        self.clauses.outside = self._datelines()
        self.quotes = quotes.find(parse, self.clauses, words["speech"])
        self.quote_of: dict[int, quotes.Quote] = {}
        for quote in self.quotes:
            self.quote_of.update(dict.fromkeys(range(quote.start, quote.end), quote))
        self.agents = Agents(parse, mentions, nouns, words) if nouns is not None else None
        self.nameless = self.agents.all if self.agents is not None else []
        self._actors = sorted(
            (m for m in (*mentions.all, *self.nameless) if m.kind in ACTORS and m.start not in self.clauses.outside),
            key=lambda mention: mention.root,
        )
        self._roots = [mention.root for mention in self._actors]
        self._resolving: set[int] = set()
        self._speaking: set[int] = set()

    def resolves_to_name(self, token: int) -> bool:
        """Whether a word is, or goes with, a name of somebody."""
        return self.actor_at(token) is not None

    def actor_at(self, token: int) -> Mention | None:
        """The name of somebody that covers a word, or the actor without a name whose noun it is, or whom it describes."""
        mention = self.mentions.at(token)
        if mention is not None and (mention.kind in ACTORS or self.acts(mention)):
            around = self.agents.covered.get(token) if self.agents is not None else None
            return around if around is not None and mention.end <= around.root else mention
        return self.agents.at(token) if self.agents is not None else None

    def is_agent(self, token: int) -> bool:
        """Whether a word is the noun of an actor without a name."""
        return self.agents is not None and self.agents.at(token) is not None

    def is_date(self, token: int) -> bool:
        """Whether a word belongs to a date."""
        mention = self.mentions.at(token)
        return mention is not None and mention.kind == "date"

    def is_somebody(self, token: int) -> bool:
        """Whether a noun means a person without a name, or one whose name stands beside it: his *counterpart*, Lavrov."""
        if self.parse.pos[token] != "NOUN":
            return False
        return self.is_agent(token) or any(f.mention.kind == "person" for f in self.resolve(token))

    def describes(self, mention: Mention) -> bool:
        """Whether a name only tells who an actor without a name is: *Danish* officers, *Kenya*'s government."""
        if self.agents is None or mention.kind == AGENT:
            return False
        around = self.agents.covered.get(mention.start)
        return (around is not None and mention.end <= around.root) or self.is_in_title(mention)

    def is_in_title(self, mention: Mention) -> bool:
        """Whether a name belongs to what a person is: *U.S.* President Donald Trump; Lavrov, the *Russian* minister."""
        parse, token = self.parse, self.parse.top(mention.start, mention.end)
        while parse.dep[token] in ("compound", "nmod", "amod", "poss") and parse.head[token] != token:
            token = parse.head[token]
            named = self.mentions.at(token)
            if named is not None and named is not mention:
                return named.kind == "person" and mention.kind != "person"
            if parse.dep[token] == "appos":
                named = self.mentions.at(parse.head[token])
                return named is not None and named.kind == "person"
        return False

    def acts(self, mention: Mention) -> bool:
        """Whether a region is one that acts as if it had a government: Europe."""
        return (
            mention.kind == "loc"
            and self.parse.surface(mention.start, mention.end).lower() in self.words["acting_region"]
        )

    def _datelines(self) -> frozenset[int]:
        """The tokens of datelines, up to their dash: LONDON, March 3 (Agency) —."""
        parse = self.parse
        found: set[int] = set()
        line_starts = set(parse.line_starts)
        for start in line_starts:
            if not parse.words[start][:2].isupper():
                continue
            for token in range(start + 1, min(start + _DATELINE, len(parse))):
                if token in line_starts or parse.words[token] == "\n":
                    break
                if parse.words[token] in ("—", "–", "-", "--") and parse.text[parse.start[token] - 1].isspace():
                    found.update(range(start, token + 1))
                    break
        return frozenset(found)

    def fillers(self, tokens: list[int]) -> list[Filler]:
        """Who the words stand for, each entity once."""
        found: list[Filler] = []
        for token in tokens:
            for filler in self.resolve(token):
                if all(filler.mention is not other.mention for other in found):
                    found.append(filler)
        return found

    def resolve(self, token: int) -> list[Filler]:
        """Who a word stands for: a name, the name beside or before it, or what a pronoun goes back to."""
        if token in self._resolving:
            return []
        self._resolving.add(token)
        try:
            return self._resolve(token)
        finally:
            self._resolving.discard(token)

    def _resolve(self, token: int) -> list[Filler]:
        parse, low = self.parse, self.parse.low[token]
        mention = self._actor_at(token)
        if mention is not None:
            owner = self._inner(token, mention)
            return [Filler(owner or mention, "name")]
        if low in self.words["relative"] and parse.pos[token] in ("PRON", "DET", "SCONJ"):
            antecedent = self._antecedent(token)
            found = self.fillers(self._antecedents(token, antecedent)) if antecedent is not None else []
            if not found and antecedent is not None and self.parse.dep[antecedent] == "pobj":
                found = self.resolve(self.parse.head[self.parse.head[antecedent]])
            return found
        if low in self.words["first_person"]:
            speakers = self.speaker(token)
            bodies = [self._spoken_for(f.mention) for f in speakers] if low in self.words["we"] else []
            return [Filler(body or f.mention, "speaker") for f, body in zip_longest(speakers, bodies)]
        if parse.pos[token] == "PRON" or parse.tag[token] == "PRP$":
            return self._pronoun(token)
        if parse.pos[token] in ("NOUN", "PROPN", "NUM", "ADJ", "DET"):
            return self._noun(token)
        return []

    def _spoken_for(self, mention: Mention) -> Mention | None:
        """The body whose spokesman somebody is, which is meant by "we": Ilker Aydin, the *ministry*'s spokesman."""
        parse = self.parse
        if mention.kind != "person":
            return None
        nouns = [child for t in mention.tokens for child in parse.kids(t, "appos", "compound", "nmod")]
        nouns += [parse.head[t] for t in mention.tokens if parse.dep[t] == "appos"]
        spokesmen = (noun for noun in nouns if parse.lemma[noun] in self.words["spokesman"])
        return next((body for noun in spokesmen if (body := self._body_of(noun)) is not None), None)

    def _body_of(self, noun: int) -> Mention | None:
        """The body or country that a spokesman speaks for: *Kremlin* spokesman, a spokesman for *Norway*."""
        found = self._modifiers(noun)
        for preposition in ("of", "for"):
            below = (self._actor_at(t) for t in self.clauses.prepositional(noun, preposition))
            found += [mention for mention in below if mention is not None]
        return next((mention for mention in found if mention.kind in ("org", "gpe")), None)

    def place_at(self, token: int) -> Mention | None:
        """The name that a word is, or that its relative pronoun goes back to: the town of *Mora*, which they shelled."""
        if self.parse.low[token] not in self.words["relative"]:
            return self.mentions.at(token)
        antecedent = self._antecedent(token)
        if antecedent is None:
            return None
        before = token - 1 - (self.parse.low[token - 1] == "," if token else 0)
        return self.mentions.at(antecedent) or (self.mentions.at(before) if before >= 0 else None)

    def _actor_at(self, token: int) -> Mention | None:
        """The name of somebody that covers a word, if it is not just an adjective within."""
        mention = self.mentions.at(token)
        if mention is None or not (mention.kind in ACTORS or self.acts(mention)):
            return None
        if mention.kind == "norp" and token != mention.end - 1:
            return None
        return mention

    def _region_at(self, token: int) -> Mention | None:
        """The region that a group of people is named after: *Darfur* rebels."""
        mention = self.mentions.at(token)
        return mention if mention is not None and mention.kind == "loc" and token == mention.end - 1 else None

    def _inner(self, token: int, mention: Mention) -> Mention | None:
        """The person named after a body that stands before them: Kremlin spokesman *Arsenyev*."""
        if mention.kind == "person":
            return None
        for child in self.parse.kids(token, "appos"):
            other = self._actor_at(child)
            if other is not None and other.kind == "person" and child > token:
                return other
        return None

    def _antecedent(self, token: int) -> int | None:
        parse = self.parse
        for above in parse.above(token):
            if parse.dep[above] in ("relcl", "acl"):
                return parse.head[above]
            if parse.dep[above] in ("ccomp", "advcl"):
                break
        return None

    def _antecedents(self, pronoun: int, noun: int) -> list[int]:
        """A noun with those coordinated with it where the verb of the clause is plural: *Qatar and Egypt*, which are."""
        parse = self.parse
        verb = parse.head[pronoun]
        plural = any(parse.tag[t] == "VBP" for t in (verb, *parse.kids(verb, "aux", "auxpass")))
        if not plural or parse.dep[pronoun] not in ("nsubj", "nsubjpass"):
            return [noun]
        first = parse.head[noun] if parse.dep[noun] == "conj" and parse.head[noun] < noun else noun
        return [one for one in parse.conjuncts(first) if one < pronoun]

    def _noun(self, token: int) -> list[Filler]:
        """The name that a common noun goes with: its envoy, *Mahlangu*; *Moldovan* customs; leaders of the *RSF*."""
        parse = self.parse
        for child in parse.kids(token, "appos"):
            mention = self._actor_at(child)
            if mention is not None:
                return [Filler(mention, "apposition")]
        lemma, low = parse.lemma[token], parse.low[token]
        if parse.dep[token] == "appos" and parse.head[token] < token:
            mention = self._actor_at(parse.head[token])
            if mention is not None:
                return [Filler(mention, "apposition")]
        if low in self.words["the_two"] and any(parse.low[c] in ("the", "these") for c in parse.kids(token, "det")):
            both = self._pair(token, "leader")
            if both:
                return both
        agent = self.agents.at(token) if self.agents is not None else None
        if agent is not None:
            body = self._body_of(token) if lemma in self.words["spokesman"] else None
            return [Filler(body, "modifier") if body is not None else Filler(agent, AGENT)]
        modifiers = self._modifiers(token)
        if modifiers:
            return [Filler(modifier, "modifier") for modifier in modifiers]
        for name in ("of", "from", "in", "for"):
            if name == "in" and low not in self.words["place_noun"] and low not in self.words["official_noun"]:
                continue
            if name == "for" and lemma not in self.words["voice"]:
                continue
            for below in self.clauses.prepositional(token, name):
                mention = self._actor_at(below)
                if mention is not None and (name != "from" or lemma in self.words["captives"] or self._is_group(token)):
                    return [Filler(mention, "modifier")]
        for owner in parse.kids(token, "poss"):
            found = self.resolve(owner)
            if found and self._is_group(token):
                return [Filler(found[0].mention, "owner")]
        if lemma in self.words["pair_noun"] and self._counts_two(token):
            return self._pair(token, lemma)
        return self._nominal(token)

    def _counts_two(self, token: int) -> bool:
        return any(
            self.parse.low[c] in ("two", "both") for c in self.parse.kids(token, "nummod", "det", "predet", "amod")
        )

    def _pair(self, token: int, lemma: str) -> list[Filler]:
        """The last two that "the two sides", "both leaders" can go back to."""
        kinds = ("person",) if lemma in self.words["pair_person"] else ("gpe", "org")
        parse = self.parse
        below = (one for one in (token, *parse.above(token)) if parse.dep[one] == "ccomp")
        verbs = (parse.head[one] for one in below if parse.lemma[parse.head[one]] in self.words["speech"])
        speaking = {subject for verb in verbs for subject in self.clauses.subjects(verb)}
        found: list[Filler] = []
        names: set[str] = set()
        for mention in reversed(self._near(self._far_back(token), token)):
            if mention.kind not in kinds or mention.root in speaking:
                continue
            if self.parse.sentence[token] - self.parse.sentence[mention.start] > _BACK:
                break
            name = mention.norm or self.parse.surface(mention.start, mention.end)
            if name not in names:
                names.add(name)
                found.append(Filler(mention, "pair"))
            if len(found) == 2:
                return found
        return []

    def _is_group(self, token: int) -> bool:
        lemma, low = self.parse.lemma[token], self.parse.low[token]
        return any(
            word in self.words[name]
            for word in (lemma, low)
            for name in ("official_noun", "person_noun", "org_noun", "place_noun", "forces")
        )

    def _modifiers(self, token: int) -> list[Mention]:
        """The names among the words before a noun: *Kenya*'s government, *U.S.* and *Russian* diplomats."""
        parse, lemma = self.parse, self.parse.lemma[token]
        best: list[Mention] = []
        for child in parse.kids(token, "poss", "amod", "compound", "nmod", "nummod"):
            mention = self._actor_at(child) or self._region_at(child)
            if mention is None:
                nested = parse.dep[child] in ("compound", "amod", "nmod") and parse.children[child]
                best = (self._modifiers(child) if nested else []) or best
            elif mention.kind == "person":
                if parse.dep[child] == "compound" and child == token - 1:
                    best = [mention]
            elif (parse.dep[child] == "poss" and not self._is_group(token)) or (
                mention.kind == "gpe" and lemma in self.words["crowd"] and parse.dep[child] == "compound"
            ):
                continue
            else:
                coordinated = (self._actor_at(c) for c in parse.conjuncts(child)[1:] if c < token)
                best = [mention, *(other for other in coordinated if other is not None)]
        return best

    def _nominal(self, token: int) -> list[Filler]:
        """The last name that "the minister", "the bloc" or "the government" can go back to."""
        parse = self.parse
        determiners = [parse.low[c] for c in parse.kids(token, "det", "poss")]
        if not any(d in ("the", "this", "that", "its", "his", "her", "their") for d in determiners):
            return []
        lemma = parse.lemma[token]
        for name, kinds in (("person_noun", ("person",)), ("org_noun", ("org",)), ("place_noun", ("gpe",))):
            if lemma in self.words[name] or parse.low[token] in self.words[name]:
                mention = self._before(token, kinds)
                return [Filler(mention, "nominal")] if mention is not None else []
        return []

    def _pronoun(self, token: int) -> list[Filler]:
        low = self.parse.low[token]
        if low in self.words["he"]:
            kinds: tuple[str, ...] = ("person", AGENT)
        elif low in self.words["it"]:
            kinds = ("gpe", "org", AGENT)
        elif low in self.words["they"]:
            kinds = ("norp", "org", "gpe", AGENT)
        else:
            return []
        mention = self._before(token, kinds)
        if mention is None and low in self.words["he"]:
            mention = self._before(token, kinds, 2 * _BACK)
        return [Filler(mention, "pronoun")] if mention is not None else []

    def _before(self, token: int, kinds: tuple[str, ...], back: int = _BACK) -> Mention | None:
        """The nearest entity of these kinds before a word: subjects first, sentence by sentence `back`."""
        parse = self.parse
        here, low = parse.sentence[token], parse.low[token]
        clause = parse.clause(token)
        subject = parse.dep[token] in ("nsubj", "nsubjpass", "poss")
        rivals = set(self.clauses.subjects(clause)) if not subject and parse.dep[token] != "det" else set[int]()
        names = self._names_after(token, clause)
        outside = token not in self.quote_of
        personal = low in self.words["he"]
        best: tuple[bool, int, int, int] | None = None
        chosen: Mention | None = None
        for mention in self._near(self._far_back(token, back), token):
            head = mention.root
            if mention.kind == AGENT and not self._agrees(mention, token):
                continue
            away = here - parse.sentence[head]
            if mention.kind not in kinds or (away == 0 and head in rivals):
                continue
            if away == 0 and subject and parse.clause(head) == clause and parse.dep[token] != "poss":
                continue
            if names and parse.surface(mention.start, mention.end) in names:
                continue
            dep = parse.dep[head]
            rank = (
                (2 + (personal and self._is_main(head)))
                if dep in ("nsubj", "nsubjpass")
                else 1
                if dep in ("appos", "conj", "pobj", "dobj")
                else 0
            )
            order = (not (outside and head in self.quote_of), -away, rank, mention.start)
            if best is None or order > best:
                best, chosen = order, mention
        return chosen

    def _is_main(self, subject: int) -> bool:
        """Whether a subject is that of its sentence: *Holm* said that Berg was ill."""
        return self.parse.dep[self.parse.head[subject]] == "ROOT"

    def _near(self, first: int, end: int) -> list[Mention]:
        """The actors whose words that stand for them are from `first` up to `end`, in the order of those."""
        return self._actors[bisect_left(self._roots, first) : bisect_left(self._roots, end)]

    def _far_back(self, token: int, back: int = _BACK) -> int:
        """The first word of the earliest sentence that a word can go back to."""
        return self.parse.sentences[max(0, self.parse.sentence[token] - back)][0]

    def _agrees(self, agent: Mention, token: int) -> bool:
        """Whether a pronoun can go back to an actor without a name, by number and by what it is."""
        low, agents = self.parse.low[token], self.agents
        if agents is None:
            return False
        if low in self.words["he"]:
            return agents.is_person(agent) and agents.is_called(agent, low)
        if low in self.words["it"]:
            return agents.is_body(agent)
        return agents.is_many(agent)

    def _names_after(self, token: int, clause: int) -> set[str]:
        """Names that stand after a pronoun in its own clause: it is none of those."""
        parse = self.parse
        end = parse.sentences[parse.sentence[token]][1]
        return {
            parse.surface(m.start, m.end)
            for m in self._near(token + 1, end)
            if token < m.start and parse.clause(m.root) == clause
        }

    def speaker(self, token: int) -> list[Filler]:
        """Who says the quotation that a word stands in."""
        quote = self.quote_of.get(token)
        verb = quote.verb if quote is not None else self._announcing(token)
        if verb is None or verb in self._speaking:
            return []
        self._speaking.add(verb)
        try:
            return self.fillers(self.clauses.subjects(verb))
        finally:
            self._speaking.discard(verb)

    def _announcing(self, token: int) -> int | None:
        """The verb of speech before the colon and the line break after which a statement is given without marks."""
        number = bisect_right(self._statements, token, key=lambda one: one[0])
        return self._statements[number - 1][1] if number else None

    @cached_property
    def _statements(self) -> list[tuple[int, int]]:
        """The first token of every such statement, and its verb of speech."""
        parse = self.parse
        found: list[tuple[int, int]] = []
        for start in parse.line_starts[1:]:
            before = start - 1
            while before > 0 and parse.words[before].isspace():
                before -= 1
            if parse.words[before] != ":":
                continue
            first, _ = parse.sentences[parse.sentence[before]]
            verbs = [
                t for t in range(first, before) if parse.pos[t] == "VERB" and parse.lemma[t] in self.words["speech"]
            ]
            found += [(start, verb) for verb in verbs[-1:] if self.clauses.subjects(verb)]
        return found

    def is_supposed(self, verb: int) -> bool:
        """Whether something is under a condition, or what could or should be so: if it is fair, it might be; not: could not."""
        parse = self.parse
        for child in parse.children[verb]:
            if parse.dep[child] == "mark" and parse.low[child] in ("if", "unless", "whether"):
                return True
            if parse.dep[child] == "aux" and parse.low[child] in ("could", "may", "might", "should", "must"):
                return parse.low[child] != "could" or not parse.kids(verb, "neg")
        return False

    def is_asked(self, token: int) -> bool:
        """Whether a word stands in a question."""
        parse = self.parse
        quote = self.quote_of.get(token)
        if quote is not None:
            ends = (
                parse.words[t] for t in range(token, min(quote.end + 1, len(parse))) if parse.words[t] in _SENTENCE_ENDS
            )
            return next(ends, "") == "?"
        first, end = parse.sentences[parse.sentence[token]]
        return any(parse.words[t] == "?" for t in range(max(first, end - 3), end))

    def heads(self, token: int) -> Iterator[int]:
        """The words above a word, up to the root."""
        yield from self.parse.above(token)
