"""Mentions that are one name: Razatul Aliah | Abdul Razak, Honda | Malaysia; and those that are part of another."""

from collections.abc import Iterator

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.entities.nameparts import NameParts
from workbench.preannotate.rules.syntax import Parse


class Joiner:
    """Joins what the base pipeline took apart, and leaves out parts of names that are no entities of ours."""

    def __init__(self, parts: NameParts, words: dict[str, frozenset[str]]) -> None:
        self._parts = parts
        self._words = words

    def join(self, parse: Parse, mentions: list[Mention]) -> list[Mention]:
        """The mentions, in text order, joined and extended."""
        joined: list[Mention] = []
        for mention in mentions:
            before = joined[-1] if joined else None
            one = self._one(parse, before, mention) if before is not None else None
            if one is not None:
                joined[-1] = one
            else:
                joined.append(mention)
        return list(self._extended(parse, joined))

    def _one(self, parse: Parse, before: Mention, mention: Mention) -> Mention | None:
        """The name that two mentions side by side are, if they are one."""
        if "user" in (before.source, mention.source):
            return None
        if before.end != mention.start or parse.sentence[before.start] != parse.sentence[mention.start]:
            return None
        if "\n" in parse.text[parse.end[before.end - 1] : parse.start[mention.start]]:
            return None
        if before.kind == mention.kind == "person" and "base" in (before.source, mention.source):
            return Mention(before.start, mention.end, "person", "base")
        first, last = before.end - 1, mention.end - 1
        single = before.end - before.start == mention.end - mention.start == 1
        part = (parse.dep[first], parse.head[first]) == ("compound", last)
        if single and part and (before.kind, mention.kind, mention.source) == ("gpe", "person", "base"):
            return Mention(before.start, mention.end, "person", "base")
        if (
            (before.kind, before.source, mention.kind) == ("org", "base", "gpe")
            and part
            and parse.dep[last] in ("nsubj", "nsubjpass", "pobj", "dobj")
        ):
            return Mention(before.start, mention.end, "org", "base")
        return None

    def _extended(self, parse: Parse, mentions: list[Mention]) -> Iterator[Mention]:
        """Persons with the first word of their name, where the base pipeline left that out: Ng | Tze Yong."""
        taken = {token for mention in mentions for token in mention.tokens}
        for mention in mentions:
            start = mention.start
            surname = mention.source == "gazetteer" and mention.end - mention.start == 1
            if mention.kind == "person" and (surname or mention.source in ("base", "title")):
                before = start - 1
                if (
                    before in parse.sentence_of(start)
                    and before not in taken
                    and parse.pos[before] == "PROPN"
                    and parse.dep[before] == "compound"
                    and parse.head[before] in mention.tokens
                    and self._parts.could_name(parse, before)
                    and not parse.words[before].isupper()
                    and parse.low[before] not in self._words["never_person"]
                    and (before == 0 or not parse.capital(before - 1) or before - 1 in taken)
                ):
                    start = before
            source = "base" if surname else mention.source
            yield mention if start == mention.start else Mention(start, mention.end, "person", source)

    def kept(self, parse: Parse, mentions: list[Mention]) -> Iterator[Mention]:
        """The mentions without those that are, or lie within, names of no entity of ours: the Malaysia Cup."""
        for mention in mentions:
            last, after = mention.end - 1, mention.end
            if mention.source == "user":
                yield mention
                continue
            if mention.source != "gazetteer" and parse.low[last] in self._words["unlabelled_head"]:
                continue
            if after < len(parse) and self._is_within(parse, mention, after):
                continue
            if mention.source == "base" and mention.kind == "org" and self._is_portfolio(parse, mention):
                continue
            yield mention

    def _is_within(self, parse: Parse, mention: Mention, after: int) -> bool:
        """Whether a name goes on to be one of no entity of ours: the Malaysia | Cup, the Paris | Olympics."""
        head = parse.low[after] in self._words["unlabelled_head"] and parse.capital(after)
        return head and not parse.words[after].isupper() and mention.kind != "person"

    def _is_portfolio(self, parse: Parse, mention: Mention) -> bool:
        """Whether a name is what a minister is for: the minister of *Education*."""
        first = mention.start
        if first < 2 or parse.low[first - 1] not in ("of", "for") or parse.words[first].isupper():
            return False
        return parse.low[first - 2] in self._words["portfolio_holder"]
