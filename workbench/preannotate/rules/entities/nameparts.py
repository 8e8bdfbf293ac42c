"""What a word can be in a name: part of one, a head that says what it is, a people, a known place."""

import re

from workbench.preannotate.rules.entities.names import Gazetteer
from workbench.preannotate.rules.syntax import Parse

_INITIAL = re.compile(r"^[A-Z]\.?$")


class NameParts:
    """Answers what all that look for names ask. `heads` are the words that say what a name is, with its kind."""

    def __init__(self, names: Gazetteer, words: dict[str, frozenset[str]]) -> None:
        self._names = names
        self._words = words
        self._no_names = words["title"] | words["not_a_name"] | words["org_head"]
        self.heads = {
            **dict.fromkeys(words["work_head"], "work"),
            **dict.fromkeys(words["loc_head"], "loc"),
            **dict.fromkeys(words["gpe_head"], "gpe"),
            **dict.fromkeys(words["fac_head"], "fac"),
            **dict.fromkeys(words["org_head"], "org"),
        }

    def shouts(self, parse: Parse, token: int) -> bool:
        """Whether the whole sentence is in capitals, so that capitals tell nothing."""
        return all(word.isupper() or not word.isalpha() for word in (parse.words[t] for t in parse.sentence_of(token)))

    def is_name_part(self, parse: Parse, token: int, head: int) -> bool:
        """Whether a title belongs to a name: Foreign Ministry, Prime Minister's Office, Justice Department."""
        low, after = parse.low[token], parse.low[token + 1] if token + 1 < len(parse) else ""
        if low in ("foreign", "justice", "defence", "treasury", "prime", "general"):
            return True
        if low in ("secretary", "state", "judge"):
            return False
        return after in ("'s", "’s") or (low in ("minister",) and after in ("'s", "’s"))

    def is_people(self, parse: Parse, token: int) -> bool:
        """Whether a word alone names a people or a place with a government."""
        return any(
            name.kind in ("norp", "gpe") and len(name.tokens) == 1
            for name in self._names.by_first.get(parse.words[token], ())
        )

    def is_body(self, parse: Parse, token: int) -> bool:
        """Whether a word alone is the name of an organisation."""
        return any(
            name.kind == "org" and len(name.tokens) == 1 for name in self._names.by_first.get(parse.words[token], ())
        )

    def is_known(self, parse: Parse, token: int) -> bool:
        """Whether a word alone is a name that cannot be the beginning of a body's: Trump's | EPA."""
        kinds = ("norp", "gpe", "person")
        return any(
            name.kind in kinds and len(name.tokens) == 1 for name in self._names.by_first.get(parse.words[token], ())
        )

    def could_name(self, parse: Parse, token: int) -> bool:
        """Whether a word can be part of a person's name."""
        low, word = parse.low[token], parse.words[token]
        if not word[:1].isupper() or parse.tag[token] in ("POS",) or not word[0].isalpha():
            return False
        if _INITIAL.match(word):
            return True
        if low in self.heads and parse.words[token].istitle() and parse.pos[token] != "PROPN":
            return False
        if low in self._words["surname_title"] and token and parse.capital(token - 1) and parse.words[token].istitle():
            return parse.low[token - 1] not in self._words["title"]
        return low.rstrip(".") not in self._no_names

    def known_place(self, parse: Parse, first: int, end: int) -> bool:
        """Whether the words begin with a name of the gazetteer that is no person's."""
        tokens = tuple(parse.words[first:end])
        return (
            any(
                name.kind != "person" and name.tokens == tokens[: len(name.tokens)]
                for name in self._names.by_first.get(tokens[0], ())
            )
            and end - first < 3
        )
