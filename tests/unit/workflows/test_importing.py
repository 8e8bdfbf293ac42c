import json
from collections.abc import Callable
from pathlib import Path

import pytest
from annotation_sets import SCHEME

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer, Span
from workbench.core.article import Article, Cut, article_id, sha256
from workbench.core.ports import Format, Remark, Silent
from workbench.core.stand_off import to_stand_off
from workbench.errors import DocumentError, FormatError
from workbench.formats import choose, registry, with_texts
from workbench.formats.brat import BratFormat
from workbench.formats.docbin import DocBinFormat
from workbench.formats.jsonl import JsonLinesFormat
from workbench.labelstudio.task_files import LabelStudioFormat
from workbench.store import Store, annotations, articles, revisions
from workbench.workflows.converting import convert
from workbench.workflows.documents import Given, format_to_read, format_to_write
from workbench.workflows.importing import ImportReport, import_file, raw_of
from workbench.workflows.known_texts import KnownTexts

DATA = Path(__file__).parents[2] / "data"
TEXT = "Oslo praised Bern.\r\n“Yes”, \u00a0 said 👩‍🚀 שלום."

OTHER_STORY = "Lima banned banana exports through Quito on Monday after customs officers found cocaine in two trucks."


def document(text: str = TEXT, label: str = "GPE", **article: object) -> AnnotatedArticle:
    made = Article.from_text(text, source="f.txt").model_copy(update=article)
    found = AnnotationSet(
        producer=Producer(kind="rules", name="r", version="1"),
        scheme_digest="another",
        layers={**SCHEME.empty_layers(), "entities": (Span(id="a", label=label, start=0, end=4, text=text[:4]),)},
    )
    return AnnotatedArticle(article=made, annotations=found)


def write(path: Path, *given: AnnotatedArticle) -> Path:
    path.write_text("".join(documents.to_json(one) + "\n" for one in given), encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")


def take(store: Store, path: Path, annotator: str | None = "ann", *, form: Format | None = None) -> ImportReport:
    return import_file(store, path, form or JsonLinesFormat(), annotator, SCHEME, Silent())


def test_an_imported_set_is_a_persons_submitted_work(store: Store, tmp_path: Path) -> None:
    one = document()
    report = take(store, write(tmp_path / "in.jsonl", one))
    assert (report.articles, report.added, report.taken, report.restamped, report.refused) == (1, 1, 1, 1, ())
    with store.transaction() as session:
        there = articles.get(session, one.article.id)
        assert there.model_copy(update={"story_group": None}) == one.article
        [revision] = revisions.current(session)
        kept = annotations.get_set(session, revision.set_id).annotations
    assert (revision.annotator, revision.origin, revision.state) == ("ann", "import:in.jsonl", "submitted")
    assert one.article.id in revision.external_id
    assert kept.producer == Producer(kind="person", name="ann")
    assert kept.scheme_digest == SCHEME.digest
    origin = kept.layers["entities"][0].origin
    assert origin is not None
    assert origin.producer == one.annotations.producer


def test_importing_twice_is_once_and_a_changed_file_is_a_revision(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    take(store, write(path, document()))
    again = take(store, path)
    assert (again.added, again.taken, again.known) == (0, 0, 1)
    assert take(store, write(path, document(label="LOC"))).taken == 1
    assert take(store, write(path, document())).taken == 1
    take(store, path, annotator="bob")
    with store.transaction() as session:
        assert len(revisions.find(session)) == 4
        assert [r.annotator for r in revisions.current(session)] == ["ann", "bob"]


def test_a_known_article_with_another_text_is_refused_by_name_and_the_rest_is_taken(
    store: Store, tmp_path: Path
) -> None:
    one = document()
    take(store, write(tmp_path / "in.jsonl", one))
    with store.transaction() as session:
        articles.add_version(session, document("Oslo corrected.").article.model_copy(update={"id": one.article.id}))
    other = document("Bern, on another day.", id=one.article.id)
    report = take(store, write(tmp_path / "two.jsonl", document("Rome is new.")))
    assert report.added == 1
    report = take(store, write(tmp_path / "three.jsonl", other, document("Lima is new.")))
    assert report.added == 1
    [refused] = report.refused
    assert refused.where == f"{tmp_path / 'three.jsonl'}, line 1, {one.article.id} (Bern, on another day.)"
    assert "another text" in refused.message
    take(store, write(tmp_path / "four.jsonl", one))
    with store.transaction() as session:
        assert revisions.current(session)[-1].article_version == 1


def test_a_malformed_line_is_refused_and_the_others_are_taken(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", document())
    good = path.read_bytes()
    path.write_bytes(b"{}\n" + b"\xff\n" + good + good + b"[" * 100_000 + b"\n" + good[:-9])
    report = take(store, path)
    assert (report.articles, report.added, report.taken) == (1, 1, 1)
    assert [one.where.removeprefix(f"{path}, ").split(",")[0] for one in report.refused] == [
        "line 1",
        "line 2",
        "line 5",
        "line 6",
        "line 4",
    ]
    assert "schema is None" in report.refused[0].message
    assert "no UTF-8 at byte 1" in report.refused[1].message
    assert "twice" in report.refused[4].message
    failure = report.failure()
    assert failure is not None
    assert failure.exit_code == 4
    assert "5 documents were refused" in failure.message
    assert "line 1: schema is None" in str(report)
    path.write_bytes(b"{}\n" + b"\xff\n")
    with pytest.raises(DocumentError, match=r"in\.jsonl, line 1: schema is None.* \(and 1 more document"):
        take(store, path)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("brat", ".txt"), ("webanno", ".tsv"), ("xmi", ".xmi"), ("huggingface", ".parquet"), ("spacy", ".spacy")],
)
@pytest.mark.parametrize("fault", ["damaged", "gone"])
def test_a_broken_file_of_a_folder_is_refused_alone(
    store: Store, tmp_path: Path, name: str, suffix: str, fault: str
) -> None:
    form, folder = choose(registry(), name), tmp_path / "in"
    folder.mkdir()
    for number, text in enumerate(("Oslo praised Bern.", OTHER_STORY, "Minsk waits.")):
        form.write([by("ann", text)], folder, str(number), SCHEME)
    broken = next(one for one in sorted(folder.rglob(f"*{suffix}")) if one.name[0] == "1" or one.parent.name == "1")
    if fault == "damaged":
        broken.write_bytes(b"\xff\xfe")
    else:
        broken.unlink()
        broken.symlink_to("nowhere")
    report = take(store, folder, form=form)
    assert (report.articles, report.taken, len(report.refused)) == (2, 2, 1)
    assert str(broken.with_suffix("")) in f"{report.refused[0].where}: {report.refused[0].message}"


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (None, "check its name and its folder"),
        ("", "name a file in it"),
        (b"\xff\n", "iconv"),
        (b"[\n", "a JSON object a line"),
        (b'{"schema": "workbench/annotated-article/1"}\n', "see schemas/annotated-article"),
    ],
)
def test_an_import_that_takes_nothing_says_what_to_do(
    store: Store, tmp_path: Path, content: bytes | str | None, hint: str
) -> None:
    path = tmp_path / "in.jsonl"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        path.mkdir()
    with pytest.raises(DocumentError) as caught:
        take(store, path)
    assert hint in caught.value.hint
    given = Given(refused=[Remark(where="x", message="is wrong", refused=True)])
    with pytest.raises(DocumentError, match="x: is wrong") as caught:
        given.raise_for(path)
    assert caught.value.hint == "mend it, or take it out of what is read"


def test_notes_without_a_text_are_refused_alone(store: Store, tmp_path: Path) -> None:
    form = BratFormat()
    form.write([by("ann", "Oslo praised Bern."), by("ann", OTHER_STORY)], tmp_path, "in", SCHEME)
    gone = min((tmp_path / "in").glob("*.txt"))
    gone.unlink()
    report = take(store, tmp_path / "in", form=form)
    assert (report.articles, report.taken) == (1, 1)
    assert [one.where for one in report.refused] == [str(gone.with_suffix(".ann"))]
    with pytest.raises(DocumentError, match=r"has no \.txt file beside it") as caught:
        take(store, gone.with_suffix(".ann"), form=form)
    assert gone.name in caught.value.hint


def test_a_file_that_breaks_off_is_taken_up_to_there(store: Store, tmp_path: Path) -> None:
    export = (DATA / "label-studio" / "export.json").read_text(encoding="utf-8")
    path = tmp_path / "cut.json"
    path.write_text(export[: export.index('"Two people')], encoding="utf-8")
    report = take(store, path, annotator=None, form=LabelStudioFormat())
    assert (report.articles, report.added, report.annotators) == (2, 2, ("user 1",))
    assert [one.message.split(" at ")[0] for one in report.refused] == ["no JSON: Expecting value"]
    assert len(report.left_out) == 4


def by(name: str, text: str = TEXT, kind: str = "person") -> AnnotatedArticle:
    one = document(text)
    producer = Producer.model_validate({"kind": kind, "name": name, "version": "1"})
    return one.model_copy(update={"annotations": one.annotations.model_copy(update={"producer": producer})})


def test_the_person_whom_the_file_names_is_the_annotator(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", by("ann"), by("bob"), by("eve", "Oslo again.", kind="adjudicated"))
    report = take(store, path, annotator=None)
    assert (report.articles, report.taken, report.annotators) == (2, 3, ("ann", "bob", "eve"))
    assert "they count as the work of ann, bob, eve, whom the file names" in str(report)
    with store.transaction() as session:
        assert sorted(r.annotator for r in revisions.current(session)) == ["ann", "bob", "eve"]
    assert ["twice" in one.message for one in take(store, path, annotator="zoe").refused] == [True]
    again = take(store, write(path, by("ann"), by("ann")), annotator=None)
    assert (again.known, len(again.refused)) == (1, 1)


@pytest.mark.parametrize(("name", "kind", "said"), [("r", "rules", "made by a program, r 1"), ("", "person", "nobody")])
def test_a_file_that_names_no_person_needs_one_named(
    store: Store, tmp_path: Path, name: str, kind: str, said: str
) -> None:
    path = write(tmp_path / "in.jsonl", by("ann", "Oslo alone."), by(name, kind=kind))
    [refused] = take(store, path, annotator=None).refused
    assert said in refused.message
    with pytest.raises(DocumentError, match=said) as caught:
        take(store, write(path, by(name, kind=kind)), annotator=None)
    assert "--annotator" in caught.value.hint
    with store.transaction() as session:
        assert articles.count(session) == 1
    assert take(store, path).annotators == ("ann",)


def without_annotation(text: str) -> str:
    body = json.loads(documents.to_json(document(text)))
    del body["annotations"]
    return json.dumps(body) + "\n"


def test_a_document_without_annotation_brings_none_and_is_named(store: Store, tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", document())
    path.write_text(without_annotation("Oslo slept.") + path.read_text(encoding="utf-8"), encoding="utf-8")
    report = take(store, path)
    assert (report.articles, report.added, report.taken) == (1, 1, 1)
    assert [one.where for one in report.left_out] == [f"{path}, line 1"]
    assert report.unmarked == ("events", "stances")
    converted = convert(path, tmp_path / "out.jsonl", JsonLinesFormat(), JsonLinesFormat(), SCHEME)
    assert (converted.written.articles, len(converted.left_out)) == (1, 1)
    path.write_text(without_annotation("Oslo slept.") + without_annotation("Oslo woke."), encoding="utf-8")
    with pytest.raises(DocumentError, match=r"nothing in .* is annotated: .* the first of 2 documents"):
        take(store, path)
    with pytest.raises(DocumentError, match=r"nothing in .* is annotated"):
        convert(path, tmp_path / "none.jsonl", JsonLinesFormat(), JsonLinesFormat(), SCHEME)
    assert not (tmp_path / "none.jsonl").exists()


def test_an_imported_span_has_no_white_space_at_its_edges(store: Store, tmp_path: Path) -> None:
    one = document(" Oslo slept.")
    report = take(store, write(tmp_path / "in.jsonl", one))
    assert [one.message for one in report.remarks] == ["entities GPE ' Osl' is taken as 'Osl'"]
    with store.transaction() as session:
        [revision] = revisions.current(session)
        [(_, span)] = annotations.get_set(session, revision.set_id).annotations.spans()
    assert (span.start, span.end, span.text) == (1, 4, "Osl")


def test_the_raw_text_is_put_together_again_from_text_and_cuts(store: Store, tmp_path: Path) -> None:
    raw = "Sign up!\nOslo praised Bern. Share this.\nEnd.[ad]"
    cuts = tuple(
        Cut(start=s, end=s + len(t), reason="box", text=t)
        for s, t in ((0, "Sign up!\n"), (28, "Share this.\n"), (44, "[ad]"))
    )
    text = "Oslo praised Bern. End."
    update = {"raw_sha256": sha256(raw), "cuts": cuts, "id": "a-1"}
    one = document(text, **update)
    assert raw_of(one.article) == raw
    assert raw_of(one.article.model_copy(update={"cuts": ()})) is None
    assert take(store, write(tmp_path / "in.jsonl", one)).without_raw == 0
    with store.transaction() as session:
        assert articles.raw(session, "a-1")[0] == raw


def test_imported_articles_on_one_story_are_grouped(store: Store, tmp_path: Path) -> None:
    story = (
        "Oslo and Bern signed a ferry treaty in Reykjavik on Friday, ending a dispute over harbour fees that had kept "
        "ships of both countries at anchor since March, the Norwegian transport minister, Anna Holm, told reporters."
    )
    path = write(tmp_path / "in.jsonl", document(f"{story} One."), document(f"{story} Two."), document(OTHER_STORY))
    take(store, path)
    with store.transaction() as session:
        assert sorted(len(members) for members in articles.story_groups(session).values()) == [1, 2]


def test_formats_are_converted_into_one_another_exactly(tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", document(), document("Rome. U.S.-Russia talks."))
    convert(path, tmp_path / "out.spacy", JsonLinesFormat(), DocBinFormat(), SCHEME)
    convert(tmp_path / "out.spacy", tmp_path / "new" / "back.jsonl", DocBinFormat(), JsonLinesFormat(), SCHEME)
    assert (tmp_path / "new" / "back.jsonl").read_bytes() == path.read_bytes()
    path.write_text("{}\n")
    with pytest.raises(DocumentError):
        convert(path, tmp_path / "out.spacy", JsonLinesFormat(), DocBinFormat(), SCHEME)
    assert {p.name for p in tmp_path.iterdir()} == {"in.jsonl", "out.spacy", "new"}


def test_a_format_is_told_from_the_files_name() -> None:
    assert format_to_read(Path("x.spacy"), None).name == "spacy"
    assert format_to_read(Path("x.txt"), "jsonl").name == "jsonl"
    with pytest.raises(FormatError, match="cannot be told") as caught:
        format_to_read(Path("x.txt"), None)
    assert caught.value.hint.startswith("name it with `--format NAME`: argilla, brat, conll, ")
    assert "conllu" not in caught.value.hint
    with pytest.raises(FormatError, match="cannot be told") as caught:
        format_to_write(Path("x.txt"), None)
    assert caught.value.hint.startswith("name it with `--to NAME`: brat, ")
    with pytest.raises(FormatError, match="no format is named"):
        format_to_read(Path("x.spacy"), "")


def test_the_format_of_an_export_is_told_from_its_folder(tmp_path: Path) -> None:
    for name, file in (("prodigy", "train.jsonl"), ("webanno", "train/a.tsv"), ("gliner2", "train.jsonl")):
        path = tmp_path / "first" / name / file
        path.parent.mkdir(parents=True)
        path.write_text("{}")
        (tmp_path / "first" / name / "own.jsonl").write_text("")
        (tmp_path / "first" / name / "manifest.json").write_text("{}")
        (tmp_path / "first" / name / "SHA256SUMS").write_text(f"00  manifest.json\n00  {file}\n")
    first = tmp_path / "first"
    assert format_to_read(first / "prodigy" / "train.jsonl", None).name == "prodigy"
    assert format_to_read(first / "prodigy", None).name == "prodigy"
    assert format_to_read(first / "webanno" / "train", None).name == "webanno"
    assert format_to_read(first / "gliner2" / "train.jsonl", None).name == "gliner2"
    assert format_to_read(first / "prodigy" / "train.jsonl", "jsonl").name == "jsonl"
    assert format_to_read(first / "prodigy" / "own.jsonl", None).name == "jsonl"
    with pytest.raises(FormatError, match="cannot be told"):
        format_to_read(first, None)
    (first / "prodigy" / "manifest.json").unlink()
    assert format_to_read(first / "prodigy" / "train.jsonl", None).name == "jsonl"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\r\n", "\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\r\n", "\r"),
        lambda text: "\ufeff" + text.replace("\r\n", "\n"),
    ],
)
def test_the_same_text_in_another_encoding_is_the_same_article(
    store: Store, tmp_path: Path, change: Callable[[str], str]
) -> None:
    there = document()
    take(store, write(tmp_path / "in.jsonl", there))
    text = change(TEXT)
    words = ("Oslo", "Bern.", "said 👩‍🚀 שלום.", text[text.index("Bern") : text.index("”")])
    spans = tuple(
        Span(id=f"s{n}", label="GPE", start=text.index(one), end=text.index(one) + len(one), text=one)
        for n, one in enumerate(words)
    )
    other = by("bob", text)
    layers = {**SCHEME.empty_layers(), "entities": spans}
    other = other.model_copy(update={"annotations": other.annotations.model_copy(update={"layers": layers})})
    report = take(store, write(tmp_path / "other.jsonl", other), annotator=None)
    assert (report.added, report.taken, report.carried, report.refused) == (0, 1, 1, ())
    assert take(store, tmp_path / "other.jsonl", annotator=None).known == 1
    with store.transaction() as session:
        assert articles.count(session) == 1
        [revision] = [one for one in revisions.current(session) if one.annotator == "bob"]
        kept = annotations.get_set(session, revision.set_id).annotations
    assert (revision.article_id, revision.article_version) == (there.article.id, 1)
    assert {span.text for span in kept.layers["entities"]} == {*words[:3], TEXT[TEXT.index("Bern") : TEXT.index("”")]}


def test_annotations_of_a_raw_text_find_their_place_in_the_cleaned_one(store: Store, tmp_path: Path) -> None:
    raw = "Sign up!\nOslo praised Bern. Share this.\nEnd."
    cuts = tuple(
        Cut(start=s, end=s + len(t), reason="box", text=t) for s, t in ((0, "Sign up!\n"), (28, "Share this.\n"))
    )
    cleaned = document("Oslo praised Bern. End.", raw_sha256=sha256(raw), cuts=cuts, id=article_id(raw))
    take(store, write(tmp_path / "in.jsonl", cleaned))
    start = raw.index("Bern")
    span = Span(id="a", label="GPE", start=start, end=start + 4, text="Bern")
    whole = by("bob", raw)
    found = whole.annotations.model_copy(update={"layers": {**SCHEME.empty_layers(), "entities": (span,)}})
    report = take(store, write(tmp_path / "raw.jsonl", whole.model_copy(update={"annotations": found})), annotator=None)
    assert (report.added, report.carried) == (0, 1)
    with store.transaction() as session:
        [revision] = [one for one in revisions.current(session) if one.annotator == "bob"]
        [(_, kept)] = annotations.get_set(session, revision.set_id).annotations.spans()
    assert (kept.start, kept.text) == (13, "Bern")
    with pytest.raises(DocumentError, match="cleaning cut what it marks as GPE"):
        take(store, write(tmp_path / "cut.jsonl", by("eve", raw)), annotator=None)


def test_annotations_without_texts_get_them_back_and_are_verified(store: Store, tmp_path: Path) -> None:
    one = by("ann")
    path = tmp_path / "gold.jsonl"
    path.write_text(to_stand_off(one) + "\n" + to_stand_off(by("ann", "Lima is not given.")) + "\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="line 1: holds no text, but hashes and offsets") as caught:
        take(store, path, annotator=None)
    assert "--texts" in caught.value.hint
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "a.txt").write_bytes(TEXT.encode())
    (texts / "b.txt").write_text("Lima is not given!", encoding="utf-8")
    with KnownTexts([texts], Silent()) as known:
        report = take(store, path, annotator=None, form=with_texts(JsonLinesFormat(), known.find))
    assert (report.added, report.taken, len(report.refused)) == (1, 1, 1)
    assert "line 2" in report.refused[0].where
    assert "is not among those given: none has the SHA-256" in report.refused[0].message
    with store.transaction() as session:
        assert articles.get(session, one.article.id).text == TEXT
        [revision] = revisions.current(session)
        [(_, span)] = annotations.get_set(session, revision.set_id).annotations.spans()
    assert span.text == "Oslo"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("markup.txt", "Kyiv <b>&amp; tags</b> rejected it.\n"),
        ("page.html", "<html><body><p>Oslo praised Bern on Monday.</p></body></html>"),
        ("rows.txt", '{"text": "Oslo praised Bern."}\n{"text": "Bern praised Oslo."}\n'),
        ("mark.txt", "\ufeffOslo praised Bern.\r\n"),
        ("story.md", "Oslo praised Bern."),
        ("data.txt", "[1, 2]"),
    ],
)
def test_a_text_that_was_annotated_as_its_file_stands_is_put_back(
    store: Store, tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(to_stand_off(by("ann", text)) + "\n", encoding="utf-8")
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / name).write_bytes(text.encode())
    for given in (texts, texts / name):
        with KnownTexts([given], Silent()) as known:
            report = take(store, path, annotator=None, form=with_texts(JsonLinesFormat(), known.find))
        assert (report.articles, report.refused, known.refused) == (1, (), [])
    with store.transaction() as session:
        assert articles.get(session, Article.from_text(text).id).text == text


def test_a_text_with_markup_is_put_back_from_a_row(store: Store, tmp_path: Path) -> None:
    text = "Kyiv <b>&amp; tags</b> rejected it."
    path = tmp_path / "gold.jsonl"
    path.write_text(to_stand_off(by("ann", text)) + "\n", encoding="utf-8")
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        json.dumps({"title": "Half", "text": "\ud800"}) + "\n" + json.dumps({"title": "Kyiv", "text": text})
    )
    with KnownTexts([rows], Silent()) as known:
        assert take(store, path, annotator=None, form=with_texts(JsonLinesFormat(), known.find)).refused == ()
    assert [one.where for one in known.refused] == [f"line 1 of {rows}"]
    with store.transaction() as session:
        assert articles.get(session, Article.from_text(text).id).title == "Kyiv"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("text", "Oslo \ud800.", "half a character"),
        ("text", "Oslo \0.", "a NUL"),
        ("source", "a\0b", "NUL"),
        ("norm", "\ud800", "half a character"),
        ("norm", "\0", "a NUL"),
    ],
)
def test_what_no_database_keeps_is_refused_alone(
    store: Store, tmp_path: Path, field: str, value: str, message: str
) -> None:
    one = document(value) if field == "text" else document()
    raw = json.loads(documents.to_json(one))
    if field == "source":
        raw["article"]["source"] = value
    elif field == "norm":
        raw["annotations"]["layers"]["entities"][0]["norm"] = value
    path = write(tmp_path / "in.jsonl", document("Oslo is fine."))
    path.write_text(path.read_text(encoding="utf-8") + json.dumps(raw) + "\n", encoding="utf-8")
    report = take(store, path)
    assert report.added == 1
    [refused] = report.refused
    assert "line 2" in refused.where
    assert message in refused.message


def test_the_same_work_in_another_file_or_format_is_known_already(store: Store, tmp_path: Path) -> None:
    one = document()
    first = take(store, write(tmp_path / "in.jsonl", one))
    again = take(store, write(tmp_path / "out.jsonl", one))
    somebody_else = take(store, write(tmp_path / "out.jsonl", one), "bob")
    assert [(report.taken, report.known) for report in (first, again, somebody_else)] == [(1, 0), (0, 1), (1, 0)]
