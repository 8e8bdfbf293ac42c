"""A scripted annotator who makes no errors submits the gold; one who does submits something else that still fits."""

import pytest
from annotation_sets import SCHEME, TEXT, a_set, sets, span
from hypothesis import given

from workbench.core.annotations import AnnotationSet
from workbench.core.matching import match
from workbench.workflows.personas import Persona, work

PERFECT = Persona(name="perfect")
SLOPPY = Persona(name="sloppy", overlooks=0.5, misses=0.5, stretches=0.5, confuses=0.5, drops=0.5)


@given(sets(), sets())
def test_the_perfect_annotator_hands_in_the_gold(suggestion: AnnotationSet, gold: AnnotationSet):
    done = work(PERFECT, suggestion, gold, TEXT, SCHEME, seed="1").annotations
    assert match(done, gold, SCHEME).corrections == 0


@given(sets(), sets())
def test_the_sloppy_one_hands_in_something_that_fits(suggestion: AnnotationSet, gold: AnnotationSet):
    done = work(SLOPPY, suggestion, gold, TEXT, SCHEME, seed="1")
    SCHEME.check(done.annotations, TEXT)
    assert done == work(SLOPPY, suggestion, gold, TEXT, SCHEME, seed="1")
    assert done.lead_time >= 20


def test_suggestions_that_were_right_keep_their_ids():
    gold = a_set(span("g1", "GPE", 0, 5), span("g2", "ORG", 10, 15), span("g3", "AID", 20, 25, ("actor", "g1")))
    suggestion = a_set(span("p1", "GPE", 0, 5), span("p2", "GPE", 10, 15), span("p3", "GPE", 40, 45))
    done = work(PERFECT, suggestion, gold, TEXT, SCHEME, seed="1").annotations.by_id()
    assert {"p1", "p2"} <= set(done)
    assert "p3" not in done
    assert done["p2"][1].label == "ORG"
    event = next(one for layer, one in done.values() if layer == "events")
    assert event.arguments[0].target == "p1"


def test_errors_are_made():
    gold = a_set(*[span(f"g{i}", "GPE", i * 10, i * 10 + 3) for i in range(10)])
    done = work(SLOPPY, a_set(), gold, TEXT, SCHEME, seed="1").annotations
    assert match(done, gold, SCHEME).corrections > 0


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_another_seed_is_another_day(seed):
    gold = a_set(*[span(f"g{i}", "GPE", i * 10, i * 10 + 3) for i in range(10)])
    one = work(SLOPPY, a_set(), gold, TEXT, SCHEME, seed=seed)
    other = work(SLOPPY, a_set(), gold, TEXT, SCHEME, seed=seed + "x")
    assert one != other
