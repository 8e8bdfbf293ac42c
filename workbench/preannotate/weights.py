"""Weights of what speaks for an entity in a role, as a table: data/roles.tsv, learned by benchmarks/calibrate.py."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from workbench.preannotate.tables import rows

FILE = "roles.tsv"
LEAST = 0.5


@dataclass
class Weights:
    """Weights by group and feature; a group is a role and how the entity came up for it.

    `least` holds the least probability that is suggested, by role.
    """

    table: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    least: dict[str, float] = field(default_factory=dict[str, float])

    @classmethod
    def load(cls) -> "Weights":
        """The weights that ship."""
        weights = cls()
        for _, row in rows(FILE):
            if row["group"] == "threshold":
                weights.least[row["feature"]] = float(row["weight"])
            else:
                weights.table.setdefault(row["group"], {})[row["feature"]] = float(row["weight"])
        return weights

    def probability(self, group: str, features: Iterable[str]) -> float:
        """How likely it is that the entity plays the role: logistic in the sum of its weights."""
        known = self.table.get(group)
        if known is None:
            return 0.0
        get = known.get
        return 1 / (1 + math.exp(-sum(get(feature, 0.0) for feature in features)))
