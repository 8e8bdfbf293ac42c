"""Bytes become text, or the reason why they don't.

UTF-8 is tried first, then what the bytes declare (a byte order mark, the charset of an HTML page), then
charset-normalizer decides. Nothing is replaced and nothing is normalised: a byte that does not fit is a refusal.
"""

import codecs
import re

from workbench.core.frozen import Frozen

LONGEST_ARTICLE = 1_000_000
"""Code points; spaCy's pipelines refuse a longer text."""
LONGEST_LINE = 100_000
"""Code points in one line; a longer one must read like sentences, or it is data that was taken for an article."""

_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "gzip data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\x89PNG", "a PNG image"),
    (b"GIF8", "a GIF image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"RIFF", "RIFF media"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"{\\rtf", "an RTF document"),
)
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SENTENCE = re.compile(r"[.!?。！？…][\"”’'»)\]]*(?:\s|$)|[。！？]")
# What a Western text in a one-byte encoding holds beyond ASCII; a wrong guess soon leaves this set.
_WESTERN = frozenset(
    "‘’‚“”„–—…•€£§©®°·«»¿¡´×½¼¾™\u00a0ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžŸ"
)


class Decoded(Frozen):
    """A text and the encoding that it was in, as Python names it. A UTF-8 byte order mark stays in the text."""

    text: str
    encoding: str


class Undecodable(Exception):
    """The bytes are no text; the message says why. The reader makes a refusal of it, so no user meets it."""


def decode(data: bytes, *, html: bool = False) -> Decoded:
    """The text of the bytes.

    Raises:
        Undecodable: they are binary, or no encoding fits.
    """
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise Undecodable(f"is binary: {kind}")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    if b"\0" in data:
        return _with_nul(data)
    try:
        return Decoded(text=data.decode("utf-8"), encoding="utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:4096]) if html else None
    if declared:
        try:
            return _strictly(data, declared.group(1).decode("ascii"))
        except (Undecodable, LookupError):
            pass
    return _detected(data)


def fault(text: str) -> str | None:
    """Why a text cannot be an article, or None."""
    if not text.strip(" \t\r\n\ufeff\u200b\u00a0"):
        return "is empty"
    if "\0" in text:
        return "holds NUL characters"
    if _SURROGATE.search(text):
        return "holds half of a surrogate pair, which no encoding can store"
    if len(_CONTROL.findall(text)) > max(4, len(text) // 200):
        return "is binary: it is full of control characters"
    if len(text) > LONGEST_ARTICLE:
        return f"has {len(text):,} characters, more than the {LONGEST_ARTICLE:,} that an article may have"
    return _long_line(text)


def _long_line(text: str) -> str | None:
    if len(text) <= LONGEST_LINE:
        return None
    for line in re.split(r"[\r\n]", text):
        # Prose ends a sentence every few hundred characters at the most.
        if len(line) > LONGEST_LINE and len(_SENTENCE.findall(line)) < len(line) // 2000:
            return f"has a line of {len(line):,} characters without sentences, which is no article"
    return None


def _strictly(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(text=data.decode(encoding), encoding=codecs.lookup(encoding).name)
    except UnicodeDecodeError as error:
        raise Undecodable(f"is no valid {encoding}: {error.reason} at byte {error.start}") from error


def _with_nul(data: bytes) -> Decoded:
    """UTF-16 without a mark has a NUL in every other byte of Western text; anything else with NULs is binary."""
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half, other = data[first::2], data[1 - first :: 2]
        if len(data) % 2 == 0 and half.count(0) > 0.7 * len(half) and not other.count(0):
            return _strictly(data, encoding)
    raise Undecodable("holds NUL characters, so it is binary")


def _detected(data: bytes) -> Decoded:
    from charset_normalizer import from_bytes

    matches = from_bytes(data)
    best = matches.best()
    if best is None:
        raise Undecodable("is in no encoding that can be told, or binary")
    # Between the one-byte encodings charset-normalizer often cannot tell; a Western text is then the likeliest.
    found = {encoding for match in matches for encoding in match.could_be_from_charset}
    for encoding, tied in (("cp1252", "cp1252" in found), ("mac_roman", any(one.startswith("mac_") for one in found))):
        if tied and _is_western(data, encoding):
            return _strictly(data, encoding)
    return _strictly(data, best.encoding)


def _is_western(data: bytes, encoding: str) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    beyond = [character for character in text if ord(character) > 127]
    return len(beyond) < 0.1 * len(text) and all(character in _WESTERN for character in beyond)
