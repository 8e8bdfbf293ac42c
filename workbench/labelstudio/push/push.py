"""Pushes articles with their suggestions: exactly one task each, the current suggestions shown, nothing sent twice."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from workbench.core.annotations import Producer
from workbench.core.article import ArticleKey
from workbench.core.config_edit import HINT as CONFIG_HINT
from workbench.core.config_edit import ConfigEdit
from workbench.core.counted import counted
from workbench.core.ports import Progress
from workbench.core.report import Listing, Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.errors import PartlyDone, WorkbenchError
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.project.projects import Opened, Plan, open_project, show_suggestions
from workbench.labelstudio.project.tasks import Found, sweep
from workbench.labelstudio.push import ledger, marks, retiring, suggestions, withdrawing
from workbench.labelstudio.push.delivery import deliver, settle_doubtful
from workbench.labelstudio.push.marks import supersede
from workbench.labelstudio.push.options import PushOptions, Queue
from workbench.labelstudio.push.readback import verify_all
from workbench.labelstudio.push.renewal import Outdated
from workbench.labelstudio.push.run import Refused, Run, Statistics, Wanted
from workbench.store import Store, annotations, articles, prediction_ledger, projects, task_ledger, withdrawals

SLOWLY = (
    "this server imports newer suggestions slowly, so they went 1,000 at once; it would be quick with "
    "fflag_fix_back_4620_memory_efficient_predictions_import_08012025_short=true in its environment"
)
ORDER = (
    'the new order holds for "Label Tasks As Displayed" in the tab "By priority"; "Label All Tasks" goes through the '
    "tasks as they were made"
)


class PushReport(Report):
    """What a push did.

    `model_version` is what the project shows. `already_there` articles had their task; `adopted` ones had one that the store did not know of; `waiting` ones were
    over the limit; `without_suggestion` ones were left out because they have none; `unshown` tasks are open and have no
    suggestion of the model version that the project shows. `blind` ones of the `pushed` go without a suggestion on
    purpose; `superseded` tasks are of articles whose text was corrected; `moved` ones have another priority now, `renewed`
    ones tell what the store has learned of their articles since, such as another story.
    `held_out` articles of the dev and test parts were left out. `predictions_kept` are older ones that somebody has worked from, `predictions_waiting` ones that somebody's open page
    may show; `retiring_seconds` of the `seconds` went into deleting the others. `verified` tasks were read back,
    `differences` says what was not as sent. `slow_renewal` says that the server imports suggestions its slow way,
    `config_edit` what somebody changed in the project's label config on its settings page. `withdrawn` tasks were taken
    away, because nobody had begun with them and they are not wanted any more. `erased` tasks were deleted
    with their articles, `marked` ones say that their articles were withdrawn, `reopened` ones do not any more.
    """

    url: str
    project_id: int
    title: str
    made: bool
    model_version: str | None
    pushed: int
    blind: int
    superseded: int
    moved: int
    adopted: int
    already_there: int
    waiting: int
    without_suggestion: int
    unshown: int
    gone: int
    foreign: int
    predictions_sent: int
    predictions_adopted: int
    predictions_retired: int
    predictions_kept: int
    predictions_waiting: int
    duplicates_removed: int
    duplicates: tuple[str, ...]
    refused: tuple[Refused, ...]
    verified: int
    differences: tuple[str, ...]
    requests: int
    seconds: float
    retiring_seconds: float
    slow_renewal: bool = False
    renewed: int = 0
    held_out: int = 0
    config_edit: ConfigEdit | None = None
    withdrawn: int = 0
    erased: int = 0
    marked: int = 0
    reopened: int = 0

    def shown(self) -> Iterator[Shown]:
        """What was done, counted, and what was refused or is not as it was sent."""
        yield f"{'made project' if self.made else 'project'} {self.title}: {self.url}"
        yield from (f"{number:>7}  {what}" for number, what in self._counts() if number)
        if self.slow_renewal:
            yield SLOWLY
        if self.moved:
            yield ORDER
        if self.config_edit:
            yield str(self.config_edit)
            yield CONFIG_HINT
        yield f"{counted(self.requests, 'requests')} in {self.seconds:.1f} s"
        yield Listing("articles were refused", [(one.article_id, one.reason) for one in self.refused])
        yield Listing("things are not as they were sent", self.differences)
        yield Listing("things are there twice", self.duplicates)

    def failure(self) -> WorkbenchError | None:
        """That articles were refused, or something is not as it was sent."""
        if not (self.refused or self.differences or self.duplicates):
            return None
        return PartlyDone("not everything was pushed correctly", hint="see the list above")

    def _counts(self) -> tuple[tuple[int, str], ...]:
        return (
            (self.pushed, "articles pushed"),
            (self.blind, "of them without suggestions on purpose (dev and test parts, and --blind)"),
            (self.superseded, "tasks of older versions of their articles marked"),
            (self.erased, "tasks of erased articles deleted"),
            (self.marked, "tasks of withdrawn articles marked"),
            (self.reopened, "tasks of articles that are withdrawn no more opened again"),
            (self.moved, "open tasks given another priority"),
            (self.renewed, "tasks brought up to date with their articles (story, title, source)"),
            (self.adopted, "tasks found that an earlier push had sent"),
            (self.already_there, "articles were there already"),
            (self.predictions_sent, f"suggestions sent ({self.model_version})"),
            (self.predictions_adopted, "suggestions found that an earlier push had sent"),
            (self.predictions_retired, "older suggestions deleted"),
            (self.predictions_kept, "older suggestions left, because somebody has worked from them"),
            (self.predictions_waiting, "older suggestions left for now, because a page may be open with them"),
            (self.duplicates_removed, "things taken away that were there twice"),
            (self.withdrawn, "tasks taken away that nobody needs to do any more"),
            (self.gone, "tasks had been deleted on the server"),
            (self.foreign, "tasks are none of ours and were left alone"),
            (self.waiting, "articles wait, over the limit"),
            (self.held_out, "articles of the dev and test parts left out"),
            (
                self.without_suggestion,
                "articles have no current suggestion (`workbench preannotate`, or --without-suggestions)",
            ),
            (self.unshown, "open tasks show no suggestion, because there is no current one (`workbench preannotate`)"),
            (self.verified, "tasks read back and compared"),
        )


def push(
    store: Store,
    client: LabelStudioClient,
    scheme: LabelScheme,
    progress: Progress,
    plan: Plan,
    queue: Queue,
    options: PushOptions,
) -> PushReport:
    """What was done to give every article its task, with the current suggestion where annotators see it.

    Where another push is at work, it is waited for.

    Label Studio hands tasks out in the order in which they were made, so articles are sent by priority, the highest
    first; a tab of the project's list is ordered by priority for those who choose to label what it shows.

    Args:
        store: where articles, suggestions and the ledger of what was sent are.
        client: acts as somebody who may make projects and tasks.
        scheme: what the plan's label config means.
        progress: shows where the push is.
        plan: the project.
        queue: the articles.
        options: how to go about them.

    Raises:
        LabelStudioError: the server refuses, or the project is gone or was made for another scheme, or somebody took
            something out of its label config.
        LabelStudioUnavailable: no answer; what was done is kept, and the next push goes on from there.
    """
    started, requests = time.monotonic(), client.requests
    with store.exclusive("push", progress):
        opened = open_project(
            store,
            client,
            scheme,
            plan,
            overlap=options.overlap,
            fresh=options.new_project,
        )
        taken_out = withdrawing.take_out(store, client, progress)
        sets, model_version = _current(store, opened.project, scheme, queue.producers)
        run = Run(
            store,
            client,
            scheme,
            opened.project,
            model_version,
            progress,
            opened.shown,
            options.patience,
            options.grace,
        )
        outdated = Outdated(run)
        found = {} if opened.made else sweep(client, opened.project.project_id, look=outdated.look)
        late = _late(run, found)
        tasks = ledger.one_each(run, found)
        changed = ledger.settle_tasks(run, tasks)
        ledger.forget_vanished(run, tasks)
        ledger.adopt(run, sorted({*changed, *ledger.unknown(run, tasks)}))
        wanted, bare = _wanted(run, sets, queue, without_suggestions=options.without_suggestions)
        if queue.notes is not None:
            notes = queue.notes
            wanted = [replace(one, note=notes.get(one.article_id, "")) for one in wanted]
        to_send = [one for one in wanted if one.key not in tasks]
        there = [(one, tasks[one.key]) for one in wanted if one.key in tasks]
        lacking = [(one, task) for one, task in there if _lacks(task, run, one, finished_too=options.renew_all)]
        deliver(run, to_send[: options.limit])
        settle_doubtful(run)
        outdated.renew(tasks)
        supersede(run)
        if queue.reorder:
            marks.reorder(run, there)
        marks.write_notes(run, there)
        if queue.withdraw:
            marks.withdraw(run, tasks, {one.key for one in wanted})
        suggestions.refresh(run, [*lacking, *run.bare.values()])
        retiring.remove_doubles(run, sorted(run.doubtful_tasks))
        shown, retiring_seconds = _show(run, opened, tasks.values())
        if options.verify:
            verify_all(run)
        return _report(
            run,
            opened,
            taken_out.model_copy(update={"deleted": taken_out.deleted + late}),
            model_version=shown,
            already_there=len(there),
            waiting=len(to_send) - len(to_send[: options.limit]),
            without_suggestion=bare,
            unshown=_unshown(run, tasks, {one.key for one, _ in lacking}),
            requests=client.requests - requests,
            seconds=round(time.monotonic() - started, 2),
            retiring_seconds=round(retiring_seconds, 2),
        )


def _late(run: Run, found: dict[ArticleKey | None, list[Found]]) -> int:
    """How many tasks of erased articles were deleted that arrived after they should have gone; they are found no more."""
    with run.store.reading() as session:
        erased = withdrawals.erased(session)
    late = [key for key in found if key is not None and key[0] in erased]
    return withdrawing.delete(run.client, [task.task_id for key in late for task in found.pop(key)])


def wire_version(producer: Producer) -> str:
    """What Label Studio calls the suggestions of a producer; it lists versions separated by commas, without quotes.

    One article has one set of a version there: a producer whose suggestions change has to change its version.
    """
    return " ".join(str(producer).replace(",", " ").replace('"', " ").split())


def _current(
    store: Store, project: projects.Project, scheme: LabelScheme, producers: Sequence[Producer]
) -> tuple[dict[ArticleKey, str], str | None]:
    """The keys of the current producer's sets and its model version.

    After the project's scheme was changed, the same producer's suggestions are others: their version says which.
    """
    with store.transaction() as session:
        for producer in producers:
            sets = annotations.suggested(session, producer, scheme.digest)
            if sets:
                version = wire_version(producer)
                if prediction_ledger.sent_under_another_scheme(session, project.id, version, scheme.digest):
                    version = f"{version} for scheme {scheme.digest[:8]}"
                return sets, version
    return {}, None


def _wanted(
    run: Run,
    sets: Mapping[ArticleKey, str],
    queue: Queue,
    *,
    without_suggestions: bool,
) -> tuple[list[Wanted], int]:
    """The articles to push, the highest priority first, and the number of those left out for want of a suggestion."""
    with run.store.transaction() as session:
        withdrawn = withdrawals.current(session)
        newest = {key: version for key, version in articles.newest_versions(session).items() if key not in withdrawn}
        gone_blind = task_ledger.blind_tasks(session, run.project.id)
    wanted: list[Wanted] = []
    bare = 0
    for key in newest.items():
        article_id = key[0]
        if queue.article_ids is not None and article_id not in queue.article_ids:
            continue
        priority = queue.priorities.get(article_id, 0.0)
        if article_id in queue.blind or key in gone_blind:
            wanted.append(Wanted(*key, None, priority, blind=True))
        elif key in sets or without_suggestions:
            wanted.append(Wanted(*key, sets.get(key), priority))
        else:
            bare += 1
    return sorted(wanted, key=lambda one: -one.priority), bare


def _lacks(task: Found, run: Run, wanted: Wanted, *, finished_too: bool) -> bool:
    open_ = finished_too or not task.finished
    return wanted.set_id is not None and run.model_version not in task.versions and open_


def _unshown(run: Run, tasks: Mapping[ArticleKey, Found], renewed: Collection[ArticleKey]) -> int:
    if run.model_version is None:
        return 0
    newest = dict(sorted(tasks))
    with run.store.transaction() as session:
        blind = task_ledger.blind_tasks(session, run.project.id)
        withdrawn = withdrawals.current(session)
    return sum(
        version == newest[article_id]
        and (article_id, version) not in blind
        and article_id not in withdrawn
        and not task.finished
        and run.model_version not in task.versions
        and (article_id, version) not in renewed
        for (article_id, version), task in tasks.items()
    )


def _show(run: Run, opened: Opened, found: Iterable[Found]) -> tuple[str | None, float]:
    """Lets the project show the current suggestions, and retires those of earlier versions.

    What it shows now, and how many seconds the retiring took. A version of which nothing arrived cannot be shown.
    """
    if run.model_version is None or not _arrived(run):
        return opened.shown, 0.0
    show_suggestions(run.store, run.client, run.project, run.model_version)
    started = time.monotonic()
    if not opened.made:
        retiring.retire(run, found)
    return run.model_version, time.monotonic() - started


def _arrived(run: Run) -> bool:
    """Whether the project has any suggestion of the current version."""
    with run.store.reading() as session:
        return prediction_ledger.has_arrived(session, run.project.id, run.model_version or "")


def _report(
    run: Run,
    opened: Opened,
    taken_out: withdrawing.TakenOut,
    *,
    model_version: str | None,
    already_there: int,
    waiting: int,
    without_suggestion: int,
    unshown: int,
    requests: int,
    seconds: float,
    retiring_seconds: float,
) -> PushReport:
    statistics: Statistics = run.statistics
    return PushReport(
        url=f"{run.client.url}/projects/{run.project.project_id}",
        project_id=run.project.project_id,
        title=run.project.title,
        made=opened.made,
        model_version=model_version,
        pushed=statistics.pushed,
        blind=statistics.blind,
        superseded=statistics.superseded,
        moved=statistics.moved,
        adopted=statistics.adopted,
        already_there=already_there,
        waiting=waiting,
        without_suggestion=without_suggestion,
        unshown=unshown,
        gone=statistics.gone,
        foreign=statistics.foreign,
        predictions_sent=statistics.predictions_sent,
        predictions_adopted=statistics.predictions_adopted,
        predictions_retired=statistics.predictions_retired,
        predictions_kept=statistics.predictions_kept,
        predictions_waiting=statistics.predictions_waiting,
        duplicates_removed=statistics.duplicates_removed,
        duplicates=tuple(statistics.duplicates),
        refused=tuple(statistics.refused),
        verified=statistics.verified,
        differences=tuple(statistics.differences),
        requests=requests,
        seconds=seconds,
        retiring_seconds=retiring_seconds,
        slow_renewal=statistics.slow_renewal,
        renewed=statistics.renewed,
        config_edit=opened.edit,
        withdrawn=statistics.withdrawn,
        erased=taken_out.deleted,
        marked=taken_out.marked,
        reopened=taken_out.reopened,
    )
