"""Cuts what is too long to be parsed at once, and makes lots that take a bounded amount of memory.

A pipeline needs some 4 MB for a thousand characters while it parses them, so that an article of a million takes 4 GB.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, cast

from spacy.language import Language
from spacy.tokens import Doc

from workbench.core.batches import weighed_batches

LONGEST = 50_000
"""The most characters that are parsed as one text: some 9,000 words, which hardly an article has."""
LOT = 2 * LONGEST
"""About how many characters are parsed in one go; a lot of usual articles has fewer."""

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\s+|[。！？][”’」』）]*")
_BLANK = re.compile(r"\s+")


class Piece(NamedTuple):
    """A part of a text, or all of it; `last` where the text ends with it."""

    text: str
    last: bool


def cut(text: str, longest: int = LONGEST) -> list[str]:
    """The text in pieces of `longest` characters at the most, which joined are the text; a shorter one stays whole.

    Pieces end where lines do, since sentences end there, too. A text without lines is cut after a sentence, else
    between two words, else anywhere.
    """
    found: list[str] = []
    start = 0
    while len(text) - start > longest:
        end = _end(text, start, start + longest)
        found.append(text[start:end])
        start = end
    found.append(text[start:])
    return found


def _end(text: str, start: int, limit: int) -> int:
    """Where a piece that begins at `start` ends; not in its first half, and within no run of blanks."""
    first = (start + limit) // 2
    end = text.rfind("\n", first, limit) + 1
    while end and end < limit and text[end].isspace():
        end += 1
    if end and not text[end].isspace():
        return end
    for mark in (_SENTENCE_END, _BLANK):
        ends = [match.end() for match in mark.finditer(text, first, limit)]
        while ends and ends[-1] == limit and text[limit].isspace():
            ends.pop()
        if ends:
            return ends[-1]
    return limit


def pieces(texts: Iterable[str], longest: int = LONGEST) -> Iterator[Piece]:
    """The pieces of every text, in their order."""
    for text in texts:
        *parts, end = cut(text, longest)
        yield from (Piece(part, last=False) for part in parts)
        yield Piece(end, last=True)


def lots(found: Iterable[Piece], most: int, characters: int = LOT) -> Iterator[list[Piece]]:
    """The pieces in lists of `most` at the most, and of about `characters` characters at the most."""
    return weighed_batches(found, most, lambda piece: len(piece.text), characters)


def docs_of(nlp: Language, texts: Iterable[str], *, disable: Sequence[str] = (), most: int = 16) -> Iterator[Doc]:
    """The doc of each text, in their order, with what all components but those in `disable` say of it.

    A text that is too long to be parsed at once is parsed in pieces, of which one doc is made. It has no tensor.
    """
    parts: list[Doc] = []
    for lot in lots(pieces(texts), most):
        made = nlp.pipe((piece.text for piece in lot), batch_size=len(lot), disable=list(disable))
        for piece, doc in zip(lot, made, strict=True):
            parts.append(doc)
            if piece.last:
                yield parts[0] if len(parts) == 1 else joined(parts)
                parts = []


def joined(parts: Sequence[Doc]) -> Doc:
    """One doc of those of its pieces: the same tokens, sentences and entities."""
    # Its stub lacks `exclude`, and None is for no parts at all.
    from_docs = cast("Callable[..., Doc]", Doc.from_docs)
    return from_docs(list(parts), ensure_whitespace=False, exclude=["tensor", "user_data"])
