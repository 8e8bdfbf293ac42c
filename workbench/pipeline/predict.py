"""A trained pipeline as a PreAnnotator."""

from collections.abc import Iterable, Iterator
from itertools import tee

from spacy.language import Language

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import Article
from workbench.core.ports import PreAnnotator
from workbench.core.scheme import LabelScheme
from workbench.errors import ArticleError, ModelError
from workbench.pipeline.assemble import added, scheme_of
from workbench.pipeline.docs import from_doc
from workbench.pipeline.pieces import docs_of
from workbench.pipeline.sparse import SparsePipe
from workbench.pipeline.suggestions import note

# Articles that are in memory at once. spaCy's own batches of 256 take a gigabyte with long articles.
BATCH = 16


class TrainedModel:
    """Suggests what a trained pipeline finds; every span and argument has a score."""

    def __init__(
        self,
        nlp: Language,
        version: str,
        scheme: LabelScheme,
        *,
        created: str = "",
        suggester: PreAnnotator | None = None,
    ) -> None:
        """`scheme` is what the suggestions are wanted under; `suggester` gives those that a pipeline without one starts from.

        Raises:
            ModelError: the pipeline was trained under another scheme, or not by the workbench.
        """
        trained = scheme_of(nlp)
        if trained.digest != scheme.digest:
            raise ModelError(
                f"the model {version} was trained under another label scheme: {_difference(trained, scheme)}",
                hint="train a new one with `workbench train RELEASE`",
                scheme=scheme.digest,
                trained=trained.digest,
            )
        self._nlp = nlp
        self._scheme = scheme
        self._version = version
        self._created = created
        self._suggester = suggester

    @property
    def producer(self) -> Producer:
        return Producer(kind="model", name="model", version=self._version)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The labels that its training data had no example of, and what it learned for features that are made no more."""
        pipes = [self._nlp.get_pipe(name) for name in self._nlp.pipe_names]
        known = {label for pipe in pipes for label in _labels(pipe)}
        missing = [label for label in self._scheme.layer_of_label if label not in known]
        found = [f"never suggested, for want of examples: {', '.join(missing)}"] if missing else []
        outdated = [pipe.name for pipe in pipes if isinstance(pipe, SparsePipe) and pipe.is_outdated]
        if outdated:
            found.append(
                f"most of what {', '.join(outdated)} of {self._version} learned counts for nothing in this version of the "
                "workbench: train the model again"
            )
        return tuple(found)

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set for each article, in their order.

        Raises:
            ArticleError: an article is too long for the pipeline, or its text holds what no token can.
        """
        texts, kept, others = tee(articles, 3)
        first = iter(()) if self._suggester is None else iter(self._suggester.annotate(others))
        own = added(self._nlp)
        docs = docs_of(self._nlp, (readable(article, self._nlp) for article in texts), disable=own, most=BATCH)
        for article, doc in zip(kept, docs, strict=True):
            if (suggested := next(first, None)) is not None:
                note(doc, suggested)
            # What was added to the base comes last, and sees a long text whole.
            for name in own:
                self._nlp.get_pipe(name)(doc)
            if doc.text != article.text:
                raise ArticleError(f"{article.id}: the pipeline's tokens do not give its text back", article=article.id)
            yield from_doc(doc, self._scheme, self.producer, created=self._created)


def readable(article: Article, nlp: Language) -> str:
    """The text of an article that a pipeline can read.

    Raises:
        ArticleError: it is too long, or holds what no token can.
    """
    if len(article.text) > nlp.max_length:
        raise ArticleError(
            f"{article.id} has {len(article.text)} characters, {nlp.max_length} at the most",
            hint="split it into several articles",
            article=article.id,
        )
    if any("\ud800" <= character <= "\udfff" for character in article.text):
        raise ArticleError(f"{article.id} holds half a surrogate pair, which no pipeline reads", article=article.id)
    return article.text


def _labels(pipe: object) -> list[str]:
    from workbench.pipeline.spans import SpanTagger

    return [label for tier in pipe.tiers for label in tier["labels"]] if isinstance(pipe, SpanTagger) else []


def _difference(trained: LabelScheme, scheme: LabelScheme) -> str:
    """What is in one scheme and not in the other, in words."""
    kinds = (
        ("layers", set(trained.layer_by_name), set(scheme.layer_by_name)),
        ("labels", set(trained.layer_of_label), set(scheme.layer_of_label)),
        ("roles", set(trained.role_by_name), set(scheme.role_by_name)),
        ("attributes", {a.name for a in trained.attributes}, {a.name for a in scheme.attributes}),
    )
    said = [
        f"{what} {sign}{', '.join(sorted(names))}"
        for what, before, after in kinds
        for sign, names in (("gone: ", before - after), ("new: ", after - before))
        if names
    ]
    return "; ".join(said) or "the same names with other rules"
