"""Pieces of HTML, as content systems hand them out in a column of a table, become text.

A piece has no page around it, so nothing of it is guessed to be beside the article: all that a browser would show is
text, its blocks and line breaks are lines. Scripts, styles and what else a browser doesn't show are left out.
"""

import html
import re
from bisect import bisect_left
from html.entities import html5
from typing import Final

_BLOCKS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_INLINE: Final = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "td",
        "th",
    ]
)
_VOID: Final = frozenset(["br", "hr", "img", "wbr", "input", "embed", "source", "track"])
_HIDDEN: Final = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "noembed",
        "noframes",
        "iframe",
        "object",
        "svg",
        "math",
        "canvas",
        "audio",
        "video",
        "head",
        "select",
        "datalist",
        "textarea",
        "button",
    ]
)
# Their content is no HTML.
_RAW: Final = frozenset(["script", "style", "template", "noscript", "noembed", "noframes", "iframe", "textarea"])
_KNOWN: Final = _BLOCKS | _INLINE | _VOID | _HIDDEN
# A tag that begins here; only its name is looked at, and whether it ends.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)(?=[\s/>])[^<>]{0,5000}>")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Entities that nobody writes about, so that one that is left was escaped twice.
_LEFT_OVER = re.compile(r"&(?:#\d{2,6}|#[xX][0-9A-Fa-f]{2,5}|nbsp|quot|apos|[lr][sd]quo|[mn]dash|hellip);")
_BEGINS = re.compile(r"</?[A-Za-z]|<[!?]")
_NAME = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]*)")
# How many values in quotation marks a tag has at the most, and how much of each is looked at for another tag.
_QUOTED_AT_MOST = 64
_VALUE_LOOKED_AT = 2000
_CDATA = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_SPACES = re.compile(r"[ \t\n\r\f\u00a0]+")
_INDENT = re.compile(r"[ \t\u00a0]*\n[ \t\u00a0]*")


def is_fragment(text: str) -> bool:
    """Whether a text is written in HTML: it has tags that belong together, or characters by their names or numbers."""
    return ("<" in text and _has_tags(text)) or ("&" in text and _has_entities(text))


def text_of(fragment: str) -> str:
    """The text of a piece of HTML, one line a block; what was escaped twice is read twice."""
    text = _CDATA.sub(lambda match: match.group(1), fragment) if "<![CDATA[" in fragment else fragment
    if not _has_tags(text):
        text = _unescaped(text)
        if not _has_tags(text):
            return _unescaped(text) if _LEFT_OVER.search(text) else text
    text = _read(text)
    return _unescaped(text) if _LEFT_OVER.search(text) else text


def _has_tags(text: str) -> bool:
    opened: set[str] = set()
    for match in _TAG.finditer(text):
        name = match.group(2).lower()
        if name not in _KNOWN:
            continue
        if match.group(1):
            if name in opened:
                return True
        elif name in _VOID or name == "p":
            return True
        else:
            opened.add(name)
    return False


def _has_entities(text: str) -> bool:
    return any(match.group()[1] == "#" or match.group()[1:] in html5 for match in _ENTITY.finditer(text))


def _read(text: str) -> str:
    keep_lines = "\n" in text and not re.search(r"<(?:p|br|div)[\s/>]", text, re.IGNORECASE)
    return _Reader(text, keep_lines=keep_lines).text()


class _Reader:
    """Collects what a browser would show, in one pass whatever the HTML is like.

    `keep_lines`: the lines of the source are lines of the text.
    """

    def __init__(self, text: str, *, keep_lines: bool) -> None:
        self._source = text
        self._lowered = text.lower()
        self._keep_lines = keep_lines
        self._parts: list[str] = []
        self._hidden: list[str] = []
        self._verbatim = 0
        self._places = {
            sign: [match.start() for match in re.finditer(sign, text)] for sign in ("<", ">", '"', "'", "-->")
        }
        self._last_end: dict[str, int] = {}

    def text(self) -> str:
        """The text of all of it."""
        self._read()
        joined = _INDENT.sub("\n", "".join(self._parts))
        lines = [re.sub(r" {2,}", " ", line).strip() for line in joined.split("\n")]
        if self._keep_lines:
            return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
        return "\n".join(line for line in lines if line)

    def _read(self) -> None:
        position = 0
        while position < len(self._source):
            sign = self._next("<", position)
            if sign is None:
                break
            end = self._markup(sign)
            self._words(self._source[position:sign])
            if end is None:
                self._words("<")
                position = sign + 1
            else:
                position = end
                self._follow(sign)
                if self._hidden and self._hidden[-1] in _RAW:
                    position = self._after_raw(position)
        else:
            return
        self._words(self._source[position:])

    def _markup(self, start: int) -> int | None:
        """Where the tag, comment or declaration that begins here ends; None where a sign is just a sign."""
        if self._source.startswith("<!--", start):
            end = self._next("-->", start + 4)
            return start + 4 if end is None else end + 3
        if not _BEGINS.match(self._source, start):
            return None
        nearest = self._next(">", start)
        if nearest is None:
            return None
        position = start
        for _ in range(_QUOTED_AT_MOST):
            closing = self._next(">", position)
            quotes = [(place, sign) for sign in "\"'" if (place := self._next(sign, position)) is not None]
            if closing is None:
                break
            if not quotes or min(quotes)[0] > closing:
                return closing + 1
            place, sign = min(quotes)
            ends = self._next(sign, place + 1)
            if ends is None or "</" in self._source[place : min(ends, place + _VALUE_LOOKED_AT)]:
                break
            position = ends + 1
        # A quotation mark that nothing closes: the tag ends at the first sign that could be its end.
        return nearest + 1

    def _follow(self, start: int) -> None:
        """Does what the tag that begins here says."""
        found = _NAME.match(self._source, start)
        if found is None:
            return
        ends, tag = bool(found.group(1)), found.group(2).lower()
        if tag in _HIDDEN:
            if ends and tag in self._hidden:
                del self._hidden[self._hidden.index(tag) :]
            elif not ends and (tag in _RAW or self._is_closed(tag, start)):
                self._hidden.append(tag)
        elif not self._hidden:
            if tag == "br" or tag in _BLOCKS:
                self._parts.append("\n")
            elif tag in ("td", "th"):
                self._parts.append(" ")
            if tag == "pre":
                self._verbatim = max(0, self._verbatim + (-1 if ends else 1))

    def _after_raw(self, position: int) -> int:
        """Where the script or style ends: whatever it holds, only its own end tag ends it."""
        end = self._lowered.find(f"</{self._hidden[-1]}", position)
        return len(self._source) if end < 0 else end

    def _is_closed(self, tag: str, start: int) -> bool:
        if tag not in self._last_end:
            self._last_end[tag] = self._lowered.rfind(f"</{tag}")
        return self._last_end[tag] > start

    def _next(self, sign: str, position: int) -> int | None:
        places = self._places[sign]
        found = bisect_left(places, position)
        return places[found] if found < len(places) else None

    def _words(self, words: str) -> None:
        if self._hidden or not words:
            return
        words = _unescaped(words)
        keep = self._keep_lines or self._verbatim
        self._parts.append(words.replace("\u00a0", " ") if keep else _SPACES.sub(" ", words))


def _unescaped(text: str) -> str:
    """The text with the characters that entities stand for; only what ends in a semicolon is one."""
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text)
