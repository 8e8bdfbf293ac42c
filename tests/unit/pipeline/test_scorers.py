"""spaCy's scores count as `workbench evaluate` does."""

import pytest
import spacy
from market import SCHEME, a_set, a_span
from spacy.training import Example

from workbench.core.measures import score_document, summarise
from workbench.pipeline.docs import annotate_doc
from workbench.pipeline.scorers import score_roles, score_spans
from workbench.pipeline.text import prepare

NLP = prepare(spacy.blank("en"))
TEXT = "We bought plums at Aldi and purchased figs at Lidl."


def test_a_role_is_right_whatever_label_its_filler_has() -> None:
    gold = a_set(
        TEXT,
        a_span(TEXT, "BUY", "bought", arguments=[{"role": "what", "target": "plums"}]),
        a_span(TEXT, "BUY", "purchased", arguments=[{"role": "what", "target": "figs"}]),
        a_span(TEXT, "FRUIT", "plums"),
        a_span(TEXT, "FRUIT", "figs"),
    )
    found = a_set(
        TEXT,
        a_span(TEXT, "BUY", "bought", arguments=[{"role": "what", "target": "plums"}]),
        a_span(TEXT, "BUY", "purchased", arguments=[{"role": "what", "target": "Lidl"}]),
        a_span(TEXT, "SHOP", "plums"),
        a_span(TEXT, "SHOP", "Lidl"),
    )
    docs = [NLP.make_doc(TEXT) for _ in range(2)]
    for doc, annotations in zip(docs, (found, gold), strict=True):
        annotate_doc(doc, annotations, SCHEME)
    examples = [Example(*docs)]
    ours = summarise([score_document(gold, found, SCHEME)], resamples=0)
    roles = ours.row("arguments", "acts")
    assert roles is not None
    assert (roles.tp, roles.fp, roles.fn) == (1, 1, 1)
    assert score_roles(examples, heads=["acts"])["roles_f"] == pytest.approx(roles.f1)
    things = ours.row("spans", "things")
    assert things is not None
    assert score_spans(examples, layers=["things"])["spans_things_f"] == pytest.approx(things.f1)
