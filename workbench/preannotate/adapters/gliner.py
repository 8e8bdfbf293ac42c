"""GLiNER 2 as a pre-annotator of entities: `pip install 'news-workbench[gliner]'`.

Run with gliner2 2.1.0 on torch 2.13: its own classes with random weights, saved, loaded and asked for long texts with
emoji. Not run: trained weights; how good its suggestions are here has not been measured.
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, TypedDict, cast

from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.core.counted import counted
from workbench.core.ports import PreAnnotator
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.preannotate.plugins import Setup

MODEL = "fastino/gliner2-base-v1"
LEAST = 0.5


class _Found(TypedDict):
    text: str
    confidence: float
    start: int
    end: int


class Extractor(Protocol):
    """What is asked of a GLiNER 2 model."""

    def extract_entities_long(
        self,
        text: str,
        entity_types: Mapping[str, str],
        threshold: float,
        *,
        include_confidence: bool,
        include_spans: bool,
    ) -> Mapping[str, Mapping[str, list[_Found]]]: ...


def make(setup: Setup) -> PreAnnotator:
    """GLiNER 2 with the weights that `gliner_model` of [preannotate] names, by name or path.

    Raises:
        ModelError: the library is not there, or the weights cannot be loaded.
    """
    name = setup.options.get("gliner_model") or MODEL
    try:
        library = importlib.import_module("gliner2")
        loaded = library.GLiNER2.from_pretrained(name)
    except ImportError as error:
        raise ModelError(f"GLiNER 2 is not installed: {error}", hint="pip install 'news-workbench[gliner]'") from error
    except (OSError, ValueError) as error:
        raise ModelError(
            f"the weights {name} cannot be loaded: {error}", hint="gliner_model of [preannotate] names others"
        ) from error
    return Gliner(setup.scheme, cast(Extractor, loaded), name)


class Gliner:
    """Suggests spans of the scheme's first layer, asked for by its labels with their definitions."""

    def __init__(self, scheme: LabelScheme, extractor: Extractor, name: str, *, least: float = LEAST) -> None:
        """`least` is the least confidence that is suggested."""
        self._scheme = scheme
        self._extractor = extractor
        self._least = least
        self._layer = scheme.layers[0]
        self._asked = {label.value: label.hint or label.value for label in self._layer.labels}
        self._producer = Producer(kind="model", name="gliner", version=name)
        self._dropped = 0

    @property
    def producer(self) -> Producer:
        """GLiNER, with the weights as version."""
        return self._producer

    @property
    def remarks(self) -> tuple[str, ...]:
        """What it is not asked for, and how many of its spans did not fit their text."""
        others = ", ".join(layer.name for layer in self._scheme.layers[1:])
        remarks = [f"gliner suggests {self._layer.name} only" + (f", not {others}" if others else "")]
        if self._dropped:
            remarks.append(counted(self._dropped, "spans whose text does not stand at their offsets were left out"))
        return tuple(remarks)

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set for each article, in their order; the surest label where several have the same words."""
        for article in articles:
            answer = self._extractor.extract_entities_long(
                article.text, self._asked, self._least, include_confidence=True, include_spans=True
            )
            spans: dict[tuple[int, int], Span] = {}
            for label, found in answer["entities"].items():
                for one in found:
                    start, end = one["start"], one["end"]
                    text = article.text[start:end]
                    if label not in self._asked or not text or text != one["text"]:
                        self._dropped += 1
                        continue
                    score = round(min(max(one["confidence"], 0.0), 1.0), 3)
                    other = spans.get((start, end))
                    if other is None or (other.score or 0) < score:
                        number = other.id if other is not None else f"g{len(spans)}"
                        span = Span(id=number, label=label, start=start, end=end, text=text, score=score)
                        spans[start, end] = span
            layers = {**self._scheme.empty_layers(), self._layer.name: tuple(spans.values())}
            yield self._scheme.normalise(
                AnnotationSet(producer=self._producer, scheme_digest=self._scheme.digest, layers=layers)
            )
