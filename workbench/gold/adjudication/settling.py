"""Merges what annotators said of the articles that are not settled, by the policies, and stores every decision."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workbench.core.adjudication.decisions import Decision
from workbench.core.adjudication.merging import merge
from workbench.core.adjudication.policies import DOCUMENT, Policies
from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.core.batches import batches
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import trim
from workbench.errors import AgreementError, SettingsError
from workbench.gold.accepted import of_this_scheme
from workbench.gold.adjudication.standing import Standing, Work, changes, digest_of, standing, works
from workbench.gold.independent import LeftOutRevision
from workbench.printable import titled
from workbench.store import Store, Transaction, adjudications, annotations, articles, revisions
from workbench.store.adjudications import Adjudication, Parent
from workbench.store.annotations import StoredSet
from workbench.store.revisions import Revision

AT_ONCE = 50
"""How many articles are merged in one transaction."""


class LeftOutOfMerging(Frozen):
    """An annotation that was not merged, of which article, and why."""

    article_id: str
    title: str
    annotator: str
    reason: str


@dataclass
class Settled:
    """What came of it: where every article stands now, which were merged in this run, and what is in dispute.

    `disputes` are the things that wait for a person, by article id; `skipped` the articles that everybody skipped,
    `by_others` those that stay settled although other policies than these have decided.
    """

    policies: Policies
    standings: dict[str, Standing] = field(default_factory=dict[str, Standing])
    merged: set[str] = field(default_factory=set[str])
    disputes: dict[str, tuple[Decision, ...]] = field(default_factory=dict[str, tuple[Decision, ...]])
    left_out: list[LeftOutOfMerging] = field(default_factory=list[LeftOutOfMerging])
    skipped: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    by_others: list[str] = field(default_factory=list[str])

    @property
    def waiting(self) -> list[str]:
        """The articles that a person has to look at."""
        return [name for name, one in self.standings.items() if one.state in ("waiting", "skipped in review")]


def settle(
    store: Store,
    scheme: LabelScheme,
    progress: Progress,
    *,
    policies: Policies | None = None,
    article_ids: Iterable[str] | None = None,
    again: bool = False,
) -> Settled:
    """Where every article stands after those were merged that are not settled, a stretch of articles at a time.

    An article that waits is merged anew where its annotations or the policies have changed; one that is settled stays
    so, and with `again` those that policies settled are merged anew. What a person decided stays until it is reopened.

    Args:
        store: where annotations are, and what was decided goes.
        scheme: the workspace's; annotations of an earlier one are carried over, where that is possible.
        progress: shows where it is.
        policies: decide what not all say; None for those of the last run, or none.
        article_ids: the articles to look at; None for all.
        again: merge also what was settled without a person.

    Raises:
        SettingsError: a policy names a layer or a person that is not there.
    """
    with store.reading() as session:
        chosen = policies if policies is not None else adjudications.last_policies(session) or Policies()
        names = sorted(set(article_ids)) if article_ids is not None else revisions.annotated(session)
        if policies is not None:
            chosen = _checked(session, chosen, scheme)
    found = Settled(chosen)
    for chunk in batches(progress.track(names, "merging annotations", len(names)), AT_ONCE):
        with store.transaction() as session:
            for work in list(works(session, chunk)):
                _settle(session, scheme, work, found, again=again)
    return found


def nothing_to_merge(found: Settled) -> AgreementError | None:
    """Why there is nothing to adjudicate, and what to do about it; None where there is something."""
    if any(one.state != "alone" for one in found.standings.values()):
        return None
    people = Counter(who for one in found.standings.values() for who in one.annotators)
    hint = "`workbench push --overlap 2` gives every article to two annotators"
    lists = {"annotations were left out": [(titled(o.article_id, o.title), o.reason) for o in found.left_out]}
    if not people:
        skipped = (
            f"; {counted(len(found.skipped), 'articles were skipped by everybody who saw them')}"
            if found.skipped
            else ""
        )
        return AgreementError(
            f"nobody has submitted an annotation yet{skipped}",
            hint="`workbench pull` fetches them from Label Studio, `workbench import` takes them from a file",
            lists=lists,
        )
    said = ", ".join(f"{who} {number}" for who, number in sorted(people.items()))
    out = f"; {len(found.left_out)} left out, the first: {found.left_out[0].reason}" if found.left_out else ""
    return AgreementError(
        f"there is nothing to adjudicate: no article was annotated by two people ({said}){out}", hint=hint, lists=lists
    )


def _settle(session: Transaction, scheme: LabelScheme, work: Work, found: Settled, *, again: bool) -> None:
    if work.skipped:
        found.skipped.append((work.article_id, work.title))
    if not work.voices and work.adjudication is None:
        return
    stands = standing(session, work)
    article = articles.get(session, work.article_id, work.version)
    if stands.state not in ("alone", "agreed", "by policy", "adjudicated") or (
        again and stands.state in ("agreed", "by policy")
    ):
        sets = annotations.get_sets(session, [one.set_id for one in work.voices.values()])
        usable = _usable(session, scheme, article, work, sets, found)
        if len(usable) > 1:
            stands = _merge(session, scheme, work, stands, sets, usable, found)
        else:
            stands = stands.model_copy(update={"state": "alone", "annotators": tuple(usable)})
    else:
        found.left_out += [_left_out(work, one.revision, _why(one)) for one in work.left_out]
        made = work.adjudication
        if stands.state == "by policy" and made is not None and made.policies != found.policies:
            found.by_others.append(work.article_id)
    found.standings[work.article_id] = stands
    if stands.state in ("waiting", "skipped in review"):
        made = adjudications.current(session, [work.article_id])[work.article_id]
        assert made.id is not None
        found.disputes[work.article_id] = tuple(d for d in adjudications.decisions(session, made.id) if d.is_open)


def _merge(
    session: Transaction,
    scheme: LabelScheme,
    work: Work,
    stands: Standing,
    sets: Mapping[str, StoredSet],
    usable: Mapping[str, AnnotationSet],
    found: Settled,
) -> Standing:
    """Where the article stands after it was merged; unchanged where that was done before with the same outcome."""
    before = work.adjudication
    if before is not None and before.policies == found.policies and not changes(session, work, before):
        made_under = annotations.get_set(session, before.set_id).annotations.scheme_digest
        if made_under == scheme.digest:
            return stands
    made_from = tuple(sets[work.voices[who].set_id].annotations.digest for who in usable)
    merged = merge(usable, scheme, found.policies, parents=made_from)
    key = annotations.set_id(work.article_id, work.version, merged.annotations)
    annotations.keep(session, work.article_id, work.version, merged.annotations)
    parents = tuple(
        Parent(
            annotator=who,
            revision_id=revision.id or 0,
            set_id=revision.set_id,
            content=digest_of(sets[revision.set_id].annotations),
            used=who in usable,
        )
        for who, revision in work.voices.items()
    )
    made = Adjudication(
        article_id=work.article_id,
        article_version=work.version,
        set_id=key,
        policies=found.policies,
        agreed=merged.agreed,
        decided=len(merged.decisions) - len(merged.open),
        left_open=len(merged.open),
        parents=parents,
    )
    number = adjudications.add(session, made, merged.decisions)
    found.merged.add(work.article_id)
    return standing(session, replace(work, adjudication=made.model_copy(update={"id": number})))


def _usable(
    session: Transaction,
    scheme: LabelScheme,
    article: Article,
    work: Work,
    sets: Mapping[str, StoredSet],
    found: Settled,
) -> dict[str, AnnotationSet]:
    """The annotations that can be merged, by annotator, under this scheme; the others are listed with their reasons."""
    found.left_out += [_left_out(work, one.revision, _why(one)) for one in work.left_out]
    usable: dict[str, AnnotationSet] = {}
    for who, revision in work.voices.items():
        stored = sets[revision.set_id].annotations
        ours = of_this_scheme(session, stored, scheme)
        if ours is None:
            reason = f"made under another label scheme ({stored.scheme_digest}, now {scheme.digest})"
            found.left_out.append(_left_out(work, revision, reason))
            continue
        made = scheme.normalise(trim(scheme.renamed(ours))[0])
        refused = [one for one in scheme.violations(made, article.text) if one.severity == "refused"]
        if refused:
            found.left_out.append(_left_out(work, revision, f"does not fit: {refused[0]}"))
            continue
        usable[who] = made
    return usable


def _left_out(work: Work, revision: Revision, reason: str) -> LeftOutOfMerging:
    return LeftOutOfMerging(article_id=work.article_id, title=work.title, annotator=revision.annotator, reason=reason)


def _why(one: LeftOutRevision) -> str:
    return f"{one.reason} ({one.detail})" if one.detail else one.reason


def _checked(session: Transaction, policies: Policies, scheme: LabelScheme) -> Policies:
    """The policies with the full names of the people that they name.

    Raises:
        SettingsError: a layer or a person is not there, or a person's short name stands for several.
    """
    people = sorted({one.annotator for one in revisions.current(session) if one.state == "submitted"})
    layers = [*scheme.layer_by_name, DOCUMENT]
    for layer in policies.authority:
        if layer not in layers:
            raise SettingsError(
                f"{layer!r} is no layer that somebody can have authority over; there are {', '.join(layers)}",
                hint="write LAYER=PERSON",
            )
    seniority = tuple(_person(name, people) for name in policies.seniority)
    if len(set(seniority)) < len(seniority):
        raise SettingsError(
            f"the order of seniority names somebody twice: {', '.join(seniority)}", hint="name each person once"
        )
    authority = {layer: _person(name, people) for layer, name in policies.authority.items()}
    return policies.model_copy(update={"authority": authority, "seniority": seniority})


def _person(name: str, people: Sequence[str]) -> str:
    """The annotator of this name; the part of an e-mail address before the @ will do, where there is one such."""
    if name in people:
        return name
    short = [one for one in people if one.partition("@")[0] == name]
    if len(short) == 1:
        return short[0]
    known = f"annotators are {', '.join(people)}" if people else "nobody has annotated anything yet"
    what = f"is {counted(len(short), 'annotators')}: {', '.join(short)}" if short else f"has annotated nothing; {known}"
    raise SettingsError(f"{name} {what}", hint="name annotators as `workbench status` shows them")
