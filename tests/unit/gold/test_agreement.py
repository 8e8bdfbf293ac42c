"""Agreement out of a store, on SQLite and PostgreSQL."""

import re

import pytest
from annotation_sets import SCHEME

from workbench.core.agreement.comparison import EVERY
from workbench.core.annotations import Producer
from workbench.core.ports import Silent
from workbench.core.scheme import LabelScheme
from workbench.errors import AgreementError, ReleaseError
from workbench.gold import building
from workbench.gold.agreement import agreement
from workbench.store import revisions, schemes, withdrawals


def measure(workplace, **options):
    return agreement(workplace.store, SCHEME, Silent(), resamples=200, **options)


def strict(report, layer="entities"):
    return next(
        one.strict_f1.value
        for one in report.agreement.spans
        if (one.layer, one.label, one.pair) == (layer, EVERY, None)
    )


def both(workplace, *names, **labels):
    """Articles that two people annotated; `labels` says who has another label than PERSON."""
    found = [workplace.article(name) for name in names]
    for article in found:
        for person in ("ann", "ben"):
            workplace.submit(
                article, person, workplace.spans(article, prefix=person, label=labels.get(person, "PERSON"))
            )
    return found


def test_who_says_the_same_agrees_and_who_does_not_does_not(workplace) -> None:
    both(workplace, "a", "b")
    report = measure(workplace)
    assert (strict(report), report.agreement.annotators, report.alone) == (1, {"ann": 2, "ben": 2}, 0)
    article = workplace.article("c")
    workplace.submit(article, "ann")
    workplace.submit(article, "ben", workplace.spans(article, prefix="ben", label="ORG"))
    report = measure(workplace)
    assert strict(report) == pytest.approx(2 / 3)
    assert [(one.layer, one.kind, one.count) for one in report.agreement.disagreements] == [("entities", "label", 1)]
    assert report.agreement.disagreements[0].articles[0].title == "c"


def test_the_report_shows_itself(workplace) -> None:
    both(workplace, "a", "b", ben="ORG")
    alone, skipped = workplace.article("alone"), workplace.article("skipped")
    workplace.submit(alone, "ann")
    workplace.submit(skipped, "ann", state="skipped")
    workplace.submit(skipped, "ben", state="skipped")
    shown = str(measure(workplace))
    assert "articles that two or more people annotated: 2" in shown
    assert "annotators: ann 2, ben 2" in shown
    assert "which say nothing of agreement: 1" in shown
    assert re.search(r"entities +4 +0\.00", shown)
    assert "1 label; for example 'Anna Holm'" in shown
    assert "1 article was skipped by everybody who saw it:" in shown
    assert "kappa of modality of events is not defined: everybody gave the same one value everywhere" in shown
    assert "By pair of annotators" not in shown, "there is one pair"


def test_pairs_are_shown_where_there_are_several(workplace) -> None:
    [article] = both(workplace, "a")
    workplace.submit(article, "cem")
    report = measure(workplace)
    assert [(one.pair, one.articles) for one in report.agreement.pairs] == [
        (("ann", "ben"), 1),
        (("ann", "cem"), 1),
        (("ben", "cem"), 1),
    ]
    assert "ann and cem" in str(report)
    assert "there are no intervals: one article says nothing about others" in report.remarks


def test_what_is_not_independent_is_listed_and_left_out(workplace) -> None:
    articles = both(workplace, "a", "b")
    with workplace.store.transaction() as session:
        last = revisions.current(session, [articles[0].id])[-1]
        copied = last.model_copy(
            update={"id": None, "annotator": "cem", "external_id": "c", "parent_annotation": last.external_id}
        )
        assert revisions.keep(session, copied)
    workplace.submit(articles[1], "ben", workplace.spans(articles[1], label="ORG", prefix="ben"), external="again")
    report = measure(workplace)
    assert {(one.annotator, one.title, one.reason) for one in report.left_out} == {
        ("cem", "a", "copied"),
        ("ben", "b", "of the same person"),
    }
    assert report.agreement.annotators == {"ann": 2, "ben": 2}
    assert strict(report) == 0.5
    assert "2 annotations were left out:" in str(report)


def test_suggestions_beside_none(workplace) -> None:
    first, second = workplace.article("a"), workplace.article("b")
    rules = workplace.spans(first).model_copy(update={"producer": Producer(kind="rules", name="rules")})
    for person in ("ann", "ben"):
        workplace.submit(first, person, parent=rules)
        workplace.submit(
            second, person, workplace.spans(second, prefix=person, label="ORG" if person == "ben" else "GPE")
        )
    report = measure(workplace)
    found = {(one.suggestions, one.layer): one.strict_f1.value for one in report.agreement.suggestions}
    assert (found["both", "entities"], found["neither", "entities"]) == (1, 0)
    assert "both from suggestions" in str(report)


def test_a_release_is_measured_as_it_was_when_it_was_made(workplace) -> None:
    articles = both(workplace, "a", "b")
    created = "2999-01-01T00:00:00+00:00"
    with workplace.store.transaction() as session:
        building.release(session, "v1", SCHEME, created=created)
    [other] = both(workplace, "c", ben="ORG")
    assert measure(workplace, release="v1").agreement.articles == len(articles)
    assert strict(measure(workplace)) == pytest.approx(2 / 3)
    assert other.title == "c"
    with workplace.store.transaction() as session:
        building.release(session, "early", SCHEME, created="2001-01-01T00:00:00+00:00", policy="latest")
    with pytest.raises(
        AgreementError, match="nobody has submitted an annotation yet on the articles of the release early"
    ):
        measure(workplace, release="early")
    with pytest.raises(ReleaseError, match="no release 'v9'"):
        measure(workplace, release="v9")


def test_nothing_submitted(workplace) -> None:
    with pytest.raises(AgreementError, match=r"nobody has submitted an annotation yet\n") as caught:
        measure(workplace)
    assert "workbench pull" in caught.value.hint
    workplace.submit(workplace.article("a"), state="skipped")
    with pytest.raises(AgreementError, match="yet; 1 article was skipped by everybody who saw it"):
        measure(workplace)


def test_one_annotator_only(workplace) -> None:
    workplace.submit(workplace.article("a"))
    workplace.submit(workplace.article("b"))
    with pytest.raises(
        AgreementError, match="needs two annotators who work independently, and there is one: ann 2"
    ) as caught:
        measure(workplace)
    assert "--overlap 2" in caught.value.hint


def test_no_overlap(workplace) -> None:
    workplace.submit(workplace.article("a"), "ann")
    workplace.submit(workplace.article("b"), "ben")
    with pytest.raises(AgreementError, match="no article was annotated by two people: ann 1, ben 1"):
        measure(workplace)


def test_two_annotations_by_one_person_are_one_voice(workplace) -> None:
    article = workplace.article("a")
    workplace.submit(article, "ann")
    workplace.submit(article, "ann", external="again")
    with pytest.raises(AgreementError, match=r"there is one: ann 1; 1 left out: of the same person, the first a-"):
        measure(workplace)


def test_label_schemes_that_cannot_be_compared(workplace) -> None:
    article = workplace.article("a")
    workplace.submit(article, "ann")
    other = workplace.spans(article, prefix="ben").model_copy(update={"scheme_digest": "0123456789abcdef"})
    workplace.submit(article, "ben", other)
    with pytest.raises(
        AgreementError, match="under label schemes that can be compared: ann 1, ben 1; 1 left out"
    ) as caught:
        measure(workplace)
    assert "0123456789abcdef" in str(caught.value)
    assert "scheme diff" in caught.value.hint


def test_a_scheme_that_only_grew_is_compared(workplace) -> None:
    article = workplace.article("a")
    layers = tuple(
        layer.model_copy(update={"labels": tuple(one for one in layer.labels if one.value != "FAC")})
        for layer in SCHEME.layers
    )
    before = LabelScheme.model_validate(SCHEME.model_copy(update={"layers": layers}).model_dump())
    with workplace.store.transaction() as session:
        schemes.keep(session, before)
    workplace.submit(article, "ann")
    older = workplace.spans(article, prefix="ben").model_copy(update={"scheme_digest": before.digest})
    workplace.submit(article, "ben", older)
    assert strict(measure(workplace)) == 1


def test_nothing_marked_by_anybody_is_agreement_that_cannot_be_corrected(workplace) -> None:
    article = workplace.article("a")
    empty = workplace.spans(article).model_copy(update={"layers": SCHEME.empty_layers()})
    for person in ("ann", "ben"):
        workplace.submit(article, person, empty)
    report = measure(workplace)
    assert report.agreement.articles == 1
    assert [one for one in report.agreement.spans if one.first or one.second] == []
    assert str(report)


def test_one_label_only_leaves_nothing_to_chance(workplace) -> None:
    article = workplace.article("a")
    said = workplace.spans(article)
    whole = said.layers["entities"][0].model_copy(update={"start": 0, "end": len(article.text), "text": article.text})
    said = said.model_copy(update={"layers": {**said.layers, "entities": (whole,)}})
    for person in ("ann", "ben"):
        workplace.submit(article, person, said)
    report = measure(workplace)
    [entities] = [one for one in report.agreement.spans if (one.layer, one.label, one.pair) == ("entities", "*", None)]
    assert (entities.strict_f1.value, entities.kappa.value, entities.alpha.value) == (1, None, None)
    assert "kappa and alpha of entities are not defined: everybody says the same of every token" in report.remarks


def test_frames_of_which_all_say_the_same_cannot_be_corrected(workplace) -> None:
    article = workplace.article("a")
    said = workplace.spans(article)
    bare = said.layers["events"][0].model_copy(update={"arguments": ()})
    for person in ("ann", "ben"):
        workplace.submit(article, person, said.model_copy(update={"layers": {**said.layers, "events": (bare,)}}))
    assert any("frames of events cannot be corrected for chance" in one for one in measure(workplace).remarks)


@pytest.mark.parametrize("release", [None, "v1"])
def test_what_was_erased_is_counted_and_not_measured(workplace, release: str | None) -> None:
    gone, *_ = both(workplace, "a", "b", "c")
    with workplace.store.transaction() as session:
        building.release(session, "v1", SCHEME, created="2099-02-03T04:05:06+00:00")
        withdrawals.withdraw(session, gone.id, "the publisher asked")
        withdrawals.erase(session, gone.id)
    report = measure(workplace, release=release)
    assert report.agreement.annotators == {"ann": 2, "ben": 2}
    assert "1 of the articles was erased, and can be measured no more" in report.remarks


def test_what_is_withdrawn_is_not_measured_but_in_a_release_that_holds_it(workplace) -> None:
    gone, *_ = both(workplace, "a", "b", "c")
    with workplace.store.transaction() as session:
        building.release(session, "v1", SCHEME, created="2099-02-03T04:05:06+00:00")
        withdrawals.withdraw(session, gone.id, "the publisher asked")
    report = measure(workplace)
    assert report.agreement.annotators == {"ann": 2, "ben": 2}
    assert "1 annotated article is withdrawn, and not measured" in report.remarks
    assert measure(workplace, release="v1").agreement.annotators == {"ann": 3, "ben": 3}
