"""A changed label_config.xml brought to its project, or the project's to the workspace.

Nothing that was annotated is changed. A set stays under the scheme it was made under, which is kept in the store; where
it still fits, a release reads it under the new one.
"""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

from workbench.core.config_edit import config_edit
from workbench.core.counted import counted
from workbench.core.report import Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioError, LabelStudioUnavailable, SchemeError
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.project import guide
from workbench.labelstudio.project.projects import find_project
from workbench.labelstudio.pull.pull import pull
from workbench.reports.scheme_effects import SchemeChangeReport, effects, scheme_of
from workbench.store import (
    prediction_ledger,
    problems,
    projects,
    schemes,
)
from workbench.workflows.context import Context

BAD_REQUEST = 400
LISTED = 10
LOOKS = "its looks or hints"
ORPHANED = (
    "`workbench scheme diff` lists them by article; `--force` leaves them in the store under the old scheme, where no "
    "release takes them"
)
TAKEN_AWAY = (
    'where a label has only another name, add was="OLD NAME" to it on the settings page in Label Studio, in Code, and '
    "try again; `workbench scheme push` puts label_config.xml back there; `--force` leaves them in the store under the "
    "old scheme, where no release takes them"
)

RENAMED = (
    "what was annotated before counts under the new name; in Label Studio's page it stands without a name until somebody "
    "labels it again"
)


class SchemePullReport(Report):
    """What was taken from Label Studio. `kept` is where the label_config.xml of before is, None where it stayed as it was.

    `taken` says whether file or store changed. `pulled` annotations came in, just before and after; `to_renew` predictions
    are of the old scheme.
    """

    change: SchemeChangeReport
    taken: bool
    kept: Path | None
    pulled: int
    to_renew: int

    def shown(self) -> Iterator[Shown]:
        """What the change does, where the file of before is, and what comes next."""
        if not self.taken:
            yield "label_config.xml is the project's label config: there is nothing to take"
            return
        yield from self.change.told(hint=False)
        yield f"label_config.xml now has the label config of project {self.change.project_id}"
        if self.kept:
            yield f"the one of before is kept: {self.kept}"
        yield self.change.orphans()
        yield from _renewal(self.to_renew)


class SchemePushReport(Report):
    """What a change did. `pulled` annotations came in just before it; `to_renew` predictions are of the old scheme."""

    change: SchemeChangeReport
    pushed: bool
    pulled: int
    to_renew: int

    def shown(self) -> Iterator[Shown]:
        """What the change does, that the project has it, and what comes next."""
        yield from self.change.told(hint=not self.pushed)
        yield self.change.orphans()
        if self.pushed:
            yield f"project {self.change.project_id} ({self.change.title}) now has this label config"
        if any(effect.change.effect == "renamed" and effect.annotations for effect in self.change.effects):
            yield RENAMED
        yield from _renewal(self.to_renew)


def _renewal(to_renew: int) -> Iterator[str]:
    if to_renew:
        yield f"{counted(to_renew, 'suggestions are of the old scheme')}: `workbench preannotate`, then `workbench push`, renew them"


def scheme_diff(context: Context) -> SchemeChangeReport:
    """What label_config.xml changes, by what the store knows, and what somebody changed on the server since.

    A server that does not answer is done without.

    Raises:
        SchemeError: nothing was pushed to such a project yet.
        LabelStudioError: the project is gone, or Label Studio refuses.
    """
    store, title = context.store, context.settings.label_studio.project
    scheme, label_config = context.scheme, context.label_config
    embedded = not context.external_url
    with store.reading() as session:
        here = [p for p in projects.every(session) if p.title == title and (p.server == "embedded") == embedded]
        if not here:
            raise SchemeError(
                f"nothing was pushed to a project {title!r} yet, so label_config.xml may be changed as you like",
                hint="`workbench push` makes the project from it",
            )
        report = effects(session, here[-1], scheme, label_config)
    try:
        project, there = find_project(store, context.label_studio(), title=title)
    except LabelStudioUnavailable:
        return report.model_copy(update={"asked": False})
    return report.model_copy(update={"edited": _edited(project, there)})


def scheme_pull(context: Context, *, force: bool = False) -> SchemePullReport:
    """What was done to bring label_config.xml to what the project has in Label Studio, where somebody edited it.

    What people submitted so far is pulled first, and again afterwards where some of it did not fit. A run that dies after
    the file was written, and before the store says so, is finished by the next.

    Args:
        context: the workspace; its label_config.xml is replaced in one step, and kept in backups/.
        force: also where annotations or predictions don't fit any more.

    Raises:
        SchemeError: the project's config is no label scheme, or the file can't be written, or something would not fit any
            more and `force` is not set; nothing was changed.
        LabelStudioError: there is no project.
        LabelStudioUnavailable: no answer.
    """
    store, client, progress = context.store, context.label_studio(), context.progress
    title, path = context.settings.label_studio.project, context.settings.label_config
    with store.exclusive("push", progress):
        pulled = pull(store, client, progress, title=title).submitted
        with store.exclusive("pull", progress):
            project, there = find_project(store, client, title=title)
            theirs = str(there.get("label_config") or "").strip() + "\n"
            scheme = LabelScheme.from_xml(theirs, name=f"the label config of project {title} in Label Studio")
            with store.transaction() as session:
                report = effects(session, project, scheme, theirs)
                to_renew = 0 if report.same else sum(1 for _ in prediction_ledger.present_sets(session, project.id))
                waiting = bool(problems.unsettled(session, project.id))
            report = report.model_copy(update={"edited": _edited(project, there)})
            if not force:
                _refuse_orphans(report, TAKEN_AWAY)
            kept, written = _replace(path, theirs, context.settings.backups)
            if not written and not report.edited:
                return SchemePullReport(change=report, taken=False, kept=None, pulled=pulled, to_renew=0)
            with store.transaction() as session:
                schemes.keep(session, scheme_of(project))
                schemes.keep(session, scheme)
                projects.set_scheme(session, project.id, config=theirs, scheme_digest=scheme.digest)
            client.update_project(project.project_id, {"expert_instruction": guide.to_html(scheme)})
        if waiting:
            pulled += pull(store, client, progress, title=title).submitted
    return SchemePullReport(change=report, taken=True, kept=kept, pulled=pulled, to_renew=to_renew)


def scheme_push(context: Context, *, force: bool = False) -> SchemePushReport:
    """What was done to bring the project to the workspace's label_config.xml.

    What people submitted so far is pulled first, under the scheme that they saw. A run that dies after Label Studio took
    the config, and before the store says so, is finished by the next.

    Args:
        context: the workspace.
        force: also where annotations or predictions don't fit any more.

    Raises:
        SchemeError: something would not fit any more, and `force` is not set; nothing was changed.
        LabelStudioError: there is no project, or Label Studio refuses the config; nothing was changed.
        LabelStudioUnavailable: no answer.
    """
    scheme, label_config = context.scheme, context.label_config  # before the server is asked for
    store, client, progress = context.store, context.label_studio(), context.progress
    title = context.settings.label_studio.project
    with store.exclusive("push", progress):
        pulled = pull(store, client, progress, title=title).submitted
        with store.exclusive("pull", progress):
            project, there = find_project(store, client, title=title)
            with store.transaction() as session:
                report = effects(session, project, scheme, label_config)
                to_renew = 0 if report.same else sum(1 for _ in prediction_ledger.present_sets(session, project.id))
            report = report.model_copy(update={"edited": _edited(project, there)})
            if report.same and not report.redrawn and not report.edited:
                return SchemePushReport(change=report, pushed=False, pulled=pulled, to_renew=0)
            if not force:
                _refuse_orphans(report)
            _ask(client, project, scheme, label_config, force=force)
            with store.transaction() as session:
                schemes.keep(session, scheme_of(project))
                schemes.keep(session, scheme)
            _patch(client, project, scheme, label_config)
            with store.transaction() as session:
                projects.set_scheme(session, project.id, config=label_config, scheme_digest=scheme.digest)
    return SchemePushReport(change=report, pushed=True, pulled=pulled, to_renew=to_renew)


def _edited(project: projects.Project, there: wire.Project) -> tuple[str, ...]:
    """What somebody changed in the project's label config on its settings page, in words."""
    edit = config_edit(project, there.get("label_config"))
    return (edit.changes or (LOOKS,)) if edit else ()


def _replace(path: Path, text: str, backups: Path) -> tuple[Path | None, bool]:
    """Where the file of before is kept, and whether the file had to be written: in one step, or not at all."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        before = path.read_bytes() if path.exists() else None
        if before is not None and before.decode("utf-8", "replace").strip() == text.strip():
            return None, False
        kept = _free(backups / f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S}{path.suffix}") if before else None
        if kept is not None:
            backups.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(before or b"")
        with new.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if before is not None:
            new.chmod(stat.S_IMODE(path.stat().st_mode))
        new.replace(path)
    except OSError as error:
        raise SchemeError(
            f"{error.filename or path} cannot be written: {error.strerror or error}; {path} is as it was",
            hint="make room, or give yourself the right to write there",
        ) from error
    finally:
        new.unlink(missing_ok=True)
    return kept, True


def _free(path: Path) -> Path:
    """The path, or with a number where there is such a file already."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


def _refuse_orphans(report: SchemeChangeReport, hint: str = ORPHANED) -> None:
    if not report.orphaned and not report.orphaned_predictions:
        return
    why = [effect.text for effect in report.effects if effect.orphans and (effect.annotations or effect.predictions)]
    rest = f"; and {len(why) - LISTED} more" if len(why) > LISTED else ""
    raise SchemeError(
        f"{counted(len(report.orphaned), 'annotations')} and {counted(report.orphaned_predictions, 'predictions')} would not fit any more: "
        f"{'; '.join(why[:LISTED])}{rest}",
        hint=hint,
    )


def _ask(
    client: LabelStudioClient, project: projects.Project, scheme: LabelScheme, label_config: str, *, force: bool
) -> None:
    """Asks Label Studio what it has against the config; it alone knows of drafts, and of what was not pulled."""
    complaint = client.check_config(label_config)
    if complaint:
        raise LabelStudioError(f"Label Studio refuses the label config: {complaint}", hint="fix label_config.xml")
    complaint = None if force else client.check_change(project.project_id, _with_earlier(label_config, scheme))
    if complaint:
        raise LabelStudioError(
            f"annotations or drafts in Label Studio use something that the new config lacks: {complaint}",
            hint="let annotators submit or discard their drafts and try again; or `workbench scheme pull`, where the "
            "label config was edited in Label Studio; or `--force`, after which they have to correct these by hand",
        )


def _with_earlier(label_config: str, scheme: LabelScheme) -> str:
    """The config with the earlier names of labels as labels, so that what has them counts as fitting."""
    if not scheme.label_now:
        return label_config
    root = ElementTree.fromstring(label_config)
    for element in root.iter("Labels"):
        for layer, name in scheme.label_now:
            if layer == element.get("name"):
                ElementTree.SubElement(element, "Label", {"value": name})
    return ElementTree.tostring(root, encoding="unicode")


def _patch(client: LabelStudioClient, project: projects.Project, scheme: LabelScheme, label_config: str) -> None:
    try:
        client.update_project(
            project.project_id, {"label_config": label_config, "expert_instruction": guide.to_html(scheme)}
        )
    except LabelStudioError as error:
        if error.facts.get("status") != BAD_REQUEST:
            raise
        # It refuses, whatever one says, to take away a layer or an attribute that an annotation or draft uses.
        raise LabelStudioError(
            f"Label Studio refuses to change project {project.project_id}; nothing was changed: {error.message}",
            hint="leave the layer or attribute in label_config.xml, or give the new scheme a project of its own: "
            "`project` in workbench.toml, then `workbench push`",
        ) from error
