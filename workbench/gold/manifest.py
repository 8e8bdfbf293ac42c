"""What a gold release says of itself: the document that is stored and exported with it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, cast
from urllib.parse import urlsplit

from pydantic import Field

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.kinds import kind_of
from workbench.core.parts import PARTS, Part
from workbench.core.report import Line, Listing, Report, Row, Shown, Table
from workbench.core.scheme import LabelScheme
from workbench.gold.accepted import LeftOut, Policy
from workbench.gold.division import WHAT_TO_DO, By
from workbench.gold.splits import PartCount, Shares
from workbench.printable import printable, titled

SCHEMA = "workbench/release-manifest/1"
LEFT_OUT = "annotated articles were left out"

PartTable = dict[str, dict[Part, int]]
"""How often each thing occurs in each part."""


class SplitManifest(Frozen):
    """How the articles were divided; `parts` counts what the release holds of each.

    `dates` are those from which on articles are dev and test, or test; `file` gave the parts by hand. Stories lie in one
    part each where they were divided by story; else `stories_in_several_parts` counts those that leak from part to part.
    """

    seed: int
    shares: Shares
    parts: dict[Part, PartCount]
    by: By = "story"
    dates: tuple[str, ...] = ()
    file: str = ""
    file_sha256: str = ""
    stories_in_several_parts: int = 0

    @property
    def empty(self) -> tuple[Part, ...]:
        """The parts that hold nothing."""
        return tuple(part for part in PARTS if not self.parts[part].articles)

    @property
    def told_empty(self) -> str:
        """That parts hold nothing, in words; empty where each holds something."""
        if not self.empty:
            return ""
        return f"{' and '.join(self.empty)} {'holds' if len(self.empty) == 1 else 'hold'} nothing"

    @property
    def told(self) -> str:
        """How articles were divided, in words."""
        return {
            "story": "by story: articles on one story lie in one part",
            "date": f"by date of publication: {_from_dates(self.dates)}",
            "article": "by article: articles on one story may lie in several parts, and so leak from one to the other",
            "file": f"by hand ({self.file})",
        }[self.by]


class LayerAgreement(Frozen):
    """How far annotators agree in a layer, on the articles of a release that several annotated independently.

    `frames` is the partial credit of whole frames; figures that are not defined are None.
    """

    layer: str
    articles: int
    annotators: int
    strict_f1: float | None
    kappa: float | None
    alpha: float | None
    frames: float | None = None


class Sources(Frozen):
    """Where the articles came from: counts by site, language and licence, and the first and last date of publication."""

    sites: dict[str, int] = Field(default_factory=dict)
    languages: dict[str, int] = Field(default_factory=dict)
    licences: dict[str, int] = Field(default_factory=dict)
    first: str | None = None
    last: str | None = None
    undated: int = 0


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


class Parent(Frozen):
    """The release that was the newest one when this one was made, by its name and digest."""

    name: str
    digest: str


class WithdrawnArticle(Frozen):
    """An article of a release that was withdrawn after it; of an `erased` one neither text nor annotations are left."""

    article_id: str
    why: str
    withdrawn: str
    erased: bool = False

    def __str__(self) -> str:
        how = " and erased" if self.erased else ""
        return f"{self.article_id} was withdrawn{how} on {self.withdrawn[:10]}: {self.why}"


class ReleasedArticle(Frozen):
    """An article of a release, by what its digest covers. `gold` is the key of its annotation set.

    By this whoever has the files of an export can tell which article was touched.
    """

    article_id: str
    article_version: int
    title: str
    text_sha256: str
    gold: str
    part: Part
    story_group: str
    annotators: tuple[str, ...]


class ReleaseManifest(Report):
    """A gold release in one document. `digest` covers texts, gold, annotators and parts, and the scheme's meaning.

    `annotators` and `suggested_by` count articles; `incomplete` counts spans that lack a role the scheme asks for.
    `parent` is None for the first release, and `items` is empty in manifests of before there were any. `settled` counts
    articles by what made their gold what it is; `held_out_from_suggestions` those of dev and test whose annotators saw
    suggestions.
    `withdrawn` are articles of it, or of releases before it, that were withdrawn by the time when the document was written;
    the digest covers its own all the same.
    `stand_off` is only in manifests of exports without texts, whose `items` have no titles, so that the digest cannot be
    computed from them: by article id a hash of the offsets and labels that the export has of it.
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
    parent: Parent | None = None
    settled: dict[str, int] = Field(default_factory=dict)
    held_out_from_suggestions: int = 0
    sources: Sources | None = None
    agreement: tuple[LayerAgreement, ...] = ()
    items: tuple[ReleasedArticle, ...] = ()
    withdrawn: tuple[WithdrawnArticle, ...] = ()
    stand_off: dict[str, str] = Field(default_factory=dict)

    def shown(self) -> Iterator[Shown]:
        """The counts by part, where it came from, and what was not used."""
        yield self._counts()
        yield f"{self.name}: {counted(self.articles, 'articles')}, frozen {self.created[:19]}, digest {self.digest}"
        if self.parent:
            yield f"after {self.parent.name} (digest {self.parent.digest[:12]})"
        yield f"divided {self.split.told}"
        if self.split.stories_in_several_parts:
            yield f"{counted(self.split.stories_in_several_parts, 'stories lie in several parts')}: `workbench gold leaks {self.name}`"
        if self.split.empty:
            yield Line(self.split.told_empty, f": {what_to_do(self.split)}", "doubtful")
        yield f"annotators: {_listed(self.annotators)}"
        if self.settled:
            yield f"gold: {_listed(self.settled)}"
        yield f"suggestions by: {_listed(self.suggested_by) or 'nobody'}"
        if self.held_out_from_suggestions:
            yield counted(self.held_out_from_suggestions, "articles of dev and test were annotated from suggestions")
        if self.incomplete:
            yield counted(self.incomplete, "spans lack a role that the scheme asks for")
        not_used = [
            *((one.article_id, f"{who} was overruled") for one in self.set_aside for who in one.overruled),
            *((one.article_id, reason) for one in self.set_aside for reason in one.unusable),
        ]
        yield Listing("annotations of articles in it were not used", not_used)
        yield Listing("articles were withdrawn", [(str(one), "") for one in self.withdrawn])
        told = {one.article_id for one in self.withdrawn}
        left_out = [one for one in self.left_out if one.article_id not in told]
        yield Listing(LEFT_OUT, [(titled(one.article_id, one.title), one.reason) for one in left_out])

    def as_json(self) -> str:
        """The document, for people to read."""
        return self.to_json(indent=2)

    def _counts(self) -> Table:
        parts = list(self.split.parts)
        rows = [
            Row(("articles", *(str(self.split.parts[part].articles) for part in parts), "")),
            Row(("stories", *(str(self.split.parts[part].groups) for part in parts), "")),
        ]
        for layer, counts in self.layers.items():
            of_layer = (str(sum(row[part] for row in counts.labels.values())) for part in parts)
            rows.append(Row((layer, *of_layer, _listed(counts.origins)), section=len(rows) == 2))
            if any(sum(row.values()) for row in counts.roles.values()):
                of_roles = (str(sum(row[part] for row in counts.roles.values())) for part in parts)
                rows.append(Row(("  roles", *of_roles, "")))
        return Table(("", *parts, "from suggestions and people"), tuple(rows), left=frozenset({0, len(parts) + 1}))

    def to_json(self, indent: int | None = None) -> str:
        """The document; reading it gives the same manifest."""
        return self.model_dump_json(by_alias=True, indent=indent)


def what_to_do(split: SplitManifest) -> str:
    """What fills the parts that hold nothing."""
    if split.by == "date":
        return "name two dates between those of the articles, as in `--split date:2026-05-01,2026-06-01`"
    if split.by == "file":
        return f"name articles for them in {split.file}"
    more = "annotate more articles" if split.by == "article" else f"annotate more stories, or {WHAT_TO_DO}"
    return f"{more}, and make another release"


def sources_of(articles: Sequence[Article]) -> Sources:
    """Where the articles came from, as far as they say it."""
    dates = sorted(one.published[:10] for one in articles if one.published)
    licences = (one.meta.get("license") or one.meta.get("licence") for one in articles)
    return Sources(
        sites=_counted(_site(one) for one in articles),
        languages=_counted(one.language for one in articles),
        licences=_counted(str(one) for one in licences if one),
        first=dates[0] if dates else None,
        last=dates[-1] if dates else None,
        undated=len(articles) - len(dates),
    )


def _site(article: Article) -> str:
    """The host of the address that an article came from; a file is one of the user's own."""
    for address in (article.meta.get("url"), article.source):
        host = urlsplit(str(address)).hostname if address and "://" in str(address) else None
        if host:
            return host
    return str(article.meta.get("site") or "files")


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda one: (-one[1], one[0])))


def _from_dates(dates: Sequence[str]) -> str:
    if len(dates) == 2:
        return f"dev from {dates[0]} on, test from {dates[1]} on"
    return f"test from {dates[0]} on" if dates else ""


def digest_of(scheme_digest: str, items: Iterable[ReleasedArticle]) -> str:
    """A hash of texts, gold, parts and annotators; neither name, time nor order of the articles counts."""
    rows = [
        [
            item.article_id,
            item.article_version,
            item.text_sha256,
            item.title,
            item.gold,
            item.part,
            item.story_group,
            list(item.annotators),
        ]
        for item in sorted(items, key=lambda one: one.article_id)
    ]
    return hashlib.sha256(json.dumps([scheme_digest, rows], ensure_ascii=True).encode()).hexdigest()


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


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{printable(name)} {number}" for name, number in counts.items())
