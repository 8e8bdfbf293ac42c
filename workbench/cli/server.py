"""`workbench server`: the workspace's own Label Studio."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call

if TYPE_CHECKING:
    from workbench.cli.context import Call
    from workbench.labelstudio.server.embedded import Running

app = typer.Typer(help="The workspace's own Label Studio.", no_args_is_help=True)


@app.command()
def start(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option(help="Where to listen; 0.0.0.0 opens it to a team. Default: this machine only.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="The port, and no other. Default: 8080, or the next free one where it is taken."
        ),
    ] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="One more name under which the team reaches it. May be repeated.")
    ] = None,
) -> None:
    """Start Label Studio, or say where it runs. The first time it is installed first, which takes a few minutes."""
    run = call(context)
    configured = run.settings.label_studio
    # What nobody asks for is left as it is: a server that runs already may have been given another host or port.
    usual = run.server.status()
    running = run.server.start(
        run.progress,
        host=host or (usual or configured).host,
        port=port or (None if usual else configured.port_named),
        first_port=configured.port,
        webhook_host=configured.webhook.rpartition(":")[0],
        allowed_hosts=(*configured.allowed_hosts, *(allow_host or ())),
    )
    _print(run, running)


@app.command()
def stop(context: typer.Context) -> None:
    """Stop Label Studio. Its data stays."""
    run = call(context)
    run.console.print("Label Studio has ended" if run.server.stop() else "Label Studio was not running")


@app.command()
def status(
    context: typer.Context,
    show_login: Annotated[bool, typer.Option("--show-login", help="Also print the password and the API key.")] = False,
) -> None:
    """Show whether Label Studio runs, where, and who owns it."""
    run = call(context)
    running = run.server.status()
    if running is None:
        run.console.print("Label Studio does not run; start it with `workbench server start`", markup=False)
    else:
        _print(run, running)
    login = run.server.owner()
    if show_login and login is not None:
        run.console.print(f"password  {login.password}\nAPI key   {login.token}", markup=False)
    if running is None:
        raise typer.Exit(3)


def _print(run: "Call", running: "Running") -> None:
    from workbench.labelstudio.server.embedded import healthy

    login = run.server.owner()
    state = "" if healthy(running.url) else " (but it does not answer)"
    lines = [f"Label Studio {running.version} runs{state}", f"address   {running.url}"]
    lines += [f"          {url}" for url in running.team_urls]
    lines += [f"process   {running.pid}", f"log       {run.server.log}"]
    lines += [f"log in    {login.email} (password: `workbench server status --show-login`)"] if login else []
    for line in lines:
        run.console.print(line, markup=False)
