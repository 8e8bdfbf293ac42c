"""Round trips of every repository, on SQLite and PostgreSQL alike."""

import json

import pytest
from annotation_sets import SCHEME, a_set, span
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nasty import annotation_sets, texts

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import Article, Cut, sha256
from workbench.errors import ArticleError, ModelError, ReleaseError, StoreError
from workbench.store import (
    Store,
    annotations,
    articles,
    correction_counts,
    models,
    prediction_ledger,
    problems,
    projects,
    releases,
    revisions,
    task_ledger,
)
from workbench.store.models import Model, Promotion
from workbench.store.problems import Problem
from workbench.store.releases import Release, ReleaseItem
from workbench.store.revisions import Correction, Revision

MANY = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def add(store: Store, text: str, **fields: object) -> Article:
    article = Article.from_text(text, title=text[:10], source=f"{text[:5]}.txt").model_copy(update=fields)
    with store.transaction() as session:
        articles.add(session, article, raw=text)
    return article


def revision(article: Article, set_id: str, number: int = 1, **fields: object) -> Revision:
    values = {
        "article_id": article.id,
        "article_version": article.version,
        "annotator": "ann",
        "origin": "here",
        "external_id": "7",
        "updated": f"2025-01-01T00:00:{number:02}+00:00",
        "created": "2025-01-01T00:00:00+00:00",
        "state": "submitted",
        "set_id": set_id,
    }
    return Revision.model_validate({**values, **fields})


@given(
    text=texts(),
    title=texts(pieces=4),
    meta=st.dictionaries(texts(pieces=2), texts(pieces=2) | st.integers(-5, 5), max_size=3),
)
@MANY
def test_an_article_comes_back_as_it_went_in(store: Store, text: str, title: str, meta: dict[str, str | int]) -> None:
    raw = f"[ad]{text}"
    article = Article.from_text(text, title=title, source="a.html", published="2025-10-21", meta=meta).model_copy(
        update={
            "id": f"a-{sha256(raw + title + json.dumps(meta))[:16]}",
            "raw_sha256": sha256(raw),
            "cuts": (Cut(start=0, end=4, reason="box", text="[ad]"),),
            "story_group": title,
        }
    )
    with store.transaction() as session:
        articles.add(session, article, raw=raw, media_type="text/html")
    with store.transaction() as session:
        assert articles.get(session, article.id) == article
        assert articles.raw(session, article.id) == (raw, "text/html")


@given(data=st.data(), text=texts())
@MANY
def test_an_annotation_set_comes_back_as_it_went_in(store: Store, data: st.DataObject, text: str) -> None:
    found: AnnotationSet = data.draw(annotation_sets(SCHEME, text))
    article = add(store, text)
    with store.transaction() as session:
        key = annotations.keep(session, article.id, 1, found)
        assert annotations.keep(session, article.id, 1, found) == key
    with store.transaction() as session:
        stored = annotations.get_set(session, key)
    assert stored.annotations == found
    assert (stored.article_id, stored.article_version) == (article.id, 1)


def test_the_same_article_twice_is_one_with_both_sources(store: Store) -> None:
    one = add(store, "Oslo")
    with store.transaction() as session:
        assert not articles.add(session, one.model_copy(update={"source": "elsewhere"}), raw="Oslo")
        assert not articles.add(session, one, raw="Oslo")
        assert articles.count(session) == 1
        assert articles.sources(session, one.id) == ["Oslo.txt", "elsewhere"]
        assert articles.get(session, one.id).source == "Oslo.txt"


def test_a_corrected_text_is_a_new_version_and_the_old_one_stays(store: Store) -> None:
    one = add(store, "Oslo")
    with store.transaction() as session:
        later = articles.add_version(session, Article.from_text("Oslo!").model_copy(update={"id": one.id}))
    assert later.version == 2
    with store.transaction() as session:
        assert articles.get(session, one.id).text == "Oslo!"
        assert articles.get(session, one.id, 1).text == "Oslo"
        with pytest.raises(ArticleError):
            articles.get(session, one.id, 3)


def test_articles_are_found_by_the_beginning_of_their_id(store: Store) -> None:
    one, two = add(store, "Oslo", id="a-12"), add(store, "Bern", id="a-13")
    add(store, "Rome", id="a_1")
    with store.transaction() as session:
        assert articles.ids(session, prefix="a-") == [one.id, two.id]
        assert articles.ids(session, prefix="a_") == ["a_1"]
        assert articles.resolve(session, "a-13") == two.id
        assert [a.id for a in articles.get_many(session, [two.id, "nope", one.id])] == [two.id, one.id]
        for prefix in ("a-1", "x", "%"):
            with pytest.raises(ArticleError):
                articles.resolve(session, prefix)


def test_story_groups_signatures_and_splits(store: Store) -> None:
    one, two, three = add(store, "Oslo"), add(store, "Bern"), add(store, "Rome")
    with store.transaction() as session:
        articles.set_story_group(session, [one.id, three.id], "g")
        articles.keep_signature(session, one.id, "minhash", "old")
        articles.keep_signature(session, one.id, "minhash", "new")
        articles.assign_split(session, "g", "test")
        articles.assign_split(session, "g", "train")
    with store.transaction() as session:
        assert articles.story_groups(session) == {"g": [one.id, three.id], two.id: [two.id]}
        [signature] = articles.signatures(session, "minhash")
        assert (signature.article_id, signature.story_group, signature.body) == (one.id, "g", "new")
        assert articles.splits(session) == {"g": "test"}


def test_more_articles_than_one_query_takes(store: Store) -> None:
    with store.transaction() as session:
        for number in range(articles.BATCH + 3):
            made = Article.from_text(f"Story {number}")
            articles.add(session, made, raw=made.text)
        every = articles.ids(session)
        assert [article.id for article in articles.get_many(session, every)] == every


def test_a_revision_is_kept_once_and_the_last_one_counts(store: Store) -> None:
    article = add(store, "0123456789" * 10)
    corrections = (
        Correction(layer="entities", kind="span", decision="relabelled", parent_span="p", span="a", label_before="ORG"),
        Correction(layer="events", kind="role", decision="added", span="b", detail="actor"),
    )
    suggestion = a_set(span("p", "ORG", 0, 4)).model_copy(
        update={"producer": Producer(kind="rules", name="r", version="1")}
    )
    with store.transaction() as session:
        first = annotations.keep(session, article.id, 1, a_set(span("a", "GPE", 0, 4)))
        parent = annotations.keep(session, article.id, 1, suggestion)
        one = revision(article, first, parent_set_id=parent, lead_time=12.5)
        assert revisions.keep(session, one, corrections)
        assert not revisions.keep(session, one, corrections)
        assert revisions.keep(session, revision(article, first, 2, state="skipped"))
        assert revisions.keep(session, revision(article, first, 3, external_id="8", annotator="bob"))
    with store.transaction() as session:
        every = revisions.find(session)
        assert [r.updated[-8:-6] for r in every] == ["01", "02", "03"]
        assert every[0].model_copy(update={"id": None}) == one
        current = revisions.current(session, [article.id])
        assert {(r.external_id, r.state) for r in current} == {("7", "skipped"), ("8", "submitted")}
        assert every[0].id is not None
        assert revisions.corrections(session, every[0].id) == list(corrections)
        assert list(correction_counts.decisions(session)) == []
        assert revisions.find(session, origin="elsewhere") == []


def test_corrections_are_counted_over_what_is_current(store: Store) -> None:
    article = add(store, "0123456789" * 10)
    suggestion = a_set(span("p", "ORG", 0, 4)).model_copy(
        update={"producer": Producer(kind="rules", name="r", version="1")}
    )
    kept = Correction(layer="entities", kind="span", decision="kept", label_before="ORG", label_after="ORG")
    gone = Correction(layer="entities", kind="span", decision="deleted", label_before="ORG")
    with store.transaction() as session:
        key = annotations.keep(session, article.id, 1, a_set())
        parent = annotations.keep(session, article.id, 1, suggestion)
        revisions.keep(session, revision(article, key, 1, parent_set_id=parent), [gone])
        revisions.keep(session, revision(article, key, 2, parent_set_id=parent), [kept, kept])
        [count] = correction_counts.decisions(session)
    assert (count.model, count.label, count.decision, count.count) == ("r 1", "ORG", "kept", 2)


def test_suggestions_are_found_by_producer_and_article(store: Store) -> None:
    article = add(store, "0123456789" * 10)
    older, newer = (Producer(kind="model", name="m", version=version) for version in "12")
    with store.transaction() as session:
        for producer in (older, newer):
            made = a_set(span("p", "ORG", 0, 4)).model_copy(update={"producer": producer})
            annotations.keep(session, article.id, 1, made)
        annotations.keep(session, article.id, 1, a_set(span("a", "GPE", 0, 4)))
    with store.transaction() as session:
        found = annotations.suggestions(session, article.id, 1)
        assert [one.annotations.producer for one in found] == [older, newer]
        assert annotations.producers(session) == [(older, 1), (newer, 1)]
        assert annotations.suggested(session, newer, SCHEME.digest) == {(article.id, 1): found[1].id}
        assert annotations.suggested(session, newer, "other") == {}
        with pytest.raises(StoreError):
            annotations.get_set(session, "nope")


def test_a_release_is_written_once(store: Store) -> None:
    article = add(store, "0123456789" * 10)
    with store.transaction() as session:
        key = annotations.keep(session, article.id, 1, a_set())
    item = ReleaseItem(
        article_id=article.id, article_version=1, set_id=key, part="dev", story_group="s", annotators=("ann", "böb")
    )
    release = Release(name="v1", digest="d", created="2025", manifest={"a": [1, "é"]}, items=(item,))
    with store.transaction() as session:
        releases.add(session, release)
    with store.transaction() as session:
        assert releases.get(session, "v1") == release
        assert releases.names(session) == ["v1"]
    with pytest.raises(ReleaseError, match="don't change"), store.transaction() as session:
        releases.add(session, release.model_copy(update={"digest": "e"}))
    with pytest.raises(ReleaseError, match="there are: v1"), store.transaction() as session:
        releases.get(session, "v2")


def test_models_and_what_annotators_see(store: Store) -> None:
    with store.transaction() as session:
        assert models.champion(session).model is None
        releases.add(session, Release(name="v1", digest="d", created="2025", manifest={}, items=()))
        one = Model(version="m1", release="v1", base="sm", digest="x", created="2025", report={"f1": 0.5})
        models.add(session, one)
        models.set_report(session, "m1", {"f1": 0.6})
        models.decide(session, Promotion(model="m1", accepted=True, reason="better"))
        models.decide(session, Promotion(model="m1", accepted=False, reason="worse"))
    with store.transaction() as session:
        assert models.get(session, "m1") == one.model_copy(update={"report": {"f1": 0.6}})
        assert [p.accepted for p in models.promotions(session)] == [True, False]
        champion = models.champion(session)
        assert (champion.model, champion.reason) == ("m1", "better")
        with pytest.raises(ModelError, match="there are: m1"):
            models.get(session, "m2")


def test_the_ledger_of_what_was_sent(store: Store) -> None:
    article = add(store, "0123456789" * 10)
    with store.transaction() as session:
        key = annotations.keep(session, article.id, 1, a_set())
        project = projects.add(
            session, server="http://x", project_id=3, title="News", scheme_digest="s", config="<View/>"
        )
        task = task_ledger.intend_task(session, project.id, article.id, 1, priority=2.5, blind=True)
        assert task_ledger.intend_task(session, project.id, article.id, 1) == task
        assert task.state == "intended"
        prediction = prediction_ledger.intend_prediction(session, task.id, key, "m1")
        assert prediction_ledger.intend_prediction(session, task.id, key, "m1") == prediction
    with store.transaction() as session:
        task_ledger.settle_task(session, task.id, state="present", task_id=99, note="é")
        prediction_ledger.settle_prediction(session, prediction.id, state="present", prediction_id=5)
        projects.set_watermark(session, project.id, "2025")
        projects.set_model_version(session, project.id, "m1")
    with store.transaction() as session:
        [found] = task_ledger.tasks(session, project.id, state="present")
        assert (found.task_id, found.note, found.blind, found.priority) == (99, "é", True, 2.5)
        assert task_ledger.counts(session, project.id) == {"present": 1}
        [sent] = prediction_ledger.predictions(session, project.id, task_ids=[task.id])
        assert (sent.prediction_id, sent.state) == (5, "present")
        known = projects.find(session, "http://x", "News")
        assert known is not None
        assert (known.watermark, known.model_version) == ("2025", "m1")
        assert projects.find(session, "http://y", "News") is None


def test_problems_are_kept_once_and_settled(store: Store) -> None:
    problem = Problem(
        task_id=1, article_id=None, annotation_id=4, updated="u", rule="label-unknown", message="é", payload="{}"
    )
    with store.transaction() as session:
        project = projects.add(session, server="s", project_id=1, title="t", scheme_digest="d", config="")
        assert problems.keep(session, project.id, problem)
        assert not problems.keep(session, project.id, problem)
        assert problems.unsettled(session) == [problem]
        assert problems.settle(session, project.id, 4) == 1
        assert problems.unsettled(session, project.id) == []


def test_revisions_come_by_article_and_as_they_were_at_a_time(store: Store) -> None:
    articles_ = [add(store, f"{number} {'0123456789' * 10}") for number in range(3)]
    with store.transaction() as session:
        for number, article in enumerate(articles_[:2]):
            key = annotations.keep(session, article.id, 1, a_set())
            for updated in ("2025-01-02", "2025-01-01"):
                values = {
                    "article_id": article.id,
                    "article_version": 1,
                    "annotator": "ann",
                    "origin": "o",
                    "external_id": f"{number}",
                    "updated": updated,
                    "created": "2025",
                    "state": "submitted",
                    "set_id": key,
                    "parent_annotation": "9",
                }
                assert revisions.keep(session, revisions.Revision.model_validate(values))
    names = sorted(article.id for article in articles_[:2])
    with store.reading() as session:
        assert revisions.annotated(session) == names
        found = dict(revisions.by_article(session, [article.id for article in articles_]))
        assert list(found) == names
        assert [one.updated for one in found[names[0]]] == ["2025-01-01", "2025-01-02"]
        assert found[names[0]][0].parent_annotation == "9"
        assert list(revisions.by_article(session, names, stored_by="2000")) == []
        assert set(annotations.kinds(session, [found[names[0]][0].set_id, "none"]).values()) == {"person"}
