"""Training takes no more memory for more articles, once all that is ever kept is full."""

import gc
import tracemalloc
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import islice, permutations
from typing import TypeVar

import pytest
from market import SCHEME, a_set, sold

from workbench.core.annotations import AnnotatedArticle, Span
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.pipeline import base, features, spool
from workbench.training import corpus
from workbench.training.learn import train_pipeline
from workbench.training.report import ALONE, TrainOptions

T = TypeVar("T")
LIBRARIES = ("srsly", "thinc", "spacy")


def articles(number: int) -> Iterator[AnnotatedArticle]:
    """Articles of 15 spans each, whose sentences are the same from one to the next, in another order each time."""
    for story, order in enumerate(islice(permutations(range(5)), number)):
        text, spans = "", list[Span]()
        for place in order:
            sentence, gold = sold(place)
            for _, span in gold.spans():
                arguments = tuple(one.model_copy(update={"target": f"{place}-{one.target}"}) for one in span.arguments)
                at = {"start": span.start + len(text), "end": span.end + len(text)}
                spans.append(span.model_copy(update={"id": f"{place}-{span.id}", "arguments": arguments, **at}))
            text += sentence + "\n"
        article = Article.from_text(text).model_copy(update={"story_group": f"story-{story}"})
        moved = [span.model_copy(update={"text": article.text[span.start : span.end]}) for span in spans]
        yield AnnotatedArticle(article=article, annotations=a_set(article.text, *moved))


class Kept(Silent):
    """How many bytes are in use when each part of training ends, without what libraries keep of their own."""

    def __init__(self) -> None:
        self.at: dict[str, int] = {}

    def track(self, items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
        yield from items
        gc.collect()
        there = tracemalloc.take_snapshot().filter_traces(
            [tracemalloc.Filter(False, f"*/{one}/*") for one in LIBRARIES]
        )
        self.at[what] = sum(trace.size for trace in there.traces)


def kept(number: int) -> dict[str, int]:
    """What is kept in memory of reading so many articles and training on them."""
    at = Kept()
    tracemalloc.start()
    places = corpus.spooled()
    for one in articles(number):
        places.append(one)
    gold = corpus.of("many", {"train": places}, SCHEME)
    train_pipeline(gold, SCHEME, "many-1", at, TrainOptions(suggester=ALONE, max_misaligned=1.0, epochs=1, folds=2))
    tracemalloc.stop()
    return at.at


def test_three_times_the_articles_are_hardly_more_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "FIRST", 2)
    monkeypatch.setattr(spool, "IN_MEMORY", 1)
    monkeypatch.setattr(features, "REMEMBERED", 2)
    monkeypatch.setattr(features, "_views", OrderedDict())  # what was read before would give way to what is read here
    nlp = base.load(TrainOptions().base)
    monkeypatch.setattr(base, "load", lambda name: nlp)
    kept(3)  # what is made once for all
    few, many = kept(8), kept(24)
    assert len(few) == 4
    more = {what: (many[what] - few[what]) // 16 for what in few}
    assert max(more.values()) < 4_000, f"bytes an article: {more}"
