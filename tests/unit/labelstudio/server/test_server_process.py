import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench.core.ports import Silent
from workbench.errors import LabelStudioError
from workbench.labelstudio.server import embedded, installation, private
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
