"""What tests of formats share: articles under any scheme, and what of an annotation does not hang on the ids of its spans."""

from collections.abc import Callable
from typing import Any

from annotation_sets import SCHEME
from hypothesis import strategies as st
from nasty import annotation_sets, configs, texts

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme


@st.composite
def files(draw: st.DrawFn, *, norms: bool = True) -> tuple[LabelScheme, list[AnnotatedArticle]]:
    """A scheme of any shape, and articles with different texts annotated under it."""
    scheme = LabelScheme.from_xml(draw(configs()))
    contents = draw(st.lists(texts(), min_size=1, max_size=3, unique=True))
    made: list[AnnotatedArticle] = []
    for text in contents:
        found = draw(annotation_sets(scheme, text))
        layers = {
            layer: tuple(
                span.model_copy(update={"norm": draw(st.none() | texts(pieces=2)) if norms else None}) for span in spans
            )
            for layer, spans in found.layers.items()
        }
        made.append(
            AnnotatedArticle(article=Article.from_text(text), annotations=found.model_copy(update={"layers": layers}))
        )
    return scheme, made


def content(annotated: AnnotatedArticle, *, of: Callable[[Span], Any] = lambda span: None) -> tuple[str, list[Any]]:
    """Text and spans, with arguments by what they point to and whatever `of` says of a span."""
    known = {span.id: (layer, span.label, *span.offsets) for layer, span in annotated.annotations.spans()}
    return annotated.article.text, sorted(
        (
            known[span.id],
            sorted((argument.role, known[argument.target]) for argument in span.arguments),
            repr(of(span)),
        )
        for _, span in annotated.annotations.spans()
    )


def one_article(text: str, *spans: tuple[str, str], roles: tuple[tuple[int, str, int], ...] = ()) -> AnnotatedArticle:
    """An article with spans by label and text, and roles by the positions of head and filler."""
    made: list[Span] = []
    for number, (label, surface) in enumerate(spans):
        start = text.index(surface)
        arguments = tuple(Argument(role=role, target=f"s{to}") for head, role, to in roles if head == number)
        made.append(
            Span(
                id=f"s{number}",
                label=label,
                start=start,
                end=start + len(surface),
                text=surface,
                arguments=arguments,
            )
        )
    layers = {
        layer.name: tuple(one for one in made if SCHEME.layer_of_label[one.label] == layer.name)
        for layer in SCHEME.layers
    }
    found = AnnotationSet(producer=Producer(kind="person", name="ann"), scheme_digest=SCHEME.digest, layers=layers)
    return AnnotatedArticle(article=Article.from_text(text, source="f.txt"), annotations=SCHEME.normalise(found))
