"""Texts with other blanks than the usual one are read as if they had that, and what is suggested fits them as they are."""

from collections.abc import Callable

import pytest
from found import frame
from spacy.language import Language

from workbench.core.annotations import AnnotationSet
from workbench.core.scheme import LabelScheme
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.blanks import plain, written

Suggest = Callable[[str], AnnotationSet]

TEXT = "Foreign Minister Anna Holm met Oleh Kravchuk in New York. She condemned Iran."
CHANGED = {
    "no-break space": TEXT.replace(" ", "\u00a0"),
    "narrow no-break space": TEXT.replace("New York", "New\u202fYork").replace("Anna Holm", "Anna\u202fHolm"),
    "thin space": TEXT.replace("Oleh Kravchuk", "Oleh\u2009Kravchuk"),
    "soft hyphen": TEXT.replace("condemned", "con\u00addemned").replace("Minister", "Min\u00adister"),
    "byte order mark": "\ufeff" + TEXT,
    "zero-width space": TEXT.replace("Kravchuk", "\u200bKravchuk"),
}


def told(found: AnnotationSet) -> list[tuple[str, str]]:
    return [(span.label, plain(span.text)) for spans in found.layers.values() for span in spans]


@pytest.mark.parametrize("text", CHANGED.values(), ids=CHANGED)
def test_what_is_found_is_that_of_the_plain_text_at_the_places_of_the_text(suggest: Suggest, text: str) -> None:
    found = suggest(text)
    assert told(found) == told(suggest(TEXT))
    assert all(text[span.start : span.end] == span.text for spans in found.layers.values() for span in spans)


@pytest.mark.parametrize("text", CHANGED.values(), ids=CHANGED)
def test_a_doc_that_a_pipeline_has_analysed_is_read_in_the_same_way(
    nlp: Language, rules: Rules, scheme: LabelScheme, text: str
) -> None:
    found = rules.of_doc(nlp(text))
    assert told(found) == told(rules.of_doc(nlp(TEXT)))
    assert frame(found, "events", text[found.layers["events"][0].start : found.layers["events"][0].end])


def test_a_plain_text_stays_as_it_is() -> None:
    assert plain(TEXT) is TEXT
    assert written(TEXT) is None


def test_a_stretch_ends_before_what_nobody_sees() -> None:
    there = written("a\u00adb\u200b c")
    assert there is not None
    assert there.stretch(0, 2) == (0, 3)
    assert there.stretch(3, 4) == (5, 6)
