"""Where each article stands that several people annotated: settled, waiting for a person, or open again."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from workbench.core.annotations import AnnotationSet
from workbench.core.batches import batches
from workbench.core.frozen import Frozen
from workbench.core.statements import content
from workbench.core.whitespace import trim
from workbench.gold.independent import LeftOutRevision, Sorted, sort_out
from workbench.store import Transaction, adjudications, annotations, articles, projects, revisions, withdrawals
from workbench.store.adjudications import Adjudication
from workbench.store.revisions import Revision

AT_ONCE = 200
"""How many articles are looked at at once."""

State = Literal["agreed", "by policy", "adjudicated", "waiting", "skipped in review", "reopened", "not merged", "alone"]
"""Where an article stands:

- agreed: all its annotators say the same; by policy: the rest was decided by policies
- adjudicated: a person decided what the policies left
- waiting: for a person; skipped in review: by who looked at it last, so it waits on
- reopened: somebody's annotation says something else than when it was settled, or is new, or is gone
- not merged: nobody has adjudicated it yet; alone: one person annotated it
"""
STATES: tuple[State, ...] = get_args(State)
SETTLED: tuple[State, ...] = ("agreed", "by policy", "adjudicated")


class Standing(Frozen):
    """Where an article stands. `set_id` is the key of its adjudicated annotations, where it is settled.

    `annotators` are those whose annotations count now, `decided_by` the policies or the person that decided, `review` the
    number of that person's revision, `left_open` how much was left to a person, and `why` says more, where there is more
    to say.
    """

    article_id: str
    article_version: int
    title: str
    state: State
    annotators: tuple[str, ...]
    set_id: str | None = None
    decided_by: str = ""
    review: int | None = None
    left_open: int = 0
    why: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether it has adjudicated annotations that are still good."""
        return self.state in SETTLED


@dataclass(frozen=True)
class Work:
    """What people made of the newest version of an article: its annotators by name, and what came of their work.

    `left_out` are annotations that have no say, `reviews` the last states of what was done in review tasks. `skipped`:
    everybody who saw it skipped it.
    """

    article_id: str
    version: int
    title: str
    voices: Mapping[str, Revision]
    left_out: Sequence[LeftOutRevision]
    reviews: Sequence[Revision]
    adjudication: Adjudication | None
    skipped: bool = False


def standings(session: Transaction, article_ids: Iterable[str] | None = None) -> Iterator[Standing]:
    """Where each article stands that somebody annotated, by id; of these only, if they are given."""
    for work in works(session, article_ids):
        if work.voices or work.adjudication:
            yield standing(session, work)


def works(session: Transaction, article_ids: Iterable[str] | None = None) -> Iterator[Work]:
    """What people made of each article that is not withdrawn, by id; of these only, if given. Read as it is asked for."""
    wanted = set(revisions.annotated(session) if article_ids is None else article_ids)
    names = sorted(wanted - withdrawals.current(session, wanted).keys())
    newest = articles.newest_versions(session)
    review_origins = {project.origin for project in projects.every(session) if project.review_round}
    for chunk in batches(revisions.by_article(session, names), AT_ONCE):
        ids = [article_id for article_id, _ in chunk]
        keys = {key for _, found in chunk for one in found for key in (one.set_id, one.parent_set_id) if key}
        kinds = annotations.kinds(session, sorted(keys))
        merged = adjudications.current(session, ids)
        titles = articles.titles(session, ids)
        for article_id, its_revisions in chunk:
            version = newest[article_id]
            ours = [one for one in its_revisions if one.article_version == version]
            found = sort_out(ours, kinds)
            voices, left_out = _voices(found, version)
            last = {(one.origin, one.external_id): one for one in ours if one.origin in review_origins}
            adjudication = merged.get(article_id)
            if adjudication is not None and adjudication.article_version != version:
                adjudication = None
            yield Work(
                article_id=article_id,
                version=version,
                title=titles.get((article_id, version), ""),
                voices=dict(sorted(voices.items())),
                left_out=left_out,
                reviews=sorted(last.values(), key=lambda one: (one.updated, one.id or 0)),
                adjudication=adjudication,
                skipped=found.skipped,
            )


def standing(session: Transaction, work: Work) -> Standing:
    """Where one article stands."""
    made = work.adjudication
    unused = {one.annotator for one in made.parents if not one.used} if made else set[str]()

    def stands(
        state: State, *, set_id: str | None = None, decided_by: str = "", why: str = "", review: int | None = None
    ) -> Standing:
        return Standing(
            article_id=work.article_id,
            article_version=work.version,
            title=work.title,
            state=state,
            annotators=tuple(who for who in work.voices if who not in unused),
            set_id=set_id,
            decided_by=decided_by,
            review=review,
            left_open=made.left_open if made else 0,
            why=why,
        )

    if made is None:
        return stands("not merged" if len(work.voices) > 1 else "alone")
    review = _review(session, work, made)
    decided = made.left_open == 0 or (review is not None and review.state == "adjudicated")
    changed = changes(session, work, made)
    if changed:
        return stands("reopened" if decided else "waiting", why=changed)
    if made.left_open == 0:
        policies = str(made.policies)
        return (
            stands("by policy", set_id=made.set_id, decided_by=policies)
            if made.decided
            else stands("agreed", set_id=made.set_id)
        )
    if review is None:
        return stands("waiting")
    if review.state == "skipped":
        return stands("skipped in review", why=f"skipped by {review.annotator} in the review")
    return stands("adjudicated", set_id=review.set_id, decided_by=review.annotator, review=review.id)


def changes(session: Transaction, work: Work, made: Adjudication) -> str:
    """How the annotations differ from those that were merged, in words; empty where they say the same."""
    before = {one.annotator: one for one in made.parents}
    said = [f"{who} annotated it, too" for who in work.voices if who not in before]
    said += [f"the annotation of {who} is gone" for who in before if who not in work.voices]
    other = {who: one for who, one in work.voices.items() if who in before and one.set_id != before[who].set_id}
    sets = annotations.get_sets(session, [one.set_id for one in other.values()]) if other else {}
    said += [
        f"{who} changed it {one.updated[:19]}"
        for who, one in other.items()
        if digest_of(sets[one.set_id].annotations) != before[who].content
    ]
    return "; ".join(said)


def digest_of(found: AnnotationSet) -> str:
    """A hash of what a set says, however it came about."""
    said = sorted(content(trim(found)[0]).items())
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _voices(found: Sorted, version: int) -> tuple[dict[str, Revision], list[LeftOutRevision]]:
    """What each annotator submitted last, and the annotations that have no say.

    Whoever edits after adjudication is no independent voice, but is heard.
    """
    voices = dict(found.independent.get(version, {}))
    left_out: list[LeftOutRevision] = []
    for one in found.left_out:
        who = one.revision.annotator
        if one.reason != "edited after adjudication":
            left_out.append(one)
        elif who not in voices or one.revision.updated > voices[who].updated:
            if who in voices:
                later = one.revision.updated[:19]
                left_out.append(LeftOutRevision(voices[who], "of the same person", f"who submitted again {later}"))
            voices[who] = one.revision
        else:
            later = voices[who].updated[:19]
            left_out.append(LeftOutRevision(one.revision, "of the same person", f"who submitted again {later}"))
    return voices, left_out


def _review(session: Transaction, work: Work, made: Adjudication) -> Revision | None:
    """What was done last in review tasks about this adjudication; a decision counts for more than a skip."""
    decided = adjudications.reviewed(session, [one.id for one in work.reviews if one.id is not None])
    ours = [one for one in work.reviews if decided.get(one.id or 0) == made.id and one.state != "deleted"]
    settled = [one for one in ours if one.state == "adjudicated"]
    return (settled or ours or [None])[-1]
