"""How two releases differ."""

import pytest
from annotation_sets import SCHEME

from workbench.core.annotations import Argument, Span
from workbench.errors import ReleaseError
from workbench.gold import building
from workbench.gold.differences import diff


def build(workplace, name: str, **options) -> None:
    with workplace.store.transaction() as session:
        building.release(session, name, SCHEME, created=f"2025-02-03T04:05:06+00:00 {name}", **options)


def compare(workplace, first: str = "v1", second: str = "v2"):
    with workplace.store.reading() as session:
        return diff(session, first, second)


def test_releases_of_the_same_content_do_not_differ(workplace) -> None:
    workplace.submit(workplace.article("a"))
    build(workplace, "v1")
    build(workplace, "v2")
    report = compare(workplace)
    assert (report.same, report.changed, report.only_first, report.only_second) == (1, (), (), ())
    assert str(report).startswith("v1 and v2 are the same: 1 article")


def test_articles_that_came_and_spans_and_roles_that_changed_are_counted_and_told(workplace) -> None:
    a = workplace.article("a")
    workplace.submit(a)
    workplace.submit(workplace.article("b"))
    build(workplace, "v1")
    said = workplace.spans(a, label="ORG", prefix="new")
    [event] = said.layers["events"]
    oslo = a.text.index("Oslo")
    place = Span(id="o", label="GPE", start=oslo, end=oslo + 4, text="Oslo")
    event = event.model_copy(
        update={
            "arguments": (*event.arguments, Argument(role="recipient", target="o")),
            "attributes": {"modality": "future"},
        }
    )
    layers = {**said.layers, "entities": (*said.layers["entities"], place), "events": (event,)}
    workplace.submit(a, annotated=said.model_copy(update={"layers": layers, "document": {"relevance": "not_relevant"}}))
    workplace.submit(workplace.article("c"))
    build(workplace, "v2")
    report = compare(workplace)
    assert ([one.title for one in report.only_second], report.only_first, report.same) == (["c"], (), 1)
    rows = {(one.layer, one.kind, one.name): (one.first, one.second, one.became) for one in report.rows}
    assert rows["entities", "label", "PERSON"] == (2, 2, {"kept": 1, "relabelled": 1})
    assert rows["entities", "label", "ORG"] == (0, 1, {})
    assert rows["entities", "label", "GPE"] == (0, 1, {"added": 1})
    assert rows["events", "role", "recipient"] == (0, 1, {"added": 1})
    assert rows["events", "role", "actor"] == (2, 3, {"kept": 2})
    [changed] = report.changed
    assert sorted((one.kind, one.decision) for one in changed.changes) == [
        ("modality", "changed"),
        ("relevance", "changed"),
        ("role", "added"),
        ("span", "added"),
        ("span", "relabelled"),
    ]
    relabelled = next(one for one in changed.changes if one.decision == "relabelled")
    assert relabelled.before.startswith("PERSON 'Anna Holm' at ")
    shown = str(report)
    assert "1 article is only in v2" in shown
    assert "1 article differs that is in both" in shown
    back = compare(workplace, "v2", "v1")
    assert {(one.layer, one.kind, one.name): one.became for one in back.rows}["entities", "label", "GPE"] == {
        "deleted": 1
    }


def test_who_annotated_is_a_difference(workplace) -> None:
    a = workplace.article("a")
    workplace.submit(a)
    build(workplace, "v1")
    workplace.submit(a, "bob", workplace.spans(a, prefix="ann"))
    build(workplace, "v2")
    [changed] = compare(workplace).changed
    assert str(changed).endswith("annotated by annotator-1, then by annotator-1 and annotator-2")


def test_a_release_that_is_not_there_is_named(workplace) -> None:
    workplace.submit(workplace.article("a"))
    build(workplace, "v1")
    with pytest.raises(ReleaseError, match=r"no release 'v9\.jsonl'; there are: v1(?s:.*)workbench import FILE"):
        compare(workplace, "v1", "v9.jsonl")
    with pytest.raises(ReleaseError, match="no release 'v9'; there are: v1"):
        compare(workplace, "v1", "v9")
