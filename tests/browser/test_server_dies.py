"""The server dies while a person edits: what the page had saved is there after the restart, and how much that is."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.conftest import SIZE
from browser.editor import Editor
from browser.pages import Workplace, facts, marked
from live.conftest import copy_of
from playwright.sync_api import Browser, Response, expect

from workbench.core.ports import Silent
from workbench.labelstudio.server.embedded import Server

AUTOSAVE_SECONDS = 5.0
"""What docs/annotators.md promises: the page saves a draft this long after a change at the latest."""
SLACK_SECONDS = 3.0
"""What a busy machine adds."""
SUGGESTED = """story: page
split: train
source: https://example.org/world/oslo
published: 2025-05-07

[Norway|GPE no] [urges|REQUEST u] [Ankara|ORG an] to [mediate|CONSULT m] in the [grain|ISSUE g] dispute of [Russia|GPE ru]
"""
CORRECTED = """story: page
split: train
source: https://example.org/world/oslo
published: 2025-05-07

[Norway|GPE no] [urges|REQUEST u] [Ankara|GPE an] to mediate in the grain dispute of Russia
"""


@pytest.fixture
def own(embedded: Server, tmp_path: Path) -> Iterator[Server]:
    """A server of its own, that runs."""
    server = Server(copy_of(embedded, tmp_path / "label-studio"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server.start(Silent(), port=port)
    yield server
    server.stop()


def kill(server: Server) -> int:
    """The port of the server that was killed."""
    running = server.status()
    assert running is not None
    os.killpg(running.pid, signal.SIGKILL)
    while server.status() is not None or listens(running.port):
        time.sleep(0.05)
    return running.port


def listens(port: int) -> bool:
    """Whether a thread of the server still has the port; they end one after the other."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def saves_draft(answer: Response) -> bool:
    return "/drafts" in answer.url and answer.request.method in ("POST", "PATCH") and answer.ok


def test_a_draft_outlives_the_server_and_an_open_page_loses_nothing(own: Server, tmp_path: Path, chromium: Browser):
    owner = own.owner()
    assert owner is not None
    client = own.client()
    workplace = Workplace(tmp_path, client, "the server dies")
    [task] = workplace.put(marked(SUGGESTED))
    context = chromium.new_context(viewport=SIZE)
    editor = Editor(context.new_page(), client.url)
    editor.log_in(owner.email, owner.password)
    editor.open(task.project_id, task.task_id, spans=task.spans)
    region = task.regions

    # What was changed is saved within seconds, and is there when the server is back.
    with editor.page.expect_response(saves_draft, timeout=1000 * (AUTOSAVE_SECONDS + SLACK_SECONDS)) as saved:
        editor.relabel(region["an"], "3")
        editor.delete(region["m"])
    assert saved.value.ok
    port = kill(own)
    own.start(Silent(), port=port)
    editor.open(task.project_id, task.task_id, spans=task.spans - 1)
    expect(editor.region(region["m"])).to_have_count(0)
    assert {shown.id: shown.label for shown in editor.shown()}[region["an"]] == "GPE"

    # What was changed just before or after it died is in the open page, which saves it with the next change.
    editor.delete(region["g"])
    port = kill(own)
    editor.page.wait_for_timeout(1000 * (AUTOSAVE_SECONDS + 1))
    expect(editor.region(region["g"])).to_have_count(0)
    own.start(Silent(), port=port)
    with editor.page.expect_response(saves_draft, timeout=1000 * (AUTOSAVE_SECONDS + SLACK_SECONDS)):
        editor.delete(region["ru"])
    editor.open(task.project_id, task.task_id, spans=task.spans - 3)
    for gone in ("m", "g", "ru"):
        expect(editor.region(region[gone])).to_have_count(0)

    # A draft keeps the task and its suggestion where they are, whatever is pushed, and is submitted as any work.
    workplace.push()
    editor.submit()
    report = workplace.pull()
    assert (report.submitted, report.new_problems) == (1, ())
    _, pulled = workplace.revision(task)
    assert facts(pulled) == facts(marked(CORRECTED)[1])
    context.close()
    client.close()
