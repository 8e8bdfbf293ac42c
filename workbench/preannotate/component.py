"""The cold-start rules as a component of a spaCy pipeline: what they suggest stands on the doc for others to learn from.

A pipeline that was trained on corrections of the rules' suggestions holds them, so that `spacy.load` alone gives what
annotators would see. The rules speak all their own labels here, also those that the scheme of the training lacks.
"""

import json
import tempfile
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import cast

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example

from workbench.core.annotations import AnnotationSet
from workbench.core.scheme import LabelScheme, Layer
from workbench.pipeline.assemble import facts_of
from workbench.pipeline.sparse import factory
from workbench.pipeline.suggestions import RULES, SuggestingPipe
from workbench.preannotate.own_files import CONCEPTS, LEXICON, PATTERNS, read_own, write_own
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.concepts import own_scheme
from workbench.preannotate.rules.tables import code_digest

FILES = "files.json"
"""The user's own data files in a component's folder, by what they stand for."""


@factory(RULES, assigns=["doc.spans"])
def make_rules(nlp: Language, name: str) -> "RulesComponent":
    """The rules, over what the components before them say of a doc."""
    return RulesComponent(nlp, name)


class RulesComponent(SuggestingPipe):
    """Writes what the rules suggest onto each doc. `files` are the user's own concepts, lexicon and patterns."""

    def __init__(self, nlp: Language, name: str) -> None:
        super().__init__(nlp, name)
        self.files: dict[str, str] = {}

    @cached_property
    def rules(self) -> Rules:
        """The rules; made when the first doc comes, since only then the pipeline around them is complete."""
        with tempfile.TemporaryDirectory(prefix="workbench-rules-") as folder:
            own = write_own(self.files, Path(folder))
            scheme = own_scheme(own[CONCEPTS])
            if own[PATTERNS] is not None and "scheme" in (facts := facts_of(self._nlp)):
                scheme = _with_labels(scheme, LabelScheme.model_validate(facts["scheme"]))
            return Rules(scheme, nlp=self._nlp, concepts=own[CONCEPTS], lexicon=own[LEXICON], patterns=own[PATTERNS])

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        concepts: Path | None = None,
        lexicon: Path | None = None,
        patterns: Path | None = None,
    ) -> None:
        """Takes in the files that a config names in `[initialize.components.workbench_rules_v1]`.

        Raises:
            SettingsError: one of them cannot be read.
        """
        self.files |= read_own({CONCEPTS: concepts, LEXICON: lexicon, PATTERNS: patterns})
        self.__dict__.pop("rules", None)

    def suggested(self, doc: Doc) -> AnnotationSet:
        return self.rules.of_doc(doc)

    def versions(self) -> dict[str, str]:
        return {"rules": self.rules.version, "code of the rules": code_digest()}

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILES).write_text(json.dumps(self.files, ensure_ascii=False, indent=1), encoding="utf-8")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "RulesComponent":
        self.files = json.loads((Path(path) / FILES).read_text(encoding="utf-8"))
        self.__dict__.pop("rules", None)
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        return json.dumps(self.files).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "RulesComponent":
        self.files = json.loads(data)
        self.__dict__.pop("rules", None)
        return self


def rule_files_of(nlp: Language) -> dict[str, str]:
    """The user's own data files of the rules in a pipeline; none where it does not start from the rules."""
    return dict(cast(RulesComponent, nlp.get_pipe(RULES)).files) if nlp.has_pipe(RULES) else {}


def _with_labels(scheme: LabelScheme, other: LabelScheme) -> LabelScheme:
    """A scheme with the labels that another has more in layers of the same name: a user's patterns may suggest them."""
    layers: list[Layer] = []
    for layer in scheme.layers:
        more = other.layer_by_name.get(layer.name)
        labels = [] if more is None else [one for one in more.labels if one.value not in scheme.layer_of_label]
        layers.append(layer.model_copy(update={"labels": (*layer.labels, *labels)}))
    return scheme.model_copy(update={"layers": tuple(layers)})
