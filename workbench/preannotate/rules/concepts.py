"""What the rules call things and what the scheme calls them: concepts.toml, narrowed to what a scheme has."""

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field, ValidationError

from workbench.core.frozen import Frozen
from workbench.core.scheme import Attribute, Choice, Label, LabelScheme, Layer, Role
from workbench.core.validation import first_fault
from workbench.errors import SettingsError
from workbench.preannotate.rules.tables import text_of

FILE = "concepts.toml"


class AttributeNames(Frozen):
    """An attribute: its name in the scheme, and the scheme's value for each of the rules' values."""

    name: str
    values: dict[str, str]


class LayerNames(Frozen):
    """A layer: its name in the scheme, and the scheme's names for the rules' labels, roles and attributes.

    `turned` says, in the rules' words, what a negation makes of a label, `calling` what an unknown name shows, `wishes`
    what wanting a thing, ruling it out and leaving it open show, `judgements` from which score on a judgement is suggested.
    """

    layer: str
    labels: dict[str, str]
    roles: dict[str, str] = Field(default_factory=dict)
    attributes: dict[str, AttributeNames] = Field(default_factory=dict)
    turned: dict[str, str] = Field(default_factory=dict)
    calling: dict[str, str] = Field(default_factory=dict)
    wishes: dict[str, str] = Field(default_factory=dict)
    judgements: dict[str, float] = Field(default_factory=dict)


class _File(Frozen):
    base: dict[str, str] = Field(default_factory=dict)
    entities: LayerNames | None = None
    events: LayerNames | None = None
    stances: LayerNames | None = None


@dataclass(frozen=True)
class Concepts:
    """The names to use under one scheme. A layer that the scheme lacks is None.

    `base` maps labels of the base pipeline to kinds of entities; `remarks` says what the scheme lacks.
    """

    base: dict[str, str]
    entities: LayerNames | None
    events: LayerNames | None
    stances: LayerNames | None
    remarks: tuple[str, ...] = ()
    source: str = field(default="", repr=False)

    @classmethod
    def load(cls, scheme: LabelScheme, own: Path | None = None) -> "Concepts":
        """The shipped names, or those of a file of the user's, as far as the scheme has them.

        Raises:
            SettingsError: the user's file is no such file.
        """
        text = text_of(FILE, own)
        given = _read(text, own)
        remarks: list[str] = []
        entities = _narrow(given.entities, scheme, remarks)
        events = _narrow(given.events, scheme, remarks)
        stances = _narrow(given.stances, scheme, remarks)
        return cls(given.base, entities, events, stances, tuple(remarks), text)

    def never_suggested(self, scheme: LabelScheme, patterns: Collection[str] = ()) -> Iterator[str]:
        """What is to be said of labels of the scheme that nothing suggests: no concept, and none of a user's patterns.

        Args:
            scheme: what could be suggested.
            patterns: the labels of the user's patterns, which are of the layer of entities.
        """
        suggested = {
            (names.layer, label)
            for names in (self.entities, self.events, self.stances)
            if names
            for label in names.labels.values()
        }
        if self.entities is not None:
            suggested |= {(self.entities.layer, label) for label in patterns}
        for layer in scheme.layers:
            never = [label for label in layer.label_values if (layer.name, label) not in suggested]
            if never:
                what = "nothing" if len(never) == len(layer.label_values) else f"never {', '.join(never)}"
                yield f"in layer {layer.name} the rules suggest {what}"

    def kinds(self, scheme: LabelScheme) -> dict[str, str]:
        """What the rules call each label of the layer of entities: as it is, where they have no word for it."""
        if self.entities is None:
            return {}
        own = {label: label for label in scheme.layer_by_name[self.entities.layer].label_values}
        return own | {label: concept for concept, label in reversed(self.entities.labels.items())}


def own_scheme(own: Path | None = None) -> LabelScheme:
    """The scheme that has all that the rules have a name for: every label, role and attribute of the concepts.

    Raises:
        SettingsError: the user's file is no such file.
    """
    given = _read(text_of(FILE, own), own)
    named = [names for names in (given.entities, given.events, given.stances) if names is not None]
    every = tuple(names.layer for names in named)
    return LabelScheme(
        text_name="text",
        text_field="text",
        layers=tuple(
            Layer(name=names.layer, labels=tuple(Label(value=label) for label in dict.fromkeys(names.labels.values())))
            for names in named
        ),
        attributes=tuple(
            Attribute(
                name=attribute.name,
                layer=names.layer,
                choices=tuple(Choice(value=value) for value in dict.fromkeys(attribute.values.values())),
            )
            for names in named
            for attribute in names.attributes.values()
        ),
        roles=tuple(
            Role(name=role, from_layers=(names.layer,), to_layers=every)
            for names in named
            for role in dict.fromkeys(names.roles.values())
        ),
    )


def _read(text: str, own: Path | None) -> _File:
    try:
        return _File.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        first = first_fault(error) if isinstance(error, ValidationError) else str(error)
        raise SettingsError(
            f"{own or FILE} does not say what the rules' words mean: {first}",
            hint="the shipped concepts.toml shows what can stand there",
        ) from error


def _narrow(names: LayerNames | None, scheme: LabelScheme, remarks: list[str]) -> LayerNames | None:
    """The names that the scheme has; what it lacks goes to the remarks."""
    if names is None:
        return None
    layer = scheme.layer_by_name.get(names.layer)
    if layer is None:
        remarks.append(f"the scheme has no layer {names.layer}: the rules' suggestions for it are left out")
        return None
    labels = {concept: label for concept, label in names.labels.items() if label in layer.label_values}
    roles = {concept: role for concept, role in names.roles.items() if _role_fits(role, names.layer, scheme)}
    attributes: dict[str, AttributeNames] = {}
    for concept, attribute in names.attributes.items():
        known = next((a for a in scheme.attributes_of(names.layer) if a.name == attribute.name), None)
        if known is not None:
            values = {concept: value for concept, value in attribute.values.items() if value in known.values}
            attributes[concept] = AttributeNames(name=attribute.name, values=values)
    for what, wanted, found in (
        ("label", names.labels.values(), labels.values()),
        ("role", names.roles.values(), roles.values()),
        ("attribute", (a.name for a in names.attributes.values()), [a.name for a in attributes.values()]),
    ):
        missing = sorted(set(wanted) - set(found))
        if missing:
            plural = "s" if len(missing) > 1 else ""
            remarks.append(f"layer {names.layer} of the scheme lacks the {what}{plural} {', '.join(missing)}")
    return names.model_copy(update={"labels": labels, "roles": roles, "attributes": attributes})


def _role_fits(role: str, layer: str, scheme: LabelScheme) -> bool:
    found = scheme.role_by_name.get(role)
    return found is not None and layer in found.from_layers
