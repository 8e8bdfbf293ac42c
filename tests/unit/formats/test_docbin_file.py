"""What is packed is what `DocBin.add` of spaCy packs."""

import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
import spacy
import srsly
from annotation_sets import SCHEME
from format_cases import one_article
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import annotation_sets, configs, texts
from spacy.tokens import Doc, DocBin, Span
from spacy.util import filter_spans

from workbench.core.annotations import AnnotatedArticle
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import trim
from workbench.formats import docbin
from workbench.formats.docbin import USER_DATA, DocBinFormat, ents_layer_of, tokenizer
from workbench.pipeline.docs import annotate_doc


def by_spacy(articles: list[AnnotatedArticle], notes: list[str], scheme: LabelScheme) -> dict[str, Any]:
    """What spaCy packs of the same, each Doc with its note."""
    docs = DocBin(store_user_data=True)
    for one, note in zip(articles, notes, strict=True):
        doc = tokenizer().make_doc(one.article.text)
        annotate_doc(doc, trim(one.annotations)[0], scheme, article=one.article.id)
        doc.set_ents(filter_spans(cast("Iterable[Span]", doc.spans[ents_layer_of(scheme)])), default="outside")
        doc.user_data[USER_DATA] = note
        docs.add(doc)
    return unpacked(docs.to_bytes())


def unpacked(content: bytes) -> dict[str, Any]:
    return cast("dict[str, Any]", srsly.msgpack_loads(zlib.decompress(content)))


def notes_of(path: Path) -> list[str]:
    return [str(doc.user_data[USER_DATA]) for doc in docs_of(path)]


def docs_of(path: Path) -> list[Doc]:
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [doc for one in files for doc in DocBin().from_disk(one).get_docs(spacy.blank("en").vocab)]


@st.composite
def files(draw: st.DrawFn) -> tuple[LabelScheme, list[AnnotatedArticle]]:
    scheme = LabelScheme.from_xml(draw(configs()))
    contents = draw(st.lists(texts(), max_size=3))
    return scheme, [
        AnnotatedArticle(article=Article.from_text(one), annotations=draw(annotation_sets(scheme, one)))
        for one in contents
    ]


@given(given_=files())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_holds_bit_for_bit_what_spacy_packs(
    tmp_path: Path, given_: tuple[LabelScheme, list[AnnotatedArticle]]
) -> None:
    scheme, articles = given_
    DocBinFormat().write(articles, tmp_path, "ours", scheme)
    found = unpacked((tmp_path / "ours.spacy").read_bytes())
    assert found == by_spacy(articles, notes_of(tmp_path / "ours.spacy"), scheme)


def test_more_than_a_file_holds_is_a_folder_that_spacy_trains_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docbin, "LARGEST_FILE", 2_000)
    articles = [one_article(f"Oslo met Minsk {number}.", ("GPE", "Oslo"), ("CONSULT", "met")) for number in range(9)]
    report = DocBinFormat().write(articles, tmp_path, "train", SCHEME)
    assert report.files == ("train",)
    assert report.articles == 9
    assert len(list((tmp_path / "train").iterdir())) > 2
    assert [doc.text for doc in docs_of(tmp_path / "train")] == [one.article.text for one in articles]
    assert list(DocBinFormat().read(tmp_path / "train", SCHEME)) == articles
    corpus = spacy.training.Corpus(tmp_path / "train")
    assert [one.reference.text for one in corpus(spacy.blank("en"))] == [one.article.text for one in articles]


def test_a_text_is_parted_as_its_language_is(tmp_path: Path) -> None:
    text = "Das gilt z.Zt. nicht."
    in_languages = [
        one_article(f"{text} {language}").model_copy(
            update={"article": Article.from_text(f"{text} {language}").model_copy(update={"language": language})}
        )
        for language in ("de-AT", "en", "", "ja", "no such/thing")
    ]
    report = DocBinFormat().write(in_languages, tmp_path, "train", SCHEME)
    german, english, unknown, japanese, nonsense = docs_of(tmp_path / "train.spacy")
    assert "z.Zt." in [token.text for token in german]
    assert not any("z.Zt." in [token.text for token in doc] for doc in (english, unknown, japanese, nonsense))
    assert [str(one) for one in report.problems] == [
        "1 article in 'ja' got English tokens: spaCy alone has none for that language",
        "1 article in 'no such/thing' got English tokens: spaCy alone has none for that language",
    ]
    back = list(DocBinFormat().read(tmp_path / "train.spacy", SCHEME))
    assert back == in_languages
