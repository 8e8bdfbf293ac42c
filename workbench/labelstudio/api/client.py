"""The one place that speaks to Label Studio: typed methods over its HTTP API.

`connect` gives a client for any server; `server.Server.client` one for the embedded server. A client acts as the user
whose API key it holds, and `accounts.sign_in` gives that of an annotator.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, cast

from workbench.core.counted import counted
from workbench.errors import LabelStudioError, LabelStudioUnavailable
from workbench.labelstudio.api import direct, wire
from workbench.labelstudio.api.shapes import shaped
from workbench.labelstudio.api.transport import Transport, usable_key

if TYPE_CHECKING:
    from label_studio_sdk.types.view_data_request_request import ViewDataRequestRequest

T = TypeVar("T")
PAGE = 200
STATES_PAGE = 1000
MOST_LISTED = 1_000_000
"""More tasks than any project has: a list that is longer has no end."""
NOT_FOUND = 404
BAD_REQUEST = 400
QUICK_IMPORT = "fflag_fix_back_4620_memory_efficient_predictions_import_08012025_short"
"""The variable of the server's environment that makes the import of predictions quick."""
NOT_ASKED = [
    f"tasks:{column}"
    for column in (
        "annotations_results",
        "predictions_results",
        "predictions_score",
        "annotators",
        "avg_lead_time",
        "updated_by",
        "file_upload",
        "storage_filename",
    )
]
"""Columns of the list of tasks that cost the server time and say nothing about a task's state."""
NOT_READ = (
    "annotations_ids",
    "annotations_results",
    "annotators",
    "avg_lead_time",
    "comment_authors",
    "comment_count",
    "draft_exists",
    "file_upload",
    "last_comment_updated_at",
    "predictions_model_versions",
    "predictions_results",
    "predictions_score",
    "storage_filename",
    "unresolved_comment_count",
    "updated_by",
)
"""Fields of whole tasks that nobody reads; leaving them out saves the server a fifth of its time."""


class Invite(TypedDict):
    """The link by which a person can sign up."""

    token: str
    invite_url: str


class AccessToken(TypedDict):
    """A token that was just made."""

    token: str


class LabelStudioClient:
    """Label Studio, as one of its users sees it.

    It uses the SDK's methods, and what they have no method for stands in `direct`, which says why. Only what changes
    nothing is repeated when the server falters.

    Every method raises `LabelStudioUnavailable` where there is no answer (its `facts["timed_out"]` says whether the
    request may have been carried out all the same) and `LabelStudioError` where the server refuses.

    `server` names the server in the store: its address, or "embedded" for the workspace's own, whose port may change.
    """

    def __init__(self, transport: Transport, *, server: str | None = None) -> None:
        self._way = transport
        self.server = server or transport.url

    @property
    def url(self) -> str:
        """The server's address."""
        return self._way.url

    @property
    def requests(self) -> int:
        """How many requests were sent so far."""
        return self._way.requests

    def close(self) -> None:
        """Lets go of the connections."""
        self._way.close()

    # the server and its users

    def version(self) -> str:
        """Label Studio's version, such as "1.23.2".

        Raises:
            LabelStudioError: what answers there is no Label Studio.
        """
        found = self._way.fetch(lambda sdk: sdk.versions.with_raw_response.get())
        try:
            return str(cast("dict[str, dict[str, str]]", found)["label-studio-os-package"]["version"])
        except (KeyError, TypeError) as error:
            raise LabelStudioError(
                f"what answers at {self.url} is not Label Studio", hint="check its address"
            ) from error

    def _shaped(self, kind: type[T], answer: object) -> T:
        return shaped(kind, answer, self.url)

    def _within_reason(self, listed: int) -> None:
        """Ends a list that goes on for ever."""
        if listed > MOST_LISTED:
            raise LabelStudioError(
                f"what answers at {self.url} lists more than {MOST_LISTED:,} of a kind", hint="check its address"
            )

    def _check_order(self, ids: Sequence[int], after: int) -> None:
        """Checks that a page goes on where the last one ended: otherwise the next would be the same again."""
        if any(second <= first for first, second in zip([after, *ids], ids, strict=False)):
            raise LabelStudioError(
                f"what answers at {self.url} lists tasks in another order than it was asked to, or twice",
                hint="check its address, and its version with `workbench doctor`",
            )

    def clock(self) -> datetime:
        """The server's time, to the second: no client's clock can be compared with its `updated_at`."""
        self.version()
        return self.answered

    @property
    def answered(self) -> datetime:
        """The server's time, to the second, when it last answered."""
        return self._way.clock or datetime.now(UTC)

    def whoami(self) -> wire.User:
        """The user whose API key this is."""
        return self._shaped(wire.User, self._way.fetch(lambda sdk: sdk.users.with_raw_response.whoami()))

    def users(self) -> list[wire.User]:
        """All users."""
        return self._shaped(list[wire.User], self._way.fetch(lambda sdk: sdk.users.with_raw_response.list()))

    def delete_user(self, user_id: int) -> None:
        """Deletes a user."""
        self._way.ask(lambda sdk: sdk.users.delete(user_id), repeat=False)

    def invite(self) -> Invite:
        """The link by which anybody who has it can sign up."""
        return self._shaped(
            Invite, self._way.fetch(lambda sdk: sdk.organizations.invites.with_raw_response.get_invite_link())
        )

    def renew_invite(self) -> Invite:
        """A new link; the old one is no good from now on."""
        return self._shaped(
            Invite, self._way.fetch(lambda sdk: sdk.organizations.with_raw_response.reset_token(), repeat=False)
        )

    def make_access_token(self) -> str:
        """A new personal access token of this user. Label Studio allows one at a time and shows it only now."""
        return self._shaped(
            AccessToken, self._way.fetch(lambda sdk: sdk.tokens.with_raw_response.create(), repeat=False)
        )["token"]

    # projects

    def projects(self) -> list[wire.Project]:
        """All projects that this user sees."""
        found: list[wire.Project] = []
        page = 1
        while True:
            answer = self._shaped(wire.ProjectPage, direct.project_page(self._way, page, PAGE))
            found += answer["results"]
            self._within_reason(len(found))
            if not answer.get("next") or not answer["results"]:
                return found
            page += 1

    def find_projects(self, title: str) -> list[wire.Project]:
        """The projects with exactly this title, newest first. Titles are not unique."""
        found = [project for project in self.projects() if project.get("title") == title]
        return sorted(found, key=lambda project: -project["id"])

    def project(self, project_id: int) -> wire.Project:
        """A project."""
        return self._shaped(wire.Project, self._way.fetch(lambda sdk: sdk.projects.with_raw_response.get(project_id)))

    def counts(self, project_id: int) -> wire.Counts:
        """How many tasks and annotations a project has, and its label config; the server works out all else for much longer.

        Raises:
            LabelStudioError: there is no such project.
            LabelStudioUnavailable: no answer.
        """
        fields = tuple(wire.Counts.__annotations__)
        answer = self._shaped(wire.CountsPage, direct.project_counts(self._way, project_id, fields))["results"]
        if not answer:
            raise LabelStudioError(
                f"there is no project {project_id} at {self.url}", hint="look for it there", status=NOT_FOUND
            )
        return answer[0]

    def create_project(self, fields: wire.ProjectFields) -> wire.Project:
        """A new project; its title has 3 to 50 characters."""
        made = self._way.fetch(lambda sdk: sdk.projects.with_raw_response.create(**fields), repeat=False)
        return self._shaped(wire.Project, made)

    def update_project(self, project_id: int, fields: wire.ProjectFields) -> wire.Project:
        """The project with these fields changed."""
        return self._shaped(
            wire.Project, self._way.fetch(lambda sdk: sdk.projects.with_raw_response.update(project_id, **fields))
        )

    def delete_project(self, project_id: int) -> None:
        """Deletes a project with all that is in it."""
        self._way.ask(
            lambda sdk: sdk.projects.delete(project_id, request_options={"timeout": direct.DELETE_SECONDS}),
            repeat=False,
        )

    def check_config(self, label_config: str) -> str | None:
        """What Label Studio has against a label config; None where it takes it."""
        return _complaint(lambda: direct.check_config(self._way, label_config))

    def check_change(self, project_id: int, label_config: str) -> str | None:
        """What a project's annotations and drafts have against another label config; None where all of them fit.

        A change is refused where a layer or an attribute goes that something uses, and taken where a label goes; this
        tells of both. It knows nothing of roles.
        """
        return _complaint(
            lambda: self._way.fetch(
                lambda sdk: sdk.projects.with_raw_response.validate_label_config(project_id, label_config=label_config)
            )
        )

    def create_view(self, project_id: int, view: wire.View) -> None:
        """Makes a tab of the project's list of tasks, for all its users."""
        data = cast("ViewDataRequestRequest", view)
        self._way.ask(lambda sdk: sdk.views.with_raw_response.create(project=project_id, data=data), repeat=False)

    def model_versions(self, project_id: int) -> dict[str, int]:
        """How many predictions each model version has in a project. The project's own is listed with 0 if it has none."""
        return self._shaped(dict[str, int], direct.model_versions(self._way, project_id))

    # webhooks

    def webhooks(self, project_id: int) -> list[wire.Webhook]:
        """The webhooks of a project."""
        found = self._way.fetch(lambda sdk: sdk.webhooks.with_raw_response.list(project=str(project_id)))
        return self._shaped(list[wire.Webhook], found)

    def create_webhook(
        self, project_id: int, url: str, actions: Sequence[str], *, headers: Mapping[str, str]
    ) -> wire.Webhook:
        """A new webhook, called without contents at these actions; refused where Label Studio may not call the address."""
        made = self._way.fetch(
            lambda sdk: sdk.webhooks.with_raw_response.create(
                url=url,
                project=project_id,
                send_payload=False,
                send_for_all_actions=False,
                actions=list(actions),
                headers=dict(headers),
            ),
            repeat=False,
        )
        return self._shaped(wire.Webhook, made)

    def delete_webhook(self, webhook_id: int) -> None:
        """Deletes a webhook."""
        self._way.ask(lambda sdk: sdk.webhooks.delete(webhook_id), repeat=False)

    # tasks

    def tasks(
        self, project_id: int, *, where: wire.Filters | None = None, everything: bool = False, page_size: int = PAGE
    ) -> Iterator[wire.Task]:
        """The tasks of a project that fit, by id; with their annotations and predictions if `everything`.

        They come in pages, by id, each page asked for from the last id on: a task that is made or deleted meanwhile
        moves no other out of sight.
        """
        after = listed = 0
        while True:
            page = self._page(project_id, after, where, everything, page_size)
            self._check_order([task["id"] for task in page], after)
            listed += len(page)
            self._within_reason(listed)
            yield from page
            if len(page) < page_size:
                return
            after = page[-1]["id"]

    def _page(
        self, project_id: int, after: int, where: wire.Filters | None, everything: bool, page_size: int
    ) -> list[wire.Task]:
        params: dict[str, object] = {"project": project_id, "page": 1, "page_size": page_size}
        params["query"] = json.dumps(self._shown_query(after, where), ensure_ascii=False)
        if everything:
            params["fields"] = "all"
            params["omit"] = ",".join(NOT_READ)
        return self._shaped(wire.TaskPage, direct.task_page(self._way, params))["tasks"]

    def _shown_query(self, after: int, where: wire.Filters | None) -> dict[str, object]:
        items: list[wire.Filter] = list(where["items"]) if where else []
        items.append({"filter": "filter:tasks:id", "operator": "greater", "type": "Number", "value": after})
        return {
            "filters": {"conjunction": "and", "items": items},
            "ordering": ["tasks:id"],
            # The server works columns out that are shown, whether they are asked for or not, and no others.
            "hiddenColumns": {"explore": NOT_ASKED, "labeling": NOT_ASKED},
        }

    def task_states(
        self, project_id: int, *, where: wire.Filters | None = None, page_size: int = STATES_PAGE
    ) -> Iterator[wire.TaskState]:
        """The tasks of a project that fit, by id, each with which predictions and annotations it has, not their contents."""
        after = listed = 0
        while True:
            params = {
                "project": project_id,
                "page": 1,
                "page_size": page_size,
                "include": "id,data,is_labeled,draft_exists,annotations_ids,predictions_model_versions",
                "resolve_uri": "false",
                "query": json.dumps(self._shown_query(after, where), ensure_ascii=False),
            }
            page = self._shaped(wire.StatesPage, direct.task_page(self._way, params))["tasks"]
            self._check_order([state["id"] for state in page], after)
            listed += len(page)
            self._within_reason(listed)
            yield from page
            if len(page) < page_size:
                return
            after = page[-1]["id"]

    def task(self, task_id: int) -> wire.Task:
        """A task with its annotations and predictions."""
        return self._shaped(wire.Task, self._way.fetch(lambda sdk: sdk.tasks.with_raw_response.get(str(task_id))))

    def update_task(self, task_id: int, data: Mapping[str, object]) -> wire.Task:
        """The task, its data replaced."""
        return self._shaped(
            wire.Task, self._way.fetch(lambda sdk: sdk.tasks.with_raw_response.update(str(task_id), data=dict(data)))
        )

    def delete_task(self, task_id: int) -> None:
        """Deletes a task and what is in it. On SQLite its id is given to the next new task."""
        self._way.ask(lambda sdk: sdk.tasks.delete(str(task_id)), repeat=False)

    def import_tasks(self, project_id: int, tasks: Sequence[wire.NewTask]) -> list[int]:
        """The ids of the new tasks, in the order of `tasks`. All of them are made, or none.

        After a timeout all may have been made: look before sending again.

        Raises:
            LabelStudioError: the server made fewer.
            LabelStudioUnavailable: no answer.
        """
        answer = self._shaped(wire.ImportAnswer, direct.import_tasks(self._way, project_id, tasks))
        ids = answer.get("task_ids") or []
        if len(ids) != len(tasks):
            raise LabelStudioError(
                f"Label Studio created {len(ids)} of {counted(len(tasks), 'tasks')}",
                hint="push again; what is there already is not created twice",
            )
        return ids

    # predictions

    def import_predictions(self, project_id: int, predictions: Sequence[wire.NewPrediction]) -> int:
        """How many predictions were made. An invalid one is dropped without a word, so compare with what was sent."""
        return self._import_predictions(project_id, predictions, repeat=False)

    def imports_slowly(self, project_id: int) -> bool:
        """Whether this server looks at all tasks of a project after each import of predictions.

        A flag of the server's environment (`QUICK_IMPORT`) chooses between two ways, and no token is told of it. Each
        refuses a task that cannot be in its own words, and changes nothing.
        """
        nobody: wire.NewPrediction = {"task": 0, "model_version": "", "result": []}
        try:
            self._import_predictions(project_id, [nobody], repeat=True)
        except LabelStudioError as error:
            if error.facts.get("status") is None or isinstance(error, LabelStudioUnavailable):
                raise
            return "task ID 0 not found" not in error.message
        return False

    def _import_predictions(self, project_id: int, predictions: Sequence[wire.NewPrediction], *, repeat: bool) -> int:
        answer = direct.import_predictions(self._way, project_id, predictions, repeat=repeat)
        return self._shaped(wire.PredictionsImported, answer)["created"]

    def predictions(self, *, task_id: int) -> list[wire.Prediction]:
        """The predictions of a task, of every model version."""
        found = self._way.fetch(lambda sdk: sdk.predictions.with_raw_response.list(task=task_id))
        return self._shaped(list[wire.Prediction], found)

    def delete_prediction(self, prediction_id: int) -> None:
        """Deletes a prediction."""
        self._way.ask(lambda sdk: sdk.predictions.delete(prediction_id), repeat=False)

    def delete_model_version(self, project_id: int, model_version: str) -> int:
        """How many predictions of this version were deleted. If the project shows it, it shows nothing afterwards."""
        answer = direct.delete_model_version(self._way, project_id, model_version)
        return self._shaped(wire.PredictionsDeleted, answer)["deleted_predictions"]

    # annotations

    def annotations(self, task_id: int) -> list[wire.Annotation]:
        """The annotations of a task that were submitted. Those by which it was skipped are in `task` and `tasks` alone."""
        return self._shaped(
            list[wire.Annotation], self._way.fetch(lambda sdk: sdk.annotations.with_raw_response.list(task_id))
        )

    def create_annotation(self, task_id: int, annotation: wire.NewAnnotation) -> wire.Annotation:
        """A new annotation by this user, as when Submit (or, with `was_cancelled`, Skip) is pressed in the page."""
        made = self._way.fetch(
            lambda sdk: sdk.annotations.with_raw_response.create(task_id, **_loosely(annotation)), repeat=False
        )
        return self._shaped(wire.Annotation, made)

    def update_annotation(self, annotation_id: int, annotation: wire.NewAnnotation) -> wire.Annotation:
        """The annotation, changed, as when Update is pressed in the page."""
        made = self._way.fetch(
            lambda sdk: sdk.annotations.with_raw_response.update(annotation_id, **_loosely(annotation))
        )
        return self._shaped(wire.Annotation, made)

    def delete_annotation(self, annotation_id: int) -> None:
        """Deletes an annotation."""
        self._way.ask(lambda sdk: sdk.annotations.delete(annotation_id), repeat=False)

    def next_task(self, project_id: int) -> wire.Task | None:
        """The task that this user would be given next in the page; None when there is none left."""
        try:
            return self._shaped(wire.Task, direct.next_task(self._way, project_id))
        except LabelStudioError as error:
            if error.facts.get("status") != NOT_FOUND:
                raise
            return None


def _complaint(check: Callable[[], object]) -> str | None:
    """What a check was refused for; None where it was not."""
    try:
        check()
    except LabelStudioError as error:
        if error.facts.get("status") != BAD_REQUEST:
            raise
        return error.message
    return None


def _loosely(annotation: wire.NewAnnotation) -> dict[str, Any]:
    """An annotation as keywords of the SDK, which takes regions for any mappings."""
    return dict(annotation)


def connect(url: str, api_key: str, *, server: str | None = None) -> LabelStudioClient:
    """A client for a server that runs, as the user whose legacy token or personal access token is given.

    Raises:
        LabelStudioError: there is no API key, or it can be none; or the address is none.
    """
    key = usable_key(api_key)
    if not key:
        raise LabelStudioError(
            f"no API key for Label Studio at {url}",
            hint="set LABEL_STUDIO_API_KEY to a token from its page Account & Settings",
        )
    return LabelStudioClient(Transport(url, key), server=server)
