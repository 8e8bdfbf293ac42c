import socket
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from workbench.errors import LabelStudioError, LabelStudioUnavailable
from workbench.labelstudio.api import transport
from workbench.labelstudio.api.client import connect
from workbench.labelstudio.api.direct import request
from workbench.labelstudio.api.transport import Transport


class Scripted(ThreadingHTTPServer):
    """An HTTP server that answers what it was told to, in order, and the last for ever; it notes what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, str]] = [(200, "{}")]
        self.asked: list[tuple[str, str, str]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        assert isinstance(server, Scripted)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        status, body = server.answers.pop(0) if len(server.answers) > 1 else server.answers[0]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "https://ls.example.org/login")
        self.send_header("Content-Length", str(len(body.encode())))
        self.send_header("Set-Cookie", "sessionid=s3cret-session; HttpOnly")
        self.end_headers()
        self.wfile.write(body.encode())

    do_DELETE = do_GET  # noqa: N815 (the name that http.server looks for)
    do_POST = do_GET  # noqa: N815 (the name that http.server looks for)

    def log_message(self, format, *args):
        pass


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    server = Scripted()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transport.time, "sleep", lambda seconds: None)


def test_a_busy_server_is_asked_again(scripted: Scripted):
    scripted.answers = [(503, "busy"), (502, ""), (200, '{"id": 7}')]

    assert request(Transport(scripted.url, "token"), "GET", "api/x") == {"id": 7}
    assert len(scripted.asked) == 3


def test_what_changes_something_is_sent_once(scripted: Scripted):
    scripted.answers = [(503, "busy")]

    with pytest.raises(LabelStudioUnavailable, match="status 503") as caught:
        request(Transport(scripted.url, "token"), "POST", "api/x", json={})
    assert len(scripted.asked) == 1
    assert caught.value.facts["timed_out"] is False
    assert caught.value.exit_code == 3


def test_a_server_error_is_not_asked_for_again(scripted: Scripted):
    scripted.answers = [(500, "<html>")]

    with pytest.raises(LabelStudioUnavailable, match="status 500"):
        request(Transport(scripted.url, "token"), "GET", "api/x")
    assert len(scripted.asked) == 1


def test_a_refusal_holds_what_the_server_says(scripted: Scripted):
    scripted.answers = [(400, '{"detail": "Validation error", "validation_errors": {"title": ["too short"]}}')]

    with pytest.raises(LabelStudioError, match="too short") as caught:
        request(Transport(scripted.url, "token"), "POST", "api/x", json={})
    assert caught.value.facts["status"] == 400
    assert not isinstance(caught.value, LabelStudioUnavailable)


def test_a_page_of_html_is_never_shown_to_the_user(scripted: Scripted):
    scripted.answers = [(404, "<!doctype html><title>Not found</title>")]

    with pytest.raises(LabelStudioError, match=r"404\): no reason given"):
        request(Transport(scripted.url, "token"), "GET", "api/x")


def test_something_that_is_not_label_studio_is_named_as_such(scripted: Scripted):
    scripted.answers = [(200, "<html>Hello</html>")]

    with pytest.raises(LabelStudioUnavailable, match="is not Label Studio"):
        connect(scripted.url, "token").whoami()
    scripted.answers = [(200, "[]")]
    with pytest.raises(LabelStudioUnavailable, match="is not Label Studio"):
        connect(scripted.url, "token").version()
    scripted.answers = [(200, "{}")]
    with pytest.raises(LabelStudioError, match="is not Label Studio"):
        connect(scripted.url, "token").version()


def test_an_address_that_sends_on_is_said(scripted: Scripted):
    scripted.answers = [(302, "")]

    for ask in (lambda client: client.whoami(), lambda client: client.projects()):
        with pytest.raises(LabelStudioError, match=r"redirects to https://ls\.example\.org/login"):
            ask(connect(scripted.url, "token"))


def test_a_token_that_cannot_be_renewed_is_a_refusal(scripted: Scripted):
    """A personal access token of the year 2100, and a server that answers its renewal with HTML."""
    pat = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjQxMDI0NDQ4MDAsInRva2VuX3R5cGUiOiJyZWZyZXNoIn0.c2lnbmF0dXJl"
    scripted.answers = [(200, "<html>")]

    with pytest.raises(LabelStudioUnavailable, match="is not Label Studio"):
        connect(scripted.url, pat).whoami()


def test_a_token_that_ran_out_is_a_refusal(scripted: Scripted):
    pat = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjEwMDAsInRva2VuX3R5cGUiOiJyZWZyZXNoIn0.c2lnbmF0dXJl"

    with pytest.raises(LabelStudioError, match="expired") as caught:
        connect(scripted.url, pat).whoami()
    assert caught.value.exit_code == 1


def test_a_server_below_a_path_is_reached_there(scripted: Scripted):
    request(Transport(f"{scripted.url}/tools/ls/", "secret"), "GET", "api/x")

    assert scripted.asked == [("GET", "/tools/ls/api/x", "Token secret")]


def test_no_answer_ends_in_time():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        way = Transport(f"http://127.0.0.1:{deaf.getsockname()[1]}", "token", answer_seconds=0.2)
        with pytest.raises(LabelStudioUnavailable, match="in time") as caught:
            request(way, "POST", "api/x", json={})
    assert caught.value.facts["timed_out"] is True


def test_nobody_there_is_unavailable():
    with pytest.raises(LabelStudioUnavailable, match="does not answer"):
        request(Transport("http://127.0.0.1:9", "token"), "GET", "api/x")


@pytest.mark.parametrize("url", ["http://[::1", "localhost:8080", "ftp://x"])
def test_an_address_that_is_none_is_an_error_of_ours(url: str):
    with pytest.raises(LabelStudioError):
        connect(url, "token").whoami()


def test_an_api_key_is_needed():
    with pytest.raises(LabelStudioError, match="no API key"):
        connect("http://127.0.0.1:9", "")


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_secrets_are_in_no_traceback(scripted: Scripted, status: int):
    """Label Studio answers every request with the cookie of a session of the user whose token it is."""
    scripted.answers = [(status, '{"detail": "no"}')]
    key = "token"[::-1] + "terc3s"[::-1]  # a traceback shows the lines of this test, too
    for ask in (lambda client: client.whoami(), lambda client: client.delete_prediction(1)):
        with pytest.raises(LabelStudioError) as caught:
            ask(connect(scripted.url, key))
        assert key[-6:] not in "".join(traceback.format_exception(caught.value))


def test_secrets_are_in_no_repr():
    client = connect("http://127.0.0.1:9", "s3cret-token")

    assert "s3cret" not in repr(client) + repr(vars(client))


SECRET = "s3cret" + "0" * 34


@pytest.mark.parametrize("around", ["\r", "\n", " ", "\t", "\r\n", "\ufeff \u00a0"[1:]])
def test_white_space_around_an_api_key_is_no_part_of_it(scripted: Scripted, around: str):
    connect(scripted.url, f"{around}{SECRET}{around}").model_versions(1)

    assert scripted.asked[0][2] == f"Token {SECRET}"


@pytest.mark.parametrize(
    ("wrong", "place"), [("\n", 7), ("\0", 7), ("é", 7), (" ", 7), ("\u2019", 7), ('"', 7), (":", 7)]
)
def test_a_character_that_no_key_has_is_named_by_its_place(wrong: str, place: int):
    key = SECRET[:6] + wrong + SECRET[6:]
    with pytest.raises(LabelStudioError, match=f"character {place} of 41 is one that no key has") as caught:
        connect("http://127.0.0.1:9", key)
    # A traceback shows the lines of this test, too: those don't hold the key.
    assert SECRET[:6] not in "".join(traceback.format_exception(caught.value))
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://ann:hunter2@127.0.0.1:9",
        "http://hunter2@127.0.0.1:9",
        "http://ann:hun/ter2@127.0.0.1:9",
        "http://ann:hunter2",
        "ann:hunter2@127.0.0.1:9",
        "ftp://ann:hunter2@127.0.0.1:9",
    ],
)
def test_a_password_in_the_address_is_refused_and_not_shown(url: str):
    """It would be sent in the place of the API key, as HTTP's basic authentication."""
    with pytest.raises(LabelStudioError) as caught:
        connect(url, "token")
    shown = "".join(traceback.format_exception(caught.value))
    assert "ter2" not in shown.replace('url = "', "")


def test_a_server_that_repeats_the_key_in_its_complaint_does_not_bring_it_to_the_screen(scripted: Scripted):
    scripted.answers = [(400, f'{{"detail": "no good: Token {SECRET}", "headers": [{{"a": "{SECRET}"}}]}}')]

    with pytest.raises(LabelStudioError, match=r"no good: Token \*\*\*") as caught:
        connect(scripted.url, SECRET).projects()
    assert SECRET not in "".join(traceback.format_exception(caught.value))
