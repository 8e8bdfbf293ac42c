"""Actors without a name: which words they are, when they are marked, and the country and sector that they belong to."""

from collections.abc import Callable

import pytest
from found import frame
from spacy.language import Language

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.preannotate.rules.agents import AgentNouns
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.tables import rows
from workbench.samples import shipped

Suggest = Callable[[str], AnnotationSet]


def agents(found: AnnotationSet) -> dict[str, str]:
    return {span.text: span.norm or "" for span in found.layers["entities"] if span.label == "AGENT"}


SPANS = [
    # without article, possessive pronoun, approximator and relative clause; with numbers and adjectives
    ("Police arrested the two wounded sailors who had fled.", {"Police", "two wounded sailors"}),
    ("Norway jailed its interpreter.", {"interpreter"}),
    ("Troops killed at least 20 people.", {"Troops", "20 people"}),
    # a name or a nationality before the noun belongs to it, and so does what follows its "of"
    ("Kenya's government condemned Iran.", {"Kenya's government"}),
    ("A group of armed villagers attacked Kidal.", {"group of armed villagers"}),
    ("Relatives of the captives marched in Oslo.", {"Relatives of the captives"}),
    # coordinated nouns are two, coordinated adjectives share one
    ("Soldiers and rebels clashed in Kidal.", {"Soldiers", "rebels"}),
    ("Danish and American officials met in Oslo.", {"Danish and American officials"}),
    # numbers and adjectives that stand for persons
    ("Gunmen attacked Kidal, killing five.", {"Gunmen", "five"}),
    ("Norway evacuated the wounded.", {"wounded"}),
    # words for persons that no table has
    ("Police arrested four hedgecutters.", {"Police", "four hedgecutters"}),
    ("Police arrested two Indian jawans.", {"Police", "two Indian jawans"}),
    ("The order forbids either party to attack.", {"either party"}),
    ("The coastguard rescued the anglers.", {"coastguard", "anglers"}),
    ("All European countries condemned Iran.", {"European countries"}),
    # whom a group or a number consists of is the group, where names do not say more
    ("Norway arrested a group of traders who blocked the port.", {"group of traders"}),
    ("Norway contacted former members of Ansaru.", {"former members of Ansaru"}),
    ("Norway expelled 200.", {"200"}),
    ("A quarter of citizens rejected the plan.", {"quarter of citizens"}),
    # an office before its holder's name is none, whatever stands between
    ("Minister in the cabinet office (trade), Anna Holm, condemned Iran.", set[str]()),
    ("Discussing it, Norway's Prime Minister, Anna Holm condemned Iran.", set[str]()),
    # a house stands for who runs it where it acts or is asked to
    ("The hospital condemned Iran.", {"hospital"}),
    ("Norway asked schools to pay.", {"schools"}),
    ("Gunmen attacked a school.", {"Gunmen"}),
    # a name with the word for what it is, and a side of a border, are none
    ("The Hamas group condemned Iran.", set[str]()),
    ("Norway shelled the south side.", set[str]()),
    # a state that something is in is nobody
    ("The governor declared a state of emergency.", {"governor"}),
    # nor is what is done, where the noun names a body elsewhere
    ("Opposition to the plan alarmed Norway.", set[str]()),
    ("The opposition rejected the plan.", {"opposition"}),
    # a title or an apposition is none, nor who only speaks, nor what is no actor
    ("Its envoy, Anna Holm, met Iran.", set[str]()),
    ("A diplomat said that Norway expelled Iran.", set[str]()),
    ("Two ships sank and the numbers fell.", set[str]()),
]


@pytest.mark.parametrize(("text", "wanted"), SPANS, ids=[text[:40] for text, _ in SPANS])
def test_the_span_is_the_noun_phrase_of_who_takes_part(suggest: Suggest, text: str, wanted: set[str]) -> None:
    assert set(agents(suggest(text))) == wanted


CODES = [
    ("A Russian general attacked Kidal.", "Russian general", "RUS MIL"),
    ("Rebel commanders attacked Kidal.", "Rebel commanders", "REB"),
    ("Kenya's foreign minister condemned Iran.", "Kenya's foreign minister", "KEN GOV"),
    ("Norway was angry. Students marched in the streets.", "Students", "NOR EDU"),
    ("Police arrested a journalist.", "journalist", "JRN"),
]


@pytest.mark.parametrize(("text", "agent", "code"), CODES, ids=[agent for _, agent, _ in CODES])
def test_country_and_sector_are_the_normal_form(suggest: Suggest, text: str, agent: str, code: str) -> None:
    assert agents(suggest(text))[agent] == code


ROLES = [
    # the role points to the actor, not to the adjective in it; no country where nobody is said to have done it
    ("A Russian major general was killed in an attack.", "killed", {"recipient": {"Russian major general"}}),
    ("Three miners were abducted by gunmen.", "abducted", {"actor": {"gunmen"}, "recipient": {"Three miners"}}),
    (
        "Gunmen stormed the office. They abducted Anna Holm.",
        "abducted",
        {"actor": {"Gunmen"}, "recipient": {"Anna Holm"}},
    ),
    ("Rebels who fled Kidal had abducted Anna Holm.", "abducted", {"actor": {"Rebels"}, "recipient": {"Anna Holm"}}),
    ("A spokesman for Norway condemned Iran.", "condemned", {"actor": {"Norway"}, "recipient": {"Iran"}}),
]


@pytest.mark.parametrize(("text", "trigger", "wanted"), ROLES, ids=[text[:40] for text, _, _ in ROLES])
def test_roles_go_to_actors_without_a_name(
    suggest: Suggest, text: str, trigger: str, wanted: dict[str, set[str]]
) -> None:
    assert frame(suggest(text), "events", trigger)[1] == wanted


def test_names_inside_are_marked_as_well(suggest: Suggest) -> None:
    found = suggest("Danish officers arrested Anna Holm.")
    assert {(span.text, span.label) for span in found.layers["entities"]} == {
        ("Danish officers", "AGENT"),
        ("Danish", "NORP"),
        ("Anna Holm", "PERSON"),
    }


def test_a_stance_is_held_by_an_actor_without_a_name(suggest: Suggest) -> None:
    found = suggest("The protesters reject the plan.")
    assert frame(found, "stances", "reject")[1]["holder"] == {"protesters"}


def test_a_scheme_without_the_label_gets_names_only(nlp: Language) -> None:
    lines = [line for line in shipped.label_config().splitlines() if 'Label value="AGENT"' not in line]
    scheme = LabelScheme.from_xml("\n".join(lines))
    rules = Rules(scheme, nlp=nlp)
    assert "layer entities of the scheme lacks the label AGENT" in rules.remarks
    found = next(rules.annotate([Article.from_text("Turkish troops shelled Kobani.")]))
    assert frame(found, "events", "shelled")[1] == {"actor": {"Turkish"}, "place": {"Kobani"}}


def test_every_noun_has_a_sector_of_codes() -> None:
    for line, row in rows("agents.tsv"):
        assert row["source"] in ("PLOVER", "own"), line
        assert all(len(code) == 3 and code.isupper() for code in row["sector"].rstrip("?").split()), line
    nouns = AgentNouns.load()
    assert nouns.sector(("foreign", "minister"), "minister")
    assert all(len(code) == 3 for code in nouns.countries.values())
