"""An article: raw and cleaned text, frozen with their hashes, and where every cut was made."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from pydantic import Field, model_validator

from workbench.core.frozen import Frozen
from workbench.errors import ArticleError

_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")

Scalar = str | int | float | bool | None
ArticleKey = tuple[str, int]
"""An article's id and version: what its task is known by. Label Studio gives the ids of deleted tasks again."""


def sha256(text: str) -> str:
    """The hex SHA-256 of a text in UTF-8; lone surrogates are hashed as they stand."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def article_id(raw: str) -> str:
    """The id of the article with this raw text: the same file twice, from wherever, is one article."""
    return f"a-{sha256(raw)[:16]}"


def same_text_sha256(raw: str) -> str:
    """The hash by which two raw texts are one article: it doesn't see byte order marks nor the kind of line ends."""
    return sha256(_LINE_END.sub("\n", raw.lstrip("\ufeff")))


class Cut(Frozen):
    """A stretch that cleaning removed: half-open, in code points of the text before cleaning."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    reason: str
    text: str

    @model_validator(mode="after")
    def _length(self) -> "Cut":
        if self.end - self.start != len(self.text):
            raise ValueError(f"a cut from {self.start} to {self.end} holds a text of length {len(self.text)}")
        return self


class Article(Frozen):
    """A news article as everything after cleaning sees it.

    `text` is what offsets of annotations count in. For plain text it is the raw text minus `cuts`; for HTML the cuts
    count in the text that was extracted from the page.
    """

    id: str
    version: int = Field(default=1, ge=1)
    title: str = ""
    text: str
    text_sha256: str
    raw_sha256: str
    cleaner: str = "none"
    cuts: tuple[Cut, ...] = ()
    source: str = ""
    published: str | None = None
    language: str = "en"
    story_group: str | None = None
    meta: dict[str, Scalar] = Field(default_factory=dict)

    @property
    def story(self) -> str:
        """Its story group; its own id, where it is the only article of its story."""
        return self.story_group or self.id

    @model_validator(mode="after")
    def _hash(self) -> "Article":
        if sha256(self.text) != self.text_sha256:
            raise ValueError(f"text_sha256 of article {self.id} does not belong to its text")
        return self

    @classmethod
    def from_text(
        cls,
        text: str,
        *,
        title: str = "",
        source: str = "",
        published: str | None = None,
        meta: dict[str, Scalar] | None = None,
    ) -> "Article":
        """An article whose text is taken exactly as it is: its raw text is its text."""
        digest = sha256(text)
        return cls(
            id=article_id(text),
            title=title or headline(text),
            text=text,
            text_sha256=digest,
            raw_sha256=digest,
            source=source,
            published=published,
            meta=meta or {},
        )


def headline(text: str, limit: int = 110) -> str:
    """The first line of a text that holds anything, cut at a word to `limit` characters; "" for a blank text."""
    for line in text.splitlines():
        if line.strip():
            stripped = " ".join(line.split())
            return stripped if len(stripped) <= limit else stripped[:limit].rpartition(" ")[0].rstrip(" ,;:") + " …"
    return ""


def apply_cuts(before: str, cuts: Sequence[Cut]) -> str:
    """The text that is left when the cuts are taken out.

    Raises:
        ArticleError: cuts overlap, are out of order, or do not hold the text that stands there.
    """
    kept: list[str] = []
    position = 0
    for cut in cuts:
        if cut.start < position:
            raise ArticleError(f"cuts overlap or are out of order at {cut.start}")
        if before[cut.start : cut.end] != cut.text:
            raise ArticleError(f"the cut at {cut.start} does not hold the text that stands there")
        kept.append(before[position : cut.start])
        position = cut.end
    kept.append(before[position:])
    return "".join(kept)


def undo_cuts(text: str, cuts: Sequence[Cut]) -> str:
    """The text before cleaning: `apply_cuts` of it, with these cuts, is `text`.

    Raises:
        ArticleError: cuts overlap, are out of order, or lie beyond the end of the text.
    """
    before: list[str] = []
    position = kept = 0
    for cut in cuts:
        length = cut.start - position
        if length < 0:
            raise ArticleError(f"cuts overlap or are out of order at {cut.start}")
        if kept + length > len(text):
            raise ArticleError(f"the cut at {cut.start} lies beyond the end of the text")
        before += (text[kept : kept + length], cut.text)
        kept, position = kept + length, cut.end
    before.append(text[kept:])
    return "".join(before)


class OffsetMap:
    """Carries offsets in the text before cleaning over to the cleaned text, and back."""

    def __init__(self, cuts: Iterable[Cut]) -> None:
        self._cuts = tuple(cuts)
        self._starts = [cut.start for cut in self._cuts]
        self._removed = [0]
        for cut in self._cuts:
            self._removed.append(self._removed[-1] + cut.end - cut.start)
        self._kept_at = [cut.start - gone for cut, gone in zip(self._cuts, self._removed, strict=False)]

    def span_to_text(self, start: int, end: int) -> tuple[int, int] | None:
        """The half-open span in the cleaned text, or None where a cut took some of it."""
        first, last = bisect_right(self._starts, start), bisect_right(self._starts, end - 1)
        if first != last or (first and self._cuts[first - 1].end > start):
            return None
        return start - self._removed[first], end - self._removed[first]

    def to_before(self, offset: int) -> int:
        """The offset in the text before cleaning of the character at `offset` of the cleaned text."""
        return offset + self._removed[bisect_right(self._kept_at, offset)]
