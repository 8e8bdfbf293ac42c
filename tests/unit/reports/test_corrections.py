"""The correction ledger adds up, whatever it is grouped by."""

import json
from pathlib import Path

import pytest
from annotation_sets import a_set, sets, span
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledgers import Ledger

from workbench.core.annotations import Producer
from workbench.reports.corrections import By, DecisionRow, corrections

MODEL = Producer(kind="model", name="news", version="2")
COLUMNS = ("kept", "moved", "relabelled", "changed", "deleted", "added")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def cells(row: DecisionRow) -> dict[str, int]:
    return {name: getattr(row, name) for name in COLUMNS if getattr(row, name)}


def test_each_decision_stands_in_its_column(ledger: Ledger) -> None:
    suggestion = a_set(
        span("kept", "GPE", 0, 4),
        span("moved", "GPE", 10, 14),
        span("named", "GPE", 20, 24),
        span("gone", "ORG", 30, 34),
        span("both", "ORG", 70, 74),
        span("event", "AID", 40, 44, ("actor", "kept"), ("place", "moved"), ("time", "gone")),
        span("asked", "AID", 50, 54),
    )
    corrected = a_set(
        span("kept", "GPE", 0, 4),
        span("moved", "GPE", 10, 16),
        span("named", "LOC", 20, 24),
        span("both", "LOC", 70, 76),
        span("event", "AID", 40, 44, ("actor", "kept"), ("recipient", "moved"), ("place", "new")),
        span("asked", "AID", 50, 54, modality="future"),
        span("new", "LOC", 60, 64),
    )
    article = ledger.add()
    ledger.submit(article, corrected, ledger.suggest(article, suggestion), lead_time=30.0)
    report = corrections(ledger.store)
    assert {(row.kind, row.name): cells(row) for row in report.rows} == {
        ("span", "GPE"): {"kept": 1, "moved": 1, "relabelled": 1},
        ("span", "ORG"): {"deleted": 1, "relabelled": 1},
        ("span", "LOC"): {"added": 1},
        ("span", "AID"): {"kept": 1, "changed": 1},
        ("attribute", "modality"): {"changed": 1},
        ("role", "actor"): {"kept": 1},
        ("role", "place"): {"relabelled": 1, "added": 1},
        ("role", "time"): {"deleted": 1},
    }
    [row] = [row for row in report.rows if row.name == "GPE"]
    assert (row.suggested, row.kept_share) == (3, pytest.approx(1 / 3))
    [work] = report.work
    # moved, relabelled, both at once, deleted, added; an attribute; a role relabelled, one added; the last went by itself
    assert work.corrections == 1 + 1 + 2 + 1 + 1 + 1 + 1 + 1
    assert (work.seconds_per_article, work.seconds_per_correction) == (30.0, round(30 / 9, 3))


@given(pairs=st.lists(st.tuples(sets(), sets(), st.sampled_from("ab"), st.booleans()), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_grouping_adds_up_to_the_suggestions(tmp_path_factory: pytest.TempPathFactory, pairs: list) -> None:
    ledger = Ledger(tmp_path_factory.mktemp("ledger"))
    for number, (suggested, submitted, annotator, by_model) in enumerate(pairs):
        article = ledger.add(number)
        parent = ledger.suggest(article, suggested, MODEL) if by_model else ledger.suggest(article, suggested)
        ledger.submit(article, submitted, parent, annotator=annotator, external_id=str(number))
    spans = sum(len(list(suggested.spans())) for suggested, *_ in pairs)
    roles = sum(len(one.arguments) for suggested, *_ in pairs for _, one in suggested.spans())
    views: tuple[By, ...] = ("label", "annotator", "model", "layer")
    for by in views:
        rows = corrections(ledger.store, by=by).rows
        assert sum(row.suggested for row in rows if row.kind == "span") == spans
        assert sum(row.suggested for row in rows if row.kind == "role") == roles
    assert {row.name for row in corrections(ledger.store, by="annotator").rows} <= {"a", "b"}
    ledger.store.close()


def test_without_suggestions_there_is_time_but_nothing_to_divide_by(ledger: Ledger) -> None:
    ledger.submit(ledger.add(), a_set(span("a", "GPE", 0, 4)), lead_time=12.0)
    report = corrections(ledger.store)
    assert report.rows == ()
    assert [(row.model, row.seconds_per_article, row.seconds_per_correction) for row in report.work] == [("", 12, None)]


def test_an_empty_store_gives_an_empty_report(ledger: Ledger) -> None:
    assert json.loads(corrections(ledger.store).model_dump_json(by_alias=True)) == {
        "schema": "workbench/corrections/1",
        "by": "label",
        "annotations": 0,
        "rows": [],
        "work": [],
    }
