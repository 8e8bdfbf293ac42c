"""What an annotation set says, in a form in which two that say the same are equal."""

import json
from collections import Counter
from collections.abc import Iterator

from workbench.core.annotations import AnnotationSet, AttributeValue, Span, values_of


def content(annotated: AnnotationSet) -> Counter[str]:
    """The statements of a set, each with how often it is made; ids, scores, norms and origins do not count."""
    by_id = annotated.by_id()

    def place(layer: str, span: Span) -> str:
        return f"{layer} {span.start}-{span.end} {span.label}"

    def statements() -> Iterator[str]:
        for layer, span in annotated.spans():
            attributes = sorted((name, _values(value)) for name, value in span.attributes.items())
            yield f"{place(layer, span)} {attributes}"
            for argument in span.arguments:
                target = by_id.get(argument.target)
                filler = place(*target) if target else "nothing"
                yield f"{place(layer, span)} {argument.role} {filler}"
        for name, value in annotated.document.items():
            yield f"document {name} {_values(value)}"
        for other in annotated.others:
            about = by_id.get(other.span or "")
            value = json.dumps(other.body.get("value"), sort_keys=True)
            yield f"{other.control} of {place(*about) if about else 'document'} {value}"

    return Counter(statements())


def _values(value: AttributeValue) -> tuple[str | int | float, ...]:
    return tuple(sorted(values_of(value), key=str))
