"""Gold releases as they were frozen: listed, read page by page, and checked against their hashes."""

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from pydantic import ValidationError

from workbench.core.annotations import AnnotatedArticle
from workbench.core.article import Article, sha256
from workbench.core.batches import batches
from workbench.core.parts import PARTS, Part
from workbench.core.report import Listing, Report, Shown, Table
from workbench.core.validation import first_fault
from workbench.errors import ArticleError, ReleaseError, StoreError
from workbench.gold.manifest import (
    ReleasedArticle,
    ReleaseManifest,
    WithdrawnArticle,
    digest_of,
)
from workbench.store import Transaction, annotations, articles, releases, withdrawals
from workbench.store.annotations import StoredSet
from workbench.store.releases import Release, ReleaseItem
from workbench.store.withdrawals import Withdrawal

PAGE = 200
"""How many articles of a release are in memory at once."""


class ReleaseList(Report):
    """The manifests of all releases, oldest first; `broken` are those that are none, and why."""

    releases: tuple[ReleaseManifest, ...]
    broken: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """A line a release."""
        yield Listing("manifests cannot be read", self.broken)
        if not self.releases and not self.broken:
            yield "no releases yet; `workbench gold release NAME` makes one"
            return
        rows = [
            (
                one.name,
                one.created[:19],
                one.articles,
                *(one.split.parts[part].articles for part in PARTS),
                one.digest[:12],
                one.parent.name if one.parent else "",
            )
            for one in self.releases
        ]
        yield Table.of("name", "created", "articles", *PARTS, "digest", "after", rows=rows, left=(0, 1, 6, 7))


class Loaded(NamedTuple):
    """A release as it was read: how many of its articles could be, and what is not as it was frozen.

    `inside` says the same of each article as the manifest did, computed anew; of `erased` ones, whose words are not in the
    store any more, it is what was kept of them. `withdrawn` articles were withdrawn since.
    """

    release: Release
    manifest: ReleaseManifest
    readable: int
    inside: list[ReleasedArticle]
    digest: str
    problems: tuple[str, ...]
    withdrawn: tuple[WithdrawnArticle, ...] = ()


def manifest_of(release: Release) -> ReleaseManifest:
    """The manifest of a stored release; its `label_scheme` is the scheme that the gold was made under.

    Raises:
        ReleaseError: what is stored as the manifest is none.
    """
    try:
        return ReleaseManifest.model_validate_json(json.dumps(release.manifest))
    except ValidationError as error:
        raise ReleaseError(
            f"the manifest of the release {release.name} in the store is none: {first_fault(error)}",
            hint="restore the workspace from a backup",
        ) from error


def read(session: Transaction, name: str, part: str | None = None) -> Iterator[AnnotatedArticle]:
    """The articles of a release with their gold, by article id, of one part if it is named; erased ones are left out.

    Raises:
        ReleaseError: there is no such release.
    """
    yield from read_items(session, [one for one in releases.get(session, name).items if part in (None, one.part)])


def read_items(session: Transaction, items: Sequence[ReleaseItem]) -> Iterator[AnnotatedArticle]:
    """The articles of these items of a release with their gold, in their order; erased ones are left out.

    No more than a page of them is in memory at once.
    """
    erased = withdrawals.erased(session)
    for item, found in _page_by_page(session, [one for one in items if one.article_id not in erased]):
        article, stored = found or _stored(session, item)
        yield _annotated(item, article, stored)


def listed(session: Transaction) -> ReleaseList:
    """The manifests of all releases, oldest first."""
    found: list[ReleaseManifest] = []
    broken: list[str] = []
    for name in releases.names(session):
        try:
            found.append(manifest_of(releases.get(session, name)))
        except ReleaseError as error:
            broken.append(error.message)
    return ReleaseList(releases=tuple(found), broken=tuple(broken))


def load(session: Transaction, name: str) -> Loaded:
    """The release, read page by page and checked; what cannot be read is among its problems.

    Raises:
        ReleaseError: there is no such release.
    """
    found = releases.get(session, name)
    manifest = manifest_of(found)
    problems: list[str] = []
    readable = 0
    inside: list[ReleasedArticle] = []
    withdrawn = withdrawals.current(session, [item.article_id for item in found.items])
    listed_as = {one.article_id: one for one in manifest.items}
    kept: list[ReleaseItem] = []
    for item in found.items:
        withdrawal = withdrawn.get(item.article_id)
        if withdrawal is not None and withdrawal.erased:
            inside.append(_erased(item, withdrawal, listed_as.get(item.article_id)))
        else:
            kept.append(item)
    for item, there in _page_by_page(session, kept):
        try:
            article, stored = there or _stored(session, item)
        except (StoreError, ArticleError) as error:
            problems.append(f"{item.article_id}: {error.message}")
            continue
        except ValidationError as error:
            problems.append(f"{item.article_id}: {first_fault(error)}")
            continue
        problems.extend(_faults(item, article, stored))
        if item.part in PARTS:
            inside.append(released_article(item, article))
        else:
            problems.append(f"{item.article_id}: {item.part!r} is no part of a split")
        readable += 1
    if manifest.digest != found.digest or manifest.name != found.name:
        problems.append("the manifest belongs to another release")
    digest = digest_of(manifest.label_scheme.digest, inside)
    erased = any(one.erased for one in withdrawn.values())
    # Without a list of its articles a manifest does not have the titles of erased ones, which its digest covers.
    if digest != found.digest and not problems and (manifest.items or not erased):
        problems.append(f"the digest is {digest}, and was {found.digest}")
    return Loaded(found, manifest, readable, inside, digest, tuple(problems), withdrawn_of(session, [found]))


def _page_by_page(
    session: Transaction, items: Sequence[ReleaseItem]
) -> Iterator[tuple[ReleaseItem, tuple[Article, StoredSet] | None]]:
    """Each article with its gold, no more than a page of them in memory; None where it cannot be read with the others."""
    for page in batches(items, PAGE):
        by_version: dict[int, list[str]] = {}
        for item in page:
            by_version.setdefault(item.article_version, []).append(item.article_id)
        try:
            sets = annotations.get_sets(session, [item.set_id for item in page])
            texts = {
                (one.id, version): one
                for version, ids in by_version.items()
                for one in articles.get_many(session, ids, version=version)
            }
        except (StoreError, ArticleError, ValidationError):
            sets, texts = {}, {}
        for item in page:
            stored, article = sets.get(item.set_id), texts.get((item.article_id, item.article_version))
            yield item, None if stored is None or article is None else (article, stored)
        session.expunge_all()


def _stored(session: Transaction, item: ReleaseItem) -> tuple[Article, StoredSet]:
    """An article with its gold, read alone.

    Raises:
        ArticleError: it is not in the store.
        StoreError: its gold is not.
        ValidationError: either is damaged.
    """
    stored = annotations.get_set(session, item.set_id)
    return articles.get(session, item.article_id, item.article_version), stored


def withdrawn_of(session: Transaction, among: Sequence[Release]) -> tuple[WithdrawnArticle, ...]:
    """The articles of these releases that are withdrawn, by article id."""
    found = withdrawals.current(session, {item.article_id for one in among for item in one.items})
    return tuple(
        WithdrawnArticle(article_id=key, why=one.why, withdrawn=one.withdrawn, erased=one.erased is not None)
        for key, one in sorted(found.items())
    )


def _annotated(item: ReleaseItem, article: Article, stored: StoredSet) -> AnnotatedArticle:
    return AnnotatedArticle(
        article=article.model_copy(update={"story_group": item.story_group}), annotations=stored.annotations
    )


def _faults(item: ReleaseItem, article: Article, stored: StoredSet) -> Iterator[str]:
    if annotations.set_id(item.article_id, item.article_version, stored.annotations) != item.set_id:
        yield f"{item.article_id}: its gold is not what was released"
    if sha256(article.text) != article.text_sha256:
        yield f"{item.article_id}: its text is not what was released"


def released_article(item: ReleaseItem, article: Article) -> ReleasedArticle:
    """What the manifest says of an article of the release."""
    return ReleasedArticle(
        article_id=item.article_id,
        article_version=item.article_version,
        title=article.title,
        text_sha256=sha256(article.text),
        gold=item.set_id,
        part=cast(Part, item.part),
        story_group=item.story_group,
        annotators=item.annotators,
    )


def _erased(item: ReleaseItem, withdrawal: Withdrawal, listed_as: ReleasedArticle | None) -> ReleasedArticle:
    """What is kept of an article whose words were erased; its title is in the manifest alone."""
    return ReleasedArticle(
        article_id=item.article_id,
        article_version=item.article_version,
        title=listed_as.title if listed_as else "",
        text_sha256=withdrawal.texts.get(item.article_version, ""),
        gold=item.set_id,
        part=cast(Part, item.part),
        story_group=item.story_group,
        annotators=item.annotators,
    )
