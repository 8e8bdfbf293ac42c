"""`workbench train` and `workbench evaluate`."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import ReportFile
from workbench.core.parts import Part

if TYPE_CHECKING:
    from rich.table import Table

    from workbench.training.report import TrainReport
    from workbench.workflows.learning import Comparison


def train(
    context: typer.Context,
    release: Annotated[str, typer.Argument(metavar="RELEASE", help="Name of the gold release.")],
    base: Annotated[
        str | None,
        typer.Option(metavar="NAME|PATH", help="spaCy pipeline to start from. Default: the one in workbench.toml."),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training articles.")] = 12,
    max_minutes: Annotated[float | None, typer.Option(min=0.01, help="Stop training after this many minutes.")] = None,
    seed: Annotated[int, typer.Option(help="Random seed: the same release, options and seed give the same model.")] = 0,
    max_misaligned: Annotated[
        float, typer.Option(min=0, max=1, help="Refuse to train if more than this share of spans ends inside a token.")
    ] = 0.05,
    report_file: ReportFile = None,
) -> None:
    """Train a spaCy pipeline on a gold release.

    It predicts the spans of all layers, their attributes and the roles between them.
    """
    from workbench.cli.output import print_table
    from workbench.core.whitespace import quoted
    from workbench.training.report import TrainOptions

    run = call(context)
    lists = run.lists(report_file)
    options = TrainOptions(
        base=base or run.settings.preannotate.pipeline,
        epochs=epochs,
        max_minutes=max_minutes,
        seed=seed,
        max_misaligned=max_misaligned,
    )
    with lists.of_errors():
        outcome = run.workspace.train(release, options=options)
    trained = outcome.training
    for line in training_lines(trained):
        run.print(line)
    misaligned = (*trained.alignment.expanded, *trained.alignment.refused)
    lists.show(
        f"of {trained.alignment.spans} spans end inside a token",
        [(f"{one.article}: {one.layer} {one.label} {quoted(one.text)}", one.became) for one in misaligned],
    )
    lists.show(
        "articles were left out",
        [(id, f"by its choices about the document ({part.name})") for part in trained.parts for id in part.not_trained],
    )
    for comparison in outcome.comparisons:
        print_table(run.console, comparison_table(comparison))
    run.print(f"let annotators see it, if it is better: workbench models promote {trained.version}")


def evaluate(
    context: typer.Context,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Version of the model, as listed by `workbench models list`.")
    ],
    release: Annotated[
        str | None, typer.Option(help="Name of the gold release. Default: the one the model was trained on.")
    ] = None,
    part: Annotated[Part, typer.Option(help="Part of the release.")] = "test",
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    report_file: ReportFile = None,
) -> None:
    """Measure a model on a gold release.

    The rules and what annotators see now are measured beside it.
    """
    from workbench.cli.output import print_report, print_table

    run = call(context)
    with run.lists(report_file).of_errors():
        found = run.workspace.evaluate(model, release=release, part=part)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    for contestant in found.contestants[-1:]:
        print_report(run.console, contestant.evaluation.scores)
    print_table(run.console, comparison_table(found))


def training_lines(report: "TrainReport") -> list[str]:
    """What was learned, and what could not be."""
    lines = [
        f"{report.version}: trained on {report.release} in {report.seconds:.0f} s, {report.epochs} epochs over "
        f"{report.base}" + (", stopped because time was up" if report.stopped_early else "")
    ]
    for part in report.parts:
        spans = ", ".join(f"{number} {layer}" for layer, number in part.spans.items())
        lines.append(f"  {part.name:<5} {part.articles} articles ({part.empty} empty): {spans}, {part.arguments} roles")
    for label, number in report.nested.items():
        lines.append(f"  {number} {label} overlap a longer span of their kind and could not be taught")
    if report.out_of_reach:
        lines.append(f"  {report.out_of_reach} roles are too far from their frame and could not be taught")
    for field in report.fields_skipped:
        lines.append(f"  {field} is not learned: there are no examples of two values of it")
    for name in report.not_learned:
        lines.append(f"  {name} is kept and exported, but not learned: no model learns texts, ratings and numbers")
    return lines


def comparison_table(found: "Comparison") -> "Table":
    """Producers side by side, layer by layer."""
    from rich import box
    from rich.table import Table

    title = f"{found.part} part of {found.release}: {found.articles} articles"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    for name in ("F1 strict", "lenient", "roles F1", "frames F1", "corrections an article"):
        table.add_column(name, justify="right")
    for contestant in found.contestants:
        table.add_row(contestant.name, "", "", "", "", f"{contestant.evaluation.mean:.1f}", style="bold")
        for layer in contestant.layers:
            shares = (layer.strict_f1, layer.lenient_f1, layer.argument_f1, layer.frame_f1)
            cells = ["–" if share is None else f"{share:.2f}" for share in shares]
            table.add_row(f"  {layer.layer}", *cells, f"{layer.corrections:.1f}")
    return table
