"""Annotations carried over to the same text in another encoding: other line ends or white space, a byte order mark, other cuts."""

import re
from bisect import bisect_left, bisect_right

from workbench.core.annotations import AnnotationSet, Span
from workbench.core.article import Article, OffsetMap, same_text_sha256, undo_cuts
from workbench.errors import ArticleError

_SPACE = re.compile(r"\s")
_GONE = re.compile("\\A\ufeff+|\r(?=\n)")


def carried(annotations: AnnotationSet, source: Article, target: Article) -> AnnotationSet | str:
    """The set with the offsets that its spans have in the text of `target`; or why it cannot be carried over.

    The texts are the same, or were before cleaning, but for byte order marks and line ends; or one has other white space
    in the very places where the other has some, as formats write that have no place for a line end.
    """
    if len(source.text) == len(target.text) and _SPACE.sub(" ", source.text) == _SPACE.sub(" ", target.text):
        return annotations.model_copy(
            update={
                "layers": {
                    layer: tuple(one.model_copy(update={"text": target.text[slice(*one.offsets)]}) for one in spans)
                    for layer, spans in annotations.layers.items()
                }
            }
        )
    if same_text_sha256(source.text) == same_text_sha256(target.text):
        before = after = None
        one, other = _Plain(source.text), _Plain(target.text)
    else:
        try:
            one, other = (_Plain(undo_cuts(article.text, article.cuts)) for article in (source, target))
        except ArticleError:
            return "the store has it with another text, so offsets would not fit"
        if same_text_sha256(one.text) != same_text_sha256(other.text):
            return "the store has it with another text, so offsets would not fit"
        before, after = OffsetMap(source.cuts), OffsetMap(target.cuts)
    layers: dict[str, tuple[Span, ...]] = {}
    for layer, spans in annotations.layers.items():
        kept: list[Span] = []
        for span in spans:
            start, end = span.offsets
            if before:
                start, end = before.to_before(start), before.to_before(end - 1) + 1
            place: tuple[int, int] | None = other.here(one.plain(start)), other.here(one.plain(end) - 1) + 1
            if after:
                place = after.span_to_text(*place)
            if place is None or place[0] >= place[1]:
                return (
                    f"cleaning cut what it marks as {span.label} ({span.text[:40]!r}) from the text that the store has"
                )
            moved = {"start": place[0], "end": place[1], "text": target.text[slice(*place)]}
            kept.append(span if place == span.offsets else span.model_copy(update=moved))
        layers[layer] = tuple(kept)
    return annotations.model_copy(update={"layers": layers})


class _Plain:
    """A text, and its offsets without byte order marks and with single line ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._gone = [place for found in _GONE.finditer(text) for place in range(*found.span())]
        self._kept_at = [place - number for number, place in enumerate(self._gone)]

    def plain(self, offset: int) -> int:
        return offset - bisect_left(self._gone, offset)

    def here(self, plain: int) -> int:
        return plain + bisect_right(self._kept_at, plain)
