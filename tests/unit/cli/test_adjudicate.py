"""`workbench adjudicate`, as far as it needs no server: its options, and what it prints."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from ledgers import submit
from pushing import SCHEME, suggest, text
from typer.testing import CliRunner

from workbench.cli.app import app
from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import Article
from workbench.errors import AgreementError, ArticleError, LabelStudioUnavailable, SettingsError
from workbench.store import Store, articles, withdrawals
from workbench.workflows.init import init

Run = Callable[..., Result]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    init(tmp_path)
    return tmp_path


@pytest.fixture
def run(workspace: Path) -> Run:
    return lambda *words: CliRunner().invoke(app, ["--workspace", str(workspace), "adjudicate", *words])


def annotate(folder: Path, number: int, **labels: str) -> Article:
    """An article with an annotation by each person, whose first span has this label."""
    store = Store.open(f"sqlite:///{folder / 'workbench.db'}")
    article = Article.from_text(text(number), source="test")
    with store.transaction() as session:
        articles.add(session, article, raw=article.text)
        for who, label in labels.items():
            submit(session, article, _labelled(suggest(article, SCHEME), label, who))
    store.close()
    return article


def _labelled(found: AnnotationSet, label: str, who: str) -> AnnotationSet:
    first, *others = found.layers["entities"]
    spans = (first.model_copy(update={"label": label}), *others)
    producer = Producer(kind="person", name=f"{who}@x.org")
    return found.model_copy(update={"producer": producer, "layers": {**found.layers, "entities": spans}})


def test_it_prints_where_articles_stand_and_what_waits(workspace: Path, run: Run):
    annotate(workspace, 1, ann="PERSON", ben="PERSON")
    waiting = annotate(workspace, 2, ann="PERSON", ben="ORG")
    annotate(workspace, 3, ann="PERSON")
    ran = run("--no-push")
    assert ran.exit_code == 0, ran.output
    for said in (
        "what not all say is decided by: none",
        "all annotators say the same",
        "wait for a person",
        "annotated by one person alone",
        f"{waiting.id} (",
        "1 to decide, first entities ‘Anna Holm’: its label: PERSON (ann) or ORG (ben)",
        "no review tasks were sent",
    ):
        assert said in ran.output
    ran = run("--seniority", "ben", "--no-push")
    assert "what not all say is decided by: seniority of ben@x.org" in ran.output
    assert "decided by the policies" in ran.output
    assert "wait for a person" not in ran.output


def test_its_json_is_what_the_schema_says(workspace: Path, run: Run):
    annotate(workspace, 2, ann="PERSON", ben="ORG", cem="ORG")
    found = json.loads(run("--majority", "--json").stdout)
    assert found["schema"] == "workbench/adjudication/1"
    assert [one["state"] for one in found["articles"]] == ["by policy"]
    assert found["decisions"] == [{"layer": "entities", "kind": "label", "by": "majority", "count": 1}]
    assert found["policies"] == {"majority": True, "authority": {}, "seniority": []}


def test_what_is_decided_is_kept_where_the_server_does_not_run(workspace: Path, run: Run):
    annotate(workspace, 1, ann="PERSON", ben="PERSON")
    annotate(workspace, 2, ann="PERSON", ben="ORG")
    ran = run()
    assert isinstance(ran.exception, LabelStudioUnavailable)
    found = json.loads(run("--no-push", "--json").stdout)
    assert found["merged"] == 0
    assert sorted(one["state"] for one in found["articles"]) == ["agreed", "waiting"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--authority", "entities"], "is not LAYER=PERSON"),
        (["--authority", "entities=ann", "--authority", "entities=ben"], "names entities twice"),
        (["--none", "--majority"], "--none goes with no other policy"),
        (["--seniority", " , "], "names nobody"),
    ],
)
def test_options_that_contradict_are_refused(run: Run, words: list[str], said: str):
    ran = run(*words)
    assert ran.exit_code == 2
    assert said in ran.output


def test_unknown_people_and_layers_are_named_with_those_that_are_there(workspace: Path, run: Run):
    annotate(workspace, 1, ann="PERSON", ben="ORG")
    ran = run("--seniority", "zoe")
    assert isinstance(ran.exception, SettingsError)
    assert "annotators are ann@x.org, ben@x.org" in ran.exception.message
    ran = run("--authority", "entity=ann")
    assert isinstance(ran.exception, SettingsError)
    assert "there are entities, events, stances, document" in ran.exception.message


def test_nothing_to_adjudicate_is_an_answer(workspace: Path, run: Run):
    ran = run()
    assert isinstance(ran.exception, AgreementError)
    assert "nobody has submitted an annotation yet" in ran.exception.message
    annotate(workspace, 1, ann="PERSON")
    ran = run()
    assert isinstance(ran.exception, AgreementError)
    assert "no article was annotated by two people (ann@x.org 1)" in ran.exception.message


def test_status_counts_where_articles_stand_and_names_what_was_reopened(workspace: Path, run: Run):
    article = annotate(workspace, 1, ann="PERSON", ben="PERSON")
    annotate(workspace, 2, ann="PERSON", ben="ORG")
    status = ["--workspace", str(workspace), "status"]
    assert "adjudication 2 not merged" in CliRunner().invoke(app, status).output
    run("--no-push")
    assert "adjudication 1 agreed, 1 waiting" in CliRunner().invoke(app, status).output
    annotate(workspace, 1, cem="ORG")
    said = CliRunner().invoke(app, status).output
    assert "adjudication 1 waiting, 1 reopened" in said
    assert f"reopened: {article.id} (Nº 1: Anna Holm" in said
    assert "cem@x.org annotated it, too" in said
    found = json.loads(CliRunner().invoke(app, [*status, "--json"]).stdout)
    assert found["adjudication"] == {"waiting": 1, "reopened": 1}


def test_history_tells_every_decision_and_what_made_it(workspace: Path, run: Run):
    article = annotate(workspace, 1, ann="PERSON", ben="ORG", cem="ORG")
    run("--none", "--no-push")
    run("--majority", "--no-push")
    said = CliRunner().invoke(app, ["--workspace", str(workspace), "history", article.id]).output
    assert "merged of ann@x.org, ben@x.org, cem@x.org:" in said
    assert "0 decided by policies (none), 1 left to a person" in said
    assert "open  entities ‘Anna Holm’: its label: ORG (ben@x.org, cem@x.org) or PERSON (ann@x.org)\n" in said
    assert "1 decided by policies (majority), 0 left to a person" in said
    assert "majority  entities ‘Anna Holm’: its label: ORG (ben@x.org, cem@x.org) or PERSON (ann@x.org) → ORG" in said


def test_a_withdrawn_article_that_is_named_is_refused_with_the_reason(workspace: Path, run: Run):
    article = annotate(workspace, 1, ann="PERSON", ben="ORG")
    store = Store.open(f"sqlite:///{workspace / 'workbench.db'}")
    with store.transaction() as session:
        withdrawals.withdraw(session, article.id, "the publisher asked")
    store.close()
    ran = run("--no-push", article.id)
    assert isinstance(ran.exception, ArticleError)
    assert "the publisher asked" in str(ran.exception)
    assert ran.exception.hint == f"`workbench articles withdraw {article.id} --undo` undoes it"


def test_what_other_policies_settled_stays_until_it_is_merged_again(workspace: Path, run: Run):
    annotate(workspace, 1, ann="PERSON", ben="ORG", cem="ORG")
    assert "--again" not in run("--majority", "--no-push").output
    told = " ".join(run("--none", "--no-push").output.split())
    assert "1 article stays as other policies have decided: `workbench adjudicate --again` merges it by these" in told
    after = run("--none", "--again", "--no-push").output
    assert "1 article waits for a person" in after
    assert "stays as other policies" not in after
