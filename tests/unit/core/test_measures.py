"""Scores counted by hand."""

import pytest
from annotation_sets import SCHEME, a_set, span

from workbench.core.measures import paired_bootstrap, score_document, summarise

GOLD = a_set(
    span("a", "GPE", 0, 5),
    span("b", "ORG", 10, 15),
    span("v", "AID", 20, 25, ("actor", "a"), ("recipient", "b")),
    span("s", "FOR", 30, 35, ("holder", "a"), ("target", "v")),
)
GUESS = a_set(
    span("1", "GPE", 0, 5),
    span("2", "ORG", 12, 18),
    span("3", "ORG", 60, 65),
    span("4", "AID", 20, 25, ("actor", "1"), ("recipient", "2"), modality="future"),
    span("5", "FOR", 30, 35, ("holder", "1"), ("target", "4")),
)


@pytest.fixture(scope="module")
def report():
    return summarise([score_document(GOLD, GUESS, SCHEME)])


@pytest.mark.parametrize(
    ("what", "layer", "label", "mode", "expected"),
    [
        ("spans", "entities", "*", "strict", (1, 2, 1)),
        ("spans", "entities", "*", "lenient", (2, 1, 0)),
        ("spans", "entities", "ORG", "strict", (0, 2, 1)),
        ("spans", "events", "*", "strict", (1, 0, 0)),
        ("arguments", "events", "actor", "strict", (1, 0, 0)),
        ("arguments", "events", "recipient", "strict", (0, 1, 1)),
        ("arguments", "events", "recipient", "lenient", (1, 0, 0)),
        ("frames", "events", "*", "strict", (0, 1, 1)),
        ("frames", "events", "*", "lenient", (1, 0, 0)),
        ("frames", "stances", "FOR", "strict", (1, 0, 0)),
        ("attributes", "events", "modality", "strict", (0, 1, 1)),
    ],
)
def test_counts(report, what, layer, label, mode, expected):
    row = report.row(what, layer, label, mode)
    assert (row.tp, row.fp, row.fn) == expected


def test_attributes_are_said_to_be_those_of_right_spans(report):
    right = report.row("spans", "events").tp
    attributes = [row for row in report.rows if (row.what, row.layer, row.mode) == ("attributes", "events", "strict")]
    assert attributes
    assert {row.tp + row.fn for row in attributes} == {right}
    assert "events: attributes of right spans" in str(report)


def test_corrections_and_what_they_save(report):
    # ORG moved, one ORG deleted, modality changed
    assert report.corrections == 3
    # two entities, an event with two roles, a stance with two roles
    assert report.corrections_from_empty == 8
    assert report.saved == pytest.approx(1 - 3 / 8)


def test_intervals_hold_the_estimate_and_do_not_change():
    scores = [
        score_document(GOLD, GUESS, SCHEME),
        score_document(GOLD, GOLD, SCHEME),
        score_document(GOLD, a_set(), SCHEME),
    ]
    one, two = summarise(scores), summarise(scores)
    assert one == two
    row = one.row("spans", "entities")
    assert row.f1_interval.low <= row.f1 <= row.f1_interval.high
    assert row.f1_interval.low < row.f1_interval.high


def test_undefined_is_none_not_zero():
    row = summarise([score_document(GOLD, a_set(), SCHEME)]).row("spans", "entities")
    assert (row.precision, row.recall, row.f1) == (None, 0.0, 0.0)


def test_paired_bootstrap_tells_a_steady_gain_from_noise():
    mean, interval = paired_bootstrap([2.0] * 20, [1.0] * 20)
    assert (mean, interval.low, interval.high) == (1.0, 1.0, 1.0)
    _, interval = paired_bootstrap([1, -1] * 10, [0] * 20)
    assert interval.low < 0 < interval.high
