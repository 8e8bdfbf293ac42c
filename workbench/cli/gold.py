"""`workbench gold`: releases and the split."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call

if TYPE_CHECKING:
    from rich.table import Table

    from workbench.cli.context import Call
    from workbench.gold.manifest import ReleaseManifest
    from workbench.gold.splits import Shares

app = typer.Typer(help="Gold releases: what annotators submitted, frozen.", no_args_is_help=True)

SHOWN = 10


class Policy(Enum):
    """What happens where annotators differ."""

    refuse = "refuse"
    latest = "latest"


Name = Annotated[str, typer.Argument(metavar="NAME", help="The release's name.")]


@app.command()
def release(
    context: typer.Context,
    name: Name,
    policy: Annotated[
        Policy, typer.Option(help="Where annotators differ: refuse, or take what was submitted latest.")
    ] = Policy.refuse,
    seed: Annotated[int, typer.Option(help="Decides the order in which new stories get their part.")] = 0,
) -> None:
    """Freeze the accepted annotations: submitted, not skipped or deleted, annotators agreeing."""
    from workbench.gold import releases
    from workbench.store.database import now

    this = call(context)
    with this.store.transaction() as session:
        report = releases.release(
            session, name, this.scheme, created=now(), policy=policy.value, shares=_shares(this), seed=seed
        )
    if report.existed:
        this.console.print(f"the release {name} is there already, with the same content", markup=False)
    elif report.same_as:
        this.console.print(f"the same content as {', '.join(report.same_as)}", markup=False)
    for conflict in report.conflicts:
        this.progress.say(conflict)
    _print(this, report.manifest)


@app.command("list")
def list_(context: typer.Context) -> None:
    """List all releases, oldest first."""
    from rich import box
    from rich.table import Table

    from workbench.gold import releases
    from workbench.store import releases as stored

    this = call(context)
    with this.store.reading() as session:
        manifests = [releases.manifest_of(stored.get(session, name)) for name in stored.names(session)]
    if not manifests:
        this.console.print("no releases yet; `workbench gold release NAME` makes one", markup=False)
        return
    table = Table("name", "created", "articles", "train", "dev", "test", "digest", box=box.SIMPLE_HEAD)
    for one in manifests:
        parts = (str(one.split.parts[part].articles) for part in one.split.parts)
        table.add_row(one.name, one.created[:19], str(one.articles), *parts, one.digest[:12])
    this.console.print(table)


@app.command()
def show(
    context: typer.Context,
    name: Name,
    as_json: Annotated[bool, typer.Option("--json", help="The manifest as JSON.")] = False,
) -> None:
    """Show what a release holds."""
    from workbench.gold import releases
    from workbench.store import releases as stored

    this = call(context)
    with this.store.reading() as session:
        manifest = releases.manifest_of(stored.get(session, name))
    if as_json:
        typer.echo(manifest.to_json(indent=2))
    else:
        _print(this, manifest)


@app.command()
def check(context: typer.Context, name: Name) -> None:
    """Compute a release's digest anew: whether all of it is as it was when it was frozen."""
    from workbench.errors import ReleaseError
    from workbench.gold import releases

    this = call(context)
    with this.store.reading() as session:
        report = releases.check(session, name)
    if report.problems:
        raise ReleaseError(
            f"the release {name} is not what it was:\n  " + "\n  ".join(report.problems),
            hint="take the store back from a backup",
        )
    this.console.print(f"{name}: {report.articles} articles, digest {report.digest}, as it was", markup=False)


@app.command()
def split(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="Decides the order in which new stories get their part.")] = 0,
) -> None:
    """Give every story that has none its part (train, dev, test), for good, and show how they stand."""
    from rich import box
    from rich.table import Table

    from workbench.gold import splits

    this = call(context)
    with this.store.transaction() as session:
        report = splits.assign(session, _shares(this), seed=seed)
    table = Table("", "stories", "articles", "wanted", box=box.SIMPLE_HEAD)
    for part, count in report.counts.items():
        table.add_row(part, str(count.groups), str(count.articles), f"{report.shares.of(part):.0%}")
    this.console.print(table)
    this.console.print(f"{len(report.assigned)} stories have their part from now on", markup=False)
    for conflict in report.conflicts:
        this.progress.say(conflict)


def _shares(this: "Call") -> "Shares":
    from workbench.gold.splits import Shares

    return Shares(**this.settings.split.model_dump())


def _print(this: "Call", manifest: "ReleaseManifest") -> None:
    this.console.print(_counts(manifest))
    lines = [
        f"{manifest.name}: {manifest.articles} articles, frozen {manifest.created[:19]}, digest {manifest.digest}",
        f"annotators: {_listed(manifest.annotators)}",
        f"suggestions by: {_listed(manifest.suggested_by) or 'nobody'}",
    ]
    if manifest.incomplete:
        lines.append(f"{manifest.incomplete} spans lack a role that the scheme asks for")
    if manifest.set_aside:
        lines.append(f"{len(manifest.set_aside)} articles have annotations that were not used; --json lists them")
    if manifest.left_out:
        lines.append(f"{len(manifest.left_out)} annotated articles were left out:")
        lines += [f"  {one.article_id} ({one.title}): {one.reason}" for one in manifest.left_out[:SHOWN]]
        more = len(manifest.left_out) - SHOWN
        lines += [f"  and {more} more (`workbench gold show {manifest.name} --json`)"] if more > 0 else []
    for line in lines:
        this.console.print(line, markup=False)


def _counts(manifest: "ReleaseManifest") -> "Table":
    from rich import box
    from rich.table import Table

    parts = list(manifest.split.parts)
    table = Table("", *parts, "from suggestions and people", box=box.SIMPLE_HEAD)
    table.add_row("articles", *(str(manifest.split.parts[part].articles) for part in parts), "")
    table.add_row("stories", *(str(manifest.split.parts[part].groups) for part in parts), "", end_section=True)
    for layer, counts in manifest.layers.items():
        table.add_row(
            layer, *(str(sum(row[part] for row in counts.labels.values())) for part in parts), _listed(counts.origins)
        )
        if any(sum(row.values()) for row in counts.roles.values()):
            table.add_row("  roles", *(str(sum(row[part] for row in counts.roles.values())) for part in parts), "")
    return table


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items())
