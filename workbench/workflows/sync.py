"""Joins the store's decisions to push and pull: whose suggestions are current, and which articles are held out."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, nullcontext

from workbench.core.annotations import Producer
from workbench.core.ports import Progress, Silent
from workbench.errors import ArticleError, LabelStudioError, LabelStudioUnavailable, StoreUnavailable
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.project.projects import Plan
from workbench.labelstudio.pull.pull import PullReport, pull
from workbench.labelstudio.pull.webhook import WebhookListener
from workbench.labelstudio.push.options import PushOptions, Queue
from workbench.labelstudio.push.push import PushReport, push
from workbench.labelstudio.reconcile import ReconcileReport, reconcile
from workbench.labelstudio.server.checks import refuse_unsafe
from workbench.selection import choosing
from workbench.store import Store, Transaction, annotations, articles, models, projects, withdrawals
from workbench.workflows import parting
from workbench.workflows.context import Context

GATHER, SOON = 0.2, 2.0
"""Seconds to wait after a notification, for others who submit at the same time; and when it came for nothing."""


class SayingOnly(Silent):
    """What is said goes on to another `Progress`, bars do not."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def say(self, message: str) -> None:
        self._progress.say(message)


def push_articles(
    context: Context,
    options: PushOptions,
    *,
    names: Sequence[str] = (),
    where: Sequence[str] = (),
    order: str = "",
    blind: float = 0.0,
    held_out: bool = True,
    suggest_held_out: bool = False,
) -> PushReport:
    """What was done to give the workspace's articles their tasks, with the suggestions of the champion.

    Label Studio is not asked for before everything else is checked.

    Args:
        context: the workspace.
        options: how to go about it.
        names: ids, or beginnings of ids, of the articles to push; none for all.
        where: conditions that articles have to meet, as `choosing.where` reads them.
        order: by what articles are queued, as `choosing.priorities` reads it; empty for their own priority.
        blind: the share of the train part that goes without suggestions, between 0 and 1.
        held_out: push articles of the dev and test parts, too; they go without suggestions.
        suggest_held_out: push these with suggestions all the same.

    Raises:
        ArticleError: a name is none, or several; or there are no articles.
        SettingsError: a condition or an order is none.
        LabelStudioError: the server refuses, or is of a version with known security holes.
        LabelStudioUnavailable: no answer.
    """
    wanted = context.settings.label_studio
    scheme, store = context.scheme, context.store
    with store.transaction() as session:
        named = {articles.resolve(session, name) for name in names}
        withdrawn = withdrawals.current(session)
        for name in sorted(named & withdrawn.keys()):
            raise ArticleError(
                f"article {name} cannot be pushed: {withdrawn[name]}",
                hint="" if withdrawn[name].erased else f"`workbench articles withdraw {name} --undo` undoes it",
            )
        chosen = named or set(articles.ids(session))
        if not chosen:
            raise ArticleError("there are no articles to push", hint="`workbench articles add PATH…` reads some")
        # Every story, or article, gets its part before anybody sees it: what is annotated by hand from a suggestion stays train.
        by, shares = parting.rule(context), parting.shares(context)
        parting.assign(session, by, shares)
        chosen = choosing.where(session, chosen, where) if where else chosen
        apart = chosen & parting.held_out(session, by, shares)
        left_out = set[str]() if held_out or suggest_held_out else apart
        without = choosing.blind(chosen - apart, blind) | (set[str]() if suggest_held_out else apart)
        queue = Queue(
            producers=tuple(current_producers(session)),
            article_ids=frozenset(chosen - left_out),
            priorities=choosing.priorities(session, chosen - left_out, order or "priority"),
            reorder=bool(order),
            blind=frozenset(without),
        )
    plan = Plan(title=wanted.project, label_config=context.label_config, overlap_of_new=wanted.overlap)
    client = context.label_studio()
    refuse_unsafe(client)
    report = push(store, client, scheme, context.progress, plan, queue, options)
    return report.model_copy(update={"held_out": len(left_out)})


def pull_annotations(context: Context, *, adopt: bool = False, send_back: bool = False) -> PullReport:
    """What changed since the last pull in the workspace's project and in those of review tasks, stored.

    Args:
        context: the workspace.
        adopt: take in the tasks that somebody imported.
        send_back: tell annotators in the task's note what does not fit.

    Raises:
        LabelStudioError: nothing was pushed yet, or the project is gone.
        LabelStudioUnavailable: no answer.
    """
    title, client = context.settings.label_studio.project, context.label_studio()
    return pull_projects(context.store, client, context.progress, title=title, adopt=adopt, send_back=send_back)


def pull_projects(
    store: Store,
    client: LabelStudioClient,
    progress: Progress,
    *,
    title: str,
    adopt: bool = False,
    send_back: bool = False,
) -> PullReport:
    """What changed in the project with this title, and in those in which its annotations are adjudicated.

    A project of review tasks that is gone is told and left out: nothing but what was decided there waits for it.
    """
    with store.reading() as session:
        known = projects.find(session, client.server, title)
        reviews = [one.title for one in projects.reviews(session, client.server)]
    reports: list[PullReport] = []
    # Annotations that were imported can be adjudicated without a project that they were made in.
    for name in [title, *reviews] if known or not reviews else reviews:
        try:
            report = pull(store, client, progress, title=name, adopt=adopt and name == title, send_back=send_back)
        except LabelStudioError as error:
            if name == title or not error.facts.get("gone"):
                raise
            progress.say(f"{error.message}; `workbench adjudicate` makes another for what still waits")
        else:
            reports.append(report)
    if not reports:
        return pull(store, client, progress, title=title, adopt=adopt, send_back=send_back)
    return reports[0].model_copy(update={"reviews": tuple(reports[1:])})


def reconcile_projects(context: Context, *, mend: bool = False) -> ReconcileReport:
    """Every difference between the store and the workspace's project, and those of review tasks; mended, if asked for.

    Raises:
        LabelStudioError: nothing was pushed yet, or the project is gone.
        LabelStudioUnavailable: no answer; what was mended is mended.
    """
    store, client, title = context.store, context.label_studio(), context.settings.label_studio.project
    with store.reading() as session:
        reviews = [one.title for one in projects.reviews(session, client.server)]
    report = reconcile(store, client, context.progress, title=title, mend=mend)
    others: list[ReconcileReport] = []
    for name in reviews:
        try:
            others.append(reconcile(store, client, context.progress, title=name, mend=mend))
        except LabelStudioError as error:
            if not error.facts.get("gone"):
                raise
            context.progress.say(f"{error.message}; `workbench adjudicate` makes another for what still waits")
    return report.model_copy(update={"reviews": tuple(others)})


def watch_annotations(
    context: Context, *, every: float, webhook: bool = False, adopt: bool = False, send_back: bool = False
) -> Generator[PullReport]:
    """The pulls that brought something, one after the other, without end; see `watch`.

    Args:
        context: the workspace.
        every: seconds between two looks.
        webhook: look at once when Label Studio calls the address in workbench.toml.
        adopt: take in the tasks that somebody imported.
        send_back: tell annotators in the task's note what does not fit.

    Raises:
        LabelStudioError: the server refuses; the address for the webhook cannot be used.
        LabelStudioUnavailable: no answer at the start; later ones are waited for.
    """
    wanted = context.settings.label_studio
    said = SayingOnly(context.progress)  # a bar for every look would fill the screen
    client = context.label_studio()

    def look() -> PullReport:
        # The workspace's own server may have been started again meanwhile, at another port.
        with nullcontext(client) if context.external_url else closing(context.label_studio()) as there:
            return pull_projects(context.store, there, said, title=wanted.project, adopt=adopt, send_back=send_back)

    with WebhookListener(client, wanted.webhook) if webhook else nullcontext() as listener:
        yield from watch(look, context.progress, every=every, listener=listener)


def watch(
    pull_once: Callable[[], PullReport],
    progress: Progress,
    *,
    every: float,
    sleep: Callable[[float], None] = time.sleep,
    listener: WebhookListener | None = None,
) -> Generator[PullReport]:
    """The pulls that brought something, one after the other, without end; a server or a store that is away is waited for.

    With a listener it is looked at once when that is notified. What came then may not be seen yet, so that a look which finds
    nothing is soon followed by another.
    """
    away = notified = refused = False
    told = ""
    while True:
        brought = False
        try:
            report = pull_once()
        except (LabelStudioUnavailable, StoreUnavailable) as error:
            if not away:
                progress.say(f"{error.message}; trying again every {every:g} s")
            away = True
        else:
            away = False
            edited = str(report.config_edit or "")
            brought = report.news or edited != told
            told = edited
            if brought:
                yield report
            if listener and not listener.registered and not refused:
                refused = not _start(listener, report.project_id, progress, every)
        pause = min(every, SOON) if notified and not brought else every
        if listener and listener.registered:
            notified = listener.wait(pause)
            sleep(GATHER if notified else 0)
        else:
            notified = False
            sleep(pause)


def _start(listener: WebhookListener, project_id: int, progress: Progress, every: float) -> bool:
    """Whether there is any hope that Label Studio calls."""
    try:
        listener.start(project_id)
    except LabelStudioUnavailable:
        return True
    except LabelStudioError as error:
        progress.say(f"no webhook, so looking every {every:g} s: {error.message}")
        return False
    progress.say(f"Label Studio calls {listener.url} when something happens; looking every {every:g} s all the same")
    return True


def current_producers(session: Transaction) -> list[Producer]:
    """Whose suggestions annotators see, in order of preference: the champion's, then the newest rules'."""
    known = [producer for producer, _ in reversed(annotations.producers(session))]
    rules = [producer for producer in known if producer.kind == "rules"]
    champion = models.champion(session)
    if champion.plugin is not None:
        return [p for p in known if f"{p.kind} {p.name}" == champion.producer] + rules
    if champion.model is None:
        return rules
    return [p for p in known if p.kind == "model" and champion.model in (p.name, p.version)] + rules
