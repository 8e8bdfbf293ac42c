"""`workbench models`: what was trained, and what annotators see."""

from typing import Annotated

import typer

from workbench.cli.context import call

app = typer.Typer(no_args_is_help=True, help="Trained models: list them, and let annotators see one.")


@app.command("list")
def list_(context: typer.Context) -> None:
    """List the models with their scores, and the decisions about them."""
    from rich import box
    from rich.table import Table

    from workbench.cli.output import print_table
    from workbench.store import models
    from workbench.workflows.learning import Comparison

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
    seen = (shown.model or "the rules") + (", with the rules as fallback" if shown.rules_as_fallback else "")
    run.console.print(f"annotators see {seen}", markup=False)


@app.command()
def promote(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A version that `workbench models list` shows.")],
    force: Annotated[bool, typer.Option("--force", help="Promote it even if it is no better.")] = False,
) -> None:
    """Let annotators see a model's suggestions, where they need fewer corrections than what they see now."""
    from workbench.errors import ModelError

    run = call(context)
    decision = run.workspace.promote(model, force=force)
    if not decision.accepted:
        raise ModelError(
            f"{model} is not promoted: {decision.reason}", hint="annotate more and train again, or use --force"
        )
    run.console.print(f"{model} is promoted: {decision.reason}", markup=False)
    run.console.print("`workbench preannotate` and `workbench push` bring its suggestions to annotators", markup=False)
