"""`workbench gold`: releases and the split."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import AsJson, ReportFile
from workbench.core.choices import LARGEST_SEED

app = typer.Typer(help="Create, compare and verify gold releases.", no_args_is_help=True)


class Policy(Enum):
    """What happens where annotators differ."""

    refuse = "refuse"
    adjudicated = "adjudicated"
    majority = "majority"
    latest = "latest"


Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the release.")]
NameOrPath = Annotated[
    str, typer.Argument(metavar="NAME|PATH", help="Name of the release, or the folder that it was exported to.")
]
ManifestJson = Annotated[bool, typer.Option("--json", help="Print the manifest as JSON.")]
Seed = Annotated[
    int, typer.Option(min=0, max=LARGEST_SEED, help="Random seed for assigning new stories to train, dev and test.")
]


@app.command()
def release(
    context: typer.Context,
    name: Name,
    policy: Annotated[
        Policy,
        typer.Option(
            help="If annotators differ and nobody has adjudicated: refuse the release, leave the article out "
            "(adjudicated), or take what most of them say (majority) or what was submitted last (latest)."
        ),
    ] = Policy.refuse,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="story|date:D[,D]|article|file:CSV",
            help="How to divide articles: by story; by date, dev and test beginning at the dates, or test alone at one; by "
            "article, copies together; or as a file with the columns article and part says. Default: `by` in workbench.toml, else by story.",
        ),
    ] = None,
    seed: Seed = 0,
    as_json: ManifestJson = False,
    report_file: ReportFile = None,
) -> None:
    """Freeze submitted annotations as a gold release.

    Annotations that were skipped or deleted are left out. Annotators go by pseudonyms: see `workbench gold annotators`.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.release(name, policy=policy.value, split=split, seed=seed))


@app.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List releases, oldest first."""
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.releases())


@app.command()
def show(context: typer.Context, name: Name, as_json: ManifestJson = False, report_file: ReportFile = None) -> None:
    """Show the contents of a release."""
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.manifest(name))


@app.command()
def diff(
    context: typer.Context,
    first: Annotated[str, typer.Argument(metavar="A", help="Name of a release.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Name of the release to compare it with.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print every difference as JSON.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Compare two releases.

    Counts by layer, label and role, and the articles that differ; --json has every span and role.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.diff(first, second))


@app.command()
def verify(context: typer.Context, name: NameOrPath, as_json: AsJson = False, report_file: ReportFile = None) -> None:
    """Verify that a release is as it was when it was frozen.

    Recomputes every hash of a release in the store, or of an exported folder, and says what was touched. A folder needs
    no workspace.
    """
    from workbench.workspace import Workspace

    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(Workspace.verify_export(name) if _is_path(name) else run.workspace.verify(name))


app.command("check", hidden=True)(verify)  # its first name


@app.command()
def leaks(context: typer.Context, name: NameOrPath, as_json: AsJson = False, report_file: ReportFile = None) -> None:
    """List what the parts of a release share.

    Near-duplicates, articles on one story, articles with one title: of a release in the store, or of an exported folder
    with jsonl files, which needs no workspace.
    """
    from workbench.workspace import Workspace

    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(Workspace.leaks_of_export(name) if _is_path(name) else run.workspace.leaks(name))


@app.command()
def annotators(context: typer.Context, as_json: AsJson = False) -> None:
    """Show who is who in releases.

    Releases and exports name annotators by pseudonyms alone.
    """
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.pseudonyms())


@app.command()
def suspects(
    context: typer.Context,
    name: Name,
    limit: Annotated[int, typer.Option(min=1, help="Number of suspects to list.")] = 50,
    folds: Annotated[
        int | None,
        typer.Option(min=2, help="Number of folds; a model is trained for each. Default: by the number of stories."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List annotations that are probably wrong.

    Trains models on the other stories and compares what they suggest with a release, the least likely annotation first,
    each with its task in Label Studio;
    then names with two labels in one story, and holders for and against the same target in one article.
    """
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.suspects(name, limit=limit, folds=folds))


@app.command()
def split(context: typer.Context, seed: Seed = 0, as_json: AsJson = False, report_file: ReportFile = None) -> None:
    """Assign new stories to train, dev and test, and show the split.

    A story keeps its part for good.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.split(seed=seed))


def _is_path(name: str) -> bool:
    """Whether a folder is meant: the name of a release has no slash."""
    return "/" in name or Path(name).is_dir()
