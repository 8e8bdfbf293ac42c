"""The last component of a trained pipeline: `doc.ents` holds the spans of one layer, as far as they don't overlap."""

from typing import Any, cast

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import filter_spans

from workbench.pipeline.docs import spans_in
from workbench.pipeline.examples import GetExamples
from workbench.pipeline.sparse import factory, unconfigured

FACTORY = "workbench_entities_v1"


@factory(
    FACTORY,
    requires=["doc.spans"],
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={"layer": ""},
)
def make_entity_setter(nlp: Language, name: str, layer: str) -> "EntitySetter":  # noqa: ARG001 # spaCy passes it
    """A component for this layer."""
    return EntitySetter(name, layer)


class EntitySetter:
    """Replaces the base pipeline's entities, which have its labels, by the spans that were found."""

    def __init__(self, name: str, layer: str) -> None:
        self.name = name
        self._layer = layer

    def initialize(self, get_examples: GetExamples, *, nlp: Language | None = None) -> None:
        """Nothing is learned.

        Raises:
            ModelError: its configuration does not say what it is for.
        """
        if not self._layer:
            raise unconfigured(self.name, "layer")

    def __call__(self, doc: Doc) -> Doc:
        if not self._layer:
            raise unconfigured(self.name, "layer")
        cast(Any, doc).set_ents(filter_spans(spans_in(doc, self._layer)))
        return doc
