"""Learns one pipeline from gold articles: spans of all layers, their attributes, the roles between them.

The base pipeline's parser, tagger and entity recogniser are inputs and stay as they are, so that training starts warm
and forgets nothing. What is learned on top is small, starts from nothing, and comes out the same from the same release
and seed. The dev part is not looked at: it is there for deciding about promotion.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.kinds import kind_of
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import base, docs
from workbench.pipeline.alignment import AlignmentReport
from workbench.pipeline.assemble import Component, Former, added, assemble, before, describe, facts_of, learnable_fields
from workbench.pipeline.examples import spooled
from workbench.pipeline.pieces import docs_of
from workbench.pipeline.predict import BATCH
from workbench.pipeline.roles import RoleFinder
from workbench.pipeline.spans import SpanTagger, untaught
from workbench.pipeline.spool import Spool
from workbench.pipeline.suggestions import note
from workbench.training.corpus import Corpus
from workbench.training.epochs import Epochs
from workbench.training.held_back import HeldBack, TrainingRun, hold_back
from workbench.training.misaligned import refuse_misaligned
from workbench.training.report import RULES, SHOWN, ComponentReport, TrainOptions, TrainReport, versions


class Trained(NamedTuple):
    """A pipeline that was trained, how, and what models of its options did on stories that were held back from them."""

    nlp: Language
    report: TrainReport
    held_back: HeldBack | None


def train_pipeline(
    gold: Corpus,
    scheme: LabelScheme,
    version: str,
    progress: Progress,
    options: TrainOptions,
    *,
    rule_files: Mapping[str, str] | None = None,
    before: Former | None = None,
    suggested: Mapping[str, AnnotationSet] | None = None,
) -> Trained:
    """A pipeline trained on the train part, and the report of it.

    `before` is a former model that it starts from. `suggested` holds, by article id, what is to be taken as suggested
    for an article, in the place of what a suggester in the pipeline says: a former model has learned from articles of
    this release, on which its own suggestions are better than on those that are new, so that what models of its kind
    said of them when their stories were held back is taken.

    Raises:
        ModelError: as `train`.
    """
    started = time.monotonic()
    items = gold.trainable("train", scheme)
    if not any(not item.annotations.is_empty for item in items):
        raise ModelError(
            f"release {gold.release} has no annotated article in its train part, so there is nothing to learn from",
            hint="annotate more articles, `workbench pull`, and make another release",
        )
    progress.say(f"loading the base pipeline {options.base}")
    nlp = base.load(options.base)
    base.check_fit(nlp, (item.article.language for item in items), force=options.force)
    fields = learnable_fields(gold.items["train"], scheme)
    components = assemble(nlp, scheme, fields, rules=options.suggester == RULES, rule_files=rule_files, before=before)
    by = Counter(str(one.producer) for one in (suggested or {}).values())
    shown = {"shown_by": by.most_common(1)[0][0]} if options.suggester == SHOWN and by else {}
    describe(nlp, scheme, release=gold.release, version=version, suggester=options.suggester, **shown)
    examples, alignment = _examples(nlp, gold.items["train"], scheme, progress, suggested or {})
    refuse_misaligned(alignment, options.max_misaligned)
    deadline = None if options.max_minutes is None else started + options.max_minutes * 60
    runs: list[TrainingRun] = []
    for one in progress.track(components, "working out what there is to learn", total=len(components)):
        runs.append(TrainingRun(one, one.pipe.initialize(lambda: examples, seed=options.seed)))
    held = hold_back(
        runs,
        examples,
        gold.items["train"],
        scheme,
        progress,
        folds=options.folds,
        most=options.epochs,
        seed=options.seed,
        producer=Producer(kind="model", name="model", version=version),
        release=gold.release,
        # What is held back may take half of the time.
        deadline=None if deadline is None else (started + deadline) / 2,
    )
    epochs = {name: held.epochs[name] if held else options.epochs for name, _ in components}
    losses = _learn(runs, progress, options.seed, epochs, deadline)
    if held is not None:
        held.calibrate(components)
    return Trained(
        nlp,
        TrainReport(
            version=version,
            release=gold.release,
            release_digest=gold.digest,
            base=facts_of(nlp)["base"],
            scheme_digest=scheme.digest,
            options=options,
            parts=gold.parts,
            alignment=alignment,
            nested=_nested(components, examples),
            out_of_reach=_out_of_reach(components, examples),
            fields_skipped=tuple(
                field.name for field in scheme.document_fields if field not in fields and kind_of(field).trainable
            ),
            not_learned=tuple(
                one.name for one in (*scheme.attributes, *scheme.document_fields) if not kind_of(one).trainable
            ),
            epochs=len(losses),
            stopped_early=len(losses) < max(epochs.values()),
            losses=tuple(losses),
            components=tuple(
                ComponentReport(
                    component=run.component.name,
                    rows=sum(len(batch.rows) for batch in run.batches),
                    features=len(run.component.pipe.keys),
                    outputs=run.component.pipe.size,
                    epochs=min(len(losses), epochs[run.component.name]),
                )
                for run in runs
            ),
            seconds=round(time.monotonic() - started, 1),
            versions=versions(nlp),
        ),
        held,
    )


def _examples(
    nlp: Language,
    items: Sequence[AnnotatedArticle],
    scheme: LabelScheme,
    progress: Progress,
    suggested: Mapping[str, AnnotationSet],
) -> tuple[Spool[Example], AlignmentReport]:
    """The articles as the base pipeline sees them, each beside its gold, and how the spans fitted."""
    examples = spooled(nlp)
    fits: list[AlignmentReport] = []
    texts = (item.article.text for item in items)
    seen = docs_of(nlp, texts, disable=added(nlp), most=BATCH)
    suggesters = [nlp.get_pipe(name) for name in before(nlp) if name in added(nlp)]
    for item, doc in zip(items, progress.track(seen, "reading the articles", total=len(items)), strict=True):
        if item.article.id in suggested:
            note(doc, suggested[item.article.id])
        else:
            for suggester in suggesters:  # sees a long text whole
                suggester(doc)
        gold = Doc(nlp.vocab, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc])
        fit = docs.annotate_doc(gold, item.annotations, scheme, article=item.article.id)
        examples.append(Example(doc, gold))
        if docs.teaches(gold):
            fits.append(fit)
    return examples, AlignmentReport.total(fits)


def _learn(
    runs: Sequence[TrainingRun], progress: Progress, seed: int, epochs: Mapping[str, int], deadline: float | None
) -> list[dict[str, float]]:
    """The loss of each component after each of its epochs, as long as there is time."""
    learning = [Epochs(run.component.pipe, run.batches, seed) for run in runs]
    losses: list[dict[str, float]] = []
    for epoch in progress.track(range(max(epochs.values(), default=0)), "learning, epoch by epoch"):
        loss: dict[str, float] = {}
        for run, its in zip(runs, learning, strict=True):
            if epoch < epochs[run.component.name]:
                loss[run.component.name] = round(its.learn(), 3)
        losses.append(loss)
        if deadline is not None and time.monotonic() > deadline:
            progress.say(f"time is up after epoch {len(losses)}")
            break
    for _, pipe in (run.component for run in runs):
        pipe.freeze(pipe.weights)
    return losses


def _nested(components: Sequence[Component], examples: Sequence[Example]) -> dict[str, int]:
    """How many spans of each label could not be taught, because they overlap a longer one of their tier."""
    counts: dict[str, int] = {}
    for component in components:
        if isinstance(component.pipe, SpanTagger):
            for example in filter(_measured, examples):
                for span in untaught(example.reference, component.pipe.tiers):
                    counts[span.label_] = counts.get(span.label_, 0) + 1
    return counts


def _measured(example: Example) -> bool:
    return docs.teaches(example.reference)


def _out_of_reach(components: Sequence[Component], examples: Sequence[Example]) -> int:
    finders = [component.pipe for component in components if isinstance(component.pipe, RoleFinder)]
    return sum(finder.out_of_reach(example.reference) for finder in finders for example in filter(_measured, examples))
