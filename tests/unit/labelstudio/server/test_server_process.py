import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench.core.ports import Silent
from workbench.errors import LabelStudioError
from workbench.labelstudio.pull import webhook
from workbench.labelstudio.server import checks, embedded, installation, private, serve
from workbench.labelstudio.server.embedded import Running, Server


def test_the_users_variables_do_not_reach_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Label Studio reads HOST, PORT, DEBUG, USERNAME and the like without a prefix."""
    for name in ("HOST", "PORT", "DEBUG", "USERNAME", "PASSWORD", "DATABASE_NAME", "LABEL_STUDIO_HOST", "PYTHONPATH"):
        monkeypatch.setenv(name, "theirs")

    passed = embedded.environment(tmp_path, ("localhost",))

    assert "theirs" not in passed.values()
    assert passed["LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK"] == "true"
    assert passed["LABEL_STUDIO_ALLOWED_HOSTS"] == "localhost"


def test_on_loopback_nobody_elses_name_is_allowed():
    assert embedded.hosts_to_allow("127.0.0.1", ()) == ("127.0.0.1", "localhost", "[::1]")


def test_for_a_team_this_machines_names_are_allowed_and_the_ones_given():
    names = embedded.hosts_to_allow("0.0.0.0", ("ls.example.org", "localhost"))

    assert socket.gethostname() in names
    assert "ls.example.org" in names
    assert "*" not in names
    assert len(names) == len(set(names))


def test_the_addresses_of_a_server():
    def running(host: str, *names: str) -> Running:
        allowed = ("127.0.0.1", "localhost", "[::1]", *names)
        return Running(pid=1, started="x", host=host, port=80, allowed_hosts=allowed, version="1")

    assert running("127.0.0.1").url == "http://127.0.0.1:80"
    assert running("127.0.0.1").team_urls == ()
    assert running("0.0.0.0", "ls.example.org").url == "http://127.0.0.1:80"
    assert running("0.0.0.0", "ls.example.org").team_urls == ("http://ls.example.org:80",)
    assert running("::1").url == "http://[::1]:80"


def test_a_process_is_known_by_when_it_started():
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        started = embedded.process_started(process.pid)
        assert started is not None
        assert embedded.process_started(process.pid) == started
        process.kill()
        deadline = time.monotonic() + 10
        while embedded.process_started(process.pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert embedded.process_started(process.pid) is None


def test_a_process_that_was_given_the_same_number_later_is_not_the_server(tmp_path: Path):
    state = {"pid": os.getpid(), "started": "long ago", "host": "127.0.0.1", "port": 1}
    private.write(tmp_path / "server.json", {**state, "allowed_hosts": [], "version": "1"})

    assert Server(tmp_path).status() is None
    assert Server(tmp_path).stop() is False
    assert embedded.process_started(os.getpid()) is not None


def test_a_state_file_that_others_can_read_is_read(tmp_path: Path):
    """It holds no secret, and a server that runs must not look as if it did not."""
    started = embedded.process_started(os.getpid())
    state = {"pid": os.getpid(), "started": started, "host": "127.0.0.1", "port": 1}
    private.write(tmp_path / "server.json", {**state, "allowed_hosts": [], "version": "1"})
    (tmp_path / "server.json").chmod(0o644)

    running = Server(tmp_path).status()

    assert running is not None
    assert running.pid == os.getpid()


@pytest.mark.parametrize("content", [[], {}, {"pid": 1}, {"pid": "x", "allowed_hosts": 3}, None])
def test_a_state_file_of_another_shape_is_no_server(tmp_path: Path, content: object):
    private.write(tmp_path / "server.json", content)

    assert Server(tmp_path).status() is None


def test_a_taken_port_is_said_in_a_line(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LabelStudioError, match=f"port {port} on 127.0.0.1 .*in use") as caught:
            embedded._refuse_taken_port("127.0.0.1", port)
    assert "--port" in caught.value.hint


def test_a_host_that_is_none_is_said_in_a_line():
    with pytest.raises(LabelStudioError, match="is no address"):
        embedded._refuse_taken_port("no.such.host.invalid", 8080)


def test_an_installation_without_its_mark_does_not_count(tmp_path: Path):
    found = installation.locate(tmp_path)
    found.python.parent.mkdir(parents=True)
    found.python.touch()

    assert not found.complete
    (found.folder / "complete").touch()
    assert found.complete


def test_other_requirements_lead_to_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    before = installation.locate(tmp_path)
    monkeypatch.setattr(installation, "requirements", lambda: b"label-studio==9")

    assert installation.locate(tmp_path) != before


def test_the_cache_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "there"))

    assert installation.locate().folder.parent == tmp_path / "there"


def test_too_little_room_is_said_before_anything_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(installation, "NEEDED_BYTES", 10**18)

    with pytest.raises(LabelStudioError, match="needs 2 GB"):
        installation.ensure(Silent(), tmp_path)
    assert not installation.locate(tmp_path).folder.exists()


def fake_launch(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Lets `start` go up to the launch of the process, and notes where it would listen."""
    launched: list[tuple[str, int]] = []

    def launch(server: Server, installed: object, host: str, port: int, names: tuple[str, ...], variables: object):
        launched.append((host, port))
        return Running(pid=1, started="x", host=host, port=port, allowed_hosts=names, version="1")

    monkeypatch.setattr(installation, "ensure", lambda progress, cache: None)
    monkeypatch.setattr(Server, "_launch", launch)
    monkeypatch.setattr(Server, "_wait_until_ready", lambda server, running, progress: None)
    return launched


class Told(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def test_where_the_port_is_taken_the_next_free_one_is_chosen_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    launched = fake_launch(monkeypatch)
    server, told = Server(tmp_path / "ls"), Told()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        first = taken.getsockname()[1]
        chosen = server.start(told, first_port=first).port
        assert chosen > first
        assert told.said[0] == f"port {first} is taken: Label Studio listens on {chosen}, and will the next time"
        with pytest.raises(LabelStudioError, match=f"port {first} on 127.0.0.1"):
            server.start(Silent(), port=first, first_port=first)
    told.said.clear()

    assert server.start(told, first_port=first).port == chosen
    assert not any("is taken" in line for line in told.said)
    assert Server(tmp_path / "other").start(Silent(), first_port=first).port == first
    assert server.start(Silent(), port=first, first_port=first).port == first
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", chosen))
        taken.listen()
        assert server.start(told, first_port=first).port == first
    assert [port for _, port in launched] == [chosen, chosen, first, first, first]


def test_a_search_from_another_port_begins_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fake_launch(monkeypatch)
    private.write(tmp_path / "port.json", {"first": 8080, "chosen": 8123})

    assert Server(tmp_path)._chosen_port(8080) == 8123
    assert Server(tmp_path)._chosen_port(9000) == 9000
    for damaged in ({"first": 9000, "chosen": "x"}, {"first": 9000, "chosen": 70000}, [], "x"):
        private.write(tmp_path / "port.json", damaged)
        assert Server(tmp_path)._chosen_port(9000) == 9000
    (tmp_path / "port.json").write_bytes(b"{")
    assert Server(tmp_path)._chosen_port(9000) == 9000


def test_where_no_port_is_free_the_range_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fake_launch(monkeypatch)
    monkeypatch.setattr(embedded, "PORTS_TRIED", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(LabelStudioError, match="no port from") as caught:
            Server(tmp_path).start(Silent(), first_port=taken.getsockname()[1])
    assert "--port" in caught.value.hint


def test_the_server_may_call_nothing_in_its_own_network(tmp_path: Path):
    """What `serve.py` lets through is one path of one host."""
    passed = embedded.environment(tmp_path, ("localhost",), "127.0.0.1")

    assert passed["LABEL_STUDIO_SSRF_PROTECTION_ENABLED"] == "true"
    assert passed["LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS"] == "true"
    assert passed["LABEL_STUDIO_ML_BLOCK_LOCAL_IP"] == "true"
    assert passed["WORKBENCH_WEBHOOK_HOST"] == "127.0.0.1"
    assert serve.WEBHOOK_PATH == webhook.PATH


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ("1.23.2", True),
        ("1.23.1", True),
        ("1.23.1.post1", True),
        ("1.23.1+abc", True),
        ("1.24.0", True),
        ("1.24.0rc1", True),
        ("2.0", True),
        ("1.23.0", False),
        ("1.23", False),
        ("1.23.0.post2", False),
        ("1.23.1rc0", False),
        ("1.23.1.dev3", False),
        ("1.22.9", False),
        ("0.9.1.post2", False),
        ("", False),
        ("latest", False),
    ],
)
def test_only_versions_with_the_fixes_of_1_23_1_are_safe(version: str, safe: bool):
    assert checks.is_safe(version) is safe
