"""The cold-start rules as a component of a spaCy pipeline: what they suggest stands on the doc for others to learn from.

A pipeline that was trained on corrections of the rules' suggestions holds them, so that `spacy.load` alone gives what
annotators would see. The rules speak all their own labels here, also those that the scheme of the training lacks.
"""

import json
import tempfile
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from workbench.core.annotations import AnnotationSet
from workbench.pipeline.sparse import factory
from workbench.pipeline.suggestions import RULES, SuggestingPipe
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.concepts import own_scheme

FILES = "files.json"
"""The user's own data files in a component's folder, by what they stand for."""
_PATTERNS = "patterns/"


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
            root = Path(folder)
            for name, text in self.files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            concepts, lexicon = ((root / name if name in self.files else None) for name in ("concepts", "lexicon"))
            patterns = root / _PATTERNS if (root / _PATTERNS).is_dir() else None
            scheme = own_scheme(concepts)
            return Rules(scheme, nlp=self._nlp, concepts=concepts, lexicon=lexicon, patterns=patterns)

    def own(self, files: Mapping[str, Path | None]) -> None:
        """Takes in the user's own data files: `concepts`, `lexicon`, and a folder of `patterns`."""
        for name, path in files.items():
            if path is not None and path.is_dir():
                for one in sorted(path.glob("*.jsonl")):
                    self.files[f"{_PATTERNS}{one.name}"] = one.read_text(encoding="utf-8-sig")
            elif path is not None:
                self.files[name] = path.read_text(encoding="utf-8")
        self.__dict__.pop("rules", None)

    def suggested(self, doc: Doc) -> AnnotationSet:
        return self.rules.of_doc(doc)

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
