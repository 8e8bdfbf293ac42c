"""What is told of a model: its card, and its package."""

from collections.abc import Iterator
from pathlib import Path

from workbench.core.counted import counted
from workbench.core.report import Report, Shown
from workbench.errors import ModelError
from workbench.pipeline import registry
from workbench.pipeline.assemble import identifier
from workbench.pipeline.package import PackageFacts, requirements, write_wheel
from workbench.store import models
from workbench.store.models import Model
from workbench.training.report import ADDED, ALONE, FORMER, RULES, SHOWN, TrainReport
from workbench.workflows.comparison import Comparison
from workbench.workflows.context import Context
from workbench.workflows.registered import TRAINING, AddedModel

HELD_OUT = ("dev", "test")


class ModelCard(Report):
    """A model described, in Markdown with YAML metadata at its head."""

    version: str
    markdown: str

    def shown(self) -> Iterator[Shown]:
        """The card as it is."""
        yield self.markdown


class PackagedModel(Report):
    """A wheel that was written of a model."""

    version: str
    package: str
    wheel: Path
    requires: tuple[str, ...]
    license: str
    bytes: int

    def shown(self) -> Iterator[Shown]:
        """Where it is, and how it is installed."""
        yield f"{self.version}: {self.wheel} ({self.bytes / 1e6:.1f} MB)"
        yield f"  requires {', '.join(self.requires)}"
        if not self.license:
            yield "  it states no licence: --license names one"
        yield f"install it: pip install {self.wheel}"
        yield f'load it: spacy.load("{self.package}")'


def card(context: Context, version: str) -> ModelCard:
    """The card of a model: what it is for, what it learned from, how good it is, how it is loaded.

    Raises:
        ModelError: there is no such model.
    """
    with context.store.reading() as session:
        found = models.get(session, version)
        decisions = [one for one in models.promotions(session) if one.model == version]
    lines = [*_metadata(found, context), "", f"# {version}", "", *_origin(found), ""]
    for part in HELD_OUT:
        if part in found.report:
            lines += [*_scores(Comparison.model_validate(found.report[part])), ""]
    if decisions:
        lines += ["## Decisions", ""]
        lines += [
            f"- {one.decided[:10]}: {'promoted' if one.accepted else 'refused'}: {one.reason}" for one in decisions
        ]
        lines += [""]
    lines += [
        *("## Use", "", "```sh", f"workbench annotate article.txt --model {version}"),
        *(f"workbench models package {version}", "```", ""),
        *("## Licence", "", "Not stated. `workbench models package --license` names one for a package.", ""),
    ]
    return ModelCard(version=version, markdown="\n".join(lines))


def package_model(
    context: Context,
    version: str,
    *,
    name: str | None = None,
    package_version: str = "0.1.0",
    license: str = "",
    author: str = "",
    email: str = "",
    url: str = "",
    output: Path | None = None,
) -> PackagedModel:
    """A wheel of a model, which installs beside the workbench's own and is loaded by its name.

    Args:
        context: the workspace.
        version: the model's.
        name: what it is installed and loaded as; the language comes before it. None for the model's own.
        package_version: the package's version.
        license: the licence it is passed on under, as SPDX writes it.
        author: who passes it on.
        email: where they are reached.
        url: where more is told of it.
        output: the folder to write to; None for packages/ in the workspace.

    Raises:
        ModelError: there is no such model, its files are not what was written, the name is none that a package can have,
            or the wheel cannot be written.
    """
    with context.store.reading() as session:
        found = models.get(session, version)
    folder = context.settings.models / version
    if not folder.is_dir():
        raise ModelError(f"the model's folder {folder} is gone", hint="put it back from a backup")
    registry.check(folder, found.digest)
    facts = PackageFacts(
        name=name or identifier(version),
        version=package_version,
        license=license,
        author=author,
        email=email,
        url=url,
        description=f"The model {version}, trained on the release {found.release}, over {found.base}.",
    )
    wheel = write_wheel(folder, facts, output or context.settings.root / "packages")
    meta = registry.meta(folder)
    return PackagedModel(
        version=version,
        package=wheel.name.partition("-")[0],
        wheel=wheel,
        requires=tuple(requirements(meta)),
        license=license,
        bytes=wheel.stat().st_size,
    )


def _metadata(model: Model, context: Context) -> list[str]:
    """The head of the card, as model hubs read it."""
    folder = context.settings.models / model.version
    language = str(registry.meta(folder).get("lang", "en")) if folder.is_dir() else "en"
    tags = ("spacy", "token-classification", "news")
    return [
        *("---", f"language: {_yaml(language)}", "library_name: spacy", f"model_name: {_yaml(model.version)}"),
        *(f"base_model: {_yaml(model.base)}", "tags:", *(f"- {tag}" for tag in tags)),
        *(
            "datasets:",
            f"- {_yaml(model.release)}",
            f"digest: {_yaml(model.digest)}",
            f"created: {_yaml(model.created)}",
        ),
        "---",
    ]


def _yaml(text: str) -> str:
    """The text as a YAML string in double quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{" ".join(escaped.split())}"'


def _origin(model: Model) -> list[str]:
    if ADDED in model.report:
        added = AddedModel.model_validate(model.report[ADDED])
        renamed = [f"`{theirs}` is `{mine}`" for theirs, mine in added.labels.items() if theirs != mine]
        return [
            f"A pipeline that was trained elsewhere: {added.pipeline}, from `{added.source}`.",
            *(["", f"Its labels under the scheme: {', '.join(renamed)}."] if renamed else []),
            *(["", f"Left out: {', '.join(added.left_out)}."] if added.left_out else []),
            "",
            f"Whether it was chosen on the dev part of `{added.release}`, as plain `spacy train` does, or learned from "
            "these articles, cannot be seen here; if so, its scores on them are too good.",
        ]
    if TRAINING not in model.report:
        return ["An earlier version of the workbench trained it, and did not say how."]
    report = TrainReport.model_validate(model.report[TRAINING])
    how = "with a spaCy config" if report.options.config else counted(report.epochs, "epochs")
    parts = [
        f"- {part.name}: {counted(part.articles, 'articles')}, "
        + ", ".join(f"{number} {layer}" for layer, number in part.spans.items())
        + f", {counted(part.arguments, 'roles')}"
        for part in report.parts
    ]
    made = ", ".join(f"{name} {number}" for name, number in report.versions.items())
    return [
        f"Trained on the gold release `{report.release}` over {report.base}, {_start(report)}{how}, seed {report.options.seed}, in "
        f"{report.seconds:.0f} s, with {made}.",
        "",
        *parts,
        "",
        f"Release digest `{report.release_digest}`, label scheme `{report.scheme_digest}`, files `{model.digest}`. "
        f"`workbench models reproduce {model.version}` rebuilds it.",
    ]


def _start(report: TrainReport) -> str:
    """What it started from, as the beginning of what is said of how it was trained."""
    suggester = report.options.suggester
    if report.options.config or suggester == ALONE:
        return ""
    whose = {RULES: "of the rules", SHOWN: "that annotators were shown"}
    return f"starting from the suggestions {whose.get(suggester, f'of {suggester.removeprefix(FORMER)}')}, "


def _scores(comparison: Comparison) -> list[str]:
    table = comparison.table()
    return [
        f"## {table.title}",
        "",
        f"| {' | '.join(table.columns)} |",
        f"|{'---|' * len(table.columns)}",
        *(f"| {' | '.join(cell.strip() for cell in row.cells)} |" for row in table.rows),
    ]
