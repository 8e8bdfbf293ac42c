"""Looks the whole set-up over, and says what to do about each fault."""

import json
import shutil
import sys
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path
from typing import cast

from workbench.core.counted import counted
from workbench.core.report import Line, Report, Shown, Style
from workbench.core.scheme import LabelScheme
from workbench.errors import WorkbenchError
from workbench.labelstudio.server import checks
from workbench.labelstudio.server.checks import Check, State, fail, ok, warn
from workbench.labelstudio.server.embedded import healthy
from workbench.store import Store
from workbench.version import __version__
from workbench.workflows.context import Context
from workbench.workflows.registry_checks import registry_checks

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
LITTLE_ROOM = 2 * 1024**3
NO_ROOM = 200 * 1024**2
NAMED = ("spacy", "label-studio-sdk")
"""Packages whose version a user is likely to be asked for."""
COMMAND = "workbench.cli.app:main"
"""What the command `workbench` calls, by which its distribution is found."""
STYLES: dict[State, Style] = {"ok": "good", "warn": "doubtful", "fail": "bad"}


class Diagnosis(Report):
    """All that was looked at, in order."""

    checks: tuple[Check, ...]

    @property
    def healthy(self) -> bool:
        """Whether no check failed."""
        return not any(check.state == "fail" for check in self.checks)

    def shown(self) -> Iterator[Shown]:
        """A line for each check, and below it what to do."""
        for check in self.checks:
            yield Line(f"{check.state:<5}", f"{check.name:<13}{check.message}", STYLES[check.state])
            if check.hint:
                yield f"{'':<18}{check.hint}"

    def failure(self) -> WorkbenchError | None:
        """That a check failed."""
        failed = sum(check.state == "fail" for check in self.checks)
        return WorkbenchError(counted(failed, "checks failed"), hint="each says above what to do") if failed else None


def examine(context: Context) -> Diagnosis:
    """What was found. A part that cannot be looked at is a failed check, and the rest goes on."""
    return Diagnosis(checks=tuple(_all(context)))


def _all(context: Context) -> Iterator[Check]:
    settings, server = context.settings, context.server
    yield from _python()
    yield from _packages()
    yield _pipeline(settings.preannotate.pipeline)
    yield _room(settings.root)
    yield from checks.private_files(settings.label_studio_folder)
    label_scheme: LabelScheme | None = None
    opened: Store | None = None
    try:
        label_scheme = context.scheme
        yield ok(
            "label config",
            f"it defines {counted(len(label_scheme.layers), 'layers')} and {counted(len(label_scheme.roles), 'roles')}",
        )
    except WorkbenchError as error:
        yield checks.explained("label config", error)
    try:
        opened = context.store
        yield ok("store", f"{opened.name} is of this version")
        yield from registry_checks(opened, settings.models)
    except WorkbenchError as error:
        yield checks.explained("store", error)
    if not context.external_url:
        yield from checks.embedded_server(server)
        running = server.status()
        if running is None or not healthy(running.url):
            return
    try:
        client = context.label_studio()
    except WorkbenchError as error:
        yield checks.explained("Label Studio", error)
        return
    about_server = list(checks.reachable_server(client))
    yield from about_server
    if label_scheme is None or any(check.state == "fail" for check in about_server if check.name != "sign-up"):
        return
    yield from checks.config_on_server(client, context.label_config)
    if opened is not None:
        title, overlap = settings.label_studio.project, settings.label_studio.overlap
        yield from checks.project(client, opened, label_scheme, title=title, overlap=overlap)


def _python() -> Iterator[Check]:
    here = sys.version_info[:2]
    message = f"Python {sys.version.split()[0]}"
    if OLDEST_PYTHON <= here <= NEWEST_PYTHON:
        yield ok("python", message)
    else:
        yield fail(
            "python", f"{message} is not supported", "make the virtual environment with Python 3.11, 3.12 or 3.13"
        )


def requirements() -> list[str]:
    """What the installed distribution asks for, whatever its name: the one whose command `workbench` is ours."""
    for point in metadata.entry_points(group="console_scripts", name="workbench"):
        if point.value == COMMAND and point.dist is not None:
            return point.dist.requires or []
    return []


def _packages() -> Iterator[Check]:
    """The packages that the workbench pins: any other version was not tested with it."""
    for requirement in requirements():
        name, pinned, wanted = requirement.partition("==")
        if not pinned or ";" in requirement:
            continue
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield fail("packages", f"{name} is not installed", f"pip install {requirement}")
            continue
        if found != wanted:
            yield fail("packages", f"{name} is {found}, not {wanted}", f"pip install {requirement}")
    named = ", ".join(f"{name} {metadata.version(name)}" for name in NAMED)
    yield ok("packages", f"workbench {__version__}, {named}")


def _pipeline(name: str) -> Check:
    """The spaCy pipeline below the rules. It is looked for, not loaded."""
    from workbench.pipeline import base

    try:
        found = base.resolve(name)
        package = util.find_spec(found) if found.isidentifier() else None
        folder = Path(package.origin).parent if package and package.origin else Path(found)
        described = cast("dict[str, str]", json.loads((folder / "meta.json").read_text(encoding="utf-8")))
    except WorkbenchError as error:
        return checks.explained("pipeline", error)
    except (OSError, ValueError) as error:
        return fail("pipeline", f"the spaCy pipeline {name} is damaged: {error}", "install it again")
    return ok("pipeline", f"{found} {described.get('version', '')} for spaCy {described.get('spacy_version', '')}")


def _room(root: Path) -> Check:
    free = shutil.disk_usage(root).free
    message = f"{free / 1024**3:.1f} GB free at {root}"
    if free < NO_ROOM:
        return fail("disk", message, "make room before anything else")
    return (
        warn("disk", message, "make room soon: models and backups take some")
        if free < LITTLE_ROOM
        else ok("disk", message)
    )
