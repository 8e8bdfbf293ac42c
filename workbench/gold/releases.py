"""Gold releases: built from what people submitted, frozen, read back, and checked."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from pydantic import ValidationError

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import Article, sha256
from workbench.core.frozen import Frozen
from workbench.core.parts import PARTS, Part
from workbench.core.scheme import LabelScheme
from workbench.errors import ArticleError, ReleaseError, StoreError
from workbench.gold.accepted import Accepted, LeftOut, Policy, Selection, select
from workbench.gold.manifest import ReleaseManifest, SetAside, SplitManifest, count_document, count_layers
from workbench.gold.splits import PartCount, Shares, SplitReport, assign
from workbench.store import Transaction, annotations, articles, releases
from workbench.store.annotations import StoredSet
from workbench.store.releases import Release, ReleaseItem
from workbench.version import __version__

LEFT_OUT = "annotated articles were left out"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class ReleaseReport(Frozen):
    """What was released. `existed`: the same was released under this name before; `same_as`: under these others.

    `trimmed` says by article which spans had white space at their edges when they were stored, and have none in the gold.
    """

    manifest: ReleaseManifest
    existed: bool = False
    same_as: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    trimmed: tuple[tuple[str, str], ...] = ()


class CheckReport(Frozen):
    """Whether a release is what it was when it was frozen; `problems` names what is not."""

    name: str
    digest: str
    articles: int
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
    digest = _digest(scheme.digest, zip(items, (one.article for one in accepted), strict=True))
    manifest = _manifest(name, digest, created, policy, scheme, accepted, items, split, left_out)
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
            yield AnnotatedArticle(
                article=article.model_copy(update={"story_group": item.story_group}),
                annotations=annotations.get_set(session, item.set_id).annotations,
            )


def check(session: Transaction, name: str) -> CheckReport:
    """Whether everything in a release is as it was: texts, gold, parts, annotators.

    Raises:
        ReleaseError: there is no such release.
    """
    found = releases.get(session, name)
    manifest = manifest_of(found)
    problems: list[str] = []
    pairs: list[tuple[ReleaseItem, Article]] = []
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
        pairs.append((item, article))
    if manifest.digest != found.digest or manifest.name != found.name:
        problems.append("the manifest belongs to another release")
    digest = _digest(manifest.label_scheme.digest, pairs)
    if digest != found.digest and not problems:
        problems.append(f"the digest is {digest}, and was {found.digest}")
    return CheckReport(name=name, digest=digest, articles=len(found.items), problems=tuple(problems))


def _faults(item: ReleaseItem, article: Article, stored: StoredSet) -> Iterator[str]:
    if annotations.set_id(item.article_id, item.article_version, stored.annotations) != item.set_id:
        yield f"{item.article_id}: its gold is not what was released"
    if sha256(article.text) != article.text_sha256:
        yield f"{item.article_id}: its text is not what was released"


def _digest(scheme_digest: str, items: Iterable[tuple[ReleaseItem, Article]]) -> str:
    """A hash of texts, gold, parts and annotators; neither name, time nor order of the articles counts."""
    rows = [
        [
            item.article_id,
            item.article_version,
            sha256(article.text),
            article.title,
            item.set_id,
            item.part,
            item.story_group,
            list(item.annotators),
        ]
        for item, article in sorted(items, key=lambda pair: pair[0].article_id)
    ]
    return hashlib.sha256(json.dumps([scheme_digest, rows], ensure_ascii=True).encode()).hexdigest()


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
    items: Sequence[ReleaseItem],
    split: SplitReport,
    left_out: Sequence[LeftOut],
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
    )


def _part_counts(items: Sequence[ReleaseItem]) -> dict[Part, PartCount]:
    counts: dict[Part, PartCount] = {}
    for part in PARTS:
        inside = [item for item in items if item.part == part]
        counts[part] = PartCount(groups=len({item.story_group for item in inside}), articles=len(inside))
    return counts
