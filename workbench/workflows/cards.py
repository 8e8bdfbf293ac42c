"""The card of an exported release: what it is, how much there is of it, where it came from, how to load it.

It is a dataset card as Hugging Face reads it: YAML at its head, Markdown below. All of it is written from the release.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from workbench.core.counted import counted
from workbench.core.parts import PARTS, Part
from workbench.core.ports import Format, FormatReport
from workbench.formats import Accompanied, Described
from workbench.gold.manifest import LayerCounts, ReleaseManifest


def card(manifest: ReleaseManifest, form: Format, reports: Mapping[Part, FormatReport]) -> str:
    """The card in Markdown. It depends on the release and the format alone, so that it comes out the same twice."""
    return "\n".join(
        [
            *_head(manifest, reports),
            f"# {manifest.name}",
            "",
            f"{manifest.articles} news articles with gold annotations "
            f"({', '.join(layer.name for layer in manifest.label_scheme.layers)}), in the format `{form.name}`. "
            "Frozen: the digest below belongs to exactly these texts and labels.",
            "",
            *_table(["", *PARTS], _part_rows(manifest, reports)),
            "",
            *_loading(form, reports),
            *_counts(manifest),
            *_agreement(manifest),
            *_provenance(manifest),
            *_withdrawn(manifest),
            *_limits(manifest),
            *_problems(reports),
            *_licence(manifest),
        ]
    )


def _part_rows(manifest: ReleaseManifest, reports: Mapping[Part, FormatReport]) -> list[list[object]]:
    counts = [manifest.split.parts[part] for part in PARTS]
    return [
        ["articles", *(count.articles for count in counts)],
        ["stories", *(count.groups for count in counts)],
        ["spans", *(reports[part].spans for part in PARTS)],
        ["files", *(", ".join(f"`{file}`" for file in reports[part].files) for part in PARTS)],
    ]


def _loading(form: Format, reports: Mapping[Part, FormatReport]) -> list[str]:
    if not isinstance(form, Described):
        return []
    file = next((file for part in PARTS for file in reports[part].files), "")
    guide = [form.guide] if isinstance(form, Accompanied) else []
    return ["```python", form.example.replace("{file}", file), "```", "", *guide]


def _counts(manifest: ReleaseManifest) -> list[str]:
    lines: list[str] = []
    for layer, counts in manifest.layers.items():
        lines += [f"## {layer}", "", *_table(["label", *PARTS], _rows(counts.labels)), ""]
        if any(sum(row.values()) for row in counts.roles.values()):
            lines += [*_table(["role", *PARTS], _rows(counts.roles)), ""]
        lines += [_origins(counts), ""]
    for field, values in manifest.document.items():
        lines += [f"{field}: {_listed(values)}", ""]
    return lines


def _origins(counts: LayerCounts) -> str:
    return f"Against the suggestions: {_listed(counts.origins)}." if counts.origins else "None."


def _head(manifest: ReleaseManifest, reports: Mapping[Part, FormatReport]) -> Iterator[str]:
    """The metadata that the Hub reads."""
    sources = manifest.sources
    languages = [code for code in (sources.languages if sources else ()) if _CODE.fullmatch(code)]
    licence, name = _licence_id(sources.licences if sources else {})
    tasks = ["token-classification", *(["text-classification"] if manifest.label_scheme.document_fields else [])]
    yield "---"
    yield f"pretty_name: {json.dumps(manifest.name)}"
    yield f"license: {licence}"
    if name:
        yield f"license_name: {json.dumps(name)}"
    yield from _yaml("language", [json.dumps(code) for code in languages])
    yield from _yaml("task_categories", tasks)
    yield from _yaml("annotations_creators", ["expert-generated"])
    yield from _yaml("tags", ["news", *(json.dumps(layer.name) for layer in manifest.label_scheme.layers)])
    yield from _yaml("size_categories", [next(name for most, name in _SIZES if manifest.articles < most)])
    files = [
        (_HUB_PARTS.get(part, part), file)
        for part in PARTS
        for file in reports[part].files
        if reports[part].articles and file.endswith(_LOADED_BY_THE_HUB)
    ]
    if files:
        yield from ("configs:", "- config_name: default", "  data_files:")
        for part, file in files:
            yield from (f"  - split: {part}", f"    path: {json.dumps(file)}")
    yield from ("---", "")


def _yaml(key: str, values: Sequence[str]) -> Iterator[str]:
    if values:
        yield f"{key}:"
        yield from (f"- {value}" for value in values)


def _licence_id(licences: Mapping[str, int]) -> tuple[str, str]:
    """The identifier that the Hub has for the licence of all articles, and what they call it, where it has none."""
    if not licences:
        return "unknown", ""
    if len(licences) > 1:
        return "other", "several"
    [stated] = licences
    normal = re.sub(r"[\s_]+", "-", stated.strip().lower())
    return (normal, "") if normal in _LICENCES else ("other", stated)


def _agreement(manifest: ReleaseManifest) -> list[str]:
    settled = [f"- {number} {_SETTLED[how]}" for how, number in manifest.settled.items()]
    lines = ["## Agreement and adjudication", ""]
    if settled:
        lines += ["Of the articles:", "", *settled, ""]
    lines += [f"Where annotators differ and nobody adjudicated: {_POLICIES[manifest.policy]}.", ""]
    if not manifest.agreement:
        return [*lines, "No article was annotated by two people independently, so that agreement is not known.", ""]
    first = manifest.agreement[0]
    lines += [
        f"{counted(first.articles, 'articles were annotated by two or more of')} {counted(first.annotators, 'annotators')} independently of each "
        "other. Before adjudication they agree as follows (F1 of equal spans, averaged over pairs; kappa and alpha over "
        "tokens; whole frames with credit for the parts that are equal):",
        "",
    ]
    rows = [
        [one.layer, *(_figure(value) for value in (one.strict_f1, one.kappa, one.alpha, one.frames))]
        for one in manifest.agreement
    ]
    return [*lines, *_table(["layer", "strict F1", "Cohen's kappa", "Krippendorff's alpha", "frames"], rows), ""]


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _provenance(manifest: ReleaseManifest) -> list[str]:
    left_out = f"{len(manifest.left_out)} annotated articles were left out; manifest.json says why."
    return [
        "## Where it comes from",
        "",
        *_sources(manifest),
        f"- Annotators, by pseudonym (articles): {_listed(manifest.annotators)}",
        f"- Suggestions that they corrected (articles): {_listed(manifest.suggested_by) or 'none'}",
        f"- Divided {manifest.split.told} (seed {manifest.split.seed}). No article, and no near-duplicate of one, changes "
        "its part from release to release",
        f"- Frozen {manifest.created} by workbench {manifest.workbench_version}"
        + (f", after {manifest.parent.name} (digest `{manifest.parent.digest}`)" if manifest.parent else ""),
        f"- Label scheme `{manifest.scheme_digest}`, in full in `manifest.json`",
        f"- Digest `{manifest.digest}`; `workbench gold verify` recomputes it from these files",
        *([f"- {left_out}"] if manifest.left_out else []),
        "",
    ]


def _sources(manifest: ReleaseManifest) -> Iterator[str]:
    found = manifest.sources
    if found is None:
        return
    if found.first:
        yield f"- Published from {found.first} to {found.last}" + (
            f", {found.undated} without a date" if found.undated else ""
        )
    most = list(found.sites.items())[:_MOST_SITES]
    more = f" and {len(found.sites) - len(most)} more" if len(found.sites) > len(most) else ""
    yield f"- Sources (articles): {_listed(dict(most))}{more}"
    yield f"- Languages (articles): {_listed(found.languages)}"


def _limits(manifest: ReleaseManifest) -> list[str]:
    """What whoever uses the release has to know, as far as the release shows it."""
    limits = list(_limits_of_split(manifest))
    alone = manifest.settled.get("by one person", 0)
    if alone:
        limits.append(f"{alone} of {counted(manifest.articles, 'articles')} were annotated by one person alone.")
    if manifest.held_out_from_suggestions:
        limits.append(
            f"{counted(manifest.held_out_from_suggestions, 'articles of dev and test were annotated from suggestions, towards which')} "
            "their gold may lean."
        )
    if manifest.incomplete:
        limits.append(counted(manifest.incomplete, "spans lack a role that the scheme asks for."))
    for layer, counts in manifest.layers.items():
        rare = [label for label, row in counts.labels.items() if row["train"] < _RARE]
        if rare:
            limits.append(f"{layer}: fewer than {_RARE} in train of {', '.join(rare)}.")
    return ["## Known limits", "", *(f"- {one}" for one in limits), ""] if limits else []


def _limits_of_split(manifest: ReleaseManifest) -> Iterator[str]:
    split = manifest.split
    if split.empty:
        yield f"{split.told_empty}."
    if split.by != "story":
        yield (
            f"Not divided by story: {counted(split.stories_in_several_parts, 'stories lie in several parts, so that what is measured')} "
            "on one part may have been learned from another. `workbench gold leaks` lists the articles."
        )


def _licence(manifest: ReleaseManifest) -> list[str]:
    found = manifest.sources.licences if manifest.sources else {}
    stated = sum(found.values())
    lines = [f"- {name}: {counted(number, 'articles')}" for name, number in found.items()]
    if stated < manifest.articles:
        lines.append(
            f"- {counted(manifest.articles - stated, 'articles state none')}. The texts belong to their publishers; whoever passes them "
            "on says here under which terms."
        )
    return ["## Licence", "", *lines, ""]


def _withdrawn(manifest: ReleaseManifest) -> list[str]:
    if not manifest.withdrawn:
        return []
    inside = {item.article_id for item in manifest.items}
    lines = [
        f"- {_one_line(str(one))}"
        + ("" if one.article_id in inside else " (it was in an earlier release, and is not in this one)")
        for one in manifest.withdrawn
    ]
    erased = any(one.erased and one.article_id in inside for one in manifest.withdrawn)
    told = (
        "Of erased ones no file holds text or annotations; `manifest.json` has their hashes, which the digest covers."
    )
    return ["## Withdrawn articles", "", *lines, "", *([told, ""] if erased else [])]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _problems(reports: Mapping[Part, FormatReport]) -> list[str]:
    number = sum(len(report.problems) for report in reports.values())
    if not number:
        return []
    return ["## What the format does not hold as it is", "", f"{number} cases; `problems.txt` lists them.", ""]


_POLICIES = {
    "refuse": "nothing is released",
    "latest": "what was submitted last counts",
    "majority": "what more than half of them say of each thing counts, and an article that this leaves open is left out",
    "adjudicated": "the article is left out",
}
_SETTLED = {
    "by one person": "annotated by one person",
    "agreed by all": "on which all annotators agree",
    "adjudicated": "adjudicated by a person",
    "decided by policies": "adjudicated by rule",
    "majority": "decided by the majority of their annotators",
    "latest": "decided by what was submitted last",
}
_CODE = re.compile(r"[a-z]{2,3}")
_HUB_PARTS = {"dev": "validation"}
"""What the Hub calls a part otherwise."""
_LOADED_BY_THE_HUB = (".jsonl", ".parquet", ".csv")
_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (10**12, "n>1T"),
)
_LICENCES = frozenset(
    {"apache-2.0", "mit", "bsd", "cc0-1.0", "odbl", "odc-by", "pddl", "gfdl", "unlicense", "etalab-2.0"}
    | {f"cc-by{more}-{version}" for more in ("", "-sa", "-nc", "-nd", "-nc-sa", "-nc-nd") for version in ("3.0", "4.0")}
    | {"cc-by-2.0", "cc-by-2.5", "cc-by-nc-2.0", "cc-by-nc-sa-2.0"} - {"cc-by-nd-3.0"}
)
"""Those of the Hub's identifiers that a text is found under."""
_MOST_SITES = 20
_RARE = 5


def _rows(table: Mapping[str, Mapping[Part, int]]) -> list[list[object]]:
    return [[name, *(counts[part] for part in PARTS)] for name, counts in table.items()]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows),
    ]
