"""The requests that the SDK has no method for, sent through its own HTTP client; everything else uses its methods.

The SDK has no public door for a request of one's own, so its private client is used, here and nowhere else. Why:

- *Lists* of projects and tasks (`project_page`, `project_counts`, `task_page`): its pagers turn every row into a model and
  drop the JSON, they cannot leave fields out (`omit`), and a pager that is followed by page number misses tasks when
  others are deleted meanwhile. Pages are asked for from the last id on, and read as they come.
- *Bulk import* of tasks and predictions (`import_tasks`, `import_predictions`): its methods copy every region through
  models before they encode it, which takes longer than all else, and know no predictions without a score.
- *Open-source endpoints* that its description lacks: the check of a label config before there is a project, the model
  versions of a project and their deletion, the next task of the queue.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import httpx
from pydantic_core import from_json, to_json

from workbench.labelstudio.api import wire
from workbench.labelstudio.api.transport import Transport, json_of

if TYPE_CHECKING:
    from label_studio_sdk.base_client import LabelStudioBase

IMPORT_SECONDS = 300.0
DELETE_SECONDS = 600.0


def request(
    way: Transport,
    method: str,
    path: str,
    *,
    json: object = None,
    params: Mapping[str, object] | None = None,
    seconds: float | None = None,
    repeat: bool | None = None,
) -> object:
    """The JSON that the server answers, None where it answers nothing.

    Args:
        way: the way to the server.
        method: of HTTP. Only a GET is repeated when the server falters, unless `repeat` says otherwise.
        path: below the server's address.
        json: the body.
        params: the query.
        seconds: how long to wait for an answer.
        repeat: whether the request may be sent twice.

    Raises:
        LabelStudioUnavailable: no connection, no answer in time, or a server error.
        LabelStudioError: the server refuses.
    """
    content = None if json is None else to_json(json)

    def send(sdk: "LabelStudioBase") -> httpx.Response:
        from label_studio_sdk.core.api_error import ApiError

        response = sdk._client_wrapper.httpx_client.request(  # pyright: ignore[reportPrivateUsage] # no public way is there
            path,
            method=method,
            content=content,
            params=dict(params or {}),
            headers={"Content-Type": "application/json"} if content is not None else None,
            request_options={"timeout_in_seconds": cast("int", seconds or way.answer_seconds)},
        )
        if not response.is_success:
            raise ApiError(status_code=response.status_code, headers=dict(response.headers), body=_body(response))
        return response

    return json_of(way.ask(send, repeat=method == "GET" if repeat is None else repeat), way.url)


def project_page(way: Transport, page: int, size: int) -> object:
    """A page of all projects."""
    return request(way, "GET", "api/projects/", params={"page": page, "page_size": size})


def project_counts(way: Transport, project_id: int, fields: Sequence[str]) -> object:
    """A project with these fields alone, as a page of one."""
    return request(way, "GET", "api/projects/", params={"ids": project_id, "include": ",".join(fields)})


def check_config(way: Transport, label_config: str) -> None:
    """Asks whether a label config can be that of a project."""
    request(way, "POST", "api/projects/validate/", json={"label_config": label_config}, repeat=True)


def model_versions(way: Transport, project_id: int) -> object:
    """The number of predictions by model version."""
    return request(way, "GET", f"api/projects/{project_id}/model-versions/")


def delete_model_version(way: Transport, project_id: int, model_version: str) -> object:
    """Deletes all predictions of a model version."""
    path, body = f"api/projects/{project_id}/model-versions/", {"model_version": model_version}
    return request(way, "DELETE", path, json=body, seconds=DELETE_SECONDS)


def task_page(way: Transport, params: Mapping[str, object]) -> object:
    """A page of tasks, as the data manager's query says."""
    return request(way, "GET", "api/tasks/", params=params)


def next_task(way: Transport, project_id: int) -> object:
    """The task that this user would be given next."""
    return request(way, "GET", f"api/projects/{project_id}/next/")


def import_tasks(way: Transport, project_id: int, tasks: Sequence[wire.NewTask]) -> object:
    """Makes tasks, all or none, and gives their ids."""
    path, params = f"api/projects/{project_id}/import", {"return_task_ids": "true"}
    return request(way, "POST", path, params=params, json=list(tasks), seconds=IMPORT_SECONDS)


def import_predictions(
    way: Transport, project_id: int, predictions: Sequence[wire.NewPrediction], *, repeat: bool
) -> object:
    """Makes predictions of tasks that are there."""
    path = f"api/projects/{project_id}/import/predictions"
    return request(way, "POST", path, json=list(predictions), seconds=IMPORT_SECONDS, repeat=repeat)


def _body(response: httpx.Response) -> object:
    try:
        return cast("object", from_json(response.content))
    except ValueError:
        return response.text
