"""Learns workbench/preannotate/rules/data/pairs.tsv: what speaks for a holder or a target of an expression. Called by calibrate.py.

From the train and dev parts of the samples, in the way of `regression.py`: a logistic regression for each role. What is reported
comes from folds of affairs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from regression import Example, in_folds, learn, write

from workbench.core.annotations import AnnotationSet
from workbench.preannotate.rules.concepts import Concepts
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.findings import Findings
from workbench.preannotate.rules.stances.pairs import HOLDER, TARGET, Pair

FEWEST = 5
PENALTY = 8.0
ROLES = (HOLDER, TARGET)
ABOUT = 0.95
"""Of thresholds that save about the same, the lowest for targets: a wrong one is gone with a click, a missing one takes several."""
GRID = (0.2, 0.3, 0.35, 0.4, 0.5, 0.6)
OUT = Path(__file__).parents[1] / "workbench/preannotate/rules/data/pairs.tsv"
HEAD = """\
# What speaks for a holder and for a target of a stance that no rule gives one: `python benchmarks/calibrate.py` learns this
# file from the train and dev parts of the sample corpus. group: the role. threshold: the least probability that is filled
# in, by what costs the fewest corrections in folds of affairs. Own work; licence: MIT, as the project.
group	feature	weight
"""


@dataclass
class Expression:
    """An expression with its pairs. `sure`: the rules give it both roles; `right`: the gold annotation has it.

    `closed`: it counts only with a holder that the rules give.
    """

    story: str
    sure: bool
    right: bool
    closed: bool
    given: dict[str, bool] = field(default_factory=dict[str, bool])
    """Whether what the rules give for a role is right, for the roles that they give."""
    pairs: list[tuple[Pair, bool]] = field(default_factory=list[tuple[Pair, bool]])

    def examples(self) -> Iterator[Example]:
        """The pairs as examples to learn from."""
        for pair, right in self.pairs:
            yield Example(self.story, pair.role, pair.role, list(pair.features), right, sample=True)


def of_sample(findings: Findings, gold: AnnotationSet, concepts: Concepts, story: str) -> Iterator[Expression]:
    """What the rules find before anybody judges: stances with both roles, and those that lack one."""
    names = concepts.stances
    if names is None:
        return
    taken = {token for frame in findings.stances for token in range(frame.start, frame.end)}
    loose = [frame for frame in findings.loose if not taken.intersection(range(frame.start, frame.end))]
    parse, by_id, pairs = findings.parse, gold.by_id(), findings.pairs
    for frame, sure in [*((f, True) for f in findings.stances), *((f, False) for f in loose)]:
        start, end = parse.start[frame.start], parse.end[frame.end - 1]
        label = names.labels.get(frame.label)
        near = [s for s in gold.layers[names.layer] if s.label == label and s.start < end and start < s.end]
        found = Expression(story, sure, bool(near), pairs.is_closed(frame))
        for role in ROLES:
            wanted = [by_id[a.target][1].offsets for s in near for a in s.arguments if a.role == names.roles.get(role)]
            tops = {parse.top(*tokens) for place in wanted if (tokens := parse.tokens_at(*place)) is not None}
            if frame.playing(role):
                found.given[role] = any(_over(findings, frame, role, place) for place in wanted)
            for pair in pairs.of(frame, role):
                right = pair.token in tops
                if pair.mention is not None:
                    first, last = parse.start[pair.mention.start], parse.end[pair.mention.end - 1]
                    right = any(low < last and first < top for low, top in wanted)
                found.pairs.append((pair, right))
        yield found


def _over(findings: Findings, frame: Frame, role: str, place: tuple[int, int]) -> bool:
    parse = findings.parse
    fillers = [one.filler for one in frame.playing(role)]
    return any(parse.start[f.start] < place[1] and place[0] < parse.end[f.end - 1] for f in fillers)


def learned(expressions: Sequence[Expression]) -> Iterator[str]:
    """Learns and writes the table; says what it would do to texts that it was not learned from."""
    examples = [example for one in expressions for example in one.examples()]
    probabilities = iter(in_folds(examples, FEWEST, PENALTY))
    scored = [(one, [(next(probabilities), pair, right) for pair, right in one.pairs]) for one in expressions]
    weights = learn(examples, FEWEST, PENALTY)
    gains = {least: _gain(scored, dict(zip(ROLES, least, strict=True))) for least in product(GRID, GRID)}
    enough = max(gain for gain, _ in gains.values()) * ABOUT
    best = min((least for least, (gain, _) in gains.items() if gain >= enough), key=lambda least: (least[1], -least[0]))
    weights.least = dict(zip(ROLES, best, strict=True))
    saved, text = gains[best]
    yield f"pairs, {weights.least}: {text}; {saved} corrections saved (weights from other affairs)"
    write(weights, OUT, HEAD)


Scored = tuple[Expression, list[tuple[float, Pair, bool]]]


def _gain(scored: Sequence[Scored], least: dict[str, float]) -> tuple[int, str]:
    """What loose expressions save in corrections from these probabilities on, and in words how many were right."""
    counts = {what: [0, 0] for what in ("expressions", *ROLES)}
    for one, pairs in scored:
        if one.sure or (one.closed and HOLDER not in one.given):
            continue
        filled = dict(one.given)
        for role in ROLES:
            likely = [(p, right) for p, pair, right in pairs if pair.role == role and p >= least[role]]
            if role not in filled and likely:
                filled[role] = max(likely)[1]
        if HOLDER in filled:
            counts["expressions"][one.right] += 1
            for role, right in filled.items():
                counts[role][right] += 1
    text = ", ".join(f"{what} {right} right {wrong} wrong" for what, (wrong, right) in counts.items())
    return sum(right - wrong for wrong, right in counts.values()), text
