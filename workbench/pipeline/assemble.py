"""Puts a trainable pipeline for a scheme together: a base pipeline, and our components after it."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from pydantic import ValidationError
from spacy.language import Language

from workbench.core.kinds import kind_of
from workbench.core.scheme import Attribute, LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import attributes, documents, roles, spans
from workbench.pipeline.base import identity
from workbench.pipeline.sparse import SparsePipe

META = "workbench"


class Component(NamedTuple):
    """A component of ours in a pipeline."""

    name: str
    pipe: SparsePipe


def assemble(nlp: Language, scheme: LabelScheme, document_fields: Sequence[Attribute] = ()) -> list[Component]:
    """Our components, put at the end of a base pipeline, which from then on knows its scheme.

    Components of an earlier training are taken out first. Choices about the document are learned for
    `document_fields` only.
    """
    for name in ours(nlp):
        nlp.remove_pipe(name)
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
    return [Component(name, cast(SparsePipe, add(name, config=config))) for name, config in plans]


def ours(nlp: Language) -> list[str]:
    """The names of our trainable components in a pipeline."""
    mine = {spans.FACTORY, attributes.FACTORY, roles.FACTORY, documents.FACTORY}
    return [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in mine]


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
