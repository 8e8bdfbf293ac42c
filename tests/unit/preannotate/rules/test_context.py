"""Roles by all that a text says, and their probabilities."""

import pytest

from workbench.preannotate.rules.events.context import KINDS
from workbench.preannotate.rules.weights import Weights, likelihood


def test_the_shipped_weights_know_every_role_and_nobody() -> None:
    weights = Weights.load()
    assert set(weights.table) == set(weights.least) == set(KINDS)
    assert all(0.3 < least < 0.8 for least in weights.least.values())
    assert all("nobody" in table for table in weights.table.values())


def test_a_sum_of_weights_leaves_out_what_is_not_known() -> None:
    weights = Weights({"actor open": {"a": 1.0, "b": -1.0, "c": 2.0}})
    assert likelihood(weights.total("actor open", ["a", "b", "unknown"])) == pytest.approx(0.5)
    assert likelihood(weights.total("actor open", ["c"])) == pytest.approx(0.8808, abs=1e-4)
    assert weights.total("no such group", ["a"]) == 0.0


def test_the_place_of_the_sentence_and_a_shared_date_are_taken(suggest) -> None:
    found = suggest("Mali, May 3 — Rebels killed four soldiers near Kidal on Friday and burned their trucks.")
    spans = {span.text: span for span in found.layers["events"]}
    by_id = found.by_id()
    killed = {(a.role, by_id[a.target][1].text) for a in spans["killed"].arguments}
    assert ("time", "Friday") in killed
    assert ("place", "Kidal") in killed


def test_every_role_has_its_probability_as_score_and_no_entity_two_roles(suggest) -> None:
    found = suggest("France accused Chile of arresting Peruvian sailors. Chile said France was lying.")
    for span in found.layers["events"]:
        assert len({a.target for a in span.arguments}) == len(span.arguments)
        assert all(a.score is not None and 0.3 < a.score <= 1 for a in span.arguments)
