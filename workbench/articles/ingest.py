"""Adds articles to the store: read, clean, group by story, keep. What is refused is reported, and stops nothing else."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from pydantic import Field

from workbench.articles import cleaning, pages, readers
from workbench.articles.dates import iso_date
from workbench.articles.readers import Kind, PassedOver, Refusal, Source
from workbench.articles.stories import KIND, Signature, StoryIndex, signature
from workbench.core.article import Article, article_id, headline, sha256
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress, Silent
from workbench.store import Store, Transaction, articles

_CHUNK = 200


class Added(Frozen):
    """An article that is new in the store. `cut` counts the code points that cleaning took."""

    article_id: str
    name: str
    title: str
    story_group: str
    cut: int


class Known(Frozen):
    """An article that was in the store already; its source was added."""

    article_id: str
    name: str


class NearDuplicate(Frozen):
    """A new article that is nearly the same as others, which share its story group."""

    article_id: str
    others: tuple[str, ...]


class KeptApart(Frozen):
    """A new article that belongs with groups whose parts of the split differ: it joined `group` alone.

    Nearly the same text now lies on both sides of the split; whoever evaluates should know.
    """

    article_id: str
    group: str
    others: tuple[str, ...]


class CutCount(Frozen):
    """How often cleaning cut for one reason, and how many code points."""

    cuts: int
    characters: int


class AddReport(Frozen):
    """What became of everything that was read."""

    added: tuple[Added, ...] = ()
    known: tuple[Known, ...] = ()
    refused: tuple[Refusal, ...] = ()
    passed_over: tuple[str, ...] = ()
    cuts: dict[str, CutCount] = Field(default_factory=dict)
    encodings: dict[str, int] = Field(default_factory=dict)
    dates_as_given: int = 0
    nested_values: int = 0
    new_groups: int = 0
    joined_groups: int = 0
    merged_groups: tuple[str, ...] = ()
    near_duplicates: tuple[NearDuplicate, ...] = ()
    kept_apart: tuple[KeptApart, ...] = ()


def read_articles(
    paths: Iterable[Path | str], *, kind: Kind | None = None, standard_input: BinaryIO | None = None
) -> Iterator[Article | Refusal]:
    """The cleaned articles below the paths, without any store; story groups are not set."""
    for found in readers.read(paths, kind=kind, standard_input=standard_input):
        if isinstance(found, PassedOver):
            yield Refusal(name=found.name, reason=f"is no {', '.join(readers.KINDS)} file")
        else:
            yield found if isinstance(found, Refusal) else article_of(found)


def article_of(source: Source) -> Article | Refusal:
    """The cleaned article that a source holds."""
    if source.article is not None:
        return source.article
    before, title, published = source.raw, source.title, source.published
    language, meta = source.language, dict(source.meta)
    if source.media_type == "text/html":
        page = pages.extract(source.raw)
        if page is None:
            return Refusal(name=source.name, reason="is a page on which no article was found")
        before = page.text
        title, published, language = title or page.title, published or page.published, language or page.language
        for key, value in (("url", page.url), ("site", page.site)):
            if value:
                meta.setdefault(key, value)
    text, cuts = cleaning.clean(before)
    if not text.strip():
        return Refusal(name=source.name, reason="holds nothing but what cleaning cuts")
    date = iso_date(published) if published else None
    if published and date is None:
        meta.setdefault("published", published)
    if source.encoding != "utf-8":
        meta.setdefault("encoding", source.encoding)
    return Article(
        id=article_id(source.raw),
        title=title or headline(text),
        text=text,
        text_sha256=sha256(text),
        raw_sha256=sha256(source.raw),
        cleaner=cleaning.cleaner(),
        cuts=cuts,
        source=source.source,
        published=date,
        language=language or "en",
        meta=meta,
    )


def add(
    store: Store,
    paths: Iterable[Path | str],
    *,
    kind: Kind | None = None,
    standard_input: BinaryIO | None = None,
    progress: Progress | None = None,
) -> AddReport:
    """What became of the articles below the paths. Adding what is there already changes nothing but its sources.

    Articles are kept in chunks, so an interrupted run has kept what it had done and can be run again.
    """
    with store.transaction() as session:
        index = story_index(session)
        adding = _Adding(set(articles.ids(session)))
    shown = (progress or Silent()).track(
        readers.read(paths, kind=kind, standard_input=standard_input), "reading articles"
    )
    while chunk := list(islice(shown, _CHUNK)):
        prepared = [(found, article_of(found) if isinstance(found, Source) else None) for found in chunk]
        with store.transaction() as session:
            for found, article in prepared:
                adding.take(session, index, found, article)
    return adding.report()


def story_index(session: Transaction) -> StoryIndex:
    """The story groups of all articles in the store. Articles that came in another way are grouped now."""
    index = StoryIndex(parts=articles.splits(session))
    seen: set[str] = set()
    for kept in articles.signatures(session, KIND):
        seen.add(kept.article_id)
        index.keep(kept.article_id, Signature.from_json(kept.body), kept.story_group or kept.article_id)
    missing = [one for one in articles.ids(session) if one not in seen]
    for article in list(articles.get_many(session, missing)):
        found = signature(article)
        placement = index.place(article.id, found, given=article.story_group)
        articles.keep_signature(session, article.id, KIND, found.to_json())
        moved = index.members(placement.group) if placement.merged else [article.id]
        articles.set_story_group(session, moved, placement.group)
    return index


class _Adding:
    """What has become of the sources so far."""

    def __init__(self, ids: set[str]) -> None:
        self._ids = ids
        self._added: list[Added] = []
        self._known: list[Known] = []
        self._refused: list[Refusal] = []
        self._passed_over: list[str] = []
        self._cuts: Counter[str] = Counter()
        self._cut_characters: Counter[str] = Counter()
        self._encodings: Counter[str] = Counter()
        self._dates = self._nested = self._new_groups = 0
        self._merged: list[str] = []
        self._near: list[NearDuplicate] = []
        self._apart: list[KeptApart] = []

    def take(
        self,
        session: Transaction,
        index: StoryIndex,
        found: Source | Refusal | PassedOver,
        article: Article | Refusal | None,
    ) -> None:
        """Keeps one source, or counts why not."""
        if isinstance(found, PassedOver):
            self._passed_over.append(found.name)
        elif isinstance(found, Refusal):
            self._refused.append(found)
        elif isinstance(article, Refusal):
            self._refused.append(article)
        elif article is not None:
            self._keep(session, index, found, article)

    def report(self) -> AddReport:
        return AddReport(
            added=tuple(self._added),
            known=tuple(self._known),
            refused=tuple(self._refused),
            passed_over=tuple(self._passed_over),
            cuts={
                reason: CutCount(cuts=number, characters=self._cut_characters[reason])
                for reason, number in self._cuts.most_common()
            },
            encodings=dict(self._encodings.most_common()),
            dates_as_given=self._dates,
            nested_values=self._nested,
            new_groups=self._new_groups,
            joined_groups=len(self._added) - self._new_groups,
            merged_groups=tuple(self._merged),
            near_duplicates=tuple(self._near),
            kept_apart=tuple(self._apart),
        )

    def _keep(self, session: Transaction, index: StoryIndex, found: Source, article: Article) -> None:
        if article.id in self._ids:
            self._again(session, found, article)
            return
        self._ids.add(article.id)
        raw = found.raw if found.article is None else _before_cuts(article)
        signed = signature(article)
        placement = index.place(article.id, signed, given=article.story_group)
        grouped = article.model_copy(update={"story_group": placement.group})
        if not articles.add(session, grouped, raw=raw, media_type=found.media_type):
            # Another run added it while this one was at work.
            self._again(session, found, article)
            return
        url = article.meta.get("url")
        if found.media_type == "text/html" and isinstance(url, str) and url != article.source:
            articles.add(session, grouped.model_copy(update={"source": url}), raw=raw)
        articles.keep_signature(session, article.id, KIND, signed.to_json())
        if placement.merged:
            articles.set_story_group(session, index.members(placement.group), placement.group)
            self._merged.extend(placement.merged)
        self._new_groups += len(index.members(placement.group)) == 1
        if placement.near_duplicates:
            self._near.append(NearDuplicate(article_id=article.id, others=placement.near_duplicates))
        if placement.kept_apart:
            self._apart.append(KeptApart(article_id=article.id, group=placement.group, others=placement.kept_apart))
        self._count(found, grouped, placement.group)

    def _again(self, session: Transaction, found: Source, article: Article) -> None:
        """An article that is there: only its source is new. A document that gives the id another text is refused."""
        if found.article is not None and not _same_text(session, article):
            reason = f"has the id {article.id}, which the store has with another text"
            self._refused.append(Refusal(name=found.name, reason=reason))
            return
        articles.add(session, article, raw=found.raw)
        self._known.append(Known(article_id=article.id, name=found.name))

    def _count(self, found: Source, article: Article, group: str) -> None:
        cut = 0
        for one in cleaning.boilerplate(article.cuts):
            self._cuts[one.reason] += 1
            self._cut_characters[one.reason] += len(one.text)
            cut += len(one.text)
        self._encodings[found.encoding] += 1
        self._nested += found.nested
        self._dates += bool(article.published is None and "published" in article.meta)
        self._added.append(
            Added(article_id=article.id, name=found.name, title=article.title, story_group=group, cut=cut)
        )


def _same_text(session: Transaction, article: Article) -> bool:
    return any(
        articles.get(session, article.id, version=version).text_sha256 == article.text_sha256
        for version in range(1, articles.get(session, article.id).version + 1)
    )


def _before_cuts(article: Article) -> str:
    """The text that an article's cuts were made in: its raw text, where it was plain text."""
    parts: list[str] = []
    position = length = 0
    for cut in sorted(article.cuts, key=lambda cut: cut.start):
        kept = cut.start - length
        parts += (article.text[position : position + kept], cut.text)
        position += max(kept, 0)
        length = cut.end
    parts.append(article.text[position:])
    return "".join(parts)
