"""`workbench models`: what was trained, and what annotators see."""

from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.reporting import AsJson, ReportFile

app = typer.Typer(no_args_is_help=True, help="List trained models and promote one.")


@app.command("list")
def list_(context: typer.Context) -> None:
    """List models with their scores and promotions."""
    from rich import box
    from rich.table import Table

    from workbench.cli.output import print_table
    from workbench.store import models
    from workbench.workflows.comparison import Comparison

    run = call(context)
    with run.store.reading() as session:
        every, decisions, shown = models.every(session), models.promotions(session), models.champion(session)
    table = Table("model", "release", "base", "trained", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("corrections an article\n(dev)", justify="right")
    table.add_column("what annotators saw\nthen", justify="right")
    for model in every:
        means = ["", ""]
        if "dev" in model.report:
            dev = Comparison.model_validate(model.report["dev"])
            means = [f"{one.evaluation.mean:.1f}" for one in (*dev.contestants[-1:], *dev.contestants[:1])] or means
        table.add_row(model.version, model.release, model.base, model.created[:16].replace("T", " "), *means)
    if every:
        print_table(run.console, table)
    else:
        run.console.print("no model yet: train one with `workbench train RELEASE`", markup=False)
    for one in decisions:
        verdict = "promoted" if one.accepted else "refused"
        run.console.print(f"{one.decided[:16].replace('T', ' ')}  {one.model} {verdict}: {one.reason}", markup=False)
    run.console.print(f"annotators see {shown.model or 'the rules'}: {shown.reason}", markup=False)


@app.command()
def promote(
    context: typer.Context,
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Version of the model, as listed by `workbench models list`.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Promote the model even if it is not better.")] = False,
    because: Annotated[str, typer.Option("--because", metavar="TEXT", help="Why it is promoted by force.")] = "",
    as_json: AsJson = False,
    report_file: ReportFile = None,
) -> None:
    """Show a model's suggestions to annotators if they are better.

    Better means that they need fewer corrections than what annotators see now, on the dev part of the release (if that
    has less than ten stories, also on stories of the train part that were held back), by more than chance, and that no
    label gets worse by more than chance.
    """
    run = call(context)
    with run.reporting(report_file, as_json=as_json) as show:
        show(run.workspace.promote(model, force=force, because=because))
