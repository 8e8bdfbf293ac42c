"""Who is who: persons by their full names, whatever the spelling, in a text and across the articles of a story."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from workbench.preannotate.rules.entities import spellings
from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.syntax import Parse


@dataclass
class Persons:
    """Full names by surname and first letter, as spellings are compared; "" where a surname has several bearers."""

    by_name: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    by_surname: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, names: Iterable[str]) -> "Persons":
        """The persons of full names; the first spelling of each is the one that it goes by."""
        persons = cls()
        for name in names:
            first, _, rest = name.partition(" ")
            if rest:
                surname = _key(name)
                full = persons.by_name.setdefault((surname, first[0]), name)
                if persons.by_surname.setdefault(surname, full) != full:
                    persons.by_surname[surname] = ""
        return persons

    def of_name(self, name: str) -> str:
        """The full name that a full name in any spelling goes by; "" for an unknown one."""
        return self.by_name.get((_key(name), name[0]), "")

    def of_surname(self, surname: str) -> str:
        """The full name of the one person with this surname, in any spelling; "" where there is none, or several."""
        return self.by_surname.get(_key(surname), "")


def full_names(parse: Parse, mentions: Iterable[Mention]) -> list[str]:
    """The persons' names of two words and more, as a text has them, or as they are known."""
    return [
        (mention.norm if mention.source in ("gazetteer", "user") else "") or parse.surface(mention.start, mention.end)
        for mention in mentions
        if mention.kind == "person" and mention.end - mention.start > 1
    ]


def of_story(texts: Iterable[list[str]]) -> Persons:
    """The persons of a story's articles: each goes by the spelling that most articles have."""
    counts = Counter(name for names in texts for name in set(names))
    return Persons.of(sorted(counts, key=lambda name: (-counts[name], name)))


def _key(name: str) -> str:
    surname = name.rpartition(" ")[2]
    return spellings.key(surname) or surname.lower()
