"""Pulls what people did: every state of every annotation as a revision, checked against its text and the scheme.

What changed since the last pull is asked for by the server's own clock, some seconds over; a revision that is there is
not stored again. What does not fit is kept as a problem with Label Studio's JSON of it, and stops nothing else. What no
clock shows (tasks that were deleted, or imported by somebody) is looked for where the project's counts disagree with the
store's.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from workbench.core.article import ArticleKey
from workbench.core.batches import shown
from workbench.core.config_edit import HINT as CONFIG_HINT
from workbench.core.config_edit import ConfigEdit, config_edit
from workbench.core.counted import counted
from workbench.core.ports import Progress
from workbench.core.report import Listing, Report, Shown, Table
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion.task import key_of
from workbench.labelstudio.project.projects import find_counts
from workbench.labelstudio.pull import adopting, notes
from workbench.labelstudio.pull.drift import Sweep, counts_disagree, look
from workbench.labelstudio.pull.intake import PAGE, AnnotatorCount, Intake, UnknownTask, stamp_of
from workbench.store import Store, problems, projects, revisions
from workbench.store.problems import Problem

OVERLAP = timedelta(seconds=60)
"""How far before the last pull the next one looks: a change gets its time before it can be seen."""


class PullReport(Report):
    """What a pull brought.

    `new_problems` are annotations that do not fit, `settled` problems that do now; `sent_back` tasks tell their
    annotator of a problem, `cleared` ones need not any more. `adopted` tasks were imported by somebody and are taken for
    ours now; `unknown` ones are left alone. `sweep` is the look at all tasks, where the counts called for one. `trimmed`
    says by article which regions had white space at their edges, and are kept without it. `config_edit` is what
    somebody changed in the project's label config on its settings page, `others` how much was annotated with controls that
    the workbench does not know, and is kept word for word. `adjudicated` annotations were made in review tasks; `emptied`
    says by article which of them leave nothing of what was there. `reviews` are the pulls from projects of review tasks.
    """

    title: str
    project_id: int
    annotators: tuple[AnnotatorCount, ...]
    submitted: int
    skipped: int
    deleted: int
    new_problems: tuple[Problem, ...]
    open_problems: int
    settled: int
    sent_back: int
    cleared: int
    adopted: int
    unknown: tuple[UnknownTask, ...]
    tasks_seen: int
    pulled_to: str
    requests: int
    seconds: float
    sweep: Sweep | None
    trimmed: tuple[tuple[str, str], ...] = ()
    config_edit: ConfigEdit | None = None
    others: tuple[tuple[str, str], ...] = ()
    adjudicated: int = 0
    emptied: tuple[tuple[str, str], ...] = ()
    reviews: tuple["PullReport", ...] = ()

    def shown(self) -> Iterator[Shown]:
        """Who did how much, what was done about tasks, and what does not fit."""
        done = "adjudicated" if any(one.adjudicated for one in self.annotators) else "submitted"
        counts = [(o.annotator, o.submitted + o.adjudicated, o.skipped, o.deleted) for o in self.annotators]
        yield Table.of("annotator", done, "skipped", "deleted", rows=counts)
        revisions = self.submitted + self.adjudicated + self.skipped + self.deleted
        yield f"{revisions} new revisions from project {self.title}"
        for number, what in (
            (self.adopted, "tasks that somebody imported were taken in"),
            (self.sent_back, "tasks tell their annotator what does not fit"),
            (self.cleared, "tasks need their note no more"),
            (self.settled, "problems are settled"),
        ):
            if number:
                yield f"{number} {what}"
        yield Listing(
            "tasks that are none of ours were left alone (--adopt takes such tasks in)",
            [(f"task {one.task_id}", one.reason) for one in self.unknown],
        )
        yield Listing("articles were decided to have nothing marked", self.emptied)
        yield Listing("regions had white space at their edges, and are kept without it", self.trimmed)
        yield Listing("annotations use unknown controls, and are kept word for word", self.others)
        yield Listing(
            "annotations that do not fit were kept aside", [(place(one), one.message) for one in self.new_problems]
        )
        if self.open_problems:
            yield f"{counted(self.open_problems, 'problems are open')}: `workbench pull --problems`"
        if self.sweep:
            look = self.sweep
            yield (
                f"the counts disagreed: {counted(look.tasks, 'tasks')} looked at, {look.read_again} read again, {look.gone} were "
                f"deleted, {look.drafts} hold drafts; {counted(look.requests, 'requests')} in {look.seconds:.1f} s of the following"
            )
        if self.config_edit:
            yield str(self.config_edit)
            yield CONFIG_HINT
        yield f"{counted(self.tasks_seen, 'tasks')} read, {counted(self.requests, 'requests')} in {self.seconds:.1f} s"
        for one in self.reviews:
            yield ""
            yield from one.shown()

    @property
    def news(self) -> bool:
        """Whether it brought anything from any project."""
        brought = bool(self.annotators or self.new_problems or self.settled or self.adopted)
        return brought or any(one.news for one in self.reviews)


class ProblemsReport(Report):
    """The annotations that were pulled and do not fit."""

    problems: tuple[Problem, ...]

    def shown(self) -> Iterator[Shown]:
        """Each with its place, its rule and what is wrong."""
        if not self.problems:
            yield "nothing is open"
        yield Listing(
            "problems are open",
            [(f"{place(one)} ({one.updated})", f"{one.rule}: {one.message}") for one in self.problems],
        )


def place(problem: Problem) -> str:
    """Where a problem is: article, task and annotation."""
    return f"{problem.article_id}, task {problem.task_id}, annotation {problem.annotation_id}"


def open_problems(store: Store) -> ProblemsReport:
    """What was pulled and does not fit."""
    with store.reading() as session:
        return ProblemsReport(problems=tuple(problems.unsettled(session)))


def pull(
    store: Store,
    client: LabelStudioClient,
    progress: Progress,
    *,
    title: str,
    adopt: bool = False,
    send_back: bool = False,
) -> PullReport:
    """What changed in the project since the last pull, stored. Where another pull is at work, it is waited for.

    Annotations have to fit the scheme that the project was made with, whatever became of label_config.xml since.

    Args:
        store: where revisions, corrections and problems go.
        client: acts as somebody who sees all annotations.
        progress: shows where the pull is.
        title: the project's.
        adopt: take in the tasks that somebody imported, as articles of their own.
        send_back: write into a task's note why its annotation does not fit.

    Raises:
        LabelStudioError: nothing was pushed yet, or the project is gone.
        LabelStudioUnavailable: no answer; what was stored is kept, and the next pull begins where this one did.
    """
    started, requests = time.monotonic(), client.requests
    with store.exclusive("pull", progress):
        project, there = find_counts(store, client, title=title)
        # Before anything is read: whatever changes from now on is later, and the next pull sees it.
        clock = client.answered
        intake = Intake.of(store, client, project)
        since = datetime.fromisoformat(project.watermark) - OVERLAP if project.watermark else None
        changed = _changed(intake, _touched(since))
        pages = ((page, len(page)) for page in intake.pages(changed))
        for page in shown(progress, pages, len(changed), "pulling annotations"):
            intake.read(page)
        sweep = None
        if adopt or counts_disagree(intake, client.counts(project.project_id)):
            sweep = look(intake, progress)
        adopted = adopting.adopt(intake, progress) if adopt else 0
        sent_back = notes.send_back(intake, progress) if send_back else 0
        cleared = notes.clear(intake)
        with store.transaction() as session:
            projects.set_watermark(session, project.id, stamp_of(clock))
            still_open = len(problems.unsettled(session, project.id))
    return PullReport(
        title=title,
        project_id=project.project_id,
        annotators=tuple(intake.counts()),
        submitted=intake.states["submitted"],
        skipped=intake.states["skipped"],
        deleted=intake.states["deleted"],
        new_problems=tuple(intake.problems),
        open_problems=still_open,
        settled=intake.settled,
        sent_back=sent_back,
        cleared=cleared,
        adopted=adopted,
        unknown=tuple(intake.unknown.values()),
        tasks_seen=intake.seen,
        pulled_to=stamp_of(clock),
        requests=client.requests - requests,
        seconds=round(time.monotonic() - started, 2),
        sweep=sweep,
        trimmed=tuple(intake.trimmed),
        config_edit=config_edit(project, there.get("label_config")),
        others=tuple(intake.others),
        adjudicated=intake.states["adjudicated"],
        emptied=tuple(intake.emptied),
    )


def _changed(intake: Intake, where: wire.Filters) -> dict[int, ArticleKey | None]:
    """The ids of the tasks that changed, with their articles; of a great many, only those that anybody annotated.

    A suggestion that was deleted changes its task, too, so that there are many after a model was replaced; which of them
    have annotations is soon asked.
    """
    changed = [
        (state["id"], key_of(state["data"]), bool(state["annotations_ids"]))
        for state in intake.client.task_states(intake.project.project_id, where=where)
    ]
    if len(changed) >= PAGE:
        with intake.store.reading() as session:
            states = revisions.current_states(session, intake.origin).values()
        known = {(one.article_id, one.article_version) for one in states}
        changed = [one for one in changed if one[2] or one[1] in known]
    return {task_id: key for task_id, key, _ in changed}


def _touched(since: datetime | None) -> wire.Filters:
    """Tasks that a person touched: a bulk import of tasks or predictions leaves `updated_by` empty."""
    items: list[wire.Filter] = [
        {"filter": "filter:tasks:updated_by", "operator": "empty", "type": "List", "value": "False"}
    ]
    if since is not None:
        value = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        items.append({"filter": "filter:tasks:updated_at", "operator": "greater", "type": "Datetime", "value": value})
    return {"conjunction": "and", "items": items}
