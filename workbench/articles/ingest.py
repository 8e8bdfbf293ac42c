"""Adds articles to the store: read, clean, group by story, keep. What is refused is reported, and stops nothing else."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic import Field

from workbench.articles import cleaning, decoding, fields, fragments, pages, readers
from workbench.articles.dates import iso_date
from workbench.articles.readers import Kind, PassedOver, Refusal, Source
from workbench.articles.signatures import KIND, Signature, signature
from workbench.articles.stories import Placement, StoryIndex
from workbench.core.article import Article, article_id, headline, same_text_sha256, sha256, undo_cuts
from workbench.core.batches import batches
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress, Silent
from workbench.core.report import Listing, Report, Shown, Table
from workbench.errors import ArticleError, PartlyDone, WorkbenchError
from workbench.printable import printable
from workbench.processes import in_order, worth
from workbench.store import Store, Transaction, articles, withdrawals

_CHUNK = 200
_LOT = 25
_MANY = 8
"""How many lots are enough for processes of their own."""
_SHOWN = 5


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


class StrayBytes(Frozen):
    """Bytes of an article that were no UTF-8 while the rest was: which ones, and what they were read as."""

    name: str
    read: tuple[str, ...]

    def __str__(self) -> str:
        more = f" … and {len(self.read) - _SHOWN} more" if len(self.read) > _SHOWN else ""
        return f"{self.name}: {'; '.join(self.read[:_SHOWN])}{more}"


class CutCount(Frozen):
    """How often cleaning cut for one reason, and how many code points."""

    cuts: int
    characters: int


class AddReport(Report):
    """What became of everything that was read."""

    added: tuple[Added, ...] = ()
    known: tuple[Known, ...] = ()
    refused: tuple[Refusal, ...] = ()
    passed_over: tuple[str, ...] = ()
    cuts: dict[str, CutCount] = Field(default_factory=dict)
    encodings: dict[str, int] = Field(default_factory=dict)
    stray_bytes: tuple[StrayBytes, ...] = ()
    dates_as_given: int = 0
    nested_values: int = 0
    new_groups: int = 0
    joined_groups: int = 0
    merged_groups: tuple[str, ...] = ()
    near_duplicates: tuple[NearDuplicate, ...] = ()
    kept_apart: tuple[KeptApart, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """How many articles are new, what cleaning cut, and what was noticed or refused."""
        groups = f"{counted(self.new_groups, 'new stories')}, {counted(self.joined_groups, 'articles')} on stories already there"
        yield f"{counted(len(self.added), 'articles')} added ({groups}), {len(self.known)} known already"
        cuts = [(reason, count.cuts, count.characters) for reason, count in self.cuts.items()]
        yield Table.of("cut", "times", "characters", rows=cuts)
        other = ", ".join(f"{name} {number}" for name, number in self.encodings.items() if name != "utf-8")
        if other:
            yield f"encodings other than UTF-8: {other}"
        if self.dates_as_given:
            yield counted(self.dates_as_given, "dates could not be told and are kept in meta as they were given")
        if self.nested_values:
            yield counted(self.nested_values, "nested values are kept in meta as JSON text")
        yield Listing(
            "texts are UTF-8 but for stray bytes, which were read as Windows-1252",
            [(str(one), "") for one in self.stray_bytes],
        )
        yield Listing(
            "near-duplicates", [(f"{one.article_id} ~ {', '.join(one.others)}", "") for one in self.near_duplicates]
        )
        yield Listing("stories merged into others", [(one, "") for one in self.merged_groups])
        yield Listing(
            "kept in one story though much like another, whose part of the split differs",
            [(f"{one.article_id} in {one.group}, apart from {', '.join(one.others)}", "") for one in self.kept_apart],
        )
        yield Listing(
            "files passed over: no .txt, .html, .jsonl, .json or .csv", [(one, "") for one in self.passed_over]
        )
        yield Listing("refused", [(one.name, one.reason) for one in self.refused], between=" ")

    def failure(self) -> WorkbenchError | None:
        """That files or rows were refused."""
        if not self.refused:
            return None
        read = len(self.added) + len(self.known) + len(self.refused)
        return PartlyDone(f"{len(self.refused)} of {read} files or rows were refused", hint="see the list above")


def read_articles(
    paths: Iterable[Path | str],
    *,
    kind: Kind | None = None,
    standard_input: BinaryIO | None = None,
    stray_bytes: list[StrayBytes] | None = None,
) -> Iterator[Article | Refusal]:
    """The cleaned articles below the paths, without any store; story groups are not set.

    `stray_bytes` takes what was read of bytes that were no UTF-8.
    """
    for found in readers.read(paths, kind=kind, standard_input=standard_input):
        if isinstance(found, PassedOver):
            yield Refusal(name=found.name, reason=f"is no {', '.join(readers.KINDS)} file")
        elif isinstance(found, Refusal):
            yield found
        else:
            if found.strays and stray_bytes is not None:
                stray_bytes.append(_stray_bytes(found))
            yield article_of(found)


def _stray_bytes(found: Source) -> StrayBytes:
    return StrayBytes(name=found.name, read=tuple(str(stray) for stray in found.strays))


def article_of(source: Source) -> Article | Refusal:
    """The cleaned article that a source holds."""
    if source.article is not None:
        return source.article
    before, title, published = source.raw, source.title, source.published
    language, meta = source.language, dict(source.meta)
    if source.fragment:
        before = fragments.text_of(source.raw)
        reason = decoding.fault(before)
        if reason:
            return Refusal(name=source.name, reason=f"holds HTML whose text {reason}")
    elif source.media_type == "text/html":
        page = pages.extract(source.raw)
        if page is None:
            return Refusal(name=source.name, reason="is a page on which no article was found")
        reason = decoding.fault(page.text)
        if reason:
            return Refusal(name=source.name, reason=f"is a page whose text {reason}")
        before = page.text
        found_title = printable(page.title, 300)
        title, published, language = title or found_title, published or page.published, language or page.language
        for key, value in (("url", page.url), ("site", page.site)):
            # What a page says of itself may be anything; the page is kept without it.
            if value and not fields.fault_of_source(value):
                meta.setdefault(key, value)
    text, cuts = cleaning.clean(before)
    if not text.strip():
        return Refusal(name=source.name, reason="holds nothing but what cleaning cuts")
    date = iso_date(published) if published else None
    if published and date is None:
        meta.setdefault("published", published)
    encoding = _encoding(source)
    if encoding != "utf-8":
        meta.setdefault("encoding", encoding)
    article = Article(
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
    reason = readers.fault_of_article(article)
    return Refusal(name=source.name, reason=reason) if reason else article


def _encoding(source: Source) -> str:
    return f"{source.encoding} and cp1252" if source.strays else source.encoding


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
    adding = _Adding(index)
    shower = progress or Silent()
    shown = shower.track(readers.read(paths, kind=kind, standard_input=standard_input), "reading articles")
    with closing(_prepared_in_order(shown)) as prepared:
        for chunk in batches(prepared, _CHUNK):
            # One run at a time keeps a chunk, so that two that read the same text don't both take it for new.
            with store.exclusive("articles", shower), store.transaction() as session:
                adding.take(session, chunk)
    return adding.report()


class _Prepared(NamedTuple):
    """A source with what can be made of it without any other."""

    found: Source | Refusal | PassedOver
    article: Article | None = None
    signature: Signature | None = None
    same_text: str = ""


def _prepared_in_order(shown: Iterable[Source | Refusal | PassedOver]) -> Generator[_Prepared, None, None]:
    """Every source prepared, in their order; many of them on every core."""
    processes, lots = worth(batches(shown, _LOT), _MANY)
    if processes == 1:
        for lot in lots:
            yield from _prepared_lot(lot)
        return
    killed = ArticleError("a process that reads articles was killed", hint="it probably ran out of memory")
    with closing(in_order(lots, _prepared_lot, processes, killed=killed)) as found:
        for made in found:
            yield from made


def _prepared_lot(lot: Sequence[Source | Refusal | PassedOver]) -> list[_Prepared]:
    """What is slow and needs no store: cleaning, and what stories are compared by."""
    return [_prepared(found) for found in lot]


def _prepared(found: Source | Refusal | PassedOver) -> _Prepared:
    if not isinstance(found, Source):
        return _Prepared(found)
    article = article_of(found)
    if isinstance(article, Refusal):
        return _Prepared(article)
    raw = found.raw if found.article is None else _before_cuts(article)
    return _Prepared(found.model_copy(update={"raw": raw}), article, signature(article), same_text_sha256(raw))


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

    def __init__(self, index: StoryIndex) -> None:
        self._index = index
        self._added: list[Added] = []
        self._known: list[Known] = []
        self._refused: list[Refusal] = []
        self._passed_over: list[str] = []
        self._cuts: Counter[str] = Counter()
        self._cut_characters: Counter[str] = Counter()
        self._encodings: Counter[str] = Counter()
        self._strays: list[StrayBytes] = []
        self._dates = self._nested = self._new_groups = 0
        self._merged: list[str] = []
        self._near: list[NearDuplicate] = []
        self._apart: list[KeptApart] = []

    def take(self, session: Transaction, chunk: Sequence[_Prepared]) -> None:
        """Keeps the articles of a chunk, or counts why not."""
        whole = [one for one in chunk if one.article is not None]
        texts = articles.with_same_text(session, {one.same_text for one in whole})
        ids = articles.there(session, {one.article.id for one in whole if one.article is not None})
        fresh: dict[str, tuple[_Prepared, str]] = {}
        again: list[tuple[_Prepared, str]] = []
        grown: set[str] = set()
        for one in chunk:
            if isinstance(one.found, PassedOver):
                self._passed_over.append(one.found.name)
            elif isinstance(one.found, Refusal):
                self._refused.append(one.found)
            elif one.article is not None and one.signature is not None:
                key = one.article.id
                known = key if key in ids or key in fresh else texts.get(one.same_text)
                if known is not None:
                    again.append((one, known))
                    continue
                placement = self._index.place(key, one.signature, given=one.article.story_group)
                fresh[key] = (one, one.signature.to_json())
                texts[one.same_text] = key
                if placement.merged:
                    self._merged.extend(placement.merged)
                    grown.add(placement.group)
                self._count(one.found, one.article, placement)
        self._keep(session, list(fresh.values()), grown)
        for one, known in again:
            self._again(session, one, known)

    def _keep(self, session: Transaction, fresh: Sequence[tuple[_Prepared, str]], grown: set[str]) -> None:
        """Keeps new articles, and puts those that were there into the groups that theirs are part of now."""
        new: list[articles.New] = []
        for one, body in fresh:
            if one.article is None or not isinstance(one.found, Source):
                continue
            url = one.article.meta.get("url")
            is_page = one.found.media_type == "text/html" and isinstance(url, str)
            new.append(
                articles.New(
                    article=one.article.model_copy(update={"story_group": self._index.group(one.article.id)}),
                    raw=one.found.raw,
                    media_type=one.found.media_type,
                    sources=(one.article.source, str(url)) if is_page else (one.article.source,),
                    signature_kind=KIND,
                    signature=body,
                )
            )
        articles.add_all(session, new)
        for group in grown:
            members = self._index.members(group)
            if members:
                articles.set_story_group(session, members, group)

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
            stray_bytes=tuple(self._strays),
            dates_as_given=self._dates,
            nested_values=self._nested,
            new_groups=self._new_groups,
            joined_groups=len(self._added) - self._new_groups,
            merged_groups=tuple(self._merged),
            near_duplicates=tuple(self._near),
            kept_apart=tuple(self._apart),
        )

    def _again(self, session: Transaction, one: _Prepared, known: str) -> None:
        """An article that is there: only its source is new. A document that gives the id another text is refused."""
        if one.article is None or not isinstance(one.found, Source):
            return
        withdrawal = withdrawals.current(session, [known]).get(known)
        if withdrawal is not None and withdrawal.erased:
            self._refused.append(Refusal(name=one.found.name, reason=f"is article {known}: {withdrawal}"))
            return
        if one.found.article is not None and known == one.article.id and not _same_text(session, one.article):
            reason = f"has the id {one.article.id}, which the store has with another text"
            self._refused.append(Refusal(name=one.found.name, reason=reason))
            return
        articles.add_source(session, known, one.article.source)
        self._known.append(Known(article_id=known, name=one.found.name))

    def _count(self, found: Source, article: Article, placement: Placement) -> None:
        cut = 0
        for one in cleaning.boilerplate(article.cuts):
            self._cuts[one.reason] += 1
            self._cut_characters[one.reason] += len(one.text)
            cut += len(one.text)
        self._encodings[_encoding(found)] += 1
        if found.strays:
            self._strays.append(_stray_bytes(found))
        self._nested += found.nested
        self._dates += bool(article.published is None and "published" in article.meta)
        self._new_groups += len(self._index.members(placement.group)) == 1
        if placement.near_duplicates:
            self._near.append(NearDuplicate(article_id=article.id, others=placement.near_duplicates))
        if placement.kept_apart:
            self._apart.append(KeptApart(article_id=article.id, group=placement.group, others=placement.kept_apart))
        self._added.append(
            Added(article_id=article.id, name=found.name, title=article.title, story_group=placement.group, cut=cut)
        )


def _same_text(session: Transaction, article: Article) -> bool:
    return any(
        articles.get(session, article.id, version=version).text_sha256 == article.text_sha256
        for version in range(1, articles.get(session, article.id).version + 1)
    )


def _before_cuts(article: Article) -> str:
    """The text that an article's cuts were made in: its raw text, where it was plain text.

    A text that was corrected after cleaning may be too short for its cuts; it is then all that there is.
    """
    try:
        return undo_cuts(article.text, sorted(article.cuts, key=lambda cut: cut.start))
    except ArticleError:
        return article.text
