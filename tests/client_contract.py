"""What push, pull and reconcile rely on of a server, as tests that the real client and the fake one pass alike.

Whoever runs them imports them into a module with a fixture `client`.
"""

from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest

from workbench.errors import LabelStudioError
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.project.tasks import about, with_ids

CONFIG = """
<View><Labels name="layer" toName="text"><Label value="A"/><Label value="B"/></Labels>
<Text name="text" value="$text"/></View>
"""
REGION: wire.SpanItem = {
    "id": "r1",
    "type": "labels",
    "from_name": "layer",
    "to_name": "text",
    "value": {"start": 0, "end": 5, "text": "Hello", "labels": ["A"]},
}


@pytest.fixture
def project(client: LabelStudioClient) -> Iterator[int]:
    made = client.create_project({"title": "Contract", "label_config": CONFIG, "maximum_annotations": 1})
    yield made["id"]
    client.delete_project(made["id"])


def some(number: int, version: str = "") -> list[wire.NewTask]:
    found: list[wire.NewTask] = []
    for n in range(number):
        task: wire.NewTask = {"data": {"article_id": f"a{n}", "text": "Hello 😀 world"}}
        if version:
            task["predictions"] = [{"model_version": version, "result": [REGION], "score": 0.5}]
        found.append(task)
    return found


def refused(error: pytest.ExceptionInfo[LabelStudioError]) -> object:
    return error.value.facts["status"]


def touched_since(client: LabelStudioClient, seconds: float) -> wire.Filters:
    since = (client.clock() - timedelta(seconds=seconds)).astimezone(UTC)
    return {
        "conjunction": "and",
        "items": [
            {"filter": "filter:tasks:updated_by", "operator": "empty", "type": "List", "value": "False"},
            {
                "filter": "filter:tasks:updated_at",
                "operator": "greater",
                "type": "Datetime",
                "value": since.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            },
        ],
    }


def test_contract_projects_are_found_by_title_and_changed(client: LabelStudioClient, project: int) -> None:
    twin = client.create_project({"title": "Contract", "label_config": CONFIG})
    try:
        assert [one["id"] for one in client.find_projects("Contract")] == [twin["id"], project]
        assert client.update_project(project, {"expert_instruction": "Read."}).get("expert_instruction") == "Read."
        assert client.project(project).get("expert_instruction") == "Read."
        assert client.counts(project)["task_number"] == 0
    finally:
        client.delete_project(twin["id"])
    for ask in (client.project, client.counts):
        with pytest.raises(LabelStudioError) as error:
            ask(twin["id"])
        assert refused(error) == 404


def test_contract_a_title_has_a_length_and_a_config_is_checked(client: LabelStudioClient) -> None:
    with pytest.raises(LabelStudioError) as error:
        client.create_project({"title": "ab", "label_config": CONFIG})
    assert refused(error) == 400
    assert client.check_config(CONFIG) is None
    complaint = client.check_config("<View><Labels name='x' toName='nothing'></Labels></View>")
    assert complaint is not None
    assert "'Label' is a required property" in complaint


def test_contract_tasks_go_in_in_order_and_are_found(client: LabelStudioClient, project: int) -> None:
    ids = client.import_tasks(project, some(5, "m 1"))
    assert ids == sorted(ids)
    assert [task["id"] for task in client.tasks(project, page_size=2)] == ids
    assert [task["id"] for task in client.tasks(project, where=with_ids(ids[3:]))] == ids[3:]
    found = list(client.tasks(project, where=about(["a4", "a1", "nobody"]), everything=True))
    assert [task["data"]["article_id"] for task in found] == ["a1", "a4"]
    [prediction] = found[0].get("predictions", [])
    assert (prediction["model_version"], prediction["result"][0]["id"]) == ("m 1", "r1")
    assert client.counts(project)["task_number"] == 5
    assert client.update_task(ids[0], {"article_id": "new", "text": "x"})["data"]["article_id"] == "new"
    client.delete_task(ids[0])
    assert [task["id"] for task in client.tasks(project)] == ids[1:]
    with pytest.raises(LabelStudioError) as error:
        client.task(ids[0])
    assert refused(error) == 404


def test_contract_one_bad_prediction_and_nothing_goes_in(client: LabelStudioClient, project: int) -> None:
    bad = some(3, "m")
    bad[1]["predictions"] = [{"model_version": "m", "result": [{**REGION, "from_name": "nobody"}]}]
    with pytest.raises(LabelStudioError, match="Task 1, prediction 0") as error:
        client.import_tasks(project, bad)
    assert refused(error) == 400
    assert list(client.tasks(project)) == []


def test_contract_predictions_of_a_newer_model(client: LabelStudioClient, project: int) -> None:
    ids = client.import_tasks(project, some(2, "m 1"))
    newer: list[wire.NewPrediction] = [
        {"task": one, "model_version": "m 2", "result": [REGION], "score": 0.9} for one in ids
    ]
    with pytest.raises(LabelStudioError) as error:
        client.update_project(project, {"model_version": "m 2"})  # nothing of it is there yet
    assert refused(error) == 400
    assert client.import_predictions(project, newer) == 2
    assert client.model_versions(project) == {"m 1": 2, "m 2": 2}
    first, second = client.predictions(task_id=ids[0])
    assert first["id"] < second["id"]
    [state, _] = client.task_states(project)
    assert set(state["predictions_model_versions"].split(",")) == {"m 1", "m 2"}
    client.update_project(project, {"model_version": "m 2"})
    client.delete_prediction(first["id"])
    assert client.delete_model_version(project, "m 2") == 2
    assert not client.project(project).get("model_version")
    assert client.predictions(task_id=ids[0]) == []


def test_contract_predictions_of_tasks_that_are_not_there_are_refused(client: LabelStudioClient, project: int) -> None:
    [here] = client.import_tasks(project, some(1))
    both: list[wire.NewPrediction] = [
        {"task": one, "model_version": "m", "result": [REGION]} for one in (here, here + 1000)
    ]
    with pytest.raises(LabelStudioError) as error:
        client.import_predictions(project, both)
    assert refused(error) == 400
    assert client.predictions(task_id=here) == []


def test_contract_work_is_seen_by_its_time_and_counted(client: LabelStudioClient, project: int) -> None:
    one, two, three = client.import_tasks(project, some(3, "m 1"))
    assert [task["id"] for task in client.tasks(project, where=touched_since(client, 600))] == []
    made = client.create_annotation(one, {"result": [REGION], "lead_time": 3.0})
    skipped = client.create_annotation(two, {"result": [], "was_cancelled": True})
    assert [task["id"] for task in client.tasks(project, where=touched_since(client, 600))] == [one, two]
    counts = client.counts(project)
    assert (counts["total_annotations_number"], counts["skipped_annotations_number"]) == (1, 1)
    states = {state["id"]: state for state in client.task_states(project)}
    assert states[one]["annotations_ids"] == str(made["id"])
    assert (states[one]["is_labeled"], states[three]["is_labeled"]) == (True, False)
    [task] = client.tasks(project, where=with_ids([two]), everything=True)
    assert [one["was_cancelled"] for one in task.get("annotations", [])] == [True]
    changed = client.update_annotation(made["id"], {"result": []})
    assert changed["updated_at"] > made["updated_at"]
    assert [found["id"] for found in client.annotations(one)] == [made["id"]]
    client.delete_annotation(skipped["id"])
    client.delete_annotation(made["id"])
    assert client.annotations(one) == []
    assert client.counts(project)["total_annotations_number"] == 0


def test_contract_the_queue_ends(client: LabelStudioClient, project: int) -> None:
    ids = client.import_tasks(project, some(2))
    for expected in ids:
        task = client.next_task(project)
        assert task is not None
        assert task["id"] == expected
        client.create_annotation(task["id"], {"result": []})
    assert client.next_task(project) is None
