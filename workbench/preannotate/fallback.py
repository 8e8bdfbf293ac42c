"""Two annotators as one: a trained model, and rules that step in where it is not to be trusted."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import tee

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.core.matching import overlap
from workbench.core.ports import PreAnnotator
from workbench.core.scheme import LabelScheme
from workbench.store.models import LayerSource

SURE = 0.5
_PREFIXES = ("m-", "r-")


class WithFallback:
    """A model with the rules as fallback.

    Layer by layer it takes the "model", the "rules", or "both": then the model's spans of which it is sure, the rules'
    where the model has nothing or is unsure, and an unsure one of the model where the rules agree on its label.
    """

    def __init__(
        self,
        model: PreAnnotator,
        rules: PreAnnotator,
        scheme: LabelScheme,
        *,
        layers: Mapping[str, LayerSource] | None = None,
        sure: float = SURE,
    ) -> None:
        """`layers` says what is taken in which layer; where it says nothing: both. `sure` is the least sure score."""
        self._model = model
        self._rules = rules
        self._scheme = scheme
        self._layers = {layer.name: (layers or {}).get(layer.name, "both") for layer in scheme.layers}
        self._sure = sure

    @property
    def producer(self) -> Producer:
        """The model, with the rules' version after a plus."""
        first, second = self._model.producer, self._rules.producer
        return Producer(kind="model", name=first.name, version=f"{first.version}+{second.name} {second.version}")

    @property
    def remarks(self) -> tuple[str, ...]:
        """What either remarks, and who is taken where."""
        taken = ", ".join(f"{layer} by {choice}" for layer, choice in self._layers.items())
        return (*self._model.remarks, *self._rules.remarks, f"suggested are: {taken}")

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set for each article, in their order."""
        first, second = tee(articles)
        waiting: deque[AnnotationSet] = deque()
        ours = self._model.annotate(first)
        for theirs in self._rules.annotate(second):
            waiting.append(theirs)
            yield self.join(next(ours), waiting.popleft())

    def join(self, model: AnnotationSet, rules: AnnotationSet) -> AnnotationSet:
        """The set that the policy takes from both; what an argument pointed to is looked for in what was taken."""
        taken: dict[str, list[Span]] = {}
        for name, choice in self._layers.items():
            ours = [_named(span, _PREFIXES[0]) for span in model.layers.get(name, ())]
            theirs = [_named(span, _PREFIXES[1]) for span in rules.layers.get(name, ())]
            if choice == "model":
                taken[name] = ours
            elif choice == "rules":
                taken[name] = theirs
            else:
                taken[name] = self._both(ours, theirs)
        sources = {_PREFIXES[0] + span.id: (layer, span) for layer, span in model.spans()} | {
            _PREFIXES[1] + span.id: (layer, span) for layer, span in rules.spans()
        }
        layers = {
            name: tuple(_joined(span, taken, sources, self._scheme) for span in spans) for name, spans in taken.items()
        }
        return self._scheme.normalise(
            model.model_copy(update={"producer": self.producer, "layers": layers, "parents": ()})
        )

    def _both(self, ours: list[Span], theirs: list[Span]) -> list[Span]:
        kept: list[Span] = []
        for span in ours:
            sure = span.score is None or span.score >= self._sure
            if sure or any(overlap(span, other) and span.label == other.label for other in theirs):
                kept.append(span)
        return kept + [span for span in theirs if not any(overlap(span, other) for other in kept)]


def _named(span: Span, prefix: str) -> Span:
    arguments = tuple(Argument(role=a.role, target=prefix + a.target, score=a.score) for a in span.arguments)
    return span.model_copy(update={"id": prefix + span.id, "arguments": arguments})


def _joined(
    span: Span, taken: dict[str, list[Span]], sources: Mapping[str, tuple[str, Span]], scheme: LabelScheme
) -> Span:
    """The span with its arguments pointing to what was taken: the same span, or the one that shares most with it."""
    arguments: dict[tuple[str, str], Argument] = {}
    for argument in span.arguments:
        layer, target = sources[argument.target]
        candidates = [one for one in taken[layer] if one.id == argument.target]
        if not candidates:
            candidates = sorted((o for o in taken[layer] if overlap(o, target)), key=lambda o: -overlap(o, target))
        if candidates and candidates[0].id != span.id and layer in scheme.role_by_name[argument.role].to_layers:
            found = argument.model_copy(update={"target": candidates[0].id})
            arguments.setdefault((found.role, found.target), found)
    return span.model_copy(update={"arguments": tuple(arguments.values())})
