"""A spaCy pipeline that was trained by other means, as a PreAnnotator: its entities and span groups under our scheme.

Its labels are the scheme's where they have the same name; a map says which of the others are ours. A label belongs to
one layer of the scheme, so that it doesn't matter whether a pipeline writes it to `doc.ents` or to a span group.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import tee
from typing import cast

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.annotations import Span as CoreSpan
from workbench.core.article import Article
from workbench.core.ports import PreAnnotator
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import is_blank
from workbench.errors import ArticleError, ModelError
from workbench.pipeline.assemble import facts_of, ours
from workbench.pipeline.base import identity
from workbench.pipeline.docs import from_doc
from workbench.pipeline.pieces import docs_of
from workbench.pipeline.predict import BATCH, TrainedModel, readable
from workbench.pipeline.suggestions import PREFIX

LABELS = "labels"
"""The fact about a pipeline that holds which of its labels are the scheme's."""
LEFT_OUT = ""
"""What a label is mapped to that is none of ours."""


class SpacyPipeline:
    """Suggests what any spaCy pipeline finds. Spans have scores where the pipeline gives some, as `spancat` does."""

    def __init__(
        self,
        nlp: Language,
        version: str,
        scheme: LabelScheme,
        *,
        labels: Mapping[str, str] | None = None,
        created: str = "",
    ) -> None:
        """`labels` says which label of the scheme each of the pipeline's is, "" for none.

        Raises:
            ModelError: none of its labels is one of the scheme's; the map names a label that one of them lacks.
        """
        self._nlp = nlp
        self._version = version
        self._scheme = scheme
        self._created = created
        self._ours = mapped(nlp, scheme, labels or {})

    @property
    def producer(self) -> Producer:
        return Producer(kind="model", name="model", version=self._version)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The labels of the scheme that it never suggests, and those of its own that are none of the scheme's."""
        known = set(self._ours.values())
        missing = [label for label in self._scheme.layer_of_label if label not in known]
        others = [label for label in labels_of(self._nlp) if label not in self._ours]
        return (
            *((f"never suggested, as the pipeline does not know them: {', '.join(missing)}",) if missing else ()),
            *((f"left out, as the scheme lacks them: {', '.join(others)}",) if others else ()),
        )

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set for each article, in their order.

        Raises:
            ArticleError: an article is too long for the pipeline, or its text holds what no token can.
        """
        texts, kept = tee(articles)
        docs = docs_of(self._nlp, (readable(article, self._nlp) for article in texts), most=BATCH)
        for article, doc in zip(kept, docs, strict=True):
            if doc.text != article.text:
                raise ArticleError(f"{article.id}: the pipeline's tokens do not give its text back", article=article.id)
            yield self._found(doc)

    def _found(self, doc: Doc) -> AnnotationSet:
        spans: dict[str, dict[tuple[str, int, int], CoreSpan]] = {layer.name: {} for layer in self._scheme.layers}
        for span, score in _said(doc):
            label = self._ours.get(span.label_)
            if label is None or is_blank(span.text):
                continue
            text = span.text.strip()
            start = span.start_char + span.text.index(text)
            layer = self._scheme.layer_of_label[label]
            key = (label, start, start + len(text))
            known = spans[layer].get(key)
            if known is None or (known.score or 0) < (score or 0):
                span_id = f"{layer}-{start}-{key[2]}-{label}"
                spans[layer][key] = CoreSpan(id=span_id, label=label, start=start, end=key[2], text=text, score=score)
        document = from_doc(doc, self._scheme, self.producer).document
        return self._scheme.normalise(
            AnnotationSet(
                producer=self.producer,
                scheme_digest=self._scheme.digest,
                created=self._created,
                layers={layer: tuple(found.values()) for layer, found in spans.items()},
                document=document,
            )
        )


def annotator_of(
    nlp: Language, version: str, scheme: LabelScheme, *, created: str = "", suggester: PreAnnotator | None = None
) -> "TrainedModel | SpacyPipeline":
    """What suggests with a pipeline: one of ours with all that it learned, any other with its labels under the scheme.

    Raises:
        ModelError: it was trained under another scheme, or has no label of this one.
    """
    if ours(nlp):
        return TrainedModel(nlp, version, scheme, created=created, suggester=suggester)
    labels = cast("dict[str, str]", facts_of(nlp).get(LABELS, {}))
    return SpacyPipeline(nlp, version, scheme, labels=labels, created=created)


def labels_of(nlp: Language) -> list[str]:
    """The labels that a pipeline gives to spans: those of its entity recognisers, rulers and span categorisers."""
    found: dict[str, None] = {}
    for name, pipe in nlp.pipeline:
        if {"doc.ents", "doc.spans"} & set(nlp.get_pipe_meta(name).assigns):
            found |= dict.fromkeys(cast("Sequence[str]", getattr(pipe, "labels", ())))
    return list(found)


def _keeps_labels_to_itself(nlp: Language) -> bool:
    """Whether a component sets spans without saying under which labels, as a function does."""
    return any(
        {"doc.ents", "doc.spans"} & set(nlp.get_pipe_meta(name).assigns) and not hasattr(pipe, "labels")
        for name, pipe in nlp.pipeline
    )


def mapped(nlp: Language, scheme: LabelScheme, labels: Mapping[str, str]) -> dict[str, str]:
    """The labels of a pipeline that are the scheme's, by name or by the map `labels`, with what they are there.

    Raises:
        ModelError: there are none; the map names a label that the pipeline or the scheme lacks.
    """
    said, known = labels_of(nlp), list(scheme.layer_of_label)
    theirs = said if said and not _keeps_labels_to_itself(nlp) else list(dict.fromkeys([*said, *labels]))
    for label, wanted in labels.items():
        if label not in theirs:
            raise ModelError(
                f"the pipeline {identity(nlp)} has no label {label!r}, which cannot be {wanted!r} then",
                hint=f"its labels: {', '.join(theirs) or 'none for spans'}",
            )
        if wanted != LEFT_OUT and wanted not in known:
            raise ModelError(
                f"{label} cannot be {wanted!r}, which is no label of the scheme",
                hint=f"its labels: {', '.join(known)}; `{label}=` leaves it out",
            )
    named = {label: labels.get(label, label) for label in theirs}
    found = {label: wanted for label, wanted in named.items() if wanted in scheme.layer_of_label}
    if not found:
        raise ModelError(
            f"the pipeline {identity(nlp)} has no label of the scheme: its labels are {', '.join(theirs) or 'none'}",
            hint=f"say which they are: `--label THEIRS=OURS`, where OURS is one of {', '.join(known)}",
        )
    return found


def _said(doc: Doc) -> Iterator[tuple[Span, float | None]]:
    """All entities and spans of a doc with their scores; what was suggested for it is not what it says."""
    for entity in doc.ents:
        yield entity, None
    for name, group in cast("dict[str, SpanGroup]", doc.spans).items():
        if name.startswith(PREFIX):
            continue
        spans = list(cast("Sequence[Span]", group))
        scores = np.asarray(cast("Sequence[float]", group.attrs.get("scores", ())), dtype=np.float64)
        given: list[float | None] = [None] * len(spans)
        if spans and len(scores) == len(spans):
            given = [round(float(score), 4) for score in scores.reshape(len(spans), -1).max(axis=1)]
        yield from zip(spans, given, strict=True)
