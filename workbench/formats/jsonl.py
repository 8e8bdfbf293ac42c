"""Annotated articles as JSON lines: the workbench's own documents, nothing lost."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle
from workbench.core.ports import FormatReport, Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError


class JsonLinesFormat:
    """One annotated-article document a line (schemas/annotated-article.schema.json)."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson")
    example = """import json
documents = [json.loads(line) for line in open("{file}", encoding="utf-8")]
print(documents[0]["article"]["title"], documents[0]["annotations"]["layers"])"""

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.jsonl, UTF-8, one line an article."""
        count = spans = 0
        path = folder / f"{stem}.jsonl"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for annotated in articles:
                file.write(documents.to_json(annotated) + "\n")
                count += 1
                spans += sum(1 for _ in annotated.annotations.spans())
        return FormatReport(files=(path.name,), articles=count, spans=spans)

    def read(self, path: Path, scheme: LabelScheme) -> Iterator[AnnotatedArticle | Remark]:
        """The articles of the file, checked against the scheme, and what is to be said of them.

        Raises:
            DocumentError: the file cannot be read, or a line is malformed; it names line and field.
        """
        return documents.read_lines(_lines(path), scheme, name=str(path))


def _lines(path: Path) -> Iterator[str]:
    """The lines of a UTF-8 file; only a line feed ends one, because a text may hold any other line end."""
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield line.decode("utf-8-sig" if number == 1 else "utf-8")
                except UnicodeDecodeError as error:
                    raise DocumentError(f"{path}, line {number}: no UTF-8 at byte {error.start + 1}") from error
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from error
