"""Ids of regions on the wire: unique per prediction, so that a region's parent can be told from its id alone.

A region's id is `KEY-SPAN`: the beginning of the key under which the store keeps the annotation set, and the span's id
in that set. The editor cuts ids at `#` and uses them in class names, so all but letters and digits of the span's id is
written as `_hex_`.
"""

import re
from collections import Counter
from collections.abc import Iterable

KEY_LENGTH = 12
_REGION = re.compile(r"([0-9a-f]{12})-((?:[A-Za-z0-9]|_[0-9a-f]+_)+)")
_DOCUMENT = re.compile(r"([0-9a-f]{12})-doc-((?:[A-Za-z0-9]|_[0-9a-f]+_)+)")
_ESCAPED = re.compile(r"_([0-9a-f]+)_")


def key_of(set_id: str) -> str:
    """The part of a stored set's key that its regions carry."""
    return set_id[:KEY_LENGTH]


def region_id(key: str, span_id: str) -> str:
    """The id on the wire of a span of the set with this key."""
    return f"{key}-{_escape(span_id)}"


def document_id(key: str, field: str) -> str:
    """The id on the wire of a choice about the document; no span's id looks like it."""
    return f"{key}-doc-{_escape(field)}"


def split(region: str) -> tuple[str, str] | None:
    """Key and span id that a region's id was made of; None for one that the editor made."""
    found = _REGION.fullmatch(region)
    return (found[1], _unescape(found[2])) if found else None


def split_document(item: str) -> tuple[str, str] | None:
    """Key and name that the id of something about the document was made of; None for one that the editor made."""
    found = _DOCUMENT.fullmatch(item)
    return (found[1], _unescape(found[2])) if found else None


def keys(regions: Iterable[str]) -> list[str]:
    """The keys of the sets that regions came from, the most frequent first."""
    counts = Counter(parts[0] for region in regions if (parts := split(region)))
    return [key for key, _ in counts.most_common()]


def _escape(span_id: str) -> str:
    if span_id.isascii() and span_id.isalnum():
        return span_id
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in span_id)


def _unescape(escaped: str) -> str:
    return _ESCAPED.sub(lambda found: _character(found[1]), escaped)


def _character(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF else f"_{digits}_"
