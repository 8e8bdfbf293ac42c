"""Judgements of actors: words that judge, whom they judge, what outweighs them, and what is no expression of a stance."""

from collections.abc import Callable
from pathlib import Path

import pytest
from spacy.language import Language

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.errors import SettingsError
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.stances import opinions
from workbench.preannotate.rules.stances.opinions import Opinions
from workbench.preannotate.rules.tables import text_of

Suggest = Callable[[str], AnnotationSet]


def stances(found: AnnotationSet) -> set[tuple[str, str, str]]:
    """Label, expression and target of every stance."""
    names = {span.id: span.text for _, span in found.spans()}
    return {
        (span.label, span.text, names[argument.target])
        for span in found.layers["stances"]
        for argument in span.arguments
        if argument.role == "target"
    }


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Margaret Dole was found guilty of a shameful fraud.", ("AGAINST", "Margaret Dole")),
        ("It was one more scandal for Peter Marsh, who failed voters again.", ("AGAINST", "Peter Marsh")),
        ("Critics call Peter Marsh weak, corrupt and unfit.", ("AGAINST", "Peter Marsh")),
        ("Margaret Dole won a great victory with a strong campaign.", ("FOR", "Margaret Dole")),
    ],
)
def test_words_that_judge_show_a_stance_towards_whom_they_judge(
    suggest: Suggest, text: str, wanted: tuple[str, str]
) -> None:
    assert wanted in {(label, target) for label, _, target in stances(suggest(text))}


def test_a_name_without_words_that_judge_is_not_judged(suggest: Suggest) -> None:
    assert stances(suggest("Peter Marsh spent the morning in his office. Margaret Dole flew to Oslo.")) == set()


def test_how_a_company_fares_is_no_stance(suggest: Suggest) -> None:
    assert stances(suggest("Sime Darby Plantation lost 19 sen on Monday and KL Kepong gained two.")) == set()


def test_nobody_is_judged_twice_in_a_sentence(suggest: Suggest) -> None:
    text = "Peter Marsh, a liar and a fraud, failed again in a disastrous scandal, and Peter Marsh lied."
    targets = [target for _, _, target in stances(suggest(text))]
    assert targets.count("Peter Marsh") == 1


def test_an_event_is_no_expression_of_a_stance_towards_its_actor(suggest: Suggest) -> None:
    found = suggest("The army of Chad attacked a village and threatened to kill its elders.")
    assert not {("AGAINST", "attacked", "Chad"), ("AGAINST", "threatened", "Chad")} & stances(found)


def test_a_judgement_in_quotation_marks_belongs_to_the_speaker(suggest: Suggest) -> None:
    found = suggest("“Peter Marsh is a disgraceful liar and a corrupt fraud,” said Margaret Dole.")
    names = {span.id: span.text for _, span in found.spans()}
    about = [s for s in found.layers["stances"] if "Peter Marsh" in {names[a.target] for a in s.arguments}]
    assert about
    assert all(span.attributes.get("expressed") == "quoted" for span in about)
    assert {names[a.target] for s in about for a in s.arguments if a.role == "holder"} == {"Margaret Dole"}


def test_a_workspace_sets_from_which_score_on_judgements_are_suggested(
    scheme: LabelScheme, nlp: Language, tmp_path: Path
) -> None:
    shipped = text_of("concepts.toml")
    own = tmp_path / "concepts.toml"
    own.write_text(shipped.replace("AGAINST = 0.0", "AGAINST = 1.0"), encoding="utf-8")
    text = "Margaret Dole was found guilty of a shameful fraud. Norway rejected the plan."
    sets = [next(Rules(scheme, nlp=nlp, concepts=c).annotate([Article.from_text(text)])) for c in (None, own)]
    assert [len(found.layers["stances"]) for found in sets] == [2, 1]


def test_a_word_means_what_its_part_of_speech_means() -> None:
    table = Opinions.load()
    assert table.of("attack", "attacked", "VERB", "VBD") != table.of("attack", "attack", "PROPN", "NNP")
    assert table.of("house", "house", "NOUN", "NN") is None


def test_a_row_with_an_unknown_part_of_speech_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(7, {"stance": "FOR", "kind": "quality", "pos": "q", "words": "good"})]

    def given(_: str) -> list[tuple[int, dict[str, str]]]:
        return rows

    monkeypatch.setattr(opinions, "rows", given)
    with pytest.raises(SettingsError, match="line 7"):
        Opinions.load()


def test_in_an_article_nobody_is_judged_without_somebody_who_judges(suggest: Suggest) -> None:
    """What a sentence that was picked shows of somebody, an article only tells: it happened."""
    told = "Margaret Dole was found guilty of a shameful fraud."
    article = f"{told} The hearing took two days. It rained in the town. The hall was full. A bus was late."
    assert {label for label, _, _ in stances(suggest(told))} == {"AGAINST"}
    assert stances(suggest(article)) == set()


def test_he_goes_back_to_a_person_over_many_sentences_and_never_to_a_country(suggest: Suggest) -> None:
    between = (
        "The harvest was poor. It rained for weeks. The roads were closed. The country ran out of salt. It got cold."
    )
    found = suggest(f"Peter Marsh came home on Monday. {between} “The plan is a disgrace,” he said.")
    names = {span.id: span.text for _, span in found.spans()}
    (stance,) = (span for span in found.layers["stances"] if "disgrace" in span.text)
    assert {names[argument.target] for argument in stance.arguments if argument.role == "holder"} == {"Peter Marsh"}
