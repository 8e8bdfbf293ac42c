"""Withdrawn articles against a real Label Studio: marked, opened again, deleted; also when the server was away."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from contexts import PartsContext
from pushing import CONFIG, SCHEME, Bench, text

from workbench.core.ports import Silent
from workbench.labelstudio import annotator_client
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.pull.pull import pull
from workbench.labelstudio.push.withdrawing import WITHDRAWN
from workbench.labelstudio.reconcile import reconcile
from workbench.labelstudio.server.embedded import Server
from workbench.store import projects, revisions, task_ledger
from workbench.workflows.status import status
from workbench.workflows.withdrawing import WithdrawReport, withdraw


@pytest.fixture
def bench(tmp_path: Path, label_studio: LabelStudioClient, request: pytest.FixtureRequest) -> Bench:
    return Bench(tmp_path, label_studio, "wd " + request.node.name[-40:])


def take(bench: Bench, name: str, *, away: bool = False, **asked: object) -> WithdrawReport:
    client = None if away else bench.client
    context = PartsContext(bench.folder, store=bench.store, config=CONFIG, client=client, title=bench.title)
    return withdraw(context, name, **asked)


def states(bench: Bench) -> dict[str, str]:
    with bench.store.reading() as session:
        [project] = projects.every(session)
        return {row.article_id: row.state for row in task_ledger.tasks(session, project.id)}


def agree(bench: Bench) -> bool:
    return reconcile(bench.store, bench.client, Silent(), title=bench.title).left == 0


def bring(bench: Bench):
    return pull(bench.store, bench.client, Silent(), title=bench.title)


def test_a_withdrawn_article_is_marked_and_opened_again(bench: Bench):
    one, other = bench.add([text(n) for n in range(2)])
    project_id = bench.push(priorities={one.id: 4.0}).project_id
    report = take(bench, one.id, why="a mistake")
    assert (report.label_studio.marked, report.left_in_label_studio) == (1, 0)
    found = {task["data"]["article_id"]: task for task in bench.tasks(project_id)}
    assert found[one.id]["data"]["note"] == WITHDRAWN
    assert found[one.id]["data"]["priority"] == task_ledger.LOWEST
    assert found[other.id]["data"]["note"] == ""
    again = bench.push()
    assert (again.pushed, again.already_there, again.marked, again.unshown) == (0, 1, 0, 0)
    assert states(bench) == {one.id: "superseded", other.id: "present"}
    assert agree(bench)
    assert take(bench, one.id, undo=True).label_studio.reopened == 1
    found = {task["data"]["article_id"]: task for task in bench.tasks(project_id)}
    assert (found[one.id]["data"]["note"], found[one.id]["data"]["priority"]) == ("", 4.0)
    assert bench.push().already_there == 2
    assert agree(bench)


def test_no_word_of_an_erased_article_is_left_on_the_server(bench: Bench, embedded: Server):
    word = "Quetzalcoatlite"
    one, other = bench.add([f"{word}. {text(1)}", text(2)])
    project_id = bench.push().project_id
    for task in bench.tasks(project_id):
        opened = annotator_client.open_task(bench.client, task["id"], SCHEME, shown="rules 1")
        annotator_client.submit(bench.client, opened, opened.suggestion, SCHEME, lead_time=1.0)
    bring(bench)
    assert word in everything(embedded)
    report = take(bench, one.id, why="a court decided so", erase=True)
    assert report.label_studio.deleted == 1
    assert [task["data"]["article_id"] for task in bench.tasks(project_id)] == [other.id]
    assert word not in everything(embedded)
    assert states(bench)[one.id] == "gone"
    assert agree(bench)
    brought = bring(bench)
    assert (brought.deleted, brought.sweep, brought.unknown) == (0, None, ())
    assert bench.push().pushed == 0
    with bench.store.reading() as session:
        assert [r.article_id for r in revisions.current(session) if r.state == "submitted"] == [other.id]


@pytest.mark.parametrize("by", ["push", "reconcile"])
def test_what_was_erased_while_the_server_was_away_goes_with_the_next_run(bench: Bench, by: str):
    one, other = bench.add([text(n) for n in range(2)])
    project_id = bench.push().project_id
    task = next(task for task in bench.tasks(project_id) if task["data"]["article_id"] == one.id)
    report = take(bench, one.id, away=True, why="a court decided so", erase=True)
    assert (report.label_studio.deleted, report.left_in_label_studio) == (0, 1)
    # Somebody annotates it meanwhile.
    opened = annotator_client.open_task(bench.client, task["id"], SCHEME, shown="rules 1")
    annotator_client.submit(bench.client, opened, opened.suggestion, SCHEME, lead_time=1.0)
    brought = bring(bench)
    assert (brought.submitted, brought.open_problems) == (0, 0)
    assert "erased" in brought.unknown[0].reason
    context = PartsContext(bench.folder, store=bench.store, config=CONFIG, title=bench.title)
    assert status(context).withdrawing == 1
    if by == "push":
        assert bench.push().erased == 1
    else:
        assert reconcile(bench.store, bench.client, Silent(), title=bench.title, mend=True).left == 0
    assert [task["data"]["article_id"] for task in bench.tasks(project_id)] == [other.id]
    assert agree(bench)
    # A request of before may still arrive: its task goes with the next push.
    bench.client.import_tasks(project_id, [{"data": task["data"]}])
    assert bench.push().erased == 1
    assert [task["data"]["article_id"] for task in bench.tasks(project_id)] == [other.id]


def everything(server: Server) -> str:
    """All rows of all tables of the server's database."""
    with closing(sqlite3.connect(server.folder / "label_studio.sqlite3")) as there:
        names = [row[0] for row in there.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return "".join(str(row) for name in names for row in there.execute(f'SELECT * FROM "{name}"'))
