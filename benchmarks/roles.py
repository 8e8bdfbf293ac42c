"""Learns workbench/preannotate/rules/data/roles.tsv: what speaks for an entity in a role. Called by calibrate.py.

From the train part of the samples, and, where they lie beside the checkout, from half of PLOVER's gold records and from the
half of the annotated real news that is learned from. A softmax for each role, with a quadratic penalty: over all that
could play it, and nobody. What is reported comes from folds: the stories of a fold are judged by weights that were
learned from the others.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import corpora
import numpy as np
from numpy.typing import NDArray
from regression import FOLDS, fold_of, matrix, write
from scipy import optimize

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.concepts import Concepts
from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.choices import Choice, decide
from workbench.preannotate.rules.events.context import KINDS, Context
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.paths import TOGETHER
from workbench.preannotate.rules.findings import Findings
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.reading import PLACES
from workbench.preannotate.rules.syntax import Parse
from workbench.preannotate.rules.weights import Weights

PENALTY = 5.0
FEWEST = 8
"""How often a feature must have been seen to get a weight."""
GRID = (0.35, 0.4, 0.45, 0.5)
"""Up to even odds: a wrong role is gone with a click, a missing one takes several."""
TIMES = {"PLOVER": 2}
"""How many times a case counts: PLOVER's are few, and gain in folds by it what others don't lose."""
FLOOR = {"recipient": 0.35}
EVEN = 0.45
"""Nothing below about even odds but recipients: of those from .35 to .5 half are right, on PLOVER's records nine in ten."""
ABOUT = 0.03
"""The share by which a threshold may save less than the best and counts as about the same."""
MUTUAL = Lexicon.load().mutual
HITTING = Lexicon.load().hitting
"""Categories whose target is the place, by the guideline, where it is one."""
OUT = Path(__file__).parents[1] / "workbench/preannotate/rules/data/roles.tsv"
HEAD = """\
# What speaks for an entity in a role of an event, and what for nobody: `python benchmarks/calibrate.py` learns this file from
# the train part of the sample corpus, from half of the gold records of the PLOVER manual, and from half of the news of MEN
# and GUM that is annotated under the scheme (statistics only). group: the role. threshold: the least probability that is
# suggested. Own work; licence: MIT, as the project.
group	feature	weight
"""


@dataclass
class Case:
    """An event that is right, with who could play its roles and who does by the gold annotation.

    `source` is the affair that folds are made of: all texts about it are in one. `right` has, for each role, the ids of
    the mentions that play it; `wanted` how many do, those that nobody found among them.
    """

    source: str
    corpus: str
    choices: list[Choice]
    right: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    wanted: dict[str, int] = field(default_factory=dict[str, int])


def of_annotated(
    findings: Findings, gold: AnnotationSet, concepts: Concepts, source: str, corpus: str
) -> Iterator[Case]:
    """The events of an article under the scheme that are right."""
    names = concepts.events
    if names is None or not findings.events:
        return
    by_id, parse = gold.by_id(), findings.parse
    context = Context(findings.reading, findings.events, MUTUAL)
    for frame in findings.events:
        start, end = _place(parse, frame)
        label = names.labels.get(frame.label, "")
        near = [s for s in gold.layers[names.layer] if s.label == label and s.start < end and start < s.end]
        if not near:
            continue
        case = Case(source, corpus, list(context.choices(frame)))
        wanted = {(a.role, by_id[a.target][1].offsets) for span in near for a in span.arguments}
        for choice in case.choices:
            places = {place for role, place in wanted if role == names.roles.get(choice.role, "")}
            case.wanted[choice.role] = len(places)
            case.right[choice.role] = {
                id(one.mention) for one in choice.candidates if _place(parse, one.mention) in places
            }
        yield case


def of_plover(rules: Rules) -> Iterator[Case]:
    """The marked events of PLOVER's records that have the right category, with actor and recipient."""
    texts = list(corpora.plover(reported=False)) if corpora.here("plover") else []
    for text, parse in zip(texts, rules.parses(Article.from_text(text.text) for text in texts), strict=True):
        findings = rules.read(parse, judged=False)
        context = Context(findings.reading, findings.events, MUTUAL)
        events = [mark for mark in text.marks if mark.label == "EVT"]
        for frame in findings.events:
            if frame.label == text.label and any(mark.overlaps(*_place(parse, frame)) for mark in events):
                case = Case(corpora.affair(text), "PLOVER", [])
                for choice in context.choices(frame):
                    marks = [mark for mark in text.marks if mark.label in _labels(text, frame, choice)]
                    hit = frame.label in HITTING and choice.role == "recipient"
                    right = [
                        one
                        for one in choice.candidates
                        if any(mark.overlaps(*_place(parse, one.mention)) for mark in marks)
                        if not (hit and one.mention.kind in PLACES)
                    ]
                    if right or choice.role in ("actor", "recipient"):
                        case.choices.append(choice)
                        case.right[choice.role] = {id(one.mention) for one in right}
                        case.wanted[choice.role] = max(len(right), min(len(marks), 1))
                yield case


def _labels(text: corpora.Text, frame: Frame, choice: Choice) -> set[str]:
    """The marks of a record that stand for a role: the target too where two do together what an event tells."""
    if choice.role == "place":
        return {"TAR"} if frame.label in HITTING else set()
    noun = frame.entry is not None and frame.entry.pos == "n"
    together = noun or any(one.given and one.route.startswith(TOGETHER) for one in choice.candidates)
    mutual = choice.role == "actor" and frame.label in MUTUAL and together
    return {"SRC", "TAR"} if mutual else corpora.plays(text, choice.role)


def _place(parse: Parse, found: Mention | Frame) -> tuple[int, int]:
    return parse.start[found.start], parse.end[found.end - 1]


def learn(cases: Sequence[Case], fewest: int = FEWEST, penalty: float = PENALTY) -> Weights:
    """The weights that explain the cases best, rounded as the file has them."""
    weights = Weights()
    counted = [case for case in cases for _ in range(TIMES.get(case.corpus, 1))]
    for role in KINDS:
        rows: list[list[str]] = []
        races: list[list[int]] = []
        for case in counted:
            for choice in case.choices:
                if choice.role == role and choice.candidates:
                    races += _races(choice, case.right[role], len(rows))
                    rows += [choice.nobody, *(one.features for one in choice.candidates)]
        count = Counter(feature for row in rows for feature in set(row))
        features = sorted(feature for feature, number in count.items() if number >= fewest)
        solved = _solve(matrix(rows, features), races, penalty)
        known = zip(features, solved, strict=True)
        weights.table[role] = {feature: weight for feature, value in known if (weight := round(float(value), 3))}
    return weights


def _races(choice: Choice, right: set[int], first: int) -> list[list[int]]:
    """Who wins against whom, as numbers of rows, the winner first: each that is right against nobody and all wrong ones.

    Rows are those of nobody, at `first`, and of the candidates after it.
    """
    places = range(first + 1, first + 1 + len(choice.candidates))
    winners = [p for p, one in zip(places, choice.candidates, strict=True) if id(one.mention) in right]
    losers = [place for place in places if place not in winners]
    return [[winner, first, *losers] for winner in winners] or [[first, *losers]]


def _solve(rows: Any, races: Sequence[Sequence[int]], penalty: float) -> NDArray[np.float64]:
    """The weights with the least penalised loss: the races' negative log shares of their winners."""
    across = rows.T.tocsr()
    sizes = np.array([len(race) for race in races])
    entrants, starts = np.concatenate([np.array(race) for race in races]), np.cumsum(sizes) - sizes
    race_of = np.repeat(np.arange(len(races)), sizes)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        sums = (rows @ weights)[entrants]
        highest = np.maximum.reduceat(sums, starts)
        powers = np.exp(sums - highest[race_of])
        totals = np.add.reduceat(powers, starts)
        value = (np.log(totals) + highest - sums[starts]).sum() + penalty / 2 * weights @ weights
        slopes = powers / totals[race_of]
        slopes[starts] -= 1
        return float(value), across @ np.bincount(entrants, slopes, rows.shape[0]) + penalty * weights

    return optimize.minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x


@dataclass
class Given:
    """A role that would be suggested by weights from other stories."""

    corpus: str
    role: str
    probability: float
    right: bool


def in_folds(cases: Sequence[Case], fewest: int = FEWEST, penalty: float = PENALTY) -> list[Given]:
    """The roles of every event, by weights that were learned without its fold."""
    number = fold_of(case.source for case in cases)
    found: list[Given] = []
    for fold in range(FOLDS):
        weights = learn([case for case in cases if number[case.source] != fold], fewest, penalty)
        weights.least = dict.fromkeys(KINDS, min(GRID))
        for case in cases:
            if number[case.source] == fold:
                found += [
                    Given(case.corpus, role.name, role.score, id(role.filler) in case.right[role.name])
                    for role in decide(case.choices, weights)
                ]
    return found


def thresholds(found: Sequence[Given]) -> dict[str, float]:
    """By role, the least probability that is worth suggesting: a right role saves one, a wrong one costs one.

    Of those that save about the same, the lowest.
    """
    best: dict[str, float] = {}
    for role in KINDS:
        own = [one for one in found if one.role == role]
        grid = [least for least in GRID if least >= FLOOR.get(role, EVEN)]
        gains = {least: sum(1 if o.right else -1 for o in own if o.probability >= least) for least in grid}
        highest = max(gains.values())
        best[role] = min(least for least, gain in gains.items() if gain >= highest - abs(highest) * ABOUT)
    return best


def learned(cases: Sequence[Case]) -> Iterator[str]:
    """Learns and writes the table; says what it would do to texts that it was not learned from."""
    found = in_folds(cases)
    least = thresholds(found)
    for corpus in dict.fromkeys(case.corpus for case in cases):
        for role, lowest in least.items():
            shown = [o.right for o in found if (o.corpus, o.role) == (corpus, role) and o.probability >= lowest]
            wanted = sum(case.wanted.get(role, 0) for case in cases if case.corpus == corpus)
            if wanted:
                yield (
                    f"{corpus}, {role} from {lowest}: {sum(shown)} right, {len(shown) - sum(shown)} wrong, of {wanted} "
                    "in events that are right (weights from other stories)"
                )
    weights = learn(cases)
    weights.least = least
    write(weights, OUT, HEAD)
