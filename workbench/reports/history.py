"""Who changed what in an article, region by region: every revision of every annotation of it, in order."""

from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import Field

from workbench.core.adjudication.decisions import Decision
from workbench.core.adjudication.policies import Policies
from workbench.core.annotations import AnnotationSet, AttributeValue, Span, written
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.matching import Matching, RoleMatch, match
from workbench.core.report import Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.core.scheme_change import covering
from workbench.printable import titled
from workbench.store import Store, Transaction, adjudications, annotations, articles, problems, revisions
from workbench.store.adjudications import Adjudication
from workbench.store.revisions import SAYING, Revision, State

Against = Literal["suggestion", "revision", "nothing"]

SHOWN_CHARACTERS = 60
"""How much of a region's text is quoted."""


class Region(Frozen):
    """A labelled stretch of the article's text, half-open, in code points."""

    layer: str
    label: str
    start: int
    end: int
    text: str


class Change(Frozen):
    """One thing that a revision changed.

    `before` and `after` are the span, for a role its head, for an attribute its span; both None for a choice about the
    document. `name` is the role's or attribute's, `name_before` the role that a relabelled one had. `other` is the span
    that a role points to, `value_*` what an attribute said.
    """

    kind: Literal["span", "role", "attribute"]
    decision: Literal["moved", "relabelled", "moved and relabelled", "changed", "deleted", "added"]
    before: Region | None = None
    after: Region | None = None
    name: str = ""
    name_before: str | None = None
    other: Region | None = None
    value_before: AttributeValue | None = None
    value_after: AttributeValue | None = None


class Step(Frozen):
    """One revision: who, when by the clock of the place where it was made, and what it changed against what.

    `against` is the suggestion for the first revision of an annotation, and the one before it for a later one (skipped
    ones don't count); `compared_with` names it. A skip and a deletion have no changes.
    """

    annotator: str
    state: State
    updated: str
    created: str
    origin: str
    external_id: str
    article_version: int
    scheme_digest: str
    lead_time: float | None
    against: Against
    compared_with: str
    spans: int
    kept_spans: int
    kept_roles: int
    changes: tuple[Change, ...]
    decisions: tuple[Decision, ...] = ()


class Merging(Frozen):
    """Annotations of the article that were merged: whose, by which policies, and what was decided or left open.

    `agreed` counts the things that all of them said the same of.
    """

    created: str
    article_version: int
    annotators: tuple[str, ...]
    policies: Policies
    agreed: int
    decisions: tuple[Decision, ...]


class Waiting(Frozen):
    """An annotation that was pulled and does not fit, so that it is no revision yet."""

    annotation_id: int | None
    updated: str
    rule: str
    message: str


class HistoryReport(Report):
    """All that happened to one article. `waiting` are pulled annotations that don't fit and are kept aside.

    `mergings` tells how its annotations were adjudicated; what people decided in review tasks is among the steps.
    """

    schema_: Literal["workbench/history/1"] = Field(default="workbench/history/1", alias="schema")
    article_id: str
    title: str
    versions: int
    steps: tuple[Step, ...]
    waiting: tuple[Waiting, ...] = ()
    mergings: tuple[Merging, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """Revision by revision, what each changed, and what does not fit."""
        yield titled(self.article_id, self.title)
        if not self.steps:
            yield "nobody has annotated it yet, as far as was pulled or imported"
        for step in self.steps:
            yield ""
            yield from _step_lines(step, show_version=self.versions > 1)
        for one in self.mergings:
            yield ""
            yield from _merging_lines(one)
        for one in self.waiting:
            yield ""
            yield f"{one.updated[:19]} annotation {one.annotation_id} does not fit and is kept aside: {one.message}"


def _step_lines(step: Step, *, show_version: bool) -> Iterator[str]:
    head = f"{_time(step.updated)}  {step.annotator} {step.state} annotation {step.external_id}"
    head += f" of version {step.article_version}" if show_version else ""
    head += f" ({step.origin})"
    yield head + (f", {step.lead_time:.0f} s" if step.lead_time is not None else "")
    if step.state not in ("submitted", "adjudicated"):
        return
    against = {
        "suggestion": f"against the suggestion by {step.compared_with}",
        "revision": f"against the revision of {_time(step.compared_with)}",
        "nothing": "from an empty page",
    }[step.against]
    yield f"  {against}: {counted(step.kept_spans, 'spans')} and {counted(step.kept_roles, 'roles')} kept, {counted(len(step.changes), 'changes')}"
    width = max((len(one.decision) for one in step.changes), default=0)
    for change in step.changes:
        yield f"    {change.decision:<{width}}  {_change_line(change)}"
    if step.decisions:
        yield f"  decided, of what annotators differ in or agree on: {len(step.decisions)}"
    for one in step.decisions:
        said = str(one) if one.said else f"{one.about}: {one.before}"
        yield f"    {said} → {one.chosen}"


def _merging_lines(merging: Merging) -> Iterator[str]:
    left = sum(one.is_open for one in merging.decisions)
    yield (
        f"{_time(merging.created)}  merged of {', '.join(merging.annotators)}: {merging.agreed} things agreed, "
        f"{len(merging.decisions) - left} decided by policies ({merging.policies}), {left} left to a person"
    )
    by = [" ".join(filter(None, (one.by, f"of {one.who}" if one.who else ""))) or "open" for one in merging.decisions]
    width = max(map(len, by), default=0)
    for who, one in zip(by, merging.decisions, strict=True):
        yield f"    {who:<{width}}  {one}" + (f" → {one.chosen}" if one.by else "")


def _change_line(change: Change) -> str:
    span = change.after or change.before
    if change.kind == "span" and span is not None:
        if change.before and change.after:
            return f"{_quoted(change.before)} → {_quoted(change.after)}"
        return _quoted(span)
    if change.kind == "role" and span is not None:
        name = f"{change.name_before} → {change.name}" if change.name_before else change.name
        return f"{_quoted(span)}, {name}: {_quoted(change.other) if change.other else '?'}"
    about = _quoted(span) if span else "the article"
    return f"{about}, {change.name}: {_said(change.value_before)} → {_said(change.value_after)}"


def _quoted(region: Region) -> str:
    text = " ".join(region.text.split())
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"
    return f"{region.label} {region.start}-{region.end} “{shown}”"


def _said(value: AttributeValue | None) -> str:
    return "nothing" if value is None or value in ("", ()) else written(value)


def _time(stamp: str) -> str:
    return stamp[:19].replace("T", " ")


def history(store: Store, scheme: LabelScheme, name: str) -> HistoryReport:
    """Every revision of every annotation of the article with this id, or beginning of an id, in order.

    Raises:
        ArticleError: there is no such article, or there are several.
    """
    with store.reading() as session:
        article = articles.get(session, articles.resolve(session, name))
        steps: list[Step] = []
        last: dict[tuple[str, str], Revision] = {}
        for revision in revisions.find(session, article_id=article.id):
            key = (revision.origin, revision.external_id)
            steps.append(_step(session, scheme, revision, last.get(key)))
            if revision.state in SAYING:
                last[key] = revision
        return HistoryReport(
            article_id=article.id,
            title=article.title,
            versions=article.version,
            steps=tuple(steps),
            mergings=tuple(_merging(session, one) for one in adjudications.of_article(session, article.id)),
            waiting=tuple(
                Waiting(annotation_id=one.annotation_id, updated=one.updated, rule=one.rule, message=one.message)
                for one in problems.unsettled(session)
                if one.article_id == article.id
            ),
        )


def _step(session: Transaction, scheme: LabelScheme, revision: Revision, previous: Revision | None) -> Step:
    after = annotations.get_set(session, revision.set_id).annotations
    against: Against = "nothing"
    compared_with, before = "", after.model_copy(update={"layers": {}, "document": {}})
    if previous is not None:
        against, compared_with = "revision", previous.updated
        before = annotations.get_set(session, previous.set_id).annotations
    elif revision.parent_set_id is not None:
        against = "suggestion"
        before = annotations.get_set(session, revision.parent_set_id).annotations
        compared_with = str(before.producer)
    matching = _compare(before, after, scheme) if revision.state in SAYING else None
    return Step(
        annotator=revision.annotator,
        state=revision.state,
        updated=revision.updated,
        created=revision.created,
        origin=revision.origin,
        external_id=revision.external_id,
        article_version=revision.article_version,
        scheme_digest=after.scheme_digest,
        lead_time=revision.lead_time,
        against=against,
        compared_with=compared_with,
        spans=sum(1 for _ in after.spans()),
        kept_spans=_kept(matching) if matching else 0,
        kept_roles=sum(one.decision == "kept" for one in matching.roles) if matching else 0,
        changes=tuple(_changes(matching, before, after, scheme)) if matching else (),
        decisions=tuple(adjudications.decided_with(session, revision.id or 0))
        if revision.state == "adjudicated"
        else (),
    )


def _merging(session: Transaction, made: Adjudication) -> Merging:
    return Merging(
        created=made.created,
        article_version=made.article_version,
        annotators=tuple(one.annotator for one in made.parents if one.used),
        policies=made.policies,
        agreed=made.agreed,
        decisions=tuple(adjudications.decisions(session, made.id or 0)),
    )


def _compare(before: AnnotationSet, after: AnnotationSet, scheme: LabelScheme) -> Matching:
    """The matching, under a scheme that knows what both sets hold: either may be older than the workspace's scheme."""
    before, after = scheme.renamed(before), scheme.renamed(after)
    wide = covering(scheme, before, after)
    return match(wide.normalise(before), wide.normalise(after), wide, by_id=True)


def _kept(matching: Matching) -> int:
    touched = {one.after_span for one in matching.attributes if one.changed}
    return sum(
        one.decision == "kept" and one.after is not None and one.after.id not in touched for one in matching.spans
    )


def _changes(matching: Matching, before: AnnotationSet, after: AnnotationSet, scheme: LabelScheme) -> Iterator[Change]:
    olds, news = before.by_id(), after.by_id()
    for pair in matching.spans:
        if pair.decision != "kept":
            decision = "moved and relabelled" if pair.decision == "relabelled" and pair.moved else pair.decision
            yield Change(
                kind="span",
                decision=decision,
                before=_region(pair.layer, pair.before),
                after=_region(pair.layer, pair.after),
            )
        if pair.before is None and pair.after is not None:
            for name, value in pair.after.attributes.items():
                region = _region(pair.layer, pair.after)
                yield Change(kind="attribute", decision="added", after=region, name=name, value_after=value)
    for one in matching.attributes:
        if one.changed:
            yield Change(
                kind="attribute",
                decision="changed",
                before=_of(olds, one.before_span),
                after=_of(news, one.after_span),
                name=one.attribute,
                value_before=one.before,
                value_after=one.after,
            )
    for role in matching.roles:
        if role.decision != "kept":
            yield _role(role, olds, news)
    yield from _document(before, after, scheme)


def _role(role: RoleMatch, olds: Mapping[str, tuple[str, Span]], news: Mapping[str, tuple[str, Span]]) -> Change:
    shown = role.after or role.before
    assert shown is not None
    assert role.decision != "kept"
    return Change(
        kind="role",
        decision=role.decision,
        before=_of(olds, role.before_head),
        after=_of(news, role.after_head),
        name=shown.role,
        name_before=role.before.role if role.before and role.after else None,
        other=_of(news if role.after else olds, shown.target),
    )


def _document(before: AnnotationSet, after: AnnotationSet, scheme: LabelScheme) -> Iterator[Change]:
    defaults = {field.name: field.default for field in scheme.document_fields}
    for name in dict.fromkeys([*before.document, *after.document]):
        old = before.document.get(name, defaults.get(name))
        new = after.document.get(name, defaults.get(name))
        if old != new:
            yield Change(kind="attribute", decision="changed", name=name, value_before=old, value_after=new)


def _of(spans: Mapping[str, tuple[str, Span]], span_id: str | None) -> Region | None:
    found = spans.get(span_id) if span_id else None
    return _region(*found) if found else None


def _region(layer: str, span: Span | None) -> Region | None:
    if span is None:
        return None
    return Region(layer=layer, label=span.label, start=span.start, end=span.end, text=span.text)
