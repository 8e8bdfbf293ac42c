"""What is said of many things, as it reads of one."""

import pytest

from workbench.core.counted import counted


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("things were touched", "thing was touched"),
        ("articles were withdrawn since", "article was withdrawn since"),
        ("annotated articles were left out", "annotated article was left out"),
        ("stories merged into others", "story merged into others"),
        ("refused", "refused"),
        ("articles", "article"),
        ("new stories", "new story"),
        ("stories lie in several parts", "story lies in several parts"),
        ("spans lack a role that the scheme asks for", "span lacks a role that the scheme asks for"),
        ("articles state none", "article states none"),
        ("stories are too few to tell, at least", "story is too few to tell, at least"),
        ("near-duplicates", "near-duplicate"),
        ("articles wait for a person", "article waits for a person"),
        ("annotations that do not fit were kept aside", "annotation that does not fit was kept aside"),
        ("exported folders still hold it (delete them)", "exported folder still holds it (delete it)"),
        ("things are not as they were sent", "thing is not as it was sent"),
        ("tasks that are none of ours were left alone", "task that is none of ours was left alone"),
        (
            "of these were skipped in the review: others can decide them",
            "of these was skipped in the review: others can decide it",
        ),
        ("annotations of articles in it were not used", "annotation of articles in it was not used"),
        (
            "spans had white space at their edges, which is not in the gold",
            "span had white space at its edges, which is not in the gold",
        ),
        ("articles differ that are in both", "article differs that is in both"),
        (
            "annotations use unknown controls, and are kept word for word",
            "annotation uses unknown controls, and is kept word for word",
        ),
    ],
)
def test_one_thing_is_told_in_the_singular(many: str, one: str) -> None:
    assert counted(1, many) == f"1 {one}"
    assert counted(2, many) == f"2 {many}"
    assert counted(0, many) == f"0 {many}"
