"""The rules as a PreAnnotator: any scheme, any text, scores, versions, the user's own data files."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import PIECES
from spacy.language import Language

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.errors import SettingsError
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.concepts import Concepts
from workbench.preannotate.rules.lexicon import Lexicon
from workbench.preannotate.rules.tables import classes, rows

TEXT = "Norway and Foreign Minister Anna Holm condemned the attack in Chad on Monday, and urged Iran to withdraw."

FOREIGN = """<View>
  <Labels name="names" toName="t"><Label value="Who"/><Label value="Where"/><Label value="Gene"/></Labels>
  <Labels name="happenings" toName="t"><Label value="Blame"/></Labels>
  <Text name="t" value="$body"/>
  <Relations><Relation value="by" from="happenings" to="names"/></Relations>
</View>"""

OWN = """
[base]
PERSON = "person"
GPE = "gpe"
[entities]
layer = "names"
[entities.labels]
person = "Who"
gpe = "Where"
[events]
layer = "happenings"
[events.labels]
ACCUSE = "Blame"
[events.roles]
actor = "by"
"""


def annotate(rules: Rules, text: str) -> AnnotationSet:
    return next(rules.annotate([Article.from_text(text)]))


def test_everything_has_a_score_and_fits_the_scheme(rules: Rules, scheme: LabelScheme) -> None:
    found = annotate(rules, TEXT)
    scheme.check(found, TEXT)
    spans = [span for _, span in found.spans()]
    assert {span.label for span in spans} >= {"GPE", "PERSON", "ACCUSE", "ASSAULT", "REQUEST", "RETREAT", "AGAINST"}
    scores = [span.score for span in spans] + [a.score for span in spans for a in span.arguments]
    assert all(score is not None and 0 < score < 1 for score in scores)
    assert len(set(scores)) > 3


def test_the_same_text_gives_the_same_set_and_digest(rules: Rules) -> None:
    assert annotate(rules, TEXT).digest == annotate(rules, TEXT).digest


def test_sets_come_in_the_order_of_the_articles(rules: Rules) -> None:
    texts = [f"Norway condemned Iran {'again ' * n}." for n in range(40)]
    found = rules.annotate(Article.from_text(text) for text in texts)
    assert [one.layers["entities"][-1].text for one in found] == ["Iran"] * 40


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(
        st.sampled_from([*PIECES, "condemned", "“", "”", '"', "said", "Iran", "the plan", ",", ".", "not", "met", "—"]),
        max_size=40,
    )
)
def test_no_text_breaks_offsets_or_the_rules(rules: Rules, scheme: LabelScheme, pieces: list[str]) -> None:
    text = " ".join(pieces)
    scheme.check(annotate(rules, text), text)


def test_a_foreign_scheme_gets_nothing_and_is_told_why(nlp: Language) -> None:
    scheme = LabelScheme.from_xml(FOREIGN)
    rules = Rules(scheme, nlp=nlp)
    assert annotate(rules, TEXT).is_empty
    assert any("no layer entities" in remark for remark in rules.remarks)
    assert any("happenings" in remark and "nothing" in remark for remark in rules.remarks)


def test_a_file_of_concepts_puts_the_rules_to_work_for_a_foreign_scheme(nlp: Language, tmp_path: Path) -> None:
    own = tmp_path / "concepts.toml"
    own.write_text(OWN, encoding="utf-8")
    scheme = LabelScheme.from_xml(FOREIGN)
    rules = Rules(scheme, nlp=nlp, concepts=own)
    found = annotate(rules, TEXT)
    scheme.check(found, TEXT)
    assert {(s.text, s.label) for s in found.layers["names"]} >= {("Norway", "Where"), ("Anna Holm", "Who")}
    (blame,) = found.layers["happenings"]
    assert (blame.text, {a.role for a in blame.arguments}) == ("condemned", {"by"})
    assert any("Gene" in remark for remark in rules.remarks)
    assert any("REQUEST" in remark for remark in rules.remarks)


def test_the_version_changes_with_the_users_data(
    rules: Rules, scheme: LabelScheme, nlp: Language, tmp_path: Path
) -> None:
    own = tmp_path / "lexicon.tsv"
    own.write_text(
        "lemma\tpos\twith\tcategory\tstance\tactor\trecipient\tplace\ttarget\tobject\tnote\nsneeze\tv\t\tASSAULT\n"
    )
    mine = Rules(scheme, nlp=nlp, lexicon=own)
    assert mine.producer != rules.producer
    assert [span.text for span in annotate(mine, "Norway sneezed, and condemned Iran.").layers["events"]] == ["sneezed"]
    assert any("no word for" in remark and "AGREE" in remark for remark in mine.remarks)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("run\tx", "line 2: pos is 'x'"),
        ("run\tv\tcolour=red", "line 2: 'colour=red' is not a condition"),
        ("run\tv\tprt", "line 2: 'prt' is not a condition"),
    ],
)
def test_a_bad_row_of_a_lexicon_is_named(tmp_path: Path, row: str, said: str) -> None:
    own = tmp_path / "lexicon.tsv"
    own.write_text(f"lemma\tpos\twith\tcategory\tstance\tactor\trecipient\tplace\ttarget\tobject\tnote\n{row}\n")
    with pytest.raises(SettingsError, match=said.replace("'", ".")):
        Lexicon.load(own)


def test_concepts_that_are_none_are_refused(scheme: LabelScheme, tmp_path: Path) -> None:
    own = tmp_path / "concepts.toml"
    own.write_text("[entities]\nlabels = 3\n")
    with pytest.raises(SettingsError, match="entities"):
        Concepts.load(scheme, own)


def test_the_shipped_tables_fit_together(scheme: LabelScheme) -> None:
    """Every category, stance, class of words and kind that a table names is there."""
    concepts, words = Concepts.load(scheme), classes()
    assert concepts.events is not None
    assert concepts.stances is not None
    assert concepts.entities is not None
    events, stances = Lexicon.load().labels()
    assert events == set(concepts.events.labels)
    assert stances == set(concepts.stances.labels)
    kinds = {row["kind"] for _, row in rows("names.tsv")}
    assert kinds <= set(concepts.entities.labels)
    for line, row in rows("lexicon.tsv"):
        for condition in row["with"].replace("=", "~").split():
            for value in condition.partition("~")[2].split("|"):
                known = words if value.startswith("@") else {*concepts.entities.labels, "named"}
                assert value[:1] not in ("@", "#") or value[1:] in known, f"line {line}: {value}"
    assert concepts.remarks == ()


def test_a_class_of_words_has_one_row() -> None:
    with pytest.raises(SettingsError, match=r"words\.tsv, line 3: the class speech has a row already"):
        classes("class\twords\nspeech\tsay\nspeech\ttell\n")
