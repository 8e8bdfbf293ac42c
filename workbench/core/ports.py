"""The small protocols by which rooms are plugged together."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.article import Article
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.errors import WorkbenchError

T = TypeVar("T")


class Progress(Protocol):
    """How long work shows where it is."""

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        """The same items; each one that is taken moves the bar of `what` on."""
        ...

    def say(self, message: str) -> None:
        """Tells the user what is being done now."""
        ...


class Silent(Progress):
    """A `Progress` that shows nothing."""

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        yield from items

    def say(self, message: str) -> None:
        return None


class PreAnnotator(Protocol):
    """Suggests annotations for articles that nobody has annotated yet."""

    @property
    def producer(self) -> Producer:
        """Who the suggestions are by; its version changes whenever the suggestions could."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a user should know of this annotator under its scheme, such as labels it never suggests."""
        ...

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set for each article, in their order; every span and argument has a score."""
        ...


class FormatReport(Frozen):
    """What a format wrote or could not hold. `files` are relative to the folder that was written."""

    files: tuple[str, ...] = ()
    articles: int = 0
    spans: int = 0
    problems: tuple[str, ...] = ()


class Remark(Frozen):
    """What a reader has to say of a document, which `where` names.

    `left_out`: nobody annotated the document, so that it is not among the annotated articles. An empty annotation is
    another thing: it says that there is nothing to mark. `refused`: what it holds cannot be taken.
    """

    where: str
    message: str
    left_out: bool = False
    refused: bool = False

    @classmethod
    def refusal(cls, error: WorkbenchError) -> "Remark":
        """What a reader's error says of the document that it is about."""
        where, _, message = error.message.partition(": ")
        return cls(where=where if message else "", message=message or where, refused=True)

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


class Format(Protocol):
    """A file format that annotated articles are written to or read from. Each direction may be refused."""

    @property
    def name(self) -> str:
        """What the user calls it, such as "jsonl"."""
        ...

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes the articles below `folder`, in files whose names begin with `stem`.

        Raises:
            FormatError: the format cannot be written.
        """
        ...

    def read(self, path: Path, scheme: LabelScheme) -> Iterator[AnnotatedArticle | Remark]:
        """The articles of a file in this format, in its order, and what is to be said of them.

        Raises:
            DocumentError: the file is malformed; it names file, line and field.
            FormatError: the format cannot be read.
        """
        ...


Reading = Iterator[AnnotatedArticle | Remark]
"""What is read of one document, when it is asked for."""


def refused(error: WorkbenchError) -> Reading:
    """The reading of a document that is refused: it raises the error."""
    raise error
    yield


@runtime_checkable
class ByDocument(Protocol):
    """A format whose files hold several documents, so that one that is refused leaves the others readable."""

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """Where each document of a file stands, and its reading, which may raise a `DocumentError` of its own.

        Raises:
            DocumentError: from here on the file cannot be read.
            FormatError: the format cannot be read.
        """
        ...

    def read(self, path: Path, scheme: LabelScheme) -> Reading:
        """The readings of all documents, one after the other.

        Raises:
            DocumentError: a document or the file is malformed; it names file, line and field.
            FormatError: the format cannot be read.
        """
        for _, reading in self.documents(path, scheme):
            yield from reading
