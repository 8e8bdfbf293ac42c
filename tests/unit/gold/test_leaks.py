"""What two parts of a release share."""

from pathlib import Path

import pytest
from annotation_sets import SCHEME

from workbench.core.ports import Silent
from workbench.errors import ReleaseError
from workbench.gold import building
from workbench.gold.leaks import leaks, leaks_of_export
from workbench.workflows.exporting import export


def build(workplace) -> None:
    with workplace.store.transaction() as session:
        building.release(session, "v1", SCHEME, created="2025-02-03T04:05:06+00:00")


def found(workplace):
    with workplace.store.reading() as session:
        return leaks(session, "v1")


def test_what_parts_share_is_listed_of_the_store_and_of_an_export(workplace, tmp_path: Path) -> None:
    first = workplace.article("One", story="s1", like="x", split="train")
    second = workplace.article("Two", story="s2", like="x", split="test")
    titled = workplace.article("Short", story="s3", split="dev")
    for one in (first, second, titled):
        workplace.submit(one)
    build(workplace)
    report = found(workplace)
    [leak] = report.leaks
    assert leak.shared == ("near-duplicate",)
    assert {leak.first.part, leak.second.part} == {"train", "test"}
    assert leak.alike is not None
    assert leak.alike > 0.5
    export(workplace.store, "v1", ["jsonl", "spacy"], tmp_path, Silent())
    assert leaks_of_export(tmp_path / "v1").model_dump() == report.model_dump()
    assert "near-duplicate" in str(report)


def test_nothing_shared(workplace) -> None:
    workplace.submit(workplace.article("a"))
    build(workplace)
    assert str(found(workplace)) == "v1: no two parts share anything: 1 article"


def test_an_export_without_its_texts_cannot_be_compared(workplace, tmp_path: Path) -> None:
    workplace.submit(workplace.article("a"))
    build(workplace)
    export(workplace.store, "v1", ["spacy"], tmp_path, Silent())
    with pytest.raises(ReleaseError, match="has no jsonl files"):
        leaks_of_export(tmp_path / "v1")
    with pytest.raises(ReleaseError, match=r"no manifest.json"):
        leaks_of_export(tmp_path / "nothing")
