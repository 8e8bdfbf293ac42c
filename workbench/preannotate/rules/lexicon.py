"""The lexicon: which words name an event or show a stance, and where their roles stand. See data/lexicon.tsv."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import SettingsError
from workbench.preannotate.rules.tables import rows, text_of, values

FILE = "lexicon.tsv"
CATEGORIES = "categories.tsv"
CONDITIONS = {
    "prt": "=",
    "prep": "=~",
    "obj": "=~",
    "mod": "=~",
    "omod": "~",
    "subj": "~",
    "inf": "=~",
    "as": "~",
    "in": "~",
    "comp": "~",
    "gov": "~",
    "neg": "=",
    "noneg": "",
    "noobj": "",
    "several": "",
}
PREPOSITIONS = frozenset(
    {
        "to",
        "with",
        "on",
        "at",
        "for",
        "from",
        "against",
        "into",
        "in",
        "of",
        "by",
        "over",
        "about",
        "between",
        "through",
    }
)
_UNWORDED = frozenset({"neg", "noneg", "comp"})
"""Conditions whose values are no words of the sentence as it stands."""
_KINDS = "@#"
"""What the values begin with that are no words, but what words can be."""
PARTS_OF_SPEECH = ("v", "n", "a", "e")
NONE = "-"
"""The category of a use that is no event, where a row with fewer conditions would find one."""
_CONDITION = re.compile(r"^(\w+)(?:([=~])(\S+))?$")
_DEFAULTS = {
    "v": {"actor": "subj", "recipient": "obj", "target": "obj|comp"},
    "n": {"actor": "poss|by|between|from|via|mod", "recipient": "against|on|with", "target": "of|for|to"},
    "a": {"actor": "subj", "recipient": "", "target": "comp"},
    "e": {"actor": "", "recipient": "", "target": ""},
}


@dataclass(frozen=True)
class Condition:
    """What must be there besides the word. `inside`: it belongs to the trigger."""

    what: str
    values: tuple[str, ...] = ()
    inside: bool = False

    def words(self) -> frozenset[str]:
        """The words, one of which stands in the sentence where the condition holds; none where that is not so."""
        if self.what in _UNWORDED or any(value[0] in _KINDS for value in self.values):
            return frozenset()
        return frozenset(value.partition("~")[0] for value in self.values)


@dataclass(frozen=True)
class Entry:
    """One use of a word. `category` or `stance` is empty where it is no event or no stance.

    `line` is where it stands in the table. `flips`: negation turns the stance round. `weak`: it names an event only where
    its context says so.
    """

    line: int
    pos: str
    conditions: tuple[Condition, ...]
    category: str
    stance: str
    flips: bool
    actor: tuple[str, ...]
    recipient: tuple[str, ...]
    place: tuple[str, ...]
    target: tuple[str, ...]
    effect: str
    controller: str
    weak: bool = False
    words: tuple[frozenset[str], ...] = ()
    """Of each, one word at least stands in every sentence that the use fits, as it is or in its base form."""


@dataclass
class Lexicon:
    """Entries by word and part of speech, those with more conditions first, of these those that name words."""

    events: dict[tuple[str, str], list[Entry]] = field(default_factory=dict[tuple[str, str], list[Entry]])
    stances: dict[tuple[str, str], list[Entry]] = field(default_factory=dict[tuple[str, str], list[Entry]])
    mutual: frozenset[str] = frozenset()
    """Categories whose nouns name what two do together: in *talks* with X, X is an actor as well."""
    deeds: frozenset[str] = frozenset()
    """Categories of events that a general noun can take up: *the operation*."""
    answering: frozenset[str] = frozenset()
    """Categories that tell what somebody says to another: told X that they would *not accept* it."""
    hitting: frozenset[str] = frozenset()
    """Categories that hit places, which are where they happen and not to whom: strikes on *Lebanon*."""
    gained: frozenset[str] = frozenset()
    """Categories whose nouns name what somebody gets: *Chad* drew criticism."""

    @classmethod
    def load(cls, own: Path | None = None) -> "Lexicon":
        """The lexicon that ships, or the user's own in its place.

        Raises:
            SettingsError: a row says what the table cannot say; it names the line.
        """
        categories = {row["category"]: row for _, row in rows(CATEGORIES)}
        lexicon = cls(
            mutual=frozenset(name for name, row in categories.items() if row["mutual"]),
            deeds=frozenset(name for name, row in categories.items() if row["deed"]),
            answering=frozenset(name for name, row in categories.items() if row["answering"]),
            hitting=frozenset(name for name, row in categories.items() if row["hitting"]),
            gained=frozenset(name for name, row in categories.items() if row["gained"]),
        )
        for line, row in rows(FILE, text=text_of(FILE, own)):
            usual = categories.get(row["category"].rstrip("?"), {}).get(row["pos"], "")
            entry = _entry(str(own or FILE), line, row, usual)
            for word in values(row["lemma"]):
                for table, wanted in ((lexicon.events, entry.category), (lexicon.stances, entry.stance)):
                    if wanted:
                        table.setdefault((word.lower(), entry.pos), []).append(entry)
        for table in (lexicon.events, lexicon.stances):
            for entries in table.values():
                entries.sort(key=specific)
        return lexicon

    def words(self) -> set[str]:
        """The words that have a use, and those that conditions name."""
        found = {word for table in (self.events, self.stances) for word, _ in table}
        for table in (self.events, self.stances):
            for entries in table.values():
                for entry in entries:
                    for condition in entry.conditions:
                        found.update(word for value in condition.values for word in value.split("~"))
        return {word for word in found if word.isalpha()}

    def labels(self) -> tuple[set[str], set[str]]:
        """Categories and stances that some entry has."""
        events = {entry.category for entries in self.events.values() for entry in entries}
        return events - {NONE}, {entry.stance for entries in self.stances.values() for entry in entries}


def refuses(entry: Entry) -> bool:
    """Whether a word names a refusal by its negation: did *not accept*."""
    return any(condition.what == "neg" for condition in entry.conditions)


def specific(entry: Entry) -> tuple[bool, int, int, int]:
    """What orders the uses of a word: more conditions first, of these those that name words, and then a particle.

    Weak ones come last.
    """
    named = [condition for condition in entry.conditions if condition.values]
    return entry.weak, -len(entry.conditions), -len(named), -sum(condition.what == "prt" for condition in named)


def _entry(name: str, line: int, row: dict[str, str], usual: str) -> Entry:
    """The entry of a row; `usual` is what its category makes of an event below."""
    if row["pos"] not in PARTS_OF_SPEECH:
        raise SettingsError(f"{name}, line {line}: pos is {row['pos']!r}, not one of {', '.join(PARTS_OF_SPEECH)}")
    effect, _, controller = (row["object"] or usual).replace("-", "").partition(" ")
    defaults = _DEFAULTS[row["pos"]]
    conditions = tuple(_conditions(name, line, row["with"].split()))
    return Entry(
        line=line,
        pos=row["pos"],
        conditions=conditions,
        category=row["category"].rstrip("?"),
        stance=row["stance"].rstrip("!"),
        flips=not row["stance"].endswith("!"),
        actor=_paths(row["actor"] or defaults["actor"]),
        recipient=_paths(row["recipient"] or defaults["recipient"]),
        place=_paths(row["place"]),
        target=_paths(row["target"] or defaults["target"]),
        effect=effect,
        controller=controller or "actor",
        weak=row["category"].endswith("?"),
        words=tuple(words for condition in conditions if (words := condition.words())),
    )


def _may_be_bare(what: str) -> bool:
    """Whether a condition can stand without values."""
    return what in ("obj", "in", "comp", "neg", "noneg", "noobj", "inf", "several", "as")


def _paths(cell: str) -> tuple[str, ...]:
    return () if cell == "-" else values(cell)


def _conditions(name: str, line: int, texts: Iterable[str]) -> Iterable[Condition]:
    for text in texts:
        match = _CONDITION.match(text)
        what = match.group(1) if match else ""
        known = CONDITIONS.get(what) or ("~" if what in PREPOSITIONS else CONDITIONS.get(what))
        bare = match is not None and not match.group(2)
        if (
            match is None
            or known is None
            or (bare and not _may_be_bare(match.group(1)))
            or (match.group(2) or "") not in known
        ):
            raise SettingsError(
                f"{name}, line {line}: {text!r} is not a condition; known: {', '.join(CONDITIONS)}",
                hint="the comment at the top of the shipped lexicon.tsv explains them",
            )
        given = values(match.group(3) or "")
        yield Condition(match.group(1), given, match.group(2) == "=")
