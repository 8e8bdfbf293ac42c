"""The history of an article tells every revision, against what it was, with its words."""

import json
from pathlib import Path

import pytest
from annotation_sets import SCHEME, a_set, span
from ledgers import Ledger

from workbench.core.scheme import LabelScheme
from workbench.errors import ArticleError
from workbench.reports.history import Change, Step, history
from workbench.store import problems, projects

ENTITIES_ONLY = LabelScheme.from_xml(
    '<View><Text name="text" value="$text"/><Labels name="entities" toName="text"><Label value="GPE"/></Labels></View>'
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def told(change: Change) -> tuple[str, str, str, str]:
    before, after = (f"{one.label} {one.text}" if one else "" for one in (change.before, change.after))
    detail = change.name
    if change.other:
        detail += f" {change.other.text}"
    if change.value_before or change.value_after:
        detail += f" {change.value_before}>{change.value_after}"
    return change.decision, before, after, detail


def steps(ledger: Ledger, scheme: LabelScheme = SCHEME) -> list[Step]:
    return list(history(ledger.store, scheme, "a-00").steps)


def test_first_against_the_suggestion_then_against_the_revision_before(ledger: Ledger) -> None:
    article = ledger.add()
    place = span("p", "GPE", 0, 4)
    parent = ledger.suggest(article, a_set(place, span("x", "ORG", 50, 54), span("v", "AID", 10, 14, ("actor", "p"))))
    first = a_set(
        span("p", "LOC", 0, 5), span("n", "ORG", 60, 64), span("v", "AID", 10, 14, ("place", "p"), modality="future")
    )
    second = a_set(
        span("p", "LOC", 0, 5), span("n", "ORG", 60, 66), span("v", "AID", 10, 14, ("place", "p"), ("actor", "n"))
    ).model_copy(update={"document": {"relevance": "not_relevant"}})
    ledger.submit(article, first, parent, lead_time=20.0)
    ledger.submit(article, second, parent, lead_time=25.0)
    one, two = steps(ledger)
    assert (one.against, one.compared_with, one.kept_spans, one.kept_roles) == ("suggestion", "rules 1", 0, 0)
    assert [told(change) for change in one.changes] == [
        ("moved and relabelled", "GPE 0123", "LOC 01234", ""),
        ("deleted", "ORG 0123", "", ""),
        ("added", "", "ORG 0123", ""),
        ("changed", "AID 0123", "AID 0123", "modality asserted>future"),
        ("relabelled", "AID 0123", "AID 0123", "place 01234"),
    ]
    assert one.changes[-1].name_before == "actor"
    assert (two.against, two.compared_with, two.kept_spans, two.kept_roles) == ("revision", one.updated, 1, 1)
    assert [told(change) for change in two.changes] == [
        ("moved", "ORG 0123", "ORG 012345", ""),
        ("changed", "AID 0123", "AID 0123", "modality future>asserted"),
        ("added", "AID 0123", "AID 0123", "actor 012345"),
        ("changed", "", "", "relevance relevant>not_relevant"),
    ]
    assert (two.annotator, two.lead_time) == ("ann", 25.0)


def test_skips_and_deletions_change_nothing_and_are_told(ledger: Ledger) -> None:
    article = ledger.add()
    parent = ledger.suggest(article, a_set(span("p", "GPE", 0, 4)))
    ledger.submit(article, a_set(), parent, state="skipped")
    ledger.submit(article, a_set(span("p", "GPE", 0, 4)), parent)
    ledger.submit(article, a_set(span("p", "GPE", 0, 4)), parent, state="deleted")
    found = steps(ledger)
    assert [(one.state, one.against, one.kept_spans, len(one.changes)) for one in found] == [
        ("skipped", "suggestion", 0, 0),
        ("submitted", "suggestion", 1, 0),
        ("deleted", "revision", 0, 0),
    ]


def test_two_people_and_an_import_are_told_apart_in_order(ledger: Ledger) -> None:
    article = ledger.add()
    ledger.submit(article, a_set(span("p", "GPE", 0, 4)), origin="import:gold.jsonl", external_id="a-00 cat")
    ledger.submit(article, a_set(span("p", "GPE", 0, 4)), annotator="ann", external_id="1")
    ledger.submit(article, a_set(span("p", "GPE", 0, 6)), annotator="bob", external_id="2")
    ledger.submit(article, a_set(span("p", "LOC", 0, 4)), annotator="ann", external_id="1")
    found = steps(ledger)
    assert [(one.origin, one.annotator, one.against) for one in found] == [
        ("import:gold.jsonl", "ann", "nothing"),
        ("label-studio:1", "ann", "nothing"),
        ("label-studio:1", "bob", "nothing"),
        ("label-studio:1", "ann", "revision"),
    ]
    assert [told(change)[0] for change in found[0].changes] == ["added"]
    assert [told(change) for change in found[3].changes] == [("relabelled", "GPE 0123", "LOC 0123", "")]


def test_what_an_older_scheme_knew_is_told_under_a_narrower_one(ledger: Ledger) -> None:
    article = ledger.add()
    parent = ledger.suggest(article, a_set(span("v", "AID", 10, 14), span("w", "AID", 20, 24)))
    ledger.submit(article, a_set(span("v", "AID", 10, 14, modality="future")), parent)
    [one] = steps(ledger, ENTITIES_ONLY)
    assert [told(change)[:2] for change in one.changes] == [("deleted", "AID 0123"), ("changed", "AID 0123")]


def test_what_does_not_fit_waits_in_the_history(ledger: Ledger) -> None:
    article = ledger.add()
    with ledger.store.transaction() as session:
        project = projects.add(session, server="s", project_id=1, title="News", scheme_digest="d", config="<View/>")
        for article_id in (article.id, "a-99"):
            problem = problems.Problem(
                task_id=1, article_id=article_id, annotation_id=len(article_id + article.id), updated=article_id,
                rule="label-unknown", message="label 'X'", payload="{}",
            )  # fmt: skip
            problems.keep(session, project.id, problem)
    report = history(ledger.store, SCHEME, "a-00")
    assert [one.message for one in report.waiting] == ["label 'X'"]
    assert json.loads(report.model_dump_json(by_alias=True))["schema"] == "workbench/history/1"


def test_an_unknown_article_is_an_error(ledger: Ledger) -> None:
    with pytest.raises(ArticleError):
        history(ledger.store, SCHEME, "a-77")
