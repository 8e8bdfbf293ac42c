"""Weights of what speaks for a verdict, as a table that benchmarks/calibrate.py learned: data/roles.tsv, judgements.tsv."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from workbench.preannotate.rules.tables import rows

FILE = "roles.tsv"
LEAST = 0.5


@dataclass
class Weights:
    """Weights by group and feature; a group is a role or a stance.

    `least` holds the least probability that is suggested, by role or stance.
    """

    table: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    least: dict[str, float] = field(default_factory=dict[str, float])

    @classmethod
    def load(cls, name: str = FILE) -> "Weights":
        """The weights of a table that ships."""
        weights = cls()
        for _, row in rows(name):
            if row["group"] == "threshold":
                weights.least[row["feature"]] = float(row["weight"])
            else:
                weights.table.setdefault(row["group"], {})[row["feature"]] = float(row["weight"])
        return weights

    def total(self, group: str, features: Iterable[str]) -> float:
        """The sum of the weights of these features; those that are not known have none."""
        known = self.table.get(group)
        if known is None:
            return 0.0
        return sum(filter(None, map(known.get, features)))


def likelihood(total: float) -> float:
    """The probability that a sum of weights stands for."""
    return 1 / (1 + math.exp(-total))
