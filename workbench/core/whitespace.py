"""White space at the edges of spans belongs to nobody's name: it is trimmed, and a span of nothing else is none.

White space is what `str.isspace` says, as in spaCy, which calls an entity invalid that begins or ends with it.
"""

import unicodedata

from workbench.core.annotations import AnnotationSet, Span
from workbench.core.frozen import Frozen


class Trimmed(Frozen):
    """A span that had white space at its edges; `span` is its id, `before` its text with them, `after` without."""

    layer: str
    span: str
    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.layer} {self.label} {quoted(self.before)} is taken as {quoted(self.after)}"


def is_blank(text: str) -> bool:
    """Whether there is nothing but white space."""
    return not text.strip()


def trim(annotations: AnnotationSet) -> tuple[AnnotationSet, tuple[Trimmed, ...]]:
    """The set with the white space at the edges of its spans cut off, and which spans had some.

    A span that is blank is left as it is: the scheme refuses it.
    """
    found: list[Trimmed] = []
    layers: dict[str, tuple[Span, ...]] = {}
    for layer, spans in annotations.layers.items():
        kept = tuple(trimmed(span) for span in spans)
        layers[layer] = kept
        found += [
            Trimmed(layer=layer, span=old.id, label=old.label, before=old.text, after=new.text)
            for old, new in zip(spans, kept, strict=True)
            if old is not new
        ]
    return (annotations.model_copy(update={"layers": layers}) if found else annotations), tuple(found)


def without_blank(annotations: AnnotationSet) -> tuple[AnnotationSet, tuple[str, ...]]:
    """The set without its blank spans and the arguments that point to them, and what was left out."""
    blank = {span.id: (layer, span) for layer, span in annotations.spans() if is_blank(span.text)}
    if not blank:
        return annotations, ()
    said = [f"{layer} {span.label} {quoted(span.text)} is white space alone" for layer, span in blank.values()]
    layers: dict[str, tuple[Span, ...]] = {}
    for layer, spans in annotations.layers.items():
        kept: list[Span] = []
        for span in spans:
            arguments = tuple(argument for argument in span.arguments if argument.target not in blank)
            if span.id in blank:
                continue
            said += [
                f"{layer} {span.label} {quoted(span.text)} loses its {one.role}"
                for one in span.arguments
                if one not in arguments
            ]
            kept.append(
                span if len(arguments) == len(span.arguments) else span.model_copy(update={"arguments": arguments})
            )
        layers[layer] = tuple(kept)
    return annotations.model_copy(update={"layers": layers}), tuple(said)


def trimmed(span: Span) -> Span:
    """The span without the white space at its edges; itself where there is none, or nothing else."""
    text = span.text.strip()
    if len(text) == len(span.text) or not text:
        return span
    start = span.start + len(span.text) - len(span.text.lstrip())
    return span.model_copy(update={"start": start, "end": start + len(text), "text": text})


def same_words(one: str, other: str) -> bool:
    """Whether two texts differ in nothing but white space and characters that are not seen.

    Label Studio's page writes a line end as a backslash and an n, which is taken for one.
    """
    return one == other or _words(one) == _words(other)


def quoted(text: str, longest: int = 60) -> str:
    """The text as messages show it: quoted, line ends and control characters written out, its middle left out."""
    if len(text) > longest:
        half = longest // 2
        text = f"{text[:half]}…{text[-half:]}"
    return repr(text)


def _words(text: str) -> str:
    spaced = text.replace("\\r", " ").replace("\\n", " ")
    return "".join(c for c in spaced if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf"))
