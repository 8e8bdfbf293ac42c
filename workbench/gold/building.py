"""A gold release built of what people submitted, and frozen."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from workbench.core.annotations import AnnotationSet
from workbench.core.parts import HELD_OUT, PARTS, Part
from workbench.core.report import Listing, Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.errors import ReleaseError
from workbench.gold.accepted import Accepted, LeftOut, Policy, Selection, select
from workbench.gold.adjudication.standing import standings
from workbench.gold.division import BY_STORY, Copies, Division, SplitRule, divide
from workbench.gold.manifest import (
    LEFT_OUT,
    LayerAgreement,
    Parent,
    ReleasedArticle,
    ReleaseManifest,
    SetAside,
    SplitManifest,
    count_document,
    count_layers,
    digest_of,
    sources_of,
)
from workbench.gold.releases import manifest_of, released_article, withdrawn_of
from workbench.gold.splits import IN_TWO, PartCount, Shares, assign, of_articles
from workbench.printable import titled
from workbench.store import Transaction, annotations, articles, releases
from workbench.store.releases import Release, ReleaseItem
from workbench.version import __version__

NOT_USED = "lines of the file of parts were not used"
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
    remarks: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """The manifest, after whether it is new, and before what happened on the way."""
        if self.existed:
            yield f"the release {self.manifest.name} is there already, with the same content"
        elif self.same_as:
            yield f"the same content as {', '.join(self.same_as)}"
        yield from self.manifest.shown()
        yield Listing("spans had white space at their edges, which is not in the gold", self.trimmed)
        yield Listing(IN_TWO, self.conflicts)
        yield Listing(NOT_USED, self.remarks)

    def as_json(self) -> str:
        """The manifest alone, as the release keeps it."""
        return self.manifest.as_json()


def release(
    session: Transaction,
    name: str,
    scheme: LabelScheme,
    *,
    created: str,
    policy: Policy = "refuse",
    rule: SplitRule = BY_STORY,
    shares: Shares | None = None,
    seed: int = 0,
    chosen: Selection | None = None,
    agreement: Sequence[LayerAgreement] = (),
) -> ReleaseReport:
    """The release `name` of everything that people have submitted so far, frozen in the store.

    Divided by story, story groups without a part get one first. Releasing the same content under the same name again
    changes nothing.

    Args:
        session: a transaction of the store.
        name: the release's.
        scheme: the workspace's.
        created: the time.
        policy: what is gold where annotators differ.
        rule: how articles are divided into parts.
        shares: how much each part is to hold.
        seed: decides the order in which parts are filled.
        chosen: the gold, where it was selected before.
        agreement: how far annotators agree, for the manifest.

    Raises:
        ReleaseError: annotators differ and the policy is to refuse; nothing has been submitted; the name cannot be
            used, or stands for another content; articles on one story were added for different parts.
    """
    if not _NAME.fullmatch(name):
        raise ReleaseError(
            f"{name!r} cannot be the name of a release", hint="use letters, digits, '.', '_' and '-', 64 at the most"
        )
    wanted = shares or Shares()
    split = assign(session, wanted, seed=seed) if rule.by == "story" else None
    earlier = [releases.get(session, known) for known in releases.names(session)]
    chosen = chosen or select_gold(session, scheme, policy)
    _refuse_disagreements(chosen)
    division = divide(
        [one.article for one in chosen.accepted],
        rule,
        earlier,
        _copies(session, chosen, earlier),
        by_story=split.parts if split else {},
        shares=wanted,
        seed=seed,
        assigned=of_articles(session) if rule.by == "article" else None,
    )
    accepted = [one for one in chosen.accepted if one.article.id in division.parts]
    left_out = (*chosen.left_out, *_without_part(chosen.accepted, division))
    if not accepted:
        raise _nothing(left_out, division.remarks)
    items = tuple(_item(session, one, division.parts[one.article.id]) for one in accepted)
    inside = [released_article(item, one.article) for item, one in zip(items, accepted, strict=True)]
    digest = digest_of(scheme.digest, inside)
    before = [one for one in earlier if one.name != name]
    parent = Parent(name=before[-1].name, digest=before[-1].digest) if before else None
    frozen = _split_manifest(rule, wanted, seed, inside)
    manifest = _manifest(name, digest, created, policy, scheme, accepted, inside, frozen, left_out, parent, agreement)
    manifest = manifest.model_copy(update={"withdrawn": withdrawn_of(session, before)})
    said = {
        "conflicts": split.conflicts if split else (),
        "trimmed": tuple((one.article.id, what) for one in accepted for what in one.trimmed),
        "remarks": tuple(division.remarks),
    }
    same = tuple(other.name for other in earlier if other.digest == digest)
    if name in same:
        there = manifest_of(next(other for other in earlier if other.name == name))
        others = tuple(one for one in same if one != name)
        return ReleaseReport.model_validate({"manifest": there, "existed": True, "same_as": others, **said})
    document = json.loads(manifest.to_json())
    releases.add(session, Release(name=name, digest=digest, created=created, manifest=document, items=items))
    return ReleaseReport.model_validate({"manifest": manifest, "same_as": same, **said})


def _refuse_disagreements(chosen: Selection) -> None:
    if not chosen.disagreements:
        return
    number = len(chosen.disagreements)
    raise ReleaseError(
        f"annotators differ on {number} article{'' if number == 1 else 's'}; the first: {chosen.disagreements[0]}",
        hint="settle it with `workbench adjudicate`, or take what most say (`--policy majority`) or what was submitted "
        "last (`--policy latest`)",
        lists={
            "articles on which annotators differ": [
                (titled(one.article_id, one.title), one.reason) for one in chosen.disagreements
            ]
        },
    )


def select_gold(session: Transaction, scheme: LabelScheme, policy: Policy) -> Selection:
    """The gold of every article that has some, with what was adjudicated."""
    return select(session, scheme, policy, standings={one.article_id: one for one in standings(session)})


def _copies(session: Transaction, chosen: Selection, earlier: Sequence[Release]) -> Copies:
    """Near-duplicates among what is to be released and what was."""
    new = {one.article.id: one.article.text for one in chosen.accepted}
    before = [item.article_id for one in earlier for item in one.items if item.article_id not in new]
    old = ((one.id, one.text) for one in articles.get_many(session, list(dict.fromkeys(before))))
    return Copies([*new.items(), *old])


def _without_part(accepted: Sequence[Accepted], division: Division) -> list[LeftOut]:
    return [
        LeftOut(article_id=one.article.id, title=one.article.title, reason=division.without[one.article.id])
        for one in accepted
        if one.article.id in division.without
    ]


def _split_manifest(rule: SplitRule, shares: Shares, seed: int, items: Sequence[ReleasedArticle]) -> SplitManifest:
    parts: dict[str, set[Part]] = {}
    for item in items:
        parts.setdefault(item.story_group, set()).add(item.part)
    return SplitManifest(
        seed=seed,
        shares=shares,
        parts=_part_counts(items),
        by=rule.by,
        dates=rule.dates,
        file=rule.file,
        file_sha256=rule.file_sha256,
        stories_in_several_parts=sum(len(found) > 1 for found in parts.values()),
    )


def _nothing(left_out: Sequence[LeftOut], remarks: Sequence[str]) -> ReleaseError:
    reasons = Counter(one.reason for one in left_out)
    if not reasons:
        return ReleaseError(
            "nobody has submitted an annotation yet",
            hint="`workbench pull` fetches them from Label Studio, `workbench import` takes them from a file",
        )
    shown = "; ".join(f"{reason} ({number})" for reason, number in reasons.most_common(3))
    lists = {LEFT_OUT: [(titled(one.article_id, one.title), one.reason) for one in left_out]}
    if remarks:
        lists[NOT_USED] = [(one, "") for one in remarks]
    return ReleaseError(
        f"no annotation can be released: {shown}",
        hint="see `workbench status`, and `workbench pull --problems` for what does not fit",
        lists=lists,
    )


def _item(session: Transaction, one: Accepted, part: Part) -> ReleaseItem:
    return ReleaseItem(
        article_id=one.article.id,
        article_version=one.article.version,
        set_id=annotations.keep(session, one.article.id, one.article.version, one.gold),
        part=part,
        story_group=one.article.story,
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
    split: SplitManifest,
    left_out: Sequence[LeftOut],
    parent: Parent | None,
    agreement: Sequence[LayerAgreement],
) -> ReleaseManifest:
    gold: list[AnnotationSet] = [one.gold for one in accepted]
    parts: list[Part] = [one.part for one in items]
    return ReleaseManifest(
        name=name,
        digest=digest,
        created=created,
        workbench_version=__version__,
        policy=policy,
        scheme_digest=scheme.digest,
        label_scheme=scheme,
        articles=len(items),
        split=split,
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
        settled=dict(sorted(Counter(one.settled for one in accepted).items())),
        held_out_from_suggestions=sum(
            one.suggested_by is not None and part in HELD_OUT for one, part in zip(accepted, parts, strict=True)
        ),
        sources=sources_of([one.article for one in accepted]),
        agreement=tuple(agreement),
        items=tuple(items),
    )


def _part_counts(items: Sequence[ReleasedArticle]) -> dict[Part, PartCount]:
    counts: dict[Part, PartCount] = {}
    for part in PARTS:
        inside = [item for item in items if item.part == part]
        counts[part] = PartCount(groups=len({item.story_group for item in inside}), articles=len(inside))
    return counts
