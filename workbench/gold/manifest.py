"""What a gold release says of itself: the document that is stored and exported with it."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal, cast

from pydantic import Field

from workbench.core.annotations import AnnotationSet
from workbench.core.frozen import Frozen
from workbench.core.kinds import kind_of
from workbench.core.parts import PARTS, Part
from workbench.core.scheme import LabelScheme
from workbench.gold.accepted import LeftOut, Policy
from workbench.gold.splits import PartCount, Shares

SCHEMA = "workbench/release-manifest/1"

PartTable = dict[str, dict[Part, int]]
"""How often each thing occurs in each part."""


class SplitManifest(Frozen):
    """How the articles were divided; `parts` counts what the release holds of each."""

    seed: int
    shares: Shares
    parts: dict[Part, PartCount]


class LayerCounts(Frozen):
    """What a layer holds. `origins` says how many spans a person added, kept, moved, relabelled or changed."""

    labels: PartTable
    roles: PartTable
    origins: dict[str, int]


class SetAside(Frozen):
    """Annotations of an article in the release that were not used: overruled by the policy, or not usable."""

    article_id: str
    overruled: tuple[str, ...] = ()
    unusable: tuple[str, ...] = ()


class ReleaseManifest(Frozen):
    """A gold release in one document. `digest` covers texts, gold, annotators and parts, and the scheme's meaning.

    `annotators` and `suggested_by` count articles; `incomplete` counts spans that lack a role the scheme asks for.
    """

    schema_: Literal["workbench/release-manifest/1"] = Field(default=SCHEMA, alias="schema")
    name: str
    digest: str
    created: str
    workbench_version: str
    policy: Policy
    scheme_digest: str
    label_scheme: LabelScheme
    articles: int
    split: SplitManifest
    layers: dict[str, LayerCounts]
    document: dict[str, dict[str, int]]
    incomplete: int
    annotators: dict[str, int]
    suggested_by: dict[str, int]
    set_aside: tuple[SetAside, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def to_json(self, indent: int | None = None) -> str:
        """The document; reading it gives the same manifest."""
        return self.model_dump_json(by_alias=True, indent=indent)


def count_layers(gold: Iterable[tuple[AnnotationSet, Part]], scheme: LabelScheme) -> dict[str, LayerCounts]:
    """How often each label and role of the scheme occurs in each part, and where the spans came from."""
    labels: dict[str, Counter[tuple[str, Part]]] = {layer.name: Counter() for layer in scheme.layers}
    roles: dict[str, Counter[tuple[str, Part]]] = {layer.name: Counter() for layer in scheme.layers}
    origins: dict[str, Counter[str]] = {layer.name: Counter() for layer in scheme.layers}
    for annotated, part in gold:
        for layer, span in annotated.spans():
            labels[layer][span.label, part] += 1
            origins[layer][span.origin.decision or "imported" if span.origin else "added"] += 1
            for argument in span.arguments:
                roles[layer][argument.role, part] += 1
    return {
        layer.name: LayerCounts(
            labels=_table(layer.label_values, labels[layer.name]),
            roles=_table([role.name for role in scheme.roles_of(layer.name)], roles[layer.name]),
            origins=dict(sorted(origins[layer.name].items())),
        )
        for layer in scheme.layers
    }


def count_document(gold: Iterable[AnnotationSet], scheme: LabelScheme) -> dict[str, dict[str, int]]:
    """How many articles have each value of each field about the document, defaults included."""
    counts = {field.name: dict.fromkeys(field.values, 0) for field in scheme.document_fields}
    for annotated in gold:
        for field in scheme.document_fields:
            for value in kind_of(field).tallied(annotated.document.get(field.name), field):
                counts[field.name][value] = counts[field.name].get(value, 0) + 1
    return counts


def _table(names: Iterable[str], counts: Counter[tuple[str, Part]]) -> PartTable:
    return {name: cast("dict[Part, int]", {part: counts[name, part] for part in PARTS}) for name in names}
