"""What other programs' files hold: bytes, lines, JSON, read piece by piece; a fault names file and line."""

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, cast

from workbench.core.validation import json_fault
from workbench.core.whitespace import quoted
from workbench.errors import DocumentError

LARGEST = 200_000_000
"""How many bytes a file has at most that is read as a whole, or a line of one that is not."""
_PACKED = {b"\x1f\x8b": "gzip", b"PK\x03\x04": "zip", b"BZh": "bzip2", b"\xfd7zXZ": "xz"}
_REFUSALS: Mapping[type[OSError], str] = {
    FileNotFoundError: "check its name and its folder",
    NotADirectoryError: "check its name and its folder",
    IsADirectoryError: "name a file in it",
    PermissionError: "make it readable for yourself",
}
_AS_UTF_8 = "write it as UTF-8, such as with `iconv -f WINDOWS-1252 -t UTF-8`"
_WHOLE = "check that the file is whole, and of the format that it is read as"
_SPLIT = "split it into several files"
_JSON = json.JSONDecoder()
_SIGN = re.compile(r"[^ \t\r\n]")
_PIECE = 1 << 20
_LONGEST_WORD = 12
"""How many characters `-Infinity` or an escaped character have at the most."""


def unreadable(path: Path, error: OSError) -> DocumentError:
    """The error of a file that the system does not give, with what to do about it."""
    hint = next((hint for kind, hint in _REFUSALS.items() if isinstance(error, kind)), "see whether its disk is there")
    return DocumentError(f"{path} cannot be read: {error.strerror or error}", hint=hint)


def binary(path: Path) -> bytes:
    """What the file holds.

    Raises:
        DocumentError: it cannot be read, is packed, or has more than `LARGEST` bytes.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    _refuse(path, content)
    if len(content) > LARGEST:
        raise DocumentError(f"{path} has more than {LARGEST:,} bytes", hint=_SPLIT)
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
        raise unreadable(path, error) from error


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
        raise DocumentError(
            f"{path}, line {line}: no UTF-8 at byte {error.start + 1} of the file", hint=_AS_UTF_8
        ) from error


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
                    raise DocumentError(f"{path}, line {number}: longer than {LARGEST:,} bytes", hint=_SPLIT)
                if number == 1:
                    line = line.removeprefix(codecs.BOM_UTF8)
                yield f"{path}, line {number}", line.removesuffix(b"\n").removesuffix(b"\r")
    except OSError as error:
        raise unreadable(path, error) from error


def lines(path: Path) -> Iterator[tuple[str, str]]:
    """Where each line of a UTF-8 file stands, and the line without its end; only a line feed ends one.

    Raises:
        DocumentError: the file cannot be read, is packed, or a line is too long or no UTF-8.
    """
    for where, line in raw_lines(path):
        yield where, decoded(line, where)


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


def decoded(line: bytes, where: str) -> str:
    """The line as text.

    Raises:
        DocumentError: it is no UTF-8.
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"{where}: no UTF-8 at byte {error.start + 1}", hint=_AS_UTF_8) from error


def json_value(given: str, where: str) -> Any:
    """The JSON value of a text.

    Raises:
        DocumentError: it is none, or nests too deeply to be read.
    """
    try:
        return json.loads(given)
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"{where}: no JSON: {json_fault(error)} at line {error.lineno}, column {error.colno}", hint=_WHOLE
        ) from error
    except (RecursionError, ValueError) as error:
        raise DocumentError(f"{where}: no JSON that can be read: {error}", hint=_WHOLE) from error


def an_object(value: Any, where: str) -> dict[str, Any]:
    """The value, which is a JSON object.

    Raises:
        DocumentError: it is something else.
    """
    if not isinstance(value, dict):
        raise DocumentError(f"{where}: no JSON object but {quoted(json.dumps(value))}", hint=_WHOLE)
    return cast(dict[str, Any], value)


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
                    raise DocumentError(
                        f"{path}, value {number}: no JSON: a comma or ] is missing after it", hint=_WHOLE
                    )
                if number:
                    pieces.skip()
                    pieces.next_sign()
                number += 1
                yield number, pieces.value(f"{path}, value {number}")
        else:
            raise DocumentError(f"{path}: no JSON array, which begins with [", hint=_WHOLE)
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
            raise unreadable(path, error) from error

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
                    raise DocumentError(
                        f"{where}: no JSON: {json_fault(error)} at its character {place}", hint=_WHOLE
                    ) from error
            except (RecursionError, ValueError) as error:
                raise DocumentError(f"{where}: no JSON that can be read: {error}", hint=_WHOLE) from error
            if len(self._text) - self._place > LARGEST:
                raise DocumentError(f"{where}: longer than {LARGEST:,} characters", hint=_SPLIT)

    def _more(self) -> bool:
        """Whether there was more of the file. What lies before the place is let go."""
        if self._at_end:
            return False
        try:
            piece = self._file.read(max(_PIECE, len(self._text) - self._place))
            self._text = self._text[self._place :] + self._decode(piece, not piece)
        except UnicodeDecodeError as error:
            raise DocumentError(
                f"{self._path}: no UTF-8 at byte {self._read + error.start + 1}", hint=_AS_UTF_8
            ) from error
        except OSError as error:
            raise unreadable(self._path, error) from error
        self._place, self._at_end = 0, not piece
        self._read += len(piece)
        return not self._at_end


def _refuse(path: Path, head: bytes) -> None:
    for magic, name in _PACKED.items():
        if head.startswith(magic):
            raise DocumentError(f"{path} is packed with {name}", hint="unpack it first")
