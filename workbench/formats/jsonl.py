"""Annotated articles as JSON lines: the workbench's own documents, nothing lost; or without their texts, as hashes and offsets.

A line is an object of schemas/annotated-article.schema.json, or of schemas/stand-off.schema.json: then it quotes nothing,
and the texts have to be given when it is read. Roles are arguments of the span that heads the frame, by the id of the
span that fills them; spans may overlap as they like. Offsets are code points.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from workbench.core import documents, stand_off
from workbench.core.annotations import AnnotatedArticle
from workbench.core.ports import ByDocument, FormatReport, Reading
from workbench.core.scheme import LabelScheme
from workbench.core.stand_off import FindText
from workbench.foreign import reading
from workbench.foreign.left_out import LeftOut


class JsonLinesFormat(ByDocument):
    """One annotated-article document a line (schemas/annotated-article.schema.json)."""

    name = "jsonl"
    suffixes: tuple[str, ...] = (".jsonl", ".ndjson")
    example = """import json
documents = [json.loads(line) for line in open("{file}", encoding="utf-8")]
print(documents[0]["article"]["title"], documents[0]["annotations"]["layers"])"""
    line: Callable[[AnnotatedArticle], str] = staticmethod(documents.to_json)
    suffix = ".jsonl"
    lost: tuple[str, ...] = ()

    def __init__(self, find: FindText | None = None) -> None:
        """`find` gives the texts of documents that have none."""
        self._find = find

    def with_texts(self, find: FindText) -> "JsonLinesFormat":
        """The format that puts these texts back where a document has none."""
        return JsonLinesFormat(find)

    def without_text(self) -> "StandOffFormat":
        """The format that quotes nothing."""
        return StandOffFormat()

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.jsonl, UTF-8, one line an article; without texts `stem`.stand-off.jsonl."""
        count = spans = 0
        left = LeftOut()
        path = folder / f"{stem}{self.suffix}"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for annotated in articles:
                file.write(self.line(annotated) + "\n")
                count += 1
                spans += sum(1 for _ in annotated.annotations.spans())
                if self.lost:
                    left.of_article(annotated, only=self.lost)
                    left.count("annotations with controls that are not known", len(annotated.annotations.others))
        return FormatReport(files=(path.name,), articles=count, spans=spans, problems=left.problems())

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """Line by line: the articles of the file, checked against the scheme, and what is to be said of them.

        Raises:
            DocumentError: the file cannot be read, or a line is malformed; it names line and field.
        """
        for where, raw in reading.raw_lines(path):
            if raw.strip():
                yield where, self._document(where, raw, scheme)

    def _document(self, where: str, raw: bytes, scheme: LabelScheme) -> Reading:
        yield from stand_off.read_line(reading.decoded(raw, where), self._find, scheme, where=where)


class StandOffFormat(JsonLinesFormat):
    """One document a line, without texts (schemas/stand-off.schema.json)."""

    name = "jsonl-without-text"
    suffixes = ()
    example = """import json
documents = [json.loads(line) for line in open("{file}", encoding="utf-8")]
print(documents[0]["article"]["text_sha256"], documents[0]["annotations"]["layers"])"""
    line = staticmethod(stand_off.to_stand_off)
    suffix = ".stand-off.jsonl"
    lost = ("titles of articles", "other facts about articles")
