"""How good suggestions are: scores, the corrections that an annotator would have to make, and what is wrong with them."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import Field

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.frozen import Frozen
from workbench.core.measures import EVERY, ScoreReport, score_document, summarise
from workbench.core.ports import PreAnnotator, Progress
from workbench.core.scheme import LabelScheme
from workbench.training.faults import Fault, Kind, Name, faults, one_an_article
from workbench.training.reliability import ReliabilityBin, outcomes, reliability

RESAMPLES = 1000
EXAMPLES = 3
"""How many faults of each label are kept as examples."""


class NameCorrections(Frozen):
    """The corrections that a label, a role or an attribute needs, article by article."""

    of: Name
    corrections: tuple[int, ...]


class FaultCount(Frozen):
    """How many faults of one kind a layer has; `label` is the label, role or attribute they are counted for."""

    layer: str
    kind: Kind
    label: str
    number: int


class Confusion(Frozen):
    """How often `wrong` was suggested where `right` is right; one of them is empty where there is nothing."""

    layer: str
    what: str
    right: str
    wrong: str
    number: int


class Evaluation(Frozen):
    """What suggestions by one producer were worth on one part of a release.

    `corrections` has, for every article, how many corrections each layer needs; roles count where they start. `names`
    has them by label, role and attribute. `stories` are the articles' story groups. `seconds` is how long the
    suggestions took, None where they were there already. What an earlier version measured lacks all of these.
    """

    producer: Producer
    release: str
    part: str
    articles: tuple[str, ...]
    corrections: tuple[dict[str, int], ...]
    scores: ScoreReport
    stories: tuple[str, ...] = ()
    names: tuple[NameCorrections, ...] = ()
    faults: tuple[FaultCount, ...] = ()
    confusion: tuple[Confusion, ...] = ()
    examples: tuple[Fault, ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()
    words: int = 0
    seconds: float | None = None

    def of_layer(self, layer: str) -> list[int]:
        """The corrections that a layer needs, article by article."""
        return [one.get(layer, 0) for one in self.corrections]

    @property
    def totals(self) -> list[int]:
        """All corrections, article by article."""
        return [sum(one.values()) for one in self.corrections]

    @property
    def mean(self) -> float:
        """Corrections an article."""
        return sum(self.totals) / len(self.totals) if self.totals else 0.0

    @property
    def words_a_second(self) -> float | None:
        """How fast the suggestions were made; None where they were there already."""
        return self.words / self.seconds if self.seconds else None


class LayerSummary(Frozen):
    """The scores of one layer in short; None where nothing was there or found."""

    layer: str
    strict_f1: float | None
    lenient_f1: float | None
    argument_f1: float | None
    frame_f1: float | None
    corrections: float = Field(description="an article")


def evaluate(
    annotator: PreAnnotator,
    gold: Sequence[AnnotatedArticle],
    scheme: LabelScheme,
    progress: Progress,
    *,
    release: str,
    part: str,
) -> Evaluation:
    """The evaluation of an annotator's suggestions against gold articles."""
    started = time.perf_counter()
    found = annotator.annotate(item.article for item in gold)
    guesses = list(progress.track(found, f"{annotator.producer} on {part}", total=len(gold)))
    seconds = time.perf_counter() - started
    return measure(guesses, gold, scheme, producer=annotator.producer, release=release, part=part, seconds=seconds)


def measure(
    guesses: Sequence[AnnotationSet],
    gold: Sequence[AnnotatedArticle],
    scheme: LabelScheme,
    *,
    producer: Producer,
    release: str,
    part: str,
    seconds: float | None = None,
) -> Evaluation:
    """The evaluation of suggestions that are there; `guesses` and `gold` are in one order."""
    pairs = [(scheme.normalise(guess), item) for guess, item in zip(guesses, gold, strict=True)]
    wrong = [faults(item, guess, scheme) for guess, item in pairs]
    every = [fault for some in wrong for fault in some]
    return Evaluation(
        producer=producer,
        release=release,
        part=part,
        articles=tuple(item.article.id for item in gold),
        corrections=tuple(_by_layer(some, scheme) for some in wrong),
        scores=summarise(
            [score_document(item.annotations, guess, scheme) for guess, item in pairs], resamples=RESAMPLES
        ),
        stories=tuple(item.article.story for item in gold),
        names=_by_name(wrong, scheme),
        faults=tuple(
            FaultCount(layer=layer, kind=kind, label=label, number=number)
            for (layer, kind, label), number in sorted(_kinds(every).items())
        ),
        confusion=_confusion(every, pairs, scheme),
        examples=one_an_article(every, EXAMPLES),
        reliability=reliability(one for guess, item in pairs for one in outcomes(item, guess, scheme)),
        words=sum(len(item.article.text.split()) for item in gold),
        seconds=seconds,
    )


def _by_layer(found: Iterable[Fault], scheme: LabelScheme) -> dict[str, int]:
    counts = Counter(fault.of.layer for fault in found)
    return {layer.name: counts[layer.name] for layer in scheme.layers}


def _kinds(found: Iterable[Fault]) -> Counter[tuple[str, Kind, str]]:
    return Counter((fault.of.layer, fault.kind, fault.of.name) for fault in found)


def _by_name(wrong: Sequence[Iterable[Fault]], scheme: LabelScheme) -> tuple[NameCorrections, ...]:
    counts = [Counter(fault.of for fault in some) for some in wrong]
    layers = [layer.name for layer in scheme.layers]
    whats = ("span", "role", "attribute")
    names = sorted(
        dict.fromkeys(name for one in counts for name in one),
        key=lambda name: (layers.index(name.layer), whats.index(name.what), name.name),
    )
    return tuple(NameCorrections(of=name, corrections=tuple(one[name] for one in counts)) for name in names)


def _confusion(
    found: Iterable[Fault], pairs: Iterable[tuple[AnnotationSet, AnnotatedArticle]], scheme: LabelScheme
) -> tuple[Confusion, ...]:
    """Which labels, roles and values were taken for which, what is right in its place included for spans."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for fault in found:
        if fault.kind != "boundary":
            what = fault.of.name if fault.of.what == "attribute" else fault.of.what
            counts[fault.of.layer, what, fault.right, fault.wrong] += 1
    for guess, item in pairs:
        for layer in scheme.layers:
            there = {(span.offsets, span.label) for span in guess.layers.get(layer.name, ())}
            for span in item.annotations.layers.get(layer.name, ()):
                if (span.offsets, span.label) in there:
                    counts[layer.name, "span", span.label, span.label] += 1
    return tuple(
        Confusion(layer=layer, what=what, right=right, wrong=wrong, number=number)
        for (layer, what, right, wrong), number in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    )


def summary(evaluation: Evaluation, scheme: LabelScheme) -> tuple[LayerSummary, ...]:
    """The evaluation in a line a layer."""
    scores, count = evaluation.scores, max(1, len(evaluation.articles))

    def f1(what: str, layer: str, mode: str = "strict") -> float | None:
        rows = (r for r in scores.rows if (r.what, r.layer, r.label, r.mode) == (what, layer, EVERY, mode))
        return next((row.f1 for row in rows), None)

    return tuple(
        LayerSummary(
            layer=layer.name,
            strict_f1=f1("spans", layer.name),
            lenient_f1=f1("spans", layer.name, "lenient"),
            argument_f1=f1("arguments", layer.name),
            frame_f1=f1("frames", layer.name),
            corrections=sum(evaluation.of_layer(layer.name)) / count,
        )
        for layer in scheme.layers
    )
