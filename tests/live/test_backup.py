"""A backup of store and server together, taken while both are at work, and what comes back of it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from live.conftest import copy_of, free_port
from pushing import CONFIG, SCHEME, Bench, text

from workbench import settings as workspace
from workbench.core.ports import Silent
from workbench.errors import LabelStudioError
from workbench.labelstudio import annotator_client
from workbench.labelstudio.pull.pull import PullReport, pull
from workbench.labelstudio.reconcile import ReconcileReport, reconcile
from workbench.labelstudio.server.embedded import Server
from workbench.settings import Settings
from workbench.store import Store, revisions
from workbench.workflows.backup import backup, restore
from workbench.workflows.context import Context
from workbench.workflows.init import init

TASKS = 12


@pytest.fixture
def settings(embedded: Server, tmp_path: Path) -> Iterator[Settings]:
    """A workspace whose own server runs."""
    root = tmp_path / "workspace"
    init(root, "")
    settings = workspace.load(root)
    Server(copy_of(embedded, settings.label_studio_folder)).start(Silent(), port=free_port())
    yield settings
    Server(settings.label_studio_folder).stop()


def opened(settings: Settings) -> Bench:
    """The workspace's store and project, with a client for its server."""
    bench = Bench(settings.root, Server(settings.label_studio_folder).client(), "WithFallback up", config=CONFIG)
    bench.store.close()
    bench.store = Store.open(settings.database_url)
    return bench


def bring(bench: Bench) -> PullReport:
    return pull(bench.store, bench.client, Silent(), title=bench.title)


def compare(bench: Bench) -> ReconcileReport:
    return reconcile(bench.store, bench.client, Silent(), title=bench.title)


def submit(bench: Bench, project_id: int) -> int:
    client_task = annotator_client.next_task(bench.client, project_id, SCHEME, shown="rules 1")
    assert client_task is not None
    return annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)


def on_server(bench: Bench, project_id: int) -> set[int]:
    return {one["id"] for task in bench.tasks(project_id) for one in task.get("annotations", [])}


def in_store(bench: Bench) -> set[int]:
    with bench.store.transaction() as session:
        return {int(one.external_id) for one in revisions.current(session) if one.state == "submitted"}


def test_store_and_server_come_back_in_agreement(settings: Settings, tmp_path: Path):
    """Somebody submits, and somebody pulls, while the backup is taken; both go on after it."""
    bench = opened(settings)
    bench.add([text(n) for n in range(TASKS)])
    project_id = bench.push().project_id
    before = {submit(bench, project_id), submit(bench, project_id)}
    bring(bench)

    done, submitted, failed = threading.Event(), list[int](), list[Exception]()

    def work() -> None:
        person = Server(settings.label_studio_folder).client()
        other = opened(settings)
        other.client = person
        try:
            while not done.is_set() and len(submitted) < TASKS - 4:
                submitted.append(submit(other, project_id))
                bring(other)
        except Exception as error:  # noqa: BLE001  # it is the test's to tell
            failed.append(error)
        finally:
            other.store.close()
            person.close()

    worker = threading.Thread(target=work)
    worker.start()
    while not submitted and worker.is_alive():
        done.wait(0.05)
    sure = {*before, *submitted}
    report = backup(Context(settings), target=tmp_path / "saved.tar.gz")
    done.set()
    worker.join(60)
    assert failed == []
    late = submit(bench, project_id)
    bring(bench)
    everything = on_server(bench, project_id)
    assert late in everything
    bench.store.close()
    bench.client.close()

    with pytest.raises(LabelStudioError, match="Label Studio runs"):
        restore(settings.root, report.path, Silent(), force=True)
    Server(settings.label_studio_folder).stop()
    found = restore(settings.root, report.path, Silent(), force=True)
    assert found.aside is not None
    Server(settings.label_studio_folder).start(Silent(), port=free_port())

    back = opened(settings)
    bring(back)
    there = on_server(back, project_id)
    assert sure <= there <= everything - {late}
    assert in_store(back) == there
    assert (compare(back).tasks, compare(back).differences) == (TASKS, ())
    again = back.push(verify=True)
    assert (again.pushed, again.already_there, again.differences) == (0, TASKS, ())
    new = submit(back, project_id)
    assert bring(back).submitted == 1
    assert in_store(back) == {*there, new}
    back.store.close()
    back.client.close()


def test_a_backup_goes_into_another_folder_with_its_accounts(settings: Settings, tmp_path: Path):
    bench = opened(settings)
    bench.add([text(n) for n in range(2)])
    project_id = bench.push().project_id
    submit(bench, project_id)
    report = backup(Context(settings), target=tmp_path / "saved.tar.gz")
    bench.store.close()
    bench.client.close()
    Server(settings.label_studio_folder).stop()

    restore(tmp_path / "moved", report.path, Silent())
    moved = workspace.load(tmp_path / "moved")
    server = Server(moved.label_studio_folder)
    server.start(Silent(), port=free_port())
    try:
        back = opened(moved)
        assert bring(back).submitted == 1
        assert compare(back).differences == ()
        assert in_store(back) == on_server(back, project_id)
        back.store.close()
        back.client.close()
    finally:
        server.stop()
