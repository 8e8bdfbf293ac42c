"""Further servers for tests that need one to themselves: started from a copy of the shared one's database."""

import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from workbench.labelstudio.server import installation
from workbench.labelstudio.server.embedded import Server, environment, healthy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def copy_of(server: Server, folder: Path) -> Path:
    """A folder with the server's database and secrets, so that another one starts without migrations."""
    folder.mkdir(parents=True, mode=0o700)
    (folder / "label_studio.sqlite3").touch(0o600)
    with (
        closing(sqlite3.connect(server.folder / "label_studio.sqlite3")) as source,
        closing(sqlite3.connect(folder / "label_studio.sqlite3")) as copy,
    ):
        source.backup(copy)
    for name in ("login.json", ".env"):
        shutil.copy(server.folder / name, folder / name)
    return folder


@pytest.fixture
def another(embedded: Server, tmp_path: Path) -> Iterator[Server]:
    """A server of its own, not started."""
    server = Server(copy_of(embedded, tmp_path / "label-studio"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def open_server(embedded: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Label Studio as somebody else runs it: anybody can sign up, and no flag is set."""
    folder = copy_of(embedded, tmp_path_factory.mktemp("open") / "label-studio")
    ours = environment(folder, ("127.0.0.1",))
    variables = {name: value for name, value in ours.items() if not name.startswith("fflag_")}
    variables["LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK"] = "false"
    port = free_port()
    start = ["start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    program = installation.locate().folder / "bin" / "label-studio"
    process = subprocess.Popen(
        [program, *start], cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    while not healthy(url):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.25)
    yield url
    process.terminate()
    process.wait(30)
