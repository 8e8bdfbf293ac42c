"""The last component of a trained pipeline: `doc.ents` holds the spans of one layer, as far as they don't overlap."""

from typing import Any, cast

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import filter_spans

from workbench.pipeline.docs import spans_in
from workbench.pipeline.sparse import factory

FACTORY = "workbench_entities_v1"


@factory(FACTORY, requires=["doc.spans"], assigns=["doc.ents", "token.ent_iob", "token.ent_type"])
def make_entity_setter(nlp: Language, name: str, layer: str) -> "EntitySetter":  # noqa: ARG001 # spaCy passes it
    """A component for this layer."""
    return EntitySetter(layer)


class EntitySetter:
    """Replaces the base pipeline's entities, which have its labels, by the spans that were found."""

    def __init__(self, layer: str) -> None:
        self._layer = layer

    def __call__(self, doc: Doc) -> Doc:
        cast(Any, doc).set_ents(filter_spans(spans_in(doc, self._layer)))
        return doc
