"""A former model as a component of a pipeline: what it suggests stands on the doc for others to learn from.

A pipeline that was trained on corrections of a former model's suggestions holds that model, as far as it was added to
the base pipeline that both have, so that `spacy.load` alone gives what annotators would see.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, cast

from spacy.language import Language
from spacy.tokens import Doc

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline.docs import from_doc
from workbench.pipeline.sparse import factory
from workbench.pipeline.suggestions import FORMER, PREFIX, SuggestingPipe

PARTS = "parts.json"
"""What a component's folder holds besides a folder for each part: the parts in order, and the scheme."""


class Part(NamedTuple):
    """A component of the former model: its factory, the factory's settings, and itself."""

    factory: str
    config: dict[str, Any]
    pipe: Any


@factory(FORMER, assigns=["doc.spans"])
def make_former(nlp: Language, name: str) -> "FormerModel":
    """A component without a model in it yet."""
    return FormerModel(nlp, name)


class FormerModel(SuggestingPipe):
    """Writes what a former model suggests onto each doc."""

    def __init__(self, nlp: Language, name: str) -> None:
        super().__init__(nlp, name)
        self.parts: list[Part] = []
        self.scheme: LabelScheme | None = None
        self.version = ""

    def take(self, former: Language, names: Iterable[str], scheme: LabelScheme, version: str) -> None:
        """Takes in the components of a former model that are named.

        What they refer to (the rules' base pipeline) is then this pipeline's own.
        """
        self.parts = []
        for name in names:
            given = cast("dict[str, Any]", former.get_pipe_config(name))
            config = {key: value for key, value in given.items() if key != "factory"}
            part = self._part(former.get_pipe_meta(name).factory, config)
            part.pipe.from_bytes(cast(Any, former.get_pipe(name)).to_bytes())
            self.parts.append(part)
        self.scheme, self.version = scheme, version

    def _part(self, name: str, config: dict[str, Any]) -> Part:
        return Part(name, config, self._nlp.create_pipe(name, config=config))

    def suggested(self, doc: Doc) -> AnnotationSet:
        if self.scheme is None:
            raise ModelError("the pipeline's former model is missing", hint="train the pipeline again")
        twin = doc.copy()
        groups = cast("dict[str, object]", twin.spans)
        for name in [name for name in groups if name.startswith(PREFIX)]:
            del groups[name]
        for part in self.parts:
            twin = part.pipe(twin)
        return from_doc(twin, self.scheme, Producer(kind="model", name="model", version=self.version))

    def versions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in self.parts:
            if isinstance(part.pipe, SuggestingPipe):
                found |= part.pipe.versions()
        return found

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PARTS).write_text(self._described(), encoding="utf-8")
        for number, part in enumerate(self.parts):
            part.pipe.to_disk(folder / str(number))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "FormerModel":
        folder = Path(path)
        self._read((folder / PARTS).read_text(encoding="utf-8"))
        for number, part in enumerate(self.parts):
            part.pipe.from_disk(folder / str(number))
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        return json.dumps([self._described(), *(part.pipe.to_bytes().hex() for part in self.parts)]).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "FormerModel":
        described, *parts = cast("list[str]", json.loads(data))
        self._read(described)
        for part, own in zip(self.parts, parts, strict=True):
            part.pipe.from_bytes(bytes.fromhex(own))
        return self

    def _described(self) -> str:
        facts = {
            "version": self.version,
            "scheme": None if self.scheme is None else self.scheme.model_dump(mode="json"),
            "parts": [[part.factory, part.config] for part in self.parts],
        }
        return json.dumps(facts, ensure_ascii=False, indent=1)

    def _read(self, described: str) -> None:
        facts = json.loads(described)
        self.version = facts["version"]
        self.scheme = None if facts["scheme"] is None else LabelScheme.model_validate(facts["scheme"])
        self.parts = [self._part(name, config) for name, config in facts["parts"]]
