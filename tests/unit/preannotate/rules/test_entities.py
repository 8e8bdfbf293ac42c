"""Entities: what the base pipeline found, mended."""

from collections.abc import Callable

import pytest

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.entities import spellings

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
        ("The pro-Ankara camp marched.", [("pro-Ankara camp", "AGENT"), ("Ankara", "GPE")]),
        ("He was charged under the Harbour Safety Act 1987.", [("Harbour Safety Act 1987", "WORK")]),
        ("It is open from March 20 to April 11.", [("March 20", "DATE"), ("April 11", "DATE")]),
        (
            "They freed four Turkish engineers.",
            [("four Turkish engineers", "AGENT"), ("four Turkish engineers", "QUANTITY"), ("Turkish", "NORP")],
        ),
        ("She met him in the White House.", [("White House", "FAC")]),
        ("The White House denied it.", [("White House", "ORG")]),
        ("Shells hit the Kerem crossing.", [("Kerem crossing", "FAC")]),
        ("Ships crossed the San Juan River.", [("San Juan River", "LOC")]),
        ("It broke the Mutual Defense Treaty.", [("Mutual Defense Treaty", "WORK")]),
        ("The two sides met.", [("two sides", "AGENT")]),
        ("By Nuri Ben Othman\n\nRival groups fought.", [("Nuri Ben Othman", "PERSON"), ("Rival groups", "AGENT")]),
        (
            "KRYVYI RIH, Ukraine, April 5 (Reuters) - It burned.",
            [("KRYVYI RIH", "GPE"), ("Ukraine", "GPE"), ("April 5", "DATE"), ("Reuters", "ORG")],
        ),
        ("Deputy Interior Minister Oleh Kravchuk left.", [("Oleh Kravchuk", "PERSON")]),
        ("The trader Dyogenes Diniz sold it.", [("Dyogenes Diniz", "PERSON")]),
        ("Annika Holmqvist, the envoy who drew up the list, left.", [("Annika Holmqvist", "PERSON")]),
        (
            "It cost $1.2bn, RM5,000 or Rs 200 crore.",
            [("$1.2bn", "QUANTITY"), ("RM5,000", "QUANTITY"), ("Rs 200 crore", "QUANTITY")],
        ),
        ("He won the Malaysia Cup and the Paris Olympics.", []),
        ("They opened the Arlen Convention Centre.", [("Arlen Convention Centre", "FAC")]),
        ("George Kent (Malaysia) Bhd lost money.", [("George Kent (Malaysia) Bhd", "ORG")]),
        ("How Bernie Sanders Learned to Walk", [("Bernie Sanders", "PERSON")]),
        ("Elijah Cummings (D-Md.) agreed.", [("Elijah Cummings", "PERSON")]),
        ("They broke the Defense of Marriage Act.", [("Defense of Marriage Act", "WORK")]),
        ("Ivanka Trump spoke of H.R. 19.", [("Ivanka Trump", "PERSON")]),
        ("He owes $42,000, she said.", [("$42,000", "QUANTITY")]),
        ("The Georgian Dream party won.", [("Georgian Dream", "ORG")]),
        ("The trucks of the 444 Brigade drove off.", [("444 Brigade", "ORG")]),
        ("It fell yesterday afternoon.", [("yesterday afternoon", "DATE")]),
        ("It began on Thursday, May 7, 2015.", [("Thursday, May 7, 2015", "DATE")]),
        ("It grew from 2004 to 2009.", [("2004 to 2009", "DATE")]),
        ("They asked whether KVZ would agree.", [("KVZ", "ORG")]),
        ("Holm read part XVII of it.", [("Holm", "PERSON")]),
        ("The tanker Eagle S sank.", [("Eagle S", "FAC")]),
        ("The frigate HMS Norfolk sailed.", [("HMS Norfolk", "FAC")]),
        ("The report “Broken Promises” appeared.", [("Broken Promises", "WORK")]),
        (
            "The Elections (Conduct of Polls) (Amendment) Act 2019 was read.",
            [("Elections (Conduct of Polls) (Amendment) Act 2019", "WORK")],
        ),
        ("The Harbour and Ports Act was read.", [("Harbour and Ports Act", "WORK")]),
        ("The Catholic Church agreed.", [("Catholic Church", "ORG")]),
        ("The minister of Education agreed.", [("minister of Education", "AGENT")]),
        ("It began on the eve of Diwali.", []),
        ("A discharge not amounting to an acquittal (DNAA) was given.", []),
        ("It was counted in early 2023.", [("early 2023", "DATE")]),
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


@pytest.mark.parametrize(
    ("text", "name", "label", "norm"),
    [
        (
            "Haldor Maritime Holdings Ltd. lost money. Haldor Maritime blamed the weather.",
            "Haldor Maritime",
            "ORG",
            None,
        ),
        ("Chong Wei Ming, a lawmaker, spoke. Chong said he would go.", "Chong", "PERSON", "Chong Wei Ming"),
        ("Ursula von der Leyen spoke. Von der Leyen said no.", "Von der Leyen", "PERSON", "Ursula von der Leyen"),
        ("Deputy Minister Oleh Kravchuk left. Kravtchuk denied it.", "Kravtchuk", "PERSON", "Oleh Kravchuk"),
        ("Christie stressed that he was not involved.", "Christie", "PERSON", None),
        ("The party picked Sanae Takaichi. Everybody met Takaichi.", "Takaichi", "PERSON", "Sanae Takaichi"),
        ("The seat of Gambir is open. Nobody defends the Gambir seat in Gambir.", "Gambir", "GPE", None),
    ],
)
def test_the_rest_of_the_text_tells_what_a_name_is(
    suggest: Suggest, text: str, name: str, label: str, norm: str | None
) -> None:
    found = [span for span in suggest(text).layers["entities"] if span.text == name]
    assert found
    assert {(span.label, span.norm) for span in found} == {(label, norm)}


def test_what_is_short_for_common_nouns_is_no_name(suggest: Suggest) -> None:
    found = suggest(
        "The standard operating procedures (SOP) fill intensive care units (ICU). SOP and ICU grew. "
        "The Northern Border Guard Agency (NBGA) denied it."
    )
    assert [text for text, _ in entities(found)] == ["Northern Border Guard Agency", "NBGA"]


def test_two_persons_with_one_first_name_have_no_common_normal_form(suggest: Suggest) -> None:
    found = suggest("Mr. Kim Yong Nam met Mr. Kim Jae Won. Kim smiled.")
    assert [span.norm for span in found.layers["entities"] if span.text == "Kim"] == [None]


@pytest.mark.parametrize(
    "names",
    [
        "Witkoff Witkov Vitkov Vitkoff Witkow",
        "Zelenskyy Zelensky Zelenskiy Zelenskyj Selenskyj Zelenskij",
        "Kravchuk Kravtchuk Krawtschuk",
        "Ryabkov Riabkov Rjabkow",
        "Shoigu Schoigu Shoygu",
        "Lavrov Lawrow Lavroff",
    ],
)
def test_the_spellings_of_a_name_have_one_key(names: str) -> None:
    keys = {spellings.key(name) for name in names.split()}
    assert len(keys) == 1
    assert keys != {""}


def test_other_names_have_other_keys() -> None:
    names = "Sokolov Sokolova Petrov Pavlov Lavrov Karpov Macron Merkel Starmer Steinmeier Tokayev Tokarev Umerov"
    assert len({spellings.key(name) for name in names.split()}) == len(names.split())


@pytest.mark.parametrize(
    ("text", "persons", "places"),
    [
        ("Jack London condemned Iran. London met Anna Holm.", {"Jack London", "London", "Anna Holm"}, {"Iran"}),
        ("Jordan Henderson met London Breed in Doha.", {"Jordan Henderson", "London Breed"}, {"Doha"}),
        ("Maresa Paris, an Australian woman, left. Paris met Iran.", {"Maresa Paris", "Paris"}, {"Iran"}),
        ("Jack London met Iran in London. London agreed.", {"Jack London"}, {"Iran", "London"}),
    ],
)
def test_a_person_may_be_called_like_a_town(suggest: Suggest, text: str, persons: set[str], places: set[str]) -> None:
    found = entities(suggest(text))
    assert {name for name, label in found if label == "PERSON"} == persons
    assert {name for name, label in found if label == "GPE"} == places


def test_what_has_members_is_no_region_though_the_base_pipeline_says_so(rules: Rules) -> None:
    parse = next(rules.parses([Article.from_text("A member of Tekhra left. Tekhra burned. Anna Holm fled to Sorin.")]))
    named = [token for token, word in enumerate(parse.words) if word in ("Tekhra", "Sorin")]
    parse.entities = [(token, token + 1, "LOC") for token in named]
    found = [(parse.surface(m.start, m.end), m.kind) for m in rules.read(parse).mentions.all]
    assert [one for one in found if one[0] == "Tekhra"] == [("Tekhra", "org")] * 2
    assert ("Sorin", "org") not in found
