"""Files, folders and standard input become sources: one raw article each, or the reason why one is refused.

Text files (.txt, and whatever is named by hand) hold one article. HTML files hold one page. JSONL files (.jsonl,
.ndjson) and CSV files (.csv, .tsv) hold one article a row; of their columns we know, in any case and by these names:

- text, raw, body, content, article, article_text, full_text; html for a page
- title, headline
- url, source, link
- published, published_at, publishedAt, date, pub_date, publish_date, datetime
- language, lang

The first of each list that a row has counts; every other column goes to `meta`, scalars as they are, nested values as
JSON text. A row of JSONL that is a workbench document keeps its text exactly.
"""

import codecs
import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from pydantic import Field

from workbench.articles.decoding import Undecodable, decode, fault
from workbench.articles.pages import looks_like_html
from workbench.core.article import Article, Scalar
from workbench.core.documents import article_from_json
from workbench.core.frozen import Frozen
from workbench.errors import DocumentError

MediaType = Literal["text/plain", "text/html"]
Kind = Literal["txt", "html", "jsonl", "csv"]

STANDARD_INPUT = "-"
KINDS: Mapping[str, Kind] = {
    ".txt": "txt",
    ".text": "txt",
    ".htm": "html",
    ".html": "html",
    ".xhtml": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
}
TEXT = ("text", "raw", "body", "content", "article", "article_text", "full_text")
HTML = ("html",)
TITLE = ("title", "headline")
SOURCE = ("url", "source", "link")
PUBLISHED = ("published", "published_at", "publishedat", "date", "pub_date", "publish_date", "datetime")
LANGUAGE = ("language", "lang")

_DELIMITERS = ",;\t|"
_LARGEST_FIELD = 50_000_000
_BLOCK = 1 << 20


class Source(Frozen):
    """A raw article as it was read. `name` says where: a path, after the number of the row where a file has several.

    `article` is set where a workbench document was read, whose text stays exactly as it is.
    """

    name: str
    raw: str
    media_type: MediaType = "text/plain"
    title: str = ""
    source: str = ""
    published: str = ""
    language: str = ""
    meta: dict[str, Scalar] = Field(default_factory=dict)
    nested: int = 0
    encoding: str = "utf-8"
    article: Article | None = None


class Refusal(Frozen):
    """Something that is no article, and why."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name} {self.reason}"


class PassedOver(Frozen):
    """A file in a folder that is of no kind that we read."""

    name: str


Read = Source | Refusal | PassedOver


def read(
    paths: Iterable[Path | str], *, kind: Kind | None = None, standard_input: BinaryIO | None = None
) -> Iterator[Read]:
    """Every article below the paths, in their order and by name within folders; "-" is standard input.

    Hidden files and folders are not looked at. `kind` overrides what a file's name says.
    """
    for path in paths:
        if str(path) == STANDARD_INPUT:
            yield from _standard_input(standard_input or sys.stdin.buffer, kind)
        elif Path(path).is_dir():
            for file in _files(Path(path)):
                found = kind or KINDS.get(file.suffix.lower())
                if found is None:
                    yield PassedOver(name=str(file))
                else:
                    yield from _file(file, found)
        else:
            yield from _file(Path(path), kind or KINDS.get(Path(path).suffix.lower(), "txt"))


def _files(folder: Path) -> Iterator[Path]:
    for top, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield Path(top) / name


def _file(path: Path, kind: Kind) -> Iterator[Read]:
    name = str(path)
    try:
        if not path.exists():
            yield Refusal(name=name, reason="does not exist")
        elif not path.is_file() and not path.is_fifo():
            yield Refusal(name=name, reason="is no file")
        elif kind == "jsonl":
            with path.open("rb") as file:
                yield from _jsonl(file, name)
        else:
            yield from _whole(path.read_bytes(), name, kind)
    except OSError as error:
        yield Refusal(name=name, reason=f"cannot be read: {error.strerror or error}")


def _standard_input(stream: BinaryIO, kind: Kind | None) -> Iterator[Read]:
    data = stream.read()
    yield from _whole(data, "standard input", kind or _kind_of(data))


def _kind_of(data: bytes) -> Kind:
    """What standard input holds: JSONL or HTML if it begins so, else text."""
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        first = data.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0]
        try:
            json.loads(first)
        except ValueError:
            return "txt"
        return "jsonl"
    return "html" if looks_like_html(start.decode("latin-1")) else "txt"


def _whole(data: bytes, name: str, kind: Kind) -> Iterator[Read]:
    if kind == "jsonl":
        yield from _jsonl(io.BytesIO(data), name)
        return
    if not data.strip():
        yield Refusal(name=name, reason="is empty")
        return
    try:
        decoded = decode(data, html=kind == "html")
    except Undecodable as reason:
        yield Refusal(name=name, reason=str(reason))
        return
    if kind == "csv":
        yield from _csv(decoded.text, name, decoded.encoding)
        return
    media_type: MediaType = "text/html" if kind == "html" or looks_like_html(decoded.text) else "text/plain"
    yield _checked(Source(name=name, source=name, raw=decoded.text, media_type=media_type, encoding=decoded.encoding))


def _checked(source: Source) -> Source | Refusal:
    found = fault(source.raw)
    return Refusal(name=source.name, reason=found) if found else source


def _jsonl(file: BinaryIO, name: str) -> Iterator[Read]:
    """Row by row, so that a file of any size takes little memory."""
    start = file.read(4)
    file.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        try:
            file = io.BytesIO(decode(file.read()).text.encode("utf-8", "surrogatepass"))
        except Undecodable as reason:
            yield Refusal(name=name, reason=str(reason))
            return
    rows = 0
    for number, line in enumerate(file, start=1):
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if line.strip():
            rows += 1
            yield _json_row(line, name, number)
    if not rows:
        yield Refusal(name=name, reason="is empty")


def _json_row(line: bytes, name: str, number: int) -> Source | Refusal:
    where = f"line {number} of {name}"
    try:
        decoded = decode(line.rstrip(b"\r\n"))
        row: Any = json.loads(decoded.text)
    except Undecodable as reason:
        return Refusal(name=where, reason=str(reason))
    except json.JSONDecodeError as error:
        return Refusal(name=where, reason=f"is no JSON: {error.msg} at column {error.colno}")
    except RecursionError:
        return Refusal(name=where, reason="is no JSON that can be read: it is nested too deeply")
    if not isinstance(row, dict):
        return Refusal(name=where, reason=f"is no JSON object, but {type(row).__name__}")
    columns = cast(dict[str, Any], row)
    if str(columns.get("schema", "")).startswith("workbench/"):
        return _document(decoded.text, where)
    return _row(columns, where, decoded.encoding)


def _document(line: str, where: str) -> Source | Refusal:
    try:
        article = article_from_json(line, where=where)
    except DocumentError as error:
        return Refusal(name=where, reason=error.message.removeprefix(f"{where}: "))
    found = fault(article.text)
    if found:
        return Refusal(name=where, reason=found)
    return Source(name=where, raw=article.text, source=article.source, article=article)


def _row(columns: Mapping[str, Any], where: str, encoding: str) -> Source | Refusal:
    """The source that a row holds, whatever its format."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(column.strip().lower(), column)
    used: set[str] = set()

    def take(names: Sequence[str]) -> str:
        for name in names:
            column = by_name.get(name)
            value = columns.get(column) if column is not None else None
            if column is not None and isinstance(value, str | int | float) and str(value).strip():
                used.add(column)
                return str(value)
        return ""

    raw = take(TEXT)
    media_type: MediaType = "text/html" if looks_like_html(raw) else "text/plain"
    if not raw:
        raw, media_type = take(HTML), "text/html"
    if not raw:
        known = ", ".join((*TEXT, *HTML))
        return Refusal(
            name=where,
            reason=f"has no text; the columns that may hold it: {known}; here: {', '.join(columns) or 'none'}",
        )
    title, source, published, language = take(TITLE), take(SOURCE), take(PUBLISHED), take(LANGUAGE)
    meta, nested = _meta({column: value for column, value in columns.items() if column not in used})
    return _checked(
        Source(
            name=where,
            raw=raw,
            media_type=media_type,
            title=title,
            source=source or where,
            published=published,
            language=language,
            meta=meta,
            nested=nested,
            encoding=encoding,
        )
    )


def _meta(columns: Mapping[str, Any]) -> tuple[dict[str, Scalar], int]:
    """What goes to `meta`, and how many values of it were nested and are now JSON text. Empty values are left out."""
    meta: dict[str, Scalar] = {}
    nested = 0
    for column, value in columns.items():
        if value is None or value == "":
            continue
        if isinstance(value, str | int | float | bool):
            meta[column] = value
        else:
            meta[column] = json.dumps(value, ensure_ascii=False)
            nested += 1
    return meta, nested


def _csv(text: str, name: str, encoding: str) -> Iterator[Read]:
    csv.field_size_limit(_LARGEST_FIELD)
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        yield Refusal(name=name, reason="holds NUL characters")
        return
    reader = _csv_reader(text)
    try:
        header = _unique([column.strip() for column in next(reader, list[str]())])
    except csv.Error as error:
        yield Refusal(name=name, reason=f"is no CSV: {error}")
        return
    if not {column.lower() for column in header} & {*TEXT, *HTML}:
        known = ", ".join((*TEXT, *HTML))
        found = ", ".join(header)[:200]
        yield Refusal(name=name, reason=f"has no column of text; it may be called: {known}; here: {found}")
        return
    number = 1
    while True:
        number += 1
        where = f"row {number} of {name}"
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield Refusal(name=where, reason=f"is no CSV: {error}")
            continue
        if not any(field.strip() for field in row):
            continue
        if len(row) > len(header):
            yield Refusal(name=where, reason=f"has {len(row)} fields, and the header has {len(header)}")
            continue
        yield _row(dict(zip(header, row, strict=False)), where, encoding)
    if number == 2:
        yield Refusal(name=name, reason="has a header and no rows")


def _csv_reader(text: str) -> Iterator[list[str]]:
    """A reader in the dialect in which the header names the text and the first rows have as many fields as it."""
    backslashes = text[:_BLOCK].count('\\"') > text[:_BLOCK].count('""')

    def reader(delimiter: str, strict: bool) -> Iterator[list[str]]:
        if backslashes:
            return csv.reader(
                io.StringIO(text, newline=""), delimiter=delimiter, doublequote=False, escapechar="\\", strict=strict
            )
        return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)

    best = max(
        _DELIMITERS, key=lambda delimiter: (_fit(lambda: reader(delimiter, True)), -_DELIMITERS.index(delimiter))
    )
    return reader(best, True)


def _fit(reader: Callable[[], Iterator[list[str]]]) -> tuple[bool, float, int]:
    rows: list[list[str]] = []
    try:
        for row in reader():
            if row:
                rows.append(row)
            if len(rows) == 30:
                break
    except csv.Error:
        pass
    if not rows:
        return False, 0.0, 0
    header = {column.strip().lower() for column in rows[0]}
    even = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
    return bool(header & {*TEXT, *HTML}), even, len(header & {*TEXT, *HTML, *TITLE, *SOURCE, *PUBLISHED, *LANGUAGE})


def _unique(header: Sequence[str]) -> list[str]:
    """The names of the columns; a second `x` is `x_2`, a nameless one is `column_3`."""
    found: list[str] = []
    for number, column in enumerate(header, start=1):
        name = column or f"column_{number}"
        found.append(name if name not in found else f"{name}_{number}")
    return found
