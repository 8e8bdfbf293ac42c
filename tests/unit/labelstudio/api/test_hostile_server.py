"""What answers is no Label Studio, or one that means harm: an error of ours each time, in time, and no token elsewhere."""

import gzip
import json
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from workbench.errors import LabelStudioError
from workbench.labelstudio.api import client as clients
from workbench.labelstudio.api import limits, session, transport
from workbench.labelstudio.api.client import LabelStudioClient, connect
from workbench.labelstudio.api.direct import request
from workbench.labelstudio.server import accounts, checks, embedded

TOKEN = "t0k3n" * 8
REFRESH = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDAsInRva2VuX3R5cGUiOiJyZWZyZXNoIn0.c2lnbmF0dXJl"
"""A personal access token of the year 2100."""

CALLS: dict[str, Callable[[LabelStudioClient], object]] = {
    "version": lambda c: c.version(),
    "whoami": lambda c: c.whoami(),
    "users": lambda c: c.users(),
    "delete_user": lambda c: c.delete_user(1),
    "invite": lambda c: c.invite(),
    "renew_invite": lambda c: c.renew_invite(),
    "make_access_token": lambda c: c.make_access_token(),
    "projects": lambda c: c.projects(),
    "find_projects": lambda c: c.find_projects("News"),
    "project": lambda c: c.project(1),
    "counts": lambda c: c.counts(1),
    "create_project": lambda c: c.create_project({"title": "News"}),
    "update_project": lambda c: c.update_project(1, {"title": "News"}),
    "delete_project": lambda c: c.delete_project(1),
    "check_config": lambda c: c.check_config("<View/>"),
    "check_change": lambda c: c.check_change(1, "<View/>"),
    "create_view": lambda c: c.create_view(1, {"title": "x"}),
    "model_versions": lambda c: c.model_versions(1),
    "webhooks": lambda c: c.webhooks(1),
    "create_webhook": lambda c: c.create_webhook(1, "http://127.0.0.1:9/x", ("ANNOTATION_CREATED",), headers={}),
    "delete_webhook": lambda c: c.delete_webhook(1),
    "tasks": lambda c: list(c.tasks(1, everything=True)),
    "task_states": lambda c: list(c.task_states(1)),
    "task": lambda c: c.task(1),
    "update_task": lambda c: c.update_task(1, {}),
    "delete_task": lambda c: c.delete_task(1),
    "import_tasks": lambda c: c.import_tasks(1, [{"data": {}}]),
    "import_predictions": lambda c: c.import_predictions(1, []),
    "imports_slowly": lambda c: c.imports_slowly(1),
    "predictions": lambda c: c.predictions(task_id=1),
    "delete_prediction": lambda c: c.delete_prediction(1),
    "delete_model_version": lambda c: c.delete_model_version(1, "m"),
    "annotations": lambda c: c.annotations(1),
    "create_annotation": lambda c: c.create_annotation(1, {"result": []}),
    "update_annotation": lambda c: c.update_annotation(1, {"result": []}),
    "delete_annotation": lambda c: c.delete_annotation(1),
    "next_task": lambda c: c.next_task(1),
    "clock": lambda c: c.clock(),
    "checks": lambda c: list(checks.reachable_server(c)),
    "sign_in": lambda c: session.sign_in(c.url, "a@b.c", "password"),
    "sign_up": lambda c: session.sign_up(c.url, "invite", "a@b.c", "password"),
    "signup_is_open": lambda c: session.signup_is_open(c.url),
    "healthy": lambda c: embedded.healthy(c.url),
}
NOTHING_IS_READ = {
    "delete_user",
    "delete_project",
    "create_view",
    "delete_webhook",
    "delete_task",
    "delete_prediction",
} | {
    "delete_annotation",
    "imports_slowly",
    "check_config",
    "check_change",
    "checks",  # it tells of the error
    "healthy",
    "sign_in",
    "sign_up",
    "signup_is_open",
}
"""Calls that rely on nothing in a good answer's body, or tell of what is wrong by other means."""

NESTED = "[" * 200_000 + "]" * 200_000
TASK = {"id": 1, "data": {}, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
ANNOTATION = {**TASK, "result": [], "completed_by": 1, "was_cancelled": False}
WRONG = {
    "null": "null",
    "a number": "7",
    "a text": '"News"',
    "an empty list": "[]",
    "a list of nothing": "[null]",
    "a list of texts": '["x"]',
    "an object": "{}",
    "lists for texts": '{"results": [{"id": 1, "title": ["x"]}], "tasks": [{"id": 1, "data": {}, "created_at": []}]}',
    "texts for numbers": '{"id": "1", "results": [{"id": "1"}], "tasks": [{"id": "1"}], "task_ids": "1", "created": "1"}',
    "texts for lists": '{"results": "x", "tasks": "x", "token": 1, "label-studio-os-package": "1.23.2"}',
    "a giant number": f'{{"id": {10**40}, "results": [{{"id": {10**40}}}], "tasks": [{{"id": {10**40}}}]}}',
    "no number": '{"id": NaN, "results": [{"id": NaN}], "tasks": [{"id": 1e400}]}',
    "nested deep": NESTED,
    "nested in an object": f'{{"results": {NESTED}, "tasks": {NESTED}}}',
    "half a surrogate": '{"id": 1, "email": "\\ud800", "results": [{"id": 1, "title": "\\ud800"}], "tasks": "\\ud800"}',
    "cut short": '{"results": [{"id": 1',
    "a page": "<!doctype html><title>Welcome</title>",
    "no text": "\ufffd\x00\x01",
}


class Hostile(ThreadingHTTPServer):
    """Answers every request by `answer`, and notes what it was asked with which credentials."""

    daemon_threads = True

    def __init__(self) -> None:
        self.answer: Callable[[BaseHTTPRequestHandler], None] = says("{}")
        self.asked: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Says nothing: clients go away here."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, or the second waits for the first's acknowledgement

    def do_GET(self):
        server = self.server
        assert isinstance(server, Hostile)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server.asked.append((f"{self.command} {self.path}", self.headers.get("Authorization", "")))
        server.answer(self)

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 (the names that http.server looks for)

    def log_message(self, format, *args):
        pass


def says(body: str | bytes, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    content = body if isinstance(body, bytes) else body.encode()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response_only(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    return answer


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    server = Hostile()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(hostile: Hostile) -> Iterator[LabelStudioClient]:
    with closing(connect(hostile.url, TOKEN)) as client:
        yield client


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transport.time, "sleep", lambda seconds: None)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [(wrong, status) for wrong in WRONG for status in (200, 400)] + [("a page", 404), ("null", 500)],
)
def test_an_answer_of_the_wrong_kind_is_an_error_of_ours(hostile: Hostile, wrong: str, status: int):
    hostile.answer = says(WRONG[wrong], status)
    raised: list[LabelStudioError] = []
    for key in (TOKEN, REFRESH):
        for call in CALLS.values():
            with closing(connect(hostile.url, key)) as client:
                try:
                    call(client)
                except LabelStudioError as error:
                    raised.append(error)
    assert raised
    for error in raised:
        assert len(str(error)) < 1500
        shown = "".join(traceback.format_exception(error))
        assert TOKEN not in shown
        assert REFRESH not in shown


@pytest.mark.parametrize("name", sorted(CALLS.keys() - NOTHING_IS_READ))
def test_no_call_takes_a_number_for_an_answer(hostile: Hostile, client: LabelStudioClient, name: str):
    hostile.answer = says("7")

    with pytest.raises(LabelStudioError, match="is not Label Studio"):
        CALLS[name](client)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "1"),
        ("id", True),
        ("id", 2**70),
        ("id", None),
        ("updated_at", "yesterday"),
        ("updated_at", "0001-01-01T00:00:00+23:59"),
        ("created_at", 7),
        ("completed_by", "ann"),
        ("completed_by", {"email": "ann"}),
        ("was_cancelled", "no"),
        ("lead_time", "long"),
        ("unique_id", "a\0b"),
    ],
)
def test_the_place_that_differs_is_named(hostile: Hostile, client: LabelStudioClient, key: str, value: object):
    page = {"total": 1, "tasks": [{**TASK, "annotations": [{**ANNOTATION, key: value}]}]}
    hostile.answer = says(json.dumps(page))

    with pytest.raises(LabelStudioError, match=rf"tasks\[0\]\.annotations\[0\].*{key}"):
        list(client.tasks(1, everything=True))


def test_what_a_result_holds_is_looked_at_later_item_by_item(hostile: Hostile, client: LabelStudioClient):
    page = {"total": 1, "tasks": [{**TASK, "annotations": [{**ANNOTATION, "result": ["x", {"value": 7}]}]}]}
    hostile.answer = says(json.dumps(page))

    (task,) = client.tasks(1, everything=True)
    assert task.get("annotations", [])[0]["result"] == ["x", {"value": 7}]


def test_a_list_of_projects_without_end_ends(
    hostile: Hostile, client: LabelStudioClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(clients, "MOST_LISTED", 2000)
    page = {"results": [{"id": number, "title": "x"} for number in range(200)], "next": f"{hostile.url}/more"}
    hostile.answer = says(json.dumps(page))

    with pytest.raises(LabelStudioError, match="more than 2,000"):
        client.projects()
    assert len(hostile.asked) == 11
    hostile.answer = says(json.dumps({"results": [], "next": f"{hostile.url}/more"}))
    assert client.projects() == []


@pytest.mark.parametrize("states", [False, True])
def test_a_list_of_tasks_without_end_ends(
    hostile: Hostile, client: LabelStudioClient, monkeypatch: pytest.MonkeyPatch, states: bool
):
    monkeypatch.setattr(clients, "MOST_LISTED", 2000)
    last = 0

    def answer(request: BaseHTTPRequestHandler) -> None:
        nonlocal last
        numbers = range(last + 1, last + 1001)
        last += 1000
        more = {"is_labeled": False, "draft_exists": False, "annotations_ids": "", "predictions_model_versions": ""}
        says(json.dumps({"total": 1, "tasks": [{**TASK, **more, "id": number} for number in numbers]}))(request)

    hostile.answer = answer
    with pytest.raises(LabelStudioError, match="more than 2,000"):
        list(client.task_states(1) if states else client.tasks(1, page_size=1000))
    assert len(hostile.asked) == 3


@pytest.mark.parametrize("ids", [[1, 1], [2, 1], [0], [-1], list(range(200, 0, -1))])
def test_tasks_that_come_twice_or_backwards_are_no_list(hostile: Hostile, client: LabelStudioClient, ids: list[int]):
    hostile.answer = says(json.dumps({"total": 1, "tasks": [{**TASK, "id": number} for number in ids]}))

    with pytest.raises(LabelStudioError, match="another order"):
        list(client.tasks(1))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("key", [TOKEN, REFRESH])
def test_no_token_follows_a_redirect(hostile: Hostile, status: int, key: str):
    elsewhere = Hostile()
    hostile.answer = says("", status, Location=f"{elsewhere.url}/api?token=s3cret#x")
    for name, call in CALLS.items():
        with closing(connect(hostile.url, key)) as client:
            if name in ("checks", "healthy", "sign_in", "sign_up", "signup_is_open"):
                with suppress(LabelStudioError):  # a form that was taken is answered by a redirect
                    call(client)
            else:
                with pytest.raises(LabelStudioError) as caught:
                    call(client)
                assert "s3cret" not in str(caught.value)
    assert elsewhere.asked == []
    elsewhere.shutdown()
    elsewhere.server_close()


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("", "longer than 5,000,000 bytes"),
        ("bomb", "longer than 5,000,000 bytes"),
        ("members", "incomplete answer"),
        ("damaged", "compressed answer is damaged"),
        ("brotli", "compressed in a way that was not asked for"),
    ],
)
def test_a_body_without_end_is_not_read_to_its_end(
    hostile: Hostile, client: LabelStudioClient, monkeypatch: pytest.MonkeyPatch, encoding: str, said: str
):
    monkeypatch.setattr(limits, "ANSWER_BYTES", 5_000_000)
    blank = b" " * 65536
    sent = 0

    def answer(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.send_response_only(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Connection", "close")
        if encoding:
            request.send_header("Content-Encoding", "br" if encoding == "brotli" else "gzip")
        request.end_headers()
        chunk = gzip.compress(blank * 16) if encoding == "members" else blank
        if encoding == "bomb":
            bomb = zlib.compressobj(wbits=31)
            chunk = b"".join(bomb.compress(blank) for _ in range(1000)) + bomb.flush()
        while True:
            request.wfile.write(chunk)
            sent += len(chunk)

    hostile.answer = answer
    began = time.monotonic()
    with pytest.raises(LabelStudioError, match=said):
        client.projects()
    assert time.monotonic() - began < 120
    assert len(hostile.asked) == (transport.REPEATS if "compressed" in said else 1)
    assert sent < 40_000_000


def test_a_body_that_comes_a_byte_at_a_time_is_given_up(hostile: Hostile):
    stop = threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response_only(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        while not stop.wait(0.02):
            request.wfile.write(b" ")
            request.wfile.flush()

    hostile.answer = answer
    way = transport.Transport(hostile.url, TOKEN, answer_seconds=0.3)
    began = time.monotonic()
    with pytest.raises(LabelStudioError, match="in time"):
        request(way, "GET", "api/projects/")
    stop.set()
    assert time.monotonic() - began < 120
    assert len(hostile.asked) == transport.REPEATS


def test_an_ordinary_answer_is_read_whole_packed_or_not(hostile: Hostile, client: LabelStudioClient):
    projects = {"results": [{"id": number, "title": "é" * 50} for number in range(5000)]}
    body = json.dumps(projects, ensure_ascii=False).encode()
    for answer in (says(body), says(gzip.compress(body), Content_Encoding="gzip")):
        hostile.answer = answer
        assert client.projects() == projects["results"]


@pytest.mark.parametrize("date", ["", "never", "Fri, 31 Dec 9999 23:59:00 -2359", "Thu, 32 Foo 2026", "0"])
def test_a_date_that_is_none_is_not_needed(hostile: Hostile, client: LabelStudioClient, date: str):
    hostile.answer = says('{"results": []}', Date=date)

    assert client.projects() == []
    assert client.answered.year >= 2024


@pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "1e400", "soon", "9" * 5000])
def test_a_pause_that_is_none_ends(hostile: Hostile, client: LabelStudioClient, seconds: str):
    hostile.answer = says("{}", 429, Retry_After=seconds)

    with pytest.raises(LabelStudioError, match="status 429"):
        client.projects()


def test_a_token_that_no_header_can_hold_is_not_shown(hostile: Hostile):
    """The token of a person who logged in comes from the server."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        login = request.path.startswith("/user/login")
        says('{"token": "s3cret\\nX-Evil: 1"}', 302 if login and request.command == "POST" else 200)(request)

    hostile.answer = answer
    with pytest.raises(LabelStudioError, match="one that no key has") as caught:
        session.sign_in(hostile.url, "a@b.c", "password")
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


def test_accounts_of_a_hostile_server_are_an_error_of_ours(hostile: Hostile, client: LabelStudioClient, tmp_path):
    hostile.answer = says('[{"id": 1, "email": null}]')

    with pytest.raises(LabelStudioError, match="email"):
        accounts.add(client, tmp_path, ("anna",))
