"""`workbench server`: the workspace's own Label Studio."""

from typing import Annotated

import typer

from workbench.cli.context import call

app = typer.Typer(help="Run the workspace's own Label Studio.", no_args_is_help=True)


@app.command()
def start(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 opens it to a team. Default: this machine only.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port to listen on. Default: 8080, or the next free one if it is taken."),
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="Another host name under which the team reaches it. Repeatable.")
    ] = None,
) -> None:
    """Start Label Studio, or show where it runs.

    The first start installs it, which takes a few minutes.
    """
    run = call(context)
    with run.reporting() as show:
        show(run.workspace.start_server(host=host, port=port, allowed_hosts=allow_host or ()))


@app.command()
def stop(context: typer.Context) -> None:
    """Stop Label Studio. Its data is kept."""
    run = call(context)
    with run.reporting() as show:
        show(run.workspace.stop_server())


@app.command()
def status(
    context: typer.Context,
    show_login: Annotated[bool, typer.Option("--show-login", help="Also print the password and the API key.")] = False,
) -> None:
    """Show whether Label Studio runs, where, and its owner."""
    run = call(context)
    with run.reporting() as show:
        show(run.workspace.server_status(secrets=show_login))
