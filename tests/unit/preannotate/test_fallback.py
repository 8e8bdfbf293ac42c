"""A model with the rules as fallback: who is taken where, and where arguments then point."""

from collections.abc import Iterable, Iterator

import pytest

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.preannotate.fallback import WithFallback
from workbench.store.models import LayerSource

TEXT = "Norway condemned Iran on Monday"


class Fixed:
    """Suggests the same for every article."""

    remarks = ()

    def __init__(self, name: str, found: AnnotationSet) -> None:
        self.producer = Producer(kind="model", name=name, version="1")
        self._found = found

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        for _ in articles:
            yield self._found


def span(name: str, label: str, text: str, score: float, *arguments: tuple[str, str]) -> Span:
    start = TEXT.index(text)
    made = tuple(Argument(role=role, target=target, score=0.5) for role, target in arguments)
    return Span(id=name, label=label, start=start, end=start + len(text), text=text, score=score, arguments=made)


def a_set(scheme: LabelScheme, *spans: Span) -> AnnotationSet:
    layers = {layer.name: tuple(s for s in spans if s.label in layer.label_values) for layer in scheme.layers}
    return AnnotationSet(producer=Producer(kind="rules", name="x"), scheme_digest=scheme.digest, layers=layers)


def joined(scheme: LabelScheme, layers: dict[str, LayerSource]) -> AnnotationSet:
    model = a_set(
        scheme,
        span("a", "GPE", "Norway", 0.9),
        span("b", "ORG", "Iran", 0.2),
        span("v", "ACCUSE", "condemned", 0.9, ("actor", "a"), ("recipient", "b")),
    )
    rules = a_set(
        scheme,
        span("a", "GPE", "Norway", 0.6),
        span("b", "GPE", "Iran", 0.6),
        span("d", "DATE", "Monday", 0.6),
        span("v", "REJECT", "condemned", 0.6, ("actor", "a"), ("time", "d")),
    )
    backed = WithFallback(Fixed("m", model), Fixed("r", rules), scheme, layers=layers)
    found = next(backed.annotate([Article.from_text(TEXT)]))
    scheme.check(found, TEXT)
    assert found.producer == backed.producer
    return found


def test_an_unsure_span_of_the_model_gives_way_and_arguments_follow(scheme: LabelScheme) -> None:
    found = joined(scheme, {})
    assert [(s.text, s.label) for s in found.layers["entities"]] == [
        ("Norway", "GPE"),
        ("Iran", "GPE"),
        ("Monday", "DATE"),
    ]
    (event,) = found.layers["events"]
    by_id = found.by_id()
    assert event.label == "ACCUSE"
    assert {(a.role, by_id[a.target][1].text) for a in event.arguments} == {("actor", "Norway"), ("recipient", "Iran")}


@pytest.mark.parametrize(("choice", "labels"), [("model", ["GPE", "ORG"]), ("rules", ["GPE", "GPE", "DATE"])])
def test_a_layer_can_be_taken_from_one_alone(scheme: LabelScheme, choice: LayerSource, labels: list[str]) -> None:
    found = joined(scheme, {"entities": choice, "events": "rules"})
    assert [s.label for s in found.layers["entities"]] == labels
    assert [s.label for s in found.layers["events"]] == ["REJECT"]


def test_an_unsure_span_stays_where_the_rules_agree(scheme: LabelScheme) -> None:
    model = a_set(scheme, span("a", "GPE", "Norway", 0.1), span("b", "ORG", "Monday", 0.1))
    rules = a_set(scheme, span("a", "GPE", "Norway", 0.6))
    found = WithFallback(Fixed("m", model), Fixed("r", rules), scheme).join(model, rules)
    assert [(s.id, s.text) for s in found.layers["entities"]] == [("m-a", "Norway")]


def test_the_version_tells_both(scheme: LabelScheme) -> None:
    empty = a_set(scheme)
    producer = WithFallback(Fixed("m", empty), Fixed("r", empty), scheme).producer
    assert (producer.kind, producer.name, producer.version) == ("model", "m", "1+r 1")
