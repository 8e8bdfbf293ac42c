"""Joins the store's decisions to push and pull: whose suggestions are current, and which articles are held out."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta

from workbench.core.annotations import Producer
from workbench.core.frozen import Frozen
from workbench.core.parts import HELD_OUT
from workbench.core.ports import Progress, Silent
from workbench.core.scheme import LabelScheme
from workbench.errors import ArticleError, LabelStudioError, LabelStudioUnavailable, StoreUnavailable
from workbench.gold.splits import Shares, assign
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.pull.pull import PullReport, pull
from workbench.labelstudio.pull.webhook import WebhookListener
from workbench.labelstudio.push.push import PushReport, push
from workbench.selection import choosing
from workbench.settings import Settings
from workbench.store import Store, Transaction, annotations, articles, models

OPEN_PAGE = timedelta(hours=12)
"""How long a page may be open with a suggestion that was renewed; a push after that deletes the older one."""

GATHER, SOON = 0.2, 2.0
"""Seconds to wait after a notification, for others who submit at the same time; and when it came for nothing."""


class PushOutcome(Frozen):
    """What a push did, and the number of articles that were left out because they belong to the dev or test part."""

    report: PushReport
    held_out: int


class SayingOnly(Silent):
    """What is said goes on to another `Progress`, bars do not."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def say(self, message: str) -> None:
        self._progress.say(message)


def push_articles(
    settings: Settings,
    store: Store,
    connect: Callable[[], LabelStudioClient],
    scheme: LabelScheme,
    progress: Progress,
    *,
    names: Sequence[str] = (),
    where: Sequence[str] = (),
    order: str = "",
    blind: float = 0.0,
    with_held_out: bool = True,
    suggest_held_out: bool = False,
    without_suggestions: bool = False,
    limit: int | None = None,
    overlap: int | None = None,
    renew_all: bool = False,
    verify: bool = False,
    fresh: bool = False,
) -> PushOutcome:
    """What was done to give the workspace's articles their tasks, with the suggestions of the champion.

    Args:
        settings: the workspace's.
        store: the workspace's.
        connect: makes a client that acts as the owner of Label Studio; not called before everything else is checked.
        scheme: the workspace's.
        progress: shows where the push is.
        names: ids, or beginnings of ids, of the articles to push; none for all.
        where: conditions that articles have to meet, as `choosing.where` reads them.
        order: by what articles are queued, as `choosing.priorities` reads it; empty for their own priority.
        blind: the share of the train part that goes without suggestions, between 0 and 1.
        with_held_out: push articles of the dev and test parts, too; they go without suggestions.
        suggest_held_out: push these with suggestions all the same.
        without_suggestions: push articles without a current suggestion, too.
        limit: the number of new tasks at the most.
        overlap: how many people annotate each article; None for what the settings say of a new project, and what the
            server says of one that is there.
        renew_all: send newer suggestions to finished tasks, too.
        verify: read everything back.
        fresh: make a new project where the remembered one is gone.

    Raises:
        ArticleError: a name is none, or several; or there are no articles.
        SettingsError: a condition or an order is none.
        LabelStudioError: the server refuses.
        LabelStudioUnavailable: no answer.
    """
    with store.transaction() as session:
        named = {articles.resolve(session, name) for name in names}
        chosen = named or set(articles.ids(session))
        if not chosen:
            raise ArticleError("there are no articles to push", hint="`workbench articles add PATH…` reads some")
        # Every story gets its part before anybody sees it: what is annotated by hand from a suggestion stays train.
        assign(session, Shares(**settings.split.model_dump()))
        chosen = choosing.where(session, chosen, where) if where else chosen
        apart = chosen & held_out(session)
        held = set[str]() if with_held_out else apart
        without = choosing.blind(chosen - apart, blind) | (set[str]() if suggest_held_out else apart)
        priorities = choosing.priorities(session, chosen - held, order or "priority")
        producers = current_producers(session)
    report = push(
        store,
        connect(),
        scheme,
        progress,
        title=settings.label_studio.project,
        label_config=settings.label_config.read_text(encoding="utf-8-sig"),
        producers=producers,
        article_ids=chosen - held,
        priorities=priorities,
        reorder=bool(order),
        blind=without,
        without_suggestions=without_suggestions,
        limit=limit,
        overlap=overlap,
        overlap_of_new=settings.label_studio.overlap,
        renew_all=renew_all,
        verify=verify,
        fresh=fresh,
        grace=OPEN_PAGE,
    )
    return PushOutcome(report=report, held_out=len(held))


def pull_annotations(
    settings: Settings,
    store: Store,
    client: LabelStudioClient,
    progress: Progress,
    *,
    adopt: bool = False,
    send_back: bool = False,
) -> PullReport:
    """What changed in the workspace's project since the last pull, stored.

    Args:
        settings: the workspace's.
        store: the workspace's.
        client: acts as the owner of Label Studio.
        progress: shows where the pull is.
        adopt: take in the tasks that somebody imported.
        send_back: tell annotators in the task's note what does not fit.

    Raises:
        LabelStudioError: nothing was pushed yet, or the project is gone.
        LabelStudioUnavailable: no answer.
    """
    return pull(store, client, progress, title=settings.label_studio.project, adopt=adopt, send_back=send_back)


def watch(
    pull_once: Callable[[], PullReport],
    progress: Progress,
    *,
    every: float,
    sleep: Callable[[float], None] = time.sleep,
    listener: WebhookListener | None = None,
) -> Iterator[PullReport]:
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
            brought = bool(report.annotators or report.new_problems or report.settled or report.adopted)
            brought = brought or edited != told
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
    if champion.model is None:
        return rules
    its = [p for p in known if p.kind == "model" and champion.model in _versions(p)]
    # Sets of the same model with and without the rules behind it may be there: those that were decided on come first.
    return sorted(its, key=lambda p: ("+" in p.version) != champion.rules_as_fallback) + rules


def held_out(session: Transaction) -> set[str]:
    """The articles of the dev and test parts."""
    parts = articles.splits(session)
    return {
        article_id
        for group, ids in articles.story_groups(session).items()
        if parts.get(group) in HELD_OUT
        for article_id in ids
    }


def _versions(producer: Producer) -> Collection[str]:
    """What the producer's sets may call the model; one with the rules as fallback adds theirs after a plus."""
    return (producer.name, producer.version, producer.version.split("+")[0])
