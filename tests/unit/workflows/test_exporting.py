import hashlib
from pathlib import Path

import pytest
from annotation_sets import SCHEME
from sqlalchemy import text

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.errors import FormatError, ReleaseError
from workbench.formats.docbin import DocBinFormat
from workbench.formats.jsonl import JsonLinesFormat
from workbench.gold import releases
from workbench.store import Store
from workbench.workflows.exporting import export
from workbench.workflows.importing import import_file


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
        releases.release(session, "v1", SCHEME, created="2025-01-01T00:00:00+00:00")
    return opened


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


def test_an_export_that_differs_is_not_written_over(store: Store, tmp_path: Path) -> None:
    export(store, "v1", ["jsonl"], tmp_path, Silent())
    card = tmp_path / "v1" / "jsonl" / "README.md"
    card.write_text("mine")
    (tmp_path / "v1" / "jsonl" / "notes.txt").write_text("mine")
    with pytest.raises(FormatError, match=r"README\.md, notes\.txt"):
        export(store, "v1", ["jsonl"], tmp_path, Silent())
    assert card.read_text() == "mine"
    assert not export(store, "v1", ["jsonl"], tmp_path, Silent(), force=True).exported[0].existed
    assert card.read_text() != "mine"
    assert not (tmp_path / "v1" / "jsonl" / "notes.txt").exists()


def test_a_failed_export_leaves_nothing(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="known: jsonl"):
        export(store, "v1", ["conll"], tmp_path / "exports", Silent())
    (tmp_path / "file").write_text("")
    with pytest.raises(FormatError, match="could not be written"):
        export(store, "v1", ["jsonl"], tmp_path / "file", Silent())

    class Interrupted(Silent):
        def track(self, items, what, total=None):
            yield from list(items)[:1]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(store, "v1", ["jsonl"], tmp_path / "exports", Interrupted())
    assert list((tmp_path / "exports" / "v1").iterdir()) == []


def test_a_release_that_was_tampered_with_is_not_exported(store: Store, tmp_path: Path) -> None:
    with store.transaction() as session:
        session.connection().execute(text("UPDATE annotation_set SET body = replace(body, 'GPE', 'LOC')"))
    with pytest.raises(ReleaseError, match="is not what it was"):
        export(store, "v1", ["jsonl"], tmp_path / "exports", Silent())
