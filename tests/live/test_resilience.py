"""What happens when the server dies, disks are full, and the store is locked or read-only: said in a line, then finished."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from fault_proxy import FaultProxy, Plan
from live.conftest import copy_of
from pushing import MODEL, RULES, SCHEME, Bench, text, through
from torture.agreement import disagreements
from torture.annotators import Annotator, Record
from unprivileged import Nobody

from workbench.core.ports import Silent
from workbench.errors import LabelStudioError, LabelStudioUnavailable, StoreUnavailable, WorkbenchError
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.api.transport import Transport
from workbench.labelstudio.pull.pull import pull
from workbench.labelstudio.push import delivery, ledger, retiring, suggestions
from workbench.labelstudio.server.embedded import Server
from workbench.store import database, prediction_ledger, projects, revisions

LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
sys.stdin.readline()
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""
IMPORT, PREDICTIONS, TASKS = ("POST", "/import?"), ("POST", "/import/predictions"), ("GET", "/api/tasks/?")


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "CHUNK", 5)
    monkeypatch.setattr(ledger, "CHUNK", 5)
    monkeypatch.setattr(retiring, "CHUNK", 5)
    monkeypatch.setattr(suggestions, "RENEWAL_CHUNK", 5)


@pytest.fixture
def bench(tmp_path: Path, label_studio: LabelStudioClient, request: pytest.FixtureRequest) -> Bench:
    return Bench(tmp_path, label_studio, request.node.name[-50:])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts a disk of a size."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(size: str) -> Path:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"this machine lets nobody mount a small disk here: {done.stderr.strip()}")
        return folder

    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    yield mount
    subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


@contextmanager
def proxied(bench: Bench, token: str, act: Callable[[], object], request: tuple[str, str], stage: str, nth: int = 1):
    """A client through a proxy that does `act` when the `nth` such request is at this stage."""
    seen = 0

    def watch(number: int, now: str) -> None:
        nonlocal seen
        method, path, _ = proxy.log[number - 1]
        if now == stage and method == request[0] and request[1] in path:
            seen += 1
            if seen == nth:
                act()

    with FaultProxy(bench.client.url, Plan()) as proxy:
        proxy.watch = watch
        client = LabelStudioClient(Transport(proxy.url, token), server=bench.client.server)
        try:
            yield client
        finally:
            client.close()
            assert seen >= nth, "the moment never came"


def owners_token(server: Server) -> str:
    owner = server.owner()
    assert owner is not None
    return owner.token


def in_one_line(error: WorkbenchError) -> None:
    assert "\n" not in error.message
    assert error.hint
    assert error.exit_code == 3


def fill(folder: Path) -> Path:
    """A file that takes all the room that is left."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return path


def annotate(bench: Bench, project_id: int) -> tuple[Record, Annotator]:
    """The first task of the queue, submitted as it was suggested."""
    record = Record()
    who = Annotator(bench.client, bench.client.whoami()["email"], project_id, SCHEME, record)
    client_task = who.take()
    assert client_task is not None
    assert who.submit(client_task, client_task.suggestion)
    return record, who


def agreed(bench: Bench, record: Record | None = None) -> None:
    assert disagreements(bench, record or Record(), RULES) == []


def bring(bench: Bench, client: LabelStudioClient | None = None):
    return pull(bench.store, client or bench.client, Silent(), title=bench.title)


def test_a_server_that_is_killed_in_mid_push_gets_the_rest_from_the_next_push(another: Server, tmp_path: Path):
    port = free_port()
    another.start(Silent(), port=port)
    bench = Bench(tmp_path, another.client(), "killed in mid-push")
    bench.add([text(n) for n in range(25)])

    def kill() -> None:
        running = another.status()
        assert running is not None
        os.killpg(running.pid, signal.SIGKILL)

    def kill_soon() -> None:
        threading.Timer(0.03, kill).start()

    for act, stage, nth in ((kill, "done", 2), (kill_soon, "arrived", 2)):
        with (
            proxied(bench, owners_token(another), act, IMPORT, stage, nth) as client,
            pytest.raises(LabelStudioUnavailable) as caught,
        ):
            bench.push(client)
        in_one_line(caught.value)
        assert another.status() is None
        another.start(Silent(), port=port)
    report = bench.push(verify=True)
    assert report.differences == ()
    assert report.already_there + report.pushed == 25
    assert report.already_there >= 10
    bring(bench)
    agreed(bench)
    bench.client.close()


@pytest.fixture
def locker(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, ready to lock the store at a line on its input and to let go at the next."""
    command = [sys.executable, "-c", LOCKER, str(tmp_path / "workbench.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def turn(process: subprocess.Popen[str], *, locked: bool) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    if locked:
        assert process.stdout.readline() == "locked\n"
    else:
        assert process.wait(10) == 0


@pytest.mark.parametrize(("request_", "stage"), [(None, ""), (IMPORT, "done"), (PREDICTIONS, "done"), (TASKS, "done")])
def test_a_locked_store_is_said_and_the_next_run_finishes(
    request_: tuple[str, str] | None,
    stage: str,
    tmp_path: Path,
    embedded: Server,
    label_studio: LabelStudioClient,
    locker: subprocess.Popen[str],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(database, "BUSY_SECONDS", 1)
    bench = Bench(tmp_path, label_studio, f"locked {request_} {stage}"[:50])
    added = bench.add([text(n) for n in range(12)])
    record = None
    if request_ in (PREDICTIONS, TASKS):
        project_id = bench.push().project_id
        record, _ = annotate(bench, project_id)
        bench.suggest(added, MODEL)

    def run(client: LabelStudioClient) -> object:
        return bring(bench, client) if request_ == TASKS else bench.push(client)

    def lock() -> None:
        turn(locker, locked=True)

    def run_while_locked() -> None:
        if request_ is None:
            lock()
            run(bench.client)
        else:
            with proxied(bench, owners_token(embedded), lock, request_, stage) as client:
                run(client)

    with pytest.raises(StoreUnavailable, match="is locked by another program") as caught:
        run_while_locked()
    in_one_line(caught.value)
    turn(locker, locked=False)
    bench.push()
    bring(bench)
    assert disagreements(bench, record or Record(), MODEL if record else RULES) == []


def test_a_read_only_store_is_said_before_anything_is_sent(label_studio: LabelStudioClient):
    folder = Path(tempfile.mkdtemp(prefix="wb-nobody-"))
    folder.chmod(0o755)
    nobody = Nobody(folder)
    with nobody.acting():
        bench = Bench(folder, label_studio, "read-only store")
        bench.add([text(n) for n in range(3)])
        project_id = bench.push().project_id
        record, _ = annotate(bench, project_id)
        bench.add([text(n) for n in range(3, 6)])
        bench.store.close()
        for path in folder.iterdir():
            path.chmod(0o400)
        folder.chmod(0o500)
        for command in (bench.push, lambda: bring(bench)):
            with pytest.raises(StoreUnavailable) as caught:
                command()
            in_one_line(caught.value)
            bench.store.close()
        assert len(bench.tasks(project_id)) == 3
        folder.chmod(0o700)
        for path in folder.iterdir():
            path.chmod(0o600)
        bench.push()
        bring(bench)
        agreed(bench, record)
        bench.store.close()
    shutil.rmtree(folder)


@pytest.mark.parametrize(("request_", "stage"), [(IMPORT, "arrived"), (IMPORT, "done"), (TASKS, "done")])
def test_a_full_disk_under_the_store_is_said_and_the_next_run_finishes(
    request_: tuple[str, str],
    stage: str,
    small_disk: Callable[[str], Path],
    embedded: Server,
    label_studio: LabelStudioClient,
):
    disk = small_disk("3m")
    bench = Bench(disk, label_studio, f"full disk {request_} {stage}"[:50])
    bench.add([text(n) for n in range(12)])
    record = None
    if request_ == TASKS:
        record, _ = annotate(bench, bench.push().project_id)

    def run(client: LabelStudioClient) -> object:
        return bring(bench, client) if request_ == TASKS else bench.push(client)

    def no_room() -> None:
        fill(disk)

    with (
        proxied(bench, owners_token(embedded), no_room, request_, stage) as client,
        pytest.raises(StoreUnavailable, match="the disk is full") as caught,
    ):
        run(client)
    in_one_line(caught.value)
    bench.store.close()
    with pytest.raises(StoreUnavailable) as caught:  # nor does the next one begin
        run(bench.client)
    in_one_line(caught.value)
    (disk / "filler").unlink()
    bench.push()
    bring(bench)
    agreed(bench, record)
    bench.store.close()


def test_a_full_disk_under_label_studio_is_said_and_the_next_run_finishes(
    small_disk: Callable[[str], Path], embedded: Server, tmp_path: Path
):
    disk = small_disk("24m")
    server = Server(copy_of(embedded, disk / "label-studio"))
    try:
        server.start(Silent(), port=free_port())
        bench = Bench(tmp_path, server.client(), "its disk is full")
        bench.add([text(n) for n in range(12)])

        def no_room() -> None:
            fill(disk)

        with (
            proxied(bench, owners_token(server), no_room, IMPORT, "arrived", 2) as client,
            pytest.raises(LabelStudioUnavailable) as caught,
        ):
            bench.push(client)
        in_one_line(caught.value)
        (disk / "filler").unlink()
        project_id = bench.client.find_projects(bench.title)[0]["id"]
        assert len(bench.tasks(project_id)) == 5, "nothing of the chunk that found no room"
        record = Record()
        who = Annotator(bench.client, bench.client.whoami()["email"], project_id, SCHEME, record)
        client_task = who.take()
        assert client_task is not None
        fill(disk)
        assert not who.submit(client_task, client_task.suggestion)
        (disk / "filler").unlink()

        assert bench.push(verify=True).differences == ()
        assert who.submit(client_task, client_task.suggestion)
        record.unclear.clear()
        bring(bench)
        agreed(bench, record)
        bench.client.close()
    finally:
        server.stop()


def test_writers_wait_for_each_other(embedded: Server, label_studio: LabelStudioClient, tmp_path: Path):
    """Label Studio does a request again when its database is locked, and loses an import's predictions when it does."""
    before = embedded.log.stat().st_size
    benches = [Bench(folder, label_studio, f"writers {folder.name}") for folder in (tmp_path / n for n in "abc")]
    for bench in benches:
        bench.add([text(n) for n in range(15)])
    project_id = benches[0].push().project_id
    for bench in benches:
        bench.add([text(n) for n in range(15, 40)])
    with ThreadPoolExecutor() as writers:
        pushes = [writers.submit(bench.push, verify=True) for bench in benches]
        person = writers.submit(lambda: [annotate(benches[0], project_id) for _ in range(8)])
        assert [push.result().differences for push in pushes] == [()] * 3
        acts = [record for record, _ in person.result()]
    assert not any(record.unclear or record.refused for record in acts)
    with embedded.log.open("rb") as log:
        log.seek(before)
        assert b"database is locked" not in log.read()
    for bench in benches[1:]:
        agreed(bench)


def test_suggestions_that_the_server_lost_are_sent_again_at_once(bench: Bench):
    bench.add([text(n) for n in range(8)])

    class Losing(LabelStudioClient):
        def import_tasks(self, project_id: int, tasks):
            return super().import_tasks(project_id, [{"data": task["data"]} for task in tasks])

        def imports_slowly(self, project_id: int) -> bool:
            """Yes: such a server is sent suggestions with their tasks."""
            return True

    report = bench.push(through(Losing, bench.client), verify=True)
    assert (report.pushed, report.predictions_sent, report.differences) == (8, 8, ())
    agreed(bench)


def test_whoever_has_a_page_open_when_suggestions_are_renewed_can_submit(bench: Bench):
    added = bench.add([text(n) for n in range(3)])
    project_id = bench.push().project_id
    record = Record()
    who = Annotator(bench.client, bench.client.whoami()["email"], project_id, SCHEME, record)
    client_task = who.take()
    assert client_task is not None
    bench.suggest(added, MODEL)
    renewed = bench.push(grace=timedelta(hours=1))
    assert (renewed.predictions_sent, renewed.predictions_retired, renewed.predictions_waiting) == (3, 0, 3)
    assert who.submit(client_task, client_task.suggestion)
    later = bench.push(grace=timedelta(seconds=0.1))
    assert (later.predictions_retired, later.predictions_kept, later.predictions_waiting) == (2, 1, 0)
    bring(bench)
    assert disagreements(bench, record, MODEL) == []


def test_too_many_requests_are_waited_for_as_long_as_the_server_asks(bench: Bench, embedded: Server):
    bench.add([text(1)])
    plan = Plan(rate=1.0, faults=("error-429",), most=2, only=("POST",))
    with FaultProxy(bench.client.url, plan) as proxy:
        client = LabelStudioClient(Transport(proxy.url, owners_token(embedded)), server=bench.client.server)
        began = time.monotonic()
        assert bench.push(client).pushed == 1
        assert time.monotonic() - began >= 2
        assert plan.done.total() == 2

        proxy.plan = Plan(rate=1.0, faults=("error-429",))
        with pytest.raises(LabelStudioUnavailable, match="429") as caught:
            client.projects()
        in_one_line(caught.value)
        client.close()


def test_an_answer_that_is_cut_short_is_not_called_another_program(bench: Bench, embedded: Server):
    with FaultProxy(bench.client.url, Plan(rate=1.0, faults=("truncated",))) as proxy:
        client = LabelStudioClient(Transport(proxy.url, owners_token(embedded)))
        for ask in (client.projects, client.users, client.whoami):
            with pytest.raises(LabelStudioError, match="incomplete answer") as caught:
                ask()
            in_one_line(caught.value)
        client.close()


def test_what_was_deleted_by_a_push_that_died_is_known_to_be_gone(bench: Bench):
    """A person begins to work on a task whose old suggestion went, before the store was told that it did."""
    added = bench.add([text(n) for n in range(3)])
    project_id = bench.push().project_id
    bench.suggest(added, MODEL)

    class Dying(LabelStudioClient):
        def delete_model_version(self, project_id: int, model_version: str) -> int:
            super().delete_model_version(project_id, model_version)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.push(through(Dying, bench.client))
    record, _ = annotate(bench, project_id)
    assert bench.push(verify=True).differences == ()
    bring(bench)
    assert disagreements(bench, record, MODEL) == []


def test_an_intent_that_came_to_nothing_is_forgotten_when_another_suggestion_is_current(bench: Bench):
    added = bench.add([text(n) for n in range(3)])

    class Dead(LabelStudioClient):
        def import_tasks(self, project_id, tasks):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.push(through(Dead, bench.client))
    bench.suggest(added, MODEL)
    bench.push()
    with bench.store.transaction() as session:
        project = projects.every(session)[0]
        sent = [(one.model_version, one.state) for one in prediction_ledger.predictions(session, project.id)]
        assert not revisions.find(session)
    assert sorted(sent) == [("news 2", "present")] * 3 + [("rules 1", "retired")] * 3


def free_port() -> int:
    from socket import socket

    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
