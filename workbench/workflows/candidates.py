"""Who can be measured, by name: models of the registry, any spaCy pipeline, any plug-in, any file of predictions."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.article import Article
from workbench.core.counted import counted
from workbench.core.ports import PreAnnotator, Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError, ModelError
from workbench.formats.jsonl import JsonLinesFormat
from workbench.pipeline import base, registry
from workbench.pipeline.external import annotator_of
from workbench.preannotate import plugins
from workbench.store import models
from workbench.workflows.context import Context
from workbench.workflows.preannotate import load, named


class Predictions:
    """Suggests what a file holds; articles are found by id, then by text. One that is not in it has no suggestions."""

    def __init__(self, path: Path, scheme: LabelScheme) -> None:
        """Reads the file.

        Raises:
            DocumentError: it is malformed, or has no annotated article.
        """
        self._scheme = scheme
        self._by_id: dict[str, AnnotatedArticle] = {}
        for one in JsonLinesFormat().read(path, scheme):
            if not isinstance(one, Remark):
                self._by_id[one.article.id] = one
        if not self._by_id:
            raise DocumentError(
                f"{path} has no annotated articles, so there is nothing to measure",
                hint="write one JSON document a line, as `workbench annotate` does",
            )
        self._by_text = {one.article.text_sha256: one for one in self._by_id.values()}
        self._missing: list[str] = []
        self._producer = next(iter(self._by_id.values())).annotations.producer
        self._name = path.name

    @property
    def producer(self) -> Producer:
        """Who made the first of the predictions."""
        return self._producer

    @property
    def remarks(self) -> tuple[str, ...]:
        """How many articles were asked for and are not in the file."""
        if not self._missing:
            return ()
        return (f"{counted(len(self._missing), 'articles are not in')} {self._name}, and count as predicted empty",)

    def holds(self, article: Article) -> bool:
        """Whether the file has the article."""
        return self._of(article) is not None

    def _of(self, article: Article) -> AnnotatedArticle | None:
        return self._by_id.get(article.id) or self._by_text.get(article.text_sha256)

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set for each article, in their order.

        Raises:
            DocumentError: the file has another text for an article.
        """
        for article in articles:
            found = self._of(article)
            if found is None:
                self._missing.append(article.id)
                yield AnnotationSet(
                    producer=self._producer, scheme_digest=self._scheme.digest, layers=self._scheme.empty_layers()
                )
                continue
            if found.article.text_sha256 != article.text_sha256:
                raise DocumentError(
                    f"article {article.id} has another text in {self._name} than in the release",
                    hint="offsets can only be compared over one text: `workbench annotate --from-jsonl` leaves it as it is",
                )
            yield found.annotations


def candidate(context: Context, name: str) -> PreAnnotator:
    """The one with this name: a model of the registry, a file of predictions, a plug-in, a spaCy pipeline.

    Raises:
        ModelError: nothing has this name, or it cannot be loaded.
        DocumentError: the file of predictions is malformed.
    """
    with context.store.reading() as session:
        known = [model.version for model in models.every(session)]
    if name in known:
        return load(context, name)
    if Path(name).suffix == ".jsonl":
        return Predictions(Path(name), context.scheme)
    if name in plugins.names():
        return named(context, name)
    try:
        trained = registry.holds(Path(name))
        nlp = registry.take(Path(name)) if trained else base.read(name)
        return annotator_of(nlp, Path(name).name if trained else base.identity(nlp), context.scheme)
    except ModelError as error:
        raise ModelError(
            f"{name!r} is no model ({', '.join(known) or 'there are none yet'}), no file of predictions, no plug-in "
            f"({', '.join(plugins.names())}) and no spaCy pipeline that can be measured: {error.message}",
            hint=error.hint,
        ) from error
