from pathlib import Path

import cassis
import pytest
from annotation_sets import SCHEME
from format_cases import content, files, one_article
from hypothesis import HealthCheck, given, settings

from workbench.core.annotations import AnnotatedArticle, Producer
from workbench.core.ports import Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError
from workbench.formats.xmi import XmiFormat

TEXT = "👩‍👩‍👧 Oslo\r\nmet\tMinsk, שלום\u00a0Cafe\u0301."


def of_ours(tmp_path: Path) -> Path:
    one = one_article(
        TEXT, ("GPE", "Oslo"), ("GPE", "Minsk"), ("CONSULT", "met"), roles=((2, "actor", 0), (2, "recipient", 1))
    )
    XmiFormat().write([one], tmp_path, "out", SCHEME)
    return tmp_path / "out"


@given(given_=files())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back_under_any_scheme(
    tmp_path_factory: pytest.TempPathFactory, given_: tuple[LabelScheme, list[AnnotatedArticle]]
) -> None:
    folder = tmp_path_factory.mktemp("xmi")
    scheme, articles = given_
    articles = [one for one in articles if one.article.text.strip()]
    report = XmiFormat().write(articles, folder, "part", scheme)
    assert (report.articles, report.problems) == (len(articles), ())
    if not articles:
        return
    back = {o.article.id: o for o in XmiFormat().read(folder / "part", scheme) if isinstance(o, AnnotatedArticle)}

    def of(span):
        return span.norm, span.attributes, span.score

    for one in articles:
        found = back[one.article.id]
        assert content(found, of=of) == content(one, of=of)
        assert found.article == one.article
        assert found.annotations.document == one.annotations.document
        assert found.annotations.producer == one.annotations.producer


def test_cassis_reads_what_is_written_with_slots_and_offsets(tmp_path: Path) -> None:
    folder = of_ours(tmp_path)
    [file] = folder.glob("*.xmi")
    cas = cassis.load_cas_from_xmi(file, typesystem=cassis.load_typesystem(folder / "TypeSystem.xml"))
    assert cas.sofa_string == TEXT
    [event] = cas.select("webanno.custom.Events")
    assert (event.label, event.get_covered_text()) == ("CONSULT", "met")
    assert {(one.role, one.target.get_covered_text()) for one in event.arguments.elements} == {
        ("actor", "Oslo"),
        ("recipient", "Minsk"),
    }
    # In the file offsets count UTF-16 code units: the family is 8 of them, 5 code points.
    assert 'begin="9" end="13"' in file.read_text(encoding="utf-8")
    assert [
        one.get_covered_text() for one in cas.select("de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence")
    ]


def foreign_cas(folder: Path, *, value: str = "GPE") -> Path:
    """A file that cassis made with DKPro's type system, as INCEpTION exports it."""
    types = cassis.load_dkpro_core_typesystem()
    cas = cassis.Cas(typesystem=types)
    cas.sofa_string, cas.sofa_mime = TEXT, "text/plain"
    entity = types.get_type("de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity")
    lemma = types.get_type("de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Lemma")
    pos = types.get_type("de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS")
    start = TEXT.index("Oslo")
    cas.add(entity(begin=start, end=start + 4, value=value, identifier="Oslo, Norway"))
    cas.add(lemma(begin=start, end=start + 4, value="Oslo"))
    cas.add(pos(begin=start, end=start + 4, PosValue="NNP"))
    inside = folder / "annotation" / "story.txt"
    inside.mkdir(parents=True)
    cas.to_xmi(inside / "ann.xmi")
    types.to_xml(inside / "TypeSystem.xml")
    return folder


def test_a_file_of_another_program_is_read_and_says_what_it_leaves(tmp_path: Path) -> None:
    remark, one = XmiFormat().read(foreign_cas(tmp_path), SCHEME)
    assert isinstance(one, AnnotatedArticle)
    [(layer, span)] = one.annotations.spans()
    assert (layer, span.text, span.label, span.norm) == ("entities", "Oslo", "GPE", "Oslo, Norway")
    assert one.annotations.producer == Producer(kind="person", name="ann")
    assert isinstance(remark, Remark)
    assert "1 annotation of the type de.tudarmstadt.ukp.dkpro.core.api.lexmorph.type.pos.POS was left out" in str(
        remark
    )


def test_labels_that_the_scheme_lacks_and_files_that_mean_harm_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"ann\.xmi: .*NamedEntity \d+: label 'CITY' is not in the label scheme"):
        list(XmiFormat().read(foreign_cas(tmp_path / "a", value="CITY"), SCHEME))
    folder = of_ours(tmp_path)
    [file] = folder.glob("*.xmi")
    whole = file.read_text(encoding="utf-8")
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    for broken, message in (
        (whole.replace("?>", f"?>{bomb}", 1), "has a document type"),
        (whole[:-40], "is no UIMA CAS XMI that can be read"),
        ("", "is no UIMA CAS XMI"),
        (
            whole.replace('begin="9"', 'begin="99999"'),
            "is no UIMA CAS XMI that can be read: UserWarning: Not mapping external offset",
        ),
    ):
        file.write_text(broken, encoding="utf-8")
        with pytest.raises(DocumentError, match=message):
            list(XmiFormat().read(folder, SCHEME))
    (folder / "TypeSystem.xml").unlink()
    with pytest.raises(DocumentError, match=r"has no TypeSystem\.xml beside it"):
        list(XmiFormat().read(folder, SCHEME))


def test_characters_that_xml_cannot_hold_are_replaced_and_counted(tmp_path: Path) -> None:
    one = one_article("a\x0bOslo\x00 \ud800.".replace("\ud800", "\x01"), ("GPE", "Oslo"))
    report = XmiFormat().write([one], tmp_path, "out", SCHEME)
    assert report.problems == ("characters that XML cannot hold, written as \ufffd (3)",)
    [back] = XmiFormat().read(tmp_path / "out", SCHEME)
    assert isinstance(back, AnnotatedArticle)
    assert back.article.text == "a\ufffdOslo\ufffd \ufffd."
    assert [span.text for _, span in back.annotations.spans()] == ["Oslo"]
