"""`workbench train` and `workbench evaluate`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.context import call
from workbench.cli.reporting import AsJson, ReportFile
from workbench.core.choices import LARGEST_SEED
from workbench.core.parts import Part


def train(
    context: typer.Context,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="Name of the gold release.")],
    base: Annotated[
        str | None,
        typer.Option(metavar="NAME|PATH", help="spaCy pipeline to start from. Default: the one in workbench.toml."),
    ] = None,
    suggester: Annotated[
        str | None,
        typer.Option(
            metavar="rules|model:NAME|shown|none",
            help="Suggestions to start from: the rules' (the default), a former model's, what annotators were shown, or none.",
        ),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the training articles, at the most. Default: 12.")
    ] = None,
    max_minutes: Annotated[float | None, typer.Option(min=0.01, help="Stop training after this many minutes.")] = None,
    seed: Annotated[
        int,
        typer.Option(
            min=0, max=LARGEST_SEED, help="Random seed: the same release, options and seed give the same model."
        ),
    ] = 0,
    max_misaligned: Annotated[
        float, typer.Option(min=0, max=1, help="Refuse to train if more than this share of spans ends inside a token.")
    ] = 0.05,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Train with this spaCy config, in spaCy's own loop.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="Train with a config that ships: transformer.")
    ] = None,
    encoder: Annotated[
        str, typer.Option(metavar="NAME|PATH", help="Encoder that the profile fine-tunes. Default: roberta-base.")
    ] = "",
    gpu_id: Annotated[int, typer.Option(min=-1, help="GPU to train a config on; -1 for the CPU.")] = -1,
    force: Annotated[
        bool, typer.Option("--force", help="Use a base pipeline for another language or another spaCy.")
    ] = False,
    as_json: AsJson = False,
    report_file: ReportFile = None,
) -> None:
    """Train a spaCy pipeline on a gold release.

    It predicts the spans of all layers, their attributes and the roles between them. With --config it predicts what the
    config trains.
    """
    from workbench.training.report import TrainOptions

    run = call(context)
    asked: dict[str, Any] = {"base": base, "suggester": suggester and suggester_of(suggester), "epochs": epochs}
    options = TrainOptions(
        **{name: value for name, value in asked.items() if value is not None},
        max_minutes=max_minutes,
        seed=seed,
        max_misaligned=max_misaligned,
        gpu_id=gpu_id,
        force=force,
    )
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.train(release, options=options, config=config, profile=profile, encoder=encoder))


def suggester_of(given: str) -> str:
    """The suggester that was asked for.

    Raises:
        typer.BadParameter: there is none of that name.
    """
    if given in ("rules", "shown", "none") or (given.startswith("model:") and given != "model:"):
        return given
    raise typer.BadParameter(f"{given!r} is none of: rules, model:NAME, shown, none", param_hint="--suggester")


def evaluate(
    context: typer.Context,
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|PIPELINE|PLUGIN|FILE.jsonl",
            help="What to measure: a model as `workbench models list` names it, a spaCy pipeline (package or folder), a "
            "pre-annotator, or a file of predictions.",
        ),
    ],
    release: Annotated[
        str | None, typer.Option(help="Name of the gold release. Default: the one the model was trained on.")
    ] = None,
    part: Annotated[Part, typer.Option(help="Part of the release.")] = "test",
    as_json: AsJson = False,
    report_file: ReportFile = None,
) -> None:
    """Measure a model on a gold release.

    It shows scores, kinds of faults, what is mixed up, how far scores can be trusted, and words a second. The rules and what annotators see now are measured beside it.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.evaluate(model, release=release, part=part))
