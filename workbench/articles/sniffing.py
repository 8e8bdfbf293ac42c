"""What a text is, whatever its file is called: prose, or rows, a page, a feed, an e-mail."""

import json
import re
from typing import Literal

from workbench.articles.fragments import is_fragment
from workbench.articles.pages import looks_like_html
from workbench.core.frozen import Frozen

_LEAD = "\ufeff \t\r\n"
_JSON = re.compile(r'\[\s*\{\s*["}]|\{\s*"(?:[^"\\\n]|\\.){1,200}"\s*:')
_PROLOGUE = re.compile(
    r"\s*(?:<\?[^>]{0,2000}\?>|<!--.{0,20000}?-->|<!DOCTYPE[^>\[]{0,2000}(?:\[[^\]]{0,20000}\]\s*)?>)",
    re.DOTALL | re.IGNORECASE,
)
_ROOT = re.compile(r"\s*<([A-Za-z_][\w.:-]{0,100})((?:\s[^<>]{0,20000})?)>")
_HEADER = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]{1,60}:[^\r\n]{0,2000}(?:\r?\n[ \t][^\r\n]{0,2000}){0,50}\r?\n){2}")
_COLUMN = re.compile(r"[\w .:/-]{1,40}")

_FEEDS = frozenset(("rss", "feed", "rdf:rdf", "channel", "atom:feed"))
_SITE_MAPS = frozenset(("urlset", "sitemapindex"))
_AS_ROWS = "turn its articles into JSON lines, one object a line with the fields text, title, url and date"


class Verdict(Frozen):
    """What a text is; `reason` is why it is no article, with what to do about it."""

    kind: Literal["text", "page", "fragment", "json", "jsonl", "csv", "refused"]
    reason: str = ""


def verdict(text: str, columns: frozenset[str], others: frozenset[str]) -> Verdict:
    """What the text is.

    Args:
        text: all of it, or at least its beginning and its end.
        columns: the names that a column of text may have.
        others: the names of other columns that we know.
    """
    start = text.lstrip(_LEAD)
    if start.startswith(("{", "[")):
        found = _json(start)
        if found:
            return found
    if start.startswith("<"):
        found = _markup(start)
        if found:
            return found
    reason = _message(start)
    if reason:
        return Verdict(kind="refused", reason=reason)
    if is_fragment(text):
        return Verdict(kind="fragment")
    return Verdict(kind="csv") if _is_table(start, columns, others) else Verdict(kind="text")


def _json(start: str) -> Verdict | None:
    first, _, rest = start.partition("\n")
    if first.startswith("{") and rest.strip() and _parses(first):
        return Verdict(kind="jsonl")
    return Verdict(kind="json") if _JSON.match(start) or _parses(start) else None


def _parses(text: str) -> bool:
    """Whether it is JSON; integers are not made of their digits, since there may be too many."""
    try:
        json.loads(text, parse_int=len)
    except (ValueError, RecursionError):
        return False
    return True


def _markup(start: str) -> Verdict | None:
    """A page, or XML of another kind; None for prose that begins with a sign, and for a piece of HTML."""
    if looks_like_html(start):
        return Verdict(kind="page")
    position = 0
    while prologue := _PROLOGUE.match(start, position):
        position = prologue.end()
    declared = start[:5].lower() == "<?xml"
    root = _ROOT.match(start, position)
    if root is None:
        return Verdict(kind="refused", reason=f"is XML: {_AS_ROWS}") if declared else None
    name = root.group(1)
    if name.lower() == "html":
        return Verdict(kind="page")
    if name.lower() in _FEEDS:
        reason = "is a feed (RSS or Atom), whose items are mostly beginnings: save the pages that it links to as .html"
        return Verdict(kind="refused", reason=f"{reason}, or {_AS_ROWS}")
    if name.lower() in _SITE_MAPS:
        return Verdict(kind="refused", reason="is a site map: save the pages that it links to as .html")
    closed = start.rstrip().endswith(f"</{name}>")
    if declared or "xmlns" in root.group(2) or (closed and not is_fragment(start)):
        return Verdict(kind="refused", reason=f"is XML (<{name}>): {_AS_ROWS}")
    return None


def _message(start: str) -> str | None:
    head = start[:8000]
    if head.startswith("WARC/"):
        return "is a web archive (WARC): save its pages as .html"
    if _HEADER.match(head) and re.search(r"^MIME-Version:", head, re.MULTILINE | re.IGNORECASE):
        return "is an e-mail or a page saved as MHTML: save it as .html or as text"
    return None


def _is_table(start: str, columns: frozenset[str], others: frozenset[str]) -> bool:
    """Whether the first line names columns, one of them the text's and another one that we know, and rows follow."""
    first, _, rest = start.partition("\n")
    if len(first) > 1000 or not rest.strip():
        return False
    for delimiter in ",;\t|":
        names = [name.strip().strip('"').lower() for name in first.rstrip("\r").split(delimiter)]
        known = (columns | others) & set(names)
        if len(names) > 1 and len(known) > 1 and columns & known and all(map(_COLUMN.fullmatch, names)):
            return delimiter in rest
    return False
