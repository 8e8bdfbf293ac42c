"""Adjudicates what annotators differ in: by policies in the store, and what these leave by review tasks in Label Studio."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from pydantic import Field

from workbench.core.adjudication.decisions import Decision
from workbench.core.adjudication.marking import note, review_producer, short_names, suggestion
from workbench.core.adjudication.page import ReviewPage
from workbench.core.adjudication.policies import Policies
from workbench.core.annotations import AnnotationSet
from workbench.core.batches import batches
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.report import Line, Listing, Report, Shown, Table
from workbench.errors import ArticleError, PartlyDone, WorkbenchError
from workbench.gold.adjudication.settling import LeftOutOfMerging, Settled, nothing_to_merge, settle
from workbench.gold.adjudication.standing import Standing, State, works
from workbench.labelstudio.project.projects import Plan
from workbench.labelstudio.push.options import PushOptions, Queue
from workbench.labelstudio.push.push import PushReport, push
from workbench.labelstudio.server.checks import refuse_unsafe
from workbench.printable import titled
from workbench.selection import choosing
from workbench.store import (
    Store,
    Transaction,
    adjudications,
    annotations,
    articles,
    projects,
    schemes,
    task_ledger,
    withdrawals,
)
from workbench.store.adjudications import DecisionCount
from workbench.workflows.context import Context

AT_ONCE = 100
"""How many articles are stored in one transaction."""
LONGEST_TITLE = 50
"""How many characters Label Studio lets the title of a project have."""
SAID: dict[State, str] = {
    "agreed": "all annotators say the same",
    "by policy": "decided by the policies",
    "adjudicated": "decided by a person",
    "waiting": "wait for a person",
    "skipped in review": "skipped in the review, and still wait",
    "reopened": "were settled, and somebody's annotation has changed since",
    "not merged": "not adjudicated yet",
    "alone": "annotated by one person alone: nothing to adjudicate",
}


class DisputedArticle(Frozen):
    """An article that waits for a person, and what there is to decide; `round` is that of its review task."""

    article_id: str
    title: str
    round: int
    disputes: tuple[Decision, ...]


class AdjudicationReport(Report):
    """Where every article stands, what was decided how, and what was sent to be decided by people.

    `merged` counts the articles that this run merged; `decisions` count what was decided in the articles as they stand,
    by the policies and by people, and what is left open; `by_others` counts the articles that stay as other policies than
    these have decided. `review` tells of each project of review tasks that something was
    done about; `sent` is False where it was asked for that nothing be.
    """

    schema_: Literal["workbench/adjudication/1"] = Field(default="workbench/adjudication/1", alias="schema")
    policies: Policies
    merged: int
    agreed: int
    articles: tuple[Standing, ...]
    decisions: tuple[DecisionCount, ...]
    disputed: tuple[DisputedArticle, ...]
    left_out: tuple[LeftOutOfMerging, ...]
    skipped: tuple[tuple[str, str], ...]
    review: tuple[PushReport, ...] = ()
    sent: bool = True
    by_others: int = 0

    def shown(self) -> Iterator[Shown]:
        """The articles by where they stand, the decisions by what made them, what waits and where."""
        yield f"what not all say is decided by: {self.policies}"
        counts = Counter(one.state for one in self.articles)
        rows = [(counts[state], said) for state, said in SAID.items() if counts[state]]
        yield Table.of("articles", "where they stand", rows=rows, left=(1,))
        if self.by_others:
            one = self.by_others == 1
            yield (
                f"{counted(self.by_others, 'articles stay')} as other policies have decided: "
                f"`workbench adjudicate --again` merges {'it' if one else 'them'} by these"
            )
        yield _decisions(self.decisions, self.agreed)
        names = short_names(who for one in self.articles for who in one.annotators)
        waiting = [
            (
                titled(one.article_id, one.title),
                f"{len(one.disputes)} to decide, first {one.disputes[0].with_names(names)}",
            )
            for one in self.disputed
            if one.disputes
        ]
        yield Listing("articles wait for a person", waiting)
        skips = [(titled(o.article_id, o.title), o.why) for o in self.articles if o.state == "skipped in review"]
        yield Listing("of these were skipped in the review: somebody else can decide them there", skips)
        for one in self.review:
            sent = f", {counted(one.pushed, 'tasks')} sent" if one.pushed else ""
            away = f", {one.withdrawn} taken away that nobody needs to decide" if one.withdrawn else ""
            yield Line("review tasks", f": {one.url} ({one.title}){sent}{away}")
            yield Listing("articles were refused", [(two.article_id, two.reason) for two in one.refused])
        if self.review and self.disputed:
            yield "`workbench pull` fetches what is decided there"
        if self.disputed and not self.sent:
            yield "no review tasks were sent: `workbench adjudicate` without --no-push sends them"
        yield Listing(
            "annotations have no say",
            [(f"{titled(o.article_id, o.title)}, {o.annotator}", o.reason) for o in self.left_out],
        )
        yield Listing(
            "articles were skipped by everybody who saw them", [titled(one, title) for one, title in self.skipped]
        )

    def failure(self) -> WorkbenchError | None:
        """That review tasks were refused."""
        if any(one.failure() for one in self.review):
            return PartlyDone("not every review task was pushed correctly", hint="see the list above")
        return None


def adjudicate(
    context: Context,
    *,
    names: Sequence[str] = (),
    policies: Policies | None = None,
    again: bool = False,
    send: bool = True,
    patience: float = 20.0,
) -> AdjudicationReport:
    """Where every article stands after what can be decided is decided, and the rest is in review tasks.

    What is decided is stored before Label Studio is asked for: where that does not answer, the next call sends the tasks.
    Where another call is at work, it is waited for.

    Args:
        context: the workspace.
        names: ids, or beginnings of ids, of the articles to adjudicate; none for all.
        policies: decide what not all say; None for those of the last time, or none.
        again: merge also what was settled without a person.
        send: bring what is left open into Label Studio.
        patience: seconds to wait, after a time-out, for what the server may still be doing.

    Raises:
        AgreementError: no article was annotated by two people.
        ArticleError: a name is none, or several, or of an article that is withdrawn.
        SettingsError: a policy names a layer or a person that is not there.
        LabelStudioError: the server refuses, or is of a version with known security holes.
        LabelStudioUnavailable: no answer.
    """
    store, scheme = context.store, context.scheme
    with store.reading() as session:
        chosen = {articles.resolve(session, name) for name in names} or None
        for article_id, withdrawal in withdrawals.current(session, chosen or ()).items():
            raise ArticleError(
                f"article {article_id} is not adjudicated: {withdrawal}",
                hint="" if withdrawal.erased else f"`workbench articles withdraw {article_id} --undo` undoes it",
            )
    page = ReviewPage.of(context.label_config, name=str(context.settings.label_config))
    # What is sent is what was merged: nobody merges anything else meanwhile.
    with store.exclusive("adjudicate", context.progress):
        settled = settle(store, scheme, context.progress, policies=policies, article_ids=chosen, again=again)
        error = nothing_to_merge(settled)
        if error is not None:
            raise error
        with store.reading() as session:
            rounds = _rounds(session, settled.waiting, page)
        options = PushOptions(new_project=True, patience=patience)
        review = _send(context, settled, rounds, page, options, everything=chosen is None) if send else ()
        with store.reading() as session:
            return _report(session, settled, rounds, review, sent=send)


def review_title(project: str, round_: int) -> str:
    """The title of a project of review tasks, beside the project of this title."""
    end = " (review)" if round_ == 1 else f" (review {round_})"
    return project[: LONGEST_TITLE - len(end)].rstrip() + end


def _rounds(session: Transaction, waiting: Sequence[str], page: ReviewPage) -> dict[str, int]:
    """The round in which each article is decided: the first in whose project nobody has decided it yet.

    A task that was submitted once is not handed out again: an article that was reopened gets one in the next project. A
    project of another scheme counts as one that cannot take it.
    """
    rounds = {one.origin: one.review_round for one in projects.every(session) if one.review_round}
    newest = {one.review_round: one.scheme_digest for one in projects.every(session) if one.review_round}
    other_scheme = {number for number, digest in newest.items() if digest != page.scheme.digest}
    found: dict[str, int] = {}
    for work in works(session, waiting):
        taken = other_scheme | {rounds[one.origin] for one in work.reviews if one.state == "adjudicated"}
        found[work.article_id] = next(n for n in range(1, len(taken) + 2) if n not in taken)
    return found


def _send(
    context: Context,
    settled: Settled,
    rounds: Mapping[str, int],
    page: ReviewPage,
    options: PushOptions,
    *,
    everything: bool,
) -> tuple[PushReport, ...]:
    """What was done about each project of review tasks: those that have tasks to get, or that may have some too many."""
    store, title = context.store, context.settings.label_studio.project
    with store.reading() as session:
        open_ = [one for one in projects.every(session) if one.review_round and one.scheme_digest == page.scheme.digest]
        open_rounds = {one.review_round for one in open_ if task_ledger.counts(session, one.id).get("present")}
        priorities = choosing.priorities(session, set(rounds), "priority")
    numbers = {*rounds.values(), *(open_rounds if everything else ())}
    if not numbers:
        return ()
    client = context.label_studio()
    refuse_unsafe(client)
    names = short_names(who for one in settled.standings.values() for who in one.annotators)
    disputes = {name: [one.with_names(names) for one in settled.disputes[name]] for name in rounds}
    version = _keep_suggestions(store, disputes, page)
    reports: list[PushReport] = []
    for number in sorted(numbers):
        ids = frozenset(name for name, round_ in rounds.items() if round_ == number)
        queue = Queue(
            producers=(review_producer(version),),
            article_ids=ids,
            priorities={name: priorities[name] for name in ids if name in priorities},
            notes={name: note(disputes[name]) for name in ids},
            withdraw=everything,
        )
        plan = Plan(title=review_title(title, number), label_config=page.config, review_round=number)
        reports.append(push(store, client, page.scheme, context.progress, plan, queue, options))
    return tuple(reports)


def _keep_suggestions(store: Store, disputes: Mapping[str, Sequence[Decision]], page: ReviewPage) -> int:
    """The version of what review tasks suggest, which is stored: a new one where the suggestion of an article changed.

    All of a project are shown under one version.
    """
    with store.reading() as session:
        versions = annotations.versions(session, review_producer(1))
        version = max((int(one) for one in versions if one.isdecimal()), default=1)
        there = annotations.suggested(session, review_producer(version), page.scheme.digest)
        changed = any(
            there.get((name, number), key) != key
            for name, number, key, _ in _suggestions(session, disputes, page, version)
        )
    version += changed
    for some in batches(disputes, AT_ONCE):
        with store.transaction() as session:
            schemes.keep(session, page.scheme)
            for name, number, _, made in _suggestions(session, {name: disputes[name] for name in some}, page, version):
                annotations.keep(session, name, number, made)
    return version


def _suggestions(
    session: Transaction, disputes: Mapping[str, Sequence[Decision]], page: ReviewPage, version: int
) -> Iterator[tuple[str, int, str, AnnotationSet]]:
    """What the review task of each article suggests, with the article's id and version and the key of the set."""
    for some in batches(disputes, AT_ONCE):
        merged = {name: one.set_id for name, one in adjudications.current(session, some).items()}
        sets = annotations.get_sets(session, list(merged.values()))
        for article in articles.get_many(session, some):
            made = suggestion(sets[merged[article.id]].annotations, disputes[article.id], article.text, page, version)
            yield article.id, article.version, annotations.set_id(article.id, article.version, made), made


def _report(
    session: Transaction,
    settled: Settled,
    rounds: Mapping[str, int],
    review: tuple[PushReport, ...],
    *,
    sent: bool,
) -> AdjudicationReport:
    standings = settled.standings
    current = adjudications.current(session, standings)
    numbers = [one.id for one in current.values() if one.id is not None]
    people = [one.review for one in standings.values() if one.review is not None]
    return AdjudicationReport(
        policies=settled.policies,
        merged=len(settled.merged),
        agreed=sum(one.agreed for one in current.values()),
        articles=tuple(standings.values()),
        decisions=tuple(adjudications.decision_counts(session, numbers, revision_ids=people)),
        disputed=tuple(
            DisputedArticle(
                article_id=name, title=standings[name].title, round=rounds[name], disputes=settled.disputes[name]
            )
            for name in rounds
        ),
        left_out=tuple(settled.left_out),
        skipped=tuple(settled.skipped),
        review=review,
        sent=sent,
        by_others=len(settled.by_others),
    )


def _decisions(counts: Sequence[DecisionCount], agreed: int) -> Table:
    """How many things were decided in which way: what a person decided was left open before."""
    columns = ("majority", "authority", "seniority", "person", "open")
    by_thing: dict[tuple[str, str], Counter[str]] = {}
    for one in counts:
        by_thing.setdefault((one.layer or "text", one.kind), Counter())[one.by or "open"] += one.count
    for thing in by_thing.values():
        thing["open"] = max(0, thing["open"] - thing["person"])
    rows = [
        (f"{layer}: {kind}", *(thing[by] or "" for by in columns)) for (layer, kind), thing in sorted(by_thing.items())
    ]
    title = f"All annotators of an article say the same of {agreed:,} things; they differ in:" if rows else ""
    return Table.of("layer and question", *columns, rows=rows, title=title)
