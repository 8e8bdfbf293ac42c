"""Finds what no clock shows: where the project's counts disagree with the store's, all tasks are looked at, not read."""

import time

from workbench.core.article import ArticleKey
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.labelstudio.api import wire
from workbench.labelstudio.conversion.task import key_of
from workbench.labelstudio.pull.intake import Intake, stamp_of
from workbench.store import problems, revisions, task_ledger


class Sweep(Frozen):
    """A look at all tasks: how many there are, how many hold a draft, were gone, were read again; and what it cost."""

    tasks: int
    drafts: int
    gone: int
    read_again: int
    requests: int
    seconds: float


def counts_disagree(intake: Intake, there: wire.Counts) -> bool:
    """Whether the project has other numbers of tasks, annotations or skips than the store knows of."""
    with intake.store.transaction() as session:
        states = task_ledger.counts(session, intake.project.id)
        current = revisions.current_states(session, intake.origin)
        aside = {str(problem.annotation_id) for problem in problems.unsettled(session, intake.project.id)}
    known = {name: one.state for name, one in current.items() if one.state != "deleted"}
    skipped = sum(state == "skipped" for state in known.values())
    ours = (
        states.get("present", 0) + states.get("superseded", 0),
        # An annotation whose newest version does not fit may have an older one that did.
        len(known.keys() | aside),
    )
    annotated = there["total_annotations_number"] + there["skipped_annotations_number"]
    return ours != (there["task_number"], annotated) or skipped > there["skipped_annotations_number"]


def look(intake: Intake, progress: Progress) -> Sweep:
    """What a look at all tasks found; tasks whose annotations are not those that the store knows are read, and taken."""
    started, requests = time.monotonic(), intake.client.requests
    clock = intake.client.clock()
    project = intake.project
    with intake.store.transaction() as session:
        rows = {
            row.task_id: row for row in task_ledger.tasks(session, project.id) if row.state in ("present", "superseded")
        }
        known: dict[tuple[str, int], set[str]] = {}
        for name, one in revisions.current_states(session, intake.origin).items():
            if one.state != "deleted":
                known.setdefault((one.article_id, one.article_version), set()).add(name)
        for problem in problems.unsettled(session, project.id):
            row = rows.get(problem.task_id)
            if row is not None:
                known.setdefault((row.article_id, row.article_version), set()).add(str(problem.annotation_id))
    seen = drafts = 0
    differing: dict[int, ArticleKey | None] = {}
    for state in progress.track(intake.client.task_states(project.project_id), "looking at all tasks"):
        seen += 1
        drafts += state["draft_exists"]
        row, key = rows.get(state["id"]), key_of(state["data"])
        if row is None or key is None or key != (row.article_id, row.article_version):
            intake.report_unknown(state["id"], key)
            continue
        del rows[state["id"]]
        if set(filter(None, state["annotations_ids"].split(","))) != known.get(key, set()):
            differing[state["id"]] = key
    for page in intake.pages(differing):
        intake.read(page)
    intake.take_gone(list(rows.values()), stamp_of(clock))
    return Sweep(
        tasks=seen,
        drafts=drafts,
        gone=len(rows),
        read_again=len(differing),
        requests=intake.client.requests - requests,
        seconds=round(time.monotonic() - started, 2),
    )
