"""What is gold where annotators differ: what was adjudicated, what most say, what came last, or nothing."""

import pytest
from adjudicated import differing, review
from annotation_sets import SCHEME

from workbench.core.ports import Silent
from workbench.errors import ReleaseError
from workbench.gold import building, releases
from workbench.gold.adjudication.settling import settle
from workbench.gold.building import ReleaseReport


def adjudicate(workplace, **options) -> None:
    settle(workplace.store, SCHEME, Silent(), **options)


def build(workplace, name="v1", **options) -> ReleaseReport:
    with workplace.store.transaction() as session:
        return building.release(session, name, SCHEME, created="2025-02-03T04:05:06+00:00", **options)


def gold(workplace, name="v1"):
    with workplace.store.reading() as session:
        return {one.article.title: one.annotations for one in releases.read(session, name)}


def labels(annotated) -> list[str]:
    return [span.label for span in annotated.layers["entities"]]


def test_by_majority_two_of_three_are_right_and_a_tie_is_left_out(workplace) -> None:
    differing(workplace, "three", ann="PERSON", ben="ORG", cem="ORG")
    differing(workplace, "two", ann="PERSON", ben="ORG")
    differing(workplace, "same", ann="PERSON", ben="PERSON")
    workplace.submit(workplace.article("alone"))
    manifest = build(workplace, policy="majority").manifest
    assert manifest.settled == {"agreed by all": 1, "by one person": 1, "majority": 1}
    found = gold(workplace)
    assert (labels(found["three"]), labels(found["same"])) == (["ORG"], ["PERSON"])
    assert [(one.title, one.reason) for one in manifest.left_out] == [
        ("two", "no majority of its 2 annotators decides 1 thing")
    ]
    assert found["three"].producer.kind == "adjudicated"
    assert manifest.annotators == {"annotator-1": 3, "annotator-2": 2, "annotator-3": 1}


def test_what_was_adjudicated_is_gold_whatever_the_policy(workplace) -> None:
    a = differing(workplace, "a", **{"ann@x.example": "PERSON", "ben@x.example": "ORG"})
    adjudicate(workplace)
    with pytest.raises(ReleaseError, match="annotators differ on 1 article;"):
        build(workplace)
    review(workplace, a, workplace.spans(a, label="GPE", prefix="j"), who="judge@x.example")
    for policy in ("refuse", "latest", "majority", "adjudicated"):
        manifest = build(workplace, policy, policy=policy).manifest
        assert manifest.settled == {"adjudicated": 1}
        assert labels(gold(workplace, policy)["a"]) == ["GPE"]
        assert "@" not in manifest.to_json()
        assert "@" not in gold(workplace, policy)["a"].model_dump_json()
        assert manifest.annotators == {"annotator-1": 1, "annotator-2": 1}


def test_what_was_not_adjudicated_or_is_open_again_is_left_out_of_adjudicated_gold(workplace) -> None:
    a = differing(workplace, "a", ann="PERSON", ben="ORG")
    differing(workplace, "never", ann="PERSON", ben="ORG")
    differing(workplace, "same", ann="PERSON", ben="PERSON")
    adjudicate(workplace, article_ids=[a.id])
    review(workplace, a)
    workplace.submit(a, "ann", workplace.spans(a, prefix="ann", label="FAC"))
    manifest = build(workplace, policy="adjudicated").manifest
    assert {one.title: one.reason for one in manifest.left_out} == {
        "a": "its annotators differ in 4 places (adjudication: reopened)",
        "never": "its annotators differ in 4 places (adjudication: not merged)",
    }
    assert set(gold(workplace)) == {"same"}


def test_an_adjudicator_who_deletes_everything_makes_empty_gold_and_one_who_skips_none(workplace) -> None:
    a, b = differing(workplace, "a", ann="PERSON", ben="ORG"), differing(workplace, "b", ann="PERSON", ben="ORG")
    adjudicate(workplace)
    review(workplace, a, workplace.spans(a).model_copy(update={"layers": SCHEME.empty_layers()}))
    review(workplace, b, state="skipped")
    manifest = build(workplace, policy="adjudicated").manifest
    assert gold(workplace)["a"].is_empty
    assert [one.reason for one in manifest.left_out] == [
        "its annotators differ in 4 places (adjudication: skipped in review)"
    ]


def test_who_differs_is_told_by_name_to_whom_releases_with_what_to_do(workplace) -> None:
    differing(workplace, "a", ann="PERSON", ben="ORG")
    with pytest.raises(ReleaseError, match="ann and ben differ in 4 places") as caught:
        build(workplace)
    assert "workbench adjudicate" in caught.value.hint
    assert "--policy majority" in caught.value.hint
