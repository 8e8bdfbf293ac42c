import json

import pytest
from annotation_sets import SCHEME

from workbench.core import documents
from workbench.core.annotations import Argument, Origin, Producer
from workbench.core.counted import counted
from workbench.core.scheme import LabelScheme
from workbench.errors import ReleaseError
from workbench.gold import building, pseudonyms, releases
from workbench.gold.manifest import ReleaseManifest
from workbench.store import Store, articles, problems, projects, revisions
from workbench.store import releases as kept
from workbench.store.revisions import Correction

NOW = "2025-02-03T04:05:06+00:00"


def build(workplace, name="v1", *, created=NOW, **options):
    with workplace.store.transaction() as session:
        return building.release(session, name, SCHEME, created=created, **options)


def gold(workplace, name="v1", part=None):
    with workplace.store.transaction() as session:
        return {one.article.title: one for one in releases.read(session, name, part)}


def test_what_was_submitted_is_released_and_the_rest_is_listed(workplace) -> None:
    a, b, c, d = (workplace.article(name) for name in "abcd")
    workplace.article("untouched")
    workplace.submit(a)
    workplace.submit(b, state="skipped")
    workplace.submit(c, state="deleted")
    workplace.submit(d, "ann", state="skipped")
    workplace.submit(d, "bob")
    manifest = build(workplace).manifest
    assert manifest.articles == 2
    assert {(one.title, one.reason) for one in manifest.left_out} == {
        ("b", "it was skipped"),
        ("c", "its annotations were deleted"),
    }
    assert manifest.annotators == {"annotator-1": 1, "annotator-2": 1}
    assert sum(manifest.layers["events"].labels["SUPPORT"].values()) == 2
    assert sum(manifest.layers["events"].roles["actor"].values()) == 2
    assert manifest.document["relevance"]["relevant"] == 2
    assert manifest.label_scheme == SCHEME
    assert manifest.label_scheme.digest == manifest.scheme_digest
    found = gold(workplace)
    assert set(found) == {"a", "d"}
    assert found["a"].annotations.layers["entities"][0].text == "Anna Holm"


def test_nothing_submitted_is_an_error(workplace) -> None:
    workplace.submit(workplace.article("a"), state="skipped")
    with pytest.raises(ReleaseError, match="skipped"):
        build(workplace)


def test_annotators_who_differ_only_in_ids_and_scores_agree(workplace) -> None:
    a = workplace.article("a")
    workplace.submit(a, "ann")
    other = workplace.spans(a, prefix="zoe")
    plain = tuple(s.model_copy(update={"score": None, "norm": "x", "attributes": {}}) for s in other.layers["events"])
    workplace.submit(a, "zoe", other.model_copy(update={"layers": {**other.layers, "events": plain}}))
    with workplace.store.transaction() as session:
        manifest = building.release(session, "v1", SCHEME, created=NOW).manifest
        assert kept.get(session, "v1").items[0].annotators == ("annotator-1", "annotator-2")
    assert manifest.annotators == {"annotator-1": 1, "annotator-2": 1}


@pytest.mark.parametrize(("change", "places"), [("label", 4), ("argument", 2), ("attribute", 2), ("document", 1)])
def test_annotators_who_differ_are_refused_or_the_last_one_is_right(workplace, change: str, places: int) -> None:
    a = workplace.article("a")
    workplace.submit(a, "ann")
    other = workplace.spans(a, prefix="zoe", label="ORG" if change == "label" else "PERSON")
    event = other.layers["events"][0]
    if change == "argument":
        event = event.model_copy(update={"arguments": (Argument(role="recipient", target="zoep"),)})
    if change == "attribute":
        event = event.model_copy(update={"attributes": {"modality": "future"}})
    document = {"relevance": "not_relevant"} if change == "document" else {}
    other = other.model_copy(update={"layers": {**other.layers, "events": (event,)}, "document": document})
    workplace.submit(a, "zoe", other)
    with pytest.raises(ReleaseError) as caught:
        build(workplace)
    assert a.id in str(caught.value)
    assert f"ann and zoe differ in {counted(places, 'places')}" in str(caught.value)
    manifest = build(workplace, policy="latest").manifest
    assert manifest.annotators == {"annotator-2": 1}
    assert [one.overruled for one in manifest.set_aside] == [("annotator-1",)]
    assert gold(workplace)["a"].annotations.producer.name == "annotator-2"
    workplace.submit(a, "zoe", workplace.spans(a, prefix="zoe"))
    assert build(workplace, "v2").manifest.annotators == {"annotator-1": 1, "annotator-2": 1}


def test_the_same_content_has_the_same_digest_and_a_release_does_not_change(workplace) -> None:
    a, b = workplace.article("a"), workplace.article("b")
    workplace.submit(a)
    first = build(workplace)
    again = build(workplace, created="2026-01-01")
    assert again.existed
    assert again.manifest == first.manifest
    twin = build(workplace, "twin")
    assert twin.manifest.digest == first.manifest.digest
    assert twin.same_as == ("v1",)
    workplace.submit(b)
    with pytest.raises(ReleaseError, match="don't change"):
        build(workplace)
    assert build(workplace, "v2").manifest.digest != first.manifest.digest
    assert set(gold(workplace)) == {"a"}


def test_the_digest_is_the_same_in_another_store_whatever_came_first(workplace, tmp_path) -> None:
    other = type(workplace)(Store.open(f"sqlite:///{tmp_path / 'other.db'}"))
    for name in "abcde":
        workplace.submit(workplace.article(name))
    for name in "ecdab":
        other.submit(other.article(name))
    assert build(workplace).manifest.digest == build(other, "elsewhere").manifest.digest


def test_where_each_label_came_from(workplace) -> None:
    a = workplace.article("a")
    suggested = workplace.spans(a, label="ORG", prefix="r").model_copy(
        update={"producer": Producer(kind="rules", name="rules", version="1")}
    )
    corrections = (
        Correction(layer="entities", kind="span", decision="relabelled", parent_span="rp", span="annp"),
        Correction(layer="events", kind="span", decision="kept", parent_span="re", span="anne"),
        Correction(layer="events", kind="attribute", decision="changed", parent_span="re", span="anne"),
    )
    workplace.submit(a, parent=suggested, corrections=corrections)
    manifest = build(workplace).manifest
    assert manifest.suggested_by == {"rules 1": 1}
    assert manifest.layers["entities"].origins == {"relabelled": 1}
    assert manifest.layers["events"].origins == {"changed": 1}
    spans = {span.id: span for _, span in gold(workplace)["a"].annotations.spans()}
    origin = spans["annp"].origin
    assert origin is not None
    assert (origin.producer, origin.parent, origin.decision) == (suggested.producer, "rp", "relabelled")
    assert gold(workplace)["a"].annotations.parents == (suggested.digest,)


def test_another_text_version_or_scheme_is_left_out_with_its_reason(workplace) -> None:
    a, b, c = workplace.article("a"), workplace.article("b"), workplace.article("c")
    workplace.submit(a)
    workplace.submit(b, annotated=workplace.spans(b).model_copy(update={"scheme_digest": "older"}))
    workplace.submit(c)
    with workplace.store.transaction() as session:
        articles.add_version(session, type(a).from_text(a.text + "!").model_copy(update={"id": a.id}))
    reasons = {one.title: one.reason for one in build(workplace).manifest.left_out}
    assert "under another label scheme" in reasons["b"]
    assert len(reasons) == 2
    assert any("version 1 of its text, which is now version 2" in reason for reason in reasons.values())
    xml = '<View><Labels name="l" toName="t"><Label value="X"/></Labels><Text name="t" value="$t"/></View>'
    with pytest.raises(ReleaseError, match="no annotation can be released"), workplace.store.transaction() as session:
        building.release(session, "v2", LabelScheme.from_xml(xml), created=NOW)


def keep_problem(workplace, article: str, annotation_id: int, message: str, *, rule: str = "region-blank") -> int:
    """The project of a problem that a pull kept."""
    with workplace.store.transaction() as session:
        known = projects.every(session)
        project = (
            known[0]
            if known
            else projects.add(session, server="s", project_id=1, title="t", scheme_digest=SCHEME.digest, config="")
        )
        problem = problems.Problem(
            task_id=1,
            article_id=article,
            annotation_id=annotation_id,
            updated=NOW,
            rule=rule,
            message=message,
            payload="{}",
        )
        assert problems.keep(session, project.id, problem)
        return project.id


def test_what_was_pulled_and_does_not_fit_is_left_out_or_set_aside_by_name(workplace) -> None:
    a, b, c, d = (workplace.article(name) for name in "abcd")
    workplace.submit(a)
    workplace.submit(b, state="skipped")
    workplace.submit(d)
    keep_problem(workplace, a.id, 7, "z: holds only white space")
    keep_problem(workplace, b.id, 8, "y: is outside")
    keep_problem(workplace, c.id, 9, "x: says 'this', but the text has 'that'")
    project = keep_problem(workplace, c.id, 9, "w: has no label", rule="label-missing")
    keep_problem(workplace, d.id, 10, "v: settled since")
    with workplace.store.transaction() as session:
        assert problems.settle(session, project, 10) == 1
    manifest = build(workplace).manifest
    assert {one.title: one.reason for one in manifest.left_out} == {
        "b": "it was skipped; annotation 8 does not fit: y: is outside",
        "c": "annotation 9 does not fit: x: says 'this', but the text has 'that'; w: has no label",
    }
    [aside] = manifest.set_aside
    assert (aside.article_id, aside.unusable) == (a.id, ("annotation 7 does not fit: z: holds only white space",))


def test_a_version_that_does_not_fit_leaves_the_one_before_it_which_is_said(workplace) -> None:
    a = workplace.article("a")
    project = keep_problem(workplace, a.id, 7, "z: has no label")
    workplace.submit(a)
    with workplace.store.transaction() as session:
        [revision] = revisions.current(session)
        moved = revision.model_copy(update={"id": None, "origin": f"label-studio:{project}", "external_id": "7"})
        revisions.keep(session, moved)
    manifest = build(workplace).manifest
    [aside] = manifest.set_aside
    assert aside.unusable == (
        "the last version of annotation 7 of annotator-1 does not fit: z: has no label; the one of 2025-01-01T00:00:01 stands",
    )
    assert manifest.annotators == {"annotator-1": 1}
    assert gold(workplace)["a"].annotations.layers["entities"][0].text == "Anna Holm"


def test_only_what_does_not_fit_is_an_error_that_lists_it(workplace) -> None:
    a, b = workplace.article("a"), workplace.article("b")
    keep_problem(workplace, a.id, 7, "z: has no label")
    keep_problem(workplace, b.id, 8, "y: has no label")
    with pytest.raises(ReleaseError, match=r"no annotation can be released: annotation [78] does not fit") as caught:
        build(workplace)
    [entries] = caught.value.lists.values()
    assert dict(entries) == {
        f"{a.id} (a)": "annotation 7 does not fit: z: has no label",
        f"{b.id} (b)": "annotation 8 does not fit: y: has no label",
    }


def with_white_space(annotated, text: str):
    """The set as it was stored before white space was cut off."""
    [person] = annotated.layers["entities"]
    wide = person.model_copy(
        update={"start": person.start - 1, "end": person.end + 1, "text": text[person.start - 1 : person.end + 1]}
    )
    return annotated.model_copy(update={"layers": {**annotated.layers, "entities": (wide,)}})


def test_white_space_that_is_stored_at_the_edges_of_spans_is_not_in_the_gold_and_no_difference(workplace) -> None:
    a = workplace.article("a")
    workplace.submit(a, "ann", with_white_space(workplace.spans(a, prefix="x"), a.text))
    workplace.submit(a, "bob", workplace.spans(a, prefix="y"))
    workplace.submit(a, "zoe", with_white_space(workplace.spans(a, prefix="z"), a.text))
    report = build(workplace)
    assert report.manifest.annotators == {"annotator-1": 1, "annotator-2": 1, "annotator-3": 1}
    assert report.trimmed == ((a.id, "entities PERSON ' Anna Holm ' is taken as 'Anna Holm'"),)
    [person] = gold(workplace)["a"].annotations.layers["entities"]
    assert (person.text, a.text[person.start : person.end]) == ("Anna Holm", "Anna Holm")


def test_an_article_never_changes_sides_between_releases(workplace) -> None:
    train, test = workplace.article("one", story="x", split="train"), workplace.article("two", story="y", split="test")
    workplace.submit(train)
    workplace.submit(test)
    build(workplace)
    with workplace.store.transaction() as session:
        articles.set_story_group(session, [test.id], "x")
    workplace.submit(workplace.article("three"))
    manifest = build(workplace, "v2").manifest
    assert [one.title for one in manifest.left_out] == ["two"]
    assert "it was in test in the release v1" in manifest.left_out[0].reason
    assert set(gold(workplace, "v1", "test")) == {"two"}


def test_the_manifest_can_be_written_and_read(workplace) -> None:
    workplace.submit(workplace.article("a"))
    manifest = build(workplace).manifest
    assert json.loads(manifest.to_json())["schema"] == "workbench/release-manifest/1"
    assert ReleaseManifest.model_validate_json(manifest.to_json()) == manifest


@pytest.mark.parametrize("name", ["", "a/b", "..", "ü", "-x", "a" * 65])
def test_a_name_that_is_no_folder_name_is_refused(workplace, name: str) -> None:
    with pytest.raises(ReleaseError, match="cannot be the name"):
        build(workplace, name)


def test_the_release_before_it_is_its_parent(workplace) -> None:
    workplace.submit(workplace.article("a"))
    first = build(workplace, created="2025-01-01").manifest
    assert first.parent is None
    workplace.submit(workplace.article("b"))
    second = build(workplace, "v2", created="2025-01-02").manifest
    assert second.parent is not None
    assert (second.parent.name, second.parent.digest) == ("v1", first.digest)
    assert build(workplace, "v2", created="2025-01-03").manifest == second
    with workplace.store.transaction() as session:
        assert "v2" in str(releases.listed(session))


def test_no_release_names_an_annotator(workplace) -> None:
    a, b = workplace.article("a"), workplace.article("b")
    names = ("ann@news.example", "zoe@news.example")
    said = workplace.spans(a).model_copy(update={"producer": Producer(kind="person", name=names[0])})
    [person] = said.layers["entities"]
    origin = Origin(producer=Producer(kind="person", name="old@news.example"), decision="imported")
    said = said.model_copy(
        update={"layers": {**said.layers, "entities": (person.model_copy(update={"origin": origin}),)}}
    )
    workplace.submit(a, names[0], said)
    workplace.submit(b, names[1], workplace.spans(b).model_copy(update={"scheme_digest": "older"}))
    build(workplace)
    with workplace.store.transaction() as session:
        frozen = kept.get(session, "v1")
        written = json.dumps(frozen.model_dump()) + "".join(
            documents.to_json(one) for one in releases.read(session, "v1")
        )
        assert str(pseudonyms.report(session)).splitlines()[-2:] == [
            f"annotator-1  {names[0]}",
            f"annotator-2  {names[1]}",
        ]
    assert "annotator-1" in written
    assert "annotator-2 annotated it under another label scheme" in written
    assert "@" not in written
