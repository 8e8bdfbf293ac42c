"""The order in which the newsroom articles are annotated: newsrooms take turns, and stories within them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import TypeVar

from workbench.samples.markup import Sample

T = TypeVar("T")


def in_turns(samples: Iterable[Sample]) -> list[Sample]:
    """The samples, one of each newsroom after the other, and of a newsroom one of each story after the other.

    Newsrooms and stories follow each other by the hashes of their names, articles of a story by date. So whoever stops
    anywhere has seen every newsroom, and as many stories as there can be.
    """
    newsrooms: dict[str, dict[str, list[Sample]]] = {}
    for sample in sorted(samples, key=lambda one: (one.published, one.name)):
        newsrooms.setdefault(sample.newsroom, {}).setdefault(sample.story, []).append(sample)
    return list(_taking_turns(_taking_turns(_by_hash(stories)) for stories in _by_hash(newsrooms)))


def _by_hash(named: Mapping[str, T]) -> Iterator[T]:
    yield from (named[name] for name in sorted(named, key=lambda name: hashlib.sha256(name.encode()).hexdigest()))


def _taking_turns(queues: Iterable[Iterable[Sample]]) -> Iterator[Sample]:
    yield from (one for turn in zip_longest(*queues) for one in turn if one is not None)
