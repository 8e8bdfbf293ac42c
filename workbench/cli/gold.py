"""`workbench gold`: releases and the split."""

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile

if TYPE_CHECKING:
    from rich.table import Table

    from workbench.cli.context import Call
    from workbench.cli.lists import Lists
    from workbench.gold.manifest import ReleaseManifest
    from workbench.gold.splits import Shares

app = typer.Typer(help="Gold releases: what annotators submitted, frozen.", no_args_is_help=True)


class Policy(Enum):
    """What happens where annotators differ."""

    refuse = "refuse"
    latest = "latest"


IN_TWO = "articles were added for another part than the one of their story"
Name = Annotated[str, typer.Argument(metavar="NAME", help="The release's name.")]


@app.command()
def release(
    context: typer.Context,
    name: Name,
    policy: Annotated[
        Policy, typer.Option(help="Where annotators differ: refuse, or take what was submitted latest.")
    ] = Policy.refuse,
    seed: Annotated[int, typer.Option(help="Decides the order in which new stories get their part.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The manifest as JSON.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Freeze the accepted annotations: submitted, not skipped or deleted, annotators agreeing."""
    from workbench.gold import releases
    from workbench.store.database import now

    this = call(context)
    lists = this.lists(report_file, printed=not as_json)
    with lists.of_errors(), this.store.transaction() as session:
        report = releases.release(
            session, name, this.scheme, created=now(), policy=policy.value, shares=_shares(this), seed=seed
        )
    if as_json:
        typer.echo(report.manifest.to_json(indent=2))
    else:
        if report.existed:
            this.print(f"the release {name} is there already, with the same content")
        elif report.same_as:
            this.print(f"the same content as {', '.join(report.same_as)}")
        _print(this, report.manifest)
    _list(report.manifest, lists)
    lists.show("spans had white space at their edges, which is not in the gold", report.trimmed)
    lists.show(IN_TWO, [("", one) for one in report.conflicts])


@app.command("list")
def list_(context: typer.Context) -> None:
    """List all releases, oldest first."""
    from rich import box
    from rich.table import Table

    from workbench.cli.output import print_table
    from workbench.gold import releases
    from workbench.store import releases as stored

    this = call(context)
    with this.store.reading() as session:
        manifests = [releases.manifest_of(stored.get(session, name)) for name in stored.names(session)]
    if not manifests:
        this.print("no releases yet; `workbench gold release NAME` makes one")
        return
    table = Table("name", "created", "articles", "train", "dev", "test", "digest", box=box.SIMPLE_HEAD)
    for one in manifests:
        parts = (str(one.split.parts[part].articles) for part in one.split.parts)
        table.add_row(one.name, one.created[:19], str(one.articles), *parts, one.digest[:12])
    print_table(this.console, table)


@app.command()
def show(
    context: typer.Context,
    name: Name,
    as_json: Annotated[bool, typer.Option("--json", help="The manifest as JSON.")] = False,
    report_file: ReportFile = None,
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
    _list(manifest, this.lists(report_file, printed=not as_json))


@app.command()
def check(context: typer.Context, name: Name, report_file: ReportFile = None) -> None:
    """Compute a release's digest anew: whether all of it is as it was when it was frozen."""
    from workbench.errors import ReleaseError
    from workbench.gold import releases

    this = call(context)
    with this.store.reading() as session:
        report = releases.check(session, name)
    this.lists(report_file).show("things are not what they were", [("", one) for one in report.problems])
    if report.problems:
        raise ReleaseError(
            f"the release {name} is not what it was: {report.problems[0]}",
            hint="take the store back from a backup",
        )
    this.print(f"{name}: {report.articles} articles, digest {report.digest}, as it was")


@app.command()
def split(
    context: typer.Context,
    seed: Annotated[int, typer.Option(help="Decides the order in which new stories get their part.")] = 0,
    report_file: ReportFile = None,
) -> None:
    """Give every story that has none its part (train, dev, test), for good, and show how they stand."""
    from rich import box
    from rich.table import Table

    from workbench.cli.output import print_table
    from workbench.gold import splits

    this = call(context)
    lists = this.lists(report_file)
    with this.store.transaction() as session:
        report = splits.assign(session, _shares(this), seed=seed)
    table = Table("", "stories", "articles", "wanted", box=box.SIMPLE_HEAD)
    for part, count in report.counts.items():
        table.add_row(part, str(count.groups), str(count.articles), f"{report.shares.of(part):.0%}")
    print_table(this.console, table)
    this.print(f"{len(report.assigned)} stories have their part from now on")
    lists.show(IN_TWO, [("", one) for one in report.conflicts])


def _shares(this: "Call") -> "Shares":
    from workbench.gold.splits import Shares

    return Shares(**this.settings.split.model_dump())


def _print(this: "Call", manifest: "ReleaseManifest") -> None:
    from workbench.cli.output import print_table

    print_table(this.console, _counts(manifest))
    this.print(
        f"{manifest.name}: {manifest.articles} articles, frozen {manifest.created[:19]}, digest {manifest.digest}"
    )
    this.print(f"annotators: {_listed(manifest.annotators)}")
    this.print(f"suggestions by: {_listed(manifest.suggested_by) or 'nobody'}")
    if manifest.incomplete:
        this.print(f"{manifest.incomplete} spans lack a role that the scheme asks for")


def _list(manifest: "ReleaseManifest", lists: "Lists") -> None:
    from workbench.gold.releases import LEFT_OUT

    lists.show(
        "annotations of articles in it were not used",
        [
            *((one.article_id, f"{who} was overruled") for one in manifest.set_aside for who in one.overruled),
            *((one.article_id, reason) for one in manifest.set_aside for reason in one.unusable),
        ],
    )
    lists.show(LEFT_OUT, [(f"{one.article_id} ({one.title})", one.reason) for one in manifest.left_out])


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
