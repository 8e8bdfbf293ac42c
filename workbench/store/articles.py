"""Articles: raw text once, cleaned versions, sources, story groups."""

import json
from collections.abc import Iterable, Iterator, Sequence

from sqlmodel import col, func, select

from workbench.core.article import Article, Cut, Scalar
from workbench.core.frozen import Frozen
from workbench.errors import ArticleError
from workbench.store.database import Transaction, now
from workbench.store.tables import ArticleRow, ArticleSignatureRow, ArticleSourceRow, ArticleVersionRow, SplitRow

BATCH = 500


class Signature(Frozen):
    """What story grouping keeps of an article."""

    article_id: str
    story_group: str | None
    kind: str
    body: str


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
        ArticleError: it is not in the store.
    """
    for article in get_many(session, [article_id], version=version):
        return article
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


def ids(session: Transaction, *, prefix: str = "") -> list[str]:
    """All article ids in the order in which they were added, or those that begin with `prefix`."""
    query = select(ArticleRow.id).order_by(col(ArticleRow.added), col(ArticleRow.id))
    if prefix:
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
    return session.exec(select(func.count()).select_from(ArticleRow)).one()


def raw(session: Transaction, article_id: str) -> tuple[str, str]:
    """Raw text and media type of an article."""
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
    for article_id, group in session.exec(query):
        groups.setdefault(group or article_id, []).append(article_id)
    return groups


def set_story_group(session: Transaction, article_ids: Iterable[str], group: str) -> None:
    """Puts the articles into a story group."""
    for article_id in article_ids:
        row = session.get(ArticleRow, article_id)
        if row is not None:
            row.story_group = group
            session.add(row)
    session.flush()


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
