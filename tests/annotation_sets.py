"""Small annotation sets for tests, over a text of digits."""

from pathlib import Path

from hypothesis import strategies as st

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.scheme import LabelScheme

SCHEME = LabelScheme.from_xml((Path(__file__).parents[1] / "label_config.xml").read_text(encoding="utf-8"))
TEXT = "0123456789" * 10


def span(name: str, label: str, start: int, end: int, *arguments: tuple[str, str], **attributes: str) -> Span:
    return Span(
        id=name,
        label=label,
        start=start,
        end=end,
        text=TEXT[start:end],
        attributes=dict(attributes),
        arguments=tuple(Argument(role=role, target=target) for role, target in arguments),
    )


def a_set(*spans: Span) -> AnnotationSet:
    layers: dict[str, list[Span]] = {layer.name: [] for layer in SCHEME.layers}
    for one in spans:
        layers[SCHEME.layer_of_label[one.label]].append(one)
    return AnnotationSet(
        producer=Producer(kind="person", name="t"),
        scheme_digest=SCHEME.digest,
        layers={name: tuple(values) for name, values in layers.items()},
    )


LABELS = st.sampled_from(["GPE", "ORG", "AID", "REJECT", "FOR"])


@st.composite
def sets(draw: st.DrawFn) -> AnnotationSet:
    """Sets in which no two spans have the same label and offsets: those could not be told apart."""
    rows = draw(st.lists(st.tuples(LABELS, st.integers(0, 60), st.integers(1, 9)), max_size=8, unique=True))
    spans = [span(f"s{i}", label, start, start + length) for i, (label, start, length) in enumerate(rows)]
    entities = [s for s in spans if SCHEME.layer_of_label[s.label] == "entities"]
    if entities:
        actor = draw(st.sampled_from(entities))
        spans = [
            s.model_copy(update={"arguments": (Argument(role="actor", target=actor.id),)}) if s.label == "AID" else s
            for s in spans
        ]
    return a_set(*spans)
