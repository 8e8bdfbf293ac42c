"""What an annotator's page does, over HTTP: takes the next task with its suggestion, submits the correction, or skips.

Scripted annotators and tests work through it, so that what they submit is what the editor would send: regions of the
suggestion keep their ids, new ones get ids of the editor's kind, and the prediction is named as the parent.
"""

import hashlib
from typing import cast

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion import region_ids
from workbench.labelstudio.conversion.convert import to_result
from workbench.labelstudio.conversion.reading import read_result
from workbench.labelstudio.conversion.reading import region_ids as ids_in

_EDITOR_ID_LENGTH = 10


class ClientTask(Frozen):
    """A task as an annotator opens it. `suggestion` is empty where there was no prediction."""

    task_id: int
    article_id: str
    text: str
    suggestion: AnnotationSet
    prediction_id: int | None = None
    key: str | None = None


def next_task(
    client: LabelStudioClient, project_id: int, scheme: LabelScheme, *, shown: str | None
) -> ClientTask | None:
    """The next task of this user's queue; None when there is none left. `shown` is the project's model version."""
    task = client.next_task(project_id)
    return None if task is None else _client_task(client, task, scheme, shown)


def open_task(client: LabelStudioClient, task_id: int, scheme: LabelScheme, *, shown: str | None) -> ClientTask:
    """A task of one's own choice."""
    return _client_task(client, client.task(task_id), scheme, shown)


def submit(
    client: LabelStudioClient,
    client_task: ClientTask,
    annotations: AnnotationSet,
    scheme: LabelScheme,
    *,
    lead_time: float,
) -> int:
    """The id of the annotation that was submitted. Spans with an id of the suggestion are the suggestion's regions."""
    annotation: wire.NewAnnotation = {
        "result": _as_edited(annotations, client_task, scheme),
        "lead_time": lead_time,
        "parent_prediction": client_task.prediction_id,
    }
    return client.create_annotation(client_task.task_id, annotation)["id"]


def skip(client: LabelStudioClient, client_task: ClientTask, *, lead_time: float = 0.0) -> int:
    """The id of the annotation by which the task was skipped."""
    annotation: wire.NewAnnotation = {
        "result": [],
        "lead_time": lead_time,
        "was_cancelled": True,
        "parent_prediction": client_task.prediction_id,
    }
    return client.create_annotation(client_task.task_id, annotation)["id"]


def _client_task(client: LabelStudioClient, task: wire.Task, scheme: LabelScheme, shown: str | None) -> ClientTask:
    text = str(task["data"][scheme.text_field])
    predictions = [p for p in client.predictions(task_id=task["id"]) if shown is None or p["model_version"] == shown]
    result = predictions[-1]["result"] if predictions else []
    keys = region_ids.keys(ids_in(result))
    key = keys[0] if keys else None
    producer = Producer(kind="model", name=(predictions[-1]["model_version"] or "") if predictions else "nobody")
    return ClientTask(
        task_id=task["id"],
        article_id=str(task["data"]["article_id"]),
        text=text,
        suggestion=read_result(result, text, scheme, producer=producer, key=key).annotations,
        prediction_id=predictions[-1]["id"] if predictions else None,
        key=key,
    )


def _as_edited(annotations: AnnotationSet, client_task: ClientTask, scheme: LabelScheme) -> list[wire.ResultItem]:
    """The result with the suggestion's region ids where they are the suggestion's, the editor's kind elsewhere."""
    key = client_task.key or ""
    kept = {region_ids.region_id(key, span.id) for _, span in client_task.suggestion.spans()}
    items = to_result(annotations, scheme, key=key)

    def edited(region: str) -> str:
        if region in kept:
            return region
        return hashlib.sha256(f"{client_task.task_id} {region}".encode()).hexdigest()[:_EDITOR_ID_LENGTH]

    for item in items:
        if "from_id" in item:
            item["from_id"], item["to_id"] = edited(item["from_id"]), edited(item["to_id"])
        else:
            item["id"] = edited(item["id"])
            region = cast("dict[str, object]", item)
            region["origin"] = "prediction" if item["id"] in kept else "manual"
    return items
