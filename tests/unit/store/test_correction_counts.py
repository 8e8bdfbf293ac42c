"""The correction ledger is counted by the database, over what is current, on SQLite and PostgreSQL alike."""

import time
from collections import Counter

from annotation_sets import SCHEME, TEXT, a_set, span
from sqlalchemy import event

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import Article
from workbench.store import Store, Transaction, annotations, articles, correction_counts, revisions, tables
from workbench.store.correction_counts import CorrectionCount
from workbench.store.revisions import MOVED_TOO, WITH_SPAN, Correction, Revision

RULES = Producer(kind="rules", name="r", version="1")


def add(session: Transaction) -> tuple[str, str, str]:
    """An article, the key of its suggestion, and the key of a person's set."""
    article = Article.from_text(TEXT)
    articles.add(session, article, raw=TEXT)
    suggestion: AnnotationSet = a_set(span("p", "ORG", 0, 4)).model_copy(update={"producer": RULES})
    keys = [annotations.keep(session, article.id, 1, one) for one in (suggestion, a_set())]
    return article.id, keys[0], keys[1]


def revise(
    session: Transaction,
    keys: tuple[str, str, str],
    *corrections: Correction,
    external_id: str = "1",
    updated: str = "1",
    parent: bool = True,
    **fields: object,
) -> None:
    values: dict[str, object] = {
        "article_id": keys[0],
        "article_version": 1,
        "annotator": "ann",
        "origin": "here",
        "external_id": external_id,
        "updated": updated,
        "created": "0",
        "state": "submitted",
        "set_id": keys[2],
        "parent_set_id": keys[1] if parent else None,
    }
    assert revisions.keep(session, Revision.model_validate({**values, **fields}), corrections)


def kept(label: str, name: str = "p") -> Correction:
    return Correction(
        layer="entities",
        kind="span",
        decision="kept",
        label_before=label,
        label_after=label,
        parent_span=name,
        span=name,
    )


def test_what_an_annotation_was_before_counts_for_nothing(store: Store) -> None:
    with store.transaction() as session:
        keys = add(session)
        revise(session, keys, kept("ORG"), updated="1")
        revise(session, keys, kept("GPE"), kept("GPE", "q"), updated="2")
        revise(session, keys, kept("LOC"), external_id="2", updated="1")
        revise(session, keys, external_id="2", updated="2", state="deleted")
        revise(session, keys, external_id="3", annotator="bob", state="skipped")
        expected = CorrectionCount(
            annotator="ann", model="r 1", layer="entities", kind="span", label="GPE", decision="kept", count=2
        )
        assert correction_counts.decisions(session) == [expected]
        [work] = correction_counts.work(session)
        assert (work.annotator, work.annotations, work.timed, work.corrections) == ("ann", 1, 0, 0)


def test_two_revisions_of_one_second_count_once_the_later_stored_one(store: Store) -> None:
    with store.transaction() as session:
        keys = add(session)
        revise(session, keys, external_id="1", updated="1", state="skipped")
        revise(session, keys, kept("GPE"), external_id="1", updated="1")
        assert [one.label for one in correction_counts.decisions(session)] == ["GPE"]


def test_a_span_whose_attribute_was_changed_is_not_kept(store: Store) -> None:
    changed = Correction(
        layer="events", kind="attribute", decision="changed", parent_span="v", span="v", detail="modality"
    )
    document = Correction(layer="document", kind="attribute", decision="changed", detail="relevance")
    event_kept = kept("AID", "v").model_copy(update={"layer": "events"})
    with store.transaction() as session:
        keys = add(session)
        revise(session, keys, kept("ORG"), event_kept, changed, document)
        counts = {(one.kind, one.label, one.decision): one.count for one in correction_counts.decisions(session)}
    assert counts == {
        ("span", "ORG", "kept"): 1,
        ("span", "AID", "changed"): 1,
        ("attribute", "modality", "changed"): 1,
        ("attribute", "relevance", "changed"): 1,
    }


def test_work_is_counted_by_annotator_and_model_with_its_time(store: Store) -> None:
    moved = Correction(layer="entities", kind="span", decision="relabelled", label_before="ORG", detail=MOVED_TOO)
    gone = Correction(layer="events", kind="role", decision="deleted", label_before="actor", detail=WITH_SPAN)
    with store.transaction() as session:
        keys = add(session)
        revise(session, keys, moved, gone, kept("GPE"), external_id="1", lead_time=30.0)
        revise(session, keys, gone.model_copy(update={"detail": ""}), external_id="2", lead_time=10.5)
        revise(session, keys, moved, external_id="3")
        revise(session, keys, external_id="4", parent=False, lead_time=5.0)
        by_hand, corrected = correction_counts.work(session)
    assert (by_hand.model, by_hand.annotations, by_hand.corrections, by_hand.seconds) == ("", 1, 0, 5.0)
    assert (corrected.model, corrected.annotations, corrected.corrections) == ("r 1", 3, 5)
    assert (corrected.timed, corrected.timed_corrections, corrected.seconds) == (2, 3, 40.5)


def test_ten_thousand_revisions_are_counted_in_one_query_each(store: Store) -> None:
    labels = SCHEME.layers[0].label_values
    expected: Counter[str] = Counter()
    with store.transaction() as session:
        keys = add(session)
        rows = []
        for number in range(10_000):
            label = labels[number % len(labels)]
            values = {
                "id": number + 1, "article_id": keys[0], "article_version": 1, "annotator": f"a{number % 3}",
                "origin": "here", "external_id": str(number // 2), "updated": str(number % 2), "created": "0",
                "state": "submitted", "set_id": keys[2], "parent_set_id": keys[1], "lead_time": 1.0, "stored": "0",
            }  # fmt: skip
            rows.append((values, label))
            if number % 2:
                expected[label] += 2
        session.connection().execute(tables.RevisionRow.__table__.insert(), [values for values, _ in rows])
        one = {"layer": "entities", "kind": "span", "decision": "kept", "detail": ""}
        made = [
            {**one, "revision_id": values["id"], "label_before": label, "label_after": label, "span": f"s{place}"}
            for values, label in rows
            for place in range(2)
        ]
        session.connection().execute(tables.CorrectionRow.__table__.insert(), made)
    with store.transaction() as session:
        asked: list[str] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        started = time.process_time()
        counts, work = correction_counts.decisions(session), correction_counts.work(session)
        seconds = time.process_time() - started
    found: Counter[str] = Counter()
    for count in counts:
        found[count.label] += count.count
    assert found == expected
    assert sum(count.annotations for count in work) == 5_000
    assert len(asked) == 2
    assert seconds < 5, seconds
