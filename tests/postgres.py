"""A throw-away PostgreSQL cluster for the tests: on a socket in a folder of its own, gone when the tests are done."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

HOW_TO_GET_IT = "PostgreSQL is needed for these tests: sudo apt-get install --no-install-recommends postgresql"
USER = "workbench"


class Cluster:
    """A running cluster; `database` makes an empty database in it."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self._numbers = count(1)

    def database(self) -> str:
        """The URL of a database that nobody else uses."""
        name = f"test{next(self._numbers)}"
        with psycopg.connect(f"host={self.socket} user={USER} dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://{USER}@/{name}?host={self.socket}"


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster, stopped and removed afterwards."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="wb-pg-"))
    try:
        account = _account(folder)
        data = folder / "data"
        options = ["--auth=trust", f"--username={USER}", "--encoding=UTF8", "--locale=C", "--no-sync"]
        _run([binaries / "initdb", f"--pgdata={data}", *options], folder, account)
        log = (folder / "log").open("wb")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "20",
            "shared_buffers": "16MB",
        }
        arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, *arguments], cwd=folder, stdout=log, stderr=log, **account
        )
        try:
            _wait(folder, server)
            yield Cluster(folder)
        finally:
            # Immediate: nothing in it is worth a checkpoint.
            server.send_signal(signal.SIGQUIT)
            server.wait(timeout=30)
            log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def is_installed() -> bool:
    """Whether PostgreSQL's programs are here."""
    try:
        return bool(_binaries())
    except AssertionError:
        return False


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    if elsewhere is None:
        raise AssertionError(HOW_TO_GET_IT)
    return Path(elsewhere).resolve().parent


def _account(folder: Path) -> dict[str, object]:
    """As whom PostgreSQL runs: it refuses to run as root, so root lends it the account that its package made."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        entry = pwd.getpwnam("nobody")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _run(command: list[object], folder: Path, account: dict[str, object]) -> None:
    done = subprocess.run(
        [str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False, **account
    )
    assert done.returncode == 0, f"{command[0]} failed: {done.stderr}"


def _wait(folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not _answers(folder):
        log = (folder / "log").read_text(errors="replace")
        assert server.poll() is None, f"postgres ended: {log}"
        assert time.monotonic() < deadline, f"postgres does not answer: {log}"
        time.sleep(0.1)


def _answers(folder: Path) -> bool:
    try:
        psycopg.connect(f"host={folder} user={USER} dbname=postgres", connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
