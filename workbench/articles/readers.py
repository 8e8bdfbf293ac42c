"""Files, folders and standard input become sources: one raw article each, or the reason why one is refused.

Text files (.txt, and whatever is named by hand) hold one article. HTML files hold one page. JSONL files (.jsonl,
.ndjson), JSON files (.json) with an array of objects, and CSV files (.csv, .tsv) hold one article a row; of their
columns we know, in any case and by these names:

- text, raw, body, content, article, article_text, full_text; html for a page or a piece of one
- title, headline
- url, source, link
- published, published_at, publishedAt, date, pub_date, publish_date, datetime
- language, lang

The first of each list that a row has counts; every other column goes to `meta`, scalars as they are, nested values as
JSON text. A row of JSONL that is a workbench document keeps its text exactly.

What a file holds counts for more than its name: rows in a .txt are rows, and a feed, an e-mail or data of another shape
is refused. A row whose fields no database or file could keep is refused alone.
"""

import codecs
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, BinaryIO, Literal, cast

from pydantic import Field

from workbench.articles import csv_rows, fields, json_rows
from workbench.articles.decoding import Decoded, Stray, Undecodable, decode, fault
from workbench.articles.fragments import is_fragment, text_of
from workbench.articles.pages import looks_like_html
from workbench.articles.sniffing import verdict
from workbench.core.article import Article, Scalar
from workbench.core.documents import article_from_json
from workbench.core.frozen import Frozen
from workbench.core.validation import json_fault
from workbench.errors import DocumentError
from workbench.printable import printable

MediaType = Literal["text/plain", "text/html"]
Kind = Literal["txt", "html", "jsonl", "json", "csv"]

STANDARD_INPUT = "-"
KINDS: Mapping[str, Kind] = {
    ".txt": "txt",
    ".text": "txt",
    ".htm": "html",
    ".html": "html",
    ".xhtml": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
}
TEXT = ("text", "raw", "body", "content", "article", "article_text", "full_text")
HTML = ("html",)
TITLE = ("title", "headline")
SOURCE = ("url", "source", "link")
PUBLISHED = ("published", "published_at", "publishedat", "date", "pub_date", "publish_date", "datetime")
LANGUAGE = ("language", "lang")
_KNOWN = (*TEXT, *HTML, *TITLE, *SOURCE, *PUBLISHED, *LANGUAGE)

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


class Source(Frozen):
    """A raw article as it was read. `name` says where: a path, after the number of the row where a file has several.

    `article` is set where a workbench document was read, whose text stays exactly as it is. `fragment`: the HTML is no
    page, but a piece of one that is all text of the article. `strays` are bytes that were no UTF-8 in a text that is.
    """

    name: str
    raw: str
    media_type: MediaType = "text/plain"
    fragment: bool = False
    title: str = ""
    source: str = ""
    published: str = ""
    language: str = ""
    meta: dict[str, Scalar] = Field(default_factory=dict)
    nested: int = 0
    encoding: str = "utf-8"
    strays: tuple[Stray, ...] = ()
    article: Article | None = None


class Refusal(Frozen):
    """Something that is no article, and why. `name` may be printed as it is."""

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

    Hidden files and folders are not looked at. `kind` overrides what a file's name and its content say.
    """
    for path in paths:
        if str(path) == STANDARD_INPUT:
            yield from _standard_input(standard_input or sys.stdin.buffer, kind)
        elif Path(path).is_dir():
            yield from _folder(Path(path), kind)
        else:
            yield from _file(Path(path), kind or KINDS.get(Path(path).suffix.lower(), "txt"), given=kind is not None)


def _folder(folder: Path, kind: Kind | None) -> Iterator[Read]:
    unreadable: list[OSError] = []
    for top, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.startswith("."):
                continue
            file = Path(top) / name
            found = kind or KINDS.get(file.suffix.lower())
            if found is None:
                yield PassedOver(name=printable(str(file)))
            else:
                yield from _file(file, found, given=kind is not None)
        while unreadable:
            yield _unreadable(unreadable.pop(0), folder)
    while unreadable:
        yield _unreadable(unreadable.pop(0), folder)


def _unreadable(error: OSError, folder: Path) -> Refusal:
    return Refusal(name=printable(str(error.filename or folder)), reason=f"cannot be read: {error.strerror or error}")


def _file(path: Path, kind: Kind, *, given: bool) -> Iterator[Read]:
    name = str(path)
    odd = fields.fault_of_name(name)
    if odd:
        yield Refusal(name=printable(name), reason=odd)
        return
    try:
        if not path.exists():
            yield Refusal(name=printable(name), reason="does not exist")
        elif not path.is_file() and not path.is_fifo():
            yield Refusal(name=printable(name), reason="is no file")
        elif kind == "jsonl":
            with path.open("rb") as file:
                yield from _jsonl(file, name)
        else:
            yield from _whole(path.read_bytes(), name, kind, given=given)
    except OSError as error:
        yield Refusal(name=printable(name), reason=f"cannot be read: {error.strerror or error}")


def _standard_input(stream: BinaryIO, kind: Kind | None) -> Iterator[Read]:
    yield from _whole(stream.read(), "standard input", kind or "txt", given=kind is not None)


def _whole(data: bytes, name: str, kind: Kind, *, given: bool) -> Iterator[Read]:
    """What the bytes of a file hold. `given`: the kind was asked for, and not guessed from the file's name."""
    if kind == "jsonl":
        yield from _jsonl(io.BytesIO(data), name)
        return
    shown = printable(name)
    if not data.strip():
        yield Refusal(name=shown, reason="is empty")
        return
    try:
        decoded = decode(data, html=kind == "html" or data.lstrip()[:1] == b"<", rows=kind == "csv")
    except Undecodable as reason:
        yield Refusal(name=shown, reason=str(reason))
        return
    if kind == "json":
        yield from _json(decoded, name)
        return
    if kind == "csv":
        yield from _csv(decoded, name)
        return
    found = verdict(decoded.text, frozenset((*TEXT, *HTML)), _OTHERS)
    if found.kind == "refused":
        yield Refusal(name=shown, reason=found.reason)
    elif found.kind == "jsonl" and not given:
        yield from _jsonl(io.BytesIO(decoded.text.encode("utf-8", "surrogatepass")), name, decoded.encoding)
    elif found.kind == "json" and not given:
        yield from _json(decoded, name)
    elif found.kind == "csv" and not given:
        yield from _csv(decoded, name)
    else:
        page = kind == "html" or found.kind == "page"
        yield _checked(
            Source(
                name=shown,
                source=name,
                raw=decoded.text,
                media_type="text/html" if page or found.kind == "fragment" else "text/plain",
                fragment=not page and found.kind == "fragment",
                encoding=decoded.encoding,
                strays=decoded.strays,
            )
        )


_OTHERS = frozenset((*TITLE, *SOURCE, *PUBLISHED, *LANGUAGE, "id"))


def _checked(source: Source) -> Source | Refusal:
    found = fault(source.raw, html=source.media_type == "text/html")
    return Refusal(name=source.name, reason=found) if found else source


def _jsonl(file: BinaryIO, name: str, encoding: str = "") -> Iterator[Read]:
    """Row by row, so that a file of any size takes little memory."""
    start = file.read(4)
    file.seek(0)
    if start.startswith(_MARKS):
        try:
            decoded = decode(file.read())
        except Undecodable as reason:
            yield Refusal(name=printable(name), reason=str(reason))
            return
        encoding = decoded.encoding
        file = io.BytesIO(decoded.text.encode("utf-8", "surrogatepass"))
    rows = 0
    utf8 = False
    for number, line in enumerate(file, start=1):
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if not line.strip():
            continue
        rows += 1
        if rows == 1 and _is_no_row(line):
            # An array, or one object over several lines: JSON under the name of JSON lines.
            try:
                yield from _json(decode(line + file.read()), name, lines_before=number - 1)
            except Undecodable as reason:
                yield Refusal(name=printable(name), reason=str(reason))
            return
        where = f"line {number} of {printable(name)}"
        try:
            decoded = decode(line.rstrip(b"\r\n"), utf8=utf8)
        except Undecodable as reason:
            yield Refusal(name=where, reason=str(reason))
            continue
        utf8 = utf8 or (decoded.encoding == "utf-8" and not decoded.text.isascii())
        strays = tuple(stray.model_copy(update={"line": number}) for stray in decoded.strays)
        yield _json_row(decoded.model_copy(update={"encoding": encoding or decoded.encoding, "strays": strays}), where)
    if not rows:
        yield Refusal(name=printable(name), reason="is empty")


def _is_no_row(line: bytes) -> bool:
    """Whether the first line of a file begins an array, or an object that goes on in the next line."""
    stripped = line.strip()
    if not stripped.startswith((b"[", b"{")):
        return False
    if stripped.startswith(b"["):
        return stripped in (b"[", b"[]") or stripped[1:].lstrip().startswith((b"{", b"["))
    return stripped == b"{" or (stripped.endswith((b",", b"{", b"[")) and stripped.count(b"\n") == 0)


def _json_row(decoded: Decoded, where: str) -> Source | Refusal:
    try:
        row: Any = json_rows.decoder().decode(decoded.text)
    except json.JSONDecodeError as error:
        return Refusal(name=where, reason=f"is no JSON: {json_fault(error)} at column {error.colno}")
    except RecursionError:
        return Refusal(name=where, reason="is no JSON that can be read: it is nested too deeply")
    return _value(row, decoded.text, where, decoded)


def _value(row: Any, text: str, where: str, decoded: Decoded) -> Source | Refusal:
    """The source that a value of JSON holds; `text` is its JSON."""
    if not isinstance(row, dict):
        return Refusal(name=where, reason=f"is no JSON object, but {_shape(row)}")
    columns = cast(dict[str, Any], row)
    if str(columns.get("schema", "")).startswith("workbench/"):
        return _document(columns, text, where)
    return _row(columns, where, decoded)


def _shape(value: object) -> str:
    """What a value of JSON is, in words."""
    for kind, name in (
        (list, "a list"),
        (dict, "an object"),
        (str, "a string"),
        (bool, "true or false"),
        (type(None), "null"),
    ):
        if isinstance(value, kind):
            return name
    return "a number"


def _json(decoded: Decoded, name: str, *, lines_before: int = 0) -> Iterator[Read]:
    """The rows of a JSON file: the objects of its array, or objects one after the other."""
    number = 0
    shown = printable(name)
    try:
        for found in json_rows.values(decoded.text):
            number += 1
            if number == 1:
                reason = _other_shape(found, name)
                if reason:
                    yield Refusal(name=shown, reason=reason)
                    return
            line = found.line + lines_before
            where = f"item {number} (line {line}) of {shown}"
            last = line + decoded.text.count("\n", found.start, found.end)
            strays = tuple(one for one in decoded.strays if line <= one.line + lines_before <= last)
            own = decoded.model_copy(update={"strays": strays})
            yield _value(found.value, decoded.text[found.start : found.end], where, own)
    except json_rows.NoJson as reason:
        yield Refusal(name=shown, reason=f"{reason}" + (f"; {number} items before it were read" if number else ""))
        return
    if not number:
        yield Refusal(name=shown, reason="holds JSON without any object")


def _other_shape(first: json_rows.Value, name: str) -> str | None:
    """Why JSON that begins with this value holds no rows, with what to do about it; None where it does."""
    known = ", ".join((*TEXT, *HTML))
    want = f"rows are objects, of which one field holds the text: {known}"
    value: object = first.value
    if not isinstance(value, dict):
        what = _shape(value)
        return f"is JSON of another shape: {'an array whose first item is ' if first.in_array else ''}{what}; {want}"
    columns = cast(dict[str, object], value)
    if first.in_array or str(columns.get("schema", "")).startswith("workbench/"):
        return None
    if {column.strip().lower() for column in columns} & {*TEXT, *HTML}:
        return None
    for column, inner in columns.items():
        rows = cast(list[object], inner) if isinstance(inner, list) else []
        if rows and isinstance(rows[0], dict):
            return (
                f"is JSON of another shape: an object whose field {printable(column, 40)!r} holds rows; take them out "
                f"with `jq -c '.[\"{printable(column, 40)}\"][]' {printable(name)} > rows.jsonl`"
            )
    here = printable(", ".join(columns), 200) or "none"
    return f"is JSON of another shape: an object without a field of text; {want}; here: {here}"


def _document(columns: Mapping[str, Any], line: str, where: str) -> Source | Refusal:
    reason = _fault_of_document(columns)
    if reason:
        return Refusal(name=where, reason=reason)
    try:
        article = article_from_json(line, where=where)
    except DocumentError as error:
        return Refusal(name=where, reason=printable(error.message.removeprefix(f"{where}: "), 500))
    found = fault(article.text) or fault_of_article(article)
    if found:
        return Refusal(name=where, reason=found)
    return Source(name=where, raw=article.text, source=article.source, article=article)


def _fault_of_document(columns: Mapping[str, Any]) -> str | None:
    """Why a document cannot be kept as it stands; its text is looked at by itself."""
    article = columns.get("article")
    parts: dict[str, Any] = dict(columns)
    if isinstance(article, dict):
        parts["article"] = {key: value for key, value in cast(dict[str, Any], article).items() if key != "text"}
    return fields.fault_in(parts)


def fault_of_article(article: Article) -> str | None:
    """Why the fields beside an article's text cannot be kept, or None."""
    beside = {
        "published": article.published,
        "language": article.language,
        "cleaner": article.cleaner,
        **{f"meta {key}": value for key, value in article.meta.items()},
    }
    return (
        fields.fault_of_key("an id", article.id)
        or (fields.fault_of_key("a story_group", article.story_group) if article.story_group is not None else None)
        or fields.fault_of_title(article.title)
        or fields.fault_of_source(article.source)
        or fields.fault_in(beside)
    )


def _row(columns: Mapping[str, Any], where: str, decoded: Decoded) -> Source | Refusal:
    """The source that a row holds, whatever its format."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(column.strip().lower(), column)
    used: set[str] = set()

    def value_of(name: str) -> Any:
        value: Any = columns.get(by_name[name]) if name in by_name else None
        # WordPress hands out its articles as an object.
        return cast(dict[str, Any], value).get("rendered", value) if isinstance(value, dict) else value

    def take(names: Sequence[str], kinds: type | UnionType = str | int | float) -> str:
        for name in names:
            value = value_of(name)
            if isinstance(value, kinds) and str(value).strip():
                used.add(by_name[name])
                return str(value)
        return ""

    raw = take(TEXT, str)
    page = looks_like_html(raw)
    fragment = not page and is_fragment(raw)
    if not raw:
        raw = take(HTML, str)
        page = _is_page(raw)
        fragment = not page
    texts = set(used)
    reason = fields.fault_in({column: value for column, value in columns.items() if column not in texts})
    if reason:
        return Refusal(name=where, reason=reason)
    for name in (*TEXT, *HTML) if not raw else ():
        if (value := value_of(name)) is not None and not isinstance(value, str):
            return Refusal(name=where, reason=f"has no text: the field {by_name[name]!r} holds {_shape(value)}")
    if not raw:
        known = ", ".join((*TEXT, *HTML))
        here = printable(", ".join(columns), 300) or "none"
        return Refusal(name=where, reason=f"has no text; the columns that may hold it: {known}; here: {here}")
    title, source, published, language = take(TITLE), take(SOURCE), take(PUBLISHED), take(LANGUAGE)
    if is_fragment(title):
        title = " ".join(text_of(title).split())
    reason = fields.fault_of_title(title) or fields.fault_of_source(source)
    if reason:
        return Refusal(name=where, reason=reason)
    meta, nested = _meta({column: value for column, value in columns.items() if column not in used})
    return _checked(
        Source(
            name=where,
            raw=raw,
            media_type="text/html" if page or fragment else "text/plain",
            fragment=fragment,
            title=title,
            source=source or where,
            published=published,
            language=language,
            meta=meta,
            nested=nested,
            encoding=decoded.encoding,
            strays=decoded.strays,
        )
    )


def _is_page(html: str) -> bool:
    """Whether a column of HTML holds a page with what stands around an article, or parts of its frame."""
    start = html[:20_000].lower()
    return looks_like_html(html) or any(sign in start for sign in ("<meta ", "<link ", "<nav", "<header", "<footer"))


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


def _csv(decoded: Decoded, name: str) -> Iterator[Read]:
    for one in csv_rows.rows(decoded.text.removeprefix("\ufeff"), printable(name), texts=(*TEXT, *HTML), known=_KNOWN):
        if isinstance(one, csv_rows.NoRow):
            yield Refusal(name=one.where, reason=one.reason)
        else:
            strays = tuple(stray for stray in decoded.strays if one.begins <= stray.line <= one.ends)
            yield _row(one.columns, one.where, decoded.model_copy(update={"strays": strays}))
