"""How sure the rules are: the share of right suggestions of each kind, in data/scores.tsv.

The shares come from texts with gold annotations, smoothed towards the share of all suggestions of their layer; what has
a share below its threshold is not suggested, since deleting it would cost more than adding it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from workbench.preannotate.rules.entities.mention import Mention, Mentions
from workbench.preannotate.rules.events.frame import PAIR, Frame, Role
from workbench.preannotate.rules.findings import Findings
from workbench.preannotate.rules.tables import rows

FILE = "scores.tsv"
UNKNOWN = 0.5


@dataclass
class Scored:
    """Findings with scores, without those that are too unsure."""

    mentions: Mentions
    nameless: list[Mention]
    events: list[Frame]
    stances: list[Frame]


@dataclass
class Scores:
    """Shares by kind, and the least share that is suggested, by layer ("entity", "event", "stance", "role")."""

    shares: dict[str, float]
    thresholds: dict[str, float]

    @classmethod
    def load(cls) -> "Scores":
        """The shares that ship."""
        shares: dict[str, float] = {}
        thresholds: dict[str, float] = {}
        for _, row in rows(FILE):
            table = thresholds if row["what"] == "threshold" else shares
            table[row["kind"]] = float(row["share"])
        return cls(shares, thresholds)

    def of(self, kinds: Iterator[str]) -> float:
        """The share of the first of these kinds, the most special first, that is known."""
        return next((self.shares[kind] for kind in kinds if kind in self.shares), UNKNOWN)

    def least(self, layer: str, label: str) -> float:
        """The least share that is suggested of a label."""
        return self.thresholds.get(f"{layer} {label}", self.thresholds.get(layer, 0.0))

    def apply(self, findings: Findings) -> Scored:
        """The findings with their scores; those below the threshold of their label are left out."""
        for mention in (*findings.mentions.all, *findings.nameless):
            mention.score = self.of(mention_kinds(mention))
        kept = [m for m in findings.mentions.all if m.score >= self.least("entity", m.kind)]
        for frame in findings.stances:
            if frame.judged:
                continue
            ruled = [role for role in frame.roles if role.route != PAIR]
            for role in ruled:
                role.score = self.of(role_kinds(role, frame))
            low = {id(role) for role in ruled if role.score < self.least("role", role.name)}
            frame.roles = [role for role in frame.roles if id(role) not in low]
        return Scored(
            replace(findings.mentions, all=kept),
            findings.nameless,
            self._shown(findings.events, "event"),
            self._shown(findings.stances, "stance"),
        )

    def _shown(self, frames: list[Frame], layer: str) -> list[Frame]:
        for frame in frames:
            if not frame.judged:
                frame.score = self.of(frame_kinds(frame, layer))
        return [frame for frame in frames if frame.judged or frame.score >= self.least(layer, frame.label)]


def mention_kinds(mention: Mention) -> Iterator[str]:
    """What the score of an entity is looked up by."""
    yield f"entity {mention.kind} {mention.source}"
    yield f"entity {mention.kind}"
    yield "entity"


def frame_kinds(frame: Frame, layer: str) -> Iterator[str]:
    """What the score of an event or a stance is looked up by."""
    yield f"{layer} {frame.label} {frame.kind}"
    yield f"{layer} {frame.kind}"
    yield f"{layer} {frame.label}"
    yield layer


def role_kinds(role: Role, frame: Frame) -> Iterator[str]:
    """What the score of a role of a stance is looked up by."""
    pos = frame.entry.pos if frame.entry is not None else "x"
    yield f"role {role.name} {pos} {role.route}"
    yield f"role {role.name} {role.route}"
    yield f"role {role.name}"
    yield "role"
