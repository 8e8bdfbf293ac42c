"""Learns workbench/preannotate/rules/data/judgements.tsv: what speaks for a judgement of an actor. Called by calibrate.py.

From the train part of the samples, and from half of NewsMTSC's sentences where they lie beside the checkout, in the way of
`roles.py`: a logistic regression for each stance, reported by folds.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import corpora
from roles import Example, in_folds, learn, write

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.concepts import Concepts
from workbench.preannotate.rules.findings import Findings

FEWEST = 6
OWN = 3
"""How many times an example of the samples counts: they show what the scheme calls a stance."""
PRECISION = 0.7
"""The share of right ones that cases should have in folds; a threshold is chosen for it. Not every case has an expression:
of those that do, more are right."""
GRID = tuple(n / 100 for n in range(50, 96, 5))
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
    probabilities = in_folds(examples, FEWEST)
    weights = learn(examples, FEWEST)
    for group in sorted({example.group for example in examples}):
        scored = [(p, e) for p, e in zip(probabilities, examples, strict=True) if e.group == group]
        weights.least[group] = next((least for least in GRID if _precision(scored, least) >= PRECISION), GRID[-1])
        for of, own in (("samples", True), ("NewsMTSC", False)):
            of_corpus = [(p, e.right) for p, e in scored if e.sample == own][:: OWN if own else 1]
            shown = [right for p, right in of_corpus if p >= weights.least[group]]
            every = sum(right for _, right in of_corpus)
            yield (
                f"{of}, {group} from {weights.least[group]}: {sum(shown)} right, {len(shown) - sum(shown)} wrong, of "
                f"{every} beside words that judge (weights from other texts)"
            )
    write(weights, OUT, HEAD)


def _precision(scored: Sequence[tuple[float, Example]], least: float) -> float:
    shown = [e.right for p, e in scored if p >= least]
    return sum(shown) / len(shown) if shown else 1.0
