"""What models do on stories that were held back from them."""

from copy import copy

import numpy as np
import pytest
from market import SCHEME, a_set, sold
from spacy.training import Example

from workbench.core.annotations import AnnotatedArticle
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.pipeline import base
from workbench.pipeline.assemble import assemble
from workbench.pipeline.docs import annotate_doc
from workbench.training.corpus import Corpus
from workbench.training.epochs import Epochs
from workbench.training.held_back import deal, rescored
from workbench.training.learn import Trained, train_pipeline
from workbench.training.report import TrainOptions


def items(number: int) -> list[AnnotatedArticle]:
    """Articles with everything in them, two to a story."""
    found: list[AnnotatedArticle] = []
    for n in range(number):
        text, gold = sold(n)
        article = Article.from_text(text).model_copy(update={"story_group": f"story-{n // 2}"})
        found.append(AnnotatedArticle(article=article, annotations=gold))
    return found


def trained(number: int, **options: int) -> Trained:
    corpus = Corpus(release="r", items={"train": items(number), "dev": [], "test": []}, parts=())
    return train_pipeline(corpus, SCHEME, "r-1", Silent(), TrainOptions(epochs=4, **options))


def test_stories_stay_together_and_folds_are_about_equal() -> None:
    stories = [f"s{n % 25}" for n in range(100)]
    folds = deal(stories)
    assert len(folds) == 3
    assert sorted(story for fold in folds for story in fold) == sorted(set(stories))
    assert deal(list(reversed(stories))) == folds
    assert [len(fold) for fold in deal(["a", "b", "b", "c"])] == [1, 1, 1]
    assert len(deal([f"s{n}" for n in range(15)])) == 5
    assert deal(["one"] * 5) == []
    assert deal(stories, 0) == []
    assert len(deal(stories, 2)) == 2


def test_every_article_is_suggested_for_once_by_a_model_that_has_not_seen_its_story() -> None:
    nlp, report, held = trained(12)
    assert held is not None
    assert held.evaluation.articles == tuple(item.article.id for item in items(12))
    assert set(held.evaluation.stories) == {f"story-{n}" for n in range(6)}
    assert held.evaluation.mean > 0
    assert {one.component: one.epochs for one in report.components} == held.epochs
    # Another text in one story changes what is held back of it, and nothing that was learned for it.
    again = trained(12)
    assert again.held_back is not None
    assert again.held_back.evaluation == held.evaluation
    assert nlp.get_pipe("workbench_spans_v1").to_bytes() == again.nlp.get_pipe("workbench_spans_v1").to_bytes()


def test_an_article_that_comes_twice_is_held_back_twice() -> None:
    twice = [*items(8), *items(1)]
    corpus = Corpus(release="r", items={"train": twice, "dev": [], "test": []}, parts=())
    held = train_pipeline(corpus, SCHEME, "r-1", Silent(), TrainOptions(epochs=2)).held_back
    assert held is not None
    assert held.evaluation.articles == tuple(item.article.id for item in twice)


def test_nothing_is_held_back_of_one_story_or_where_nobody_wants_it() -> None:
    assert trained(2).held_back is None
    assert trained(8, folds=0).held_back is None


def test_scores_of_a_model_are_those_of_its_curve() -> None:
    nlp, _, held = trained(16)
    assert held is not None
    spans = nlp.get_pipe("workbench_spans_v1")
    layers = {layer for what, layer in held.curves if what == "span"}
    assert layers == {"acts", "things"}
    for (what, layer), curve in held.curves.items():
        if what == "span":
            assert spans.calibrated(layer, "BUY", 0.7) == curve.of(0.7, "BUY")


def test_new_scores_change_nothing_else() -> None:
    _, gold = sold(1)
    assert rescored(gold, {}) == gold
    assert rescored(a_set("Nothing."), {}).is_empty


def test_what_is_learned_again_from_some_of_the_articles_is_what_is_learned_from_these_alone() -> None:
    """A component that learns without one fold's stories takes its features from all articles, and nothing else."""
    nlp = base.load("en_core_web_sm")
    examples: list[Example] = []
    for item in items(8):
        doc = nlp.make_doc(item.article.text)
        annotate_doc(doc, item.annotations, SCHEME)
        examples.append(Example(nlp(item.article.text), doc))
    pipe = assemble(nlp, SCHEME)[0].pipe
    batches = pipe.initialize(lambda: examples)
    kept = [0, 2, 3, 5, 6]
    again, alone = copy(pipe), copy(pipe)
    learning = {
        "again": (again, again.relearn(batches, kept)),
        "alone": (alone, alone.initialize(lambda: [examples[number] for number in kept])),
    }
    assert again.known.counts == alone.known.counts
    assert again.cfg["tiers"] == alone.cfg["tiers"]
    for pipe, its in learning.values():
        epochs = Epochs(pipe, its, 0)
        for _ in range(4):
            epochs.learn()
    row = dict(zip(alone.keys.tolist(), alone.weights[1:], strict=True))
    for key, weights in zip(again.keys.tolist(), again.weights[1:], strict=True):
        assert weights == pytest.approx(row.get(key, np.zeros_like(weights)), abs=1e-2)
