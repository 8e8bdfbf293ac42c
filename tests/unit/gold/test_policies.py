"""What is gold where annotators differ: what was adjudicated, what most say, what came last, or nothing."""

import pytest
from annotation_sets import SCHEME

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.ports import Silent
from workbench.errors import ReleaseError
from workbench.gold import releases
from workbench.gold.adjudication.settling import settle
from workbench.gold.releases import ReleaseReport
from workbench.store import adjudications, annotations, sync
from workbench.store.annotations import Revision


def adjudicate(workplace, **options) -> None:
    settle(workplace.store, SCHEME, Silent(), **options)


def differing(workplace, name: str, **labels: str):
    """An article with an annotation by each person; the label of its first span is the one that is named."""
    article = workplace.article(name)
    for person, label in labels.items():
        workplace.submit(article, person, workplace.spans(article, prefix=person, label=label))
    return article


def review(workplace, article, decided: AnnotationSet | None = None, *, who="judge", state="adjudicated"):
    """What a pull stores of a review task."""
    workplace.clock += 1
    with workplace.store.transaction() as session:
        project = next((p for p in sync.projects(session) if p.review_round), None) or sync.add_project(
            session, server="s", project_id=2, title="r", scheme_digest="", config="", review_round=1
        )
        made = adjudications.current(session, [article.id])[article.id]
        merged = annotations.get_set(session, made.set_id).annotations
        chosen = (decided or merged).model_copy(update={"producer": Producer(kind="adjudicated", name=who)})
        revision = Revision.model_validate(
            {
                "article_id": article.id,
                "article_version": article.version,
                "annotator": who,
                "origin": project.origin,
                "external_id": f"{article.id}-{who}",
                "updated": f"2025-01-01T00:00:{workplace.clock:02}+00:00",
                "created": "2025-01-01T00:00:00+00:00",
                "state": state,
                "set_id": annotations.keep(session, article.id, article.version, chosen),
                "parent_set_id": made.set_id,
            }
        )
        assert annotations.keep_revision(session, revision)
        [stored] = annotations.revisions(session, origin=project.origin, external_id=revision.external_id)[-1:]
        adjudications.add_review(session, made.id or 0, stored.id or 0, [])
        return stored.set_id


def build(workplace, name="v1", **options) -> ReleaseReport:
    with workplace.store.transaction() as session:
        return releases.release(session, name, SCHEME, created="2025-02-03T04:05:06+00:00", **options)


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
