"""Suggests annotations for the articles of a store, and keeps them there."""

from collections import Counter, deque
from collections.abc import Iterator

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import Article
from workbench.core.frozen import Frozen
from workbench.core.ports import PreAnnotator, Progress
from workbench.core.report import Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import trim
from workbench.store import Store, annotations, articles, withdrawals

AT_ONCE = 50
"""Articles whose suggestions are kept in one transaction, about: what an interruption can cost."""
MANY_SPANS = 20_000
"""How many spans wait in memory, about: a single article of a million characters may have a hundred thousand."""


class LayerCount(Frozen):
    """How many spans and arguments were suggested in a layer."""

    layer: str
    spans: int
    arguments: int


class PreannotateReport(Report):
    """What was suggested. `already` counts articles that had suggestions by this producer; `remarks` are its own."""

    producer: Producer
    articles: int
    already: int
    left: int
    layers: tuple[LayerCount, ...]
    remarks: tuple[str, ...]

    def shown(self) -> Iterator[Shown]:
        """Who suggested, how many articles have suggestions now, and how much by layer."""
        yield f"suggestions by {self.producer}"
        yield f"{self.articles:>7}  articles annotated"
        if self.already:
            yield f"{self.already:>7}  had suggestions by it already (--again annotates them again)"
        if self.left:
            yield f"{self.left:>7}  wait, over the limit"
        for layer in self.layers if self.articles else ():
            yield f"{layer.spans:>7}  {layer.layer}" + (f", {layer.arguments} arguments" if layer.arguments else "")
        yield from (f"note: {remark}" for remark in self.remarks)


def preannotate(
    store: Store,
    annotator: PreAnnotator,
    scheme: LabelScheme,
    progress: Progress,
    *,
    limit: int | None = None,
    again: bool = False,
) -> PreannotateReport:
    """What the annotator suggested for every article in its newest version that has no suggestion by it yet.

    Articles of one story come together, so that an annotator can compare them. Suggestions are kept in small lots, so
    that an interrupted run goes on where it was; a story of usual size lies in one lot.

    Args:
        store: holds the articles, and takes the suggestions.
        annotator: suggests.
        scheme: what the suggestions are made and checked under.
        progress: shows how far it is.
        limit: the number of articles at the most.
        again: also suggest for articles that have suggestions by this producer.

    Raises:
        AnnotationError: a suggestion does not fit the scheme, which is a fault of the annotator.
    """
    with store.reading() as session:
        withdrawn = withdrawals.current(session)
        ids = [key for story in articles.story_groups(session).values() for key in story if key not in withdrawn]
        done = (
            set[tuple[str, int]]() if again else set(annotations.suggested(session, annotator.producer, scheme.digest))
        )
    known = {article_id for article_id, _ in done}
    waiting = sum(key not in known for key in ids)
    already = 0
    counter: Counter[tuple[str, str]] = Counter()
    queue: deque[Article] = deque()

    def pending() -> Iterator[Article]:
        nonlocal already
        taken = 0
        for start in range(0, len(ids), AT_ONCE):
            with store.reading() as session:
                batch = list(articles.get_many(session, ids[start : start + AT_ONCE]))
            for article in batch:
                if (article.id, article.version) in done:
                    already += 1
                elif limit is None or taken < limit:
                    taken += 1
                    queue.append(article)
                    yield article

    lot: list[tuple[Article, AnnotationSet]] = []
    suggested = spans = 0
    expected = waiting if limit is None else min(limit, waiting)
    for found in progress.track(annotator.annotate(pending()), "suggesting annotations", expected):
        article = queue.popleft()
        found = trim(found)[0]
        scheme.check(found, article.text)
        full = len(lot) >= AT_ONCE and (article.story_group != lot[-1][0].story_group or len(lot) == 2 * AT_ONCE)
        if full or spans > MANY_SPANS:
            _keep(store, lot)
            lot, spans = [], 0
        lot.append((article, found))
        suggested += 1
        for layer, span in found.spans():
            spans += 1
            counter[layer, "spans"] += 1
            counter[layer, "arguments"] += len(span.arguments)
    _keep(store, lot)
    return PreannotateReport(
        producer=annotator.producer,
        articles=suggested,
        already=already,
        left=len(ids) - already - suggested,
        layers=tuple(
            LayerCount(layer=layer.name, spans=counter[layer.name, "spans"], arguments=counter[layer.name, "arguments"])
            for layer in scheme.layers
        ),
        remarks=annotator.remarks,
    )


def _keep(store: Store, lot: list[tuple[Article, AnnotationSet]]) -> None:
    if lot:
        with store.transaction() as session:
            for article, found in lot:
                annotations.keep(session, article.id, article.version, found)
