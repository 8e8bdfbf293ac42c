from pathlib import Path

import pytest
from annotation_sets import SCHEME
from format_cases import content, files, one_article
from hypothesis import HealthCheck, given, settings

from workbench.core.annotations import AnnotatedArticle, Producer
from workbench.core.ports import Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError
from workbench.formats.webanno import WebAnnoFormat

TEXT = "👩 Washington\u00a0met\tOslo; [x|y].\r\nשלום, Cafe\u0301_* -> end."


def read(path: Path, scheme: LabelScheme = SCHEME) -> tuple[list[AnnotatedArticle], list[Remark]]:
    found = list(WebAnnoFormat().read(path, scheme))
    return [o for o in found if isinstance(o, AnnotatedArticle)], [o for o in found if isinstance(o, Remark)]


@given(given_=files())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back_under_any_scheme(
    tmp_path_factory: pytest.TempPathFactory, given_: tuple[LabelScheme, list[AnnotatedArticle]]
) -> None:
    scheme, articles = given_
    # White space before the first word is written as blanks; all other is kept.
    articles = [one for one in articles if one.article.text.strip() and not one.article.text[0].isspace()]
    folder = tmp_path_factory.mktemp("webanno")
    WebAnnoFormat().write(articles, folder, "part", scheme)
    if not articles:
        return
    back = {one.article.id: one for one in read(folder / "part", scheme)[0]}

    def of(span):
        return span.norm or None, span.attributes

    assert len(back) == len(articles)
    for one in articles:
        assert content(back[one.article.id], of=of) == content(one, of=of)


def test_lines_are_those_of_inception(tmp_path: Path) -> None:
    one = one_article(
        TEXT,
        ("GPE", "Washing"),
        ("ORG", "Washington"),
        ("GPE", "Oslo"),
        ("CONSULT", "met"),
        roles=((3, "actor", 0), (3, "recipient", 2)),
    )
    WebAnnoFormat().write([one], tmp_path, "f", SCHEME)
    [path] = (tmp_path / "f").iterdir()
    lines = path.read_bytes().decode().split("\n")
    assert lines[0] == "#FORMAT=WebAnno TSV 3.3"
    assert lines[2] == (
        "#T_SP=webanno.custom.Events|label|norm|modality|"
        "ROLE_webanno.custom.Events:arguments_webanno.custom.EventsArgumentsLink|uima.tcas.Annotation"
    )
    rows = {line.split("\t")[0]: line.split("\t")[1:-1] for line in lines if line[:1].isdigit()}
    # The woman is two UTF-16 code units.
    assert rows["1-1"][:2] == ["0-2", "👩"]
    assert rows["1-2"][:3] == ["3-13", "Washington", "ORG[2]"]
    assert rows["1-2.1"][:3] == ["3-10", "Washing", "GPE[1]"]
    assert "actor;recipient[3]" in rows["1-3"]
    assert "1-2.1[1];1-4[4]" in rows["1-3"]
    [first] = [number for number, line in enumerate(lines) if line.startswith("#Text=👩")]
    assert lines[first : first + 2] == ["#Text=👩 Washington\u00a0met\\tOslo; [x|y].\\r", "#Text="]
    # Words are not escaped, and an event without roles says so in both columns.
    assert "[" in {row[1] for row in rows.values()}


def test_an_event_without_roles_is_written_as_inception_does(tmp_path: Path) -> None:
    WebAnnoFormat().write([one_article("Oslo met.", ("CONSULT", "met"))], tmp_path, "f", SCHEME)
    [path] = (tmp_path / "f").iterdir()
    assert "\tCONSULT[1]\t*[1]\t*[1]\t_[1]\t*\t" in path.read_text("utf-8")


INCEPTION = """#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS|PosValue|coarseValue
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value
#T_SP=webanno.custom.Events|label
#T_RL=webanno.custom.Roles|label|BT_webanno.custom.Events


#Text=Anna Holm met 😀 Oslo.
1-1\t0-4\tAnna\t_\t_\t*[1]\tPERSON[1]\t_\tactor\t1-3[0_1]\t
1-2\t5-9\tHolm\t_\t_\t*[1]\tPERSON[1]\t_\t_\t_\t
1-3\t10-13\tmet\tVBD\tVERB\t_\t_\tCONSULT\t_\t_\t
1-4\t14-16\t😀\t_\t_\t_\t_\t_\t_\t_\t
1-5\t17-21\tOslo\t_\t_\tQ585[2]|*[3]\tGPE[2]|ORG[3]\t_\trecipient\t1-3[0_2]\t
1-6\t21-22\t.\t_\t_\t_\t_\t_\t_\t_\t

#Text=Bern\\twaits.
2-1\t23-27\tBern\t_\t_\t*\tGPE\t_\t_\t_\t
2-2\t28-33\twaits\t_\t_\t_\t_\t_\t_\t_\t
2-3\t33-34\t.\t_\t_\t_\t_\t_\t_\t_\t
"""


def test_an_export_of_inception_is_read_with_its_relations(tmp_path: Path) -> None:
    path = tmp_path / "annotation" / "story.txt" / "ann.tsv"
    path.parent.mkdir(parents=True)
    path.write_text(INCEPTION, encoding="utf-8", newline="\n")
    [one], said = read(tmp_path)
    assert one.article.text == "Anna Holm met 😀 Oslo. Bern\twaits."
    assert [(span.label, span.text, span.norm) for _, span in one.annotations.spans()] == [
        ("PERSON", "Anna Holm", None),
        ("GPE", "Oslo", "Q585"),
        ("ORG", "Oslo", None),
        ("GPE", "Bern", None),
        ("CONSULT", "met", None),
    ]
    by_id = one.annotations.by_id()
    [event] = one.annotations.layers["events"]
    assert [(o.role, by_id[o.target][1].label) for o in event.arguments] == [("actor", "PERSON"), ("recipient", "GPE")]
    assert one.annotations.producer == Producer(kind="person", name="ann")
    assert ["POS is no layer" in str(o) for o in said] == [True]


def test_all_that_inceptions_own_writer_writes_is_read_or_listed() -> None:
    """The file is ours, in the dialect of INCEpTION's serialiser of WebAnno TSV 3.3.

    From that come: words that are not escaped, a `#Text=` a line, `#Sentence.id`, columns of layers without features, two
    columns of a relation without features, stacked annotations, parts of words, places of no length, chains, slots before
    the label, slots that are unset, that lack a role, that point to one type or to any.
    """
    [one], said = read(Path(__file__).parents[2] / "data" / "inception.tsv")
    assert one.article.text == "Anna Holm met 😀 the\tmayor\nof Oslo [sic\\]. Bern_waits."
    by_id = one.annotations.by_id()
    assert [
        (span.label, span.text, span.norm, [(o.role, by_id[o.target][1].text) for o in span.arguments])
        for _, span in one.annotations.spans()
    ] == [
        ("PERSON", "Anna Holm", None, []),
        ("AGENT", "the\tmayor\nof Oslo", None, []),
        ("GPE", "Os", None, []),
        ("GPE", "Oslo", "http://www.wikidata.org/entity/Q585", []),
        ("ORG", "Bern_waits", "a_b|c[1]", []),
        ("CONSULT", "met", None, [("actor", "Anna Holm"), ("recipient", "the\tmayor\nof Oslo")]),
        ("SUPPORT", "sic", None, []),
        ("CONSULT", "Bern_waits", None, []),
        ("SUPPORT", "Bern_waits", None, [("actor", "Bern_waits")]),
        ("FOR", "met", None, [("holder", "Anna Holm")]),
    ]
    ner = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
    dependency = "de.tudarmstadt.ukp.dkpro.core.api.syntax.type.dependency.Dependency"
    assert [str(remark).partition("inception.tsv")[2] for remark in said] == [
        ": the type de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS is no layer, and was left out",
        ": the type webanno.custom.Marked is no layer, and was left out",
        ": the chain de.tudarmstadt.ukp.dkpro.core.api.coref.type.CoreferenceLink is no layer, and was left out",
        f", line 24: an annotation of the type {ner} has no length, and was left out",
        ", line 17: a slot that points to 1-9 has no role, and was left out",
        f", line 15: the relation 'compound' of the type {dependency} is no role between spans: left out",
        f", line 16: the relation 'nsubj' of the type {dependency} is no role between spans: left out",
        ", line 22: the relation without a label of the type webanno.custom.Apposition is no role between spans: left out",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("#FORMAT=WebAnno TSV 3.3", "#FORMAT=WebAnno TSV 2"), "line 1: no WebAnno TSV 3"),
        (("GPE[2]|ORG[3]", "CITY[2]|ORG[3]"), "line 13: label 'CITY' is not in the label scheme"),
        (("17-21\tOslo", "18-22\tOslo"), "line 13: 'Oslo' does not stand at 18-22"),
        (("1-4\t14-16", "1-4\t15-16"), "line 12: '😀' does not stand at 15-16"),
        (("2-1\t23-27", "2-1\t2300000-2300004"), "the sentence begins at 2300000"),
        (("1-3[0_1]", "1-3[x]"), "line 9: 'actor' from .* is no relation"),
        (("|BT_webanno.custom.Events", "|base"), "line 9: the header does not say what the relation .* is between"),
        (("\tactor\t1-3[0_1]", "\tactor|actor\t1-3[0_1]"), "line 9: 2 relations of .*, but 1 sources"),
        (("GPE[2]|ORG[3]", "GPE[2]"), "has fewer annotations than the first one"),
        (("1-2\t5-9", "1-1\t5-9"), "line 10: a second line is called 1-1"),
        (
            ("Q585[2]|*[3]\tGPE[2]|ORG[3]\t_\trecipient\t1-3[0_2]\t", "_"),
            "line 13: has 6 columns, fewer than the header",
        ),
    ],
)
def test_lines_that_do_not_fit_are_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    path = tmp_path / "f.tsv"
    path.write_text(INCEPTION.replace(*change), encoding="utf-8", newline="\n")
    with pytest.raises(DocumentError, match=message):
        read(path)
