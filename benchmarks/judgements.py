"""Learns workbench/preannotate/rules/data/judgements.tsv: what speaks for a judgement of an actor. Called by calibrate.py.

From the train part of the samples, and from half of NewsMTSC's sentences where they lie beside the checkout, in the way of
`regression.py`: a logistic regression for each stance, reported by folds.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import corpora
from regression import Example, in_folds, learn, write

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.concepts import Concepts
from workbench.preannotate.rules.findings import Findings

FEWEST = 6
PENALTY = 15.0
OWN = 3
"""How many times an example of the samples counts: they show what the scheme calls a stance."""
PRECISION = 0.8
"""The share of right ones that cases should have in folds; thresholds are chosen for it. Not every case has an expression:
of those that do, more are right."""
GRID = tuple(n / 100 for n in range(50, 96))
OUT = Path(__file__).parents[1] / "workbench/preannotate/rules/data/judgements.tsv"
HEAD = """\
# What speaks for a stance towards an actor beside words that judge: `python benchmarks/calibrate.py` learns this file from
# the train part of the sample corpus and from half of NewsMTSC's sentences (statistics only). group: the stance.
# threshold: the least probability that is suggested. Own work; licence: MIT, as the project.
group	feature	weight
"""


def of_sample(findings: Findings, gold: AnnotationSet, concepts: Concepts, story: str) -> Iterator[Example]:
    """Every actor beside words that judge, and whether the gold annotation has a stance towards it in that sentence."""
    names, parse = concepts.stances, findings.parse
    if names is None:
        return
    by_id = gold.by_id()
    for case in findings.judgements.cases():
        start, end = parse.start[case.mention.start], parse.end[case.mention.end - 1]
        first, last = parse.sentences[parse.sentence[case.mention.start]]
        said = {
            span.label
            for span in gold.layers[names.layer]
            if parse.start[first] <= span.start < parse.end[last - 1]
            for argument in span.arguments
            if argument.role == names.roles.get("target")
            and by_id[argument.target][1].start < end
            and start < by_id[argument.target][1].end
        }
        for concept in names.turned:
            right = names.labels.get(concept) in said
            yield Example(story, "target", concept, list(case.all()), right, sample=True)


def of_newsmtsc(rules: Rules, concepts: Concepts) -> Iterator[Example]:
    """Every marked target beside words that judge, with its polarity."""
    texts = list(corpora.newsmtsc(reported=False)) if corpora.here("newsmtsc") else []
    stances = list(concepts.stances.turned) if concepts.stances is not None else []
    for text, parse in zip(texts, rules.parses(Article.from_text(text.text) for text in texts), strict=True):
        for case in rules.read(parse, judged=False).judgements.cases():
            place = parse.start[case.mention.start], parse.end[case.mention.end - 1]
            for mark in text.marks:
                if mark.overlaps(*place):
                    for concept in stances:
                        right = mark.label == concept
                        yield Example(text.id, "target", concept, list(case.all()), right, sample=False)


def learned(examples: Sequence[Example]) -> Iterator[str]:
    """Learns and writes the table; says what it would do to texts that it was not learned from."""
    examples = [example for example in examples for _ in range(OWN if example.sample else 1)]
    probabilities = in_folds(examples, FEWEST, PENALTY)
    weights = learn(examples, FEWEST, PENALTY)
    scored = list(zip(probabilities, examples, strict=True))
    weights.least = thresholds(scored)
    for group, least in weights.least.items():
        for of, own in (("samples", True), ("NewsMTSC", False)):
            of_corpus = [(p, e.right) for p, e in scored if (e.group, e.sample) == (group, own)][:: OWN if own else 1]
            shown = [right for p, right in of_corpus if p >= least]
            every = sum(right for _, right in of_corpus)
            yield (
                f"{of}, {group} from {least}: {sum(shown)} right, {len(shown) - sum(shown)} wrong, of {every} beside words "
                "that judge (weights from other texts)"
            )
    write(weights, OUT, HEAD)


def thresholds(scored: Sequence[tuple[float, Example]]) -> dict[str, float]:
    """The least probability of each stance: of those that together are right often enough, those that find most."""
    curves: dict[str, list[tuple[float, int, int]]] = {}
    for group in sorted({example.group for _, example in scored}):
        of_group = [(p, e.right) for p, e in scored if e.group == group]
        shown = [(least, [right for p, right in of_group if p >= least]) for least in GRID]
        curves[group] = [(least, sum(rights), len(rights)) for least, rights in shown]
    best = max(
        product(*curves.values()),
        key=lambda chosen: (
            sum(n for _, _, n in chosen) * PRECISION <= sum(r for _, r, _ in chosen),
            sum(r for _, r, _ in chosen),
        ),
    )
    return {group: least for group, (least, _, _) in zip(curves, best, strict=True)}
