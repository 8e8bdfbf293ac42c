"""The queue of a store's articles: those that nobody has annotated, ranked by what is suggested for them."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

from pydantic import Field

from workbench.core.annotations import Producer
from workbench.core.article import ArticleKey
from workbench.core.batches import batches
from workbench.core.ports import Progress
from workbench.core.report import LISTED, Report, Shown, Table
from workbench.core.scheme import LabelScheme
from workbench.errors import ArticleError
from workbench.printable import fitted
from workbench.selection.ranking import RANDOM_SHARE, Known, Place, Strategy, rank
from workbench.selection.signals import Signals, signals
from workbench.store import Transaction, annotations, articles, queue, revisions, withdrawals

BATCH = 500
TITLE = 48
"""Columns that a title has in the table."""


class SelectionReport(Report):
    """The queue, and what it was chosen from.

    `annotated` articles were submitted or skipped by somebody, `waiting` are the others; `without_suggestions` of them
    have no suggestion, `held_out` of them belong to the dev and test parts, where chance alone chooses.
    """

    schema_: Literal["workbench/selection/1"] = Field(default="workbench/selection/1", alias="schema")
    strategy: Strategy
    random_share: float
    seed: int
    annotated: int
    waiting: int
    without_suggestions: int
    held_out: int
    places: tuple[Place, ...]
    titles: dict[str, str]

    def shown(self) -> Iterator[Shown]:
        """The beginning of the queue, and how to use it."""
        yield (
            f"{len(self.places)} of {self.waiting} waiting articles in the queue by {self.strategy}, "
            f"{sum(place.chosen_by == 'random' for place in self.places)} of them by chance; {self.annotated} are annotated"
        )
        if self.held_out:
            yield f"of the dev and test parts, of which chance alone chooses: {self.held_out} of those that wait"
        if self.without_suggestions:
            yield (
                f"{self.without_suggestions} have no suggestions, which the order goes by: run `workbench preannotate` "
                "first"
            )
        rows = [
            (number, place.article_id[:8], fitted(self.titles[place.article_id], TITLE), place.why)
            for number, place in enumerate(self.places[:LISTED], 1)
        ]
        if rows:
            yield Table.of("", "article", "title", "why", rows=rows, left=(1, 2, 3))
        if len(self.places) > LISTED:
            yield f"… and {len(self.places) - LISTED} more (--json lists all)"
        yield "bring it to the annotators: workbench push --order selected"


def select(
    session: Transaction,
    scheme: LabelScheme,
    producers: Sequence[Producer],
    held_out: Collection[str],
    progress: Progress,
    *,
    strategy: Strategy = "mixed",
    random_share: float = RANDOM_SHARE,
    seed: int = 0,
    limit: int | None = None,
) -> SelectionReport:
    """The queue of the articles that nobody has annotated, kept in the store in the place of the one before.

    Args:
        session: the store's transaction.
        scheme: the workspace's.
        producers: whose suggestions count, the preferred one first.
        held_out: ids of the articles of the dev and test parts.
        progress: shows how far the reading is.
        strategy: as `ranking.rank` has them.
        random_share: the share of places that chance decides.
        seed: decides what chance gives.
        limit: the length of the queue at the most.

    Raises:
        ArticleError: every article is annotated, or there are none.
        SettingsError: there is no such strategy; the share or the limit is none.
    """
    known, done = _known(session)
    waiting = sorted(set(articles.ids(session)) - done - withdrawals.current(session).keys())
    if not waiting:
        raise ArticleError("no article waits to be annotated", hint="`workbench articles add PATH…` reads some")
    candidates = list(progress.track(_candidates(session, scheme, producers, waiting), "reading", total=len(waiting)))
    places = rank(
        candidates,
        known,
        strategy=strategy,
        random_share=random_share,
        seed=seed,
        limit=limit,
        only_random=held_out,
        before=len(done),
    )
    queue.replace(session, [queue.Queued(place=number, **place.model_dump()) for number, place in enumerate(places, 1)])
    headers = articles.headers(session)
    newest = articles.newest_versions(session)
    return SelectionReport(
        strategy=strategy,
        random_share=random_share,
        seed=seed,
        annotated=len(done),
        waiting=len(waiting),
        without_suggestions=sum(not one.suggested for one in candidates),
        held_out=len(set(held_out).intersection(waiting)),
        places=tuple(places),
        titles={p.article_id: headers[p.article_id, newest[p.article_id]].title for p in places},
    )


def _candidates(
    session: Transaction, scheme: LabelScheme, producers: Sequence[Producer], waiting: Sequence[str]
) -> Iterator[Signals]:
    """The signals of each under the suggestion of the first producer that has one for it."""
    preferred: dict[ArticleKey, str] = {}
    for producer in reversed(producers):
        preferred |= annotations.suggested(session, producer, scheme.digest)
    for some in batches(waiting, BATCH):
        found = list(articles.get_many(session, some))
        keys = {article.id: preferred.get((article.id, article.version)) for article in found}
        sets = annotations.get_sets(session, [key for key in keys.values() if key])
        for article in found:
            key = keys[article.id]
            yield signals(article, sets[key].annotations if key else None)


def _known(session: Transaction) -> tuple[Known, set[str]]:
    """What has been annotated, each article once, by its newest submitted annotation; and the ids that wait no more."""
    labels = {
        revision.article_id: Counter(span.label for _, span in stored.annotations.spans())
        for revision, stored in revisions.submitted_sets(session)
    }
    done = [
        signals(article, None)
        for some in batches(sorted(labels), BATCH)
        for article in articles.get_many(session, some)
    ]
    known = Known(
        labels=sum(labels.values(), Counter[str]()),
        stories={one.story for one in done},
        terms=[one.terms for one in done],
    )
    skipped = {one.article_id for one in revisions.current(session) if one.state == "skipped"}
    return known, {*labels, *skipped}
