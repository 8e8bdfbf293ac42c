"""Bytes become text, or the reason why they don't.

UTF-8 is tried first, then UTF-8 with stray bytes of Windows-1252, then what the bytes declare (a byte order mark, the
charset of an HTML page), then charset-normalizer decides. Nothing is normalised. Text that is UTF-8 but for a few bytes
stays UTF-8: those are read as Windows-1252, and `Decoded.strays` says where they are.
"""

import codecs
import re

from workbench.core.frozen import Frozen

LONGEST_ARTICLE = 1_000_000
"""Code points; spaCy's pipelines refuse a longer text."""
LONGEST_PAGE = 20_000_000
"""Code points of HTML; the text that is found in it may be as long as an article."""
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
_LINE_END = re.compile(r"\r\n|\n|\r")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SENTENCE = re.compile(r"[.!?。！？…][\"”’'»)\]]*(?:\s|$)|[。！？]")
# What a Western text in a one-byte encoding holds beyond ASCII; a wrong guess soon leaves this set.
_WESTERN = frozenset(
    "‘’‚“”„–—…•€£§©®°·«»¿¡´×½¼¾™\u00a0ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽžŸ"
)


# Of those the ones that are frequent enough to tell Windows-1252 from what charset-normalizer takes for old code pages.
_FREQUENT = frozenset("‘’“”–—…•€£§°«»\u00a0àáâãäåæçèéêëíîïñóôõöøùúûüßÀÁÂÃÄÅÆÇÈÉÊÍÑÓÔÖØÚÜœŒ")
_UNLIKELY = ("mac_", "utf_", "cp0", "cp10", "cp11", "cp2", "cp4", "cp5", "cp7", "cp8", "hp_", "ptcp")
# Well-formed UTF-8 beyond ASCII; else a pair of surrogates that were encoded one by one; else a character that is cut
# off after its first bytes; else any byte.
_WELL_FORMED = (
    rb"[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    rb"|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}"
)
_PIECE = re.compile(
    rb"(?P<ascii>[\x00-\x7f]+)|(?P<utf8>(?:" + _WELL_FORMED + rb")+)"
    rb"|(?P<pair>\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf])"
    rb"|(?P<cut>\xe2[\x80-\x84]|[\xf0-\xf4][\x80-\xbf]{1,2}|[\xc2\xc3\xe2\xf0-\xf4]\Z)|(?P<stray>[\x80-\xff])",
    re.DOTALL,
)
_CHARACTER = re.compile(_WELL_FORMED)
CUT_OFF = "\ufffd"


class Stray(Frozen):
    """Bytes that are no UTF-8 in a text that is: the line that they are in, and what they were read as."""

    line: int
    hexadecimal: str
    read_as: str

    def __str__(self) -> str:
        what = "a character that is cut off" if self.read_as == CUT_OFF else self.read_as
        return f"line {self.line}: 0x{self.hexadecimal} read as {what}"


class Decoded(Frozen):
    """A text and the encoding that it was in, as Python names it. A UTF-8 byte order mark stays in the text."""

    text: str
    encoding: str
    strays: tuple[Stray, ...] = ()


class Undecodable(Exception):
    """The bytes are no text; the message says why. The reader makes a refusal of it, so no user meets it."""


def decode(data: bytes, *, html: bool = False, utf8: bool = False, rows: bool = False) -> Decoded:
    """The text of the bytes.

    Args:
        data: all of them.
        html: they may declare their charset as HTML does.
        rows: they are rows of a table, of which single ones may hold a NUL.
        utf8: they are part of something whose other parts are UTF-8, so that stray bytes don't make them anything else.

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
        try:
            return _with_nul(data)
        except Undecodable:
            if not rows:
                raise
    try:
        return Decoded(text=data.decode("utf-8"), encoding="utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:4096]) if html else None
    named = declared.group(1).decode("ascii").lower() if declared else ""
    pieces = _Pieces(data)
    if utf8 or data.startswith(codecs.BOM_UTF8) or pieces.mostly_utf8 or named in ("utf-8", "utf8"):
        return pieces.decoded()
    if named:
        try:
            return _strictly(data, named)
        except (Undecodable, LookupError):
            pass
    return pieces.decoded() if pieces.western_utf8 else _detected(data)


def fault(text: str, *, html: bool = False) -> str | None:
    """Why a text, or the HTML that one is to be found in, cannot be an article, or None."""
    if not text.strip(" \t\r\n\ufeff\u200b\u00a0"):
        return "is empty"
    if "\0" in text:
        return "holds NUL characters"
    if _SURROGATE.search(text):
        return "holds half of a surrogate pair, which no encoding can store"
    if len(_CONTROL.findall(text)) > max(4, len(text) // 200):
        return "is binary: it is full of control characters"
    longest = LONGEST_PAGE if html else LONGEST_ARTICLE
    if len(text) > longest:
        return f"has {len(text):,} characters, more than the {longest:,} that {'a page' if html else 'an article'} may have"
    return None if html else _long_line(text)


class _Pieces:
    """Bytes as stretches of UTF-8 and, between them, what is none."""

    def __init__(self, data: bytes) -> None:
        self._pieces = [(match.lastgroup or "stray", match.group()) for match in _PIECE.finditer(data)]
        characters = [
            one.decode("utf-8") for kind, piece in self._pieces if kind == "utf8" for one in _CHARACTER.findall(piece)
        ]
        self._characters = len(characters) + sum(kind == "pair" for kind, _ in self._pieces)
        self._strays = sum(kind in ("stray", "cut") for kind, _ in self._pieces)
        self._western = all(character in _WESTERN for character in characters)

    @property
    def mostly_utf8(self) -> bool:
        """Whether more characters are UTF-8 than bytes are none: by chance no other encoding looks so."""
        return self._characters > self._strays

    @property
    def western_utf8(self) -> bool:
        """Whether every character that is UTF-8 is one that Western texts use, so that it hardly is one by chance."""
        if not self._western or self._strays > 10 * self._characters:
            return False
        return self._characters >= 2 or self._strays <= 3

    def decoded(self) -> Decoded:
        """The text, and where what was no UTF-8 was read as Windows-1252."""
        parts: list[str] = []
        strays: list[Stray] = []
        line = 1
        for kind, piece in self._pieces:
            if kind in ("ascii", "utf8"):
                part = piece.decode("utf-8")
                line += len(_LINE_END.findall(part))
            elif kind == "pair":
                part = piece.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
            else:
                part = CUT_OFF if kind == "cut" else _of_windows(piece, line)
                strays.append(Stray(line=line, hexadecimal=piece.hex(), read_as=part))
            parts.append(part)
        return Decoded(text="".join(parts), encoding="utf-8", strays=tuple(strays))


def _of_windows(byte: bytes, line: int) -> str:
    try:
        return byte.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Undecodable(f"has a byte 0x{byte.hex()} in line {line} that is neither UTF-8 nor Windows-1252") from error


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
    if best.encoding.startswith(_UNLIKELY) and _is_western(data, "cp1252", _FREQUENT):
        return _strictly(data, "cp1252")
    return _strictly(data, best.encoding)


def _is_western(data: bytes, encoding: str, known: frozenset[str] = _WESTERN) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    beyond = [character for character in text if ord(character) > 127]
    return len(beyond) < 0.1 * len(text) and all(character in known for character in beyond)
