"""How good suggestions are, before anybody has corrected one: `make quality`.

On the project's own samples, part by part, and on the public corpora beside the checkout where they are there; the base
pipeline's entities, under the same map, stand beside the rules' as "bare". Who wrote the samples and their gold wrote
the rules: those numbers show that things work, not how good they are on other texts.
"""

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import corpora
import kinds
import real_news
import twice
from corpora import COARSE, Relation, Text, article_of

from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.core.matching import pair_up
from workbench.core.measures import Counts, Interval, Mode, ScoreReport, score_document, summarise
from workbench.core.ports import PreAnnotator
from workbench.core.scheme import LabelScheme
from workbench.preannotate.rules.annotator import Bare, Rules
from workbench.preannotate.rules.concepts import Concepts
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.samples import shipped

MUTUAL = Lexicon.load().mutual
UNNAMED = twice.UNNAMED
"""What the corpora do not mark: actors without a name, which are counted apart."""
PARTS = ("train", "dev", "test")
SHOWN = ("spans", "arguments", "frames")
Figures = dict[str, float]
"""What a test found, by what it measured."""
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
SAME = {
    "Person": {"PERSON"},
    "Organisation": {"ORG", "GPE", "NORP"},
    "Location": {"GPE", "LOC", "FAC"},
    "Nationality": {"NORP"},
    "Temporal": {"DATE"},
    "Quantity": {"QUANTITY"},
    "Money": {"QUANTITY"},
    "DocumentReference": {"WORK"},
}
"""What re3d's types can be called by the scheme that ships."""
RELATED = {
    "FightingAgainst": {"ASSAULT", "COERCE", "MOBILIZE", "THREATEN", "SANCTION"},
    "CommWith": {"CONSULT", "REQUEST", "ACCUSE", "REJECT", "AGREE", "SUPPORT", "THREATEN"},
    "AlliesOf": {"COOPERATE", "AID", "SUPPORT", "AGREE", "FOR"},
    "Likes": {"SUPPORT", "AID", "FOR"},
    "Dislikes": {"ACCUSE", "REJECT", "THREATEN", "AGAINST"},
}
"""The events and stances that tell a relation of re3d."""
ANNOUNCED = {
    "AGREE": {"CONSULT", "SUPPORT", "CONCEDE", "COOPERATE", "AID", "RETREAT"},
    "THREATEN": {"REJECT", "PROTEST", "SANCTION", "MOBILIZE", "COERCE", "ASSAULT"},
}
"""What PLOVER's coders write for a deed that is only announced ("will send aid"), where the scheme has the deed as future."""


def main() -> None:
    """Measures what is asked for and prints it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS), help="parts of the samples to measure")
    parser.add_argument("--development", action="store_true", help="the corpora's folds that rules may be tuned on")
    parser.add_argument("--only", default="", help="samples, twice, news, men, plover, newsmtsc, re3d, gum or crossner")
    parser.add_argument("--no-gap", action="store_true", help="not what was tuned on beside what was not")
    given = parser.parse_args()
    scheme = shipped.label_scheme()
    rules, bare = Rules(scheme), Bare(scheme)
    say(f"{datetime.now(UTC):%Y-%m-%d} at {_commit()}: {rules.producer}; bare: {bare.producer}")
    every = ["samples", "twice", "news", "men", "plover", "newsmtsc", "re3d", "gum", "crossner"]
    wanted = given.only.split(",") if given.only else every
    figures: dict[str, Figures] = {}
    if "samples" in wanted:
        for part in given.parts.split(","):
            figures[f"samples {part}"] = samples(part, scheme, rules, bare)
    if "twice" in wanted and twice.report(scheme, {"rules": rules, "bare": bare}) is None:
        say(f"\nno article that two people annotated at {twice.FOLDER}")
    folds = [False] if given.development else [True] if given.no_gap else [True, False]
    tests: dict[str, Callable[[bool], Figures]] = {
        "news": lambda reported: news(scheme, rules, bare, reported=reported),
        "men": lambda reported: men(scheme, rules, bare, reported=reported),
        "plover": lambda reported: plover(rules, reported=reported),
        "newsmtsc": lambda reported: newsmtsc(rules, reported=reported),
    }
    for name, test in tests.items():
        for reported in folds if name in wanted and _here(name) else ():
            figures[f"{name} {'reported' if reported else 'development'}"] = test(reported)
    others: dict[str, Callable[[], None]] = {
        "re3d": lambda: re3d(rules, bare),
        "gum": lambda: gum(scheme, rules, bare),
        "crossner": lambda: crossner(scheme, rules, bare),
    }
    for name, other in others.items():
        if name in wanted and _here(name):
            other()
    missing = [name for name in (*tests, *others) if name in wanted and not _here(name)]
    if missing:
        say(f"\nnot measured, because not at {corpora.FOLDER}: {', '.join(missing)}")
    gap(figures)


def _here(name: str) -> bool:
    return real_news.here() if name == "news" else corpora.here(name)


def gap(figures: dict[str, Figures]) -> None:
    """Prints what was found on texts that the rules were tuned on beside what was found on the others."""
    pairs = [
        ("samples", "samples train", "samples test"),
        *((name, f"{name} development", f"{name} reported") for name in ("news", "men", "plover", "newsmtsc")),
    ]
    known = [(name, figures[a], figures[b]) for name, a, b in pairs if a in figures and b in figures]
    if known:
        say("\ngap between texts that were tuned on and texts that were not: tuned, unseen, difference")
    for name, tuned, unseen in known:
        cells = (f"{w} {tuned[w]:.2f} {unseen[w]:.2f} {unseen[w] - tuned[w]:+.2f}" for w in tuned if w in unseen)
        say(f"  {name:9}" + " | ".join(cells))


def samples(part: str, scheme: LabelScheme, rules: Rules, bare: PreAnnotator) -> Figures:
    """Prints the table of one part of the sample corpus."""
    chosen = [sample for sample in shipped.corpus(scheme) if sample.split == part]
    articles = [article_of(sample) for sample in chosen]
    golds = [sample.gold(article, scheme) for sample, article in zip(chosen, articles, strict=True)]
    return _annotated(f"samples, {part}", articles, golds, scheme, rules, bare)


def news(scheme: LabelScheme, rules: Rules, bare: PreAnnotator, *, reported: bool) -> Figures:
    """Prints the table of one half of the real news that is annotated under the scheme."""
    half = real_news.half(scheme, reported=reported)
    what = f"real news{'' if reported else ' (learned from)'}"
    return _annotated(what, [one.article for one in half], [one.annotations for one in half], scheme, rules, bare)


def _annotated(
    what: str,
    articles: Sequence[Article],
    golds: Sequence[AnnotationSet],
    scheme: LabelScheme,
    rules: Rules,
    bare: PreAnnotator,
) -> Figures:
    """Prints the table of articles whose every layer is annotated: the rules' suggestions, the bare pipeline beside."""
    suggested = list(rules.annotate(articles))
    reports = [_report(golds, found, scheme) for found in (suggested, list(bare.annotate(articles)))]
    saved = ", ".join(
        f"{name} {report.saved:.0%}" for name, report in zip(("rules", "bare"), reports, strict=True) if report.saved
    )
    say(f"\n{what}: {len(articles)} articles; corrections saved: {saved}")
    say(f"{'':24}{'P':>5}{'R':>6}{'F1':>6}  {'95 %':12}{'lenient F1':>11}{'bare F1':>9}")
    for row in reports[0].rows:
        if row.mode == "strict" and row.label == "*" and row.what in SHOWN:
            lenient = reports[0].row(row.what, row.layer, mode="lenient")
            beside = reports[1].row(row.what, row.layer)
            say(
                f"{row.layer + ', ' + row.what:24}{_n(row.precision)} {_n(row.recall)} {_n(row.f1)}  {_range(row.f1_interval):12}"
                f"{_n(lenient.f1 if lenient else None):>11}{_n(beside.f1 if beside and beside.tp else None):>9}"
            )
    entities = scheme.layers[0].name
    named = _report([twice.without(g, UNNAMED) for g in golds], [twice.without(s, UNNAMED) for s in suggested], scheme)
    for what, row in (
        (f"{entities} but {UNNAMED}", named.row("spans", entities)),
        (f"{entities}, {UNNAMED}", reports[0].row("spans", entities, label=UNNAMED)),
    ):
        if row:
            say(f"{what:24}{_n(row.precision)} {_n(row.recall)} {_n(row.f1)}  {_range(row.f1_interval):12}")
    reliability(golds, suggested, scheme)
    stances = Concepts.load(scheme).stances
    if stances is not None:
        say("  reliability of stances, by kind: suggested, mean score, share right")
        for line in kinds.lines(rules, articles, golds, stances):
            say(line)
    found: Figures = {"saved": reports[0].saved or 0.0}
    for layer in scheme.layers:
        for kind in SHOWN:
            row = reports[0].row(kind, layer.name)
            if row is not None and row.f1 is not None and kind != "frames":
                found[f"{layer.name} {kind}"] = row.f1
    return found


def reliability(golds: Sequence[AnnotationSet], found: Sequence[AnnotationSet], scheme: LabelScheme) -> None:
    """Prints, by score, how many suggestions were right: spans exactly, roles of the spans that are right."""
    counts: dict[tuple[str, int], Counts] = {}
    sums: dict[tuple[str, int], float] = {}

    def count(what: str, score: float | None, right: bool) -> None:
        place = (what, next(n for n, top in enumerate(BINS[1:]) if (score or 0.0) < top))
        counts[place] = counts.get(place, Counts()) + Counts(tp=right, fp=not right)
        sums[place] = sums.get(place, 0.0) + (score or 0.0)

    for gold, one in zip(golds, found, strict=True):
        gold_ids, ids = gold.by_id(), one.by_id()
        for layer in scheme.layers:
            known = {(s.start, s.end, s.label): s for s in gold.layers[layer.name]}
            for span in one.layers[layer.name]:
                same = known.get((span.start, span.end, span.label))
                count(layer.name, span.score, same is not None)
                wanted = {(a.role, gold_ids[a.target][1].offsets) for a in same.arguments} if same else set()
                for argument in span.arguments if same else ():
                    right = (argument.role, ids[argument.target][1].offsets) in wanted
                    count(f"{layer.name}, roles", argument.score, right)
    say("  reliability, by score: suggested, mean score, share right")
    for what in dict.fromkeys(what for what, _ in sorted(counts)):
        cells = [
            f"{BINS[n]:.1f}+ {c.tp + c.fp:4} {sums[what, n] / (c.tp + c.fp):.2f} {c.precision or 0:.2f}"
            for n in range(len(BINS) - 1)
            if (c := counts.get((what, n), Counts())).tp + c.fp
        ]
        say(f"    {what:16}" + " | ".join(cells))


def men(scheme: LabelScheme, rules: PreAnnotator, bare: PreAnnotator, *, reported: bool) -> Figures:
    """Prints precision, recall and F1 on MEN's named entities, rules beside bare."""
    texts = list(corpora.men(reported=reported))
    what = f"MEN: {len(texts)} articles, innermost names{'' if reported else ' (development)'}"
    return {"entities": _names(what, texts, scheme, rules, bare)}


def crossner(scheme: LabelScheme, rules: PreAnnotator, bare: PreAnnotator) -> None:
    """Prints the same for CrossNER's persons, bodies and places: encyclopedic sentences, one by one."""
    texts = list(corpora.crossner())
    _names(f"CrossNER, politics: {len(texts)} sentences of Wikipedia", texts, scheme, rules, bare)


def gum(scheme: LabelScheme, rules: PreAnnotator, bare: PreAnnotator) -> None:
    """Prints the same for GUM's names in news, which have titles and what stands beside them within."""
    texts = list(corpora.gum())
    _names(f"GUM, news: {len(texts)} texts, persons, bodies, places (titles within)", texts, scheme, rules, bare)


def _names(what: str, texts: list[Text], scheme: LabelScheme, rules: PreAnnotator, bare: PreAnnotator) -> float:
    """Prints precision, recall and F1 on the names of texts, exact and by overlap, of the labels that are marked there.

    Gives the rules' exact F1.
    """
    exact = 0.0
    say(f"\n{what}; exact offsets | overlap")
    marked = {mark.label for text in texts for mark in text.marks}
    golds = [_gold_entities(text, scheme) for text in texts]
    for name, annotator in (("rules", rules), ("bare", bare)):
        found = [_coarse(one, scheme, marked) for one in annotator.annotate(_articles(texts))]
        report = _report(golds, found, scheme)
        modes: tuple[Mode, ...] = ("strict", "lenient")
        rows = [report.row("spans", scheme.layers[0].name, mode=mode) for mode in modes]
        cells = [
            f"P {_n(row.precision)} R {_n(row.recall)} F1 {_n(row.f1)}  {_range(row.f1_interval)}"
            for row in rows
            if row
        ]
        say(f"  {name:6} " + " | ".join(cells))
        if name == "rules":
            exact = rows[0].f1 or 0.0 if rows[0] else 0.0
            each = (r for r in report.rows if r.what == "spans" and r.mode == "strict" and r.label != "*")
            say("         " + ", ".join(f"{r.label} {_n(r.f1).strip()}" for r in each))
    return exact


def plover(rules: PreAnnotator, *, reported: bool) -> Figures:
    """Prints how often the marked event has the right category, and then actor and recipient, with a name or without.

    PLOVER's target of an attack is often a place, which the scheme calls so: what finds it as the place is printed apart.
    So is what is announced, which the scheme writes as a deed to come and PLOVER as a promise or a threat.
    """
    texts = list(corpora.plover(reported=reported))
    right = actors = recipients = both = placed = announced = 0
    missed: Counter[str] = Counter()
    for text, found in zip(texts, rules.annotate(_articles(texts)), strict=True):
        by_id = found.by_id()
        hits = [span for span in _marked(found, text) if span.label == text.label]
        if not hits:
            missed[text.label] += 1
            announced += _is_announced(found, text)
            continue
        right += 1
        good = {
            role: any(_plays(hit, role, {"actor": "SRC", "recipient": "TAR"}[role], text, by_id) for hit in hits)
            for role in ("actor", "recipient")
        }
        hit = any(_plays(one, "place", "TAR", text, by_id) for one in hits)
        has_target = any(mark.label == "TAR" for mark in text.marks)
        actors += good["actor"]
        recipients += good["recipient"] or not has_target
        both += good["actor"] and (good["recipient"] or not has_target)
        placed += good["actor"] and (good["recipient"] or not has_target or hit)
    say(
        f"\nPLOVER: {len(texts)} records{'' if reported else ' (development)'}; category of the marked event right {right / len(texts):.0%}"
    )
    say(f"  of those, actor right {actors / right:.0%}, recipient {recipients / right:.0%}, both {both / right:.0%}")
    say(f"  with targets that are found as the place of the event: both {placed / right:.0%}")
    say(f"  with what is announced as a deed to come: category right {(right + announced) / len(texts):.0%}")
    say("  missed: " + ", ".join(f"{label} {number}" for label, number in missed.most_common()))
    return {"category": right / len(texts), "actor and recipient": both / right}


def _marked(found: AnnotationSet, text: Text) -> list[Span]:
    """The suggestions at what a record of PLOVER marks as its event."""
    marks = [mark for mark in text.marks if mark.label == "EVT"]
    return [span for _, span in found.spans() if any(mark.overlaps(span.start, span.end) for mark in marks)]


def _is_announced(found: AnnotationSet, text: Text) -> bool:
    """Whether what a record calls a promise or a threat is suggested as the deed that is to come."""
    deeds = ANNOUNCED.get(text.label, set())
    return any(span.label in deeds and span.attributes.get("modality") == "future" for span in _marked(found, text))


def newsmtsc(rules: PreAnnotator, *, reported: bool) -> Figures:
    """Prints precision and recall of polarity toward the marked target."""
    texts = list(corpora.newsmtsc(reported=reported))
    counts = Counts()
    for text, found in zip(texts, rules.annotate(_articles(texts)), strict=True):
        by_id = found.by_id()
        for mark in text.marks:
            said = {
                span.label
                for _, span in found.spans()
                for argument in span.arguments
                if argument.role == "target"
                and mark.overlaps(by_id[argument.target][1].start, by_id[argument.target][1].end)
            }
            hit = mark.label in said
            counts += Counts(tp=hit, fp=len(said) - hit, fn=bool(mark.label) and not hit)
    say(f"\nNewsMTSC: {len(texts)} sentences{'' if reported else ' (development)'}, polarity toward the target:")
    say(f"  P {_n(counts.precision)} R {_n(counts.recall)} ({counts.tp} right, {counts.fp} wrong)")
    return {"precision": counts.precision or 0.0, "recall": counts.recall or 0.0}


def re3d(rules: PreAnnotator, bare: PreAnnotator) -> None:
    """Prints precision, recall and F1 on re3d's entities (overlap, compatible label), and how many relations are told."""
    texts = list(corpora.re3d())
    say(
        f"\nre3d: {len(texts)} documents, entities that overlap with a compatible label (its names have their articles)"
    )
    ours = list(rules.annotate(_articles(texts)))
    for name, suggested in (("rules", ours), ("bare", list(bare.annotate(_articles(texts))))):
        counts = Counts()
        for text, found in zip(texts, suggested, strict=True):
            marks = [mark for mark in text.marks if mark.label in SAME]
            spans = [s for _, s in found.spans() if any(s.label in labels for labels in SAME.values())]
            pairs = pair_up(marks, spans, lambda m, s: m.overlaps(s.start, s.end) and s.label in SAME[m.label])
            counts += Counts(tp=len(pairs), fp=len(spans) - len(pairs), fn=len(marks) - len(pairs))
        say(f"  {name:6} P {_n(counts.precision)} R {_n(counts.recall)} F1 {_n(counts.f1)}")
    told: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for text, found in zip(texts, ours, strict=True):
        by_id = found.by_id()
        for relation in text.relations:
            if relation.type in RELATED:
                every[relation.type] += 1
                told[relation.type] += any(
                    s.label in RELATED[relation.type] and _links(s, relation, by_id) for _, s in found.spans()
                )
    say(
        "  relations told by an event or a stance between the two: "
        + ", ".join(f"{t} {told[t]} of {every[t]}" for t in every)
    )


def _links(span: Span, relation: Relation, by_id: dict[str, tuple[str, Span]]) -> bool:
    """Whether a frame has both ends of a relation among its roles."""
    ends = [by_id[argument.target][1].offsets for argument in span.arguments]
    return all(any(a < top and low < b for a, b in ends) for low, top in (relation.source, relation.target))


def say(line: str) -> None:
    """A line of the report."""
    sys.stdout.write(line + "\n")


def _plays(span: Span, role: str, mark: str, text: Text, by_id: dict[str, tuple[str, Span]]) -> bool:
    wanted = [one for one in text.marks if one.label == mark]
    mutual = role != "place" and (len(corpora.plays(text, role)) > 1 or span.label in MUTUAL)
    roles = {"actor", "recipient"} if mutual else {role}
    return any(
        argument.role in roles and any(one.overlaps(*by_id[argument.target][1].offsets) for one in wanted)
        for argument in span.arguments
    )


def _articles(texts: Iterable[Text]) -> list[Article]:
    return [Article.from_text(text.text) for text in texts]


def _gold_entities(text: Text, scheme: LabelScheme) -> AnnotationSet:
    spans = [
        Span(id=f"g{n}", label=mark.label, start=mark.start, end=mark.end, text=text.text[mark.start : mark.end])
        for n, mark in enumerate(text.marks)
    ]
    return _set(spans, scheme)


def _coarse(found: AnnotationSet, scheme: LabelScheme, marked: set[str]) -> AnnotationSet:
    """The entities under the labels that a corpus marks; a facility is a place where it knows no facilities."""
    labels = {
        label: "place" if coarse == "facility" and coarse not in marked else coarse for label, coarse in COARSE.items()
    }
    spans = [s for s in found.layers[scheme.layers[0].name] if labels.get(s.label) in marked]
    return _set([s.model_copy(update={"label": labels[s.label]}) for s in spans], scheme)


def _set(spans: list[Span], scheme: LabelScheme) -> AnnotationSet:
    layers = {**scheme.empty_layers(), scheme.layers[0].name: tuple(spans)}
    return AnnotationSet(producer=Producer(kind="person", name="x"), scheme_digest="", layers=layers)


def _report(golds: Sequence[AnnotationSet], found: Sequence[AnnotationSet], scheme: LabelScheme) -> ScoreReport:
    return summarise([score_document(gold, one, scheme) for gold, one in zip(golds, found, strict=True)])


def _n(value: float | None) -> str:
    return "   – " if value is None else f"{value:5.3f}".replace("0.", " .", 1)


def _range(interval: Interval | None) -> str:
    return f"{_n(interval.low).strip()} to {_n(interval.high).strip()}" if interval else ""


def _commit() -> str:
    here = Path(__file__).parent
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=here, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "no commit"


if __name__ == "__main__":
    main()
