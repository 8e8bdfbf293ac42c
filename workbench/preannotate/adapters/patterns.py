"""A user's own patterns, as spaCy's EntityRuler takes them: JSONL files of label, pattern and, where wanted, id."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import spacy
from spacy.pipeline import EntityRuler

from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.core.frozen import Frozen
from workbench.core.ports import PreAnnotator
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError, SettingsError
from workbench.preannotate.plugins import Setup
from workbench.preannotate.tables import digest

SCORE = 0.9


class _Pattern(Frozen):
    label: str
    pattern: str | list[dict[str, Any]]
    id: str | None = None


def make(setup: Setup) -> PreAnnotator:
    """The patterns of the folder that `patterns` of [preannotate] names.

    Raises:
        SettingsError: it names none, or a file in it is no such file.
    """
    folder = setup.path("patterns")
    if folder is None:
        raise SettingsError(
            "no folder of patterns is named", way_out='[preannotate] patterns = "patterns" in workbench.toml'
        )
    return Patterns(setup.scheme, folder)


class Patterns:
    """Labels what the patterns match, in the first layer that has the label; an `id` becomes the span's norm."""

    def __init__(self, scheme: LabelScheme, folder: Path) -> None:
        """Reads every .jsonl file of the folder.

        Raises:
            SettingsError: there is none, a line is no pattern, or a token pattern asks for what words alone don't tell.
        """
        self._scheme = scheme
        self._layer_of = {value: layer.name for layer in reversed(scheme.layers) for value in layer.label_values}
        nlp = spacy.blank("en")
        ruler = nlp.add_pipe("entity_ruler", config={"validate": True})
        assert isinstance(ruler, EntityRuler)
        files = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
        if not files:
            raise SettingsError(f"{folder} has no .jsonl files", way_out="mend the path in workbench.toml")
        self._unknown: Counter[str] = Counter()
        content: list[str] = []
        for file in files:
            text = file.read_text(encoding="utf-8")
            content.append(text)
            for number, line in enumerate(text.splitlines(), 1):
                if line.strip():
                    self._add(ruler, line, f"{file}, line {number}")
        self._nlp = nlp
        self._producer = Producer(kind="rules", name="patterns", version=digest(*content))

    def _add(self, ruler: EntityRuler, line: str, where: str) -> None:
        try:
            pattern = _Pattern.model_validate_json(line)
            if pattern.label in self._layer_of:
                ruler.add_patterns([pattern.model_dump(exclude_none=True)])
            else:
                self._unknown[pattern.label] += 1
        except ValueError as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise SettingsError(
                f"{where} is no pattern: {lines[0]}", way_out='such as {"label": "ORG", "pattern": "Kremlin"}'
            ) from error

    @property
    def producer(self) -> Producer:
        """The patterns, with a version that changes with them."""
        return self._producer

    @property
    def remarks(self) -> tuple[str, ...]:
        """The labels of patterns that the scheme does not have."""
        return tuple(
            f"{number} patterns have the label {label}, which the scheme lacks: left out"
            for label, number in sorted(self._unknown.items())
        )

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        """One set for each article, in their order.

        Raises:
            ModelError: a pattern asks for what a text without a parse does not have, such as POS.
        """
        try:
            for doc in self._nlp.pipe(article.text for article in articles):
                layers = {layer.name: list[Span]() for layer in self._scheme.layers}
                for number, ent in enumerate(doc.ents, 1):
                    layers[self._layer_of[ent.label_]].append(
                        Span(
                            id=f"p{number}",
                            label=ent.label_,
                            start=ent.start_char,
                            end=ent.end_char,
                            text=ent.text,
                            score=SCORE,
                            norm=ent.ent_id_ or None,
                        )
                    )
                yield self._scheme.normalise(
                    AnnotationSet(
                        producer=self._producer,
                        scheme_digest=self._scheme.digest,
                        layers={name: tuple(spans) for name, spans in layers.items()},
                    )
                )
        except ValueError as error:
            if "[E155]" not in str(error):
                raise
            raise ModelError(
                f"a pattern asks for what words alone don't tell: {str(error).splitlines()[0]}",
                way_out="patterns can ask for ORTH, LOWER, SHAPE, LENGTH, IS_… and REGEX",
            ) from error
