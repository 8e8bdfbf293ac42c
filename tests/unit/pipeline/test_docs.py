"""AnnotationSet to Doc and back, through DocBin too."""

import pytest
import spacy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from market import SCHEME, a_set, a_span
from nasty import annotation_sets, configs, texts
from spacy.tokens import DocBin
from spacy.vocab import Vocab

from workbench.core.annotations import Producer
from workbench.core.scheme import LabelScheme
from workbench.errors import AnnotationError
from workbench.pipeline.alignment import AlignmentReport
from workbench.pipeline.docs import annotate_doc, from_doc
from workbench.pipeline.text import prepare

NLP = prepare(spacy.blank("en"))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_fits_the_tokens_comes_back_exactly(data: st.DataObject) -> None:
    scheme = LabelScheme.from_xml(data.draw(configs()))
    text = data.draw(texts())
    drawn = data.draw(annotation_sets(scheme, text))
    first = NLP.make_doc(text)
    report = annotate_doc(first, drawn, scheme)
    fitted = from_doc(first, scheme, drawn.producer, created=drawn.created)
    scheme.check(fitted, text)
    assert report.spans == len(list(drawn.spans())) == len(list(fitted.spans())) + len(report.refused)
    # Only a span without any token, such as a blank between two words, can't be expanded.
    assert all(not one.text.strip() for one in report.refused)
    if report.share == 0:
        assert fitted.layers == drawn.layers
    # What was made to fit is token-aligned now, and has to survive another trip, and DocBin.
    second = NLP.make_doc(text)
    assert annotate_doc(second, fitted, scheme).share == 0
    packed = DocBin(docs=[second]).to_bytes()
    (unpacked,) = DocBin().from_bytes(packed).get_docs(Vocab())
    for doc in (second, unpacked, second.copy()):
        assert from_doc(doc, scheme, drawn.producer, created=drawn.created) == fitted


def test_offsets_inside_tokens_are_expanded_or_refused_and_listed() -> None:
    text = "We bought bananas at Aldi."
    found = a_set(
        text,
        a_span(text, "BUY", "bought", arguments=[{"role": "what", "target": "banana"}]),
        a_span(text, "FRUIT", "banana"),
        a_span(text, "SHOP", "Aldi"),
    )
    doc = NLP.make_doc(text)
    report = annotate_doc(doc, found, SCHEME, article="a-1")
    assert [str(one) for one in report.expanded] == ["a-1: things FRUIT 'banana' expanded to 'bananas'"]
    assert from_doc(doc, SCHEME, found.producer).by_id()["banana"][1].text == "bananas"
    assert report.share == pytest.approx(1 / 3)

    doc = NLP.make_doc(text)
    report = annotate_doc(doc, found, SCHEME, alignment="refuse")
    assert [one.span for one in report.refused] == ["banana"]
    assert report.arguments_lost == 1
    back = from_doc(doc, SCHEME, found.producer)
    assert {span.id for _, span in back.spans()} == {"bought", "Aldi"}
    assert back.by_id()["bought"][1].arguments == ()


def test_a_refused_head_loses_its_arguments_too() -> None:
    text = "We outbought bananas."
    found = a_set(
        text,
        a_span(text, "BUY", "bought", arguments=[{"role": "what", "target": "bananas"}]),
        a_span(text, "FRUIT", "bananas"),
    )
    assert annotate_doc(NLP.make_doc(text), found, SCHEME, alignment="refuse").arguments_lost == 1


def test_a_span_beyond_the_text_is_an_error() -> None:
    found = a_set("A long text", a_span("A long text", "SHOP", "text"))
    with pytest.raises(AnnotationError, match="beyond the text"):
        annotate_doc(NLP.make_doc("A long"), found, SCHEME)


def test_a_group_of_another_program_gets_ids() -> None:
    doc = NLP.make_doc("Aldi sells bananas")
    doc.spans["things"] = [doc.char_span(0, 4, label="SHOP"), doc.char_span(11, 18, label="FRUIT")]
    back = from_doc(doc, SCHEME, Producer(kind="model", name="x"))
    assert [span.id for span in back.layers["things"]] == ["things-0-4-SHOP", "things-11-18-FRUIT"]
    assert back.layers["acts"] == ()


def test_reports_add_up() -> None:
    one = AlignmentReport(spans=3, arguments_lost=1)
    total = AlignmentReport.total([one, one])
    assert (total.spans, total.arguments_lost, total.share) == (6, 2, 0)


@settings(max_examples=60, deadline=None)
@given(texts())
def test_tokens_give_the_text_back(text: str) -> None:
    assume("\ud800" not in text)
    assert NLP(text).text == text


def test_tokens_and_sentences_are_those_of_news() -> None:
    doc = NLP("Talks fail\nHe left the talks.“We go,” he said of U.S.-Russia ties.")
    words = [token.text for token in doc]
    assert words[words.index("“") - 2 : words.index("“") + 2] == ["talks", ".", "“", "We"]
    assert words[-6:] == ["of", "U.S.", "-", "Russia", "ties", "."]
    assert doc[words.index("He")].is_sent_start
    assert len(prepare(NLP).pipe_names) == 1
