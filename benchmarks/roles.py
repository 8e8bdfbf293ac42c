"""Learns workbench/preannotate/rules/data/roles.tsv: what speaks for an entity in a role. Called by calibrate.py.

From the train part of the samples, and from half of PLOVER's gold records where they lie beside the checkout. A logistic
regression with a quadratic penalty, one for each role and each way in which the entity came up. What is reported comes
from folds: the stories of a fold are judged by weights that were learned from the others.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import corpora
import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.concepts import Concepts
from workbench.preannotate.rules.events.context import Context
from workbench.preannotate.rules.events.frames import TOGETHER
from workbench.preannotate.rules.findings import Findings
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.weights import Weights, likelihood

PENALTY = 3.0
FEWEST = 10
"""How often a feature must have been seen to get a weight."""
FOLDS = 5
GRID = (0.4, 0.45, 0.5, 0.55, 0.6, 0.65)
FLOOR = {"recipient given": 0.4, "recipient open": 0.4}
EVEN = 0.5
"""Nothing below even odds but recipients: on news of other people, annotated outside of the project, one in ten of the
other roles was right from .4 to .5, while a tenth of PLOVER's records have their recipient there."""
ABOUT = 0.1
"""The share by which a threshold may save less than the best and counts as about the same."""
MUTUAL = Lexicon.load().mutual
OUT = Path(__file__).parents[1] / "workbench/preannotate/rules/data/roles.tsv"
HEAD = """\
# What speaks for an entity in a role of an event: `python benchmarks/calibrate.py` learns this file from the train part of
# the sample corpus and from half of the gold records of the PLOVER manual (statistics only). group: the role, and whether the
# clause gives the entity for it or leaves the role open. threshold: by group, the least
# probability that is suggested. Own work; licence: MIT, as the project.
group	feature	weight
"""


@dataclass
class Example:
    """A candidate for a role, with the verdict of the gold annotation.

    `source` is the affair that folds are made of: all texts about it are in one.
    """

    source: str
    role: str
    group: str
    features: list[str]
    right: bool
    sample: bool


def of_sample(findings: Findings, gold: AnnotationSet, concepts: Concepts, story: str) -> list[Example]:
    """The candidates for the roles of the events that are right."""
    names = concepts.events
    if names is None or not findings.events:
        return []
    by_id, parse = gold.by_id(), findings.parse
    context = Context(findings.reading, findings.events, MUTUAL)
    found: list[Example] = []
    for frame in findings.events:
        start, end = parse.start[frame.start], parse.end[frame.end - 1]
        label = names.labels.get(frame.label, "")
        near = [s for s in gold.layers[names.layer] if s.label == label and s.start < end and start < s.end]
        wanted = {(a.role, by_id[a.target][1].offsets) for span in near for a in span.arguments}
        for one in context.candidates(frame) if near else ():
            place = parse.start[one.mention.start], parse.end[one.mention.end - 1]
            right = (names.roles.get(one.role, ""), place) in wanted
            found.append(Example(story, one.role, one.group, [*one.shape, *one.features], right, sample=True))
    return found


def of_plover(rules: Rules) -> list[Example]:
    """The candidates for actor and recipient of the marked events that have the right category."""
    texts = list(corpora.plover(reported=False)) if corpora.here("plover") else []
    found: list[Example] = []
    for text, parse in zip(texts, rules.parses(Article.from_text(text.text) for text in texts), strict=True):
        findings = rules.read(parse, judged=False)
        fold = corpora.affair(text)
        context = Context(findings.reading, findings.events, MUTUAL)
        events = [mark for mark in text.marks if mark.label == "EVT"]
        for frame in findings.events:
            start, end = parse.start[frame.start], parse.end[frame.end - 1]
            if frame.label != text.label or not any(mark.overlaps(start, end) for mark in events):
                continue
            for one in context.candidates(frame):
                noun = frame.entry is not None and frame.entry.pos == "n"
                mutual = frame.label in MUTUAL and (noun or one.route.startswith(TOGETHER))
                labels = {"SRC", "TAR"} if mutual and one.role == "actor" else corpora.plays(text, one.role)
                place = parse.start[one.mention.start], parse.end[one.mention.end - 1]
                right = any(mark.label in labels and mark.overlaps(*place) for mark in text.marks)
                if labels:
                    found.append(Example(fold, one.role, one.group, [*one.shape, *one.features], right, sample=False))
    return found


def learn(examples: Sequence[Example], fewest: int = FEWEST, penalty: float = PENALTY) -> Weights:
    """The weights that explain the examples best, rounded as the file has them."""
    weights = Weights()
    for group in sorted({example.group for example in examples}):
        chosen = [example for example in examples if example.group == group]
        count = Counter(feature for example in chosen for feature in example.features)
        features = sorted(feature for feature, number in count.items() if number >= fewest)
        solved = _solve(_matrix(chosen, features), np.array([float(example.right) for example in chosen]), penalty)
        weights.table[group] = {
            feature: weight
            for feature, value in zip(features, solved, strict=True)
            if (weight := round(float(value), 3))
        }
    return weights


def in_folds(examples: Sequence[Example], fewest: int = FEWEST, penalty: float = PENALTY) -> list[float]:
    """The probability of every example, by weights learned without its fold."""
    number = {source: place % FOLDS for place, source in enumerate(sorted({e.source for e in examples}))}
    found = [0.0] * len(examples)
    for fold in range(FOLDS):
        weights = learn([e for e in examples if number[e.source] != fold], fewest, penalty)
        for place, example in enumerate(examples):
            if number[example.source] == fold:
                found[place] = likelihood(weights.total(example.group, example.features))
    return found


def thresholds(examples: Sequence[Example], probabilities: Sequence[float]) -> dict[str, float]:
    """By group, the least probability that is worth suggesting: a right role saves one, a wrong one costs one.

    Of those that save about the same, the lowest: a wrong role is gone with a click, a missing one takes several.
    """
    best: dict[str, float] = {}
    for group in sorted({example.group for example in examples}):
        scored = [(p, e.right) for p, e in zip(probabilities, examples, strict=True) if e.group == group]
        grid = [least for least in GRID if least >= FLOOR.get(group, EVEN)]
        gains = {least: sum(1 if right else -1 for p, right in scored if p >= least) for least in grid}
        highest = max(gains.values())
        best[group] = min(least for least, gain in gains.items() if gain >= highest - abs(highest) * ABOUT)
    return best


def write(weights: Weights, out: Path = OUT, head: str = HEAD) -> None:
    """Writes the table."""
    lines = [f"threshold\t{role}\t{least}" for role, least in weights.least.items()]
    lines += [f"{group}\t{f}\t{w:g}" for group, table in weights.table.items() for f, w in table.items()]
    out.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def _matrix(examples: Sequence[Example], features: Sequence[str]) -> Any:
    place = {feature: number for number, feature in enumerate(features)}
    columns: list[int] = []
    ends = [0]
    for example in examples:
        columns += [place[feature] for feature in example.features if feature in place]
        ends.append(len(columns))
    return sparse.csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(examples), len(features)))


def _solve(rows: Any, right: NDArray[np.float64], penalty: float) -> NDArray[np.float64]:
    across = rows.T.tocsr()

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        sums = rows @ weights
        shares = 1 / (1 + np.exp(-np.clip(sums, -30, 30)))
        value = np.logaddexp(0, np.where(right > 0, -sums, sums)).sum() + penalty / 2 * weights @ weights
        return float(value), across @ (shares - right) + penalty * weights

    return optimize.minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
