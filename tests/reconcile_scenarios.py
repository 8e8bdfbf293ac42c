"""Reconcile, every kind of difference is found and what can be mended is: scenarios for the real server and for the fake one.

Whoever runs them imports them into a module with a fixture `bench`.
"""

from pushing import SCHEME, Bench, text

from workbench.core.ports import Silent
from workbench.labelstudio import annotator_client
from workbench.labelstudio.reconcile import ReconcileReport, reconcile
from workbench.store import articles, revisions


def compare(bench: Bench, *, mend: bool = False) -> ReconcileReport:
    return reconcile(bench.store, bench.client, Silent(), title=bench.title, mend=mend)


def kinds(report: ReconcileReport) -> dict[str, tuple[int, int]]:
    return {one.kind: (one.count, one.left) for one in report.differences}


def test_after_a_push_store_and_server_agree(bench: Bench):
    bench.add([text(n) for n in range(3)])
    bench.push()
    report = compare(bench)
    assert (report.tasks, report.differences, report.left) == (3, (), 0)


def test_every_difference_is_found_and_mended(bench: Bench):
    added = bench.add([text(n) for n in range(6)])
    project_id = bench.push().project_id
    lost, changed, unsuggested, twice, annotated, spoilt = bench.tasks(project_id)
    client = bench.client
    client.delete_task(lost["id"])
    client.update_task(changed["id"], {**changed["data"], "title": "Another", "priority": 3.0})
    client.delete_prediction(unsuggested["predictions"][0]["id"])
    client.import_tasks(project_id, [{"data": twice["data"]}, {"data": {SCHEME.text_field: "By hand."}}])
    client_task = annotator_client.open_task(client, annotated["id"], SCHEME, shown="rules 1")
    annotator_client.submit(client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    [first] = spoilt["predictions"]
    client.import_predictions(
        project_id, [{"task": spoilt["id"], "model_version": "rules 1", "result": first["result"][:1]}]
    )
    client.update_project(project_id, {"expert_instruction": "Do as you like.", "model_version": ""})

    found = compare(bench)
    assert {kind: count for kind, (count, _) in kinds(found).items()} == {
        "instruction differs": 1,
        "model version differs": 1,
        "task missing": 1,
        "task twice": 1,
        "task of nobody": 1,
        "task data changed": 1,
        "prediction missing": 1,
        "prediction twice": 1,
        "suggestion not shown": 1,
        "annotation not in the store": 1,
    }
    assert found.left == 10
    assert kinds(compare(bench)) == kinds(found)

    mended = compare(bench, mend=True)
    assert {kind: left for kind, (_, left) in kinds(mended).items() if left} == {
        "task of nobody": 1,
        "suggestion not shown": 1,
    }
    there = bench.client.task(changed["id"])["data"]
    assert (there["title"], there["priority"]) == (changed["data"]["title"], 3.0)
    with bench.store.transaction() as session:
        [revision] = revisions.find(session)
    assert revision.article_id == annotated["data"]["article_id"]
    pushed = bench.push(verify=True)
    assert (pushed.pushed, pushed.predictions_sent, pushed.differences) == (1, 2, ())
    assert set(kinds(compare(bench))) == {"task of nobody"}
    assert len({str(task["data"].get("article_id")) for task in bench.tasks(project_id)}) == len(added) + 1


def test_what_the_store_knows_of_articles_is_renewed_whoever_has_worked_on_them(bench: Bench):
    added = bench.add([text(n) for n in range(4)])
    project_id = bench.push().project_id
    for task in bench.tasks(project_id)[:2]:
        client_task = annotator_client.open_task(bench.client, task["id"], SCHEME, shown="rules 1")
        annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    assert kinds(compare(bench, mend=True)) == {"annotation not in the store": (2, 0)}
    note = {**bench.tasks(project_id)[0]["data"], "note": "Look again, please."}
    bench.client.update_task(bench.tasks(project_id)[0]["id"], note)

    def merge(group: str) -> None:
        with bench.store.transaction() as session:
            articles.set_story_group(session, [one.id for one in added[:3]], group)

    def groups() -> list[object]:
        return [task["data"]["story_group"] for task in bench.tasks(project_id)]

    merge("s-one")
    assert kinds(compare(bench)) == {"task data changed": (3, 3)}
    assert (bench.push().renewed, groups()) == (3, ["s-one", "s-one", "s-one", ""])
    assert compare(bench).differences == ()
    assert bench.push(verify=True).renewed == 0

    merge("s-two")
    assert kinds(compare(bench, mend=True)) == {"task data changed": (3, 0)}
    assert groups() == ["s-two", "s-two", "s-two", ""]
    assert bench.tasks(project_id)[0]["data"]["note"] == "Look again, please."
    with bench.store.transaction() as session:
        assert [one.state for one in revisions.current(session)] == ["submitted", "submitted"]


def test_a_text_that_somebody_changed_stays_where_somebody_has_worked(bench: Bench):
    bench.add([text(1)])
    project_id = bench.push().project_id
    [task] = bench.tasks(project_id)
    client_task = annotator_client.open_task(bench.client, task["id"], SCHEME, shown="rules 1")
    annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    compare(bench, mend=True)
    other = {**task["data"], SCHEME.text_field: "Another text.", "title": "Another"}
    bench.client.update_task(task["id"], other)
    found = compare(bench, mend=True)
    assert kinds(found)["task data changed"] == (1, 1)
    there = bench.client.task(task["id"])["data"]
    assert (there[SCHEME.text_field], there["title"]) == ("Another text.", task["data"]["title"])
    assert bench.push().renewed == 0
