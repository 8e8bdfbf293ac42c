"""Headlines In Title Case are read as sentences; text and offsets stay, and so does the doc."""

from collections.abc import Callable

import pytest
from found import frame
from spacy.language import Language

from workbench.core.annotations import AnnotationSet
from workbench.preannotate.rules.annotator import Rules

Suggest = Callable[[str], AnnotationSet]

BODY = "\n\nOSLO, March 3 — Norway said on Monday that Anna Holm would fly to Lima.\n"


@pytest.mark.parametrize(
    ("headline", "trigger", "label", "roles"),
    [
        ("Envoys Meet In Oslo As Truce Frays", "Meet", "CONSULT", {"actor": {"Envoys"}, "place": {"Oslo"}}),
        ("Norway Expels Two Russian Diplomats", "Expels", "SANCTION", {"recipient": {"Two Russian Diplomats"}}),
        ("Rebels Seize Key Town In Kenya", "Seize", "ASSAULT", {"actor": {"Rebels"}}),
        ("Kenya Rejects Holm's Demand For Recount", "Demand", "REQUEST", {"actor": {"Holm"}}),
        ("President Anna Holm hosts Peruvian envoy for talks", "hosts", "CONSULT", {"actor": {"Anna Holm"}}),
        ("Norway lifts ban in row over fishing rights", "lifts", "RETREAT", {"actor": {"Norway"}}),
        ("Norway scraps plan in row over fishing rights", "scraps", "REJECT", {"actor": {"Norway"}}),
        ("Russia fires missiles at Kyiv as talks stall", "fires", "ASSAULT", {"actor": {"Russia"}}),
        ("Norway, Peru discuss truce in phone call", "discuss", "CONSULT", {"actor": {"Norway", "Peru"}}),
        ("NORWAY REJECTS DEMAND FOR TALKS WITH REBELS", "REJECTS", "REJECT", {"actor": {"NORWAY"}}),
    ],
)
def test_a_headline_tells_what_a_sentence_would(
    suggest: Suggest, headline: str, trigger: str, label: str, roles: dict[str, set[str]]
) -> None:
    found = frame(suggest(headline + BODY), "events", trigger)
    assert found[0] == label
    assert roles.items() <= found[1].items()


def test_names_in_a_headline_keep_their_capitals(suggest: Suggest) -> None:
    text = "Holm Rejects Norway's Plan For Strike" + BODY
    entities = {(span.label, span.text) for span in suggest(text).layers["entities"] if span.start < 40}
    assert {("PERSON", "Holm"), ("GPE", "Norway")} <= entities


@pytest.mark.parametrize(
    "line",
    [
        "Norway Rejects Plan.",
        "By Anna Holm and Lars Reyl",
        "Anna Holm of Civic Party",
        "Norway rejects the plan for a strike",
        "",
    ],
)
def test_other_lines_are_read_as_they_stand(rules: Rules, nlp: Language, line: str) -> None:
    parse = rules.parse_of(nlp(line + BODY))
    assert parse.words == [token.text for token in nlp(line + BODY)]


def test_the_doc_stays_and_the_sentences_are_counted_again(rules: Rules, nlp: Language) -> None:
    text = (
        "Envoys Meet. Rebels Seize Key Town In Kenya"
        + BODY
        + "\nKenya Rejects Demand For Talks\n\nHe left. She stayed."
    )
    doc = nlp(text)
    before = doc.to_bytes()
    parse = rules.parse_of(doc)
    assert doc.to_bytes() == before
    assert parse.text == text
    assert [parse.text[s:e].lower() for s, e in zip(parse.start, parse.end, strict=True)] == parse.low
    assert parse.sentence == sorted(parse.sentence)
    assert set(parse.sentence) == set(range(parse.sentence[-1] + 1))
    for first, end in parse.sentences:
        assert all(first <= parse.head[token] < end for token in range(first, end))
    assert all(parse.head[child] == token for token in range(len(parse)) for child in parse.children[token])
