"""`workbench models`: what was trained, and what annotators see."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import AsJson, ReportFile

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="Version of the model, as listed by `workbench models list`.")
]
app = typer.Typer(no_args_is_help=True, help="List, promote, add, package and remove models.")


@app.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List models with their scores and promotions."""
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.list_models())


@app.command()
def promote(
    context: typer.Context,
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|PLUG-IN", help="Version of the model, or name of a plug-in; `rules` for the rules."
        ),
    ],
    release: Annotated[
        str | None, typer.Option(help="Gold release to judge a plug-in on. Default: the newest; a model has its own.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote the model even if it is not better.")] = False,
    because: Annotated[
        str, typer.Option("--because", metavar="TEXT", help="Reason to keep with the decision, for --force.")
    ] = "",
    as_json: AsJson = False,
    report_file: ReportFile = None,
) -> None:
    """Show a better model's or plug-in's suggestions to annotators.

    Better means that these need fewer corrections than what annotators see now, on the dev part of the release (if that
    has less than ten stories, also on stories of the train part that were held back), by more than chance, and that no
    label gets worse by more than chance.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.promote(model, release=release, force=force, because=because))


@app.command()
def add(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="PATH|PACKAGE", help="Folder or installed package of a spaCy pipeline.")
    ],
    name: Annotated[str | None, typer.Option(help="Name for it here. Default: its own name and a number.")] = None,
    release: Annotated[str | None, typer.Option(help="Gold release to judge it on. Default: the newest.")] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            metavar="THEIRS=OURS",
            help="Take its label THEIRS for OURS of the scheme; `THEIRS=` leaves it out. Repeatable.",
        ),
    ] = None,
    labels: Annotated[Path | None, typer.Option(metavar="FILE", help="File with THEIRS=OURS, one a line.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Add a pipeline for another language or another spaCy.")
    ] = False,
    as_json: AsJson = False,
    report_file: ReportFile = None,
) -> None:
    """Take in a pipeline that was trained elsewhere, and measure it.

    Its labels that the scheme has under the same name are those; --label and --labels say which the others are.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(
            run.workspace.add_model(
                source, name=name, release=release, labels=label or (), label_file=labels, force=force
            )
        )


@app.command()
def remove(context: typer.Context, model: Model, as_json: AsJson = False) -> None:
    """Remove a model that annotators do not see.

    What was measured and decided about it is kept.
    """
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.remove_model(model))


@app.command()
def reproduce(context: typer.Context, model: Model, as_json: AsJson = False) -> None:
    """Train a model again and compare the weights.

    It is trained from the same release, with the same options and seed. Exits with 1 if the weights differ.
    """
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(run.workspace.reproduce_model(model))


@app.command()
def card(context: typer.Context, model: Model) -> None:
    """Print a model's card: Markdown with YAML metadata."""
    run = call(context)
    run.print(run.workspace.model_card(model).markdown)


@app.command()
def package(
    context: typer.Context,
    model: Model,
    name: Annotated[
        str | None, typer.Option(help="Name to install and load it as, after the language. Default: the model's.")
    ] = None,
    package_version: Annotated[str, typer.Option("--version", help="Version of the package.")] = "0.1.0",
    license: Annotated[str, typer.Option(help="Licence of the package, such as CC-BY-4.0.")] = "",
    author: Annotated[str, typer.Option(help="Who passes it on.")] = "",
    email: Annotated[str, typer.Option(help="Where the author is reached.")] = "",
    url: Annotated[str, typer.Option(help="Page that tells more of it.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Folder to write to. Default: packages/.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a wheel of a model, for pip and spacy.load."""
    run = call(context)
    with run.reporting(as_json=as_json) as show:
        show(
            run.workspace.package_model(
                model,
                name=name,
                package_version=package_version,
                license=license,
                author=author,
                email=email,
                url=url,
                output=output,
            )
        )
