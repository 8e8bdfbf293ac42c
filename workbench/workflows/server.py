"""The workspace's own Label Studio: started as the settings say, stopped, and where it runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import Field

from workbench.core.report import Report, Shown
from workbench.errors import LabelStudioUnavailable, WorkbenchError
from workbench.labelstudio.server.embedded import Running, healthy
from workbench.labelstudio.server.login import Login
from workbench.workflows.context import Context


class ServerReport(Report):
    """Where the workspace's Label Studio runs; `running` is None where it does not.

    `answers` says whether it does. `owner` may do everything there; its password and key are shown only where `secrets`
    are asked for.
    """

    running: Running | None
    answers: bool = False
    log: Path
    owner: Login | None = Field(default=None, repr=False)
    secrets: bool = False

    def shown(self) -> Iterator[Shown]:
        """The version, the addresses, the process and its log, and who owns it."""
        if self.running:
            yield f"Label Studio {self.running.version} runs" + ("" if self.answers else " (but it does not answer)")
            yield f"address   {self.running.url}"
            yield from (f"          {url}" for url in self.running.team_urls)
            yield f"process   {self.running.pid}"
            yield f"log       {self.log}"
            if self.owner:
                yield f"log in    {self.owner.email} (password: `workbench server status --show-login`)"
        if self.secrets and self.owner:
            yield f"password  {self.owner.password}"
            yield f"API key   {self.owner.token}"

    def failure(self) -> WorkbenchError | None:
        """That it does not run."""
        if self.running:
            return None
        return LabelStudioUnavailable("Label Studio does not run", hint="start it with `workbench server start`")


class StopReport(Report):
    """Whether a server ran; it has ended."""

    ran: bool

    def shown(self) -> Iterator[Shown]:
        """That it has ended, or did not run."""
        yield "Label Studio has ended" if self.ran else "Label Studio was not running"


def start(
    context: Context, *, host: str | None = None, port: int | None = None, allowed_hosts: Sequence[str] = ()
) -> ServerReport:
    """Where the workspace's Label Studio runs now; one that runs already is left as it is.

    Args:
        context: the workspace, whose settings say what is not said here.
        host: the address to listen on; 0.0.0.0 opens it to a team.
        port: the port to listen on.
        allowed_hosts: further host names under which a team reaches it.

    Raises:
        LabelStudioError: it runs already at another address, the port is taken, or it did not start.
    """
    configured = context.settings.label_studio
    # What nobody asks for is left as it is: a server that runs already may have been given another host or port.
    usual = context.server.status()
    context.server.start(
        context.progress,
        host=host or (usual or configured).host,
        port=port or (None if usual else configured.port_named),
        first_port=configured.port,
        webhook_host=configured.webhook.rpartition(":")[0],
        allowed_hosts=(*configured.allowed_hosts, *allowed_hosts),
    )
    return status(context)


def status(context: Context, *, secrets: bool = False) -> ServerReport:
    """Where the workspace's Label Studio runs, if it does; with `secrets`, the owner's password and API key are shown."""
    running = context.server.status()
    return ServerReport(
        running=running,
        answers=running is not None and healthy(running.url),
        log=context.server.log,
        owner=context.server.owner(),
        secrets=secrets,
    )


def stop(context: Context) -> StopReport:
    """Whether the workspace's Label Studio ran; its data is kept.

    Raises:
        LabelStudioError: it could not be ended.
    """
    return StopReport(ran=context.server.stop())
