"""One document, one name, one label: what the places where a name stands say of each other."""

from collections import Counter
from collections.abc import Iterable, Iterator

from workbench.preannotate.mention import STRENGTH, Mention
from workbench.preannotate.syntax import Parse


class Consistency:
    """Settles the kinds of names by all their mentions, and finds further ones."""

    def __init__(self, words: dict[str, frozenset[str]]) -> None:
        self._words = words

    def agree(self, parse: Parse, mentions: list[Mention]) -> list[Mention]:
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

    def repeated(self, parse: Parse, mentions: list[Mention]) -> Iterator[Mention]:
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
