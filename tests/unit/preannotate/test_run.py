"""Suggestions for a whole store: none twice, none lost when interrupted."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.core.scheme import LabelScheme
from workbench.preannotate import run
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.run import preannotate
from workbench.store import Store, annotations, articles


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'w.db'}")
    with opened.transaction() as session:
        for number in range(7):
            article = Article.from_text(f"Norway condemned Iran {number} times.")
            articles.add(session, article, raw=article.text)
    yield opened
    opened.close()


class Failing:
    """The rules, until they are interrupted after some articles."""

    def __init__(self, rules: Rules, after: int) -> None:
        self._rules, self._after = rules, after
        self.producer, self.remarks = rules.producer, rules.remarks

    def annotate(self, articles: Iterable[Article]) -> Iterator[AnnotationSet]:
        for number, found in enumerate(self._rules.annotate(articles)):
            if number == self._after:
                raise KeyboardInterrupt
            yield found


def known(store: Store, rules: Rules, scheme: LabelScheme) -> int:
    with store.transaction() as session:
        return len(annotations.suggested(session, rules.producer, scheme.digest))


def test_every_article_gets_one_set_and_none_a_second(store: Store, rules: Rules, scheme: LabelScheme) -> None:
    first = preannotate(store, rules, scheme, Silent())
    assert (first.articles, first.already, first.left) == (7, 0, 0)
    assert {layer.layer: layer.spans for layer in first.layers}["events"] == 7
    second = preannotate(store, rules, scheme, Silent())
    assert (second.articles, second.already) == (0, 7)
    again = preannotate(store, rules, scheme, Silent(), again=True)
    assert (again.articles, known(store, rules, scheme)) == (7, 7)


def test_a_limit_leaves_the_rest_for_the_next_run(store: Store, rules: Rules, scheme: LabelScheme) -> None:
    first = preannotate(store, rules, scheme, Silent(), limit=3)
    assert (first.articles, first.left) == (3, 4)
    second = preannotate(store, rules, scheme, Silent(), limit=100)
    assert (second.articles, second.already, second.left) == (4, 3, 0)


def test_an_interruption_costs_one_lot_at_the_most(
    store: Store, rules: Rules, scheme: LabelScheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "AT_ONCE", 2)
    with pytest.raises(KeyboardInterrupt):
        preannotate(store, Failing(rules, 5), scheme, Silent())
    assert known(store, rules, scheme) == 4
    report = preannotate(store, rules, scheme, Silent())
    assert (report.articles, report.already) == (3, 4)


def test_a_corrected_text_is_annotated_anew(store: Store, rules: Rules, scheme: LabelScheme) -> None:
    preannotate(store, rules, scheme, Silent())
    with store.transaction() as session:
        article = articles.get(session, articles.ids(session)[0])
        changed = Article.from_text("Chile condemned Peru.")
        articles.add_version(
            session, article.model_copy(update={"text": changed.text, "text_sha256": changed.text_sha256})
        )
    report = preannotate(store, rules, scheme, Silent())
    assert (report.articles, report.already) == (1, 6)


def test_the_articles_of_a_story_share_its_persons(
    rules: Rules, scheme: LabelScheme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "AT_ONCE", 1)
    story = [
        "Envoy Oleh Kravchuk left. Kravchuk denied it.",
        "Iran condemned Chad.",
        "Kravtchuk met Norway's ministers on Monday.",
        "Envoy Oleg Krawtschuk smiled. Spokesman Oleh Kravchuk smiled.",
    ]
    opened = Store.open(f"sqlite:///{tmp_path / 's.db'}")
    with opened.transaction() as session:
        for text in story:
            group = None if "Iran" in text else "talks"
            article = Article.from_text(text).model_copy(update={"story_group": group})
            articles.add(session, article, raw=text)
    preannotate(opened, rules, scheme, Silent())
    names: set[tuple[str, str, str | None]] = set()
    with opened.transaction() as session:
        for key in articles.ids(session):
            (one,) = annotations.suggestions(session, key, 1)
            names |= {(s.text, s.label, s.norm) for s in one.annotations.layers["entities"] if "Kr" in s.text}
    opened.close()
    full = "Oleh Kravchuk"
    assert names == {
        (full, "PERSON", None),
        ("Kravchuk", "PERSON", full),
        ("Kravtchuk", "PERSON", full),
        ("Oleg Krawtschuk", "PERSON", full),
    }
