"""`workbench doctor`: looks the whole set-up over."""

from typing import Annotated

import typer

from workbench.cli.context import call

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False
) -> None:
    """Check the whole set-up, and say what to do about each fault."""
    from rich.text import Text

    from workbench.printable import printable_block as printable
    from workbench.workflows.doctor import examine

    run = call(context)
    diagnosis = examine(
        run.settings,
        external=bool(run.external_url),
        server=run.server,
        scheme=lambda: run.scheme,
        store=lambda: run.store,
        connect=run.label_studio,
    )
    if as_json:
        typer.echo(diagnosis.model_dump_json(indent=2))
    else:
        for check in diagnosis.checks:
            state = Text(f"{check.state:<5}", style=COLOURS[check.state])
            run.console.print(state + Text(printable(f"{check.name:<13}{check.message}")))
            if check.hint:
                run.console.print(Text(printable(f"{'':<18}{check.hint}")))
    if not diagnosis.healthy:
        raise typer.Exit(1)
