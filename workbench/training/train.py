"""Trains one pipeline from a release: spans of all layers, their attributes, the roles between them.

The base pipeline's parser, tagger and entity recogniser are inputs and stay as they are, so that training starts warm
and forgets nothing. What is learned on top is small, starts from nothing, and comes out the same from the same release
and seed. The dev part is not looked at: it is there for deciding about promotion.
"""

import pickle
import platform
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import spacy
from pydantic import Field
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from workbench.core.annotations import AnnotatedArticle
from workbench.core.frozen import Frozen
from workbench.core.kinds import kind_of
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import base, docs, registry
from workbench.pipeline.assemble import Component, added, assemble, before, describe
from workbench.pipeline.docs import AlignmentReport
from workbench.pipeline.pieces import docs_of
from workbench.pipeline.predict import BATCH
from workbench.pipeline.roles import RoleFinder
from workbench.pipeline.spans import SpanTagger, spans_of
from workbench.pipeline.sparse import Batch
from workbench.pipeline.spool import Spool
from workbench.store import Store, models
from workbench.store.database import now
from workbench.store.models import Model
from workbench.training import corpus
from workbench.training.corpus import Corpus, PartSummary
from workbench.version import __version__

# Articles that one step learns from.
TOGETHER = 2


class TrainOptions(Frozen):
    """How to train.

    `suggester` says what the model starts from: "rules" puts the cold-start rules into its pipeline, "none" lets it
    learn from the words alone. `max_misaligned` is the share of spans that may not end where tokens do.
    """

    base: str = "en_core_web_sm"
    suggester: Literal["rules", "none"] = "rules"
    epochs: int = Field(default=12, ge=1)
    max_minutes: float | None = Field(default=None, gt=0)
    seed: int = 0
    max_misaligned: float = Field(default=0.05, ge=0, le=1)


class ComponentReport(Frozen):
    """What a component learned from: `rows` are tokens, spans, pairs or documents."""

    component: str
    rows: int
    features: int
    outputs: int


class TrainReport(Frozen):
    """All that is to be known of how a model came about.

    `nested` counts spans that overlap another of their kind and could not be taught; `out_of_reach` arguments that are
    too far from their head; `fields_skipped` choices about the document that had no examples of two values; `not_learned` attributes
    and fields of a kind that no model learns, such as texts and numbers.
    """

    version: str
    release: str
    base: str
    scheme_digest: str
    options: TrainOptions
    parts: tuple[PartSummary, ...]
    alignment: AlignmentReport
    nested: dict[str, int]
    out_of_reach: int
    fields_skipped: tuple[str, ...]
    not_learned: tuple[str, ...] = ()
    epochs: int
    stopped_early: bool
    losses: tuple[dict[str, float], ...]
    components: tuple[ComponentReport, ...]
    seconds: float
    versions: dict[str, str]


class Trained(NamedTuple):
    """A pipeline that was trained, and how."""

    nlp: Language
    report: TrainReport


def train(
    store: Store,
    release: str,
    scheme: LabelScheme,
    models_folder: Path,
    progress: Progress,
    options: TrainOptions | None = None,
    *,
    rule_files: Mapping[str, Path | None] | None = None,
) -> TrainReport:
    """The report of a model that was trained on a release and stands in the registry and in the store.

    Raises:
        ReleaseError: there is no such release, or it does not fit the scheme.
        ModelError: the base pipeline cannot be loaded; there is nothing to learn from; too many spans do not end where
            tokens do; the model cannot be written.
    """
    options = options or TrainOptions()
    with store.reading() as session:
        gold = corpus.read(session, release, scheme)
        version = _version(release, [model.version for model in models.every(session)], models_folder)
    registry.check_writable(models_folder)
    nlp, report = train_pipeline(gold, scheme, version, progress, options, rule_files=rule_files)
    progress.say(f"writing {version} to the registry")
    digest = registry.put(nlp, models_folder, version)
    with store.transaction() as session:
        models.add(
            session,
            Model(
                version=version,
                release=release,
                base=report.base,
                digest=digest,
                created=now(),
                report={"training": report.model_dump(mode="json")},
            ),
        )
    return report


def train_pipeline(
    gold: Corpus,
    scheme: LabelScheme,
    version: str,
    progress: Progress,
    options: TrainOptions,
    *,
    rule_files: Mapping[str, Path | None] | None = None,
) -> Trained:
    """A pipeline trained on the train part, and the report of it.

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
    fields = corpus.learnable_fields(gold.items["train"], scheme)
    components = assemble(nlp, scheme, fields, rules=options.suggester == "rules", rule_files=rule_files)
    describe(nlp, scheme, release=gold.release, version=version)
    examples, others, alignment = _examples(nlp, gold.items["train"], scheme, progress)
    if alignment.share > options.max_misaligned:
        listed = "; ".join(str(one) for one in (*alignment.expanded, *alignment.refused)[:3])
        raise ModelError(
            f"{alignment.share:.0%} of the spans do not end where tokens do: {listed}",
            hint="correct them in Label Studio, or allow more with --max-misaligned",
            lists={
                "spans do not end where tokens do": [
                    (f"{one.article}: {one.layer} {one.label} {one.text!r}", one.became)
                    for one in (*alignment.expanded, *alignment.refused)
                ]
            },
            alignment=alignment,
        )
    runs = _training_runs(components, examples, others, options.seed)
    losses = _learn(runs, progress, options)
    return Trained(
        nlp,
        TrainReport(
            version=version,
            release=gold.release,
            base=base.identity(nlp),
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
            stopped_early=len(losses) < options.epochs,
            losses=tuple(losses),
            components=tuple(
                ComponentReport(
                    component=run.component.name,
                    rows=sum(len(batch.targets) for batch in run.batches),
                    features=len(run.component.pipe.keys),
                    outputs=run.component.pipe.size,
                )
                for run in runs
            ),
            seconds=round(time.monotonic() - started, 1),
            versions={
                "workbench": __version__,
                "spacy": spacy.__version__,  # pyright: ignore[reportPrivateImportUsage] # documented all the same
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        ),
    )


class _TrainingRun(NamedTuple):
    component: Component
    batches: Sequence[Batch]


def _spooled(nlp: Language) -> Spool[Example]:
    """Examples that are not held in memory, without what no component looks at."""

    def pack(example: Example) -> bytes:
        both = (example.predicted, example.reference)
        return pickle.dumps([doc.to_bytes(exclude=["tensor", "user_data"]) for doc in both])

    def unpack(data: bytes) -> Example:
        predicted, reference = (Doc(nlp.vocab).from_bytes(one) for one in pickle.loads(data))
        return Example(predicted, reference)

    return Spool(pack, unpack)


def _examples(
    nlp: Language, items: Sequence[AnnotatedArticle], scheme: LabelScheme, progress: Progress
) -> tuple[Spool[Example], Spool[Example], AlignmentReport]:
    """Articles to learn spans from, those for choices about the document only, and how the spans fitted.

    Each is the article as the base pipeline sees it beside its gold.
    """
    examples, others = _spooled(nlp), _spooled(nlp)
    fits: list[AlignmentReport] = []
    texts = (item.article.text for item in items)
    seen = docs_of(nlp, texts, disable=added(nlp), most=BATCH)
    suggesters = [nlp.get_pipe(name) for name in before(nlp) if name in added(nlp)]
    for item, doc in zip(items, progress.track(seen, "reading the articles", total=len(items)), strict=True):
        for suggester in suggesters:  # sees a long text whole
            suggester(doc)
        gold = Doc(nlp.vocab, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc])
        fit = docs.annotate_doc(gold, item.annotations, scheme, article=item.article.id)
        if scheme.is_trainable(item.annotations.document):
            fits.append(fit)
            examples.append(Example(doc, gold))
        else:
            others.append(Example(doc, gold))
    return examples, others, AlignmentReport.total(fits)


def _training_runs(
    components: Sequence[Component], examples: Spool[Example], others: Spool[Example], seed: int
) -> list[_TrainingRun]:
    from workbench.pipeline.documents import DocumentChooser

    runs: list[_TrainingRun] = []
    for component in components:
        taught = (examples, others) if isinstance(component.pipe, DocumentChooser) else (examples,)
        batches = component.pipe.initialize(lambda taught=taught: chain.from_iterable(taught), seed=seed)
        runs.append(_TrainingRun(component, batches))
    return runs


def _learn(runs: Sequence[_TrainingRun], progress: Progress, options: TrainOptions) -> list[dict[str, float]]:
    """The loss of each component after each epoch, as long as there is time."""
    shuffler = random.Random(options.seed)
    deadline = None if options.max_minutes is None else time.monotonic() + options.max_minutes * 60
    losses: list[dict[str, float]] = []
    for _ in progress.track(range(options.epochs), "learning, epoch by epoch"):
        loss: dict[str, float] = {}
        for run in runs:
            order = list(range(len(run.batches)))
            shuffler.shuffle(order)
            loss[run.component.name] = round(
                sum(run.component.pipe.learn([run.batches[i] for i in few]) for few in _few(order)), 3
            )
        losses.append(loss)
        if deadline is not None and time.monotonic() > deadline:
            progress.say(f"time is up after epoch {len(losses)}")
            break
    return losses


def _few(order: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(order), TOGETHER):
        yield order[start : start + TOGETHER]


def _nested(components: Sequence[Component], examples: Sequence[Example]) -> dict[str, int]:
    """How many spans of each label could not be taught, because they overlap a longer one of their tier."""
    counts: dict[str, int] = {}
    for component in components:
        if isinstance(component.pipe, SpanTagger):
            for example in examples:
                for tier in component.pipe.tiers:
                    for span in spans_of(example.reference, tier)[1]:
                        counts[span.label_] = counts.get(span.label_, 0) + 1
    return counts


def _out_of_reach(components: Sequence[Component], examples: Sequence[Example]) -> int:
    finders = [component.pipe for component in components if isinstance(component.pipe, RoleFinder)]
    return sum(finder.out_of_reach(example.reference) for finder in finders for example in examples)


def _version(release: str, known: Sequence[str], folder: Path) -> str:
    """The first free version of a release."""
    number = 1
    while f"{release}-{number}" in known or (folder / f"{release}-{number}").exists():
        number += 1
    return f"{release}-{number}"
