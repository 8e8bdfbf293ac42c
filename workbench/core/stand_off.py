"""Annotated articles without their texts: hashes and offsets, and the way back for those who have the texts."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from pydantic import Field, ValidationError

from workbench.core import documents
from workbench.core.annotations import (
    AnnotatedArticle,
    AnnotationSet,
    Argument,
    AttributeValue,
    Origin,
    Producer,
    Span,
)
from workbench.core.article import Article, Cut, apply_cuts, sha256, undo_cuts
from workbench.core.frozen import Frozen
from workbench.core.ports import Reading
from workbench.core.scheme import LabelScheme
from workbench.core.validation import first_fault
from workbench.errors import ArticleError, DocumentError, WorkbenchError

STAND_OFF = "workbench/stand-off/1"
FindText = Callable[[str, str], Iterable[Article]]
"""Gives the articles that may have the text with one hash, or have had the text with the other before cleaning."""


class CutPlace(Frozen):
    """Where cleaning cut, without what it cut."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    reason: str


class ArticlePlace(Frozen):
    """An article by its hashes: everything but what it says, and what is said about it in words."""

    id: str
    version: int = Field(default=1, ge=1)
    text_sha256: str
    raw_sha256: str
    cleaner: str = "none"
    cuts: tuple[CutPlace, ...] = ()
    source: str = ""
    published: str | None = None
    language: str = "en"
    story_group: str | None = None


class SpanPlace(Frozen):
    """A span by its offsets, which count code points of the text that the article's `text_sha256` belongs to."""

    id: str = Field(min_length=1)
    label: str
    start: int = Field(ge=0)
    end: int
    score: float | None = Field(default=None, ge=0, le=1)
    norm: str | None = None
    attributes: dict[str, AttributeValue] = Field(default_factory=dict)
    arguments: tuple[Argument, ...] = ()
    origin: Origin | None = None


class SetOfPlaces(Frozen):
    """An annotation set whose spans are offsets."""

    producer: Producer
    scheme_digest: str
    created: str = ""
    parents: tuple[str, ...] = ()
    layers: dict[str, tuple[SpanPlace, ...]]
    document: dict[str, AttributeValue] = Field(default_factory=dict)

    @property
    def digest(self) -> str:
        """A hash of everything in the set."""
        return sha256(json.dumps(self.model_dump(mode="json", exclude_defaults=True), sort_keys=True))


class StandOffDocument(Frozen):
    """An annotated article without its text, for those who have the text or may get it."""

    schema_: Literal["workbench/stand-off/1"] = Field(alias="schema")
    article: ArticlePlace
    annotations: SetOfPlaces


def to_stand_off(annotated: AnnotatedArticle) -> str:
    """One line of JSON that quotes nothing of the article: hashes and offsets."""
    article = annotated.article.model_dump(mode="json", exclude={"text", "title", "meta"})
    article["cuts"] = [{key: cut[key] for key in ("start", "end", "reason")} for cut in article["cuts"]]
    annotations = annotated.annotations.model_dump(mode="json", exclude={"others"}, exclude_none=True)
    for spans in annotations["layers"].values():
        for span in spans:
            for key in ("text", *(key for key in ("attributes", "arguments") if not span[key])):
                del span[key]
    return json.dumps({"schema": STAND_OFF, "article": article, "annotations": annotations}, ensure_ascii=False)


def places(annotated: AnnotatedArticle) -> SetOfPlaces:
    """The annotations without what they quote."""
    return StandOffDocument.model_validate_json(to_stand_off(annotated)).annotations


def read_line(line: str, find: FindText | None, scheme: LabelScheme, *, where: str) -> Reading:
    """The reading of a line that may be a stand-off document: its text is put back, and verified by its hash."""
    if f'"{STAND_OFF}"' not in line:
        return documents.read_line(line, scheme, where=where)
    document = documents.validated(documents.parsed(line, where, STAND_OFF), StandOffDocument, where)
    return _put_back(document, find, scheme, where)


def _put_back(document: StandOffDocument, find: FindText | None, scheme: LabelScheme, where: str) -> Reading:
    place = document.article
    if find is None:
        raise DocumentError(
            f"{where}: holds no text, but hashes and offsets",
            hint="name the texts: `workbench import FILE --texts PATH`",
        )
    found = next((one for article in find(place.text_sha256, place.raw_sha256) for one in _texts(article, place)), None)
    if found is None:
        raise DocumentError(
            f"{where}: the text of {place.id} is not among those given: none has the SHA-256 {place.text_sha256}",
            hint="give the very texts that were annotated, or the files that they were read from",
        )
    source, text, cuts = found
    try:
        layers = {
            layer: tuple(Span.model_validate({**dict(one), "text": text[one.start : one.end]}) for one in spans)
            for layer, spans in document.annotations.layers.items()
        }
        fields = {**dict(place), "cuts": cuts, "title": source.title, "text": text, "meta": source.meta}
        article = Article.model_validate(fields)
        annotations = AnnotationSet.model_validate({**dict(document.annotations), "layers": layers})
        scheme.check(annotations, text)
        yield AnnotatedArticle(article=article, annotations=scheme.normalise(annotations))
    except ValidationError as error:
        raise DocumentError(f"{where}: {first_fault(error)}") from error
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}", hint=error.hint, lists=error.lists) from error


def _texts(article: Article, place: ArticlePlace) -> Iterator[tuple[Article, str, tuple[Cut, ...]]]:
    """The article, its text and the cuts, if it has the text that is meant: as it is, or after the cuts that are meant."""
    if article.text_sha256 == place.text_sha256:
        yield article, article.text, article.cuts if len(article.cuts) == len(place.cuts) else ()
        return
    try:
        before = undo_cuts(article.text, article.cuts)
        cuts = tuple(
            Cut(start=one.start, end=one.end, reason=one.reason, text=before[one.start : one.end]) for one in place.cuts
        )
        text = apply_cuts(before, cuts)
    except (ArticleError, ValidationError):
        return
    if sha256(text) == place.text_sha256:
        yield article, text, cuts
