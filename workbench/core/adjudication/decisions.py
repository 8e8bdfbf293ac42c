"""What was decided about the things that annotators of one article say differently, and by whom."""

from collections.abc import Iterable, Mapping
from typing import Literal

from workbench.core.adjudication.wording import NOTHING, quoted
from workbench.core.frozen import Frozen

Kind = Literal["span", "boundary", "label", "attribute", "role", "document", "other"]
"""What is decided: whether a span is there, where it ends, its label, an attribute, the roles that one span plays for
another, a choice about the text, or what a control says that is of no known kind."""

By = Literal["all", "majority", "authority", "seniority", "person"]
"""What decides: that all say the same, a policy, or a person in a review task."""


class Said(Frozen):
    """An answer, in words, and who gives it."""

    value: str
    people: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.value} ({', '.join(self.people)})"


class Decision(Frozen):
    """One thing on which annotators differ, and what was decided; `by` None leaves it to a person.

    `span` is its id in the merged set, or would be if it were there; None for what is said of the text. `start` and `end`
    (half-open, code points) hold everything that somebody marked, `text` is what was marked. `name` is the attribute, or
    the text of the span that plays the role, whose id is `target`. `chosen` stands in the merged set; of what is left to a
    person, it is what is suggested. `who` is the annotator whose word counted, or the person who decided. `before` is what
    stood in the merged set, where a person changed what was not in dispute.
    """

    kind: Kind
    layer: str = ""
    span: str | None = None
    target: str | None = None
    start: int | None = None
    end: int | None = None
    text: str = ""
    name: str = ""
    said: tuple[Said, ...] = ()
    chosen: str = NOTHING
    by: By | None = None
    who: str = ""
    before: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody and no policy has decided it."""
        return self.by is None

    @property
    def about(self) -> str:
        """What is decided, in words."""
        words = f"{self.layer} {quoted(self.text)}".strip() if self.text else self.layer
        match self.kind:
            case "document":
                return f"{self.name} of the text"
            case "role":
                return f"{words}: role of {quoted(self.name)}"
            case "attribute" | "other":
                return f"{words}: {self.name}" if words else self.name
            case "boundary":
                return f"{words}: where it begins and ends"
            case "label":
                return f"{words}: its label"
            case "span":
                return words

    def __str__(self) -> str:
        return f"{self.about}: {' or '.join(map(str, self.said))}"

    def with_names(self, names: Mapping[str, str]) -> "Decision":
        """The same with other names for the people who said something."""
        said = tuple(
            one.model_copy(update={"people": tuple(names.get(who, who) for who in one.people)}) for one in self.said
        )
        return self.model_copy(update={"said": said})


def grouped(votes: Iterable[tuple[str, str]]) -> tuple[Said, ...]:
    """The answers with those who give them, from pairs of a person and an answer; the most frequent first."""
    by_value: dict[str, list[str]] = {}
    for person, value in sorted(votes):
        by_value.setdefault(value, []).append(person)
    ranked = sorted(by_value.items(), key=lambda one: (-len(one[1]), one[0] == NOTHING, one[1]))
    return tuple(Said(value=value, people=tuple(people)) for value, people in ranked)
