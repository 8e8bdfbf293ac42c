import os
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from workbench.core.ports import Silent
from workbench.errors import LabelStudioError, LabelStudioUnavailable
from workbench.labelstudio.api import session
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.server import embedded, installation, private
from workbench.labelstudio.server.embedded import Server


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_starting_twice_is_starting_once(embedded: Server):
    running = embedded.status()
    assert running is not None

    assert embedded.start(Silent(), host=running.host, port=running.port) == running
    with pytest.raises(LabelStudioError, match="already runs"):
        embedded.start(Silent(), port=port())


def test_two_that_start_at_the_same_time_start_one(another: Server):
    chosen = port()
    program = (
        "import sys; from pathlib import Path; from workbench.core.ports import Silent;"
        "from workbench.labelstudio.server.embedded import Server;"
        "print(Server(Path(sys.argv[1])).start(Silent(), port=int(sys.argv[2])).pid)"
    )

    def start(_: int) -> str:
        run = [sys.executable, "-c", program, str(another.folder), str(chosen)]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor() as threads:
        first, second = threads.map(start, range(2))

    assert first == second
    running = another.status()
    assert running is not None
    # Both commands have ended, and the server lives, in a session of its own.
    assert os.getsid(running.pid) == running.pid
    assert another.stop() is True
    assert another.status() is None
    assert another.stop() is False
    assert not embedded.healthy(running.url)


def test_a_server_that_was_killed_is_known_to_be_gone_and_starts_again(another: Server):
    chosen = port()
    first = another.start(Silent(), port=chosen)
    os.killpg(first.pid, signal.SIGKILL)
    time.sleep(0.5)

    assert another.status() is None
    with pytest.raises(LabelStudioUnavailable, match="does not run") as caught:
        another.client()
    assert "workbench server start" in caught.value.hint
    assert another.start(Silent(), port=chosen).pid != first.pid
    assert another.client().whoami()["email"] == "owner@workbench.local"


def test_a_process_lives_until_its_last_thread_has_ended():
    """Only then is its port free for the next one."""
    leader_ends = (
        "import ctypes, threading, time; threading.Thread(target=time.sleep, args=(2,)).start(); "
        "print('ready', flush=True); ctypes.CDLL(None).syscall({'x86_64': 60}.get(__import__('platform').machine(), 93), 0)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", leader_ends], stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(0.5)
        assert embedded.process_started(process.pid) is not None
        process.wait(10)


def test_a_taken_port_is_said_before_anything_starts(another: Server):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LabelStudioError, match=f"port {taken.getsockname()[1]}"):
            another.start(Silent(), port=taken.getsockname()[1])
    assert another.status() is None
    assert not another.log.exists()


def test_a_failed_start_is_said_in_a_line_with_the_log(another: Server):
    (another.folder / "label_studio.sqlite3").write_bytes(b"no database" * 1000)

    with pytest.raises(LabelStudioError) as caught:
        another.start(Silent(), port=port())
    assert "file is not a database" in caught.value.message
    assert "\n" not in caught.value.message
    assert str(another.log) in caught.value.hint
    assert another.status() is None


def test_secrets_are_closed_to_others_and_nowhere_else(embedded: Server, label_studio: LabelStudioClient):
    running = embedded.status()
    owner = embedded.owner()
    assert running is not None
    assert owner is not None
    secrets = [owner.password, owner.token, label_studio.invite()["token"]]

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in embedded.folder.iterdir() if path.is_file()}
    assert stat.S_IMODE(embedded.folder.stat().st_mode) == 0o700
    assert {modes[name] for name in ("login.json", "server.json", "server.log", ".env", "label_studio.sqlite3")} == {
        0o600
    }
    listed = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    passed = Path(f"/proc/{running.pid}/environ").read_bytes().decode()
    written = embedded.log.read_text(encoding="utf-8")
    for secret in secrets:
        assert secret not in listed
        assert secret not in passed
        assert secret not in written
        assert secret not in repr(owner)


def test_nobody_signs_up_without_the_link(embedded: Server, label_studio: LabelStudioClient):
    assert session.signup_is_open(label_studio.url) is False
    for token in ("", "guess"):
        with pytest.raises(LabelStudioError) as caught:
            session.sign_up(label_studio.url, token, "stranger@example.org", "long-enough-password")
        assert caught.value.facts["status"] == 403
    assert "stranger@example.org" not in {user["email"] for user in label_studio.users()}


def test_an_open_sign_up_is_noticed(open_server: str):
    assert session.signup_is_open(open_server) is True


def test_the_process_refuses_to_serve_while_sign_up_is_open(another: Server):
    variables = embedded.environment(another.folder, ("127.0.0.1",))
    variables["LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK"] = "false"
    script = Path(embedded.__file__).with_name("serve.py")
    python = installation.locate().python

    run = [python, "-I", script, another.folder, "0.0.0.0", str(port())]
    ended = subprocess.run(run, env=variables, capture_output=True, text=True, check=False, timeout=120)

    assert ended.returncode == 1
    assert "sign-up is open" in ended.stderr


def test_a_team_reaches_it_under_the_names_that_are_allowed(another: Server):
    running = another.start(Silent(), host="0.0.0.0", port=port(), allowed_hosts=("ls.example.org",))

    def status(host: str) -> int:
        return httpx.get(f"{running.url}/user/login/", headers={"Host": host}, timeout=30).status_code

    assert status(f"ls.example.org:{running.port}") == 200
    assert status("127.0.0.1") == 200
    assert status(socket.gethostname()) == 200
    assert status("evil.example.org") == 400
    assert f"http://ls.example.org:{running.port}" in running.team_urls


def test_behind_a_proxy_with_tls_people_can_log_in(another: Server):
    """The page's address, which the browser sends as Origin, is then another than the server sees."""
    running = another.start(Silent(), port=port(), allowed_hosts=("ls.example.org",))
    owner = another.owner()
    assert owner is not None
    for origin, expected in (("https://ls.example.org", 302), ("https://evil.example.org", 403)):
        with httpx.Client(base_url=running.url, timeout=30, headers={"Host": "ls.example.org"}) as browser:
            form = browser.get("/user/login/")
            cookie = form.cookies["csrftoken"]
            answer = browser.post(
                "/user/login/",
                data={"email": owner.email, "password": owner.password, "csrfmiddlewaretoken": cookie},
                headers={"Origin": origin, "Cookie": f"csrftoken={cookie}"},
            )
        assert answer.status_code == expected


def test_another_sites_page_may_not_read_its_answers(embedded: Server, label_studio: LabelStudioClient):
    answer = httpx.get(f"{label_studio.url}/api/version", headers={"Origin": "https://evil.example.org"}, timeout=30)

    assert "access-control-allow-origin" not in answer.headers


def test_the_files_of_the_page_are_served(label_studio: LabelStudioClient):
    page = httpx.get(f"{label_studio.url}/user/login/", timeout=30).text
    styles = [part.split('"')[0] for part in page.split('href="')[1:] if ".css" in part.split('"')[0]]

    assert styles
    for style in styles:
        assert httpx.get(f"{label_studio.url}{style}", timeout=30).status_code == 200


def test_a_lost_login_is_replaced_by_a_second_owner(another: Server):
    (another.folder / "login.json").unlink()

    another.start(Silent(), port=port())

    me = another.client().whoami()["email"]
    assert me.startswith("owner-")
    assert "owner@workbench.local" in {user["email"] for user in another.client().users()}


def test_a_first_start_that_died_between_user_and_token_is_mended(another: Server):
    known = another.owner()
    assert known is not None
    private.write(another.folder / "login.json", known.model_dump() | {"token": "a" * 40})

    another.start(Silent(), port=port())

    assert another.client().whoami()["email"] == known.email


def test_an_answer_does_not_wait_for_an_acknowledgement(label_studio: LabelStudioClient):
    """Where head and body of an answer go out apart, the second waits 40 ms for the first's delayed acknowledgement."""
    seconds: list[float] = []
    with httpx.Client(base_url=label_studio.url) as browser:
        for _ in range(20):
            started = time.perf_counter()
            browser.get("/api/version").raise_for_status()
            seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.03
