"""Writes workbench/preannotate/data/scores.tsv: how often each kind of suggestion is right on the train samples.

Run it after a change to the rules or their data: `python benchmarks/calibrate.py`. The dev and test parts are not read.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from workbench.core.annotations import AnnotationSet, Span
from workbench.core.article import Article, Cut, apply_cuts, article_id, sha256
from workbench.core.matching import overlap
from workbench.preannotate import scores
from workbench.preannotate.concepts import Concepts
from workbench.preannotate.frames import Frame, Role
from workbench.preannotate.mentions import Mention
from workbench.preannotate.rules import Findings, Rules, year_of
from workbench.preannotate.syntax import Parse
from workbench.samples import shipped
from workbench.samples.markup import Sample

WEIGHT = 5.0
"""How many suggestions the share of the next broader kind counts for, in the smoothing."""
THRESHOLDS = {"entity": 0.45, "event": 0.4, "stance": 0.4, "role": 0.5}
"""Below these it costs fewer corrections to leave a suggestion out: one that is missing costs its roles as well."""
OUT = Path(__file__).parents[1] / "workbench/preannotate/data/scores.tsv"
HEAD = """\
# How often each kind of suggestion was right, on the train part of the sample corpus: `python benchmarks/calibrate.py`
# writes this file. Smoothed towards the next broader kind; seen: how many suggestions of the kind there were.
# threshold: the least share that is suggested. Own work; licence: MIT, as the project.
what	kind	share	seen
"""


def main() -> None:
    """Counts, and writes the table."""
    scheme = shipped.label_scheme()
    rules = Rules(scheme)
    concepts = Concepts.load(scheme)
    seen: Counter[tuple[str, ...]] = Counter()
    right: Counter[tuple[str, ...]] = Counter()
    for sample in shipped.corpus(scheme):
        if sample.split == "train":
            article = article_of(sample)
            gold = sample.gold(article, scheme)
            findings = rules.read(next(rules.parses([article])), year_of(article))
            for kinds, hit in judged(findings, gold, concepts):
                seen[kinds] += 1
                right[kinds] += hit
    shares = smoothed(seen, right)
    lines = [f"threshold\t{layer}\t{least}\t" for layer, least in THRESHOLDS.items()]
    lines += [f"share\t{kind}\t{share:.3f}\t{number}" for kind, (share, number) in sorted(shares.items())]
    OUT.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


def article_of(sample: Sample) -> Article:
    """The sample's article, cleaned exactly of its boxes."""
    cuts = tuple(Cut(start=a, end=b, reason="box", text=sample.raw[a:b]) for a, b in sample.boxes)
    text = apply_cuts(sample.raw, cuts)
    return Article(
        id=article_id(sample.raw),
        text=text,
        text_sha256=sha256(text),
        raw_sha256=sha256(sample.raw),
        cuts=cuts,
        published=sample.published or None,
    )


def judged(findings: Findings, gold: AnnotationSet, concepts: Concepts) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Every suggestion by its kinds, the most special first, with whether it is right.

    A role is looked at where its frame is right, since the editor takes the roles of a deleted span away by itself.
    """
    parse = findings.parse
    used = {id(role.filler) for frame in (*findings.events, *findings.stances) for role in frame.roles}
    if concepts.entities is not None:
        labels = concepts.entities.labels
        spans = {(s.start, s.end, s.label) for s in gold.layers[concepts.entities.layer]}
        for mention in [*findings.mentions.all, *(i for i in findings.issues if id(i) in used)]:
            key = (*offsets(parse, mention), labels.get(mention.kind, ""))
            yield tuple(scores.mention_kinds(mention)), key in spans
    by_id = gold.by_id()
    for layer, names, frames in (
        ("event", concepts.events, findings.events),
        ("stance", concepts.stances, findings.stances),
    ):
        for frame in frames if names is not None else ():
            assert names is not None
            label = names.labels.get(frame.label, "")
            start, end = offsets(parse, frame)
            near = [s for s in gold.layers[names.layer] if s.label == label and s.start < end and start < s.end]
            yield tuple(scores.frame_kinds(frame, layer)), any((s.start, s.end) == (start, end) for s in near)
            for role in frame.roles if near else ():
                hit = any(plays(parse, role, names.roles.get(role.name, ""), s, by_id) for s in near)
                yield tuple(scores.role_kinds(role, frame, layer)), hit


def plays(parse: Parse, role: Role, name: str, head: Span, by_id: dict[str, tuple[str, Span]]) -> bool:
    """Whether the gold frame has the role with this filler, or one that overlaps."""
    start, end = offsets(parse, role.filler)
    text = parse.text[start:end]
    filler = Span(id="x", label="x", start=start, end=end, text=text)
    return any(a.role == name and overlap(by_id[a.target][1], filler) for a in head.arguments)


def offsets(parse: Parse, found: Mention | Frame) -> tuple[int, int]:
    """The half-open code points of what the rules found."""
    return parse.start[found.start], parse.end[found.end - 1]


def smoothed(seen: Counter[tuple[str, ...]], right: Counter[tuple[str, ...]]) -> dict[str, tuple[float, int]]:
    """Share and number by kind; a kind's share leans towards that of the next broader one."""
    numbers: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    broader: dict[str, str] = {}
    for kinds, number in seen.items():
        for position, kind in enumerate(kinds):
            numbers[kind] += number
            hits[kind] += right[kinds]
            if position + 1 < len(kinds):
                broader.setdefault(kind, kinds[position + 1])
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
