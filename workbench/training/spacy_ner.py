"""spaCy's own entity recogniser, trained on from the base pipeline's weights: what everything else is measured against.

It learns one layer, where no span may overlap another: of those that do the longest is taught, as spaCy's
`filter_spans` takes it.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example
from spacy.util import filter_spans
from thinc.api import fix_random_seed

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.article import Article
from workbench.core.batches import batches
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import base, docs

NER = "ner"
EPOCHS, STEPS, TOGETHER, DROPOUT = 40, 200, 2, 0.35
"""Passes over the articles, and steps of so many articles each, at the least. Articles held back to decide when to stop
are worth more as articles to learn from: with ten articles F1 on MEN was lower by .03 and more."""


class SpacyNer:
    """A pre-annotator: the entity recogniser of a base pipeline after training; its spans have no scores."""

    def __init__(self, nlp: Language, layer: str, scheme: LabelScheme, version: str) -> None:
        self._nlp, self._layer, self._scheme, self._version = nlp, layer, scheme, version

    @property
    def producer(self) -> Producer:
        return Producer(kind="model", name="spacy-ner", version=self._version)

    @property
    def remarks(self) -> tuple[str, ...]:
        """That it knows one layer."""
        return (f"suggests the layer {self._layer} alone",)

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set for each article, in their order."""
        for doc in self._nlp.pipe(article.text for article in articles):
            known = [ent for ent in doc.ents if ent.label_ in self._scheme.layer_of_label]
            doc.spans[self._layer] = SpanGroup(doc, name=self._layer, spans=known)
            yield docs.from_doc(doc, self._scheme, self.producer)


def train_ner(
    items: Sequence[AnnotatedArticle],
    scheme: LabelScheme,
    *,
    layer: str,
    pipeline: str,
    seed: int = 0,
    version: str = "",
) -> SpacyNer:
    """The recogniser of `pipeline`, trained on with the spans of one layer; the same seed gives the same weights.

    Raises:
        ModelError: the pipeline has no entity recogniser; there is nothing to learn from.
    """
    nlp = base.load(pipeline)
    if NER not in nlp.pipe_names:
        raise ModelError(f"the pipeline {pipeline} has no entity recogniser", hint="name one that has, with --pipeline")
    examples = [_example(nlp, item, scheme, layer) for item in items]
    if not any(example.reference.ents for example in examples):
        raise ModelError(f"there is no span of the layer {layer} to learn from", layer=layer)
    fix_random_seed(seed)
    recogniser: Any = nlp.get_pipe(NER)
    for label in scheme.layer_by_name[layer].label_values:
        recogniser.add_label(label)
    shuffler = random.Random(seed)
    with nlp.select_pipes(enable=[NER]):
        optimizer = nlp.resume_training()
        for _ in range(max(EPOCHS, -(-STEPS * TOGETHER // len(examples)))):
            shuffler.shuffle(examples)
            for few in batches(examples, TOGETHER):
                nlp.update(few, sgd=optimizer, drop=DROPOUT)
    nlp.select_pipes(enable=[NER])
    return SpacyNer(nlp, layer, scheme, version)


def _example(nlp: Language, item: AnnotatedArticle, scheme: LabelScheme, layer: str) -> Example:
    doc = nlp.make_doc(item.article.text)
    gold = Doc(nlp.vocab, words=[t.text for t in doc], spaces=[bool(t.whitespace_) for t in doc])
    docs.annotate_doc(gold, item.annotations, scheme, article=item.article.id)
    gold.ents = filter_spans(cast(Iterable[Span], gold.spans[layer]))
    return Example(doc, gold)
