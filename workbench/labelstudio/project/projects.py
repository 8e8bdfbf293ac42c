"""The project that articles are pushed to: made from the label config, remembered in the store, kept in step with it."""

from collections.abc import Callable
from typing import TypeVar

from workbench.core.config_edit import HINT as CONFIG_HINT
from workbench.core.config_edit import ConfigEdit, config_edit, same_config
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioError
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import NOT_FOUND, LabelStudioClient
from workbench.labelstudio.project import guide
from workbench.store import Store, projects

T = TypeVar("T")

HIDDEN = [
    "inner_id",
    "annotations_results",
    "annotations_ids",
    "predictions_score",
    "predictions_results",
    "predictions_model_versions",
    "file_upload",
    "storage_filename",
    "created_at",
    "updated_at",
    "updated_by",
    "avg_lead_time",
    "draft_exists",
    "data.article_id",
    "data.article_version",
    "data.story_group",
    "data.source_shown",
    "data.queue",
]
"""Columns that say little to whoever looks for an article in the project's list."""


class Plan(Frozen):
    """What the project is to be.

    Attributes:
        title: 3 to 50 characters.
        label_config: the XML that it shows.
        overlap_of_new: how many people annotate each article, where the project is new.
        review_round: 0 where articles are annotated, else the round in which annotations are adjudicated.
    """

    title: str
    label_config: str
    overlap_of_new: int = 1
    review_round: int = 0


class Opened(Frozen):
    """A project that is there on the server and in the store.

    `made` says that it is new, `edit` what somebody changed in its label config on its settings page.
    """

    project: projects.Project
    shown: str | None
    made: bool
    edit: ConfigEdit | None = None


def open_project(
    store: Store,
    client: LabelStudioClient,
    scheme: LabelScheme,
    plan: Plan,
    *,
    overlap: int | None = None,
    fresh: bool = False,
) -> Opened:
    """The project with the plan's title that the store remembers; a new one where it remembers none.

    Args:
        store: remembers the project.
        client: acts as somebody who may make projects.
        scheme: what the plan's label config means.
        plan: what the project is to be.
        overlap: how many people annotate each article; None leaves it as it is.
        fresh: make a new project where the remembered one is gone from the server.

    Raises:
        LabelStudioError: the project is gone, or was made for a scheme of another meaning, or the server refuses.
        LabelStudioUnavailable: no answer.
    """
    title = plan.title
    with store.transaction() as session:
        known = projects.find(session, client.server, title)
    there = _unless_gone(client.project, known.project_id) if known else None
    if known and there is None and not fresh:
        raise LabelStudioError(
            f"project {known.project_id} ({title}) is gone from Label Studio at {client.url}; "
            "what was pulled from it is kept",
            hint="`workbench push --new-project` makes a new one and sends its articles again",
            project=known.project_id,
        )
    if known is None or there is None:
        return _make(store, client, scheme, plan, overlap=overlap or plan.overlap_of_new)
    edit = _keep_in_step(store, client, scheme, known, there, label_config=plan.label_config, overlap=overlap)
    return Opened(project=known, shown=there.get("model_version") or None, made=False, edit=edit)


def find_project(store: Store, client: LabelStudioClient, *, title: str) -> tuple[projects.Project, wire.Project]:
    """The project with this title as the store and as the server have it.

    Raises:
        LabelStudioError: the store knows none, or it is gone from the server.
        LabelStudioUnavailable: no answer.
    """
    return _find(store, client, client.project, title)


def find_counts(store: Store, client: LabelStudioClient, *, title: str) -> tuple[projects.Project, wire.Counts]:
    """As `find_project`, with no more of the project on the server than its numbers and label config, which come sooner."""
    return _find(store, client, client.counts, title)


def show_suggestions(store: Store, client: LabelStudioClient, project: projects.Project, model_version: str) -> bool:
    """Whether the project had to be told to show the suggestions of this model version."""
    there = client.project(project.project_id)
    changed = there.get("model_version") != model_version
    if changed:
        client.update_project(project.project_id, {"model_version": model_version, "show_collab_predictions": True})
    with store.transaction() as session:
        projects.set_model_version(session, project.id, model_version)
    return changed


def view(scheme: LabelScheme) -> wire.View:
    """The tab of the project's list: the highest priority first, with the columns that tell articles apart."""
    hidden = [f"tasks:{column}" for column in (*HIDDEN, f"data.{scheme.text_field}")]
    return {
        "title": "By priority",
        "type": "list",
        "target": "tasks",
        "ordering": ["-tasks:data.queue"],
        "columnsDisplayType": {"tasks:data.priority": "Number"},
        "hiddenColumns": {"explore": hidden, "labeling": [*hidden, "tasks:completed_at", "tasks:annotators"]},
    }


def _find(store: Store, client: LabelStudioClient, ask: Callable[[int], T], title: str) -> tuple[projects.Project, T]:
    with store.transaction() as session:
        known = projects.find(session, client.server, title)
    if known is None:
        raise LabelStudioError(
            f"nothing was pushed to a project {title!r} at {client.url} yet", hint="`workbench push` makes it"
        )
    there = _unless_gone(ask, known.project_id)
    if there is None:
        raise LabelStudioError(
            f"project {known.project_id} ({title}) is gone from Label Studio at {client.url}; "
            "what was pulled from it is kept",
            hint="`workbench push --new-project` makes a new one",
            gone=True,
        )
    return known, there


def _unless_gone(ask: Callable[[int], T], project_id: int) -> T | None:
    try:
        return ask(project_id)
    except LabelStudioError as error:
        if error.facts.get("status") != NOT_FOUND:
            raise
        return None


def _make(store: Store, client: LabelStudioClient, scheme: LabelScheme, plan: Plan, *, overlap: int) -> Opened:
    title, label_config = plan.title, plan.label_config
    complaint = client.check_config(label_config)
    if complaint:
        raise LabelStudioError(
            f"Label Studio refuses the label config: {complaint}", hint="fix label_config.xml", title=title
        )
    description = f"News articles, pushed and pulled by the workbench. Scheme {scheme.digest}."
    # A run that died after making the project, and before writing it down, left an empty one with this description.
    left = [p for p in client.find_projects(title) if _is_left(p, description)]
    with store.transaction() as session:
        ours = {p.project_id for p in projects.every(session) if p.server == client.server}
    left = [p for p in left if p["id"] not in ours]
    fields: wire.ProjectFields = {
        "title": title,
        "description": description,
        "label_config": label_config,
        "expert_instruction": guide.to_html(scheme),
        "show_instruction": True,
        "show_skip_button": True,
        "enable_empty_annotation": True,
        "show_collab_predictions": True,
        "evaluate_predictions_automatically": False,
        "maximum_annotations": overlap,
        "sampling": "Sequential sampling",
    }
    made = client.update_project(left[0]["id"], fields) if left else client.create_project(fields)
    if not left:
        client.create_view(made["id"], view(scheme))
    with store.transaction() as session:
        project = projects.add(
            session,
            server=client.server,
            project_id=made["id"],
            title=title,
            scheme_digest=scheme.digest,
            config=label_config,
            review_round=plan.review_round,
        )
    return Opened(project=project, shown=None, made=True)


def _is_left(project: wire.Project, description: str) -> bool:
    return project.get("description") == description and not project.get("task_number")


def _keep_in_step(
    store: Store,
    client: LabelStudioClient,
    scheme: LabelScheme,
    known: projects.Project,
    there: wire.Project,
    *,
    label_config: str,
    overlap: int | None,
) -> ConfigEdit | None:
    """Gives the project what changed in looks, hints and overlap; what somebody changed in its label config, if anybody."""
    theirs = there.get("label_config")
    edit = None if theirs and same_config(theirs, label_config) else config_edit(known, theirs)
    if known.scheme_digest != scheme.digest:
        raise LabelStudioError(
            f"label_config.xml differs from the label scheme of project {known.project_id} ({known.title})"
            + (f"; and {edit}" if edit else ""),
            hint="`workbench scheme diff` shows what that does to annotations, `workbench scheme push` brings the "
            "project to it; or undo the change, or give the new scheme its own project: `project` in workbench.toml",
            project=known.project_id,
        )
    if edit and edit.takes_away:
        raise LabelStudioError(f"{edit}; suggestions need not fit it, so nothing was pushed", hint=CONFIG_HINT)
    fields: wire.ProjectFields = {}
    if known.config != label_config and edit is None:
        fields["label_config"] = label_config
        fields["expert_instruction"] = guide.to_html(scheme)
    if overlap is not None and there.get("maximum_annotations") != overlap:
        fields["maximum_annotations"] = overlap
    if fields:
        client.update_project(known.project_id, fields)
    if "label_config" in fields:
        with store.transaction() as session:
            projects.set_config(session, known.id, label_config)
    return edit
