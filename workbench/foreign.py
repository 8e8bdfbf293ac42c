"""What readers and writers of other programs' files share: typed errors with file and line, names, counts of what is lost."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, AttributeValue, Producer, Span
from workbench.core.article import Article, Scalar, article_id
from workbench.core.counted import counted
from workbench.core.ports import Remark
from workbench.core.scheme import LabelScheme
from workbench.core.validation import first_fault, json_fault
from workbench.core.whitespace import is_blank, quoted, trim
from workbench.errors import DocumentError, WorkbenchError

LARGEST = 200_000_000
"""How many bytes a file has at most that is read as a whole, or a line of one that is not."""
_ARTICLE_ID = re.compile(r"a-[0-9a-f]{16}")
_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_JSON = json.JSONDecoder()
_SIGN = re.compile(r"[^ \t\r\n]")
_PIECE = 1 << 20
_LONGEST_WORD = 12
"""How many characters `-Infinity` or an escaped character have at the most."""
PERSON = Producer(kind="person", name="")
"""Whose work it is where a file does not say."""

M = TypeVar("M", bound=BaseModel)


class Shape(BaseModel):
    """A part of another program's JSON: what we don't know in it is passed over, what we know has its very type."""

    model_config = ConfigDict(extra="ignore", strict=True)


def binary(path: Path) -> bytes:
    """What the file holds.

    Raises:
        DocumentError: it cannot be read, is packed, or has more than `LARGEST` bytes.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from error
    _refuse(path, content)
    if len(content) > LARGEST:
        raise DocumentError(f"{path} has more than {LARGEST:,} bytes", hint="split it into several files")
    return content


def not_packed(path: Path) -> None:
    """Checks that a file is there and no archive.

    Raises:
        DocumentError: it cannot be read, or is packed; with what is named.
    """
    try:
        with path.open("rb") as file:
            _refuse(path, file.read(6))
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from error


def text(path: Path) -> str:
    """The text of a UTF-8 file, its line ends and byte order mark as they stand.

    Raises:
        DocumentError: it cannot be read, is packed, too large, or no UTF-8; it names the line.
    """
    content = binary(path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DocumentError(f"{path}, line {line}: no UTF-8 at byte {error.start + 1} of the file") from error


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """Where each line of a UTF-8 file stands, and the line without its end; only a line feed ends one.

    Raises:
        DocumentError: the file cannot be read, is packed, or a line is too long or no UTF-8.
    """
    for where, line in raw_lines(path):
        yield where, decoded(line, where)


def raw_lines(path: Path) -> Iterator[tuple[str, bytes]]:
    """Where each line of a file stands, and its bytes without the end and without a byte order mark.

    Raises:
        DocumentError: the file cannot be read, is packed, or a line is too long.
    """
    try:
        with path.open("rb") as file:
            _refuse(path, file.read(6))
            file.seek(0)
            number = 0
            while line := file.readline(LARGEST + 1):
                number += 1
                if len(line) > LARGEST:
                    raise DocumentError(f"{path}, line {number}: longer than {LARGEST:,} bytes")
                if number == 1:
                    line = line.removeprefix(codecs.BOM_UTF8)
                yield f"{path}, line {number}", line.removesuffix(b"\n").removesuffix(b"\r")
    except OSError as error:
        raise DocumentError(f"{path} cannot be read: {error.strerror}") from error


def decoded(line: bytes, where: str) -> str:
    """The line as text.

    Raises:
        DocumentError: it is no UTF-8.
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{where}: no UTF-8 at byte {error.start + 1}") from error


def json_value(given: str, where: str) -> Any:
    """The JSON value of a text.

    Raises:
        DocumentError: it is none, or nests too deeply to be read.
    """
    try:
        return json.loads(given)
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"{where}: no JSON: {json_fault(error)} at line {error.lineno}, column {error.colno}"
        ) from error
    except (RecursionError, ValueError) as error:
        raise DocumentError(f"{where}: no JSON that can be read: {error}") from error


def filled_lines(path: Path) -> Iterator[tuple[int, str, bytes]]:
    """Number, place and bytes of each line of a file that is not blank; the numbers count these alone.

    Raises:
        DocumentError: as `raw_lines`.
    """
    number = 0
    for where, line in raw_lines(path):
        if line.strip():
            number += 1
            yield number, where, line


def json_object(line: bytes, where: str) -> dict[str, Any]:
    """The object of a line of JSON.

    Raises:
        DocumentError: it holds something else.
    """
    return an_object(json_value(decoded(line, where), where), where)


def json_array(path: Path) -> Iterator[tuple[int, Any]]:
    """The values of a JSON array with their places from 1 on, one by one; a file with an object alone holds that one.

    No more of the file is in memory than one value takes, and a piece of a megabyte.

    Raises:
        DocumentError: the file cannot be read, is packed, no UTF-8, no JSON, or a value of it is too large.
    """
    pieces = _Pieces(path)
    try:
        first = pieces.next_sign()
        if first == "{":
            yield 1, pieces.value(f"{path}")
        elif first == "[":
            pieces.skip()
            number = 0
            while (sign := pieces.next_sign()) != "]":
                if number and sign != ",":
                    raise DocumentError(f"{path}, value {number}: no JSON: a comma or ] is missing after it")
                if number:
                    pieces.skip()
                    pieces.next_sign()
                number += 1
                yield number, pieces.value(f"{path}, value {number}")
        else:
            raise DocumentError(f"{path}: no JSON array, which begins with [")
    finally:
        pieces.close()


def json_objects(path: Path) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """The place of each object of a file, which has one a line or all in an array, and what reads it.

    Each is read when it is asked for, so that a malformed one is refused alone.

    Raises:
        DocumentError: as `filled_lines` and `json_array`; what reads an object raises it where it is none.
    """
    _, _, first = next(filled_lines(path), (0, "", b""))
    if first.lstrip().startswith(b"["):
        for number, value in json_array(path):
            where = f"{path}, record {number}"
            yield where, partial(an_object, value, where)
    else:
        for _, where, line in filled_lines(path):
            yield where, partial(json_object, line, where)


class _Pieces:
    """A UTF-8 file of JSON, taken in piece by piece; the values that were read are let go."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._text, self._place, self._read, self._at_end = "", 0, 0, False
        not_packed(path)
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise DocumentError(f"{path} cannot be read: {error.strerror}") from error

    def close(self) -> None:
        self._file.close()

    def next_sign(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            found = _SIGN.search(self._text, self._place)
            if found:
                self._place = found.start()
                return found[0]
            self._place = len(self._text)
            if not self._more():
                return ""

    def skip(self) -> None:
        """Goes beyond the character that `next_sign` gave."""
        self._place += 1

    def value(self, where: str) -> Any:
        """The value that begins here.

        Raises:
            DocumentError: it is no JSON, or longer than a document may be.
        """
        while True:
            try:
                found, self._place = _JSON.raw_decode(self._text, self._place)
                return found
            except json.JSONDecodeError as error:
                # What is cut off ends in a string, or breaks off where the piece does.
                cut_off = error.msg.startswith("Unterminated string") or len(self._text) - error.pos < _LONGEST_WORD
                place = error.pos - self._place + 1
                if not (cut_off and self._more()):
                    raise DocumentError(f"{where}: no JSON: {json_fault(error)} at its character {place}") from error
            except (RecursionError, ValueError) as error:
                raise DocumentError(f"{where}: no JSON that can be read: {error}") from error
            if len(self._text) - self._place > LARGEST:
                raise DocumentError(f"{where}: longer than {LARGEST:,} characters")

    def _more(self) -> bool:
        """Whether there was more of the file. What lies before the place is let go."""
        if self._at_end:
            return False
        try:
            piece = self._file.read(max(_PIECE, len(self._text) - self._place))
            self._text = self._text[self._place :] + self._decode(piece, not piece)
        except UnicodeDecodeError as error:
            raise DocumentError(f"{self._path}: no UTF-8 at byte {self._read + error.start + 1}") from error
        except OSError as error:
            raise DocumentError(f"{self._path} cannot be read: {error.strerror}") from error
        self._place, self._at_end = 0, not piece
        self._read += len(piece)
        return not self._at_end


def an_object(value: Any, where: str) -> dict[str, Any]:
    """The value, which is a JSON object.

    Raises:
        DocumentError: it is something else.
    """
    if not isinstance(value, dict):
        raise DocumentError(f"{where}: no JSON object but {quoted(json.dumps(value))}")
    return cast(dict[str, Any], value)


def shaped(kind: type[M], raw: Mapping[str, Any], where: str) -> M:
    """The part of a document, checked.

    Raises:
        DocumentError: it lacks a field, or one has another type; the field is named.
    """
    try:
        return kind.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        raise DocumentError(f"{where}: {first_fault(error)}") from error
    except RecursionError as error:
        raise DocumentError(f"{where}: nests too deeply to be read") from error


def validated(kind: type[M], fields: Mapping[str, Any], where: str) -> M:
    """The value of these fields, checked.

    Raises:
        DocumentError: a field is missing, unknown or malformed; it is named.
    """
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        raise DocumentError(f"{where}: {first_fault(error)}") from error
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}") from error


def article(
    content: str,
    *,
    name: str = "",
    source: str = "",
    title: str = "",
    published: str | None = None,
    meta: Mapping[str, Scalar] | None = None,
) -> Article:
    """The article of this text. A `name` that is the id of an article of ours is its id again, so that it is known.

    Its raw text is then not known, unless the id belongs to the very text.
    """
    found = Article.from_text(content, title=title, source=_printed(source), published=published, meta=dict(meta or {}))
    if not _ARTICLE_ID.fullmatch(name) or name == article_id(content):
        return found
    return found.model_copy(update={"id": name, "raw_sha256": ""})


def annotated(
    of: Article,
    spans: Iterable[tuple[str, Span]],
    scheme: LabelScheme,
    where: str,
    *,
    producer: Producer = PERSON,
    document: Mapping[str, AttributeValue] | None = None,
    created: str = "",
) -> Iterator[AnnotatedArticle | Remark]:
    """The article with these spans, each beside its layer, checked by the scheme; and what was trimmed or said twice.

    Raises:
        DocumentError: something does not fit; the message begins with `where`.
    """
    layers: dict[str, list[Span]] = {layer.name: [] for layer in scheme.layers}
    for layer, span in spans:
        once = tuple({(one.role, one.target): one for one in reversed(span.arguments)}.values())[::-1]
        if len(once) != len(span.arguments):
            more = len(span.arguments) - len(once)
            yield Remark(
                where=where, message=f"{span.label} {quoted(span.text)} has {counted(more, 'roles')} twice: taken once"
            )
            span = span.model_copy(update={"arguments": once})
        layers[layer].append(span)
    try:
        found = AnnotationSet(
            producer=producer,
            scheme_digest=scheme.digest,
            created=created,
            layers={name: tuple(several) for name, several in layers.items()},
            document=dict(document or {}),
        )
        found, trimmed = trim(found)
        scheme.check(found, of.text)
        made = AnnotatedArticle(article=of, annotations=scheme.normalise(found))
    except ValidationError as error:
        raise DocumentError(f"{where}: {first_fault(error)}") from error
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}", hint=error.hint, lists=error.lists) from error
    yield from (Remark(where=where, message=str(one)) for one in trimmed)
    yield made


def layer_of(label: str, scheme: LabelScheme, where: str) -> tuple[str, str]:
    """The layer of a label, and what the label is called now.

    Raises:
        DocumentError: the scheme lacks the label.
    """
    if label in scheme.layer_of_label:
        return scheme.layer_of_label[label], label
    for (layer, before), now in scheme.label_now.items():
        if before == label:
            return layer, now
    raise DocumentError(
        f"{where}: label {quoted(label)} is not in the label scheme; known: {', '.join(scheme.layer_of_label)}",
        hint="rename it in the file, or add it to label_config.xml",
    )


def span(
    name: str, label: str, start: int, end: int, content: str, where: str, *, says: str | None = None, **more: Any
) -> Span:
    """The span between two offsets in code points. `says` is the text that the file has for it.

    Raises:
        DocumentError: the offsets are not within the text, hold only white space, or another text stands there.
    """
    if not 0 <= start < end <= len(content):
        raise DocumentError(
            f"{where}: {quoted(label)} from {start} to {end} is not within the text of {len(content)} code points"
        )
    found = content[start:end]
    if is_blank(found):
        raise DocumentError(f"{where}: {quoted(label)} from {start} to {end} is white space and nothing else")
    if says is not None and says.split() != found.split():
        raise DocumentError(
            f"{where}: {quoted(label)} says {quoted(says)}, the text has {quoted(found)} at {start}-{end}",
            hint="offsets count Unicode code points, half-open",
        )
    return Span(id=name, label=label, start=start, end=end, text=found, **more)


class LeftOut:
    """Counts what a format has no place for, and says it in the end."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._changed: Counter[str] = Counter()
        self._single: list[str] = []

    def count(self, what: str, number: int = 1) -> None:
        """So many more of `what` (a plural) have no place."""
        if number:
            self._counts[what] += number

    def change(self, what: str, number: int) -> None:
        """So many more of `what` (a plural, and how they are written) are not written as they are."""
        if number:
            self._changed[what] += number

    def tell(self, where: str, message: str) -> None:
        """One case that has to be named."""
        self._single.append(f"{where}: {message}")

    def of_article(
        self, annotated: AnnotatedArticle, *, but: Sequence[str] = (), only: Sequence[str] | None = None
    ) -> None:
        """Counts what of an annotated article stands outside plain spans: all except for `but`, or `only` that."""
        spans = [one for _, one in annotated.annotations.spans()]
        for what, number in (
            ("scores", sum(one.score is not None for one in spans)),
            ("scores of roles", sum(given.score is not None for one in spans for given in one.arguments)),
            ("normalised names", sum(one.norm is not None for one in spans)),
            ("origins of spans", sum(one.origin is not None for one in spans)),
            ("attributes", sum(len(one.attributes) for one in spans)),
            ("roles", sum(len(one.arguments) for one in spans)),
            ("choices about a document", len(annotated.annotations.document)),
            ("dates of articles", int(annotated.article.published is not None)),
            ("sources of articles", int(bool(annotated.article.source))),
            ("titles of articles", int(bool(annotated.article.title))),
            ("other facts about articles", len(annotated.article.meta)),
            ("names of annotators", int(bool(annotated.annotations.producer.name))),
        ):
            if what not in but and (only is None or what in only):
                self.count(what, number)

    def problems(self) -> tuple[str, ...]:
        """What had no place: what was only counted, in a line, then each single case."""
        counted = ", ".join(f"{what} ({number:,})" for what, number in self._counts.items())
        changed = (f"{what} ({number:,})" for what, number in self._changed.items())
        return (*([f"left out: {counted}"] if counted else ()), *changed, *self._single)


class FileNames:
    """File names that articles are given: their ids, without what could leave a folder or mean something to a shell."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """A name that nobody has yet."""
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", name)[:100] or "article"
        found, number = plain, 1
        while found.lower() in self._taken:
            number += 1
            found = f"{plain}_{number}"
        self._taken.add(found.lower())
        return found


def safe_names(values: Iterable[str]) -> dict[str, str]:
    """A name for each value that holds only letters, digits, `_` and `-`; the value itself wherever it is such a name."""
    found: dict[str, str] = {}
    given = list(dict.fromkeys(values))
    taken = {one for one in given if re.fullmatch(r"[A-Za-z0-9_-]+", one)}
    for one in given:
        if one in taken:
            found[one] = one
            continue
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", one)
        name, number = plain, 1
        while name in taken:
            number += 1
            name = f"{plain}_{number}"
        taken.add(name)
        found[one] = name
    return found


def _printed(name: str) -> str:
    """The name without what is no character: bytes of a file's name, or half a surrogate out of JSON."""
    return name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _refuse(path: Path, head: bytes) -> None:
    for magic, name in _PACKED.items():
        if head.startswith(magic):
            raise DocumentError(f"{path} is packed with {name}", hint="unpack it first")
