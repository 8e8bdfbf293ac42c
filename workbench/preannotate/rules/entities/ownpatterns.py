"""A user's own patterns, as spaCy's EntityRuler takes them: JSONL files of label, pattern and, where wanted, id."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.pipeline import EntityRuler
from spacy.tokens import Doc

from workbench.core.frozen import Frozen
from workbench.errors import ModelError, SettingsError


class _Pattern(Frozen):
    label: str
    pattern: str | list[dict[str, Any]]
    id: str | None = None


def texts(folder: Path) -> dict[Path, str]:
    """The text of every .jsonl file of a folder, in the order of their names.

    Raises:
        SettingsError: there is no such file, or one cannot be read.
    """
    files = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
    if not files:
        raise SettingsError(f"{folder} has no .jsonl files", hint="correct the path in workbench.toml")
    found: dict[Path, str] = {}
    for file in files:
        try:
            found[file] = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{file} cannot be read: {error}", hint="patterns are UTF-8 text") from error
    return found


@dataclass(frozen=True)
class Found:
    """What a pattern matched: first token, one past the last, the pattern's label, and its id or ""."""

    start: int
    end: int
    label: str
    id: str


@dataclass
class OwnPatterns:
    """The patterns of a folder. `unknown` counts those whose label is none that is taken; `content` is what was read."""

    ruler: EntityRuler
    unknown: Counter[str] = field(default_factory=Counter[str])
    content: list[str] = field(default_factory=list[str])

    @classmethod
    def read(cls, folder: Path, nlp: Language, labels: Collection[str]) -> "OwnPatterns":
        """The patterns of every .jsonl file of a folder that have one of these labels, cut into words as `nlp` does.

        Raises:
            SettingsError: there is no such file, or a line is not a pattern; it names file and line.
        """
        own = cls(EntityRuler(nlp, validate=True))
        for file, text in texts(folder).items():
            own.content.append(text)
            with nlp.select_pipes(enable=[]):  # a phrase need not be parsed to be found
                for number, line in enumerate(text.splitlines(), 1):
                    if line.strip():
                        own._add(line, f"{file}, line {number}", labels)
        return own

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the patterns give."""
        return self.ruler.labels

    def _add(self, line: str, where: str, labels: Collection[str]) -> None:
        try:
            pattern = _Pattern.model_validate_json(line)
            if pattern.label in labels:
                self.ruler.add_patterns([pattern.model_dump(exclude_none=True)])
            else:
                self.unknown[pattern.label] += 1
        except ValueError as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise SettingsError(
                f"{where} is not a pattern: {lines[0]}", hint='such as {"label": "ORG", "pattern": "Kremlin"}'
            ) from error

    def match(self, doc: Doc) -> list[Found]:
        """What the patterns match, in text order; the entities that the doc had are gone afterwards.

        Raises:
            ModelError: a pattern asks for what the pipeline does not tell, such as POS of words without a tagger.
        """
        doc.ents = ()
        try:
            self.ruler(doc)
        except ValueError as error:
            if "[E155]" not in str(error):
                raise
            raise ModelError(
                f"a pattern asks for something that this pipeline does not provide: {str(error).splitlines()[0]}",
                hint="patterns alone can ask for ORTH, LOWER, SHAPE, LENGTH, IS_… and REGEX; beside the rules for all",
            ) from error
        return [Found(ent.start, ent.end, ent.label_, ent.ent_id_) for ent in doc.ents]
