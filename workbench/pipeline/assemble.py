"""Puts a trainable pipeline for a scheme together: a base pipeline, and our components after it."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from pydantic import ValidationError
from spacy.about import __version__ as spacy_version
from spacy.language import Language
from spacy.util import get_minor_version_range

from workbench.core.annotations import AnnotatedArticle
from workbench.core.kinds import kind_of
from workbench.core.scheme import Attribute, LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import attributes, documents, entities, former, roles, spans
from workbench.pipeline.base import META, identity
from workbench.pipeline.sparse import SparsePipe
from workbench.pipeline.suggestions import FORMER, RULES
from workbench.version import __version__

DISTRIBUTION = "news-workbench"
TRAINABLE = frozenset({spans.FACTORY, attributes.FACTORY, roles.FACTORY, documents.FACTORY})
OURS = TRAINABLE | {entities.FACTORY, RULES, FORMER}
EXAMPLES = 2
"""A choice about the document is learned from this many examples of each of two values."""


class Former(NamedTuple):
    """A model that was trained earlier, whose suggestions another one starts from."""

    nlp: Language
    version: str


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
    rule_files: Mapping[str, str] | None = None,
    before: Former | None = None,
) -> list[Component]:
    """Our trainable components, put at the end of a base pipeline, which from then on knows its scheme.

    Components of an earlier training are taken out first. Choices about the document are learned for
    `document_fields` only. With `rules` the cold-start rules come before them, with the user's own `rule_files` (see
    `workbench.preannotate.own_files`); with
    a model that was `before` comes that. What they suggest is what the others start from. Last comes what puts the spans
    of the layer of entities into `doc.ents`.

    Raises:
        ModelError: the former model was trained on another base pipeline, or not by the workbench.
    """
    for name in added(nlp):
        nlp.remove_pipe(name)
    if rules:
        suggester = cast(Any, nlp.add_pipe)(RULES)
        suggester.files = dict(rule_files or {})
    if before is not None:
        take_former(nlp, before)
    describe(nlp, scheme, base=identity(nlp))
    add = cast(Any, nlp.add_pipe)
    planned = plans(scheme, document_fields)
    made = [Component(name, cast(SparsePipe, add(name, config=config))) for name, config in planned]
    layer = entity_layer(scheme)
    if layer is not None:
        add(entities.FACTORY, config={"layer": layer})
    return made


def take_former(nlp: Language, before: Former) -> None:
    """Adds a former model's components to a base pipeline, as what the trainable ones start from.

    Raises:
        ModelError: it was trained on another base pipeline, or not by the workbench.
    """
    theirs, own = facts_of(before.nlp).get("base", ""), identity(nlp)
    scheme = scheme_of(before.nlp)
    if theirs != own:
        raise ModelError(
            f"{before.version} was trained on {theirs or 'another base pipeline'}, and this is {own}",
            hint="train on the same base pipeline with --base, or from another suggester with --suggester",
        )
    names = [name for name in added(before.nlp) if before.nlp.get_pipe_meta(name).factory != entities.FACTORY]
    component = cast(former.FormerModel, nlp.add_pipe(FORMER))
    component.take(before.nlp, names, scheme, before.version)


def plans(scheme: LabelScheme, document_fields: Sequence[Attribute] = ()) -> list[tuple[str, dict[str, Any]]]:
    """Our trainable components for a scheme: factory and configuration of each, in their order."""
    labels = {layer.name: [label.value for label in layer.labels] for layer in scheme.layers}
    found: list[tuple[str, dict[str, Any]]] = [(spans.FACTORY, {"layers": list(labels), "labels": labels})]
    if learned := [_attribute(one) for one in scheme.attributes if kind_of(one).trainable]:
        found.append((attributes.FACTORY, {"attributes": learned}))
    if scheme.roles:
        found.append((roles.FACTORY, {"roles": _roles(scheme)}))
    if document_fields:
        fields = [documents.FieldPlan(name=f.name, values=list(f.values)) for f in document_fields]
        found.append((documents.FACTORY, {"fields": fields}))
    return found


def learnable_fields(items: Iterable[AnnotatedArticle], scheme: LabelScheme) -> tuple[Attribute, ...]:
    """The choices about the document of which there are examples of two values at least."""
    trainable = [field for field in scheme.document_fields if kind_of(field).trainable]
    counts: dict[str, Counter[str]] = {field.name: Counter() for field in trainable}
    for item in items:
        for field in trainable:
            counts[field.name].update(kind_of(field).tallied(item.annotations.document.get(field.name), field))
    return tuple(
        field for field in trainable if sum(counts[field.name][value] >= EXAMPLES for value in field.values) >= 2
    )


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
    """Writes into the pipeline's meta.json what scheme it was made for, and what else is to be known of it.

    The workbench is among the requirements, as its components are.
    """
    meta = nlp.meta
    known = meta.get(META, {})
    if META not in meta:
        disown(nlp)
    meta["requirements"] = [requirement()]
    if name := facts.get("version") or facts.get("release"):
        meta["name"] = identifier(name)
    meta[META] = {**known, "scheme": scheme.model_dump(mode="json"), "scheme_digest": scheme.digest, **facts}


def note_facts(nlp: Language, **facts: object) -> None:
    """Writes facts into the meta.json of a pipeline that is not of ours, and what it is called."""
    meta = nlp.meta
    if isinstance(name := facts.get("version"), str):
        meta["name"] = identifier(name)
    meta[META] = {**meta.get(META, {}), **facts}


def disown(nlp: Language, base: Language | None = None) -> None:
    """Makes a source of the base pipeline (None: the same) of what it says of itself, which isn't true of the pipeline.

    It is about who made it, its licence and its scores.
    """
    of_base = (base or nlp).meta
    about = {name: str(of_base.get(name, "")) for name in ("url", "license", "author")}
    sources = cast("list[dict[str, str]]", of_base.get("sources") or [])
    mine = nlp.meta
    mine["sources"] = [{"name": identity(base or nlp), **about}, *sources]
    mine |= dict.fromkeys(("description", "author", "email", "url", "license"), "")
    mine |= {"version": "0.0.0", "performance": {}, "spacy_version": get_minor_version_range(spacy_version)}


def requirement() -> str:
    """What a package with our components has to ask for: this workbench, or one that is compatible with it."""
    major, minor = __version__.split(".")[:2]
    following = f"{major}.{int(minor) + 1}" if major == "0" else f"{int(major) + 1}"
    return f"{DISTRIBUTION}>={__version__},<{following}"


def identifier(name: str) -> str:
    """The name as one that Python can import: `small-1` becomes `small_1`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "pipeline"


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
