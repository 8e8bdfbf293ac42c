"""What was touched of a release is told, in the store and in exported files."""

import json
import shutil
from pathlib import Path

import pytest
from annotation_sets import SCHEME
from sqlalchemy import text

from workbench import files
from workbench.core.ports import Silent
from workbench.errors import ReleaseError
from workbench.gold import releases
from workbench.gold.verification import verify, verify_export
from workbench.workflows.exporting import export


@pytest.fixture
def released(workplace):
    for number, part in enumerate(("train", "train", "dev", "test")):
        workplace.submit(workplace.article(f"a{number}", story=f"s{number}", split=part))
    with workplace.store.transaction() as session:
        releases.release(session, "v1", SCHEME, created="2025-02-03T04:05:06+00:00")
    return workplace


def touched(workplace):
    with workplace.store.transaction() as session:
        return [str(one) for one in verify(session, "v1").touched]


def change(workplace, statement: str) -> None:
    with workplace.store.transaction() as session:
        session.connection().execute(text(statement))


def test_a_release_in_the_store_is_as_it_was_until_somebody_touches_it(released) -> None:
    assert touched(released) == []
    change(released, "UPDATE annotation_set SET body = replace(body, 'PERSON', 'ORG')")
    assert len(touched(released)) == 4
    assert touched(released)[0].endswith("its gold is not what was released")
    change(released, "UPDATE annotation_set SET body = replace(body, 'ORG', 'PERSON')")
    assert touched(released) == []
    change(released, "UPDATE release_item SET part = 'test' WHERE part = 'dev'")
    assert any("its part is test, and was dev" in one for one in touched(released))
    change(released, "UPDATE release_item SET part = 'x' || part")
    assert any("'xtrain' is no part of a split" in one for one in touched(released))


def test_a_text_that_was_changed_in_the_store_is_named(released) -> None:
    change(released, "UPDATE article_version SET text = text || '!' WHERE title = 'a1'")
    [found] = touched(released)
    assert "text_sha256" in found


def test_an_article_that_was_taken_out_is_missing(released) -> None:
    change(released, "DELETE FROM release_item WHERE part = 'test'")
    assert any(one.endswith(": is missing") for one in touched(released))


@pytest.fixture
def folder(released, tmp_path: Path) -> Path:
    export(released.store, "v1", ["jsonl", "spacy"], tmp_path / "exports", Silent())
    return tmp_path / "exports" / "v1"


def of_folder(folder: Path) -> list[str]:
    return [str(one) for one in verify_export(folder).touched]


def test_an_export_is_as_it_was_and_needs_no_store(folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(folder, elsewhere)
    report = verify_export(elsewhere)
    assert report.touched == ()
    assert report.failure() is None
    assert [Path(one.folder).name for one in report.places] == ["jsonl", "spacy"]
    assert report.places[0].checked == {"files": 5, "texts": 4, "annotation sets": 4}
    assert "jsonl holds them one by one" in str(report)
    assert verify_export(elsewhere / "jsonl" / "manifest.json").places[0].articles == 4


def rewrite(file: Path, change) -> None:
    """A line of JSON changed by somebody who also writes the checksums anew."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    change(lines)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    files.write_checksums(file.parent)


def test_what_somebody_changed_is_told_whatever_the_checksums_say(folder: Path) -> None:
    jsonl = folder / "jsonl"
    first = json.loads((jsonl / "train.jsonl").read_text(encoding="utf-8").splitlines()[0])["article"]["id"]

    def relabel(lines) -> None:
        lines[0]["annotations"]["layers"]["entities"][0]["label"] = "ORG"

    rewrite(jsonl / "train.jsonl", relabel)
    [found] = of_folder(folder)
    assert found.startswith(f"{first}: the key of its gold is ")

    def other_text(lines) -> None:
        lines[0]["article"]["text"] += "!"

    rewrite(jsonl / "train.jsonl", other_text)
    [found] = of_folder(folder)
    assert found.startswith(f"{first}: ")
    assert "text_sha256" in found


def test_an_article_that_changed_sides_or_went_is_told(folder: Path) -> None:
    jsonl = folder / "jsonl"
    (jsonl / "dev.jsonl").rename(jsonl / "test.jsonl")
    files.write_checksums(jsonl)
    said = of_folder(jsonl)
    assert any("its part is test, and was dev" in one for one in said)
    assert any(one.endswith("is missing") for one in said)


def test_files_that_were_changed_added_or_deleted_are_told(folder: Path) -> None:
    spacy = folder / "spacy"
    (spacy / "README.md").write_text("other\n", encoding="utf-8")
    (spacy / "more.txt").write_text("x", encoding="utf-8")
    (spacy / "dev.spacy").unlink()
    assert of_folder(spacy) == [
        "README.md: has another checksum",
        "dev.spacy: is missing",
        "more.txt: is not in the list of checksums",
    ]
    failure = verify_export(spacy).failure()
    assert failure is not None
    assert "README.md" in failure.message


def test_a_manifest_that_was_changed_is_told(folder: Path) -> None:
    path = folder / "jsonl" / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"part": "dev"', '"part": "train"'), encoding="utf-8")
    files.write_checksums(path.parent)
    assert any("its articles have the digest" in one for one in of_folder(path.parent))


def test_a_folder_that_lost_its_manifest_is_not_passed_over(folder: Path) -> None:
    (folder / "jsonl" / "manifest.json").unlink()
    with pytest.raises(ReleaseError, match=r"jsonl.manifest.json is missing, and .*SHA256SUMS lists it"):
        verify_export(folder)


def test_what_is_no_export_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"there is no manifest.json in it"):
        verify_export(tmp_path)
    (tmp_path / "manifest.json").write_text('{"schema": "workbench/release-manifest/1"}', encoding="utf-8")
    with pytest.raises(ReleaseError, match="is no release manifest: name: Field required"):
        verify_export(tmp_path)
    (tmp_path / "manifest.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ReleaseError, match="cannot be read"):
        verify_export(tmp_path)


def test_a_line_that_is_no_document_is_told(folder: Path) -> None:
    path = folder / "jsonl" / "test.jsonl"
    path.write_text("[" * 100_000 + "\n", encoding="utf-8")
    assert any(one.startswith("test.jsonl, line 1: ") for one in of_folder(path.parent))
    path.write_text('{"article": {"id": 7}}\n', encoding="utf-8")
    assert any(one.startswith("test.jsonl, line 1: ") for one in of_folder(path.parent))
