"""How good suggestions are: scores, the corrections that an annotator would have to make, and what is wrong with them."""

import time
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pydantic import Field

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.frozen import Frozen
from workbench.core.measures import EVERY, DocumentScore, ScoreReport, score_document, summarise
from workbench.core.ports import PreAnnotator, Progress
from workbench.core.scheme import LabelScheme
from workbench.training.faults import Examples, Fault, Kind, Name, faults
from workbench.training.reliability import Bins, ReliabilityBin, outcomes

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
    guesses: Iterable[AnnotationSet],
    gold: Sequence[AnnotatedArticle],
    scheme: LabelScheme,
    *,
    producer: Producer,
    release: str,
    part: str,
    seconds: float | None = None,
) -> Evaluation:
    """The evaluation of suggestions that are there; `guesses` and `gold` are in one order.

    They are looked at one by one, and of each only numbers and a few examples are kept.
    """
    sums = _Sums(scheme)

    def scored() -> Iterator[DocumentScore]:
        for guess, item in zip(guesses, gold, strict=True):
            normal = scheme.normalise(guess)
            sums.add(normal, item)
            yield score_document(item.annotations, normal, scheme)

    scores = summarise(scored(), resamples=RESAMPLES)
    return Evaluation(
        producer=producer,
        release=release,
        part=part,
        articles=tuple(sums.articles),
        corrections=tuple(sums.corrections),
        scores=scores,
        stories=tuple(sums.stories),
        names=sums.by_name(),
        faults=tuple(
            FaultCount(layer=layer, kind=kind, label=label, number=number)
            for (layer, kind, label), number in sorted(sums.kinds.items())
        ),
        confusion=tuple(
            Confusion(layer=layer, what=what, right=right, wrong=wrong, number=number)
            for (layer, what, right, wrong), number in sorted(sums.confusion.items(), key=lambda one: (-one[1], one[0]))
        ),
        examples=sums.examples.kept(),
        reliability=sums.bins.rows(),
        words=sums.words,
        seconds=seconds,
    )


class _Sums:
    """What is kept of suggestions beside gold, article by article."""

    def __init__(self, scheme: LabelScheme) -> None:
        self._scheme = scheme
        self.articles: list[str] = []
        self.stories: list[str] = []
        self.corrections: list[dict[str, int]] = []
        self.kinds: Counter[tuple[str, Kind, str]] = Counter()
        self.confusion: Counter[tuple[str, str, str, str]] = Counter()
        """Which labels, roles and values were taken for which, what is right in its place included for spans."""
        self.examples = Examples(EXAMPLES)
        self.bins = Bins()
        self.words = 0
        self._names: dict[Name, array[int]] = {}

    def add(self, guess: AnnotationSet, item: AnnotatedArticle) -> None:
        """Looks at an article."""
        wrong = faults(item, guess, self._scheme)
        layers = Counter(fault.of.layer for fault in wrong)
        self.corrections.append({layer.name: layers[layer.name] for layer in self._scheme.layers})
        for name, number in Counter(fault.of for fault in wrong).items():
            column = self._names.setdefault(name, array("q"))
            column.extend([0] * (len(self.articles) - len(column)))
            column.append(number)
        self.articles.append(item.article.id)
        self.stories.append(item.article.story)
        self.words += len(item.article.text.split())
        for fault in wrong:
            self.kinds[fault.of.layer, fault.kind, fault.of.name] += 1
            self.examples.add(fault)
            if fault.kind != "boundary":
                what = fault.of.name if fault.of.what == "attribute" else fault.of.what
                self.confusion[fault.of.layer, what, fault.right, fault.wrong] += 1
        for layer in self._scheme.layers:
            there = {(span.offsets, span.label) for span in guess.layers.get(layer.name, ())}
            for span in item.annotations.layers.get(layer.name, ()):
                if (span.offsets, span.label) in there:
                    self.confusion[layer.name, "span", span.label, span.label] += 1
        for outcome in outcomes(item, guess, self._scheme):
            self.bins.add(outcome)

    def by_name(self) -> tuple[NameCorrections, ...]:
        """The corrections of each name, article by article."""
        layers = [layer.name for layer in self._scheme.layers]
        whats = ("span", "role", "attribute")
        names = sorted(self._names, key=lambda name: (layers.index(name.layer), whats.index(name.what), name.name))
        found: list[NameCorrections] = []
        for name in names:
            column = self._names[name]
            rest = [0] * (len(self.articles) - len(column))
            found.append(NameCorrections(of=name, corrections=(*column, *rest)))
        return tuple(found)


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
