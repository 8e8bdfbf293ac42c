"""What a release teaches: its articles and gold annotations, part by part, and what of it cannot be learned."""

import pickle
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.parts import PARTS
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import trim
from workbench.errors import AnnotationError, ReleaseError
from workbench.pipeline.spool import Chosen, Spool, Spooled
from workbench.printable import titled
from workbench.store import Transaction, annotations, articles, releases, withdrawals


class PartSummary(Frozen):
    """What one part of a release holds. `empty` articles are examples of articles without anything to annotate.

    `not_trained` names those whose document choices keep them out of training. `erased` ones are not in the
    store any more.
    """

    name: str
    articles: int
    empty: int
    spans: dict[str, int]
    arguments: int
    not_trained: tuple[str, ...]
    erased: int = 0


class Corpus(NamedTuple):
    """A release as gold articles by part; `parts` counts them, `digest` is that of the release.

    Those that were read are not held in memory, however many they are: each is made anew when it is asked for.
    """

    release: str
    items: Mapping[str, Sequence[AnnotatedArticle]]
    parts: tuple[PartSummary, ...]
    digest: str = ""

    def trainable(self, part: str, scheme: LabelScheme) -> Sequence[AnnotatedArticle]:
        """The articles of a part that spans are learned from, and measured on."""
        items = self.items[part]
        return Chosen(
            items, [number for number, item in enumerate(items) if scheme.is_trainable(item.annotations.document)]
        )


def spooled() -> Spool[AnnotatedArticle]:
    """A place for gold articles, outside memory where they are many."""
    return Spool(pickle.dumps, pickle.loads)


def read(session: Transaction, name: str, scheme: LabelScheme) -> Corpus:
    """The corpus that a release is; articles of it whose words were erased since are left out, and counted.

    Raises:
        ReleaseError: there is no such release, or its annotations do not fit this scheme.
    """
    release = releases.get(session, name)
    items = {part: spooled() for part in PARTS}
    misfits: list[tuple[str, str]] = []
    erased = withdrawals.erased(session)
    gone = Counter(item.part for item in release.items if item.article_id in erased)
    for item in release.items:
        if item.article_id in erased:
            continue
        article = articles.get(session, item.article_id, item.article_version)
        article = article.model_copy(update={"story_group": item.story_group})
        gold, _ = trim(annotations.get_set(session, item.set_id).annotations)
        try:
            scheme.check(gold, article.text)
        except AnnotationError as error:
            misfits.append((titled(article.id, article.title), error.message))
            continue
        items[item.part].append(AnnotatedArticle(article=article, annotations=scheme.normalise(gold)))
    if misfits:
        raise ReleaseError(
            f"{counted(len(misfits), 'articles')} of release {name} do not fit label_config.xml; "
            f"the first: {': '.join(misfits[0])}",
            hint="put the labels back, or annotate those articles again and make a new release",
            lists={"articles do not fit": misfits},
        )
    return of(name, items, scheme, erased=gone)._replace(digest=release.digest)


def of(
    name: str,
    items: Mapping[str, Sequence[AnnotatedArticle]],
    scheme: LabelScheme,
    *,
    erased: Mapping[str, int] | None = None,
) -> Corpus:
    """The corpus of gold articles that are at hand; parts that `items` lacks are empty, `erased` counts what was there."""
    every: dict[str, Sequence[AnnotatedArticle]] = {part: items.get(part, ()) for part in PARTS}
    parts = tuple(_part(part, found, scheme, (erased or {}).get(part, 0)) for part, found in every.items())
    return Corpus(release=name, items=every, parts=parts)


def shown(session: Transaction, name: str) -> Mapping[str, AnnotationSet]:
    """What annotators were shown of each article of a release, by its id, where suggestions were.

    They were made before the article was annotated, so that they are as good as suggestions for new articles are.
    """
    keys: dict[str, list[str]] = {}
    for item in releases.get(session, name).items:
        gold = annotations.get_set(session, item.set_id).annotations
        keys[item.article_id] = [
            annotations.key_of(item.article_id, item.article_version, digest) for digest in gold.parents
        ]
    sets: Spool[AnnotationSet] = Spool(pickle.dumps, pickle.loads)
    places: dict[str, int] = {}
    for article_id, some in keys.items():
        there = annotations.get_sets(session, some)
        for key in some:
            if key in there and there[key].annotations.producer.kind in ("rules", "model"):
                places[article_id] = len(sets)
                sets.append(trim(there[key].annotations)[0])
    return Spooled(places, sets)


def _part(name: str, items: Iterable[AnnotatedArticle], scheme: LabelScheme, erased: int) -> PartSummary:
    kept = empty = arguments = 0
    spans = {layer.name: 0 for layer in scheme.layers}
    out: list[str] = []
    for item in items:
        if not scheme.is_trainable(item.annotations.document):
            out.append(item.article.id)
            continue
        kept += 1
        empty += item.annotations.is_empty
        for layer in spans:
            spans[layer] += len(item.annotations.layers.get(layer, ()))
        arguments += sum(len(span.arguments) for _, span in item.annotations.spans())
    return PartSummary(
        name=name,
        articles=kept,
        empty=empty,
        spans=spans,
        arguments=arguments,
        not_trained=tuple(out),
        erased=erased,
    )
