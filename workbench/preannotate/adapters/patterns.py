"""A user's own patterns alone. Beside the rules, which take them as well, they add to and override what those find."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import spacy

from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.core.counted import counted
from workbench.core.ports import PreAnnotator
from workbench.core.scheme import LabelScheme
from workbench.errors import SettingsError
from workbench.preannotate.plugins import Setup
from workbench.preannotate.rules.entities.ownpatterns import OwnPatterns
from workbench.preannotate.rules.tables import digest

SCORE = 0.9


def make(setup: Setup) -> PreAnnotator:
    """The patterns of the folder that `patterns` of [preannotate] names.

    Raises:
        SettingsError: it names none, or a file in it is no such file.
    """
    folder = setup.path("patterns")
    if folder is None:
        raise SettingsError(
            "no folder of patterns is named", hint='[preannotate] patterns = "patterns" in workbench.toml'
        )
    return Patterns(setup.scheme, folder)


class Patterns:
    """Labels what the patterns match, in the first layer that has the label; an `id` becomes the span's norm."""

    def __init__(self, scheme: LabelScheme, folder: Path) -> None:
        """Reads every .jsonl file of the folder.

        Raises:
            SettingsError: there is none, or a line is not a pattern.
        """
        self._scheme = scheme
        self._layer_of = {value: layer.name for layer in reversed(scheme.layers) for value in layer.label_values}
        self._nlp = spacy.blank("en")
        self._own = OwnPatterns.read(folder, self._nlp, self._layer_of)
        self._producer = Producer(kind="rules", name="patterns", version=digest(*self._own.content))

    @property
    def producer(self) -> Producer:
        """The patterns, with a version that changes with them."""
        return self._producer

    @property
    def remarks(self) -> tuple[str, ...]:
        """The labels of patterns that the scheme does not have."""
        return tuple(
            f"{counted(number, f'patterns have the label {label}')}, which the scheme lacks: left out"
            for label, number in sorted(self._own.unknown.items())
        )

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set for each article, in their order.

        Raises:
            ModelError: a pattern asks for what a text without a parse does not have, such as POS.
        """
        for doc in self._nlp.pipe(article.text for article in articles):
            layers = {layer.name: list[Span]() for layer in self._scheme.layers}
            for number, found in enumerate(self._own.match(doc), 1):
                stretch = doc[found.start : found.end]
                layers[self._layer_of[found.label]].append(
                    Span(
                        id=f"p{number}",
                        label=found.label,
                        start=stretch.start_char,
                        end=stretch.end_char,
                        text=stretch.text,
                        score=SCORE,
                        norm=found.id or None,
                    )
                )
            yield self._scheme.normalise(
                AnnotationSet(
                    producer=self._producer,
                    scheme_digest=self._scheme.digest,
                    layers={name: tuple(spans) for name, spans in layers.items()},
                )
            )
