"""What can be wrong with Label Studio: each check says what it found and, where that is a fault, what to do."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from workbench.core.config_edit import HINT as CONFIG_HINT
from workbench.core.config_edit import config_edit
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioError, WorkbenchError
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.api.session import signup_is_open
from workbench.labelstudio.server import accounts, installation, login, private
from workbench.labelstudio.server.embedded import LOOPBACK, Server, healthy
from workbench.store import Store, projects

OLDEST = (1, 23, 1)
"""Versions before this have known security holes that let an annotator read what is not theirs: see docs/security.md."""
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?P<before>[._-]?(?:a|alpha|b|beta|c|rc|dev)\d*)?")

State = Literal["ok", "warn", "fail"]


class Check(Frozen):
    """One thing that was looked at. `hint` says what to do where it is not ok."""

    name: str
    state: State
    message: str
    hint: str = ""


def ok(name: str, message: str) -> Check:
    """A check that found nothing wrong."""
    return Check(name=name, state="ok", message=message)


def warn(name: str, message: str, hint: str) -> Check:
    """A check that found what need not be a fault."""
    return Check(name=name, state="warn", message=message, hint=hint)


def fail(name: str, message: str, hint: str) -> Check:
    """A check that found a fault."""
    return Check(name=name, state="fail", message=message, hint=hint)


_SECRET_FILES = (
    *(login.FILE, accounts.FILE, "server.json", ".env", "server.log", "server.log.1"),
    *(f"{login.DATABASE}{part}" for part in ("", "-wal", "-shm")),
)


def private_files(folder: Path) -> Iterator[Check]:
    """Whether secrets can be read by others."""
    found = [folder, *(folder / name for name in _SECRET_FILES)]
    open_ones = [path for path in found if path.exists() and private.open_to_others(path)]
    for path in open_ones:
        yield fail("secrets", f"{path} can be read by others", f"chmod {700 if path.is_dir() else 600} {path}")
    if folder.exists() and not open_ones:
        yield ok("secrets", "passwords and tokens can be read by you alone")


def embedded_server(server: Server) -> Iterator[Check]:
    """Whether the workspace's own server is installed and answers."""
    found = installation.locate(server.cache)
    if not found.complete:
        yield warn(
            "installation", "Label Studio is not installed yet", "`workbench server start` does it, in a few minutes"
        )
    running = server.status()
    if running is None:
        yield fail("server", "Label Studio does not run", "`workbench server start`")
    elif not healthy(running.url):
        yield fail(
            "server",
            f"Label Studio (process {running.pid}) does not answer at {running.url}",
            f"see {server.log}, then `workbench server stop` and `start`",
        )
    else:
        yield ok("server", f"Label Studio answers at {running.url}, process {running.pid}")


def reachable_server(client: LabelStudioClient) -> Iterator[Check]:
    """What can be said of any server that answers: its version, the API key, whether strangers can sign up."""
    try:
        yield _version(client.version())
        yield ok("API key", f"it is good; the server knows you as {client.whoami()['email']}")
        yield _sign_up(client)
    except LabelStudioError as error:
        name = "API key" if error.facts.get("status") in (401, 403) else "server"
        yield fail(name, error.message, error.hint)


def config_on_server(client: LabelStudioClient, label_config: str) -> Iterator[Check]:
    """Whether the server takes the label config."""
    try:
        complaint = client.check_config(label_config)
    except LabelStudioError as error:
        yield fail("label config", error.message, error.hint)
        return
    if complaint:
        yield fail("label config", complaint, "fix label_config.xml")
    else:
        yield ok("label config", "Label Studio takes it")


def project(
    client: LabelStudioClient, store: Store, scheme: LabelScheme, *, title: str, overlap: int
) -> Iterator[Check]:
    """Whether the project is there, in step with the workspace, and shows its suggestions to annotators.

    Label Studio shows a prediction when the project's `show_collab_predictions` is on and its `model_version` is the
    prediction's, letter by letter. Switching the first off also empties the second. With
    `reveal_preannotations_interactively` nothing shows until the annotator draws a box, which a text has not.
    """
    with store.transaction() as session:
        known = projects.find(session, client.server, title)
    if known is None:
        yield warn("project", f"nothing was pushed to a project {title!r} yet", "`workbench push`")
        return
    try:
        there = client.project(known.project_id)
        versions = client.model_versions(known.project_id)
    except LabelStudioError as error:
        if error.facts.get("status") == 404:
            yield fail(
                "project",
                f"project {known.project_id} ({title}) is gone from Label Studio",
                "`workbench push --new-project` makes a new one; what was pulled is kept",
            )
        else:
            yield fail("project", error.message, error.hint)
        return
    yield _same_scheme(known, there, scheme)
    if there.get("maximum_annotations", 1) != overlap:
        yield warn(
            "overlap",
            f"{there.get('maximum_annotations')} people annotate each article, the workspace asks for {overlap}",
            "`workbench push` sets it",
        )
    yield _suggestions(known, there, versions)


def _version(found: str) -> Check:
    if not is_safe(found):
        return fail("version", f"Label Studio {found} has known security holes", "move to 1.23.1 or later")
    if found != installation.VERSION:
        return warn(
            "version",
            f"Label Studio {found} was not tested",
            f"{installation.VERSION} was tested; this one may work too",
        )
    return ok("version", f"Label Studio {found}")


def is_safe(version: str) -> bool:
    """Whether a version of Label Studio has the fixes of 1.23.1; one that comes before a release has not all of them."""
    found = _VERSION.match(version)
    if found is None:
        return False
    numbers = tuple(int(number or 0) for number in found.groups()[:3])
    return numbers > OLDEST or (numbers == OLDEST and not found["before"])


def refuse_unsafe(client: LabelStudioClient) -> None:
    """Checks that articles can be brought to this server: that its version is one with every known hole closed.

    Raises:
        LabelStudioError: it is not, or no version is told.
        LabelStudioUnavailable: no answer.
    """
    found = client.version()
    if not is_safe(found):
        raise LabelStudioError(
            f"Label Studio {found} at {client.url} has known security holes, so nothing is pushed to it",
            hint="move to 1.23.1 or later; `workbench pull` still fetches what was done there",
        )


def _sign_up(client: LabelStudioClient) -> Check:
    if not signup_is_open(client.url):
        return ok("sign-up", "only who has the invite link can sign up")
    message = "anybody who reaches Label Studio can sign up, and sees every article"
    hint = "start it with LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK=true"
    local = any(f"//{host}:" in client.url for host in LOOPBACK)
    return warn("sign-up", message, hint) if local else fail("sign-up", message, hint)


def _same_scheme(known: projects.Project, there: wire.Project, scheme: LabelScheme) -> Check:
    """Whether project, store and file have one label scheme, and if not, which of them somebody changed."""
    edit = config_edit(known, there.get("label_config"))
    given = LabelScheme.from_xml(known.config, name=f"the label config of project {known.title}")
    if edit:
        return (fail if edit.changes else warn)("project", str(edit), CONFIG_HINT)
    if given.digest != scheme.digest:
        return fail(
            "project",
            f"label_config.xml was changed: project {there['id']} ({known.title}) has another label scheme",
            "`workbench scheme diff` shows what differs; `workbench scheme push` brings the project to the file, "
            "`workbench scheme pull` the file to the project",
        )
    return ok(
        "project", f"project {there['id']} ({there.get('title')}) has {counted(there.get('task_number', 0), 'tasks')}"
    )


def _suggestions(known: projects.Project, there: wire.Project, versions: dict[str, int]) -> Check:
    name = "suggestions"
    again = "`workbench push` sets it right"
    if not there.get("show_collab_predictions"):
        return fail(name, "annotators see no suggestions: the project does not show predictions", again)
    shown = there.get("model_version") or ""
    if not shown:
        return fail(name, "annotators see no suggestions: the project has no model version", again)
    if not versions.get(shown):
        have = ", ".join(version for version, number in versions.items() if number) or "none"
        return fail(
            name,
            f"annotators see no suggestions: the project shows {shown!r}, which has none; there are those of {have}",
            again,
        )
    if there.get("reveal_preannotations_interactively"):
        return fail(name, "annotators see no suggestions until they draw a box", again)
    if known.model_version and known.model_version != shown:
        return warn(name, f"annotators see the suggestions of {shown}, not those of {known.model_version}", again)
    tasks = there.get("task_number") or 0
    if versions[shown] < tasks:
        return ok(name, f"annotators see the suggestions of {shown}, on {versions[shown]} of {counted(tasks, 'tasks')}")
    return ok(name, f"annotators see the suggestions of {shown}, on every task")


def explained(name: str, error: WorkbenchError) -> Check:
    """The failed check that an error stands for."""
    return fail(name, error.message, error.hint)
