"""The card of an exported release: what it is, how much there is of it, where it came from, how to load it."""

from collections.abc import Iterable, Mapping, Sequence

from workbench.core.parts import PARTS, Part
from workbench.core.ports import Format, FormatReport
from workbench.formats import Accompanied, Described
from workbench.gold.manifest import LayerCounts, ReleaseManifest


def card(manifest: ReleaseManifest, form: Format, reports: Mapping[Part, FormatReport]) -> str:
    """The card in Markdown. It depends on the release and the format alone, so that it comes out the same twice."""
    return "\n".join(
        [
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
            *_provenance(manifest),
            *_problems(reports),
            "## Licence",
            "",
            "Not stated. The texts belong to their publishers; whoever passes this on says here under which terms.",
            "",
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


def _provenance(manifest: ReleaseManifest) -> list[str]:
    left_out = f"{len(manifest.left_out)} annotated articles were left out; manifest.json says why."
    return [
        "## Where it comes from",
        "",
        f"- Annotators (articles): {_listed(manifest.annotators)}",
        f"- Suggestions that they corrected (articles): {_listed(manifest.suggested_by) or 'none'}",
        f"- Where annotators differ: {_POLICIES[manifest.policy]}",
        f"- Split by story, seed {manifest.split.seed}: articles on one story lie in one part, "
        "and no article changes its part from release to release",
        f"- Frozen {manifest.created} by workbench {manifest.workbench_version}",
        f"- Label scheme `{manifest.scheme_digest}`, in full in `manifest.json`",
        f"- Digest `{manifest.digest}`",
        *([f"- {left_out}"] if manifest.left_out else []),
        *([f"- {manifest.incomplete} spans lack a role that the scheme asks for"] if manifest.incomplete else []),
        "",
    ]


def _problems(reports: Mapping[Part, FormatReport]) -> list[str]:
    number = sum(len(report.problems) for report in reports.values())
    if not number:
        return []
    return ["## What the format does not hold as it is", "", f"{number} cases; `problems.txt` lists them.", ""]


_POLICIES = {"refuse": "they agree on every article", "latest": "what was submitted last"}


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
