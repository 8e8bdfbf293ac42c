"""What annotators differ in is decided by rule or left to a person, out of a store, on SQLite and PostgreSQL."""

import pytest
from adjudicated import differing, review
from annotation_sets import SCHEME

from workbench.core.adjudication.policies import Policies
from workbench.core.ports import Silent
from workbench.errors import SettingsError
from workbench.gold.adjudication.settling import Settled, nothing_to_merge, settle
from workbench.gold.adjudication.standing import standings
from workbench.store import adjudications, annotations

MAJORITY = Policies(majority=True)


def adjudicate(workplace, **options) -> Settled:
    return settle(workplace.store, SCHEME, Silent(), **options)


def states(workplace) -> dict[str, str]:
    with workplace.store.reading() as session:
        return {one.title: one.state for one in standings(session)}


def stands(workplace, article):
    with workplace.store.reading() as session:
        [found] = standings(session, [article.id])
        return found


def test_what_all_agree_on_is_taken_and_the_rest_waits(workplace) -> None:
    agreed = differing(workplace, "agreed", ann="PERSON", ben="PERSON")
    differing(workplace, "differing", ann="PERSON", ben="ORG")
    differing(workplace, "alone", ann="PERSON")
    assert states(workplace) == {"agreed": "not merged", "differing": "not merged", "alone": "alone"}
    found = adjudicate(workplace)
    assert states(workplace) == {"agreed": "agreed", "differing": "waiting", "alone": "alone"}
    assert states(workplace) == {one.title: one.state for one in found.standings.values()}
    [[dispute]] = found.disputes.values()
    assert str(dispute) == "entities ‘Anna Holm’: its label: PERSON (ann) or ORG (ben)"
    settled = stands(workplace, agreed)
    assert settled.annotators == ("ann", "ben")
    with workplace.store.reading() as session:
        gold = annotations.get_set(session, settled.set_id).annotations
        parents = {annotations.get_set(session, one.set_id).annotations.digest for one in _parents(session, agreed)}
    assert gold.producer.kind == "adjudicated"
    assert set(gold.parents) == parents
    assert [span.label for _, span in gold.spans()] == ["PERSON", "SUPPORT"]


def _parents(session, article):
    return adjudications.current(session, [article.id])[article.id].parents


def test_what_was_done_is_not_done_again(workplace) -> None:
    differing(workplace, "a", ann="PERSON", ben="ORG", cem="ORG")
    differing(workplace, "b", ann="PERSON", ben="PERSON")
    assert len(adjudicate(workplace).merged) == 2
    assert adjudicate(workplace).merged == set()
    assert len(adjudicate(workplace, policies=MAJORITY).merged) == 1
    assert states(workplace) == {"a": "by policy", "b": "agreed"}
    assert adjudicate(workplace).policies == MAJORITY, "those of the last run"
    assert adjudicate(workplace, policies=Policies()).merged == set(), "what is settled stays so"
    again = adjudicate(workplace, policies=Policies(), again=True)
    assert {one.title: one.state for one in again.standings.values()} == {"a": "waiting", "b": "agreed"}


def test_every_decision_is_kept_with_what_made_it(workplace) -> None:
    article = differing(workplace, "a", ann="PERSON", ben="ORG", cem="ORG")
    adjudicate(workplace, policies=MAJORITY)
    with workplace.store.reading() as session:
        made = adjudications.current(session)[article.id]
        [decision] = adjudications.decisions(session, made.id)
        counts = adjudications.decision_counts(session, [made.id])
    # Two spans and their places, a label, a modality, a role, and whether the text is relevant.
    assert (made.agreed, made.decided, made.left_open) == (8, 1, 0)
    assert (decision.by, decision.chosen) == ("majority", "ORG")
    assert [(str(one), one.people) for one in decision.said] == [
        ("ORG (ben, cem)", ("ben", "cem")),
        ("PERSON (ann)", ("ann",)),
    ]
    assert [(one.layer, one.kind, one.by, one.count) for one in counts] == [("entities", "label", "majority", 1)]
    assert stands(workplace, article).decided_by == "majority"


def test_a_person_settles_what_waits(workplace) -> None:
    article = differing(workplace, "a", ann="PERSON", ben="ORG")
    adjudicate(workplace)
    key = review(workplace, article)
    found = stands(workplace, article)
    assert (found.state, found.set_id, found.decided_by) == ("adjudicated", key, "judge")
    assert adjudicate(workplace, policies=MAJORITY, again=True).merged == set(), "a person's word stands"


def test_a_skip_and_a_deletion_in_the_review_decide_nothing(workplace) -> None:
    article = differing(workplace, "a", ann="PERSON", ben="ORG")
    adjudicate(workplace)
    review(workplace, article, state="skipped")
    found = stands(workplace, article)
    assert (found.state, found.why, found.set_id) == ("skipped in review", "skipped by judge in the review", None)
    assert list(adjudicate(workplace).disputes) == [article.id]
    review(workplace, article, who="chief")
    assert stands(workplace, article).decided_by == "chief"
    review(workplace, article, who="chief", state="deleted")
    assert stands(workplace, article).state == "skipped in review"


def test_an_edit_after_adjudication_reopens_the_article(workplace) -> None:
    agreed = differing(workplace, "agreed", ann="PERSON", ben="PERSON")
    decided = differing(workplace, "decided", ann="PERSON", ben="ORG")
    adjudicate(workplace)
    review(workplace, decided)
    for article in (agreed, decided):
        workplace.submit(article, "ben", workplace.spans(article, prefix="ben", label="GPE"))
    assert states(workplace) == {"agreed": "reopened", "decided": "reopened"}
    assert stands(workplace, agreed).why.startswith("ben changed it 2025-01-01T00:00:")
    assert stands(workplace, agreed).set_id is None
    adjudicate(workplace)
    assert states(workplace) == {"agreed": "waiting", "decided": "waiting"}
    review(workplace, decided)
    assert states(workplace) == {"agreed": "waiting", "decided": "adjudicated"}


def test_a_save_that_changes_nothing_reopens_nothing(workplace) -> None:
    article = differing(workplace, "a", ann="PERSON", ben="PERSON")
    adjudicate(workplace)
    same = workplace.spans(article, prefix="other", label="PERSON").model_copy(update={"created": "2025-02-01"})
    workplace.submit(article, "ben", same)
    assert stands(workplace, article).state == "agreed"


def test_a_new_annotator_and_one_whose_annotation_is_gone_reopen_it_too(workplace) -> None:
    article = differing(workplace, "a", ann="PERSON", ben="PERSON")
    adjudicate(workplace)
    workplace.submit(article, "cem", workplace.spans(article, prefix="cem"))
    assert stands(workplace, article).why == "cem annotated it, too"
    adjudicate(workplace)
    assert stands(workplace, article).annotators == ("ann", "ben", "cem")
    workplace.submit(article, "cem", state="deleted")
    assert stands(workplace, article).why == "the annotation of cem is gone"
    adjudicate(workplace)
    assert stands(workplace, article).annotators == ("ann", "ben")


def test_two_annotations_of_one_person_are_one_voice(workplace) -> None:
    article = differing(workplace, "a", ann="PERSON", ben="ORG")
    workplace.submit(article, "ben", workplace.spans(article, prefix="x", label="PERSON"), external="other")
    found = adjudicate(workplace)
    assert stands(workplace, article).state == "agreed"
    assert [(one.annotator, one.reason.partition(" (")[0]) for one in found.left_out] == [("ben", "of the same person")]
    # After adjudication, too: the one that was edited last is what counts.
    workplace.submit(article, "ben", workplace.spans(article, prefix="ben", label="GPE"))
    assert stands(workplace, article).why.startswith("ben changed it")


def test_what_was_made_under_another_scheme_is_left_out_and_does_not_reopen(workplace) -> None:
    article = differing(workplace, "a", ann="PERSON", ben="PERSON", cem="ORG")
    other = workplace.spans(article, prefix="dan").model_copy(update={"scheme_digest": "of long ago"})
    workplace.submit(article, "dan", other)
    found = adjudicate(workplace, policies=MAJORITY)
    assert [(one.annotator, one.reason) for one in found.left_out] == [
        ("dan", f"made under another label scheme (of long ago, now {SCHEME.digest})")
    ]
    assert stands(workplace, article).state == "by policy"
    assert stands(workplace, article).annotators == ("ann", "ben", "cem")
    two = differing(workplace, "b", ann="PERSON")
    workplace.submit(two, "dan", other)
    assert adjudicate(workplace, article_ids=[two.id]).standings[two.id].state == "alone"


def test_policies_name_layers_and_people_that_are_there(workplace) -> None:
    differing(workplace, "a", **{"ann@x.org": "PERSON", "ben@x.org": "ORG", "ben@y.org": "ORG"})
    found = adjudicate(workplace, policies=Policies(authority={"entities": "ann"}, seniority=("ben@y.org",)))
    assert found.policies == Policies(authority={"entities": "ann@x.org"}, seniority=("ben@y.org",))
    for policies, said in (
        (Policies(authority={"entity": "ann"}), "'entity' is no layer"),
        (Policies(seniority=("zoe",)), "zoe has annotated nothing; annotators are ann@x.org"),
        (Policies(seniority=("ben",)), "ben is 2 annotators: ben@x.org, ben@y.org"),
        (Policies(seniority=("ann", "ann@x.org")), "names somebody twice"),
    ):
        with pytest.raises(SettingsError, match=said):
            adjudicate(workplace, policies=policies)


def test_where_there_is_nothing_to_adjudicate_it_is_said_why(workplace) -> None:
    assert "nobody has submitted" in str(nothing_to_merge(adjudicate(workplace)))
    article = workplace.article("a")
    for who in ("ann", "ben"):
        workplace.submit(article, who, state="skipped")
    assert "1 article was skipped by everybody" in str(nothing_to_merge(adjudicate(workplace)))
    differing(workplace, "b", ann="PERSON")
    differing(workplace, "c", ben="PERSON")
    assert "no article was annotated by two people (ann 1, ben 1)" in str(nothing_to_merge(adjudicate(workplace)))
    differing(workplace, "d", ann="PERSON", ben="ORG")
    assert nothing_to_merge(adjudicate(workplace)) is None
