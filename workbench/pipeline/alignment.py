"""Which tokens each span of an annotation set takes, and which spans no tokens fit."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Literal, NamedTuple, cast

from spacy.tokens import Doc

from workbench.core.annotations import AnnotationSet, Span
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import is_blank
from workbench.errors import AnnotationError

Alignment = Literal["expand", "refuse"]


class Misaligned(Frozen):
    """A span whose offsets are no token ends. `taken` is the text it was expanded to; None: it was refused."""

    article: str
    layer: str
    span: str
    label: str
    text: str
    taken: str | None

    @property
    def became(self) -> str:
        """What it was expanded to, or that it was refused."""
        return "refused" if self.taken is None else f"expanded to {self.taken!r}"

    def __str__(self) -> str:
        return f"{self.article}: {self.layer} {self.label} {self.text!r} {self.became}"


class AlignmentReport(Frozen):
    """How spans fitted the tokens. `arguments_lost` counts arguments that pointed from or to a refused span."""

    spans: int = 0
    expanded: tuple[Misaligned, ...] = ()
    refused: tuple[Misaligned, ...] = ()
    arguments_lost: int = 0

    @property
    def share(self) -> float:
        """The share of spans that did not fit."""
        return (len(self.expanded) + len(self.refused)) / self.spans if self.spans else 0.0

    @classmethod
    def total(cls, reports: Iterable["AlignmentReport"]) -> "AlignmentReport":
        """All reports as one."""
        every = list(reports)
        return cls(
            spans=sum(r.spans for r in every),
            expanded=tuple(m for r in every for m in r.expanded),
            refused=tuple(m for r in every for m in r.refused),
            arguments_lost=sum(r.arguments_lost for r in every),
        )


class Placed(NamedTuple):
    """A span and its tokens, from `first` to before `last`; `taken` is where those begin and end in the text."""

    span: Span
    first: int
    last: int
    taken: tuple[int, int]


class Placement(NamedTuple):
    """The spans of every layer on their tokens, and how they fitted."""

    layers: dict[str, list[Placed]]
    report: AlignmentReport

    @property
    def gone(self) -> set[str]:
        """The ids of the spans that were refused."""
        return {one.span for one in self.report.refused}


def place(
    doc: Doc, annotations: AnnotationSet, scheme: LabelScheme, *, article: str = "", alignment: Alignment = "expand"
) -> Placement:
    """Where the spans lie on the tokens of a Doc of the same text, every layer of the scheme among them.

    It finds what `Doc.char_span` does, without making a Span of each.

    Raises:
        AnnotationError: a span ends beyond the text.
    """
    expanded: list[Misaligned] = []
    refused: list[Misaligned] = []
    layers: dict[str, list[Placed]] = {layer.name: [] for layer in scheme.layers}
    starts, lengths, spaces = cast("list[list[int]]", doc.to_array(["IDX", "LENGTH", "SPACY"]).T.tolist())
    length = starts[-1] + lengths[-1] + spaces[-1] if starts else 0
    number = 0
    for layer, span in annotations.spans():
        number += 1
        if span.start >= length or span.end > length:
            raise AnnotationError(f"{layer} span {span.id} ends at {span.end}, beyond the text", span=span.id)
        first, last = bisect_right(starts, span.start) - 1, bisect_right(starts, span.end - 1)
        # A blank between two tokens belongs to neither, and white space that is a token is nothing to mark.
        if span.start == starts[first] + lengths[first]:
            first += 1
        taken = (starts[first], starts[last - 1] + lengths[last - 1]) if first < last else (span.start, span.start)
        if taken != span.offsets or is_blank(span.text):
            words = doc.text[slice(*taken)]
            kept = alignment == "expand" and not is_blank(words)
            fault = Misaligned(
                article=article,
                layer=layer,
                span=span.id,
                label=span.label,
                text=span.text,
                taken=words if kept else None,
            )
            (expanded if kept else refused).append(fault)
            if not kept:
                continue
        layers.setdefault(layer, []).append(Placed(span, first, last, taken))
    gone = {one.span for one in refused}
    lost = sum((a.target in gone) or (s.id in gone) for _, s in annotations.spans() for a in s.arguments) if gone else 0
    report = AlignmentReport(spans=number, expanded=tuple(expanded), refused=tuple(refused), arguments_lost=lost)
    return Placement(layers, report)
