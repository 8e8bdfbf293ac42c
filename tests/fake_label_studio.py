"""Label Studio in memory: what push, pull and reconcile ask of a server, answered as the real one answers.

`client_contract` says what that is, and is run against both.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from xml.etree import ElementTree

from workbench.errors import LabelStudioError
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient

OWNER: wire.User = {"id": 1, "email": "owner@workbench.local"}
SHORTEST_TITLE = 3


@dataclass
class Clock:
    """What every client of a server shares: its time, a second later with each request, and their number."""

    now: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    requests: int = 0


class FakeLabelStudio(LabelStudioClient):
    """A server with one user. `slow` is one without the flag for the quick import of predictions."""

    def __init__(self, *, server: str = "embedded", slow: bool = False) -> None:
        self.server = server
        self.slow = slow
        self.user = OWNER
        self._projects: dict[int, wire.Project] = {}
        self._tasks: dict[int, wire.Task] = {}
        self._touched: dict[int, datetime] = {}
        self._views: dict[int, list[wire.View]] = {}
        self._last = dict.fromkeys(("project", "prediction", "annotation"), 0)
        self._clock = Clock()

    def edit(self, task_id: int, **fields: object) -> None:
        """What somebody does to a task behind everybody's back."""
        self._tasks[task_id].update(cast("Any", fields))

    # the server

    @property
    def url(self) -> str:
        return "http://fake.example"

    @property
    def requests(self) -> int:
        return self._clock.requests

    def close(self) -> None: ...

    def version(self) -> str:
        self._ask()
        return wire.VERSION

    def clock(self) -> datetime:
        self._ask()
        return self.answered

    @property
    def answered(self) -> datetime:
        return self._clock.now.replace(microsecond=0)

    def whoami(self) -> wire.User:
        self._ask()
        return self.user

    def users(self) -> list[wire.User]:
        self._ask()
        return [self.user]

    # projects

    def projects(self) -> list[wire.Project]:
        self._ask()
        return [self._shown(project) for project in self._projects.values()]

    def project(self, project_id: int) -> wire.Project:
        self._ask()
        return self._shown(self._project(project_id))

    def counts(self, project_id: int) -> wire.Counts:
        found = self.project(project_id)
        return cast("wire.Counts", {name: found.get(name) for name in wire.Counts.__annotations__})

    def create_project(self, fields: wire.ProjectFields) -> wire.Project:
        self._ask()
        if len(fields.get("title", "")) < SHORTEST_TITLE:
            raise self._refusal(f"title: Ensure this field has at least {SHORTEST_TITLE} characters.")
        made: wire.Project = {
            "model_version": "",
            "expert_instruction": "",
            "maximum_annotations": 1,
            **fields,
            "id": self._next("project"),
        }
        self._projects[made["id"]] = made
        return self._shown(made)

    def update_project(self, project_id: int, fields: wire.ProjectFields) -> wire.Project:
        self._ask()
        project = self._project(project_id)
        version = fields.get("model_version")
        if version and version not in self._versions(project_id):
            raise self._refusal(
                "model_version: Model version doesn't exist either as live model or as static predictions."
            )
        project.update(fields)
        return self._shown(project)

    def delete_project(self, project_id: int) -> None:
        self._ask()
        self._project(project_id)
        del self._projects[project_id]
        for task in self._of(project_id, None):
            del self._tasks[task["id"]]

    def check_config(self, label_config: str) -> str | None:
        self._ask()
        for control in ElementTree.fromstring(label_config).iter("Labels"):
            if control.find("Label") is None:
                return self._refusal("label_config: Validation failed on : 'Label' is a required property").message
        return None

    def check_change(self, project_id: int, label_config: str) -> str | None:
        self._project(project_id)
        return self.check_config(label_config)

    def create_view(self, project_id: int, view: wire.View) -> None:
        self._ask()
        self._views.setdefault(project_id, []).append(view)

    def model_versions(self, project_id: int) -> dict[str, int]:
        self._ask()
        own = self._project(project_id).get("model_version")
        return {**({own: 0} if own else {}), **self._versions(project_id)}

    # tasks

    def tasks(
        self, project_id: int, *, where: wire.Filters | None = None, everything: bool = False, page_size: int = 200
    ) -> Iterator[wire.Task]:
        self._ask()
        for task in self._of(project_id, where):
            shown = copy.deepcopy(task)
            if not everything:
                shown.pop("annotations", None)
                shown.pop("predictions", None)
            yield shown

    def task_states(
        self, project_id: int, *, where: wire.Filters | None = None, page_size: int = 1000
    ) -> Iterator[wire.TaskState]:
        self._ask()
        for task in self._of(project_id, where):
            yield {
                "id": task["id"],
                "data": copy.deepcopy(task["data"]),
                "is_labeled": self._is_labeled(task),
                "draft_exists": bool(task.get("drafts")),
                "annotations_ids": ",".join(str(one["id"]) for one in task.get("annotations", [])),
                "predictions_model_versions": ",".join(
                    dict.fromkeys(one["model_version"] or "" for one in task.get("predictions", []))
                ),
            }

    def task(self, task_id: int) -> wire.Task:
        self._ask()
        return copy.deepcopy(self._task(task_id))

    def update_task(self, task_id: int, data: Mapping[str, object]) -> wire.Task:
        self._ask()
        task = self._task(task_id)
        task["data"] = copy.deepcopy(dict(data))
        self._touch(task)
        return copy.deepcopy(task)

    def delete_task(self, task_id: int) -> None:
        self._ask()
        self._task(task_id)
        del self._tasks[task_id]

    def import_tasks(self, project_id: int, tasks: Sequence[wire.NewTask]) -> list[int]:
        self._ask()
        project = self._project(project_id)

        for number, task in enumerate(tasks):
            for place, prediction in enumerate(task.get("predictions", [])):
                self._check(project, prediction, f"Task {number}, prediction {place}")
        return [self._make(project_id, task) for task in tasks]

    # predictions

    def import_predictions(self, project_id: int, predictions: Sequence[wire.NewPrediction]) -> int:
        self._ask()
        project = self._project(project_id)

        for number, prediction in enumerate(predictions):
            if self._tasks.get(prediction.get("task", 0), {}).get("project") != project_id:
                raise self._refusal(f"Prediction {number}: task ID {prediction.get('task')} not found in project")
            self._check(project, prediction, f"Prediction {number}")
        for prediction in predictions:
            self._suggest(self._tasks[prediction.get("task", 0)], prediction)
        return len(predictions)

    def imports_slowly(self, project_id: int) -> bool:
        self._ask()
        return self.slow

    def predictions(self, *, task_id: int) -> list[wire.Prediction]:
        self._ask()
        return copy.deepcopy(self._task(task_id).get("predictions", []))

    def delete_prediction(self, prediction_id: int) -> None:
        self._ask()
        for task in self._tasks.values():
            found = task.get("predictions", [])
            left = [one for one in found if one["id"] != prediction_id]
            if len(left) != len(found):
                task["predictions"] = left
                return
        raise self._gone()

    def delete_model_version(self, project_id: int, model_version: str) -> int:
        self._ask()
        deleted = 0
        for task in self._of(project_id, None):
            found = task.get("predictions", [])
            task["predictions"] = [one for one in found if one["model_version"] != model_version]
            deleted += len(found) - len(task["predictions"])
        project = self._project(project_id)
        if project.get("model_version") == model_version:
            project["model_version"] = ""
        return deleted

    # annotations

    def annotations(self, task_id: int) -> list[wire.Annotation]:
        self._ask()
        found = self._task(task_id).get("annotations", [])
        return copy.deepcopy([one for one in found if not one["was_cancelled"]])

    def create_annotation(self, task_id: int, annotation: wire.NewAnnotation) -> wire.Annotation:
        self._ask()
        task = self._task(task_id)
        stamp = self._touch(task)
        made = cast(
            "wire.Annotation",
            {
                "was_cancelled": False,
                "lead_time": None,
                **copy.deepcopy(annotation),
                "id": self._next("annotation"),
                "task": task_id,
                "completed_by": self.user["id"],
                "created_at": stamp,
                "updated_at": stamp,
            },
        )
        task.setdefault("annotations", []).append(made)
        return copy.deepcopy(made)

    def update_annotation(self, annotation_id: int, annotation: wire.NewAnnotation) -> wire.Annotation:
        self._ask()
        task, found = self._annotation(annotation_id)
        found.update(cast("Any", copy.deepcopy(annotation)))
        found["updated_at"] = self._touch(task)
        return copy.deepcopy(found)

    def delete_annotation(self, annotation_id: int) -> None:
        self._ask()
        task, found = self._annotation(annotation_id)
        task.get("annotations", []).remove(found)
        self._touch(task)

    def next_task(self, project_id: int) -> wire.Task | None:
        self._ask()
        for task in self._of(project_id, None):
            by_me = any(one["completed_by"] == self.user["id"] for one in task.get("annotations", []))
            if not by_me and not self._is_labeled(task):
                return copy.deepcopy(task)
        return None

    # inside

    def _ask(self) -> None:
        self._clock.requests += 1
        self._clock.now += timedelta(seconds=1)

    def _next(self, kind: str) -> int:
        self._last[kind] += 1
        return self._last[kind]

    def _project(self, project_id: int) -> wire.Project:
        if project_id not in self._projects:
            raise self._gone()
        return self._projects[project_id]

    def _task(self, task_id: int) -> wire.Task:
        if task_id not in self._tasks:
            raise self._gone()
        return self._tasks[task_id]

    def _annotation(self, annotation_id: int) -> tuple[wire.Task, wire.Annotation]:
        for task in self._tasks.values():
            for found in task.get("annotations", []):
                if found["id"] == annotation_id:
                    return task, found
        raise self._gone()

    def _shown(self, project: wire.Project) -> wire.Project:
        tasks = self._of(project["id"], None)
        every = [one for task in tasks for one in task.get("annotations", [])]
        skipped = sum(one["was_cancelled"] for one in every)
        return {
            **project,
            "task_number": len(tasks),
            "total_annotations_number": len(every) - skipped,
            "skipped_annotations_number": skipped,
            "total_predictions_number": sum(len(task.get("predictions", [])) for task in tasks),
        }

    def _versions(self, project_id: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for task in self._of(project_id, None):
            for one in task.get("predictions", []):
                found[one["model_version"] or ""] = found.get(one["model_version"] or "", 0) + 1
        return found

    def _of(self, project_id: int, where: wire.Filters | None) -> list[wire.Task]:
        ours = (task for _, task in sorted(self._tasks.items()) if task.get("project") == project_id)
        return [task for task in ours if all(self._meets(task, one) for one in (where["items"] if where else []))]

    def _meets(self, task: wire.Task, condition: wire.Filter) -> bool:
        name, operator, value = condition["filter"], condition["operator"], condition["value"]
        if (name, operator) == ("filter:tasks:id", "in_list"):
            return task["id"] in cast("list[int]", value)
        if name.startswith("filter:tasks:data.") and operator == "in_list":
            return str(task["data"].get(name.rpartition(".")[2])) in cast("list[str]", value)
        if (name, operator, value) == ("filter:tasks:updated_by", "empty", "False"):
            return task["id"] in self._touched
        if (name, operator) == ("filter:tasks:updated_at", "greater"):
            since = datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
            return datetime.fromisoformat(task["updated_at"]) > since
        raise AssertionError(f"the fake knows no filter {condition}")

    def _is_labeled(self, task: wire.Task) -> bool:
        finished = sum(not one["was_cancelled"] for one in task.get("annotations", []))
        return finished >= self._projects[task.get("project", 0)].get("maximum_annotations", 1)

    def _touch(self, task: wire.Task) -> str:
        """The time at which a person changed the task, which is now."""
        self._touched[task["id"]] = self._clock.now
        task["updated_at"] = self._clock.now.isoformat().replace("+00:00", "Z")
        task["is_labeled"] = self._is_labeled(task)
        return task["updated_at"]

    def _make(self, project_id: int, task: wire.NewTask) -> int:
        # As on SQLite, the id of the last task is given again once that is deleted.
        number = max(self._tasks, default=0) + 1
        stamp = self._clock.now.isoformat().replace("+00:00", "Z")
        made: wire.Task = {
            "id": number,
            "project": project_id,
            "data": copy.deepcopy(task["data"]),
            "created_at": stamp,
            "updated_at": stamp,
            "is_labeled": False,
            "annotations": [],
            "predictions": [],
        }
        self._touched.pop(number, None)
        self._tasks[number] = made
        for prediction in task.get("predictions", []):
            self._suggest(made, prediction)
        return number

    def _suggest(self, task: wire.Task, prediction: wire.NewPrediction) -> None:
        made: wire.Prediction = {
            "id": self._next("prediction"),
            "task": task["id"],
            "model_version": prediction["model_version"],
            "result": copy.deepcopy(prediction["result"]),
            "score": prediction.get("score"),
        }
        task.setdefault("predictions", []).append(made)

    def _check(self, project: wire.Project, prediction: wire.NewPrediction, where: str) -> None:
        names = {element.get("name") for element in ElementTree.fromstring(project.get("label_config", "")).iter()}
        for item in prediction["result"]:
            name = item.get("from_name")
            if name is not None and name not in names:
                raise self._refusal(f"{where}: from_name {name!r} is not in the label config")

    def _refusal(self, complaint: str) -> LabelStudioError:
        return LabelStudioError(f"Label Studio at {self.url} refuses (400): {complaint}", status=400)

    def _gone(self) -> LabelStudioError:
        return LabelStudioError(f"Label Studio at {self.url} refuses (404): not found", status=404)
