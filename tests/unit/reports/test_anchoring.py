"""Blind articles beside those with suggestions: time saved, and whether judgements lean towards what was shown."""

from pathlib import Path

import pytest
from annotation_sets import SCHEME, a_set, span
from ledgers import RULES, Ledger
from typer.testing import CliRunner

from workbench.cli.app import app
from workbench.core.measures import Counts, difference_of_f1
from workbench.reports.anchoring import EVERYBODY, AnchoringReport, anchoring
from workbench.workflows.init import init

RIGHT, WRONG = span("a", "GPE", 0, 4), span("b", "ORG", 10, 14)
SUGGESTED, OWN = a_set(RIGHT, WRONG), a_set(RIGHT)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Eight articles with the same suggestion, half of them pushed without it."""
    init(tmp_path, "")
    ledger = Ledger(tmp_path)
    project = ledger.project()
    for number in range(8):
        article = ledger.add(number)
        parent = ledger.suggest(article, SUGGESTED)
        ledger.push(project, article, number + 1, blind=number % 2 == 1)
        # Whoever sees the wrong span leaves it; nobody would mark it.
        if number % 2:
            ledger.submit(article, OWN, external_id=str(number), lead_time=40.0)
        else:
            ledger.submit(article, SUGGESTED, parent, external_id=str(number), lead_time=10.0, annotator="bob")
    return ledger


def read(ledger: Ledger) -> AnchoringReport:
    return anchoring(ledger.store, SCHEME)


def test_people_who_leave_what_is_wrong_lean_towards_it(ledger: Ledger) -> None:
    report = read(ledger)
    assert (report.suggested, report.blind, report.neither) == (4, 4, 0)
    [row] = report.anchoring
    assert (row.producer, row.shown, row.shown_like, row.blind) == (str(RULES), 4, 1.0, 4)
    assert row.blind_like == pytest.approx(2 / 3)
    assert row.difference == pytest.approx(1 / 3)
    assert row.interval is not None
    assert row.interval.low > 0


def test_time_is_the_median_for_a_hundred_words(ledger: Ledger) -> None:
    # The text is one word of digits. One page that was left open overnight changes no median.
    article = ledger.add(90)
    ledger.submit(article, OWN, ledger.suggest(article, SUGGESTED), external_id="90", lead_time=40_000.0)
    everybody = next(row for row in read(ledger).time if row.annotator == EVERYBODY)
    assert (everybody.shown.annotations, everybody.shown.timed, everybody.shown.seconds) == (5, 5, 1000.0)
    assert (everybody.blind.annotations, everybody.blind.seconds) == (4, 4000.0)
    assert everybody.saved == 0.75
    ann = next(row for row in read(ledger).time if row.annotator == "ann")
    assert (ann.shown.annotations, ann.blind.annotations) == (1, 4)


def test_what_had_no_suggestion_by_chance_is_on_neither_side(ledger: Ledger) -> None:
    ledger.submit(ledger.add(91), OWN, external_id="91", lead_time=5.0)
    ledger.submit(ledger.add(92), OWN, external_id="92", origin="import:f.jsonl")
    report = read(ledger)
    assert (report.suggested, report.blind, report.neither) == (4, 4, 1)


def test_without_a_lead_time_or_a_comparison_nothing_is_made_up(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    article = ledger.add()
    ledger.submit(article, OWN, ledger.suggest(article, SUGGESTED))
    [row] = read(ledger).anchoring
    assert (row.blind, row.blind_like, row.difference, row.interval) == (0, None, None, None)
    assert [one.saved for one in read(ledger).time] == [None, None]


def test_the_interval_of_a_difference_holds_it() -> None:
    ours, theirs = [Counts(tp=9, fp=1, fn=0)] * 6, [Counts(tp=5, fp=3, fn=2), Counts(tp=7, fp=0, fn=4)] * 3
    found = difference_of_f1(ours, theirs)
    assert found is not None
    both = [sum(side, Counts()).f1 for side in (ours, theirs)]
    assert both[0] is not None
    assert both[1] is not None
    assert found.low < both[0] - both[1] < found.high
    assert difference_of_f1([], theirs) is None
    assert difference_of_f1([Counts()], theirs) is None


def test_the_command_prints_both_tables(ledger: Ledger) -> None:
    printed = CliRunner().invoke(app, ["--workspace", str(ledger.folder), "corrections", "--blind"]).output
    assert "time saved" in printed
    assert "75%" in printed
    assert "+0.33" in printed


def test_the_command_says_what_is_lacking(tmp_path: Path) -> None:
    init(tmp_path, "")
    printed = CliRunner().invoke(app, ["--workspace", str(tmp_path), "corrections", "--blind"]).output
    assert "annotations made with them 0, without on purpose 0" in printed
