"""The texts that stand-off documents are about: in files and folders, as they stand there and as they are read."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from workbench.articles import ingest, readers
from workbench.articles.decoding import LONGEST_ARTICLE
from workbench.articles.readers import PassedOver, Source
from workbench.core.article import Article, sha256, undo_cuts
from workbench.core.ports import Progress, Remark
from workbench.errors import ArticleError
from workbench.printable import printable

_LARGEST = 4 * LONGEST_ARTICLE
"""How many bytes an article has at the most."""


class KnownTexts:
    """Articles by the hashes of their texts, kept in a temporary file so that they take no memory; it goes at the end."""

    def __init__(self, paths: Iterable[Path], progress: Progress) -> None:
        """Reads what is below the paths: as `articles add` does, and each text and file as it stands."""
        self._refused: list[Remark] = []
        self._file = tempfile.TemporaryFile(prefix="workbench-")  # noqa: SIM115 # closed in __exit__
        self._places: dict[str, list[int]] = {}
        self._texts: set[str] = set()
        self._found: set[str] = set()
        paths = list(paths)
        for found in progress.track(readers.read(paths), "reading texts"):
            self._read(found)
        for file in _files(paths):
            self._read_as_it_stands(file)

    @property
    def refused(self) -> list[Remark]:
        """What is no article, and why; not what was found as it stands."""
        return [one for one in self._refused if one.where not in self._found]

    def __enter__(self) -> "KnownTexts":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def find(self, text_sha256: str, raw_sha256: str) -> Iterator[Article]:
        """The articles that have this text, or had that one before cleaning."""
        places = (place for one in (text_sha256, raw_sha256) for place in self._places.get(one, ()))
        for place in dict.fromkeys(places):
            self._file.seek(place)
            article = Article.model_validate_json(self._file.readline())
            if article.text_sha256 == text_sha256:
                self._found.add(printable(article.source))
            yield article

    def _read(self, found: readers.Read) -> None:
        if isinstance(found, PassedOver):
            self._refuse(found.name, f"is no {', '.join(readers.KINDS)} file")
            return
        if isinstance(found, Source):
            read = ingest.article_of(found)
            if isinstance(read, Article):
                self._keep(read)
            # Markup may be what somebody annotated: what is read of it is another text.
            self._keep(Article.from_text(found.raw, title=found.title, source=found.source, meta=found.meta))
        else:
            read = found
        if isinstance(read, readers.Refusal):
            self._refuse(read.name, read.reason)

    def _read_as_it_stands(self, file: Path) -> None:
        with suppress(OSError, UnicodeDecodeError):
            if file.stat().st_size <= _LARGEST:
                self._keep(Article.from_text(file.read_bytes().decode("utf-8"), source=str(file)))

    def _refuse(self, name: str, reason: str) -> None:
        self._refused.append(Remark(where=name, message=reason))

    def _keep(self, article: Article) -> None:
        """Keeps an article, unless those that are kept already give its texts."""
        texts = {article.text_sha256}
        with suppress(ArticleError):
            texts.add(sha256(undo_cuts(article.text, article.cuts)))
        if texts <= self._texts and article.raw_sha256 in self._places:
            return
        self._texts |= texts
        place = self._file.seek(0, 2)
        self._file.write(article.model_dump_json().encode() + b"\n")
        for one in {*texts, article.raw_sha256}:
            self._places.setdefault(one, []).append(place)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that are meant, without hidden ones."""
    for path in paths:
        if path.is_file():
            yield path
        for top, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from (
                file for name in sorted(names) if not name.startswith(".") and (file := Path(top) / name).is_file()
            )
