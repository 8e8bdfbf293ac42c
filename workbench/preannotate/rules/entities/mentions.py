"""Entities: what the base pipeline found, mended by names, by the shape of names, and by the rest of the document."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from workbench.preannotate.rules.entities.amounts import Amounts
from workbench.preannotate.rules.entities.consistency import Consistency, common_shorts
from workbench.preannotate.rules.entities.evidence import dateline
from workbench.preannotate.rules.entities.joining import Joiner
from workbench.preannotate.rules.entities.mention import Mention, Mentions, choose
from workbench.preannotate.rules.entities.nameparts import NameParts
from workbench.preannotate.rules.entities.names import Gazetteer
from workbench.preannotate.rules.entities.persons import Persons, full_names
from workbench.preannotate.rules.entities.shapes import ShapeFinder
from workbench.preannotate.rules.entities.titles import TitleFinder
from workbench.preannotate.rules.entities.trimming import Trimmer
from workbench.preannotate.rules.syntax import Parse

NAMED = frozenset({"person", "org", "gpe", "loc", "norp", "fac", "work"})


class MentionFinder:
    """Finds the entities of a parsed text.

    `base` maps the base pipeline's labels to kinds; `common` are nouns for persons and bodies, which are no names.
    """

    def __init__(
        self, base: dict[str, str], names: Gazetteer, words: dict[str, frozenset[str]], common: frozenset[str]
    ) -> None:
        self._base = base
        self._common = common
        self._names = names
        self._amounts = Amounts(base, words)
        self._parts = NameParts(names, words)
        self._shapes = ShapeFinder(self._parts, names, words)
        self._titles = TitleFinder(self._parts, words)
        self._trimmer = Trimmer(self._parts, words)
        self._joiner = Joiner(self._parts, words)
        self._consistency = Consistency(words)
        self._seats, self._inside = words["seat"], words["where_surely"]
        self._bodies = words["org_noun"] | words["org_head"]

    def find(self, parse: Parse, story: Persons | None = None) -> Mentions:
        """All entities of a text, in text order; a named one may lie within a quantity.

        `story` knows the persons of other articles about the same.
        """
        named = self._named(parse, story or Persons())
        taken = {token: mention for mention in named for token in mention.tokens}
        dates = list(self._amounts.dates(parse, taken))
        taken.update({token: mention for mention in dates for token in mention.tokens})
        quantities = list(self._amounts.quantities(parse, taken))
        mentions = sorted([*named, *dates, *quantities], key=lambda mention: (mention.start, mention.end))
        by_token: dict[int, Mention] = {}
        for mention in sorted(mentions, key=lambda mention: mention.start - mention.end):
            by_token.update(dict.fromkeys(mention.tokens, mention))
        return Mentions(mentions, by_token)

    def persons(self, parse: Parse) -> list[str]:
        """The full names of the persons of a text."""
        return full_names(parse, self._named(parse, Persons()))

    def _named(self, parse: Parse, story: Persons) -> list[Mention]:
        known = [*self._from_names(parse)]
        alone = _Alone(parse, self._base, known)
        own = [Mention(start, end, kind, "user", norm) for start, end, kind, norm in parse.given]
        candidates = [
            *own,
            *known,
            *self._shapes.find(parse),
            *self._titles.find(parse),
            *self._from_datelines(parse),
            *(c for c in self._from_base(parse) if not self._is_pair(parse, c, alone)),
        ]
        cleaned = [mention for mention in (self._trimmer.trim(parse, c) for c in candidates) if mention is not None]
        shorts = common_shorts(parse, self._bodies)
        chosen = [mention for mention in choose(cleaned) if not self._is_short(parse, mention, shorts)]
        chosen = self._consistency.agree(parse, self._joiner.join(parse, chosen), story)
        repeated = self._consistency.repeated(parse, chosen, story)
        found = choose([*chosen, *(mention for mention in repeated if not self._is_short(parse, mention, shorts))])
        return [self._seated(parse, mention) for mention in self._joiner.kept(parse, found)]

    def _seated(self, parse: Parse, mention: Mention) -> Mention:
        """A body's seat is a building where somebody is in it: an encounter in the *White House*."""
        if mention.kind != "org" or parse.surface(mention.start, mention.end).lower() not in self._seats:
            return mention
        before = [parse.low[t] for t in range(max(mention.start - 2, 0), mention.start)]
        inside = before[-1:] and (before[-1] in self._inside or (before[-1] == "the" and before[0] in self._inside))
        return replace(mention, kind="fac") if inside else mention

    def _is_short(self, parse: Parse, mention: Mention, shorts: frozenset[str]) -> bool:
        """Whether a mention is no name, but short for common nouns: the ICU."""
        return mention.end - mention.start == 1 and parse.words[mention.start] in shorts

    def _is_pair(self, parse: Parse, mention: Mention, alone: "_Alone") -> bool:
        """Whether the base took two names for one: Rubio-Lavrov, U.S.-Russia."""
        for token in range(mention.start + 1, mention.end - 1):
            if parse.words[token] in ("-", "–"):
                halves = [parse.surface(mention.start, token), parse.surface(token + 1, mention.end)]
                return all(alone.has(half, beside=mention.start) for half in halves)
        return False

    def _from_names(self, parse: Parse) -> Iterator[Mention]:
        for start, end, name in self._names.matches(parse):
            yield Mention(start, end, name.kind, "gazetteer", name.stands_for)

    def _from_base(self, parse: Parse) -> Iterator[Mention]:
        for start, end, label in parse.entities:
            kind = self._base.get(label)
            if end - start == 1 and parse.pos[start] == "NOUN" and parse.lemma[start] in self._common:
                continue
            if kind in NAMED and not all(parse.words[t].isupper() for t in parse.sentence_of(start)):
                yield Mention(start, end, kind, "base")

    def _from_datelines(self, parse: Parse) -> Iterator[Mention]:
        """Towns in capitals that a text or a paragraph begins with: KRYVYI RIH, Ukraine, April 5 —."""
        for token in parse.line_starts:
            end = dateline(parse, token)
            if end > token and parse.low[end - 1] not in self._parts.heads:
                yield Mention(token, end, "gpe", "title")


class _Alone:
    """The names that a text has by themselves, for those that may be two in one; worked out where there are such."""

    def __init__(self, parse: Parse, base: dict[str, str], known: list[Mention]) -> None:
        self._parse, self._base, self._known = parse, base, known

    def has(self, name: str, *, beside: int) -> bool:
        """Whether a name stands somewhere else than at the token `beside`, or is known."""
        return name in self._elsewhere or bool(self._starts.get(name, set[int]()) - {beside})

    @cached_property
    def _starts(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for start, end, label in self._parse.entities:
            if self._base.get(label) in NAMED:
                found.setdefault(self._parse.surface(start, end), set()).add(start)
        return found

    @cached_property
    def _elsewhere(self) -> set[str]:
        surnames = {
            self._parse.words[end - 1]
            for start, end, label in self._parse.entities
            if self._base.get(label) == "person" and end - start > 1
        }
        return surnames | {self._parse.surface(one.start, one.end) for one in self._known}
