"""Adjudication against a real Label Studio: what policies leave goes into review tasks, decisions come home, once."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from pushing import SCHEME
from reviewing import PAGE, Office, as_it_is, empty, relabelled, without

from workbench.core.adjudication.policies import Policies
from workbench.core.ports import Silent
from workbench.labelstudio import annotator_client
from workbench.labelstudio.api import direct
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.reconcile import reconcile
from workbench.labelstudio.server import accounts
from workbench.store import adjudications, task_ledger
from workbench.workflows.adjudicate import review_title
from workbench.workflows.sync import reconcile_projects

Three = tuple[LabelStudioClient, LabelStudioClient, LabelStudioClient]


@pytest.fixture
def office(tmp_path: Path, label_studio: LabelStudioClient) -> Office:
    return Office(tmp_path, label_studio, f"office {secrets.token_hex(4)}")


@pytest.fixture(scope="module")
def people(label_studio: LabelStudioClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    """Two annotators, and one who decides."""
    folder = tmp_path_factory.mktemp("accounts")
    names = tuple(f"{name}-{secrets.token_hex(4)}" for name in ("pia", "tom", "judge"))
    accounts.add(label_studio, folder, names)
    clients = tuple(accounts.client_of(label_studio, folder, name) for name in names)
    yield clients
    for client in clients:
        client.close()


def test_a_decision_comes_home_with_its_parents_once(office: Office, people: Three):
    pia, tom, judge = people
    agreed, _ = office.annotated(2, (pia, as_it_is), (tom, as_it_is))
    report = office.adjudicate()
    assert [one.state for one in report.articles] == ["agreed", "agreed"]
    assert report.review == ()
    [disputed] = office.annotated(1, (pia, as_it_is), (tom, relabelled("ORG")))
    report = office.adjudicate()
    assert [len(one.disputes) for one in report.disputed] == [1]
    [sent] = report.review
    assert (sent.title, sent.pushed, sent.predictions_sent) == (review_title(office.title, 1), 1, 1)
    assert office.stands(disputed).state == "waiting"
    [task] = office.client.tasks(sent.project_id, everything=True)
    said = "entities ‘Anna Holm’: its label: "
    assert str(task["data"]["note"]).startswith("1 question to decide:\n1. " + said)

    shown = office.next_review(judge)
    assert shown is not None
    [mark] = shown.suggestion.layers[PAGE.marks]
    assert (mark.label, mark.text) == ("label?", "Anna Holm")
    office.decide(judge, relabelled("LOC"))
    pulled = office.pull()
    assert (pulled.news, [one.adjudicated for one in pulled.reviews]) == (True, [1])
    found = office.stands(disputed)
    assert (found.state, found.decided_by) == ("adjudicated", judge.whoami()["email"])
    gold = office.content(found.set_id)
    assert (gold.producer.kind, gold.producer.name) == ("adjudicated", judge.whoami()["email"])
    assert gold.scheme_digest == SCHEME.digest
    assert PAGE.marks not in gold.layers
    made = office.adjudication(disputed)
    parents = {office.content(one.set_id).digest for one in made.parents}
    assert gold.parents[0] == office.content(made.set_id).digest
    assert set(gold.parents[1:]) == parents
    [revision] = office.revisions("adjudicated")
    assert (revision.parent_set_id, revision.lead_time) == (made.set_id, 5.0)
    with office.store.reading() as session:
        [decision] = adjudications.decided_with(session, revision.id or 0)
    assert (decision.kind, decision.chosen, decision.by, decision.who) == ("label", "LOC", "person", found.decided_by)

    again = office.pull()
    assert (again.news, len(office.revisions("adjudicated"))) == (False, 1)
    assert office.adjudicate().merged == 0
    assert office.next_review(judge) is None
    assert reconcile_projects(office.context).left == 0
    assert office.stands(agreed).state == "agreed"


def test_a_skip_decides_nothing_and_somebody_else_can(office: Office, people: Three):
    pia, tom, judge = people
    [article] = office.annotated(1, (pia, as_it_is), (tom, without("entities", "Astana")))
    office.adjudicate()
    task = office.next_review(judge)
    assert task is not None
    annotator_client.skip(judge, task)
    assert [one.skipped for one in office.pull().reviews] == [1]
    found = office.stands(article)
    assert found.state == "skipped in review"
    assert judge.whoami()["email"] in found.why
    report = office.adjudicate()
    assert [one.article_id for one in report.disputed] == [article.id]
    assert "1 of these was skipped in the review" in str(report)
    task_id = annotator_client.open_task(tom, task.task_id, PAGE.scheme, shown=office.review_project().model_version)
    annotator_client.submit(tom, task_id, task_id.suggestion, PAGE.scheme, lead_time=1.0)
    office.pull()
    assert office.stands(article).decided_by == tom.whoami()["email"]


def test_who_deletes_everything_decides_that_nothing_is_there_and_it_is_told(office: Office, people: Three):
    pia, tom, judge = people
    [article] = office.annotated(1, (pia, as_it_is), (tom, relabelled("ORG")))
    office.adjudicate()
    office.decide(judge, empty)
    [pulled] = office.pull().reviews
    assert [name for name, _ in pulled.emptied] == [article.id]
    assert "is taken as the decision that it has none" in str(pulled)
    assert office.content(office.stands(article).set_id).is_empty
    # It was a slip: the annotation is deleted, and the article waits again.
    [revision] = office.revisions("adjudicated")
    judge.delete_annotation(int(revision.external_id))
    office.pull()
    assert office.stands(article).state == "waiting"
    office.decide(judge)
    office.pull()
    assert office.stands(article).state == "adjudicated"


def test_an_edit_after_adjudication_reopens_the_article_in_another_round(office: Office, people: Three):
    pia, tom, judge = people
    [article] = office.annotated(1, (pia, as_it_is), (tom, relabelled("ORG")))
    office.adjudicate()
    office.decide(judge)
    office.pull()
    [toms] = [one for one in office.revisions("submitted") if one.annotator == tom.whoami()["email"]]
    task_id = next(iter(office.tasks(office.push().project_id)))["id"]
    task = annotator_client.open_task(tom, task_id, SCHEME, shown="rules 1")
    changed = annotator_client._as_edited(relabelled("LOC")(task.suggestion), task, SCHEME)
    tom.update_annotation(int(toms.external_id), {"result": changed, "lead_time": 9.0})
    office.pull()
    found = office.stands(article)
    assert found.state == "reopened"
    assert found.why.startswith(f"{tom.whoami()['email']} changed it ")
    report = office.adjudicate()
    assert [(one.round, [str(d.said[1].value) for d in one.disputes]) for one in report.disputed] in (
        [(2, ["LOC"])],
        [(2, ["PERSON"])],
    )
    assert [one.title for one in report.review if one.pushed] == [review_title(office.title, 2)]
    office.decide(judge, round_=2)
    office.pull()
    assert office.stands(article).state == "adjudicated"
    assert len(office.revisions("adjudicated")) == 2
    assert reconcile_projects(office.context).left == 0


def test_an_edit_while_it_waits_renews_what_the_task_suggests(office: Office, people: Three):
    pia, tom, judge = people
    first, second = office.annotated(2, (pia, as_it_is), (tom, relabelled("ORG")))
    office.adjudicate()
    before = office.next_review(judge)
    assert before is not None
    other = second if before.article_id == first.id else first
    mine = next(
        one
        for one in office.revisions("submitted")
        if (one.article_id, one.annotator) == (before.article_id, tom.whoami()["email"])
    )
    tasks = {str(task["data"]["article_id"]): task["id"] for task in office.tasks(office.push().project_id)}
    task = annotator_client.open_task(tom, tasks[before.article_id], SCHEME, shown="rules 1")
    changed = annotator_client._as_edited(without("entities", "Astana")(task.suggestion), task, SCHEME)
    tom.update_annotation(int(mine.external_id), {"result": changed})
    office.pull()
    report = office.adjudicate()
    assert [one.round for one in report.disputed] == [1, 1]
    after = office.next_review(judge)
    assert after is not None
    assert (after.task_id, after.key != before.key) == (before.task_id, True)
    notes = {
        str(t["data"]["article_id"]): str(t["data"]["note"]) for t in office.tasks(office.review_project().project_id)
    }
    assert "Astana" in notes[before.article_id]
    assert "Anna Holm" in notes[other.id]
    assert reconcile(office.store, office.client, Silent(), title=review_title(office.title, 1)).left == 0
    # Who had the page open before submits all the same: it is kept, and the article waits on.
    annotator_client.submit(judge, before, before.suggestion, PAGE.scheme, lead_time=1.0)
    office.pull()
    article = first if first.id == before.article_id else second
    assert office.stands(article).state == "waiting"
    assert [one.round for one in office.adjudicate().disputed if one.article_id == article.id] == [2]


def test_tasks_that_nobody_needs_are_taken_away_unless_somebody_has_begun(office: Office, people: Three):
    pia, tom, judge = people
    first, second = office.annotated(2, (pia, as_it_is), (tom, relabelled("ORG")))
    office.adjudicate()
    task = office.next_review(judge)
    assert task is not None
    begun = {"result": [], "lead_time": 1.0}
    project_id = office.review_project().project_id
    direct.request(judge._way, "POST", f"api/tasks/{task.task_id}/drafts", params={"project": project_id}, json=begun)
    report = office.adjudicate(Policies(seniority=(pia.whoami()["email"],)))
    assert {one.state for one in report.articles} == {"by policy"}
    [sent] = report.review
    assert sent.withdrawn == 1
    assert [one["id"] for one in office.tasks(project_id)] == [task.task_id]
    assert office.content(office.stands(first).set_id).layers["entities"][0].label != "ORG"
    # It is undone, and both wait again, one in its old task.
    again = office.adjudicate(Policies(), again=True)
    assert [one.pushed for one in again.review] == [1]
    assert len(office.tasks(project_id)) == 2
    with office.store.reading() as session:
        rows = list(task_ledger.tasks(session, office.review_project().id))
    assert [row.state for row in rows] == ["present", "present"]
    assert {row.article_id for row in rows} == {first.id, second.id}


def test_what_does_not_fit_is_a_problem_and_the_list_of_questions_stays(office: Office, people: Three):
    pia, tom, judge = people
    [article] = office.annotated(1, (pia, as_it_is), (tom, relabelled("ORG")))
    office.adjudicate()
    task = office.next_review(judge)
    assert task is not None
    result = annotator_client._as_edited(task.suggestion, task, PAGE.scheme)
    broken = [{**item, "value": {**item["value"], "end": 99_999}} if i == 0 else item for i, item in enumerate(result)]
    made = judge.create_annotation(task.task_id, {"result": broken, "lead_time": 1.0})
    title = review_title(office.title, 1)
    from workbench.labelstudio.pull.pull import pull

    report = pull(office.store, office.client, Silent(), title=title, send_back=True)
    assert (len(report.new_problems), report.sent_back, report.adjudicated) == (1, 1, 0)
    note = str(office.client.task(task.task_id)["data"]["note"])
    assert note.startswith("Please mend this annotation: ")
    assert "1 question to decide:" in note
    assert office.stands(article).state == "waiting"
    judge.update_annotation(made["id"], {"result": result})
    report = pull(office.store, office.client, Silent(), title=title)
    assert (report.settled, report.cleared, report.adjudicated) == (1, 1, 1)
    assert str(office.client.task(task.task_id)["data"]["note"]).startswith("1 question to decide:")
    assert office.stands(article).state == "adjudicated"
