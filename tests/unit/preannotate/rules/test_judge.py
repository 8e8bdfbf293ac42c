"""Which words name events: weak uses, and probabilities by what stands around a word."""

from pathlib import Path

import pytest

from workbench.core.article import Article
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.events.judge import FILE, GROUP, Judge
from workbench.preannotate.rules.events.triggers import TriggerFinder
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.reading import TextAnalysis
from workbench.preannotate.rules.weights import Weights, likelihood


def reading_of(rules: Rules, text: str) -> TextAnalysis:
    return rules.read(next(rules.parses([Article.from_text(text)]))).reading


def features_of(rules: Rules, text: str) -> dict[str, list[str]]:
    reading, lexicon = reading_of(rules, text), Lexicon.load()
    found = TriggerFinder(reading, lexicon).candidates()
    judge = Judge(reading, lexicon, found)
    return {reading.parse.surface(frame.start, frame.end): judge.features(frame) for frame in found}


def test_the_shipped_weights_are_of_one_group_with_its_threshold() -> None:
    weights = Weights.load(FILE)
    assert set(weights.table) == set(weights.least) == {GROUP}
    assert 0 < weights.least[GROUP] <= 0.5


def test_no_weight_is_that_of_a_word(rules: Rules) -> None:
    """The same clause with other words of the same uses has the same features."""
    first = features_of(rules, "Norway condemned Chad.")["condemned"]
    second = features_of(rules, "Kenya condemned Mali.")["condemned"]
    assert first == second


def test_what_stands_around_a_verb_is_told(rules: Rules) -> None:
    found = features_of(rules, "Norway was accused by Chad. “Kenya will not attack them,” he said.")
    assert {"v passive", "v subject gpe", "v object gpe", "ACCUSE"} <= set(found["accused"])
    assert {"v aux will", "v negated", "quoted", "v object pronoun"} <= set(found["attack"])


def test_what_stands_around_a_noun_is_told(rules: Rules) -> None:
    found = features_of(rules, "Chad’s strikes hit a port after the violent protests.")
    assert {"n owner gpe", "n no det"} <= set(found["strikes"])
    assert {"n det the", "n adjective", "n after after"} <= set(found["protests"])


def test_only_what_is_likely_enough_names_an_event_and_the_score_says_how_likely(rules: Rules) -> None:
    reading = reading_of(rules, "Norway authorised the raid. Chad condemned the raid.")
    finder = TriggerFinder(reading, Lexicon.load())
    found = finder.find(Weights({GROUP: {"v": 1.0, "weak": -3.0}}, {GROUP: 0.2}))
    assert [reading.parse.words[frame.head] for frame in found] == ["raid", "condemned", "raid"]
    assert [frame.score for frame in found] == pytest.approx([0.5, likelihood(1.0), 0.5])
    assert {reading.parse.words[token] for token in finder.by_token} == {"raid", "condemned"}


@pytest.mark.parametrize(
    ("text", "word", "label"),
    [
        ("Norway authorised the deployment of police.", "authorised", "AGREE"),
        ("Six shells fell near the village of Mora.", "fell", "ASSAULT"),
        ("The witness claims that the sect locked her up.", "claims", "ACCUSE"),
        ("The court reduced his sentence to two years.", "reduced", "RETREAT"),
        ("Kenya worked with Chad on the border.", "worked", "COOPERATE"),
    ],
)
def test_a_weak_use_is_suggested(suggest, text: str, word: str, label: str) -> None:
    assert (word, label) in {(span.text, span.label) for span in suggest(text).layers["events"]}


def test_a_use_that_is_not_weak_comes_first(suggest) -> None:
    found = {(span.text, span.label) for span in suggest("Norway and Chad reached a deal on Monday.").layers["events"]}
    assert found == {("reached a deal", "AGREE")}


@pytest.mark.parametrize(
    "text",
    [
        "Smith called Jones a liar.",
        "Kenya closed the road for a parade.",
        "The index declined on Monday.",
        "The senator made the case that taxes matter.",
        "It was an uphill battle for the party.",
        "The law carries a maximum fine.",
        "Smith defeated Jones in May.",
        "The lorry disrupted traffic.",
    ],
)
def test_uses_that_are_no_events(suggest, text: str) -> None:
    assert not suggest(text).layers["events"]


def test_a_lexicon_of_ones_own_has_weak_uses(tmp_path: Path) -> None:
    own = tmp_path / "lexicon.tsv"
    head = "lemma\tpos\twith\tcategory\tstance\tactor\trecipient\tplace\ttarget\tobject\tnote\n"
    own.write_text(head + "wave\tv\tobj\tPROTEST?\nwave\tv\t\tSUPPORT\n", encoding="utf-8")
    uses = Lexicon.load(own).events["wave", "v"]
    assert [(use.category, use.weak) for use in uses] == [("SUPPORT", False), ("PROTEST", True)]
