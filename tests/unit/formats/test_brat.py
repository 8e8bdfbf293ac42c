import tempfile
from pathlib import Path

import pytest
from annotation_sets import SCHEME
from format_cases import content, files, one_article
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.annotations import AnnotatedArticle
from workbench.core.ports import Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError
from workbench.formats.brat import BratFormat

TEXT = "Anna Holm of\r\nOslo met 🙂 Bern’s envoy, e\N{COMBINING ACUTE ACCENT}lan\N{NO-BREAK SPACE}here. שלום Haifa."


def read(path: Path) -> tuple[list[AnnotatedArticle], list[Remark]]:
    found = list(BratFormat().read(path, SCHEME))
    return [one for one in found if isinstance(one, AnnotatedArticle)], [
        one for one in found if isinstance(one, Remark)
    ]


def brat(folder: Path, *lines: str, text: str = TEXT) -> Path:
    (folder / "x.txt").write_bytes(text.encode())
    (folder / "x.ann").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


@given(given_=files())
@settings(max_examples=60)
def test_spans_roles_attributes_and_names_come_back(given_: tuple[LabelScheme, list[AnnotatedArticle]]) -> None:
    scheme, articles = given_
    with tempfile.TemporaryDirectory() as folder:
        report = BratFormat().write(articles, Path(folder), "part", scheme)
        back = [one for one in BratFormat().read(Path(folder) / "part", scheme) if isinstance(one, AnnotatedArticle)]
    assert report.articles == len(articles)

    def key(one: AnnotatedArticle) -> object:
        return content(one, of=lambda span: (span.norm, sorted(span.attributes.items())))

    assert sorted(map(key, back)) == sorted(map(key, articles))
    assert {one.article.id for one in back} == {one.article.id for one in articles}


def test_a_file_of_ours_is_what_brat_expects(tmp_path: Path) -> None:
    given_ = one_article(
        TEXT,
        ("GPE", "Oslo"),
        ("GPE", "Haifa"),
        ("CONSULT", "met"),
        ("PERSON", "Holm of\r\nOslo"),
        roles=((2, "actor", 0), (2, "recipient", 1), (2, "recipient", 3)),
    )
    report = BratFormat().write([given_], tmp_path, "train", SCHEME)
    name = given_.article.id
    assert (tmp_path / "train" / f"{name}.txt").read_bytes() == TEXT.encode()
    lines = (tmp_path / "train" / f"{name}.ann").read_text(encoding="utf-8").splitlines()
    haifa = TEXT.index("Haifa")
    assert lines == [
        "T1\tPERSON 5 12;14 18\tHolm of Oslo",
        "T2\tGPE 14 18\tOslo",
        f"T3\tGPE {haifa} {haifa + 5}\tHaifa",
        "T4\tCONSULT 19 22\tmet",
        "E1\tCONSULT:T4 actor:T2 recipient:T3 recipient2:T1",
    ]
    assert "sources of articles (1)" in report.problems[0]
    conf = (tmp_path / "train" / "annotation.conf").read_text(encoding="utf-8")
    assert "CONSULT\tactor*:PERSON|" in conf
    assert "modality\tArg:AGREE|" in conf


def test_what_brat_has_and_spans_have_not_is_refused_one_by_one(tmp_path: Path) -> None:
    folder = brat(
        tmp_path,
        "T1\tPERSON 0 4;14 18\tAnna Oslo",
        "T2\tGPE 14 18\tOslo",
        "T3\tCONSULT 19 22\tmet",
        "E1\tCONSULT:T3 actor:T1",
        "R1\trecipient Arg1:E1 Arg2:T2",
        "A1\tmodality E1 negated",
        "A2\tUncertain E1",
        "N1\tReference T2 Wikidata:Q585\tOslo, Norway",
        "#1\tAnnotatorNotes E1\tnot sure",
        "*\tEquiv T1 T2",
    )
    [one], remarks = read(folder)
    assert [str(remark).split("x.ann, ")[1] for remark in remarks] == [
        "line 10: an equivalence (*) has no place in a span, and was left out",
        "line 1: T1 (PERSON 0 4;14 18) is discontiguous, and was refused",
        "line 4: loses what points to T1, which was refused",
        "line 7: Uncertain has no value, which an attribute of ours has, and was left out",
        "line 9: a note was left out: 'not sure'",
    ]
    [oslo], [met] = one.annotations.layers["entities"], one.annotations.layers["events"]
    assert (oslo.text, oslo.norm) == ("Oslo", "Oslo, Norway")
    assert met.attributes == {"modality": "negated"}
    assert [(argument.role, argument.target) for argument in met.arguments] == [("recipient", oslo.id)]


def test_an_event_goes_with_its_trigger_and_two_can_share_one(tmp_path: Path) -> None:
    folder = brat(
        tmp_path, "T1\tCONSULT 0 4;14 18\tAnna Oslo", "E1\tCONSULT:T1", "T2\tAID 19 22", "E2\tAID:T2", "E3\tAID:T2"
    )
    [one], remarks = read(folder)
    assert [(span.label, span.text) for _, span in one.annotations.spans()] == [("AID", "met")] * 2
    assert len(remarks) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("T1\tPLACE 14 18\tOslo", "line 1: label 'PLACE' is not in the label scheme; known: PERSON"),
        ("T1\tGPE 14 x\tOslo", "line 1: '14 x' is not START END"),
        ("T1\tGPE 14 18\tBern", "line 1: 'GPE' says 'Bern', the text has 'Oslo' at 14-18"),
        ("T1\tGPE 14 999\tOslo", "line 1: 'GPE' from 14 to 999 is not within the text"),
        ("T1\tGPE 18 14\tOslo", "line 1: 'GPE' from 18 to 14 is not within"),
        ("T1 GPE 14 18 Oslo", "line 1: no line of brat standoff"),
        ("E1\tCONSULT:T9", "line 1: event E1 has the trigger T9, which is not there"),
        ("E1\tCONSULT", "line 1: event E1 is not TYPE:TRIGGER"),
        ("R1\tactor Arg1:T1", "line 1: relation R1 is not TYPE Arg1:ID Arg2:ID"),
        ("R1\tlikes Arg1:T1 Arg2:T2", "line 1: role 'likes' is not in the label scheme"),
        ("A1\tmodality T9 negated", "line 1: 'T9' is not in the file"),
        ("A1\tmood T9 bad", "line 1: attribute 'mood' is not in the label scheme"),
        ("N1\tReference T1", "line 1: N1 is not Reference"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(brat(tmp_path, line))
    assert str(tmp_path / "x.ann") in caught.value.message
    assert message in caught.value.message


def test_texts_without_annotations_packed_files_and_lonely_ones(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Oslo.")
    assert [remark.left_out for remark in read(tmp_path)[1]] == [True]
    (tmp_path / "a.ann").write_text("")
    assert read(tmp_path)[0][0].annotations.is_empty
    (tmp_path / "a.ann").write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(DocumentError, match=r"a\.ann is packed with gzip"):
        read(tmp_path)
    (tmp_path / "a.ann").write_bytes(b"\nT1\tGPE\xff 0 4\n")
    with pytest.raises(DocumentError, match=r"a\.ann, line 2: no UTF-8 at byte 7"):
        read(tmp_path)
    (tmp_path / "a.txt").unlink()
    with pytest.raises(DocumentError, match=r"has no \.txt file beside it"):
        read(tmp_path)


def test_names_from_data_stay_inside_the_folder(tmp_path: Path) -> None:
    one = one_article("Oslo.", ("GPE", "Oslo"))
    evil = [
        one.model_copy(update={"article": one.article.model_copy(update={"id": name})})
        for name in ("../x", "..", "/x", "_/x")
    ]
    (tmp_path / "out").mkdir()
    BratFormat().write(evil, tmp_path / "out", "train", SCHEME)
    assert len(list((tmp_path / "out" / "train").glob("*.ann"))) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


PIECES = [
    "T1",
    "T2",
    "E1",
    "R1",
    "A1",
    "N1",
    "#1",
    "*",
    "\t",
    "\t",
    " ",
    "\n",
    "GPE",
    "CONSULT",
    "actor",
    ":",
    "0 4",
    ";",
    "T",
    "é",
    "\r",
]


@given(
    body=st.binary(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=30).map(lambda one: "".join(one).encode())
)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.txt").write_bytes(TEXT.encode())
        (Path(folder) / "x.ann").write_bytes(body)
        try:
            said = [str(one) for one in read(Path(folder))[1]]
        except DocumentError as error:
            said = [error.message]
    assert all(str(Path(folder) / "x.ann") in one for one in said)


def test_a_role_that_is_said_twice_is_taken_once_and_told(tmp_path: Path) -> None:
    folder = brat(tmp_path, "T1\tGPE 14 18\tOslo", "T2\tCONSULT 19 22\tmet", "E1\tCONSULT:T2 actor:T1 actor2:T1")
    [one], [remark] = read(folder)
    assert [argument.role for argument in one.annotations.layers["events"][0].arguments] == ["actor"]
    assert "CONSULT 'met' has 1 role twice: taken once" in remark.message
