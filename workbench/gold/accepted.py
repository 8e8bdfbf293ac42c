"""Which annotation of each article is its gold: what people submitted, where they agree, or by a policy where not."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Literal

from workbench.core.adjudication.merging import merge
from workbench.core.adjudication.policies import Policies
from workbench.core.annotations import AnnotationSet, Origin, Span
from workbench.core.article import Article
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.core.scheme_change import carried
from workbench.core.statements import content
from workbench.core.whitespace import trim
from workbench.gold.pseudonyms import Pseudonyms, pseudonyms
from workbench.printable import titled
from workbench.store import Transaction, annotations, articles, problems, revisions, schemes, withdrawals
from workbench.store.problems import Unfit
from workbench.store.revisions import Correction, Revision
from workbench.store.withdrawals import Withdrawal

if TYPE_CHECKING:
    from workbench.gold.adjudication.standing import Standing

Policy = Literal["refuse", "latest", "majority", "adjudicated"]
"""What is gold where annotators differ and nobody has adjudicated: nothing can be released; what was submitted last; what
more than half of them say of each thing; or nothing, and the article is left out."""
Settled = Literal["by one person", "agreed by all", "adjudicated", "decided by policies", "majority", "latest"]
"""What made an annotation gold."""


class LeftOut(Frozen):
    """An article that people worked on and that has no gold, and why."""

    article_id: str
    title: str
    reason: str


class Accepted(Frozen):
    """The gold of an article. `overruled` are annotators who said something else, where the policy decides.

    All of them go by their pseudonyms.

    `set_aside` says which other annotations of it could not be used, and why; `trimmed` which spans had white space at
    their edges when they were stored.
    """

    article: Article
    gold: AnnotationSet
    annotators: tuple[str, ...]
    suggested_by: str | None = None
    overruled: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    trimmed: tuple[str, ...] = ()
    settled: Settled = "by one person"


class Disagreement(Frozen):
    """An article whose annotators differ, with how many of the things that are marked are not marked by all."""

    article_id: str
    title: str
    annotators: tuple[str, ...]
    differences: int

    @property
    def reason(self) -> str:
        """Who differs, and in how many places."""
        return f"{' and '.join(self.annotators)} differ in {counted(self.differences, 'places')}"

    def __str__(self) -> str:
        return f"{titled(self.article_id, self.title)}: {self.reason}"


class Selection(Frozen):
    """What became of every article that somebody annotated."""

    accepted: tuple[Accepted, ...]
    disagreements: tuple[Disagreement, ...]
    left_out: tuple[LeftOut, ...]


def select(
    session: Transaction, scheme: LabelScheme, policy: Policy, *, standings: "Mapping[str, Standing] | None" = None
) -> Selection:
    """The gold of every article that has some, by the current revisions, in the order of the article ids.

    Annotators go by their pseudonyms in it, but for disagreements, which are for those who know them. Articles of which
    something was pulled that does not fit are there, too: left out, or with what was set aside.

    An annotator's word on an article is what that person submitted last. What was adjudicated, and is not open again,
    is gold; where all say the same, that is; else the policy decides. Articles that were withdrawn are left out.

    Args:
        session: a transaction of the store.
        scheme: the workspace's.
        policy: what is gold where annotators differ and nobody has adjudicated.
        standings: where each article stands in adjudication, by its id.
    """
    selecting = _Selecting(session, scheme, policy, pseudonyms(session), standings or {})
    by_article = _by_article(revisions.current(session))
    unfit: dict[str, list[Unfit]] = {}
    for one in problems.unfit(session):
        unfit.setdefault(one.article_id, []).append(one)
    withdrawn = withdrawals.current(session)
    worked_on = by_article.keys() | unfit.keys()
    selecting.leave_out_withdrawn([withdrawn[one] for one in sorted(worked_on & withdrawn.keys())])
    for article in articles.get_many(session, sorted(worked_on - withdrawn.keys())):
        selecting.take(article, by_article.get(article.id, []), unfit.get(article.id, []))
    return Selection(
        accepted=tuple(selecting.accepted),
        disagreements=tuple(selecting.disagreements),
        left_out=tuple(selecting.left_out),
    )


@dataclass
class _Selecting:
    """What became of the articles so far."""

    session: Transaction
    scheme: LabelScheme
    policy: Policy
    called: Pseudonyms
    standings: "Mapping[str, Standing]"
    accepted: list[Accepted] = field(default_factory=list[Accepted])
    disagreements: list[Disagreement] = field(default_factory=list[Disagreement])
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])

    def leave_out_withdrawn(self, withdrawn: Sequence[Withdrawal]) -> None:
        """Leaves out articles that were withdrawn; of erased ones no title is known any more."""
        titles = articles.newest_titles(self.session, [one.article_id for one in withdrawn])
        for one in withdrawn:
            title = titles.get(one.article_id, "")
            self.left_out.append(LeftOut(article_id=one.article_id, title=title, reason=str(one)))

    def take(self, article: Article, revisions: list[Revision], unfit: Sequence[Unfit]) -> None:
        """Sorts an article in."""
        sets, set_aside = (
            _submitted(self.session, article, revisions, self.scheme, self.called) if revisions else ([], ())
        )
        set_aside = (*set_aside, *_unfit(unfit, revisions, self.called))
        if self._adjudicated(article, revisions, set_aside):
            return
        if not sets:
            self._leave_out(article, "; ".join(set_aside))
            return
        contents = [content(trim(one)[0]) for _, one in sets]
        agreeing = {r.annotator for (r, _), one in zip(sets, contents, strict=True) if one == contents[-1]}
        overruled = {r.annotator for r, _ in sets} - agreeing
        latest, stored = sets[-1]
        if not overruled:
            settled: Settled = "agreed by all" if len(agreeing) > 1 else "by one person"
            self._accept(article, stored, agreeing, settled, set_aside, made_by=[latest])
        elif self.policy == "latest":
            self._accept(article, stored, agreeing, "latest", set_aside, made_by=[latest], overruled=overruled)
        elif self.policy == "majority":
            self._by_majority(article, sets, set_aside)
        elif self.policy == "adjudicated":
            standing = self.standings.get(article.id)
            state = f"adjudication: {standing.state}" if standing else "not adjudicated"
            self._leave_out(article, f"its annotators differ in {counted(_differences(contents), 'places')} ({state})")
        else:
            self.disagreements.append(
                Disagreement(
                    article_id=article.id,
                    title=article.title,
                    annotators=tuple(sorted(revision.annotator for revision, _ in sets)),
                    differences=_differences(contents),
                )
            )

    def _adjudicated(self, article: Article, revisions: Sequence[Revision], set_aside: tuple[str, ...]) -> bool:
        """Whether the article was adjudicated, and so has its gold."""
        standing = self.standings.get(article.id)
        if standing is None or standing.set_id is None or standing.article_version != article.version:
            return False
        if standing.state not in ("adjudicated", "by policy"):
            return False
        stored = annotations.get_set(self.session, standing.set_id).annotations
        found = of_this_scheme(self.session, stored, self.scheme)
        if found is None or any(one.severity == "refused" for one in self.scheme.violations(found, article.text)):
            self._leave_out(article, "what was adjudicated does not fit the label scheme of now")
            return True
        settled: Settled = "adjudicated" if standing.state == "adjudicated" else "decided by policies"
        made_by = [one for one in revisions if one.annotator in standing.annotators]
        gold = self.scheme.normalise(found)
        self._accept(article, gold, standing.annotators, settled, set_aside, made_by=made_by)
        return True

    def _by_majority(
        self, article: Article, sets: Sequence[tuple[Revision, AnnotationSet]], set_aside: tuple[str, ...]
    ) -> None:
        said = {revision.annotator: trim(one)[0] for revision, one in sets}
        parents = tuple(one.digest for one in said.values())
        merged = merge(said, self.scheme, Policies(majority=True), parents=parents)
        if merged.open:
            things = "thing" if len(merged.open) == 1 else "things"
            self._leave_out(
                article, f"no majority of its {counted(len(said), 'annotators')} decides {len(merged.open)} {things}"
            )
        else:
            revisions = [revision for revision, _ in sets]
            self._accept(article, merged.annotations, said, "majority", set_aside, made_by=revisions)

    def _accept(
        self,
        article: Article,
        found: AnnotationSet,
        annotators: Collection[str],
        settled: Settled,
        set_aside: tuple[str, ...],
        *,
        made_by: Sequence[Revision],
        overruled: Collection[str] = (),
    ) -> None:
        gold, trimmed = trim(found)
        self.accepted.append(
            Accepted(
                article=article,
                gold=self.called.of_set(gold),
                annotators=tuple(sorted(self.called[one] for one in annotators)),
                suggested_by=_suggested_by(self.session, made_by),
                overruled=tuple(sorted(self.called[one] for one in overruled)),
                set_aside=set_aside,
                trimmed=tuple(str(one) for one in trimmed),
                settled=settled,
            )
        )

    def _leave_out(self, article: Article, reason: str) -> None:
        self.left_out.append(LeftOut(article_id=article.id, title=article.title, reason=reason))


def _unfit(found: Sequence[Unfit], revisions: Sequence[Revision], called: Pseudonyms) -> Iterator[str]:
    """Why each annotation that was pulled and does not fit is not used, and what was used instead."""
    messages: dict[tuple[str, str], list[str]] = {}
    for one in found:
        messages.setdefault((one.origin, one.external_id), []).append(one.message)
    before = {(r.origin, r.external_id): r for r in revisions if r.state == "submitted"}
    for key, reasons in messages.items():
        last = before.get(key)
        what = (
            f"annotation {key[1]}"
            if last is None
            else f"the last version of annotation {key[1]} of {called[last.annotator]}"
        )
        instead = "" if last is None else f"; the one of {last.updated[:19]} stands"
        yield f"{what} does not fit: {'; '.join(reasons)}{instead}"


def _differences(contents: Sequence[Counter[str]]) -> int:
    """How many statements are not made by everybody."""
    anywhere = reduce(lambda one, other: one | other, contents)
    everywhere = reduce(lambda one, other: one & other, contents)
    return (anywhere - everywhere).total()


def _by_article(revisions: Iterable[Revision]) -> dict[str, list[Revision]]:
    by_article: dict[str, list[Revision]] = {}
    for revision in revisions:
        by_article.setdefault(revision.article_id, []).append(revision)
    return by_article


def _submitted(
    session: Transaction, article: Article, revisions: list[Revision], scheme: LabelScheme, called: Pseudonyms
) -> tuple[list[tuple[Revision, AnnotationSet]], tuple[str, ...]]:
    """What each annotator submitted last, the latest last; and why the rest cannot be used."""
    last: dict[str, Revision] = {}
    for revision in sorted(revisions, key=lambda r: (r.updated, r.id or 0)):
        if revision.state == "submitted":
            last[revision.annotator] = revision
    if not last:
        deleted = all(revision.state == "deleted" for revision in revisions)
        return [], ("its annotations were deleted" if deleted else "it was skipped",)
    reasons: list[str] = []
    usable: list[tuple[Revision, AnnotationSet]] = []
    for revision in sorted(last.values(), key=lambda r: (r.updated, r.id or 0)):
        stored = annotations.get_set(session, revision.set_id).annotations
        found = of_this_scheme(session, stored, scheme)
        who = called[revision.annotator]
        if revision.article_version != article.version:
            reasons.append(
                f"{who} annotated version {revision.article_version} of its text, "
                f"which is now version {article.version}"
            )
        elif found is None:
            reasons.append(
                f"{who} annotated it under another label scheme ({stored.scheme_digest}, now {scheme.digest})"
            )
        elif refused := [v for v in scheme.violations(found, article.text) if v.severity == "refused"]:
            reasons.append(f"the annotation of {who} does not fit: {refused[0]}")
        else:
            usable.append((revision, _with_origins(session, revision, scheme.normalise(found))))
    return usable, tuple(reasons)


def of_this_scheme(session: Transaction, found: AnnotationSet, scheme: LabelScheme) -> AnnotationSet | None:
    """The set under this scheme; None where it was made under one that is not known, or says what this one cannot."""
    if found.scheme_digest == scheme.digest:
        return found
    before = schemes.find(session, found.scheme_digest)
    return carried(found, before, scheme) if before else None


def _with_origins(session: Transaction, revision: Revision, found: AnnotationSet) -> AnnotationSet:
    """The set with the origin of every span that came from a suggestion; the others are the annotator's own."""
    if revision.parent_set_id is None or revision.id is None:
        return found
    parent = annotations.get_set(session, revision.parent_set_id).annotations
    origins = _origins(revisions.corrections(session, revision.id))

    def with_origin(span: Span) -> Span:
        known = origins.get(span.id)
        if known is None or span.origin is not None:
            return span
        return span.model_copy(
            update={"origin": Origin(producer=parent.producer, parent=known.parent, decision=known.decision)}
        )

    layers = {name: tuple(with_origin(span) for span in spans) for name, spans in found.layers.items()}
    parents = tuple(dict.fromkeys((*found.parents, parent.digest)))
    return found.model_copy(update={"layers": layers, "parents": parents})


def _origins(corrections: Iterable[Correction]) -> Mapping[str, Origin]:
    """Parent and decision of each span that was a suggestion; one with another attribute or role is "changed"."""
    origins: dict[str, Origin] = {}
    changed: set[str] = set()
    for correction in corrections:
        if correction.kind == "span" and correction.span is not None and correction.parent_span is not None:
            origins[correction.span] = Origin(parent=correction.parent_span, decision=correction.decision)
        elif correction.kind != "span" and correction.span is not None and correction.decision != "kept":
            changed.add(correction.span)
    for span in changed & origins.keys():
        if origins[span].decision == "kept":
            origins[span] = origins[span].model_copy(update={"decision": "changed"})
    return origins


def _suggested_by(session: Transaction, revisions: Iterable[Revision]) -> str | None:
    """Whose suggestions the last annotation was made from that was made from any."""
    for revision in reversed(list(revisions)):
        if revision.parent_set_id is not None:
            producer = annotations.get_set(session, revision.parent_set_id).annotations.producer
            if producer.kind in ("rules", "model"):
                return str(producer)
    return None
