"""The tasks of a project as they are on the server: found, told apart, marked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from workbench.core.article import ArticleKey
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion.task import in_order, key_of


@dataclass(frozen=True, slots=True)
class Found:
    """A task on the server: the model versions of its predictions, and whether somebody has worked on it."""

    task_id: int
    versions: frozenset[str]
    worked_on: bool
    finished: bool


def sweep(
    client: LabelStudioClient,
    project_id: int,
    where: wire.Filters | None = None,
    look: Callable[[wire.TaskState], None] | None = None,
) -> dict[ArticleKey | None, list[Found]]:
    """The tasks of a project by the article version that they are about, oldest first; under None all others.

    `look` is shown each task as it comes, with its data.
    """
    found: dict[ArticleKey | None, list[Found]] = {}
    known: dict[str, frozenset[str]] = {}
    for state in client.task_states(project_id, where=where):
        if look is not None:
            look(state)
        joined = state["predictions_model_versions"]
        versions = known.setdefault(joined, frozenset(filter(None, joined.split(","))))
        worked_on = bool(state["annotations_ids"]) or state["draft_exists"]
        task = Found(state["id"], versions, worked_on, state["is_labeled"])
        found.setdefault(key_of(state["data"]), []).append(task)
    return found


def about(article_ids: Iterable[str]) -> wire.Filters:
    """The tasks of these articles."""
    return _in_list("filter:tasks:data.article_id", list(article_ids))


def with_ids(task_ids: Iterable[int]) -> wire.Filters:
    """The tasks with these ids."""
    return _in_list("filter:tasks:id", list(task_ids))


def mark(client: LabelStudioClient, task: wire.Task, *, note: str | None = None, priority: float | None = None) -> None:
    """Writes note and priority into a task; nothing is sent where it says so already."""
    data = dict(task["data"])
    if note is not None:
        data["note"] = note
    if priority is not None:
        data |= in_order(priority)
    if data != task["data"]:
        client.update_task(task["id"], data)


def _in_list(name: str, value: list[str] | list[int]) -> wire.Filters:
    item: wire.Filter = {"filter": name, "operator": "in_list", "type": "List", "value": value}
    return {"conjunction": "and", "items": [item]}
