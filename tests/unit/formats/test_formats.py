import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from annotation_sets import SCHEME
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import annotation_sets, configs, texts
from spacy.tokens import Doc, DocBin

from workbench import formats
from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Argument, Origin, Producer, Span
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError, FormatError
from workbench.formats.docbin import DocBinFormat
from workbench.formats.jsonl import JsonLinesFormat

SCORES = st.none() | st.floats(0, 1)


@st.composite
def files(draw: st.DrawFn) -> tuple[LabelScheme, list[AnnotatedArticle]]:
    """A scheme of any shape, and articles annotated under it."""
    scheme = LabelScheme.from_xml(draw(configs()))
    return scheme, [draw(annotated(scheme)) for _ in range(draw(st.integers(1, 3)))]


@st.composite
def annotated(draw: st.DrawFn, scheme: LabelScheme) -> AnnotatedArticle:
    text = draw(texts())
    article = Article.from_text(
        text, title=draw(texts(pieces=3)), source="f.txt", published="2025-01-02", meta={"n": 1, "ok": True, "x": None}
    ).model_copy(update={"story_group": "s"})
    found = draw(annotation_sets(scheme, text))
    made_by = Producer(kind="model", name="m", version="1")
    layers: dict[str, tuple[Span, ...]] = {
        layer: tuple(
            span.model_copy(
                update={
                    "norm": draw(st.none() | texts(pieces=2)),
                    "origin": draw(st.none() | st.just(Origin(producer=made_by, decision="kept", parent="p"))),
                    "arguments": tuple(a.model_copy(update={"score": draw(SCORES)}) for a in span.arguments),
                }
            )
            for span in spans
        )
        for layer, spans in found.layers.items()
    }
    head = {"created": "2025-01-01", "parents": ("x",), "producer": Producer(kind="person", name="ann", version="2")}
    return AnnotatedArticle(article=article, annotations=found.model_copy(update={**head, "layers": layers}))


@pytest.mark.parametrize("name", ["jsonl", "spacy", "prodigy", "huggingface"])
@given(given_=files())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back_exactly_under_any_scheme(
    name: str, tmp_path: Path, given_: tuple[LabelScheme, list[AnnotatedArticle]]
) -> None:
    scheme, articles = given_
    form = formats.choose(formats.registry(), name)
    report = form.write(articles, tmp_path, "part", scheme)
    assert report.articles == len(articles)
    assert report.spans == sum(1 for one in articles for _ in one.annotations.spans())
    assert list(form.read(tmp_path / report.files[0], scheme)) == articles


def one_article(text: str, *spans: tuple[str, str]) -> AnnotatedArticle:
    article = Article.from_text(text, source="f.txt")
    layers: dict[str, tuple[Span, ...]] = dict(SCHEME.empty_layers())
    for number, (label, surface) in enumerate(spans):
        start = text.index(surface)
        made = Span(id=f"s{number}", label=label, start=start, end=start + len(surface), text=surface)
        layers[SCHEME.layer_of_label[label]] += (made,)
    producer = Producer(kind="person", name="ann")
    return AnnotatedArticle(
        article=article,
        annotations=AnnotationSet(producer=producer, scheme_digest=SCHEME.digest, layers=layers),
    )


def test_a_docbin_is_what_spacy_users_expect(tmp_path: Path) -> None:
    given_ = one_article(
        "The Kremlin's demand met Oslo.",
        ("ORG", "Kremlin"),
        ("ISSUE", "The Kremlin's demand"),
        ("GPE", "Oslo"),
        ("CONSULT", "met"),
    )
    report = DocBinFormat().write([given_], tmp_path, "train", SCHEME)
    assert len(report.problems) == 1
    assert "Kremlin" in report.problems[0]
    [doc] = DocBin().from_disk(tmp_path / "train.spacy").get_docs(spacy.blank("en").vocab)
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("The Kremlin's demand", "ISSUE"), ("Oslo", "GPE")]
    assert [span.text for span in doc.spans["entities"]] == ["Kremlin", "The Kremlin's demand", "Oslo"]
    assert [span.label_ for span in doc.spans["events"]] == ["CONSULT"]
    assert "stances" in doc.spans
    assert doc.cats["relevance=relevant"] == 1.0


def test_a_span_inside_a_token_takes_the_token_and_is_listed(tmp_path: Path) -> None:
    given_ = one_article("He left Washington today.", ("GPE", "Washing"))
    report = DocBinFormat().write([given_], tmp_path, "train", SCHEME)
    assert len(report.problems) == 1
    assert given_.article.id in report.problems[0]
    assert "'Washing' expanded to 'Washington'" in report.problems[0]
    [doc] = DocBin().from_disk(tmp_path / "train.spacy").get_docs(spacy.blank("en").vocab)
    assert [ent.text for ent in doc.ents] == ["Washington"]
    [back] = DocBinFormat().read(tmp_path / "train.spacy", SCHEME)
    assert back.annotations.layers["entities"][0].text == "Washing"


def test_a_span_that_no_token_holds_is_refused_and_listed_with_its_arguments(tmp_path: Path) -> None:
    given_ = one_article("Oslo met Bern.", ("GPE", " "), ("CONSULT", "met"))
    event = given_.annotations.layers["events"][0].model_copy(
        update={"arguments": (Argument(role="actor", target="s0"),)}
    )
    layers = {**given_.annotations.layers, "events": (event,)}
    given_ = given_.model_copy(update={"annotations": given_.annotations.model_copy(update={"layers": layers})})
    report = DocBinFormat().write([given_], tmp_path, "train", SCHEME)
    assert [problem.split(": ", 1)[1] for problem in report.problems] == [
        "entities GPE ' ' refused",
        "1 arguments of refused spans are lost",
    ]
    [back] = DocBinFormat().read(tmp_path / "train.spacy", SCHEME)
    assert [span.id for _, span in back.annotations.spans()] == ["s1"]


def test_a_docbin_of_another_program_is_read(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    doc = nlp("Oslo met Minsk.")
    doc.ents = [doc.char_span(0, 4, label="GPE")]
    DocBin(docs=[doc]).to_disk(tmp_path / "other.spacy")
    [back] = DocBinFormat().read(tmp_path / "other.spacy", SCHEME)
    assert back.article == Article.from_text("Oslo met Minsk.", source="other")
    assert [(span.text, span.label) for span in back.annotations.layers["entities"]] == [("Oslo", "GPE")]
    doc.ents = [doc.char_span(0, 4, label="CITY")]
    DocBin(docs=[doc]).to_disk(tmp_path / "unknown.spacy")
    with pytest.raises(DocumentError, match=r"unknown\.spacy, doc 1: .*'CITY' is not in layer entities"):
        list(DocBinFormat().read(tmp_path / "unknown.spacy", SCHEME))


def foreign(path: Path, *docs: Doc, user_data: bool = False) -> Path:
    DocBin(docs=docs, store_user_data=user_data).to_disk(path)
    return path


def doc_of(text: str = "Oslo met Minsk.") -> Doc:
    return spacy.blank("en")(text)


def test_a_span_group_that_is_no_layer_is_refused_until_somebody_names_one(tmp_path: Path) -> None:
    doc = doc_of()
    doc.spans["sc"] = [doc.char_span(0, 4, label="GPE", span_id="q1"), doc.char_span(9, 14, label="GPE", span_id="q1")]
    path = foreign(tmp_path / "f.spacy", doc)
    with pytest.raises(DocumentError, match=r"f\.spacy, doc 1: its span group 'sc' \(2 spans.*GPE 'Oslo'") as caught:
        list(DocBinFormat().read(path, SCHEME))
    assert "--layer sc=entities" in caught.value.hint
    [back] = formats.with_layers(DocBinFormat(), ["sc=entities"]).read(path, SCHEME)
    # Two spans may have one id there, as that of what they name.
    assert [span.text for span in back.annotations.layers["entities"]] == ["Oslo", "Minsk"]
    [remark] = formats.with_layers(DocBinFormat(), ["sc="]).read(path, SCHEME)
    assert remark.left_out
    assert "no spans in its group 'sc'" in remark.message
    for given_, message in (("sc", "does not say which layer"), ("sc=places", "which the scheme lacks")):
        with pytest.raises(FormatError, match=message):
            list(formats.with_layers(DocBinFormat(), [given_]).read(path, SCHEME))
    with pytest.raises(FormatError, match="two layers"):
        formats.with_layers(DocBinFormat(), ["sc=entities", "sc=events"])
    with pytest.raises(FormatError, match="jsonl has no span groups"):
        formats.with_layers(JsonLinesFormat(), ["sc=entities"])


def test_a_doc_of_ours_with_a_group_that_somebody_added_is_refused_too(tmp_path: Path) -> None:
    given_ = one_article("Oslo met Minsk.", ("GPE", "Oslo"))
    DocBinFormat().write([given_], tmp_path, "ours", SCHEME)
    [doc] = DocBin(store_user_data=True).from_disk(tmp_path / "ours.spacy").get_docs(spacy.blank("en").vocab)
    doc.spans["reviewed"] = [doc.char_span(9, 14, label="GPE")]
    path = foreign(tmp_path / "more.spacy", doc, user_data=True)
    with pytest.raises(DocumentError, match="'reviewed'"):
        list(DocBinFormat().read(path, SCHEME))
    [back] = formats.with_layers(DocBinFormat(), ["reviewed=entities"]).read(path, SCHEME)
    assert [span.text for span in back.annotations.layers["entities"]] == ["Oslo", "Minsk"]


def test_missing_values_are_no_annotation_and_an_empty_one_is_one(tmp_path: Path) -> None:
    missing, empty, empty_group, chosen = (doc_of() for _ in range(4))
    empty.set_ents([], default="outside")
    empty_group.spans["entities"] = []
    chosen.cats["relevance=relevant"] = 1.0
    unknown_group = doc_of()
    unknown_group.spans["sc"] = []
    path = foreign(tmp_path / "f.spacy", missing, empty, unknown_group, empty_group, chosen)
    first, second, third, fourth, fifth = DocBinFormat().read(path, SCHEME)
    assert first.left_out
    assert "doc 1: has no annotation: its entities are missing values" in str(first)
    assert third.left_out
    assert "doc 3" in str(third)
    assert all(one.annotations.is_empty for one in (second, fourth, fifth))


def test_what_is_annotated_in_part_or_besides_is_said(tmp_path: Path) -> None:
    partly, both = doc_of(), doc_of()
    partly.set_ents([partly.char_span(0, 4, label="GPE")], default="missing")
    partly.cats["sports"] = 1.0
    both.spans["entities"] = [both.char_span(0, 4, label="GPE")]
    both.ents = [both.char_span(0, 4, label="GPE"), both.char_span(9, 14, label="GPE")]
    path = foreign(tmp_path / "f.spacy", partly, both)
    missing, categories, one, besides, other = DocBinFormat().read(path, SCHEME)
    assert "has missing values beside its entities" in missing.message
    assert "were left out: sports" in categories.message
    assert "1 entities that are not in its group 'entities', and were left out" in besides.message
    assert [[span.text for _, span in found.annotations.spans()] for found in (one, other)] == [["Oslo"], ["Oslo"]]
    *_, other = formats.with_layers(DocBinFormat(), ["ents=entities"]).read(path, SCHEME)
    assert [span.text for _, span in other.annotations.spans()] == ["Oslo", "Minsk"]


def test_white_space_at_the_edges_is_cut_off_and_said_in_reading_and_writing(tmp_path: Path) -> None:
    doc = doc_of("Oslo \n Minsk")
    doc.ents = [doc.char_span(0, 7, label="GPE")]
    remark, back = DocBinFormat().read(foreign(tmp_path / "f.spacy", doc), SCHEME)
    assert "'Oslo \\n ' is taken as 'Oslo'" in remark.message
    assert [span.text for _, span in back.annotations.spans()] == ["Oslo"]
    doc.ents = [doc.char_span(5, 7, label="GPE")]
    with pytest.raises(DocumentError, match="is white space and nothing else"):
        list(DocBinFormat().read(foreign(tmp_path / "f.spacy", doc), SCHEME))
    given_ = one_article("Oslo \n Minsk", ("GPE", "Oslo \n "), ("GPE", " \n"))
    report = DocBinFormat().write([given_], tmp_path, "train", SCHEME)
    assert [problem.split(": ", 1)[1] for problem in report.problems] == [
        "entities GPE 'Oslo \\n ' is taken as 'Oslo'",
        "entities GPE ' \\n' refused",
    ]
    [back] = DocBinFormat().read(tmp_path / "train.spacy", SCHEME)
    assert [span.text for _, span in back.annotations.spans()] == ["Oslo"]


@pytest.mark.parametrize("body", [b"", b"no", b"\x78\x9c\x03\x00\x00\x00\x00\x01", b"{}"])
def test_a_file_that_is_no_docbin_is_said_so(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "x.spacy").write_bytes(body)
    with pytest.raises(DocumentError, match="not a spaCy DocBin"):
        list(DocBinFormat().read(tmp_path / "x.spacy", SCHEME))
    with pytest.raises(DocumentError, match="cannot be read"):
        list(DocBinFormat().read(tmp_path / "missing.spacy", SCHEME))


def test_the_same_articles_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    article = one_article(
        "Oslo met Minsk in the U.S.-Russia talks.", ("GPE", "Oslo"), ("CONSULT", "met"), ("LOC", "ussia")
    )
    JsonLinesFormat().write([article], tmp_path, "in", SCHEME)
    code = (
        "import sys; from pathlib import Path; from workbench.formats import registry\n"
        "from workbench.samples.shipped import label_scheme\n"
        "folder = Path(sys.argv[1]); scheme = label_scheme(); known = registry()\n"
        "known['spacy'].write(known['jsonl'].read(folder / 'in.jsonl', scheme), folder, 'out', scheme)\n"
    )
    digests: set[str] = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
        digests.add(hashlib.sha256((tmp_path / "out.spacy").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_malformed_lines_are_named_with_file_line_and_field(tmp_path: Path) -> None:
    good = documents.to_json(one_article("Oslo met Minsk.", ("GPE", "Oslo")))
    path = tmp_path / "in.jsonl"
    for bad, message in (
        ("{", "line 2: not JSON"),
        (
            good.replace('"score"', '"scores"').replace('"end": 4', '"end": 4, "x": 1'),
            r"line 2: annotations\.layers\.entities\.0\.x",
        ),
        (good.replace('"GPE"', '"PLACE"'), "line 2: .*'PLACE' is not in layer entities"),
        (good.replace("article/1", "article/9"), "line 2: schema is"),
    ):
        path.write_text(f"{good}\n{bad}\n", encoding="utf-8")
        with pytest.raises(DocumentError, match=message) as caught:
            list(JsonLinesFormat().read(path, SCHEME))
        assert str(path) in str(caught.value)
    path.write_bytes(good.encode() + b"\n\xff\n")
    with pytest.raises(DocumentError, match="line 2: no UTF-8"):
        list(JsonLinesFormat().read(path, SCHEME))


def test_formats_are_known_by_name() -> None:
    known = formats.registry()
    assert {"jsonl", "spacy"} <= set(known)
    with pytest.raises(FormatError, match=r"known: .*jsonl, .*spacy"):
        formats.choose(known, "no-such-format")
    with pytest.raises(FormatError, match="two formats"):
        formats.registry(JsonLinesFormat())
