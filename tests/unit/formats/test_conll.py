import tempfile
from collections import Counter
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from annotation_sets import SCHEME
from format_cases import files, one_article
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench import formats
from workbench.core.annotations import AnnotatedArticle
from workbench.core.ports import Format, Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError, FormatError
from workbench.formats.conll import Conll2003Format, ConllBilouFormat, ConllFormat

CROSSNER = Path(__file__).parents[4] / "shared" / "corpora" / "crossner_politics"
TEXT = "Anna Holm of New\N{NO-BREAK SPACE}Oslo met 🙂 Mr. Berg. שלום Haifa.\r\nBern waits."


def parts(found: object) -> tuple[list[AnnotatedArticle], list[Remark]]:
    listed = list(found)
    return [one for one in listed if isinstance(one, AnnotatedArticle)], [
        one for one in listed if isinstance(one, Remark)
    ]


def refusal(form: Format, path: Path) -> str:
    """What reading the file was refused with; the path of the file where it was read."""
    try:
        list(form.read(path, SCHEME))
    except DocumentError as error:
        return error.message
    return str(path)


def one_layer(labels: list[str]) -> LabelScheme:
    inside = "".join(f"<Label value={quoteattr(label)}/>" for label in labels)
    return LabelScheme.from_xml(
        f'<View><Labels name="names" toName="text">{inside}</Labels><Text name="text" value="$text"/></View>'
    )


@pytest.mark.parametrize("form", [ConllFormat(), Conll2003Format(), ConllBilouFormat()])
@given(given_=files())
@settings(max_examples=40)
def test_tokens_and_flat_spans_come_back(form: ConllFormat, given_: tuple[LabelScheme, list[AnnotatedArticle]]) -> None:
    scheme, articles = given_
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if any(" " in label for label in scheme.layers[0].label_values) and not scheme.frame_layers:
            with pytest.raises(FormatError, match="white space parts columns"):
                form.write(articles, folder, "x", scheme)
            return
        if any(" " in label for label in scheme.layer_of_label):
            return
        report = form.write(articles, folder, "x", scheme)
        back, remarks = parts(form.read(folder / "x.conll", scheme))
    assert all(remark.left_out for remark in remarks)  # nothing of ours needs repair
    assert len(back) + len(remarks) == len(articles) == report.articles
    assert sum(len(list(one.annotations.spans())) for one in back) == report.spans
    assert ["".join(one.article.text.split()) for one in back] == [
        "".join(one.article.text.split()) for one in articles if one.article.text.strip()
    ]


@pytest.mark.parametrize(
    ("form", "row"),
    [
        (ConllFormat(), "Anna\tB-PERSON\nHolm\tI-PERSON\nof\tO\nNew\tB-GPE\nOslo\tI-GPE\nmet\tO"),
        (Conll2003Format(), "Anna _ _ B-PERSON\nHolm _ _ I-PERSON\nof _ _ O\nNew _ _ B-GPE\nOslo _ _ I-GPE\nmet _ _ O"),
        (ConllBilouFormat(), "Anna\tB-PERSON\nHolm\tL-PERSON\nof\tO\nNew\tB-GPE\nOslo\tL-GPE\nmet\tO"),
    ],
)
def test_the_columns_are_those_that_others_write(tmp_path: Path, form: ConllFormat, row: str) -> None:
    given_ = one_article(
        TEXT, ("PERSON", "Anna Holm"), ("GPE", "New\N{NO-BREAK SPACE}Oslo"), ("GPE", "Oslo"), ("CONSULT", "met")
    )
    report = form.write([given_], tmp_path, "x", SCHEME)
    written = (tmp_path / "x.conll").read_text(encoding="utf-8")
    assert written.startswith(form.head + "\n\n" + row)
    assert [block.split()[0] for block in written.split("\n\n") if block] == ["-DOCSTART-", "Anna", "שלום", "Bern"]
    assert report.spans == 2
    assert any("entities, being inside or across longer spans: GPE 'Oslo'" in one for one in report.problems)
    assert "spans of the layer events (1)" in report.problems[0]
    [back], _ = parts(form.read(tmp_path / "x.conll", SCHEME))
    assert [span.text for _, span in back.annotations.spans()] == ["Anna Holm", "New Oslo"]


@pytest.mark.parametrize("form", [ConllFormat(), Conll2003Format(), ConllBilouFormat()])
def test_a_word_that_begins_an_article_is_written_as_two_tokens(tmp_path: Path, form: ConllFormat) -> None:
    lines = ("-DOCSTART- -X- O O", "Oslo -DOCSTART- O", "# a comment", "# B-GPE", "#\tO", "-DOCSTART-")
    articles = [one_article("\n".join(lines), ("GPE", "Oslo"), ("ORG", "-DOCSTART- O")), one_article("Bern waits.")]
    report = form.write(articles, tmp_path, "x", SCHEME)
    back, remarks = parts(form.read(tmp_path / "x.conll", SCHEME))
    assert ["".join(one.article.text.split()) for one in back] == [
        "".join(one.article.text.split()) for one in articles
    ]
    assert [span.text for _, span in back[0].annotations.spans()] == ["Oslo", "-DOCSTART - O"]
    assert remarks == []
    assert "tokens -DOCSTART-, which begin an article, are written as two (3)" in report.problems
    starts = [one for one in (tmp_path / "x.conll").read_text("utf-8").splitlines() if one.startswith("-DOCSTART-")]
    assert starts == [form.head, form.head]


def test_another_layer_can_be_named(tmp_path: Path) -> None:
    given_ = one_article(TEXT, ("CONSULT", "met"), ("GPE", "Haifa"))
    form = formats.with_layers(ConllFormat(), ["tags=events"])
    form.write([given_], tmp_path, "x", SCHEME)
    [back], _ = parts(form.read(tmp_path / "x.conll", SCHEME))
    assert [(span.label, span.text) for _, span in back.annotations.spans()] == [("CONSULT", "met")]
    with pytest.raises(FormatError, match="'places', which the scheme lacks"):
        list(formats.with_layers(ConllFormat(), ["tags=places"]).read(tmp_path / "x.conll", SCHEME))
    with pytest.raises(FormatError, match="no group 'sc'"):
        formats.with_layers(ConllFormat(), ["sc=events"])
    with pytest.raises(DocumentError, match="'CONSULT' is of the layer events, not entities"):
        list(ConllFormat("entities").read(tmp_path / "x.conll", SCHEME))


@pytest.mark.parametrize(
    ("tags", "spans", "repaired"),
    [
        ("O I-GPE I-GPE O", ["b c"], 1),
        ("B-GPE I-ORG O O", ["a", "b"], 1),
        ("B-GPE B-GPE I-GPE O", ["a", "b c"], 0),
        ("U-GPE B-GPE I-GPE L-GPE", ["a", "b c d"], 0),
        ("B-GPE O U-GPE L-GPE", ["a", "c", "d"], 2),
        ("S-GPE B-GPE E-GPE O", ["a", "b c"], 0),
    ],
)
def test_malformed_tags_are_repaired_and_counted(tmp_path: Path, tags: str, spans: list[str], repaired: int) -> None:
    rows = "".join(f"{token}\t{tag}\n" for token, tag in zip("abcd", tags.split(), strict=True))
    (tmp_path / "x.conll").write_text(rows, encoding="utf-8")
    [one], remarks = parts(ConllFormat().read(tmp_path / "x.conll", SCHEME))
    assert [span.text for _, span in sorted(one.annotations.spans(), key=lambda pair: pair[1].start)] == spans
    assert [str(remark).split(": ")[1].split()[0] for remark in remarks] == ([str(repaired)] if repaired else [])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"Oslo\tB-GPE\nmet\n", "line 2: 'met' is a single column"),
        (b"Oslo\tB-CITY\n", "line 1: label 'CITY' is not in the label scheme"),
        (b"Oslo\tGPE\n", "line 1: 'GPE' is no tag"),
        (b"Oslo\tX-GPE\n", "line 1: 'X-GPE' is no tag"),
        (b"a\tO\n\xff\tO\n", "line 2: no UTF-8 at byte 1"),
        (b"PK\x03\x04", "is packed with zip"),
    ],
)
def test_bad_files_are_named_with_their_line(tmp_path: Path, body: bytes, message: str) -> None:
    path = tmp_path / "x.conll"
    path.write_bytes(body)
    with pytest.raises(DocumentError) as caught:
        list(ConllFormat().read(path, SCHEME))
    assert message in caught.value.message
    assert str(path) in caught.value.message


@given(body=st.binary(max_size=60) | st.text(alphabet="BIO-GPE \t\n#x\r", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.conll"
        path.write_bytes(body)
        assert refusal(ConllFormat(), path).startswith(str(path))


def test_crossner_is_read_whole() -> None:
    if not CROSSNER.exists():
        pytest.skip("the CrossNER corpus is not beside the checkout")
    for name in ("train.txt", "dev.txt"):
        rows = [line.split("\t") for line in (CROSSNER / name).read_text(encoding="utf-8").splitlines() if line.strip()]
        tags = Counter(tag for _, tag in rows)
        scheme = one_layer(sorted({tag[2:] for tag in tags if tag != "O"}))
        [one], remarks = parts(ConllFormat().read(CROSSNER / name, scheme))
        assert not remarks
        assert Counter(f"B-{span.label}" for _, span in one.annotations.spans()) == {
            tag: number for tag, number in tags.items() if tag.startswith("B-")
        }
        assert one.article.text.split() == [token for token, _ in rows]


def test_a_number_sign_is_a_token_where_it_has_a_tag(tmp_path: Path) -> None:
    path = tmp_path / "x.conll"
    path.write_text("# a comment\n# NN I-NP O\n5 CD I-NP O\n# NN I-NP B-GPE\n", "utf-8")
    [one], remarks = parts(ConllFormat().read(path, SCHEME))
    assert one.article.text == "# 5 #"
    assert [span.text for _, span in one.annotations.spans()] == ["#"]
    assert not remarks
