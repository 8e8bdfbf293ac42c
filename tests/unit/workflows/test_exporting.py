import errno
import gc
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import jsonschema
import pytest
import spacy
from annotation_sets import SCHEME
from spacy.cli.init_config import init_config
from spacy.tokens import DocBin
from sqlalchemy import text

from workbench import files
from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.core.ports import FormatReport, Silent
from workbench.core.scheme import LabelScheme
from workbench.errors import FormatError, ReleaseError
from workbench.formats import BUILT_IN, with_texts
from workbench.formats.conll import ConllFormat
from workbench.formats.docbin import DocBinFormat
from workbench.formats.jsonl import JsonLinesFormat
from workbench.gold import building, releases
from workbench.gold.verification import verify_export
from workbench.store import Store, Transaction, annotations
from workbench.store import releases as stored_releases
from workbench.store.annotations import StoredSet
from workbench.workflows import exporting
from workbench.workflows.exporting import Exported, ExportReport, export
from workbench.workflows.importing import import_file
from workbench.workflows.known_texts import KnownTexts
from workbench.workflows.schemas import schemas


def one_article(number: int, part: str) -> AnnotatedArticle:
    article = Article.from_text(
        f"Story {number}: Oslo praised Bern. 👩‍🚀", source=f"{number}.txt", meta={"split": part, "n": number}
    ).model_copy(update={"story_group": f"s{number}"})
    start = article.text.index("Oslo")
    span = Span(id="a", label="GPE", start=start, end=start + 4, text="Oslo")
    found = AnnotationSet(
        producer=Producer(kind="person", name="x"),
        scheme_digest=SCHEME.digest,
        layers={**SCHEME.empty_layers(), "entities": (span,)},
    )
    return AnnotatedArticle(article=article, annotations=found)


def write(path: Path, articles: list[AnnotatedArticle]) -> Path:
    path.write_text("".join(documents.to_json(one) + "\n" for one in articles), encoding="utf-8")
    return path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    parts = ["train", "train", "dev", "test"]
    path = write(tmp_path / "gold.jsonl", [one_article(i, part) for i, part in enumerate(parts)])
    import_file(opened, path, JsonLinesFormat(), "ann", SCHEME, Silent())
    with opened.transaction() as session:
        building.release(session, "v1", SCHEME, created="2025-01-01T00:00:00+00:00")
    return opened


def blank_and_untidy(number: int, part: str) -> AnnotatedArticle:
    """An article with every kind of white space that an annotation can have."""
    article = Article.from_text(
        f"{number} \u00a0 Oslo \t praised\n\nBern \r\n Lima \u2028 Quito  ",
        source=f"{number}.txt",
        meta={"split": part},
    ).model_copy(update={"story_group": f"s{number}"})
    texts = ["\u00a0 Oslo \t ", "\n\n", "Bern \r\n Lima", " \u2028", "Quito  "]
    spans = tuple(
        Span(id=f"s{place}", label="GPE", start=start, end=start + len(one), text=one)
        for place, one in enumerate(texts)
        for start in [article.text.index(one)]
    )
    event = Span(
        id="e",
        label="SUPPORT",
        start=article.text.index("praised"),
        end=article.text.index("praised") + 9,
        text="praised\n\n",
        arguments=(Argument(role="actor", target="s0"), Argument(role="recipient", target="s1")),
    )
    found = AnnotationSet(
        producer=Producer(kind="person", name="x"),
        scheme_digest=SCHEME.digest,
        layers={**SCHEME.empty_layers(), "entities": spans, "events": (event,)},
    )
    return AnnotatedArticle(article=article, annotations=found)


@pytest.fixture
def old_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with a release from before white space was looked at."""
    opened = Store.open(f"sqlite:///{tmp_path / 'old.db'}")
    with monkeypatch.context() as before:
        before.setattr("workbench.core.scheme.checks.is_blank", lambda text: False)
        for module in ("core.documents", "gold.accepted"):
            before.setattr(f"workbench.{module}.trim", lambda annotations: (annotations, ()))
        given = [blank_and_untidy(number, part) for number, part in enumerate(["train", "train", "dev", "test"])]
        path = write(tmp_path / "old.jsonl", given)
        import_file(opened, path, JsonLinesFormat(), "ann", SCHEME, Silent())
        with opened.transaction() as session:
            building.release(session, "old", SCHEME, created="2025-01-01T00:00:00+00:00")
    return opened


def test_nothing_that_spacy_calls_invalid_is_exported_of_an_old_release(old_store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "exports" / "old"
    report = export(old_store, "old", ["jsonl", "spacy"], folder.parent, Silent())
    for one in report.exported:
        about = [problem.split(": ", 2)[2] for problem in one.problems if problem.startswith("train: ")]
        assert about.count("entities GPE '\\n\\n' is white space alone") == 2
        assert about.count("entities GPE '\\xa0 Oslo \\t ' is taken as 'Oslo'") == 2
        assert about.count("events SUPPORT 'praised' loses its recipient") == 2
        assert (one.folder / "problems.txt").read_text(encoding="utf-8").splitlines() == list(one.problems)
    for name, form in (("jsonl", JsonLinesFormat()), ("spacy", DocBinFormat())):
        for one in form.read(folder / name / f"train.{name}", SCHEME):
            assert isinstance(one, AnnotatedArticle)
            assert [span.text for span in one.annotations.layers["entities"]] == ["Oslo", "Bern \r\n Lima", "Quito"]
            [event] = one.annotations.layers["events"]
            assert [argument.role for argument in event.arguments] == ["actor"]
    said = debug_data(tmp_path, folder / "spacy")
    assert "No entities consisting of or starting/ending with whitespace" in said
    assert "invalid" not in said.lower()


def test_spacys_own_check_would_find_it(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    doc = nlp("Oslo \n Bern")
    doc.ents = [spacy.tokens.Span(doc, 0, 2, label="GPE")]
    for part in ("train", "dev"):
        DocBin(docs=[doc]).to_disk(tmp_path / f"{part}.spacy")
    assert "invalid whitespace entity spans" in debug_data(tmp_path, tmp_path)


def debug_data(folder: Path, corpus: Path) -> str:
    """What `spacy debug data` says of an exported corpus."""
    config = folder / "config.cfg"
    init_config(lang="en", pipeline=["ner"], optimize="efficiency").to_disk(config)
    command = [sys.executable, "-m", "spacy", "debug", "data", str(config), "--no-format", "--verbose"]
    paths = [f"--paths.train={corpus / 'train.spacy'}", f"--paths.dev={corpus / 'dev.spacy'}"]
    done = subprocess.run([*command, *paths], capture_output=True, text=True, check=False, timeout=300)
    assert "Named Entity Recognition" in done.stdout, done.stdout + done.stderr
    return done.stdout


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_export_holds_every_part_with_manifest_card_and_checksums(store: Store, tmp_path: Path) -> None:
    report = export(store, "v1", ["jsonl", "spacy"], tmp_path / "exports", Silent())
    assert [(one.format, one.articles, one.spans, one.existed) for one in report.exported] == [
        ("jsonl", 4, 4, False),
        ("spacy", 4, 4, False),
    ]
    folder = tmp_path / "exports" / "v1"
    assert {path.name for path in folder.iterdir()} == {"jsonl", "spacy"}
    for name, form in (("jsonl", JsonLinesFormat()), ("spacy", DocBinFormat())):
        files = {path.name for path in (folder / name).iterdir()}
        assert files == {
            *(f"{part}.{name}" for part in ("train", "dev", "test")),
            "README.md",
            "manifest.json",
            "SHA256SUMS",
            *({"config.cfg", "project.yml"} if name == "spacy" else ()),
        }
        for line in (folder / name / "SHA256SUMS").read_text().splitlines():
            digest, file = line.split("  ")
            assert hashlib.sha256((folder / name / file).read_bytes()).hexdigest() == digest
        with store.transaction() as session:
            for part in ("train", "dev", "test"):
                expected = list(releases.read(session, "v1", part))
                assert list(form.read(folder / name / f"{part}.{name}", SCHEME)) == expected
    assert "Where it comes from" in (folder / "jsonl" / "README.md").read_text(encoding="utf-8")


def test_exporting_again_changes_nothing_and_elsewhere_gives_the_same_bytes(store: Store, tmp_path: Path) -> None:
    export(store, "v1", ["jsonl", "spacy"], tmp_path / "a", Silent())
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "a").rglob("*")}
    again = export(store, "v1", ["jsonl", "spacy"], tmp_path / "a", Silent())
    assert all(one.existed for one in again.exported)
    assert {
        path: path.stat().st_mtime_ns for path in (tmp_path / "a" / "v1" / "jsonl").rglob("*")
    }.items() <= before.items()
    export(store, "v1", ["spacy", "jsonl"], tmp_path / "b", Silent())
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


class Watching:
    """A format that says how many annotated articles there are in memory at the most while it is written."""

    name = "watching"

    def __init__(self) -> None:
        self.most = 0

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        for _ in articles:
            gc.collect()
            self.most = max(self.most, sum(isinstance(one, AnnotatedArticle) for one in gc.get_objects()))
        return FormatReport()

    def read(self, path: Path, scheme: LabelScheme) -> Iterator[AnnotatedArticle]:
        raise NotImplementedError


def test_an_export_has_a_page_of_articles_in_memory_and_reads_the_release_once(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[int] = []
    manifests: list[str] = []
    get_sets, get = annotations.get_sets, stored_releases.get

    def counted(session: Transaction, keys: Sequence[str]) -> dict[str, StoredSet]:
        pages.append(len(keys))
        return get_sets(session, keys)

    def asked(session: Transaction, name: str) -> stored_releases.Release:
        manifests.append(name)
        return get(session, name)

    monkeypatch.setattr(annotations, "get_sets", counted)
    monkeypatch.setattr(stored_releases, "get", asked)
    monkeypatch.setattr(releases, "PAGE", 1)
    watching = Watching()
    monkeypatch.setattr(exporting, "known_formats", lambda: {"watching": watching, "jsonl": JsonLinesFormat()})
    before = sum(isinstance(one, AnnotatedArticle) for one in gc.get_objects())
    export(store, "v1", ["watching", "jsonl"], tmp_path, Silent())
    assert pages == [1] * 12  # to check it, and for either format
    assert manifests == ["v1"]
    assert watching.most - before <= 2


def test_pages_hold_what_single_reads_do(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[list[AnnotatedArticle]] = []
    for size in (1, 3, 200):
        monkeypatch.setattr(releases, "PAGE", size)
        with store.reading() as session:
            found.append(list(releases.read(session, "v1")))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 4


def test_an_export_that_differs_is_not_written_over(store: Store, tmp_path: Path) -> None:
    export(store, "v1", ["jsonl"], tmp_path, Silent())
    card = tmp_path / "v1" / "jsonl" / "README.md"
    card.write_text("mine")
    with pytest.raises(FormatError, match=r"differs from what would be written: README\.md"):
        export(store, "v1", ["jsonl"], tmp_path, Silent())
    assert card.read_text() == "mine"
    assert not export(store, "v1", ["jsonl"], tmp_path, Silent(), force=True).exported[0].existed
    assert card.read_text() != "mine"


def test_a_failed_export_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"known: .*jsonl"):
        export(store, "v1", ["no-such-format"], tmp_path / "exports", Silent())
    for names in ((), ("",)):
        with pytest.raises(FormatError, match=r"no format is named; known: brat, .*jsonl") as caught:
            export(store, "v1", names, tmp_path / "exports", Silent())
        assert "`--format jsonl`" in caught.value.hint
    (tmp_path / "file").write_text("")
    with pytest.raises(FormatError, match="could not be written"):
        export(store, "v1", ["jsonl"], tmp_path / "file", Silent())

    class Interrupted(Silent):
        def track(self, items, what, total=None):
            yield from list(items)[:1]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="interrupted; nothing was written"):
        export(store, "v1", ["jsonl"], tmp_path / "exports", Interrupted())
    assert not (tmp_path / "exports").exists()


def test_a_full_disk_leaves_the_folders_before_it_whole_and_nothing_else(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(ConllFormat, "write", full)
    exports = tmp_path / "new" / "exports"
    with pytest.raises(FormatError, match=r"No space left on device; nothing was written\n") as caught:
        export(store, "v1", ["conll", "jsonl"], exports, Silent())
    assert caught.value.hint.startswith("make room")
    assert not exports.parent.exists()
    with pytest.raises(FormatError, match=r"; jsonl is there whole, and no more\n"):
        export(store, "v1", ["jsonl", "conll"], exports, Silent())
    assert [one.name for one in (exports / "v1").iterdir()] == ["jsonl"]
    assert files.differing(exports / "v1" / "jsonl")[0] == []


def test_a_few_problems_are_printed_with_the_file_that_has_all() -> None:
    one = Exported(
        format="conll",
        folder=Path("exports/v1/conll"),
        files=(),
        articles=9,
        spans=0,
        existed=False,
        problems=tuple(f"train: a-{number}: left out" for number in range(9)),
    )
    lines = str(ExportReport(release="v1", digest="", exported=(one,))).splitlines()
    assert lines[1] == "9 cases that conll does not hold as they are:"
    assert lines[4:] == ["  train: a-2: left out", f"  … and 6 more (all in {Path('exports/v1/conll/problems.txt')})"]


def test_a_web_annotation_collection_names_release_and_part(store: Store, tmp_path: Path) -> None:
    [one] = export(store, "v1", ["web-annotation"], tmp_path, Silent()).exported
    found = {part: json.loads((one.folder / f"{part}.jsonld").read_text("utf-8")) for part in ("train", "dev", "test")}
    assert {part: each["id"] for part, each in found.items()} == {
        part: f"urn:workbench:collection:v1:{part}" for part in found
    }
    assert {each["first"]["id"] for each in found.values()} == {f"{each['id']}:page" for each in found.values()}


def test_a_release_that_was_tampered_with_is_not_exported(store: Store, tmp_path: Path) -> None:
    with store.transaction() as session:
        session.connection().execute(text("UPDATE annotation_set SET body = replace(body, 'GPE', 'LOC')"))
    with pytest.raises(ReleaseError, match="was changed after it was frozen"):
        export(store, "v1", ["jsonl"], tmp_path / "exports", Silent())


def test_a_release_is_exported_in_every_format_that_is_written_twice_the_same(store: Store, tmp_path: Path) -> None:
    names = [name for name in BUILT_IN if name not in ("doccano", "argilla")]
    for existed in (False, True):
        report = export(store, "v1", names, tmp_path / "exports", Silent())
        assert [one.format for one in report.exported] == names
        assert {one.existed for one in report.exported} == {existed}
    for one in report.exported:
        assert files.differing(one.folder)[0] == []
        assert one.articles > 0
        assert all((one.folder / name).exists() for name in one.files)


def test_a_release_without_texts_quotes_nothing_and_gets_them_back(store: Store, tmp_path: Path) -> None:
    report = export(store, "v1", ["jsonl"], tmp_path / "out", Silent(), without_text=True)
    [one] = report.exported
    assert one.folder == tmp_path / "out" / "v1" / "jsonl-without-text"
    assert subprocess.run(["sha256sum", "-c", "--quiet", files.SUMS], cwd=one.folder, check=False).returncode == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in one.folder.iterdir()}
    assert not [name for name, body in written.items() if "praised Bern" in body or "Story 0" in body]
    assert "titles of articles (2)" in written["problems.txt"]
    with_text = export(store, "v1", ["jsonl"], tmp_path / "out", Silent()).exported[0].folder
    [line, *_] = (one.folder / "train.stand-off.jsonl").read_text(encoding="utf-8").splitlines()
    [verified] = verify_export(one.folder).places
    assert verified.touched == ()
    schema = json.loads(schemas()["stand-off.schema.json"])
    jsonschema.Draft202012Validator(schema).validate(json.loads(line))
    with KnownTexts([with_text / "train.jsonl"], Silent()) as known:
        back = list(with_texts(JsonLinesFormat(), known.find).read(one.folder / "train.stand-off.jsonl", SCHEME))
    assert back == list(JsonLinesFormat().read(with_text / "train.jsonl", SCHEME))


def test_formats_that_quote_the_text_cannot_do_without_it(store: Store, tmp_path: Path) -> None:
    for name in sorted({*BUILT_IN} - {"jsonl"}):
        with pytest.raises(FormatError, match=rf"{name} quotes the texts"):
            export(store, "v1", [name], tmp_path / "out", Silent(), without_text=True)
    assert not (tmp_path / "out").exists()
