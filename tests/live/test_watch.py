"""`pull --watch` with a webhook: what is submitted is stored within a moment, though it looks once a minute."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx
import pytest
from live.conftest import free_port
from pushing import SCHEME, Bench, text

from workbench.core.ports import Silent
from workbench.errors import SettingsError
from workbench.labelstudio import annotator_client
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.pull.pull import PullReport, pull
from workbench.labelstudio.pull.webhook import HEADER, PATH, WebhookListener
from workbench.labelstudio.server.embedded import Server
from workbench.workflows.sync import watch

MINUTE = 60.0


@pytest.fixture
def bench(tmp_path: Path, label_studio: LabelStudioClient, request: pytest.FixtureRequest) -> Bench:
    bench = Bench(tmp_path, label_studio, "watch " + request.node.name[-40:])
    bench.add([text(n) for n in range(3)])
    return bench


@pytest.fixture
def listener(embedded: Server) -> Iterator[WebhookListener]:
    with closing(embedded.client()) as client, WebhookListener(client) as bell:
        yield bell


def submit(bench: Bench, project_id: int) -> None:
    client_task = annotator_client.next_task(bench.client, project_id, SCHEME, shown="rules 1")
    assert client_task is not None
    annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)


def once(bench: Bench) -> PullReport:
    return pull(bench.store, bench.client, Silent(), title=bench.title)


def test_what_is_handed_in_is_stored_at_once(bench: Bench, listener: WebhookListener):
    project_id = bench.push().project_id
    reports = watch(partial(once, bench), Silent(), every=MINUTE, listener=listener)
    stored: list[float] = []

    def hand_in_later() -> None:
        for _ in range(2):
            while not listener.registered or len(stored) != len(handed_in):
                time.sleep(0.01)
            time.sleep(0.5)
            submit(bench, project_id)
            handed_in.append(time.monotonic())

    handed_in: list[float] = []
    person = threading.Thread(target=hand_in_later, daemon=True)
    person.start()
    for _ in range(2):
        assert next(reports).submitted == 1
        stored.append(time.monotonic())
    person.join(5)
    took = [after - before for before, after in zip(handed_in, stored, strict=True)]
    assert max(took) < 5, took  # it is half a second where nothing else runs, and would be a minute
    assert len(bench.client.webhooks(project_id)) == 1
    listener.close()
    assert bench.client.webhooks(project_id) == []


def test_only_label_studio_rings_and_nothing_it_says_is_kept(listener: WebhookListener):
    for answer in (
        httpx.post(listener.url, json={"action": "ANNOTATION_CREATED"}),
        httpx.post(listener.url, headers={HEADER: "guessed"}),
        httpx.post(listener.url.replace(PATH, "/other")),
    ):
        assert (answer.status_code, answer.content) == (404, b"")
    assert "python" not in str(httpx.get(listener.url).headers).lower()
    assert not listener.wait(0)


def test_what_a_watch_that_was_killed_left_is_taken_off_and_other_webhooks_stay(
    bench: Bench, listener: WebhookListener
):
    project_id = bench.push().project_id
    left = f"http://127.0.0.1:{free_port()}{PATH}"
    for url in (left, "http://1.1.1.1/somebody"):  # nothing happens here that either is called for
        bench.client.create_webhook(project_id, url, ["TASKS_DELETED"], headers={})
    with WebhookListener(bench.client) as another:
        another.start(project_id)
        listener.start(project_id)
        urls = [one["url"] for one in bench.client.webhooks(project_id)]
        assert left not in urls
        assert {another.url, listener.url} < set(urls)
        assert len(urls) == 3


@pytest.mark.parametrize("address", ["8080", "localhost", ":1", "127.0.0.1:99999", "192.0.2.1:0", "0.0.0.0:0"])
def test_an_address_that_is_none_is_named(label_studio: LabelStudioClient, address: str):
    with pytest.raises(SettingsError, match=re.escape(address)):
        WebhookListener(label_studio, address)


def test_the_command_takes_its_webhook_off_when_it_is_ended(bench: Bench, embedded: Server, tmp_path: Path):
    project_id = bench.push().project_id
    owner, running = embedded.owner(), embedded.status()
    assert owner is not None
    assert running is not None
    (tmp_path / "workbench.toml").write_text(f'[label_studio]\nproject = "{bench.title}"\n')
    environment = {**os.environ, "LABEL_STUDIO_API_KEY": owner.token, "LABEL_STUDIO_URL": running.url}
    with bench.store.transaction() as session:  # it is another server by its address than by its name
        session.connection().exec_driver_sql("UPDATE ls_project SET server = ?", (running.url,))
    command = [sys.executable, "-m", "workbench", "pull", "--watch", "--webhook", "--every", "60"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert said.startswith("Label Studio calls http://127.0.0.1:"), said
        assert len(bench.client.webhooks(project_id)) == 1
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        said += process.stderr.read()
    assert bench.client.webhooks(project_id) == []
    assert "Traceback" not in said
    assert owner.token not in said
