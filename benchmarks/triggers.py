"""Learns workbench/preannotate/rules/data/triggers.tsv: whether a word that may name an event does. Called by calibrate.py.

From the train part of the samples and, where its texts lie beside the checkout, from the half of the annotated real news
that is learned from, and from words of other news that were judged one by one (verdicts.tsv). Logistic regression with a
quadratic penalty. What is reported comes from folds: the affairs of a fold are judged by weights that were learned from
the others.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import corpora
from regression import FOLDS, Example, fold_of, learn, write

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.concepts import Concepts
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.events.frames import EventFinder
from workbench.preannotate.rules.events.judge import FILE, GROUP, Judge, is_weak
from workbench.preannotate.rules.findings import Findings
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.tables import rows
from workbench.preannotate.rules.weights import Weights, likelihood

PENALTY = 20.0
FEWEST = 8
"""How often a feature must have been seen to get a weight."""
TIMES = {"real news": 2}
"""How many times a case counts: whole articles by annotators who had no suggestion in sight tell most."""
GRID = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
ABOUT = 0.005
"""The share by which a threshold may save less than the best and counts as about the same."""
ROLES = 0.5
"""How many of the roles of an event that is right are suggested rightly, about."""
LEXICON = Lexicon.load()
VERDICTS = Path(__file__).with_name("verdicts.tsv")
OUT = Path(__file__).parents[1] / "workbench/preannotate/rules/data" / FILE
HEAD = """\
# What tells whether a word that may name an event does: `python benchmarks/calibrate.py` learns this file from the train part of
# the sample corpus, from half of the news of MEN and GUM that is annotated under the scheme, and from words of MEN's and
# NewsMTSC's news that were judged one by one (statistics only). threshold: the least probability that is suggested.
# Own work; licence: MIT, as the project.
group	feature	weight
"""


@dataclass
class Case(Example):
    """A word that may name an event, with the verdict of the gold annotation.

    `gain` is what suggesting it saves in corrections.
    """

    corpus: str
    gain: float
    weak: bool


def of_annotated(
    findings: Findings, gold: AnnotationSet, concepts: Concepts, source: str, corpus: str
) -> Iterator[Case]:
    """The words of an article that may name events."""
    names, parse = concepts.events, findings.parse
    if names is None:
        return
    for frame, features in _candidates(findings):
        start, end = parse.start[frame.start], parse.end[frame.end - 1]
        label = names.labels.get(frame.label, "")
        over = [span for span in gold.layers[names.layer] if span.start < end and start < span.end]
        near = [span for span in over if span.label == label]
        right = any(span.offsets == (start, end) for span in near)
        roles = max((len(span.arguments) for span in near), default=0)
        gain = (1 if right else 0 if over else -1) + roles * ROLES
        yield Case(source, "event", GROUP, features, right, corpus == "samples", corpus, gain, is_weak(frame))


def of_verdicts(rules: Rules, concepts: Concepts) -> Iterator[Case]:
    """The words of news that were judged one by one; those that are no candidates any more are left out."""
    names = concepts.events
    if names is None or not (corpora.here("men") and corpora.here("newsmtsc")):
        return
    verdicts: dict[str, dict[tuple[int, int, str], bool]] = {}
    for _, row in rows(VERDICTS.name, text=VERDICTS.read_text(encoding="utf-8")):
        place = int(row["start"]), int(row["end"]), row["label"]
        verdicts.setdefault(row["source"], {})[place] = row["right"] == "yes"
    texts = {f"men {name}": text for name, text in corpora.men_texts().items()}
    for one in corpora.newsmtsc(reported=False):
        texts[f"newsmtsc {hashlib.sha256(one.id.encode()).hexdigest()[:12]}"] = one.text
    known = {name: texts[name] for name in verdicts if name in texts}
    parses = rules.parses(Article.from_text(text) for text in known.values())
    for name, parse in zip(known, parses, strict=True):
        for frame, features in _candidates(rules.read(parse, judged=False)):
            place = parse.start[frame.start], parse.end[frame.end - 1], names.labels.get(frame.label, "")
            right = verdicts[name].get(place)
            if right is not None:
                gain = 1 + ROLES if right else -1
                yield Case(name, "event", GROUP, features, right, False, "verdicts", gain, is_weak(frame))


def _candidates(findings: Findings) -> list[tuple[Frame, list[str]]]:
    """The words that may name events, with their features."""
    frames = EventFinder(findings.reading, LEXICON, None).triggers.candidates()
    judge = Judge(findings.reading, LEXICON, frames)
    return [(frame, judge.features(frame)) for frame in frames]


def learned(cases: Sequence[Case]) -> Iterator[str]:
    """Learns and writes the table; says what it does to texts that it was not learned from."""
    number, probability = fold_of(case.source for case in cases), dict[int, float]()
    for fold in range(FOLDS):
        weights = _learn([case for case in cases if number[case.source] != fold])
        for case in cases:
            if number[case.source] == fold:
                probability[id(case)] = likelihood(weights.total(GROUP, case.features))
    gains = {least: sum(case.gain for case in cases if probability[id(case)] >= least) for least in GRID}
    best = max(gains.values())
    least = min(least for least, gain in gains.items() if gain >= best - abs(best) * ABOUT)
    for corpus in dict.fromkeys(case.corpus for case in cases):
        for weak in (False, True):
            own = [case for case in cases if (case.corpus, case.weak) == (corpus, weak)]
            shown = [case for case in own if probability[id(case)] >= least]
            right = sum(case.right for case in shown)
            if own:
                yield (
                    f"{corpus}, {'weak' if weak else 'other'} words that may name events from {least}: {right} right, "
                    f"{len(shown) - right} wrong, of {sum(case.right for case in own)} and "
                    f"{sum(not case.right for case in own)} (weights from other stories)"
                )
    weights = _learn(cases)
    weights.least = {GROUP: least}
    write(weights, OUT, HEAD)


def _learn(cases: Sequence[Case]) -> Weights:
    return learn([case for case in cases for _ in range(TIMES.get(case.corpus, 1))], FEWEST, PENALTY)
