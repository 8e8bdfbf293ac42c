"""What would have come of annotating gold articles in an order, with a model that learns from them as it goes.

Annotators are taken to correct every suggestion to the gold. Each round, the articles that come next get suggestions by
what the rounds before made (the rules at first), the corrections that these need are counted, the model learns from all
articles so far, and is measured on articles that it never sees.
"""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from workbench.core.annotations import AnnotatedArticle
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.measures import EVERY, Counts
from workbench.core.ports import PreAnnotator, Progress, Silent
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline.predict import TrainedModel
from workbench.selection.ranking import RANDOM_SHARE, Known, Strategy, rank
from workbench.selection.signals import signals
from workbench.training import corpus
from workbench.training.evaluate import Evaluation, evaluate
from workbench.training.learn import train_pipeline
from workbench.training.report import ALONE, RULES, TrainOptions
from workbench.training.spacy_ner import train_ner

Learner = Literal["suggestions", "words", "ner", "rules"]
"""What learns: the workbench's own model from the rules' suggestions and the words, or from the words alone; spaCy's
entity recogniser, trained on; or nothing, so that annotators see the rules for ever."""
LEARNERS: tuple[Learner, ...] = get_args(Learner)
VERSION = "simulated"


class Point(Frozen):
    """Where a simulation stands after a number of articles.

    `words`, `corrections` and `spans` are what annotators have read, corrected and drawn or kept up to here. `f1` is
    that of spans, strict, over all layers; `of_layer` layer by layer. `needed` has the corrections that each test
    article would need. `seconds` is what training took, in CPU time.
    """

    strategy: Strategy
    learner: Learner
    seed: int
    articles: int
    words: int
    spans: int
    corrections: int
    f1: float
    of_layer: dict[str, float]
    needed: tuple[int, ...]
    seconds: float

    @property
    def mean(self) -> float:
        """Corrections that a test article needs."""
        return sum(self.needed) / len(self.needed) if self.needed else 0.0


class Setting(NamedTuple):
    """What does not change between simulations: the gold, the scheme, the rules, how they are loaded and trained."""

    pool: Sequence[AnnotatedArticle]
    test: Sequence[AnnotatedArticle]
    scheme: LabelScheme
    rules: PreAnnotator
    pipeline: str
    rule_files: Mapping[str, str] | None = None


@dataclass
class _Done:
    words: int = 0
    spans: int = 0
    corrections: int = 0


def replay(
    setting: Setting,
    progress: Progress,
    *,
    strategy: Strategy,
    learner: Learner,
    seed: int,
    sizes: Sequence[int],
) -> Iterator[Point]:
    """One point for each size, as soon as it is known; sizes beyond the pool are left out.

    Raises:
        ModelError: the pipeline cannot be loaded, or there is nothing to learn from.
    """
    shown, annotated, done = setting.rules, list[AnnotatedArticle](), _Done()
    for size in sorted(set(sizes)):
        if size > len(setting.pool):
            return
        batch = _next(setting, annotated, shown, size - len(annotated), strategy, seed)
        met = _evaluation(setting, shown, batch)
        annotated += batch
        done.words += sum(len(one.article.text.split()) for one in batch)
        done.spans += sum(1 for one in batch for _ in one.annotations.spans())
        done.corrections += sum(met.totals)
        progress.say(f"{learner}, {strategy}, seed {seed}: learning from {counted(size, 'articles')}")
        started = time.process_time()
        shown = _made(setting, annotated, learner, seed)
        seconds = time.process_time() - started
        found = _evaluation(setting, shown, setting.test)
        counts = _counts(found, setting.scheme)
        yield Point(
            strategy=strategy,
            learner=learner,
            seed=seed,
            articles=size,
            words=done.words,
            spans=done.spans,
            corrections=done.corrections,
            f1=sum(counts.values(), Counts()).f1 or 0.0,
            of_layer={layer: one.f1 or 0.0 for layer, one in counts.items()},
            needed=tuple(found.totals),
            seconds=round(seconds, 2),
        )


def _next(
    setting: Setting,
    annotated: Sequence[AnnotatedArticle],
    shown: PreAnnotator,
    number: int,
    strategy: Strategy,
    seed: int,
) -> list[AnnotatedArticle]:
    """The articles that come next, by what is suggested for those that wait."""
    taken = {one.article.id for one in annotated}
    waiting = {one.article.id: one for one in setting.pool if one.article.id not in taken}
    articles = [one.article for one in waiting.values()]
    suggested = [None] * len(articles) if strategy == "random" else list(shown.annotate(articles))
    candidates = [signals(article, found) for article, found in zip(articles, suggested, strict=True)]
    before = [signals(one.article, None) for one in annotated]
    known = Known(
        labels=Counter(span.label for one in annotated for _, span in one.annotations.spans()),
        stories={one.story for one in before},
        terms=[one.terms for one in before],
    )
    # The first articles are the same for every strategy: before anything was learned there is little to go by.
    first = "random" if not annotated else strategy
    queue = rank(
        candidates,
        known,
        strategy=first,
        random_share=RANDOM_SHARE,
        seed=seed,
        limit=number,
        before=len(annotated),
    )
    return [waiting[place.article_id] for place in queue]


def _made(setting: Setting, items: Sequence[AnnotatedArticle], learner: Learner, seed: int) -> PreAnnotator:
    """What the learner suggests by once it has learned from the items."""
    if learner == "rules":
        return setting.rules
    if learner == "ner":
        layer = setting.scheme.layers[0].name
        return train_ner(items, setting.scheme, layer=layer, pipeline=setting.pipeline, seed=seed, version=VERSION)
    if all(one.annotations.is_empty for one in items):
        raise ModelError(
            f"{counted(len(items), 'articles')} without any annotation came first, so there is nothing to learn from",
            hint="name larger --sizes",
        )
    trained = train_pipeline(
        corpus.of(VERSION, {"train": items}, setting.scheme),
        setting.scheme,
        VERSION,
        Silent(),
        TrainOptions(
            base=setting.pipeline,
            seed=seed,
            suggester=RULES if learner == "suggestions" else ALONE,
            max_misaligned=1.0,
        ),
        rule_files=setting.rule_files,
    )
    return TrainedModel(trained.nlp, VERSION, setting.scheme)


def _evaluation(setting: Setting, shown: PreAnnotator, items: Sequence[AnnotatedArticle]) -> Evaluation:
    return evaluate(shown, items, setting.scheme, Silent(), release=VERSION, part="test")


def _counts(found: Evaluation, scheme: LabelScheme) -> dict[str, Counts]:
    """What of each layer's spans was found, strictly."""
    rows = {layer.name: found.scores.row("spans", layer.name, EVERY) for layer in scheme.layers}
    return {name: Counts(tp=row.tp, fp=row.fp, fn=row.fn) for name, row in rows.items() if row is not None}
