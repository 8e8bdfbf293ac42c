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
from workbench.gold import building, releases
from workbench.gold.leaks import leaks_of_export
from workbench.gold.verification import verify, verify_export
from workbench.workflows.exporting import export


@pytest.fixture
def released(workplace):
    for number, part in enumerate(("train", "train", "dev", "test")):
        workplace.submit(workplace.article(f"a{number}", story=f"s{number}", split=part))
    with workplace.store.transaction() as session:
        building.release(session, "v1", SCHEME, created="2025-02-03T04:05:06+00:00")
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
    assert of_folder(spacy) == ["README.md: has another checksum", "dev.spacy: is missing"]
    report = verify_export(spacy)
    failure = report.failure()
    assert failure is not None
    assert "README.md" in failure.message
    assert "1 file was not looked at, which no export wrote: more.txt" in str(report)


def test_what_was_put_beside_an_export_is_no_fault_but_among_its_data_it_is(released, tmp_path: Path) -> None:
    export(released.store, "v1", ["brat"], tmp_path / "exports", Silent())
    brat = tmp_path / "exports" / "v1" / "brat"
    (brat / "training").mkdir()
    (brat / "training" / "metrics.json").write_text("{}")
    report = verify_export(brat)
    assert report.failure() is None
    assert "training/metrics.json" in str(report)
    (brat / "train" / "more.ann").write_text("")
    assert of_folder(brat) == ["train/more.ann: lies among the exported files: move it away"]


def test_files_of_other_formats_are_not_taken_for_jsonl(released, tmp_path: Path) -> None:
    export(released.store, "v1", ["jsonl", "prodigy", "gliner2"], tmp_path / "exports", Silent())
    report = verify_export(tmp_path / "exports")
    assert report.failure() is None
    assert ["texts" in place.checked for place in report.places] == [False, True, False]
    assert leaks_of_export(tmp_path / "exports").articles == 4
    with pytest.raises(ReleaseError, match="has no jsonl files"):
        leaks_of_export(tmp_path / "exports" / "v1" / "prodigy")


def test_a_manifest_that_was_changed_is_told(folder: Path) -> None:
    path = folder / "jsonl" / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"part": "dev"', '"part": "train"'), encoding="utf-8")
    files.write_checksums(path.parent)
    assert any("its articles have the digest" in one for one in of_folder(path.parent))


def test_a_folder_that_lost_its_manifest_is_not_passed_over(folder: Path) -> None:
    (folder / "jsonl" / "manifest.json").unlink()
    assert of_folder(folder) == ["manifest.json: is missing"]
    with pytest.raises(ReleaseError, match=r"jsonl.manifest.json is missing, and .*SHA256SUMS lists it"):
        leaks_of_export(folder)


def test_a_broken_manifest_keeps_nobody_from_the_other_releases(folder: Path) -> None:
    shutil.copytree(folder, folder.parent / "v2")
    (folder / "jsonl" / "manifest.json").write_text('{"schema": "workbench/release-manifest/1"}', encoding="utf-8")
    report = verify_export(folder.parent)
    assert [bool(one.touched) for one in report.places] == [True, False, False, False]
    assert [str(one) for one in report.touched] == [
        "manifest.json: is no release manifest: name: Field required (and 13 more)"
    ]
    assert "1 thing was touched:" in str(report)
    assert report.failure() is not None


def test_a_broken_manifest_in_the_store_is_named_beside_the_other_releases(released) -> None:
    with released.store.transaction() as session:
        building.release(session, "v2", SCHEME, created="2025-02-04T04:05:06+00:00")
    for body in ("{}", "{"):
        change(released, f"UPDATE release SET manifest = '{body}' WHERE name = 'v1'")
        with released.store.reading() as session:
            listed = releases.listed(session)
            with pytest.raises(ReleaseError, match="the manifest of the release v1 in the store is no"):
                verify(session, "v1")
        assert [one.name for one in listed.releases] == ["v2"]
        assert "the manifest of the release v1 in the store is no" in str(listed)


def test_what_is_no_export_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"there is no manifest.json in it"):
        verify_export(tmp_path)
    (tmp_path / "manifest.json").write_text('{"schema": "workbench/release-manifest/1"}', encoding="utf-8")
    assert of_folder(tmp_path) == ["manifest.json: is no release manifest: name: Field required (and 13 more)"]
    (tmp_path / "manifest.json").write_bytes(b"\xff\xfe")
    assert of_folder(tmp_path)[0].startswith("manifest.json: cannot be read")


def test_a_line_that_is_no_document_is_told(folder: Path) -> None:
    path = folder / "jsonl" / "test.jsonl"
    path.write_text("[" * 100_000 + "\n", encoding="utf-8")
    assert any(one.startswith("test.jsonl, line 1: ") for one in of_folder(path.parent))
    path.write_text('{"article": {"id": 7}}\n', encoding="utf-8")
    assert any(one.startswith("test.jsonl, line 1: ") for one in of_folder(path.parent))


@pytest.fixture
def stand_off(released, tmp_path: Path) -> Path:
    export(released.store, "v1", ["jsonl"], tmp_path / "exports", Silent(), without_text=True)
    return tmp_path / "exports" / "v1" / "jsonl-without-text"


def test_without_texts_every_hash_is_recomputed_that_can_be(stand_off: Path) -> None:
    report = verify_export(stand_off)
    assert report.failure() is None, str(report)
    assert report.places[0].checked == {"files": 6, "sets of offsets": 4}
    assert "it holds neither texts nor titles" in str(report)
    assert "jsonl holds them one by one" not in str(report)
    assert "a0" not in (stand_off / "manifest.json").read_text(encoding="utf-8").split('"name"')[0]


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("text_sha256", "the hash that it names of its text is "),
        ("story_group", "its story is "),
        ("label", "the hash of its offsets and labels is "),
        ("start", "the hash of its offsets and labels is "),
    ],
)
def test_without_texts_what_was_touched_is_told_by_article(stand_off: Path, field: str, said: str) -> None:
    def other(lines) -> None:
        span = lines[0]["annotations"]["layers"]["entities"][0]
        place = span if field in span else lines[0]["article"]
        place[field] = {"label": "ORG", "start": 3, "text_sha256": "0" * 64, "story_group": "other"}[field]

    name = json.loads((stand_off / "train.stand-off.jsonl").read_text(encoding="utf-8").splitlines()[0])["article"][
        "id"
    ]
    rewrite(stand_off / "train.stand-off.jsonl", other)
    [found] = of_folder(stand_off)
    assert found.startswith(f"{name}: {said}")


def test_without_texts_an_article_that_went_or_came_is_told(stand_off: Path) -> None:
    rewrite(stand_off / "train.stand-off.jsonl", lambda lines: lines.pop())
    [found] = of_folder(stand_off)
    assert found.endswith(": is missing")
    (stand_off / "dev.stand-off.jsonl").write_text('{"article": {"id": "a-x"}}\n', encoding="utf-8")
    files.write_checksums(stand_off)
    assert any(one.startswith("a-x: ") for one in of_folder(stand_off))


def test_an_export_without_texts_of_before_is_checked_by_its_files(stand_off: Path) -> None:
    path = stand_off / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, "items": [], "stand_off": {}}), encoding="utf-8")
    files.write_checksums(stand_off)
    report = verify_export(stand_off)
    assert report.failure() is None, str(report)
    assert "the manifest lists no articles" in str(report)
