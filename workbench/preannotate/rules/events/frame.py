"""An event or a stance as the rules have it: its words, who plays which role, and how that was found."""

from dataclasses import dataclass, field

from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.lexicon import Entry

PAIR = "pair"
"""The route of a role whose score comes from learned weights."""


@dataclass
class Role:
    """A role of a frame: its concept, the entity or frame that fills it, and how that was found."""

    name: str
    filler: "Mention | Frame"
    route: str
    score: float = 1.0


@dataclass
class Frame:
    """An event or a stance: tokens of its trigger or expression, the head token, roles, attributes by concept.

    `judged`: its score and those of its roles come from learned weights.
    """

    label: str
    start: int
    end: int
    head: int
    entry: Entry | None
    kind: str
    roles: list[Role] = field(default_factory=list[Role])
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    id: str = ""
    score: float = 1.0
    judged: bool = False

    def add(self, name: str, filler: "Mention | Frame", route: str, score: float = 1.0) -> None:
        """Adds a role, unless the filler plays one already."""
        if all(role.filler is not filler for role in self.roles):
            self.roles.append(Role(name, filler, route, score))

    def playing(self, name: str) -> list[Role]:
        return [role for role in self.roles if role.name == name]
