"""Articles: raw text once, cleaned versions, sources, story groups."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, update
from sqlmodel import col, func, select, tuple_

from workbench.core.article import Article, ArticleKey, Cut, Scalar, same_text_sha256
from workbench.core.batches import batches
from workbench.core.frozen import Frozen
from workbench.errors import ArticleError
from workbench.store.database import Transaction, now
from workbench.store.tables import (
    ArticleRow,
    ArticleSignatureRow,
    ArticleSourceRow,
    ArticleVersionRow,
    SplitRow,
    WithdrawalRow,
)

BATCH = 500
_NOT_ERASED = col(ArticleRow.id).not_in(
    select(WithdrawalRow.article_id).where(col(WithdrawalRow.erased).is_not(None)).scalar_subquery()
)
"""Articles whose words were erased are known by their hashes alone, and in no list of articles."""


class Signature(Frozen):
    """What story grouping keeps of an article."""

    article_id: str
    story_group: str | None
    kind: str
    body: str


class Header(Frozen):
    """A version of an article without its text."""

    id: str
    version: int
    title: str
    source: str
    published: str | None
    story_group: str | None
    meta: dict[str, Scalar]


class New(Frozen):
    """An article that is not in the store yet, with all that is kept of it at once."""

    article: Article
    raw: str
    media_type: str
    sources: tuple[str, ...]
    signature_kind: str
    signature: str


def add_all(session: Transaction, new: Sequence[New]) -> None:
    """Keeps articles none of which is in the store: many of them in a few statements."""
    if not new:
        return
    # A microsecond apart, so that articles and sources keep the order in which they came.
    began = datetime.now(UTC)
    stamps = [(began + timedelta(microseconds=number)).isoformat() for number in range(len(new))]
    rows = [
        ArticleRow(
            id=one.article.id,
            raw=one.raw,
            raw_sha256=one.article.raw_sha256,
            same_text_sha256=same_text_sha256(one.raw),
            media_type=one.media_type,
            story_group=one.article.story_group,
            meta=json.dumps(one.article.meta, ensure_ascii=False),
            added=stamp,
        ).model_dump()
        for one, stamp in zip(new, stamps, strict=True)
    ]
    versions = [_version_row(one.article, stamp).model_dump() for one, stamp in zip(new, stamps, strict=True)]
    sources = [
        ArticleSourceRow(
            article_id=one.article.id, source=source, added=(began + timedelta(microseconds=number)).isoformat()
        ).model_dump()
        for one in new
        for number, source in enumerate(dict.fromkeys(filter(None, one.sources)))
    ]
    signatures = [
        ArticleSignatureRow(article_id=one.article.id, kind=one.signature_kind, body=one.signature).model_dump()
        for one in new
    ]
    connection = session.connection()
    for table, values in (
        (ArticleRow, rows),
        (ArticleVersionRow, versions),
        (ArticleSourceRow, sources),
        (ArticleSignatureRow, signatures),
    ):
        if values:
            connection.execute(insert(table), values)


def add_source(session: Transaction, article_id: str, source: str) -> None:
    """Keeps that the article was found here, too."""
    if source and session.get(ArticleSourceRow, (article_id, source)) is None:
        session.add(ArticleSourceRow(article_id=article_id, source=source, added=now()))
        session.flush()


def there(session: Transaction, article_ids: Iterable[str]) -> set[str]:
    """Those of the ids that the store has."""
    found: set[str] = set()
    for some in batches(article_ids, BATCH):
        found.update(session.exec(select(ArticleRow.id).where(col(ArticleRow.id).in_(some))))
    return found


def with_same_text(session: Transaction, digests: Iterable[str]) -> dict[str, str]:
    """The id of the article with each of these hashes of `same_text_sha256`; of several, the oldest."""
    found: dict[str, str] = {}
    for some in batches(digests, BATCH):
        query = (
            select(ArticleRow.same_text_sha256, ArticleRow.id)
            .where(col(ArticleRow.same_text_sha256).in_(some))
            .order_by(col(ArticleRow.added), col(ArticleRow.id))
        )
        for digest, article_id in session.exec(query):
            if digest is not None:
                found.setdefault(digest, article_id)
    return found


def add(session: Transaction, article: Article, *, raw: str, media_type: str = "text/plain") -> bool:
    """Whether the article is new; for a known one, only its source is added."""
    known = session.get(ArticleRow, article.id)
    if known is None:
        stamp = now()
        session.add(
            ArticleRow(
                id=article.id,
                raw=raw,
                raw_sha256=article.raw_sha256,
                same_text_sha256=same_text_sha256(raw),
                media_type=media_type,
                story_group=article.story_group,
                meta=json.dumps(article.meta, ensure_ascii=False),
                added=stamp,
            )
        )
        session.flush()
        session.add(_version_row(article, stamp))
    if article.source and session.get(ArticleSourceRow, (article.id, article.source)) is None:
        session.add(ArticleSourceRow(article_id=article.id, source=article.source, added=now()))
    session.flush()
    return known is None


def add_version(session: Transaction, article: Article) -> Article:
    """The article with its text corrected, as the next version; the old ones stay."""
    newest = get(session, article.id)
    later = article.model_copy(update={"version": newest.version + 1})
    session.add(_version_row(later, now()))
    session.flush()
    return later


def known(session: Transaction, article_id: str) -> bool:
    """Whether the store has the article."""
    return session.get(ArticleRow, article_id) is not None


def get(session: Transaction, article_id: str, version: int | None = None) -> Article:
    """The article, in its newest version unless one is named.

    Raises:
        ArticleError: it is not in the store, or its words were erased.
    """
    for article in get_many(session, [article_id], version=version):
        return article
    erased = session.exec(
        select(WithdrawalRow).where(WithdrawalRow.article_id == article_id, col(WithdrawalRow.erased).is_not(None))
    ).first()
    if erased is not None and erased.erased is not None:
        raise ArticleError(
            f"article {article_id} was withdrawn and erased on {erased.erased[:10]}: {erased.why}",
            hint="only hashes of it are kept",
        )
    raise ArticleError(f"no article {article_id} in the store", hint="`workbench articles list` shows all")


def get_many(session: Transaction, ids: Sequence[str], version: int | None = None) -> Iterator[Article]:
    """The articles with these ids, in that order; unknown ones are left out."""
    for start in range(0, len(ids), BATCH):
        wanted = ids[start : start + BATCH]
        rows = {row.id: row for row in session.exec(select(ArticleRow).where(col(ArticleRow.id).in_(wanted)))}
        query = select(ArticleVersionRow).where(col(ArticleVersionRow.article_id).in_(wanted))
        if version is not None:
            query = query.where(ArticleVersionRow.version == version)
        versions: dict[str, ArticleVersionRow] = {}
        for row in session.exec(query.order_by(col(ArticleVersionRow.version))):
            versions[row.article_id] = row
        sources: dict[str, str] = {}
        by_time = select(ArticleSourceRow).where(col(ArticleSourceRow.article_id).in_(wanted))
        for source in session.exec(by_time.order_by(col(ArticleSourceRow.added), col(ArticleSourceRow.source))):
            sources.setdefault(source.article_id, source.source)
        for article_id in wanted:
            if article_id in versions:
                yield _article(rows[article_id], versions[article_id], sources.get(article_id, ""))
        session.expunge_all()


def headers(session: Transaction) -> dict[tuple[str, int], Header]:
    """Every version of every article without its text, by id and version."""
    sources: dict[str, str] = {}
    by_time = select(ArticleSourceRow.article_id, ArticleSourceRow.source)
    for article_id, source in session.exec(by_time.order_by(col(ArticleSourceRow.added), col(ArticleSourceRow.source))):
        sources.setdefault(article_id, source)
    of_article = select(ArticleRow.id, ArticleRow.story_group, ArticleRow.meta)
    known = {article_id: (group, meta) for article_id, group, meta in session.exec(of_article)}
    query = select(
        ArticleVersionRow.article_id, ArticleVersionRow.version, ArticleVersionRow.title, ArticleVersionRow.published
    )
    found: dict[tuple[str, int], Header] = {}
    for article_id, version, title, published in session.exec(query):
        group, meta = known[article_id]
        found[article_id, version] = Header(
            id=article_id,
            version=version,
            title=title,
            source=sources.get(article_id, ""),
            published=published,
            story_group=group,
            meta=json.loads(meta),
        )
    return found


def titles(session: Transaction, article_ids: Iterable[str]) -> dict[ArticleKey, str]:
    """The titles of all versions of these articles, by id and version."""
    found: dict[ArticleKey, str] = {}
    for some in batches(dict.fromkeys(article_ids), BATCH):
        query = select(ArticleVersionRow.article_id, ArticleVersionRow.version, ArticleVersionRow.title)
        for article_id, version, title in session.exec(query.where(col(ArticleVersionRow.article_id).in_(some))):
            found[article_id, version] = title
    return found


def newest_titles(session: Transaction, article_ids: Iterable[str]) -> dict[str, str]:
    """The title of the newest version of each of these articles."""
    return {article_id: title for (article_id, _), title in sorted(titles(session, article_ids).items())}


def texts(session: Transaction, keys: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The texts of these versions of articles, of those that are there."""
    found: dict[tuple[str, int], str] = {}
    for some in batches(keys, BATCH):
        which = tuple_(col(ArticleVersionRow.article_id), col(ArticleVersionRow.version)).in_(some)
        query = select(ArticleVersionRow.article_id, ArticleVersionRow.version, ArticleVersionRow.text).where(which)
        found |= {(article_id, version): text for article_id, version, text in session.exec(query)}
    return found


def get_versions(session: Transaction, keys: Iterable[ArticleKey]) -> dict[ArticleKey, Article]:
    """The articles in these versions, read in a few statements.

    Raises:
        ArticleError: one of them is not in the store.
    """
    by_version: dict[int, list[str]] = {}
    for article_id, version in dict.fromkeys(keys):
        by_version.setdefault(version, []).append(article_id)
    found: dict[ArticleKey, Article] = {}
    for version, wanted in by_version.items():
        found.update({(one.id, one.version): one for one in get_many(session, wanted, version=version)})
        for article_id in wanted:
            if (article_id, version) not in found:
                raise ArticleError(
                    f"no article {article_id} in version {version} in the store",
                    hint="`workbench articles list` shows all",
                )
    return found


def ids(session: Transaction, *, prefix: str = "") -> list[str]:
    """All article ids in the order in which they were added, or those that begin with `prefix`.

    Erased articles are only found by their beginnings.
    """
    query = select(ArticleRow.id).order_by(col(ArticleRow.added), col(ArticleRow.id))
    if not prefix:
        query = query.where(_NOT_ERASED)
    else:
        query = query.where(col(ArticleRow.id).startswith(prefix, autoescape=True))
    return list(session.exec(query))


def newest_versions(session: Transaction) -> dict[str, int]:
    """The newest version of every article, in the order in which the articles were added."""
    query = (
        select(ArticleRow.id, func.max(ArticleVersionRow.version))
        .join(ArticleVersionRow, col(ArticleVersionRow.article_id) == col(ArticleRow.id))
        .group_by(ArticleRow.id, ArticleRow.added)
        .order_by(col(ArticleRow.added), col(ArticleRow.id))
    )
    return dict(session.exec(query).all())


def lengths(session: Transaction, article_ids: Sequence[str]) -> dict[str, int]:
    """How many characters the longest version of each of these articles has."""
    found: dict[str, int] = {}
    for start in range(0, len(article_ids), BATCH):
        which = col(ArticleVersionRow.article_id).in_(article_ids[start : start + BATCH])
        query = select(ArticleVersionRow.article_id, func.max(func.length(ArticleVersionRow.text))).where(which)
        found.update(dict(session.exec(query.group_by(ArticleVersionRow.article_id)).all()))
    return found


def resolve(session: Transaction, prefix: str) -> str:
    """The one article id that begins with `prefix`.

    Raises:
        ArticleError: none does, or several do.
    """
    found = ids(session, prefix=prefix)
    if prefix in found:
        return prefix
    if len(found) == 1:
        return found[0]
    if not found:
        raise ArticleError(f"no article {prefix} in the store", hint="`workbench articles list` shows all")
    raise ArticleError(f"{prefix} is the beginning of {len(found)} article ids: {', '.join(found[:4])}…")


def count(session: Transaction) -> int:
    """How many articles there are."""
    return session.exec(select(func.count()).select_from(ArticleRow).where(_NOT_ERASED)).one()


def raw(session: Transaction, article_id: str) -> tuple[str, str]:
    """Raw text and media type of an article.

    Raises:
        ArticleError: there is none.
    """
    row = session.get(ArticleRow, article_id)
    if row is None:
        raise ArticleError(f"no article {article_id} in the store")
    return row.raw, row.media_type


def sources(session: Transaction, article_id: str) -> list[str]:
    """Everywhere the article was found, first first."""
    query = select(ArticleSourceRow).where(ArticleSourceRow.article_id == article_id)
    return [
        row.source for row in session.exec(query.order_by(col(ArticleSourceRow.added), col(ArticleSourceRow.source)))
    ]


def story_groups(session: Transaction) -> dict[str, list[str]]:
    """The article ids of each story group."""
    groups: dict[str, list[str]] = {}
    query = select(ArticleRow.id, ArticleRow.story_group).order_by(col(ArticleRow.added), col(ArticleRow.id))
    for article_id, group in session.exec(query.where(_NOT_ERASED)):
        groups.setdefault(group or article_id, []).append(article_id)
    return groups


def set_story_group(session: Transaction, article_ids: Iterable[str], group: str) -> None:
    """Puts the articles into a story group."""
    connection = session.connection()
    for some in batches(article_ids, BATCH):
        connection.execute(update(ArticleRow).where(col(ArticleRow.id).in_(some)).values(story_group=group))
    session.expire_all()


def keep_signature(session: Transaction, article_id: str, kind: str, body: str) -> None:
    """Keeps what story grouping knows of an article, in the place of what it knew."""
    session.merge(ArticleSignatureRow(article_id=article_id, kind=kind, body=body))
    session.flush()


def signatures(session: Transaction, kind: str) -> Iterator[Signature]:
    """The signatures of one kind of all articles that have one, oldest article first."""
    query = (
        select(ArticleSignatureRow, ArticleRow.story_group)
        .join(ArticleRow, col(ArticleRow.id) == col(ArticleSignatureRow.article_id))
        .where(ArticleSignatureRow.kind == kind)
        .order_by(col(ArticleRow.added), col(ArticleRow.id))
    )
    for row, group in session.exec(query):
        yield Signature(article_id=row.article_id, story_group=group, kind=row.kind, body=row.body)


def splits(session: Transaction) -> dict[str, str]:
    """The part (train, dev, test) of each story group that has one."""
    return {row.story_group: row.part for row in session.exec(select(SplitRow))}


def assign_split(session: Transaction, story_group: str, part: str) -> None:
    """Puts a story group into a part, for good; a group that has one keeps it."""
    if session.get(SplitRow, story_group) is None:
        session.add(SplitRow(story_group=story_group, part=part, assigned=now()))
        session.flush()


def open_splits(session: Transaction, story_groups: Iterable[str]) -> None:
    """Takes the part from story groups of which nobody has seen an article, so that they get one anew."""
    connection = session.connection()
    for some in batches(story_groups, BATCH):
        connection.execute(delete(SplitRow).where(col(SplitRow.story_group).in_(some)))
    session.expire_all()


def _version_row(article: Article, stamp: str) -> ArticleVersionRow:
    return ArticleVersionRow(
        article_id=article.id,
        version=article.version,
        title=article.title,
        text=article.text,
        text_sha256=article.text_sha256,
        cleaner=article.cleaner,
        cuts=json.dumps([cut.model_dump() for cut in article.cuts], ensure_ascii=False),
        language=article.language,
        published=article.published,
        created=stamp,
    )


def _article(row: ArticleRow, version: ArticleVersionRow, source: str) -> Article:
    meta: dict[str, Scalar] = json.loads(row.meta)
    return Article(
        id=row.id,
        version=version.version,
        title=version.title,
        text=version.text,
        text_sha256=version.text_sha256,
        raw_sha256=row.raw_sha256,
        cleaner=version.cleaner,
        cuts=tuple(Cut(**cut) for cut in json.loads(version.cuts)),
        source=source,
        published=version.published,
        language=version.language,
        story_group=row.story_group,
        meta=meta,
    )
