import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import jwt
import pytest
from client_contract import CONFIG, REGION

from workbench.core.ports import Silent
from workbench.errors import LabelStudioError
from workbench.labelstudio.api import session, wire
from workbench.labelstudio.api.client import LabelStudioClient, connect
from workbench.labelstudio.api.direct import request
from workbench.labelstudio.project.tasks import about
from workbench.labelstudio.server import accounts
from workbench.labelstudio.server.embedded import Server


@pytest.fixture
def project(label_studio: LabelStudioClient) -> Iterator[int]:
    made = label_studio.create_project({"title": "Client tests", "label_config": CONFIG})
    yield made["id"]
    label_studio.delete_project(made["id"])


def tasks(number: int, *, predicted: bool = False) -> list[wire.NewTask]:
    prediction: wire.NewPrediction = {"model_version": "m 1", "result": [REGION], "score": 0.5}
    found: list[wire.NewTask] = []
    for n in range(number):
        task: wire.NewTask = {"data": {"article_id": f"a{n}", "text": "Hello 😀 world"}}
        if predicted:
            task["predictions"] = [prediction]
        found.append(task)
    return found


def test_the_servers_word_on_itself(label_studio: LabelStudioClient):
    assert label_studio.version() == "1.23.2"
    assert label_studio.server == "embedded"
    assert abs(label_studio.clock().timestamp() - time.time()) < 5
    assert label_studio.whoami()["email"] == "owner@workbench.local"


def test_projects(label_studio: LabelStudioClient, project: int):
    twin = label_studio.create_project({"title": "Client tests", "label_config": CONFIG})
    try:
        assert [p["id"] for p in label_studio.find_projects("Client tests")] == [twin["id"], project]
        assert label_studio.find_projects("client tests") == []
        changed = label_studio.update_project(project, {"maximum_annotations": 2, "show_instruction": True})
        assert changed.get("maximum_annotations") == 2
        assert label_studio.project(project).get("show_instruction") is True
    finally:
        label_studio.delete_project(twin["id"])
    with pytest.raises(LabelStudioError) as caught:
        label_studio.project(twin["id"])
    assert caught.value.facts["status"] == 404


def updated_since(since: datetime) -> wire.Filters:
    value = since.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    item: wire.Filter = {"filter": "filter:tasks:updated_at", "operator": "greater", "type": "Datetime", "value": value}
    return {"conjunction": "and", "items": [item]}


def test_a_config_is_checked(label_studio: LabelStudioClient):
    assert label_studio.check_config(CONFIG) is None
    complaint = label_studio.check_config("<View><Labels name='x' toName='nothing'></Labels></View>")
    assert complaint.endswith("refuses (400): label_config: Validation failed on : 'Label' is a required property")


def test_tasks_go_in_in_order_and_come_out_in_pages(label_studio: LabelStudioClient, project: int):
    ids = label_studio.import_tasks(project, tasks(7, predicted=True))

    assert [task["id"] for task in label_studio.tasks(project, page_size=3)] == ids
    assert [task["data"]["article_id"] for task in label_studio.tasks(project)] == [f"a{n}" for n in range(7)]
    found = label_studio.tasks(project, where=about(["a5", "a2", "nobody"]), everything=True)
    assert {str(task["data"]["article_id"]): task.get("predictions", [])[0]["model_version"] for task in found} == {
        "a2": "m 1",
        "a5": "m 1",
    }
    assert label_studio.model_versions(project) == {"m 1": 7}
    assert label_studio.task(ids[0])["data"]["text"] == "Hello 😀 world"
    assert label_studio.update_task(ids[0], {"article_id": "new", "text": "x"})["data"]["article_id"] == "new"
    label_studio.delete_task(ids[0])
    assert [task["id"] for task in label_studio.tasks(project)] == ids[1:]


def test_one_bad_prediction_and_nothing_goes_in(label_studio: LabelStudioClient, project: int):
    bad = tasks(3, predicted=True)
    bad[1]["predictions"] = [{"model_version": "m", "result": [{**REGION, "from_name": "nobody"}]}]

    with pytest.raises(LabelStudioError, match="Task 1, prediction 0") as caught:
        label_studio.import_tasks(project, bad)
    assert caught.value.facts["status"] == 400
    assert list(label_studio.tasks(project)) == []


def test_predictions_of_a_newer_model(label_studio: LabelStudioClient, project: int):
    ids = label_studio.import_tasks(project, tasks(2, predicted=True))
    newer: list[wire.NewPrediction] = [
        {"task": i, "model_version": "m 2", "result": [REGION], "score": 0.9} for i in ids
    ]

    assert label_studio.import_predictions(project, newer) == 2
    assert label_studio.model_versions(project) == {"m 1": 2, "m 2": 2}
    assert {p["model_version"] for p in label_studio.predictions(task_id=ids[0])} == {"m 1", "m 2"}
    first = label_studio.predictions(task_id=ids[0])[0]
    label_studio.delete_prediction(first["id"])
    assert first["id"] not in [p["id"] for p in label_studio.predictions(task_id=ids[0])]


def test_an_annotator_works_as_themself(
    label_studio: LabelStudioClient, project: int, live_workspace: Path, embedded: Server
):
    folder = embedded.folder
    report = accounts.add(label_studio, folder, ("Dora", "emil@example.org", "no name"))
    assert [account.email for account in report.added] == ["dora@workbench.local", "emil@example.org"]
    assert [name for name, _ in report.refused] == ["no name"]
    assert accounts.add(label_studio, folder, ("dora",)).known == ("dora@workbench.local",)
    kept = {account.email: account.password for account in accounts.everybody(label_studio, folder).accounts}
    assert kept["owner@workbench.local"] == ""
    session.check_login(label_studio.url, "dora@workbench.local", kept["dora@workbench.local"])
    with pytest.raises(LabelStudioError, match="password you entered don't match"):
        session.check_login(label_studio.url, "dora@workbench.local", "wrong")

    since = label_studio.clock() - timedelta(seconds=1)
    first, second, third = label_studio.import_tasks(project, tasks(3, predicted=True))
    before = {task["id"] for task in label_studio.tasks(project, where=updated_since(since))}
    assert before == {first, second, third}
    [prediction] = label_studio.predictions(task_id=first)
    time.sleep(1.1)
    since = label_studio.clock()
    time.sleep(1.1)

    dora = accounts.client_of(label_studio, folder, "dora")
    made = dora.create_annotation(first, {"result": [REGION], "lead_time": 12.5, "parent_prediction": prediction["id"]})
    skipped = dora.create_annotation(second, {"result": [], "lead_time": 1.0, "was_cancelled": True})
    other: wire.SpanItem = {**REGION, "value": {"start": 8, "end": 13, "labels": ["B"]}}
    dora.update_annotation(made["id"], {"result": [other]})

    [seen] = label_studio.annotations(first)
    assert seen["completed_by"] == dora.whoami()["id"] != label_studio.whoami()["id"]
    assert seen.get("parent_prediction") == prediction["id"]
    assert seen.get("lead_time") == 12.5
    assert seen["result"] == [other]
    assert label_studio.annotations(second) == []
    [seen] = label_studio.task(second).get("annotations", [])
    assert (seen["id"], seen["was_cancelled"]) == (skipped["id"], True)
    assert {task["id"] for task in label_studio.tasks(project, where=updated_since(since))} == {first, second}
    dora.delete_annotation(made["id"])
    assert label_studio.annotations(first) == []


def test_a_personal_access_token_is_renewed(embedded: Server, label_studio: LabelStudioClient):
    """By the SDK where the last access token has run out, by us where the server refuses it all the same."""
    pat = label_studio.make_access_token()
    with pytest.raises(LabelStudioError) as caught:
        label_studio.make_access_token()
    assert caught.value.facts["status"] == 409
    client = connect(label_studio.url, pat)
    assert client.whoami()["email"] == "owner@workbench.local"
    assert pat not in embedded.log.read_text(encoding="utf-8")

    def tamper(seconds: int) -> str:
        """The client now holds an access token that another key signed, which runs out in so many seconds."""
        sdk = client._way._made
        assert sdk is not None
        claims = {"exp": int(time.time()) + seconds, "token_type": "access", "user_id": 1}
        false = jwt.encode(claims, "k" * 32, algorithm="HS256")
        sdk._client_wrapper._tokens_client._set_access_token(false)
        return false

    for seconds in (-10, 250):
        tamper(seconds)
        assert client.whoami()["email"] == "owner@workbench.local"
        assert client.projects() is not None


def test_a_wrong_token_is_refused_and_named(label_studio: LabelStudioClient):
    with pytest.raises(LabelStudioError, match="Invalid token") as caught:
        connect(label_studio.url, "0" * 40).whoami()
    assert caught.value.exit_code == 1
    assert "LABEL_STUDIO_API_KEY" in caught.value.hint


def test_where_legacy_tokens_are_switched_off_an_annotator_gets_the_other_kind(another: Server):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (another.folder / "login.json").unlink()  # the copied owner may have a personal access token already
    another.start(Silent(), port=port)
    owner = another.client()
    email = owner.whoami()["email"]
    accounts.add(owner, another.folder, ("fay",))
    pat = owner.make_access_token()
    switched = {"legacy_api_tokens_enabled": False, "api_tokens_enabled": True}
    request(owner._way, "POST", "api/jwt/settings", json=switched)

    with pytest.raises(LabelStudioError, match="legacy token"):
        owner.whoami()
    by_pat = connect(owner.url, pat, server=owner.server)
    assert by_pat.whoami()["email"] == email
    assert accounts.client_of(by_pat, another.folder, "fay").whoami()["email"] == "fay@workbench.local"
