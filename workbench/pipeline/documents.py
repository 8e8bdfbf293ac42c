"""The trainable component that makes choices about whole documents."""

from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, cast

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from workbench.pipeline import scorers
from workbench.pipeline.batch import Items, Targets
from workbench.pipeline.features import document_features, view_of
from workbench.pipeline.scorers import Scorer
from workbench.pipeline.sparse import SparsePipe, factory, in_blocks, pad, unconfigured

FACTORY = "workbench_documents_v1"


class FieldPlan(TypedDict):
    """A choice about the document, between values that the training data has examples of."""

    name: str
    values: list[str]


@factory(
    FACTORY,
    assigns=["doc.cats"],
    default_config={"fields": [], "scorer": {"@scorers": scorers.DOCUMENTS}},
    default_score_weights={"documents_acc": 0.0},
)
def make_document_chooser(
    nlp: Language,  # noqa: ARG001 # spaCy passes it
    name: str,
    fields: list[dict[str, Any]],
    scorer: Scorer | None,
) -> "DocumentChooser":
    """A component for these fields."""
    return DocumentChooser(name, cast(list[FieldPlan], fields), scorer)


class DocumentChooser(SparsePipe):
    """Writes the probability of every value to `doc.cats` as "field=value"."""

    def __init__(self, name: str, fields: Sequence[FieldPlan], scorer: Scorer | None = None) -> None:
        super().__init__(name, scorer)
        self._fields = list(fields)

    def scored(self) -> dict[str, Any]:
        return {"fields": {f["name"]: [f"{f['name']}={value}" for value in f["values"]] for f in self._fields}}

    def learns_from(self, gold: Doc) -> bool:
        return True

    def plan(self, golds: Iterable[Doc]) -> dict[str, Any]:
        if not self._fields:
            raise unconfigured(self.name, "fields")
        return {}

    @property
    def outputs(self) -> list[str]:
        return [f"{field['name']}={value}" for field in self._fields for value in field["values"]]

    @property
    def blocks(self) -> list[slice]:
        return in_blocks(len(field["values"]) for field in self._fields)

    def look(self, doc: Doc, gold: Doc) -> Items:
        """Its choices; what is suggested about a document is no part of what a document is judged by."""
        given = np.array([gold.cats.get(output, 0.0) for output in self.outputs], dtype=np.float32)
        for block in self.blocks:
            given[block] /= max(1.0, float(given[block].sum()))
        targets = Targets.of((0, output, float(given[output])) for output in np.flatnonzero(given).tolist())
        return Items(pad([document_features(view_of(doc))]), targets)

    def predict(self, docs: Sequence[Doc]) -> list[dict[str, float]]:
        found: list[dict[str, float]] = []
        for doc in docs:
            (row,) = self.probabilities(pad([document_features(view_of(doc))]))
            found.append({output: float(p) for output, p in zip(self.outputs, row, strict=True)})
        return found

    def set_annotations(self, docs: Sequence[Doc], found: Sequence[dict[str, float]]) -> None:
        for doc, cats in zip(docs, found, strict=True):
            doc.cats.update(cats)
