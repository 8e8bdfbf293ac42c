"""Push, once is once whatever becomes of a request: scenarios for the real server and for the fake one.

Whoever runs them imports them into a module with a fixture `bench`.
"""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from contexts import PartsContext
from pushing import CONFIG, FOREIGN, FOREIGN_CONFIG, MODEL, RULES, SCHEME, Bench, faltering, text, through

from workbench.core.article import Article, sha256
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioError, LabelStudioUnavailable
from workbench.gold.division import BY_STORY
from workbench.gold.splits import Shares
from workbench.labelstudio import annotator_client
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion import region_ids
from workbench.labelstudio.push.options import PushOptions
from workbench.store import annotations, articles, prediction_ledger, projects, task_ledger
from workbench.workflows.parting import held_out
from workbench.workflows.sync import push_articles


def article_ids(bench: Bench, project_id: int) -> list[str]:
    return sorted(str(task["data"]["article_id"]) for task in bench.tasks(project_id))


def predictions_in_store(bench: Bench) -> dict[int, tuple[str, str]]:
    """Model version and state by the server's prediction id."""
    with bench.store.transaction() as session:
        project = projects.every(session)[-1]
        sent = list(prediction_ledger.predictions(session, project.id))
    return {one.prediction_id or -1: (one.model_version, one.state) for one in sent}


def test_pushing_twice_is_pushing_once(bench: Bench):
    added = bench.add([text(n) for n in range(7)])
    first = bench.push()
    assert (first.pushed, first.predictions_sent, first.refused, first.differences) == (7, 7, (), ())
    assert first.verified == 2

    second = bench.push(verify=True)
    assert (second.pushed, second.adopted, second.already_there, second.predictions_sent) == (0, 0, 7, 0)
    assert (second.verified, second.differences) == (7, ())
    tasks = bench.tasks(first.project_id)
    assert sorted(str(task["data"]["article_id"]) for task in tasks) == sorted(article.id for article in added)
    on_server = {p["id"]: (p["model_version"], "present") for task in tasks for p in task.get("predictions", [])}
    assert predictions_in_store(bench) == on_server
    assert len(on_server) == 7


def test_what_annotators_see(bench: Bench):
    [article] = bench.add([text(1)])
    report = bench.push(priorities={article.id: 0.5})
    project = bench.client.project(report.project_id)
    assert project.get("show_instruction")
    assert "<h3>" in project.get("expert_instruction", "")
    assert project.get("model_version") == "rules 1"

    task = bench.client.next_task(report.project_id)
    assert task is not None
    assert task["data"][SCHEME.text_field] == article.text
    wanted = {"article_id", "article_version", "title", "source", "published", "note", "priority", "story_group"}
    assert wanted | {"queue"} | set(SCHEME.data_fields) <= set(task["data"])
    assert task["data"]["priority"] == 0.5
    assert len(task.get("predictions", [])) == 1


def test_the_queue_follows_priority_and_the_limit_takes_the_first(bench: Bench):
    added = bench.add([text(n) for n in range(5)])
    priorities = {article.id: float(n) for n, article in enumerate(added)}
    report = bench.push(priorities=priorities, limit=3)
    assert (report.pushed, report.waiting) == (3, 2)
    order = [str(task["data"]["article_id"]) for task in bench.tasks(report.project_id)]
    assert order == [added[4].id, added[3].id, added[2].id]
    assert bench.push(priorities=priorities).pushed == 2


def test_priorities_of_tasks_that_are_there_change_when_asked(bench: Bench):
    first, second = bench.add([text(n) for n in range(2)])
    project_id = bench.push(priorities={first.id: 1.0}).project_id
    assert bench.push(priorities={second.id: 5.0}).moved == 0
    assert bench.push(priorities={second.id: 5.0}, reorder=True).moved == 2
    found = {task["data"]["article_id"]: task["data"]["priority"] for task in bench.tasks(project_id)}
    assert found == {first.id: 0.0, second.id: 5.0}
    assert bench.push(priorities={second.id: 5.0}, reorder=True).moved == 0


def test_blind_articles_go_without_suggestions_for_good(bench: Bench):
    added = bench.add([text(n) for n in range(3)])
    report = bench.push(blind={added[0].id})
    assert (report.pushed, report.blind, report.predictions_sent, report.unshown) == (3, 1, 2, 0)
    again = bench.push(verify=True)
    assert (again.predictions_sent, again.unshown, again.differences) == (0, 0, ())
    bench.suggest(added, MODEL)
    assert bench.push().predictions_sent == 2
    without = [task["data"]["article_id"] for task in bench.tasks(report.project_id) if not task.get("predictions")]
    assert without == [added[0].id]
    with bench.store.transaction() as session:
        assert task_ledger.blind_tasks(session, projects.every(session)[0].id) == {(added[0].id, 1)}


def test_the_dev_and_test_parts_go_without_suggestions_unless_they_are_left_out(bench: Bench, tmp_path: Path):
    context = PartsContext(tmp_path, store=bench.store, config=CONFIG, client=bench.client, title=bench.title)
    bench.add([text(n) for n in range(20)])
    left = push_articles(context, PushOptions(), held_out=False)
    with bench.store.transaction() as session:
        apart = held_out(session, BY_STORY, Shares())
    assert 0 < len(apart) < 20
    assert (left.held_out, left.pushed, left.blind) == (len(apart), 20 - len(apart), 0)
    rest = push_articles(context, PushOptions())
    assert (rest.held_out, rest.pushed, rest.blind) == (0, len(apart), len(apart))
    bare = {task["data"]["article_id"] for task in bench.tasks(rest.project_id) if not task.get("predictions")}
    assert bare == apart


def test_where_everything_goes_blind_there_is_nothing_to_show(bench: Bench):
    added = bench.add([text(n) for n in range(2)])
    blind = {article.id for article in added}
    report = bench.push(blind=blind)
    assert (report.pushed, report.blind, report.predictions_sent, report.model_version) == (2, 2, 0, None)
    report = bench.push(blind=blind)
    assert (report.already_there, report.unshown, report.model_version) == (2, 0, None)
    bench.add([text(7)])
    assert bench.push().model_version == "rules 1"


def test_articles_without_suggestions_are_left_out_unless_asked_for(bench: Bench):
    bench.add([text(1)])
    bare = bench.add([text(2)], producer=None)
    report = bench.push()
    assert (report.pushed, report.without_suggestion) == (1, 1)
    report = bench.push(without_suggestions=True)
    assert (report.pushed, report.without_suggestion, report.predictions_sent) == (1, 0, 0)
    bench.suggest(bare, RULES)
    assert bench.push().predictions_sent == 1


def test_only_the_articles_that_are_named_are_pushed(bench: Bench):
    added = bench.add([text(n) for n in range(4)])
    report = bench.push(article_ids={added[0].id, added[2].id})
    assert article_ids(bench, report.project_id) == sorted([added[0].id, added[2].id])


@pytest.mark.parametrize("faults", [["timeout"], ["lost"], ["lost", "timeout"], ["timeout", "lost", "lost"]])
def test_a_request_of_unknown_outcome_leaves_one_task_per_article(bench: Bench, faults: list[str]):
    added = bench.add([text(n) for n in range(3)])
    report = bench.push(faltering(bench.client, faults))
    assert article_ids(bench, report.project_id) == sorted(article.id for article in added)
    assert report.pushed + report.adopted == 3
    assert sorted(predictions_in_store(bench).values()) == [("rules 1", "present")] * 3
    assert -1 not in predictions_in_store(bench)


def test_a_server_that_stays_away_is_said_and_the_next_push_goes_on(bench: Bench):
    added = bench.add([text(n) for n in range(3)])
    with pytest.raises(LabelStudioUnavailable):
        bench.push(faltering(bench.client, ["lost"] * 3))
    report = bench.push()
    assert article_ids(bench, report.project_id) == sorted(article.id for article in added)


@pytest.mark.parametrize(("faults", "sent", "adopted"), [(["killed"], 3, 0), ([None, "killed"], 0, 3)])
def test_a_push_that_died_between_request_and_outcome_is_finished_by_the_next(
    bench: Bench, faults: list[str | None], sent: int, adopted: int
):
    """The first request brings the tasks, the second their suggestions."""
    added = bench.add([text(n) for n in range(3)])
    with pytest.raises(KeyboardInterrupt):
        bench.push(faltering(bench.client, faults))
    report = bench.push()
    assert (report.pushed, report.predictions_sent, report.predictions_adopted) == (0, sent, adopted)
    assert article_ids(bench, report.project_id) == sorted(article.id for article in added)
    assert sorted(predictions_in_store(bench).values()) == [("rules 1", "present")] * 3


def test_a_task_that_arrives_after_it_was_sent_again_is_taken_away(bench: Bench):
    """The server is still at work when the client gives up, looks, finds nothing, and sends again."""
    added = bench.add([text(n) for n in range(2)])
    late: list[threading.Thread] = []

    class Late(LabelStudioClient):
        def import_tasks(self, project_id, tasks):
            if late:
                late[0].start()
                late[0].join()
                return super().import_tasks(project_id, tasks)
            late.append(threading.Thread(target=lambda: bench.client.import_tasks(project_id, tasks)))
            raise LabelStudioUnavailable("no answer in time", timed_out=True)

    report = bench.push(through(Late, bench.client), patience=0.5)
    assert report.duplicates_removed == 2
    assert article_ids(bench, report.project_id) == sorted(article.id for article in added)
    again = bench.push(verify=True)
    assert (again.pushed, again.predictions_sent, again.differences, again.verified) == (0, 0, (), 2)
    assert [len(task.get("predictions", [])) for task in bench.tasks(report.project_id)] == [1, 1]


def test_lists_say_what_is_in_the_tasks_without_their_contents(bench: Bench):
    """The embedded server leaves the contents of predictions and annotations out of what it reads for such a list."""
    added = bench.add([text(n) for n in range(3)])
    project_id = bench.push().project_id
    bench.suggest(added[:2], MODEL)
    client_task = annotator_client.next_task(bench.client, project_id, SCHEME, shown="rules 1")
    assert client_task is not None
    annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    bench.push(grace=timedelta(hours=1))
    states = list(bench.client.task_states(project_id))
    listed = list(bench.client.tasks(project_id))
    whole = bench.tasks(project_id)
    assert len(whole) == 3
    for state, brief, task in zip(states, listed, whole, strict=True):
        assert state["data"] == brief["data"] == task["data"]
        versions = {p["model_version"] for p in task.get("predictions", [])}
        assert set(filter(None, state["predictions_model_versions"].split(","))) == versions
        assert state["annotations_ids"] == ",".join(str(one["id"]) for one in task.get("annotations", []))
        assert state["is_labeled"] == bool(task.get("annotations"))
        assert not {"predictions", "annotations"} & set(brief)
    assert [len(task.get("predictions", [])) for task in whole].count(2) >= 1
    assert [len(task.get("annotations", [])) for task in whole].count(1) == 1


def test_newer_suggestions_replace_the_old_where_nobody_has_worked(bench: Bench):
    added = bench.add([text(n) for n in range(4)])
    report = bench.push()
    project_id = report.project_id
    client_task = annotator_client.next_task(bench.client, project_id, SCHEME, shown="rules 1")
    assert client_task is not None
    annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)

    bench.suggest(added, MODEL)
    renewed = bench.push()
    assert (renewed.pushed, renewed.predictions_sent, renewed.unshown) == (0, 3, 0)
    assert (renewed.predictions_retired, renewed.predictions_kept) == (3, 1)
    assert bench.client.project(project_id).get("model_version") == "news 2"
    for task in bench.tasks(project_id):
        versions = [p["model_version"] for p in task.get("predictions", [])]
        assert versions == (["rules 1"] if task["id"] == client_task.task_id else ["news 2"])
    shown = bench.client.next_task(project_id)
    assert shown is not None
    assert [p["model_version"] for p in shown.get("predictions", [])] == ["news 2"]
    again = bench.push()
    assert (again.predictions_sent, again.predictions_retired) == (0, 0)


def test_newer_suggestions_come_to_finished_tasks_when_asked(bench: Bench):
    """Whoever looks at finished work again sees them; what it was made from stays beside them."""
    added = bench.add([text(n) for n in range(2)])
    project_id = bench.push().project_id
    client_task = annotator_client.next_task(bench.client, project_id, SCHEME, shown="rules 1")
    assert client_task is not None
    annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    bench.suggest(added, MODEL)
    report = bench.push(renew_all=True, verify=True)
    assert (report.predictions_sent, report.predictions_retired, report.predictions_kept) == (2, 1, 1)
    assert (report.differences, report.unshown) == ((), 0)
    versions = {
        task["id"]: [prediction["model_version"] for prediction in task.get("predictions", [])]
        for task in bench.tasks(project_id)
    }
    assert sorted(versions.pop(client_task.task_id)) == ["news 2", "rules 1"]
    assert list(versions.values()) == [["news 2"]]
    again = bench.push(renew_all=True)
    assert (again.predictions_sent, again.predictions_adopted, again.predictions_retired) == (0, 0, 0)


@pytest.mark.parametrize("faults", [["timeout"], ["lost"], ["killed"]])
def test_newer_suggestions_arrive_once_whatever_becomes_of_the_request(bench: Bench, faults: list[str]):
    added = bench.add([text(n) for n in range(3)])
    project_id = bench.push().project_id
    bench.suggest(added, MODEL)
    if faults == ["killed"]:
        with pytest.raises(KeyboardInterrupt):
            bench.push(faltering(bench.client, faults))
        bench.push()
    else:
        bench.push(faltering(bench.client, faults))
    for task in bench.tasks(project_id):
        assert [p["model_version"] for p in task.get("predictions", [])] == ["news 2"]
    kept = predictions_in_store(bench)
    assert sorted(kept.values()) == [("news 2", "present")] * 3 + [("rules 1", "retired")] * 3


def test_the_parent_of_a_prediction_can_be_told_from_its_regions(bench: Bench):
    [article] = bench.add([text(1)])
    report = bench.push()
    with bench.store.transaction() as session:
        [stored] = annotations.suggestions(session, article.id, 1)
    [prediction] = bench.client.predictions(task_id=bench.tasks(report.project_id)[0]["id"])
    ids = [str(item["id"]) for item in prediction["result"] if item["type"] == "labels"]
    assert region_ids.keys(ids) == [region_ids.key_of(stored.id)]


def test_a_suggestion_that_the_scheme_refuses_is_reported_and_the_rest_goes_on(bench: Bench):
    good, bad = bench.add([text(1), text(2)], producer=None)
    bench.suggest([good], RULES)
    with bench.store.transaction() as session:
        spoilt = annotations.keep(session, bad.id, 1, annotations_beyond(bad.text))
    assert spoilt
    report = bench.push()
    assert report.pushed == 1
    assert [refused.article_id for refused in report.refused] == [bad.id]
    assert "beyond the text" in report.refused[0].reason


def annotations_beyond(body: str):
    fitting = Article.from_text(body + " and more")
    from pushing import suggest

    found = suggest(fitting, SCHEME)
    first = SCHEME.layers[0]
    last = found.layers[first.name][0].model_copy(
        update={"id": "z", "start": len(body), "end": len(body) + 4, "text": " and"}
    )
    return found.model_copy(update={"layers": {**found.layers, first.name: (*found.layers[first.name], last)}})


def test_a_deleted_task_is_made_again_and_a_strangers_is_left_alone(bench: Bench):
    added = bench.add([text(n) for n in range(2)])
    report = bench.push()
    gone = bench.tasks(report.project_id)[-1]
    bench.client.delete_task(gone["id"])
    data = {**gone["data"], "article_id": "somebody-elses"}
    bench.client.import_tasks(report.project_id, [{"data": data}])
    again = bench.push()
    assert (again.pushed, again.gone, again.foreign) == (1, 1, 1)
    assert set(article_ids(bench, report.project_id)) == {"somebody-elses", *(article.id for article in added)}


def test_a_corrected_text_is_a_task_of_its_own(bench: Bench):
    [article] = bench.add([text(1)])
    report = bench.push()
    better = article.text + "Corrected."
    with bench.store.transaction() as session:
        newer = articles.add_version(
            session, article.model_copy(update={"text": better, "text_sha256": sha256(better)})
        )
    bench.suggest([newer], RULES)
    assert bench.push().pushed == 1
    assert [task["data"]["article_version"] for task in bench.tasks(report.project_id)] == [1, 2]
    with bench.store.transaction() as session:
        assert [task.state for task in task_ledger.tasks(session, projects.every(session)[0].id)] == [
            "superseded",
            "present",
        ]
    old, new = bench.tasks(report.project_id)
    assert "was corrected" in str(old["data"]["note"])
    assert float(str(old["data"]["priority"])) < 0
    assert (new["data"]["note"], new["data"][SCHEME.text_field]) == ("", better)
    again = bench.push(verify=True)
    assert (again.pushed, again.superseded, again.differences) == (0, 0, ())


def test_a_project_that_is_gone_is_said_and_made_anew_when_asked(bench: Bench):
    bench.add([text(1)])
    first = bench.push()
    bench.client.delete_project(first.project_id)
    with pytest.raises(LabelStudioError, match="is gone"):
        bench.push()
    second = bench.push(new_project=True)
    assert second.made
    assert second.pushed == 1


def test_a_project_left_by_a_push_that_died_is_taken_over(bench: Bench):
    bench.add([text(1)])

    class Dying(LabelStudioClient):
        def create_view(self, project_id, view):
            super().create_view(project_id, view)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bench.push(through(Dying, bench.client))
    bench.push()
    assert len(bench.client.find_projects(bench.title)) == 1


def test_a_change_of_colour_reaches_the_project_and_a_change_of_meaning_is_refused(bench: Bench):
    bench.add([text(1)])
    report = bench.push(overlap=2)
    assert bench.client.project(report.project_id).get("maximum_annotations") == 2
    label = SCHEME.layers[0].labels[0]
    bench.config = bench.config.replace(label.hint, "Another hint.", 1)
    bench.push()
    assert "Another hint." in bench.client.project(report.project_id).get("label_config", "")
    bench.config = bench.config.replace(f'value="{label.value}"', 'value="Another"', 1)
    bench.scheme = LabelScheme.from_xml(bench.config)
    with pytest.raises(LabelStudioError, match="differs from the label scheme"):
        bench.push()


def test_a_scheme_of_another_domain_is_pushed_as_well(tmp_path: Path, label_studio: LabelStudioClient):
    bench = Bench(tmp_path, label_studio, "another domain", scheme=FOREIGN, config=FOREIGN_CONFIG)
    bench.add([text(n) for n in range(2)])
    report = bench.push(verify=True)
    assert (report.pushed, report.differences, report.verified) == (2, (), 4)
