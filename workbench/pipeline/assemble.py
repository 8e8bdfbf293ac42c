"""Puts a trainable pipeline for a scheme together: a base pipeline, and our components after it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic import ValidationError
from spacy.language import Language

from workbench.core.kinds import kind_of
from workbench.core.scheme import Attribute, LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import attributes, documents, entities, roles, spans
from workbench.pipeline.base import identity
from workbench.pipeline.sparse import SparsePipe
from workbench.pipeline.suggestions import RULES

META = "workbench"
TRAINABLE = frozenset({spans.FACTORY, attributes.FACTORY, roles.FACTORY, documents.FACTORY})
OURS = TRAINABLE | {entities.FACTORY, RULES}


class Component(NamedTuple):
    """A component of ours in a pipeline."""

    name: str
    pipe: SparsePipe


def assemble(
    nlp: Language,
    scheme: LabelScheme,
    document_fields: Sequence[Attribute] = (),
    *,
    rules: bool = False,
    rule_files: Mapping[str, Path | None] | None = None,
) -> list[Component]:
    """Our trainable components, put at the end of a base pipeline, which from then on knows its scheme.

    Components of an earlier training are taken out first. Choices about the document are learned for
    `document_fields` only. With `rules` the cold-start rules come before them, with the user's own `rule_files`; what
    they suggest is what the others start from. Last comes what puts the spans of the layer of entities into `doc.ents`.
    """
    for name in added(nlp):
        nlp.remove_pipe(name)
    if rules:
        suggester = cast(Any, nlp.add_pipe)(RULES)
        suggester.own(rule_files or {})
    plans: list[tuple[str, dict[str, Any]]] = [(spans.FACTORY, {"layers": [layer.name for layer in scheme.layers]})]
    if learned := [_attribute(one) for one in scheme.attributes if kind_of(one).trainable]:
        plans.append((attributes.FACTORY, {"attributes": learned}))
    if scheme.roles:
        plans.append((roles.FACTORY, {"roles": _roles(scheme)}))
    if document_fields:
        fields = [documents.FieldPlan(name=f.name, values=list(f.values)) for f in document_fields]
        plans.append((documents.FACTORY, {"fields": fields}))
    describe(nlp, scheme, base=identity(nlp))
    add = cast(Any, nlp.add_pipe)
    made = [Component(name, cast(SparsePipe, add(name, config=config))) for name, config in plans]
    layer = entity_layer(scheme)
    if layer is not None:
        add(entities.FACTORY, config={"layer": layer})
    return made


def entity_layer(scheme: LabelScheme) -> str | None:
    """The layer whose spans are a doc's entities: the first that has no roles of its own; None where all have."""
    return next((layer.name for layer in scheme.layers if layer.name not in scheme.frame_layers), None)


def ours(nlp: Language) -> list[str]:
    """The names of our trainable components in a pipeline."""
    return [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in TRAINABLE]


def added(nlp: Language) -> list[str]:
    """The names of all that was added to the base pipeline, in their order: the rules, ours, what sets the entities."""
    return [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in OURS]


def before(nlp: Language) -> list[str]:
    """The names of what comes before our trainable components: the base pipeline, and the rules where they are in it."""
    later = {*TRAINABLE, entities.FACTORY}
    return [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory not in later]


def describe(nlp: Language, scheme: LabelScheme, **facts: str) -> None:
    """Writes into the pipeline's meta.json what scheme it was made for, and what else is to be known of it."""
    meta = nlp.meta
    known = meta.get(META, {})
    meta[META] = {**known, "scheme": scheme.model_dump(mode="json"), "scheme_digest": scheme.digest, **facts}


def facts_of(nlp: Language) -> dict[str, Any]:
    """What `describe` wrote; nothing for a pipeline that was not trained here."""
    return cast(dict[str, Any], nlp.meta.get(META, {}))


def scheme_of(nlp: Language) -> LabelScheme:
    """The scheme that a trained pipeline was made for.

    Raises:
        ModelError: the pipeline was not trained here.
    """
    facts = facts_of(nlp)
    if "scheme" not in facts or not ours(nlp):
        raise ModelError(
            f"the pipeline {identity(nlp)} was not trained by the workbench, so it suggests nothing by itself",
            hint="train one with `workbench train RELEASE`; as a base, name it with --base or --pipeline",
        )
    try:
        return LabelScheme.model_validate(facts["scheme"])
    except ValidationError as error:
        raise ModelError(
            f"the pipeline {identity(nlp)} holds a label scheme that cannot be read",
            hint="a newer workbench may have trained it; train it again",
        ) from error


def _attribute(attribute: Attribute) -> attributes.AttributePlan:
    return attributes.AttributePlan(
        name=attribute.name,
        layer=attribute.layer or "",
        values=list(attribute.values),
        default=attribute.default or "",
        multiple=attribute.multiple,
    )


def _roles(scheme: LabelScheme) -> list[roles.RolePlan]:
    return [
        roles.RolePlan(
            name=role.name,
            heads=list(role.from_layers),
            tails=list(role.to_layers),
            minimum=role.minimum,
            maximum=role.maximum,
        )
        for role in scheme.roles
    ]
