"""Gold releases: built from what people submitted, frozen, read back, and checked."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from pydantic import ValidationError

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import Article, sha256
from workbench.core.parts import PARTS, Part
from workbench.core.report import Listing, Report, Shown, Table
from workbench.core.scheme import LabelScheme
from workbench.errors import ArticleError, ReleaseError, StoreError
from workbench.gold.accepted import Accepted, LeftOut, Policy, Selection, select
from workbench.gold.manifest import (
    LEFT_OUT,
    Parent,
    ReleasedArticle,
    ReleaseManifest,
    SetAside,
    SplitManifest,
    count_document,
    count_layers,
    digest_of,
)
from workbench.gold.splits import IN_TWO, PartCount, Shares, SplitReport, assign
from workbench.store import Transaction, annotations, articles, releases
from workbench.store.annotations import StoredSet
from workbench.store.releases import Release, ReleaseItem
from workbench.version import __version__

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class ReleaseReport(Report):
    """What was released. `existed`: the same was released under this name before; `same_as`: under these others.

    `trimmed` says by article which spans had white space at their edges when they were stored, and have none in the gold.
    """

    manifest: ReleaseManifest
    existed: bool = False
    same_as: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    trimmed: tuple[tuple[str, str], ...] = ()

    def shown(self) -> Iterator[Shown]:
        """The manifest, after whether it is new, and before what happened on the way."""
        if self.existed:
            yield f"the release {self.manifest.name} is there already, with the same content"
        elif self.same_as:
            yield f"the same content as {', '.join(self.same_as)}"
        yield from self.manifest.shown()
        yield Listing("spans had white space at their edges, which is not in the gold", self.trimmed)
        yield Listing(IN_TWO, self.conflicts)

    def as_json(self) -> str:
        """The manifest alone, as the release keeps it."""
        return self.manifest.as_json()


class ReleaseList(Report):
    """The manifests of all releases, oldest first."""

    releases: tuple[ReleaseManifest, ...]

    def shown(self) -> Iterator[Shown]:
        """A line a release."""
        if not self.releases:
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
    """A release as it was read, once: its articles with their gold and parts, and what is not as it was frozen.

    `inside` says the same of each article as the manifest did, computed anew.
    """

    release: Release
    manifest: ReleaseManifest
    articles: list[tuple[str, AnnotatedArticle]]
    inside: list[ReleasedArticle]
    digest: str
    problems: tuple[str, ...]


def release(
    session: Transaction,
    name: str,
    scheme: LabelScheme,
    *,
    created: str,
    policy: Policy = "refuse",
    shares: Shares | None = None,
    seed: int = 0,
) -> ReleaseReport:
    """The release `name` of everything that people have submitted so far, frozen in the store.

    Story groups without a part get one first. Releasing the same content under the same name again changes nothing.

    Raises:
        ReleaseError: annotators differ and the policy is to refuse; nothing has been submitted; the name cannot be
            used, or stands for another content; articles on one story were added for different parts.
    """
    if not _NAME.fullmatch(name):
        raise ReleaseError(
            f"{name!r} cannot be the name of a release", hint="use letters, digits, '.', '_' and '-', 64 at the most"
        )
    split = assign(session, shares or Shares(), seed=seed)
    earlier = [releases.get(session, known) for known in releases.names(session)]
    chosen = select(session, scheme, policy)
    _refuse_disagreements(chosen)
    accepted, moved = _without_moved(chosen.accepted, split, earlier)
    left_out = (*chosen.left_out, *moved)
    if not accepted:
        raise _nothing(left_out)
    items = tuple(_item(session, one, split.parts[one.article.id]) for one in accepted)
    inside = [_released(item, one.article) for item, one in zip(items, accepted, strict=True)]
    digest = digest_of(scheme.digest, inside)
    before = [one for one in earlier if one.name != name]
    parent = Parent(name=before[-1].name, digest=before[-1].digest) if before else None
    manifest = _manifest(name, digest, created, policy, scheme, accepted, inside, split, left_out, parent)
    trimmed = tuple((one.article.id, what) for one in accepted for what in one.trimmed)
    same = tuple(other.name for other in earlier if other.digest == digest)
    if name in same:
        there = manifest_of(next(other for other in earlier if other.name == name))
        others = tuple(one for one in same if one != name)
        return ReleaseReport(manifest=there, existed=True, same_as=others, conflicts=split.conflicts, trimmed=trimmed)
    document = json.loads(manifest.to_json())
    releases.add(session, Release(name=name, digest=digest, created=created, manifest=document, items=items))
    return ReleaseReport(manifest=manifest, same_as=same, conflicts=split.conflicts, trimmed=trimmed)


def manifest_of(release: Release) -> ReleaseManifest:
    """The manifest of a stored release; its `label_scheme` is the scheme that the gold was made under."""
    return ReleaseManifest.model_validate_json(json.dumps(release.manifest))


def read(session: Transaction, name: str, part: str | None = None) -> Iterator[AnnotatedArticle]:
    """The articles of a release with their gold, by article id, of one part if it is named.

    Raises:
        ReleaseError: there is no such release.
    """
    for item in releases.get(session, name).items:
        if part is None or item.part == part:
            article = articles.get(session, item.article_id, item.article_version)
            yield _annotated(item, article, annotations.get_set(session, item.set_id))


def listed(session: Transaction) -> ReleaseList:
    """The manifests of all releases, oldest first."""
    return ReleaseList(releases=tuple(manifest_of(releases.get(session, name)) for name in releases.names(session)))


def load(session: Transaction, name: str) -> Loaded:
    """The whole release, read once and checked; what cannot be read is among its problems.

    Raises:
        ReleaseError: there is no such release.
    """
    found = releases.get(session, name)
    manifest = manifest_of(found)
    problems: list[str] = []
    annotated: list[tuple[str, AnnotatedArticle]] = []
    inside: list[ReleasedArticle] = []
    for item in found.items:
        try:
            stored = annotations.get_set(session, item.set_id)
            article = articles.get(session, item.article_id, item.article_version)
        except (StoreError, ArticleError) as error:
            problems.append(f"{item.article_id}: {error.message}")
            continue
        except ValidationError as error:
            problems.append(f"{item.article_id}: {error.errors()[0]['msg']}")
            continue
        problems.extend(_faults(item, article, stored))
        if item.part in PARTS:
            inside.append(_released(item, article))
        else:
            problems.append(f"{item.article_id}: {item.part!r} is no part of a split")
        annotated.append((item.part, _annotated(item, article, stored)))
    if manifest.digest != found.digest or manifest.name != found.name:
        problems.append("the manifest belongs to another release")
    digest = digest_of(manifest.label_scheme.digest, inside)
    if digest != found.digest and not problems:
        problems.append(f"the digest is {digest}, and was {found.digest}")
    return Loaded(found, manifest, annotated, inside, digest, tuple(problems))


def _annotated(item: ReleaseItem, article: Article, stored: StoredSet) -> AnnotatedArticle:
    return AnnotatedArticle(
        article=article.model_copy(update={"story_group": item.story_group}), annotations=stored.annotations
    )


def _faults(item: ReleaseItem, article: Article, stored: StoredSet) -> Iterator[str]:
    if annotations.set_id(item.article_id, item.article_version, stored.annotations) != item.set_id:
        yield f"{item.article_id}: its gold is not what was released"
    if sha256(article.text) != article.text_sha256:
        yield f"{item.article_id}: its text is not what was released"


def _released(item: ReleaseItem, article: Article) -> ReleasedArticle:
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


def _refuse_disagreements(chosen: Selection) -> None:
    if not chosen.disagreements:
        return
    raise ReleaseError(
        f"annotators differ on {len(chosen.disagreements)} article(s); the first: {chosen.disagreements[0]}",
        hint="let one of them correct it, or take what was submitted last with `--policy latest`",
        lists={
            "articles on which annotators differ": [
                (f"{one.article_id} ({one.title})", one.reason) for one in chosen.disagreements
            ]
        },
    )


def _without_moved(
    accepted: Sequence[Accepted], split: SplitReport, earlier: Sequence[Release]
) -> tuple[list[Accepted], list[LeftOut]]:
    """The articles whose part is the one they had in every earlier release, and those of which it is not.

    Stories can grow together; what a model was trained on must not come back as something it is tested on.
    """
    released = {(item.article_id, item.part): one.name for one in earlier for item in one.items}
    kept: list[Accepted] = []
    moved: list[LeftOut] = []
    for one in accepted:
        part = split.parts[one.article.id]
        before = next(
            ((p, released[one.article.id, p]) for p in PARTS if (one.article.id, p) in released and p != part), None
        )
        if before is None:
            kept.append(one)
        else:
            reason = f"its story is in {part} now, and it was in {before[0]} in the release {before[1]}"
            moved.append(LeftOut(article_id=one.article.id, title=one.article.title, reason=reason))
    return kept, moved


def _nothing(left_out: Sequence[LeftOut]) -> ReleaseError:
    reasons = Counter(one.reason for one in left_out)
    if not reasons:
        return ReleaseError(
            "nobody has submitted an annotation yet",
            hint="`workbench pull` fetches them from Label Studio, `workbench import` takes them from a file",
        )
    shown = "; ".join(f"{reason} ({number})" for reason, number in reasons.most_common(3))
    return ReleaseError(
        f"no annotation can be released: {shown}",
        hint="see `workbench status`, and `workbench pull --problems` for what does not fit",
        lists={LEFT_OUT: [(f"{one.article_id} ({one.title})", one.reason) for one in left_out]},
    )


def _item(session: Transaction, one: Accepted, part: Part) -> ReleaseItem:
    return ReleaseItem(
        article_id=one.article.id,
        article_version=one.article.version,
        set_id=annotations.keep(session, one.article.id, one.article.version, one.gold),
        part=part,
        story_group=one.article.story_group or one.article.id,
        annotators=one.annotators,
    )


def _manifest(
    name: str,
    digest: str,
    created: str,
    policy: Policy,
    scheme: LabelScheme,
    accepted: Sequence[Accepted],
    items: Sequence[ReleasedArticle],
    split: SplitReport,
    left_out: Sequence[LeftOut],
    parent: Parent | None,
) -> ReleaseManifest:
    gold: list[AnnotationSet] = [one.gold for one in accepted]
    parts: list[Part] = [split.parts[one.article.id] for one in accepted]
    return ReleaseManifest(
        name=name,
        digest=digest,
        created=created,
        workbench_version=__version__,
        policy=policy,
        scheme_digest=scheme.digest,
        label_scheme=scheme,
        articles=len(items),
        split=SplitManifest(seed=split.seed, shares=split.shares, parts=_part_counts(items)),
        layers=count_layers(zip(gold, parts, strict=True), scheme),
        document=count_document(gold, scheme),
        incomplete=sum(
            violation.severity == "incomplete"
            for one in accepted
            for violation in scheme.violations(one.gold, one.article.text)
        ),
        annotators=dict(sorted(Counter(who for one in accepted for who in one.annotators).items())),
        suggested_by=dict(sorted(Counter(one.suggested_by for one in accepted if one.suggested_by).items())),
        set_aside=tuple(
            SetAside(article_id=one.article.id, overruled=one.overruled, unusable=one.set_aside)
            for one in accepted
            if one.overruled or one.set_aside
        ),
        left_out=tuple(left_out),
        parent=parent,
        items=tuple(items),
    )


def _part_counts(items: Sequence[ReleasedArticle]) -> dict[Part, PartCount]:
    counts: dict[Part, PartCount] = {}
    for part in PARTS:
        inside = [item for item in items if item.part == part]
        counts[part] = PartCount(groups=len({item.story_group for item in inside}), articles=len(inside))
    return counts
