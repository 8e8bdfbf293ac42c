"""Writes data/triggers.tsv, data/judgements.tsv, data/roles.tsv, data/pairs.tsv and data/scores.tsv.

They tell whether a word names an event, what speaks for a judgement, what for a role, what for a holder or target that
no rule gives, and how often suggestions of a kind are right.

Run it after a change to the rules or their data: `python benchmarks/calibrate.py`. The dev and test parts are not read.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import judgements
import pairs
import real_news
import roles
import triggers
from corpora import article_of
from regression import FOLDS, Example, fold_of

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Span
from workbench.core.article import Article
from workbench.core.matching import overlap
from workbench.core.scheme import LabelScheme
from workbench.preannotate.rules import scores
from workbench.preannotate.rules.annotator import Rules, year_of
from workbench.preannotate.rules.concepts import Concepts
from workbench.preannotate.rules.entities.mention import Mention
from workbench.preannotate.rules.events.frame import PAIR, Frame, Role
from workbench.preannotate.rules.findings import Findings
from workbench.preannotate.rules.syntax import Parse
from workbench.samples import shipped
from workbench.samples.markup import Sample

WEIGHT = 5.0
"""How many suggestions the share of the next broader kind counts for, in the smoothing."""
GRID = (0.0, 0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7)
EVEN = 0.5
"""A role that is as often right as wrong is suggested: what is wrong is gone with a click."""
ENOUGH = 0.99
"""Of thresholds that save about the same the lowest is taken."""
FEW = 8
"""A label with fewer suggestions takes the threshold of its layer, and a threshold that leaves out fewer is not learned."""
OF_STANCES = ("stance", "role")
"""The layers whose shares are counted on real news as well: a role here is one of a stance."""
OUT = Path(__file__).parents[1] / "workbench/preannotate/rules/data/scores.tsv"
HEAD = """\
# How often each kind of suggestion was right, on the train part of the sample corpus, of stances also on the real news that
# is learned from (benchmarks/real_news.jsonl): `python benchmarks/calibrate.py` writes this file. Smoothed towards the next broader kind; seen: how many suggestions of the kind there were.
# threshold: the least share that is suggested, by layer and label: what costs the fewest corrections, by shares from
# other stories. Own work; licence: MIT, as the project.
what	kind	share	seen
"""


@dataclass
class Judged:
    """A suggestion by its kinds, the most special first. `gain` is what it saves in corrections, or costs."""

    source: str
    kinds: tuple[str, ...]
    right: bool
    gain: int
    label: str = ""


def main() -> None:
    """Learns the weights of judgements, roles and pairs, then counts and writes the table."""
    scheme = shipped.label_scheme()
    samples = [sample for sample in shipped.corpus(scheme) if sample.split == "train"]
    _triggers(scheme, samples)
    _judgements(scheme, samples)
    _roles(scheme, samples)
    _pairs(scheme)
    _scores(scheme, samples)


def _scores(scheme: LabelScheme, samples: list[Sample]) -> None:
    """Counts how often suggestions are right, those of stances also on real news, and writes the table."""
    rules, concepts = Rules(scheme), Concepts.load(scheme)
    found: list[Judged] = []
    for sample in samples:
        article = article_of(sample)
        findings = rules.read(next(rules.parses([article])), year_of(article))
        found += judged(findings, sample.gold(article, scheme), concepts, sample.story)
    for one in _real(scheme):
        findings = rules.read(next(rules.parses([one.article])), year_of(one.article))
        on_news = judged(findings, one.annotations, concepts, one.article.source or one.article.id)
        found += [suggestion for suggestion in on_news if suggestion.label.split()[0] in OF_STANCES]
    shares = smoothed(found)
    lines = [f"threshold\t{kind}\t{least}\t" for kind, least in thresholds(found).items()]
    lines += [f"share\t{kind}\t{share:.3f}\t{number}" for kind, (share, number) in sorted(shares.items())]
    OUT.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def _real(scheme: LabelScheme) -> list[AnnotatedArticle]:
    """The real news that is learned from; none where its texts don't lie beside the checkout."""
    return real_news.half(scheme, reported=False) if real_news.here() else []


def _readings(rules: Rules, samples: list[Sample]) -> Iterator[tuple[Sample, Article, Findings]]:
    """What the rules find in each sample before anybody judges."""
    for sample in samples:
        article = article_of(sample)
        yield sample, article, rules.read(next(rules.parses([article])), year_of(article), judged=False)


def _triggers(scheme: LabelScheme, samples: list[Sample]) -> None:
    """Learns and writes the weights of triggers, and says what they do to texts that they were not learned from."""
    rules, concepts = Rules(scheme), Concepts.load(scheme)
    cases: list[triggers.Case] = []
    for sample, article, findings in _readings(rules, samples):
        cases += triggers.of_annotated(findings, sample.gold(article, scheme), concepts, sample.story, "samples")
    for one in _real(scheme):
        findings = rules.read(next(rules.parses([one.article])), year_of(one.article), judged=False)
        source = one.article.source or one.article.id
        cases += triggers.of_annotated(findings, one.annotations, concepts, source, "real news")
    cases += triggers.of_verdicts(rules, concepts)
    for line in triggers.learned(cases):
        sys.stdout.write(line + "\n")


def _judgements(scheme: LabelScheme, samples: list[Sample]) -> None:
    """Learns and writes the weights of judgements, and says what they would do to other texts."""
    rules, concepts = Rules(scheme), Concepts.load(scheme)
    examples: list[Example] = []
    for sample, article, findings in _readings(rules, samples):
        examples += judgements.of_sample(findings, sample.gold(article, scheme), concepts, sample.story)
    examples += judgements.of_newsmtsc(rules, concepts)
    for line in judgements.learned(examples):
        sys.stdout.write(line + "\n")


def _roles(scheme: LabelScheme, samples: list[Sample]) -> None:
    """Learns and writes the weights of roles, and says what they would do to texts that they were not learned from."""
    rules, concepts = Rules(scheme), Concepts.load(scheme)
    cases: list[roles.Case] = []
    for sample, article, findings in _readings(rules, samples):
        gold = sample.gold(article, scheme)
        cases += roles.of_annotated(findings, gold, concepts, sample.story, "samples")
    cases += roles.of_plover(rules)
    for one in _real(scheme):
        findings = rules.read(next(rules.parses([one.article])), year_of(one.article), judged=False)
        source = one.article.source or one.article.id
        cases += roles.of_annotated(findings, one.annotations, concepts, source, "real news")
    for line in roles.learned(cases):
        sys.stdout.write(line + "\n")


def _pairs(scheme: LabelScheme) -> None:
    """Learns and writes the weights of pairs, from the dev part as well, and says what they would do to other affairs."""
    rules, concepts = Rules(scheme), Concepts.load(scheme)
    samples = [sample for sample in shipped.corpus(scheme) if sample.split in ("train", "dev")]
    found: list[pairs.Expression] = []
    for sample, article, findings in _readings(rules, samples):
        found += pairs.of_sample(findings, sample.gold(article, scheme), concepts, sample.story)
    for line in pairs.learned(found):
        sys.stdout.write(line + "\n")


def judged(findings: Findings, gold: AnnotationSet, concepts: Concepts, source: str) -> Iterator[Judged]:
    """Every suggestion with whether it is right, and what it saves.

    A role is looked at where its frame is right, since the editor takes the roles of a deleted span away by itself.
    A span that only has to be moved, or given another label, costs as much as one that is missing.
    """
    parse = findings.parse
    used = {id(role.filler) for frame in (*findings.events, *findings.stances) for role in frame.roles}
    if concepts.entities is not None:
        labels = concepts.entities.labels
        spans = gold.layers[concepts.entities.layer]
        for mention in [*findings.mentions.all, *(i for i in findings.nameless if id(i) in used)]:
            start, end = offsets(parse, mention)
            right = any((s.start, s.end, s.label) == (start, end, labels.get(mention.kind)) for s in spans)
            gain = 1 if right else 0 if any(s.start < end and start < s.end for s in spans) else -1
            yield Judged(source, tuple(scores.mention_kinds(mention)), right, gain, f"entity {mention.kind}")
    by_id = gold.by_id()
    for layer, names, frames in (
        ("event", concepts.events, findings.events),
        ("stance", concepts.stances, findings.stances),
    ):
        for frame in frames if names is not None else ():
            assert names is not None
            if frame.judged:
                continue
            label = names.labels.get(frame.label, "")
            start, end = offsets(parse, frame)
            over = [s for s in gold.layers[names.layer] if s.start < end and start < s.end]
            near = [s for s in over if s.label == label]
            right = any((s.start, s.end) == (start, end) for s in near)
            hits = [
                any(plays(parse, role, names.roles.get(role.name, ""), s, by_id) for s in near) for role in frame.roles
            ]
            gain = (1 if right else 0 if over else -1) + sum(hits)
            yield Judged(source, tuple(scores.frame_kinds(frame, layer)), right, gain, f"{layer} {frame.label}")
            if near and layer == "stance":
                ruled = [(role, hit) for role, hit in zip(frame.roles, hits, strict=True) if role.route != PAIR]
                for role, hit in ruled:
                    yield Judged(
                        source, tuple(scores.role_kinds(role, frame)), hit, 1 if hit else -1, f"role {role.name}"
                    )


def thresholds(found: Sequence[Judged]) -> dict[str, float]:
    """By layer and by label, the least share that saves most, with shares from the other stories."""
    number = fold_of(one.source for one in found)
    scored: list[tuple[float, Judged]] = []
    for fold in range(FOLDS):
        shares = {k: share for k, (share, _) in smoothed([o for o in found if number[o.source] != fold]).items()}
        table = scores.Scores(shares, {})
        scored += [(table.of(iter(one.kinds)), one) for one in found if number[one.source] == fold]
    best: dict[str, float] = {}
    for name in sorted({one.label for one in found}):
        layer = name.split()[0]
        for kind, chosen in (
            (layer, [o for o in scored if o[1].label.split()[0] == layer]),
            (name, [o for o in scored if o[1].label == name]),
        ):
            if kind not in best and (kind == layer or len(chosen) >= FEW):
                gains = {
                    least: sum(one.gain for score, one in chosen if score >= least)
                    for least in GRID
                    if layer != "role" or least <= EVEN
                    if sum(score < least for score, _ in chosen) not in range(1, FEW)
                }
                enough = max(gains.values()) * ENOUGH
                best[kind] = min(least for least, gain in gains.items() if gain >= enough)
    return best


def plays(parse: Parse, role: Role, name: str, head: Span, by_id: dict[str, tuple[str, Span]]) -> bool:
    """Whether the gold frame has the role with this filler, or one that overlaps."""
    start, end = offsets(parse, role.filler)
    text = parse.text[start:end]
    filler = Span(id="x", label="x", start=start, end=end, text=text)
    return any(a.role == name and overlap(by_id[a.target][1], filler) for a in head.arguments)


def offsets(parse: Parse, found: Mention | Frame) -> tuple[int, int]:
    """The half-open code points of what the rules found."""
    return parse.start[found.start], parse.end[found.end - 1]


def smoothed(found: Sequence[Judged]) -> dict[str, tuple[float, int]]:
    """Share and number by kind; a kind's share leans towards that of the next broader one."""
    numbers: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    broader: dict[str, str] = {}
    for one in found:
        for kind in one.kinds:
            numbers[kind] += 1
            hits[kind] += one.right
        broader.update(pairwise(one.kinds))
    shares: dict[str, tuple[float, int]] = {}

    def share(kind: str) -> float:
        if kind not in shares:
            towards = share(broader[kind]) if kind in broader else 0.5
            shares[kind] = ((hits[kind] + WEIGHT * towards) / (numbers[kind] + WEIGHT), numbers[kind])
        return shares[kind][0]

    for kind in numbers:
        share(kind)
    return shares


if __name__ == "__main__":
    main()
