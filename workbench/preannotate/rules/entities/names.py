"""The gazetteer: names of countries, peoples, places, bodies and persons, found by their tokens."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from workbench.preannotate.rules.syntax import Parse
from workbench.preannotate.rules.tables import rows, values

Tokenize = Callable[[str], list[str]]


@dataclass(frozen=True)
class Name:
    """A name as tokens, its kind (a concept), and what it stands for (a country, a full name)."""

    tokens: tuple[str, ...]
    kind: str
    stands_for: str


@dataclass
class Gazetteer:
    """All names, by their first token; the longest come first."""

    by_first: dict[str, list[Name]] = field(default_factory=dict[str, list[Name]])

    @classmethod
    def load(cls, tokenize: Tokenize) -> "Gazetteer":
        """The names that ship. `tokenize` is the pipeline's, so that names are cut as texts are."""
        gazetteer = cls()
        gazetteer.add(shipped(), tokenize)
        return gazetteer

    def add(self, names: Iterable[tuple[str, str, str]], tokenize: Tokenize) -> None:
        """Adds names, given as text, kind, and what they stand for; the first kind of a name stays."""
        known = {name.tokens for found in self.by_first.values() for name in found}
        for text, kind, stands_for in names:
            for tokens in {tuple(tokenize(text)), tuple(tokenize(text.replace("'", "’")))}:
                if tokens and tokens not in known:
                    known.add(tokens)
                    name = Name(tokens, kind, stands_for)
                    for key in {tokens[0], tokens[0].upper()}:
                        self.by_first.setdefault(key, []).append(name)
        for found in self.by_first.values():
            found.sort(key=lambda name: -len(name.tokens))

    def matches(self, parse: Parse) -> Iterator[tuple[int, int, Name]]:
        """Every name in the text: first token, one past the last; the longest at each place, none within another."""
        words, position = parse.words, 0
        while position < len(words):
            taken = 1
            for name in self.by_first.get(words[position], ()):
                end = position + len(name.tokens)
                if same(words[position:end], name.tokens):
                    yield position, end, name
                    taken = len(name.tokens)
                    break
            position += taken


def same(found: list[str], name: tuple[str, ...]) -> bool:
    """Whether the tokens are the name's, as it is written or all in capitals (names of four letters and more)."""
    if tuple(found) == name:
        return True
    return len(found) == len(name) and all(
        word == part or (word.isupper() and word == part.upper() and (len(word) > 3 or len(name) > 1))
        for word, part in zip(found, name, strict=True)
    )


def shipped() -> Iterator[tuple[str, str, str]]:
    """Text, kind and what it stands for, of every name that ships."""
    for _, row in rows("names.tsv"):
        for name in values(row["names"]):
            yield name, row["kind"], row["stands for"]
    for _, row in rows("countries.tsv"):
        country = row["country"]
        for name in (country, *values(row["other names"]), *values(row["capital"])):
            yield name, "gpe", country
        for name in values(row["people"]):
            yield name, "norp", country
