"""How good suggestions are: scores, and the corrections that an annotator would have to make, layer by layer."""

from collections.abc import Sequence

from pydantic import Field

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.frozen import Frozen
from workbench.core.matching import Matching, match
from workbench.core.measures import EVERY, ScoreReport, score_document, summarise
from workbench.core.ports import PreAnnotator, Progress
from workbench.core.scheme import LabelScheme

RESAMPLES = 1000


class Evaluation(Frozen):
    """What suggestions by one producer were worth on one part of a release.

    `corrections` has, for every article, how many corrections each layer needs; roles count where they start.
    """

    producer: Producer
    release: str
    part: str
    articles: tuple[str, ...]
    corrections: tuple[dict[str, int], ...]
    scores: ScoreReport

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
    found = annotator.annotate(item.article for item in gold)
    guesses = list(progress.track(found, f"{annotator.producer} on {part}", total=len(gold)))
    return measure(guesses, gold, scheme, producer=annotator.producer, release=release, part=part)


def measure(
    guesses: Sequence[AnnotationSet],
    gold: Sequence[AnnotatedArticle],
    scheme: LabelScheme,
    *,
    producer: Producer,
    release: str,
    part: str,
) -> Evaluation:
    """The evaluation of suggestions that are there; `guesses` and `gold` are in one order."""
    pairs = [(scheme.normalise(guess), item.annotations) for guess, item in zip(guesses, gold, strict=True)]
    return Evaluation(
        producer=producer,
        release=release,
        part=part,
        articles=tuple(item.article.id for item in gold),
        corrections=tuple(corrections_by_layer(match(guess, right, scheme), scheme) for guess, right in pairs),
        scores=summarise([score_document(right, guess, scheme) for guess, right in pairs], resamples=RESAMPLES),
    )


def corrections_by_layer(matching: Matching, scheme: LabelScheme) -> dict[str, int]:
    """`Matching.corrections`, layer by layer."""
    return {
        layer.name: Matching(
            spans=tuple(m for m in matching.spans if m.layer == layer.name),
            attributes=tuple(m for m in matching.attributes if m.layer == layer.name),
            roles=tuple(m for m in matching.roles if m.layer == layer.name),
        ).corrections
        for layer in scheme.layers
    }


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
