"""How the articles of a release are divided into parts."""

from pathlib import Path

import pytest
from annotation_sets import SCHEME

from workbench.errors import ReleaseError
from workbench.gold import building
from workbench.gold.building import ReleaseReport
from workbench.gold.division import read_rule


def build(workplace, name="v1", *, split="story", **options) -> ReleaseReport:
    with workplace.store.transaction() as session:
        return building.release(session, name, SCHEME, created=f"2025-02-03 {name}", rule=read_rule(split), **options)


def parts(report: ReleaseReport) -> dict[str, str]:
    return {one.title: one.part for one in report.manifest.items}


def reasons(report: ReleaseReport) -> dict[str, str]:
    return {one.title: one.reason for one in report.manifest.left_out}


def submitted(workplace, name: str, **options):
    article = workplace.article(name, **options)
    workplace.submit(article)
    return article


def test_by_date_what_came_later_is_dev_and_test(workplace) -> None:
    for month in (1, 2, 3, 4):
        submitted(workplace, f"m{month}", story="one affair", published=f"2026-0{month}-15T10:00:00")
    submitted(workplace, "undated")
    report = build(workplace, split="date:2026-03-01,2026-04-15")
    assert parts(report) == {"m1": "train", "m2": "train", "m3": "dev", "m4": "test"}
    assert reasons(report) == {"undated": "it has no date of publication, by which the release is divided"}
    split = report.manifest.split
    assert (split.by, split.dates, split.stories_in_several_parts) == ("date", ("2026-03-01", "2026-04-15"), 1)
    assert "1 story lies in several parts: `workbench gold leaks v1`" in str(report)
    one = build(workplace, "v2", split="date:2026-03-01")
    assert parts(one) == {"m1": "train", "m2": "train", "m4": "test"}
    assert reasons(one)["m3"] == "its date puts it in test, and it was in dev in the release v1"
    assert one.manifest.split.empty == ("dev",)
    assert "dev holds nothing: name two dates" in str(one)


def test_copies_of_an_article_are_as_old_as_the_first_of_them(workplace) -> None:
    submitted(workplace, "first", like="x", published="2026-01-01")
    submitted(workplace, "copy", like="x", published="2026-09-01")
    submitted(workplace, "other", published="2026-09-01")
    assert parts(build(workplace, split="date:2026-06-01")) == {"first": "train", "copy": "train", "other": "test"}


def test_by_article_every_part_is_filled_of_one_story_and_copies_stay_together(workplace) -> None:
    for number in range(10):
        submitted(workplace, f"a{number}", story="one affair")
    submitted(workplace, "copy", story="one affair", like="a3")
    by_story = build(workplace)
    assert set(parts(by_story).values()) == {"train"}
    assert "dev and test hold nothing: annotate more stories, or divide by date" in str(by_story)
    assert by_story.manifest.split.empty == ("dev", "test")


def test_by_article_with_nothing_released_before(workplace) -> None:
    for number in range(10):
        submitted(workplace, f"a{number}", story="one affair")
    submitted(workplace, "copy", story="one affair", like="a3")
    report = build(workplace, split="article")
    found = parts(report)
    assert set(found.values()) == {"train", "dev", "test"}
    assert found["copy"] == found["a3"]
    assert "may lie in several parts, and so leak" in report.manifest.split.told
    submitted(workplace, "later", story="one affair")
    again = build(workplace, "v2", split="article", seed=5)
    assert {title: part for title, part in parts(again).items() if title != "later"} == found
    assert reasons(again) == {}


def test_a_near_duplicate_never_changes_sides_between_releases(workplace) -> None:
    submitted(workplace, "a", story="s1", split="test")
    submitted(workplace, "b", story="s2", split="train")
    build(workplace)
    a = submitted(workplace, "copy", story="s2", like="a")
    report = build(workplace, "v2")
    assert set(parts(report)) == {"a", "b"}
    assert "of which it is a near-duplicate, was in test in the release v1" in reasons(report)["copy"]
    assert a.title == "copy"


def test_by_hand(workplace, tmp_path: Path) -> None:
    a, b, c = (submitted(workplace, name) for name in "abc")
    file = tmp_path / "parts.csv"
    file.write_text(f"\ufeffpart,article\ntrain,{a.id}\ntest,{b.source}\n\ndev,nobody.txt\n", encoding="utf-8")
    report = build(workplace, split=f"file:{file}")
    assert parts(report) == {"a": "train", "b": "test"}
    assert reasons(report) == {"c": "it is not in parts.csv"}
    assert report.remarks == ("nobody.txt in parts.csv is none of the articles to be released",)
    assert (report.manifest.split.file, len(report.manifest.split.file_sha256)) == ("parts.csv", 64)
    assert c.title == "c"


def test_a_file_of_which_no_line_is_used_is_told_line_by_line(workplace, tmp_path: Path) -> None:
    a = submitted(workplace, "a")
    file = tmp_path / "parts.csv"
    file.write_text("article,part\nnobody.txt,train\na-none,test\n", encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"no annotation can be released: it is not in parts\.csv") as caught:
        build(workplace, split=f"file:{file}")
    assert caught.value.lists["lines of the file of parts were not used"] == [
        (f"{name} in parts.csv is none of the articles to be released", "") for name in ("nobody.txt", "a-none")
    ]
    assert caught.value.lists["annotated articles were left out"][0][0].startswith(a.id)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sentence", "'sentence' is no way to divide a release"),
        ("story:x", "is no way to divide"),
        ("date:", "to divide by date, dates are needed"),
        ("date", "to divide by date, dates are needed"),
        ("file", "a file is needed"),
        ("date:June", "'June' is no date"),
        ("date:2026-02-30", "'2026-02-30' is no date"),
        ("date:2026-06-01,2026-05-01", "two that rise"),
        ("date:2026-06-01,2026-06-01", "two that rise"),
        ("date:2026-04-01,2026-05-01,2026-06-01", "must be one date"),
        ("file:nowhere.csv", "nowhere.csv cannot be read"),
    ],
)
def test_what_is_no_rule_is_an_error_that_says_how(text: str, said: str) -> None:
    with pytest.raises(ReleaseError, match=said) as caught:
        read_rule(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: the heads are missing"),
        (b"id,part\na,train\n", "line 1: the heads are id, part"),
        (b"article,part\na,validation\n", "line 2: part is 'validation'"),
        (b"article,part\na\n", "line 2: part is ''"),
        (b"article,part\n,train\n", "line 2: article is empty"),
        (b"article,part\na,train\n\na,test\n", "line 4: a is in test here and in train above"),
        (b"article,part\n\xff,train\n", "no UTF-8 at byte 14"),
        (b'article,part\n"a,train\n', "is no CSV"),
    ],
)
def test_a_file_of_parts_that_is_wrong_is_an_error_that_names_the_line(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "parts.csv"
    file.write_bytes(content)
    with pytest.raises(ReleaseError, match=said):
        read_rule(f"file:{file}")
