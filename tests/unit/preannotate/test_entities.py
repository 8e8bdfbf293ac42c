"""Entities: what the base pipeline found, mended."""

from collections.abc import Callable

import pytest

from workbench.core.annotations import AnnotationSet

Suggest = Callable[[str], AnnotationSet]


def entities(found: AnnotationSet) -> list[tuple[str, str]]:
    return [(span.text, span.label) for span in found.layers["entities"]]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("President Laura Montealegre of Chile spoke.", [("Laura Montealegre", "PERSON"), ("Chile", "GPE")]),
        ("The Kremlin's answer came.", [("Kremlin", "ORG")]),
        ("Ukrainian Foreign Ministry officials left.", [("Ukrainian", "NORP"), ("Foreign Ministry", "ORG")]),
        ("The Ministry of Energy and Mines closed.", [("Ministry of Energy and Mines", "ORG")]),
        ("Fighting in the Donbas and Luhansk went on.", [("Donbas", "LOC"), ("Luhansk", "GPE")]),
        ("Its spokesman, Ilker Aydin, left.", [("Ilker Aydin", "PERSON")]),
        ("He arrived on Monday morning.", [("Monday morning", "DATE")]),
        ("It gave about $2 billion in loans.", [("$2 billion", "QUANTITY")]),
        ("They freed four Turkish engineers.", [("four Turkish engineers", "QUANTITY"), ("Turkish", "NORP")]),
        ("Shells hit the Kerem crossing.", [("Kerem crossing", "FAC")]),
        ("Ships crossed the San Juan River.", [("San Juan River", "LOC")]),
        ("It broke the Mutual Defense Treaty.", [("Mutual Defense Treaty", "WORK")]),
        ("The two sides met.", []),
    ],
)
def test_boundaries_and_labels(suggest: Suggest, text: str, wanted: list[tuple[str, str]]) -> None:
    assert entities(suggest(text)) == wanted


def test_a_surname_is_the_person_named_in_full_before(suggest: Suggest) -> None:
    found = suggest("Foreign Minister Anna Vukas spoke first.\n\nVukas left. Nobody thanked Vukas.")
    spans = [span for span in found.layers["entities"] if span.text == "Vukas"]
    assert [(span.label, span.norm) for span in spans] == [("PERSON", "Anna Vukas")] * 2


def test_the_short_form_in_brackets_is_the_body_too(suggest: Suggest) -> None:
    found = suggest("The Northern Border Guard Agency (NBGA) closed the road. The NBGA gave no reason.")
    assert entities(found).count(("NBGA", "ORG")) == 2


def test_one_string_has_one_label(suggest: Suggest) -> None:
    found = suggest("Zelenskiy arrived.\nThe speech of Zelenskiy was long.\nZelenskiy and Kyiv agreed.")
    assert {label for text, label in entities(found) if text == "Zelenskiy"} == {"PERSON"}


def test_a_headline_does_not_run_into_the_text(suggest: Suggest) -> None:
    found = suggest("New talks in Oslo\nAnna Holm of Norway arrived")
    assert all("\n" not in text for text, _ in entities(found))


def test_spellings_of_one_name_share_its_normal_form(suggest: Suggest) -> None:
    found = suggest("Steve Witkoff came. Later Vitkov left.")
    assert {span.norm or span.text for span in found.layers["entities"]} == {"Steve Witkoff"}
