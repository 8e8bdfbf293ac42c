"""Looks at what was suggested."""

from workbench.core.annotations import AnnotationSet, Span


def frame(found: AnnotationSet, layer: str, text: str) -> tuple[str, dict[str, set[str]], dict[str, object]]:
    """Label, fillers by role, and attributes of the span with this text in a layer."""
    spans: list[Span] = [span for span in found.layers[layer] if span.text == text]
    assert spans, f"{text!r} is not among {[s.text for s in found.layers[layer]]}"
    by_id = found.by_id()
    roles: dict[str, set[str]] = {}
    for argument in spans[0].arguments:
        roles.setdefault(argument.role, set()).add(by_id[argument.target][1].text)
    return spans[0].label, roles, dict(spans[0].attributes)
