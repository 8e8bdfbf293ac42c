"""What docs/security.md says of Label Studio, tried on a real one."""

import io
import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from workbench.errors import LabelStudioError
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.pull.webhook import ACTIONS, PATH
from workbench.labelstudio.server.embedded import Server

CONFIG = '<View><Labels name="layer" toName="text"><Label value="A"/></Labels><Text name="text" value="$text"/></View>'
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
HARD_CODED = "$(fefwefwef13;LFK{P!)@#*!)kdsjfWF2l+i5e3t(8a1n"
"""The key that all installations had before 1.8.2."""


class Listening(ThreadingHTTPServer):
    """A program of this machine; it notes by which paths it was called, and sends on what it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        self.called: list[str] = []
        self.sends_on = False
        super().__init__(("127.0.0.1", 0), _Call)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Call(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Listening)
        server.called.append(self.path)
        self.send_response(307 if server.sends_on and self.path == PATH else 200)
        self.send_header("Location", f"{server.url}/elsewhere")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    do_POST = do_GET  # noqa: N815 (the name that http.server looks for)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def listening() -> Iterator[Listening]:
    server = Listening()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def project(label_studio: LabelStudioClient) -> Iterator[int]:
    made = label_studio.create_project({"title": "security", "label_config": CONFIG})["id"]
    yield made
    label_studio.delete_project(made)


@pytest.fixture
def api(embedded: Server) -> Iterator[httpx.Client]:
    """Requests that the client of ours never makes, with its owner's token."""
    running, owner = embedded.status(), embedded.owner()
    assert running is not None
    assert owner is not None
    with httpx.Client(base_url=running.url, headers={"Authorization": f"Token {owner.token}"}, timeout=60) as client:
        yield client


@pytest.fixture
def browser(embedded: Server) -> Iterator[httpx.Client]:
    """A session that is logged in as the owner."""
    owner, running = embedded.owner(), embedded.status()
    assert owner is not None
    assert running is not None
    with httpx.Client(base_url=running.url, timeout=60) as client:
        assert _log_in(client, owner.email, owner.password).status_code == 302
        yield client


def _log_in(client: httpx.Client, email: str, password: str, after: str = "") -> httpx.Response:
    path = f"/user/login/?next={after}"
    client.get(path)
    form = {"email": email, "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    return client.post(path, data=form, headers={"Referer": str(client.base_url)})


def _annotate(client: LabelStudioClient, project: int) -> None:
    (task,) = client.import_tasks(project, [{"data": {"text": "Hello"}}])
    client.create_annotation(task, {"result": []})


# requests that Label Studio makes


def test_our_webhook_is_called_and_its_redirect_is_not_followed(
    label_studio: LabelStudioClient, project: int, listening: Listening
):
    label_studio.create_webhook(project, f"{listening.url}{PATH}", ACTIONS, headers={})
    _annotate(label_studio, project)
    assert listening.called == [PATH]

    listening.sends_on = True
    _annotate(label_studio, project)
    assert listening.called == [PATH, PATH]


@pytest.mark.parametrize(
    "address",
    [
        "{here}/",
        "{here}/admin",
        "{here}/workbench-pull/",
        "{here}/workbench-pull?x=1",
        "{here}/workbench-pull#x",
        "{here}/x/../workbench-pull",
        "http://localhost:{port}/workbench-pull",
        "http://127.0.0.2:{port}/workbench-pull",
        "http://127.1:{port}/workbench-pull",
        "http://2130706433:{port}/workbench-pull",
        "http://0.0.0.0:{port}/workbench-pull",
        "http://a@127.0.0.1:{port}/workbench-pull",
        "http://127.0.0.1:{port}@10.0.0.1/workbench-pull",
        "https://127.0.0.1:{port}/workbench-pull",
        "http://10.0.0.1/workbench-pull",
        "http://192.168.0.1/workbench-pull",
        "http://172.16.0.1:8080/workbench-pull",
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
    ],
)
def test_no_other_address_of_its_own_network_can_be_a_webhook(
    label_studio: LabelStudioClient, project: int, listening: Listening, address: str
):
    url = address.format(here=listening.url, port=listening.server_port)
    with pytest.raises(LabelStudioError) as caught:
        label_studio.create_webhook(project, url, ACTIONS, headers={})
    assert caught.value.facts["status"] in (400, 403)
    assert label_studio.webhooks(project) == []


def test_a_webhook_that_got_in_all_the_same_is_not_called(
    embedded: Server, label_studio: LabelStudioClient, project: int, listening: Listening
):
    """As one of an older server, which let everything in."""
    made = label_studio.create_webhook(project, f"{listening.url}{PATH}", ACTIONS, headers={})["id"]
    with closing(sqlite3.connect(embedded.folder / "label_studio.sqlite3", timeout=30)) as database:
        database.execute("UPDATE webhook SET url = ? WHERE id = ?", (f"{listening.url}/admin", made))
        database.commit()
    _annotate(label_studio, project)

    assert listening.called == []


@pytest.mark.parametrize("address", ["{here}/tasks.json", "{here}/workbench-pull", "http://10.0.0.1/tasks.json"])
def test_an_import_from_its_own_network_is_refused(
    api: httpx.Client, label_studio: LabelStudioClient, project: int, listening: Listening, address: str
):
    answer = api.post(f"/api/projects/{project}/import", data={"url": address.format(here=listening.url)})

    assert answer.status_code in (400, 403)
    assert listening.called == []
    assert list(label_studio.tasks(project)) == []


def test_a_model_and_a_storage_in_its_own_network_are_refused(api: httpx.Client, project: int, listening: Listening):
    bucket = {"bucket": "b", "aws_access_key_id": "a", "aws_secret_access_key": "b", "s3_endpoint": listening.url}
    for path, fields in (
        ("/api/ml/", {"url": listening.url, "title": "m"}),
        ("/api/storages/s3/", bucket),
        ("/api/storages/s3/validate", bucket),
        ("/api/storages/redis/validate", {"host": "127.0.0.1", "port": str(listening.server_port), "path": "x"}),
    ):
        assert api.post(path, json={"project": project, **fields}).status_code >= 400, path
    assert listening.called == []


def test_files_of_this_machine_are_not_served(api: httpx.Client, browser: httpx.Client, project: int):
    made = api.post("/api/storages/localfiles/", json={"project": project, "path": "/etc", "use_blob_urls": True})
    assert made.status_code == 404
    for client in (api, browser):
        for path in ("/data/local-files/?d=etc/passwd", "/data/upload/../../login.json", "/data/../login.json"):
            answer = client.get(path)
            assert answer.status_code >= 300, path
            assert "root:" not in answer.text
            assert "token" not in answer.text


# what one user can do to another


def test_passwords_cannot_be_found_out_through_filters(
    api: httpx.Client, label_studio: LabelStudioClient, project: int
):
    """By asking for the tasks whose updater's password hash begins with a character, one character after the other."""
    _annotate(label_studio, project)
    found: list[tuple[int, str]] = []
    for field in ("updated_by__password", "updated_by__active_organization__active_users__password"):
        for guess in ("pbkdf2", "nonsense"):
            item = {"filter": f"filter:tasks:{field}", "operator": "contains", "type": "String", "value": guess}
            query = json.dumps({"filters": {"conjunction": "and", "items": [item]}})
            answer = api.get("/api/tasks", params={"project": project, "query": query})
            found.append((answer.status_code, str(answer.json().get("total"))))
    assert len(set(found)) == 1


def test_the_key_that_signs_sessions_is_this_servers_own(embedded: Server):
    (line,) = [line for line in (embedded.folder / ".env").read_text().splitlines() if line.startswith("SECRET_KEY")]
    key = line.partition("=")[2]

    assert len(key) >= 40
    assert HARD_CODED not in key


def test_a_page_in_the_place_of_a_picture_of_oneself_is_refused(
    api: httpx.Client, browser: httpx.Client, label_studio: LabelStudioClient
):
    me = label_studio.whoami()["id"]
    page = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;" + SCRIPT.encode()
    for name, kind in (("x.html", "text/html"), ("x.html", "image/gif"), ("x.svg", "image/svg+xml")):
        answer = browser.post(
            f"/api/users/{me}/avatar/",
            files={"avatar": (name, io.BytesIO(page), kind)},
            headers={"X-CSRFToken": browser.cookies["csrftoken"], "Referer": str(browser.base_url)},
        )
        assert not answer.is_success
    assert not api.get(f"/api/users/{me}/").json()["avatar"]


def test_a_page_that_was_uploaded_as_data_runs_nothing(api: httpx.Client, browser: httpx.Client, project: int):
    uploads = []
    for name in ("x.html", "x.htm", "x.xml", "x.svg"):
        answer = api.post(
            f"/api/projects/{project}/import?commit_to_project=false", files={name: (name, SCRIPT.encode())}
        )
        if answer.is_success:
            uploads += answer.json()["file_upload_ids"]
    for number in uploads:
        place = api.get(f"/api/import/file-upload/{number}").json()["file"]
        shown = browser.get(f"/data/{place}" if not place.startswith("/") else place)
        harmless = (
            shown.headers["content-type"].startswith(("text/plain", "application/"))
            or "attachment" in shown.headers.get("content-disposition", "")
            or "sandbox" in shown.headers.get("content-security-policy", "")
        )
        assert harmless, (place, dict(shown.headers))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_page_is_made_of_a_label_config_that_somebody_sends(browser: httpx.Client, method: str):
    config = f'<View><Text name="text" value="$text{SCRIPT.replace("<", "&lt;")}"/></View>'
    for path in ("/projects/upload-example/", "/projects/upload-example", "/projects/1/upload-example/"):
        sent = {"params": {"label_config": config}} if method == "GET" else {"data": {"label_config": config}}
        answer = browser.request(method, path, headers={"Referer": str(browser.base_url)}, **sent)
        assert SCRIPT not in answer.text


def test_hotkeys_of_ones_own_run_nothing(browser: httpx.Client, label_studio: LabelStudioClient):
    keys = {f"annotation:{SCRIPT}": {"key": f"</script>{SCRIPT}", "active": True}}
    answer = browser.patch(
        "/api/current-user/hotkeys/",
        json={"custom_hotkeys": keys},
        headers={"X-CSRFToken": browser.cookies["csrftoken"], "Referer": str(browser.base_url)},
    )
    page = browser.get("/projects/").text
    assert "__customHotkeys" in page
    assert "</script><script>alert" not in page
    assert SCRIPT not in page
    browser.patch(
        "/api/current-user/hotkeys/",
        json={"custom_hotkeys": {}},
        headers={"X-CSRFToken": browser.cookies["csrftoken"], "Referer": str(browser.base_url)},
    )
    assert answer.status_code in (200, 400)


@pytest.mark.parametrize(
    "page", ["https://evil.example.org/", "//evil.example.org/", "/\\evil.example.org", "javascript:x"]
)
def test_who_logs_in_is_sent_on_to_no_other_site(embedded: Server, page: str):
    owner, running = embedded.owner(), embedded.status()
    assert owner is not None
    assert running is not None
    with httpx.Client(base_url=running.url, timeout=60) as client:
        answer = _log_in(client, owner.email, owner.password, after=page)
        assert answer.status_code == 302
        assert re.match(r"/[a-z]*", answer.headers["location"])
        assert "evil" not in answer.headers["location"]
        for path in ("/user/login/", "/user/signup/", "/logout"):
            assert "evil" not in client.get(path, params={"next": page}).headers.get("location", "")


def test_a_page_of_another_site_or_port_makes_no_browser_do_anything(
    browser: httpx.Client, label_studio: LabelStudioClient, project: int
):
    """Label Studio's API checks no token against forged requests, and cookies know no ports."""
    before = label_studio.projects()
    own = str(browser.base_url).rstrip("/")
    for origin in ("https://evil.example.org", "http://127.0.0.1:1", "null", f"{own}.evil.example.org", f"{own}/"):
        for method, path in (("POST", "/api/projects/"), ("DELETE", f"/api/projects/{project}/")):
            assert browser.request(method, path, headers={"Origin": origin}).status_code == 403
        assert browser.patch(f"/api/projects/{project}/", headers={"Origin": origin}).status_code == 403
    assert label_studio.projects() == before

    changed = browser.patch(f"/api/projects/{project}/", json={"title": "mine"}, headers={"Origin": own})
    assert changed.status_code == 200
    for cookie in browser.cookies.jar:
        assert cookie.get_nonstandard_attr("SameSite") == "Lax"


def test_a_failure_shows_no_code(api: httpx.Client):
    answer = api.get("/api/tasks", params={"project": "x", "query": "{"})

    assert "Traceback" not in answer.text
    assert "site-packages" not in answer.text


def test_the_log_holds_no_query_of_a_request(embedded: Server, api: httpx.Client):
    """It can be that of an invite link, with its token."""
    mark = f"mark-{time.time_ns()}"
    assert api.get(f"/user/signup/?token={mark}").status_code < 500
    assert api.get(f"/nowhere/?token={mark}").status_code == 404

    assert mark not in Path(embedded.log).read_text(encoding="utf-8", errors="replace")
