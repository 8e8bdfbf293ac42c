"""Words that judge whom they are said of, as a table: data/opinions.tsv."""

from dataclasses import dataclass, field

from workbench.errors import SettingsError
from workbench.preannotate.rules.tables import rows, values

FILE = "opinions.tsv"
POS = {"VERB": "v", "AUX": "v", "NOUN": "n", "ADJ": "a", "ADV": "a"}
"""The parts of speech that can judge, with what the table calls them."""


@dataclass(frozen=True)
class Opinion:
    """What a word tells: the stance of whoever uses it, and the kind of judgement that it is."""

    stance: str
    kind: str
    pos: str


@dataclass
class Opinions:
    """What words tell, by word and part of speech."""

    table: dict[tuple[str, str], Opinion] = field(default_factory=dict[tuple[str, str], Opinion])

    @classmethod
    def load(cls) -> "Opinions":
        """The words that ship; where one stands in several rows, the first counts.

        Raises:
            SettingsError: a row has a part of speech that is none.
        """
        opinions = cls()
        for line, row in rows(FILE):
            if row["pos"] not in ("v", "n", "a"):
                raise SettingsError(f"{FILE}, line {line}: pos is {row['pos']!r}, not one of v, n, a")
            opinion = Opinion(row["stance"], row["kind"], row["pos"])
            for word in values(row["words"]):
                opinions.table.setdefault((word, row["pos"]), opinion)
        return opinions

    def of(self, lemma: str, low: str, pos: str, tag: str) -> Opinion | None:
        """What a word tells, by its lemma, its form and what the parse takes it for; None where it tells nothing."""
        wanted = POS.get(pos)
        if wanted is None:
            return None
        also = {"a": "v" if tag in ("VBN", "VBG") else "", "v": "a"}.get(wanted, "")
        for one in (wanted, also) if also else (wanted,):
            found = self.table.get((lemma, one)) or self.table.get((low, one))
            if found is not None:
                return found
        return None
