"""What tells, before anybody has read an article, how much its labels would teach.

Everything is computed once an article and is small, so that a hundred thousand waiting articles fit into memory.
"""

import re
import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article

PER_WORDS = 100
TERMS = 1 << 15
"""Terms are counted by hash; articles of a few hundred words meet hardly any collision in so many."""
_TERM = re.compile(r"[^\W\d_]{4,}")


class Signals(NamedTuple):
    """What is known of one article.

    `doubt` is the number of wrong suggestions to be expected in 100 words: the sum over suggested spans and roles of
    what their scores leave to 1 (least confidence, Lewis & Gale 1994). `labels` has, for every label, how many of its
    suggested spans are expected to be right. `terms` are the hashes of the words of four letters and more, each once,
    in ascending order. `suggested` is whether anything has made suggestions for it at all.
    """

    article_id: str
    story: str
    words: int
    suggested: bool
    doubt: float
    labels: Mapping[str, float]
    terms: NDArray[np.int32]


def signals(article: Article, suggestion: AnnotationSet | None) -> Signals:
    """The signals of an article under a suggestion; a suggestion without scores counts as sure."""
    words = max(1, len(article.text.split()))
    labels: dict[str, float] = {}
    wrong = 0.0
    for _, span in suggestion.spans() if suggestion else ():
        score = 1.0 if span.score is None else span.score
        labels[span.label] = labels.get(span.label, 0.0) + score
        wrong += 1 - score + sum(1 - a.score for a in span.arguments if a.score is not None)
    return Signals(
        article_id=article.id,
        story=article.story,
        words=words,
        suggested=suggestion is not None,
        doubt=wrong * PER_WORDS / words,
        labels=labels,
        terms=np.unique(np.fromiter(_terms(article.text), dtype=np.int32)),
    )


def _terms(text: str) -> Iterator[int]:
    for match in _TERM.finditer(text):
        yield zlib.crc32(match.group().casefold().encode()) % TERMS
