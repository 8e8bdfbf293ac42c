"""Who is right where annotators differ: authority, majority, seniority, in this order, or nobody."""

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import Generic, NamedTuple, TypeVar

from pydantic import Field

from workbench.core.adjudication.decisions import By
from workbench.core.options import Options

DOCUMENT = "document"
"""What is said of the text as a whole, as the name of a layer."""
Answer = TypeVar("Answer", bound=Hashable)


class Policies(Options):
    """What decides where not all say the same.

    First the annotator who has `authority` over the layer, then what more than half of those say who had a say, then
    whoever comes first in the order of `seniority`. Nothing of it decides what these have no say in.
    """

    majority: bool = False
    authority: dict[str, str] = Field(default_factory=dict)
    seniority: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = [f"authority of {who} over {layer}" for layer, who in sorted(self.authority.items())]
        said += ["majority"] * self.majority
        said += [f"seniority of {', '.join(self.seniority)}"] if self.seniority else []
        return "; ".join(said) or "none"


class Verdict(NamedTuple, Generic[Answer]):
    """An answer; `by` is None where it is only what most say, or the first of them, and nobody has decided."""

    answer: Answer
    by: By | None
    who: str = ""


def decide(votes: Mapping[str, Answer], layer: str, policies: Policies) -> Verdict[Answer]:
    """The answer that counts, of those that people gave by name; there is one at least."""
    counts = Counter(votes.values())
    if len(counts) == 1:
        return Verdict(next(iter(counts)), "all")
    authority = policies.authority.get(layer)
    if authority is not None and authority in votes:
        return Verdict(votes[authority], "authority", authority)
    first = {answer: min(who for who, said in votes.items() if said == answer) for answer in counts}
    most = min(counts, key=lambda answer: (-counts[answer], first[answer]))
    if policies.majority and 2 * counts[most] > len(votes):
        return Verdict(most, "majority")
    senior = next((who for who in policies.seniority if who in votes), None)
    if senior is not None:
        return Verdict(votes[senior], "seniority", senior)
    return Verdict(most, None)
