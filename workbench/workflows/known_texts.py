"""The texts that stand-off documents are about: in files and folders, and in the store."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from workbench.articles import ingest
from workbench.articles.readers import Refusal
from workbench.core.article import Article, sha256, undo_cuts
from workbench.core.ports import Progress, Remark
from workbench.errors import ArticleError


class KnownTexts:
    """Articles by the hashes of their texts, kept in a temporary file so that they take no memory; it goes at the end."""

    def __init__(self, paths: Iterable[Path], progress: Progress) -> None:
        """Reads what is below the paths, as `articles add` does."""
        self.refused: list[Remark] = []
        self._file = tempfile.TemporaryFile(prefix="workbench-")  # noqa: SIM115 # closed in __exit__
        self._places: dict[str, int] = {}
        for found in progress.track(ingest.read_articles(paths), "reading texts"):
            if isinstance(found, Refusal):
                self.refused.append(Remark(where=found.name, message=found.reason))
            else:
                self._keep(found)

    def __enter__(self) -> "KnownTexts":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def find(self, text_sha256: str, raw_sha256: str) -> Iterator[Article]:
        """The articles that have this text, or had that one before cleaning."""
        for place in dict.fromkeys(self._places[one] for one in (text_sha256, raw_sha256) if one in self._places):
            self._file.seek(place)
            yield Article.model_validate_json(self._file.readline())

    def _keep(self, article: Article) -> None:
        place = self._file.seek(0, 2)
        self._file.write(article.model_dump_json().encode() + b"\n")
        hashes = [article.text_sha256, article.raw_sha256]
        with suppress(ArticleError):
            hashes.append(sha256(undo_cuts(article.text, article.cuts)))
        for one in hashes:
            self._places.setdefault(one, place)
