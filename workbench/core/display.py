"""An annotated article as HTML: its spans under the words, its roles beside them. For notebooks and reports."""

from collections.abc import Sequence
from html import escape

from workbench.core.annotations import AnnotatedArticle, Span, written

COLOURS = ("#cfe2ff", "#ffe0a3", "#cdeccd", "#e6d3f5", "#ffd3d0", "#d0f0ee")
"""The background of each layer's spans, in the order of the layers; they are given again where there are more."""


def as_html(annotated: AnnotatedArticle) -> str:
    """The article's title and text with every span marked, nested ones inside, and a list of its frames.

    Spans that cross one another cannot be nested: the one that begins later is marked up to where the earlier ends, and
    from there on.
    """
    article, annotations = annotated.article, annotated.annotations
    colours = {layer: COLOURS[number % len(COLOURS)] for number, layer in enumerate(annotations.layers)}
    marked = _marked(article.text, list(annotations.spans()), colours)
    frames = "".join(_frame(layer, span, annotated) for layer, span in annotations.spans() if span.arguments)
    legend = " ".join(
        f"<span style='background:{colour};padding:0 .3em'>{escape(layer)}</span>" for layer, colour in colours.items()
    )
    return (
        f"<div style='max-width:50em;line-height:2'><div><b>{escape(article.title)}</b></div>"
        f"<div><small>{escape(str(annotations.producer))} · {legend}</small></div>"
        f"<div style='white-space:pre-wrap'>{marked}</div>"
        + (f"<ul style='line-height:1.4'>{frames}</ul>" if frames else "")
        + "</div>"
    )


def _marked(text: str, spans: Sequence[tuple[str, Span]], colours: dict[str, str]) -> str:
    """The text with a mark around every span; every boundary closes what is open and opens it again."""
    starts: dict[int, list[tuple[str, Span]]] = {}
    for layer, span in sorted(spans, key=lambda one: (one[1].start, -one[1].end)):
        starts.setdefault(span.start, []).append((layer, span))
    bounds = sorted({0, len(text), *(s.start for _, s in spans), *(s.end for _, s in spans)})
    out: list[str] = []
    stack: list[tuple[str, Span]] = []
    for here, after in zip(bounds, [*bounds[1:], len(text)], strict=True):
        while stack and any(span.end <= here for _, span in stack):
            layer, span = stack.pop()
            out.append(_closing(span, ended=span.end <= here))
            if span.end > here:
                starts.setdefault(here, []).insert(0, (layer, span))
        for layer, span in starts.get(here, ()):
            out.append(
                f"<mark style='background:{colours[layer]};padding:.1em .2em;border-radius:.2em' title='{escape(_title(layer, span))}'>"
            )
            stack.append((layer, span))
        out.append(escape(text[here:after]))
    out.extend(_closing(span, ended=True) for _, span in reversed(stack))
    return "".join(out)


def _closing(span: Span, *, ended: bool) -> str:
    return (f"<sub style='font-size:.6em'> {escape(span.label)}</sub>" if ended else "") + "</mark>"


def _title(layer: str, span: Span) -> str:
    score = "" if span.score is None else f", score {span.score:.2f}"
    attributes = "".join(f", {name} {written(value)}" for name, value in span.attributes.items())
    return f"{layer} {span.label} {span.start}-{span.end}{attributes}{score}"


def _frame(layer: str, span: Span, annotated: AnnotatedArticle) -> str:
    by_id = annotated.annotations.by_id()
    roles = ", ".join(
        f"{escape(argument.role)}: <i>{escape(by_id[argument.target][1].text)}</i>"
        for argument in span.arguments
        if argument.target in by_id
    )
    attributes = "".join(f" ({escape(written(value))})" for value in span.attributes.values())
    return (
        f"<li><b>{escape(span.label)}</b>{attributes} “{escape(span.text)}” <small>{escape(layer)}</small> {roles}</li>"
    )
