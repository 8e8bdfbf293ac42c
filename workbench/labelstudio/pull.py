"""Pulls what people did: every state of every annotation as a revision, checked against its text and the scheme.

What changed since the last pull is asked for by the server's own clock, some seconds over; a revision that is there is
not stored again. What does not fit is kept as a problem with Label Studio's JSON of it, and stops nothing else.
"""

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import Article, sha256
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.labelstudio import region_ids, wire
from workbench.labelstudio.client import LabelStudioClient
from workbench.labelstudio.corrections import corrections
from workbench.labelstudio.projects import find_project
from workbench.labelstudio.reading import Misfit, read_result
from workbench.labelstudio.reading import region_ids as ids_in
from workbench.labelstudio.run import batches
from workbench.labelstudio.tasks import Key, key_of
from workbench.store import Store, Transaction, annotations, articles, sync
from workbench.store.annotations import Revision, State, StoredSet

PAGE = 100
OVERLAP = timedelta(seconds=60)
"""How far before the last pull the next one looks: a change gets its time before it can be seen."""


class AnnotatorCount(Frozen):
    """New revisions by one person."""

    annotator: str
    submitted: int = 0
    skipped: int = 0
    deleted: int = 0


class UnknownTask(Frozen):
    """A task that did not come from this store, and why it is not taken for one that did."""

    task_id: int
    reason: str


class PullReport(Frozen):
    """What a pull brought. `new_problems` are annotations that do not fit, `settled` problems that do now."""

    title: str
    project_id: int
    annotators: tuple[AnnotatorCount, ...]
    submitted: int
    skipped: int
    deleted: int
    new_problems: tuple[sync.Problem, ...]
    open_problems: int
    settled: int
    unknown: tuple[UnknownTask, ...]
    tasks_seen: int
    pulled_to: str
    requests: int
    seconds: float


def pull(store: Store, client: LabelStudioClient, progress: Progress, *, title: str) -> PullReport:
    """What changed in the project since the last pull, stored. Where another pull is at work, it is waited for.

    Annotations have to fit the scheme that the project was made with, whatever became of label_config.xml since.

    Args:
        store: where revisions, corrections and problems go.
        client: acts as somebody who sees all annotations.
        progress: shows where the pull is.
        title: the project's.

    Raises:
        LabelStudioError: nothing was pushed yet, or the project is gone.
        LabelStudioUnavailable: no answer; what was stored is kept, and the next pull begins where this one did.
    """
    with store.exclusive("pull", progress):
        return _pull(store, client, progress, title)


def _pull(store: Store, client: LabelStudioClient, progress: Progress, title: str) -> PullReport:
    started, requests = time.monotonic(), client.requests
    project, there = find_project(store, client, title=title)
    # Taken before anything is read: whatever changes from now on is later, and the next pull sees it.
    clock = client.clock()
    run = _Pull(store, client, LabelScheme.from_xml(project.config, name=f"the config of {title}"), project)
    since = datetime.fromisoformat(project.watermark) - OVERLAP if project.watermark else None
    changed = client.tasks(project.project_id, where=_touched(since), everything=True, page_size=PAGE)
    for page in batches(progress.track(changed, "pulling annotations"), PAGE):
        run.take(page)
    run.look_for_strangers(there)
    with store.transaction() as session:
        sync.set_watermark(session, project.id, _stamp(clock))
        still_open = len(sync.problems(session, project.id))
    return PullReport(
        title=title,
        project_id=project.project_id,
        annotators=tuple(run.counts()),
        submitted=run.states["submitted"],
        skipped=run.states["skipped"],
        deleted=run.states["deleted"],
        new_problems=tuple(run.problems),
        open_problems=still_open,
        settled=run.settled,
        unknown=tuple(run.unknown.values()),
        tasks_seen=run.seen,
        pulled_to=_stamp(clock),
        requests=client.requests - requests,
        seconds=round(time.monotonic() - started, 2),
    )


@dataclass
class _Pull:
    store: Store
    client: LabelStudioClient
    scheme: LabelScheme
    project: sync.Project
    seen: int = 0
    settled: int = 0
    states: Counter[str] = field(default_factory=Counter[str])
    by_annotator: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    problems: list[sync.Problem] = field(default_factory=list[sync.Problem])
    unknown: dict[int, UnknownTask] = field(default_factory=dict[int, UnknownTask])
    names: dict[int, str] = field(default_factory=dict[int, str])

    @property
    def origin(self) -> str:
        return f"label-studio:{self.project.id}"

    def take(self, page: Sequence[wire.Task]) -> None:
        """Stores what a page of tasks says, all of it or nothing."""
        self.seen += len(page)
        wanted = {_annotator(one) for task in page for one in task.get("annotations", [])}
        if wanted - self.names.keys():
            self.names.update({user["id"]: user["email"] for user in self.client.users()})
        with self.store.transaction() as session:
            ledger = _Ledger.of(session, self.project, [task["id"] for task in page])
            for task in page:
                self._take_task(session, ledger, task)

    def counts(self) -> list[AnnotatorCount]:
        people = sorted({person for person, _ in self.by_annotator})
        return [
            AnnotatorCount(
                annotator=person,
                submitted=self.by_annotator[person, "submitted"],
                skipped=self.by_annotator[person, "skipped"],
                deleted=self.by_annotator[person, "deleted"],
            )
            for person in people
        ]

    def look_for_strangers(self, there: wire.Project) -> None:
        """Finds tasks that somebody imported by hand, where the server has more than were pushed."""
        with self.store.transaction() as session:
            ours = {
                row.task_id for row in sync.tasks(session, self.project.id) if row.state in ("present", "superseded")
            }
        if there.get("task_number", 0) <= len(ours):
            return
        for state in self.client.task_states(self.project.project_id):
            if state["id"] not in ours:
                self._report_unknown(state["id"], key_of(state["data"]))

    def _take_task(self, session: Transaction, ledger: "_Ledger", task: wire.Task) -> None:
        key = key_of(task["data"])
        row = ledger.tasks.get(key) if key else None
        if row is not None and row.task_id is None:
            sync.settle_task(session, row.id, state="present", task_id=task["id"])
        elif row is None or row.task_id != task["id"]:
            self._report_unknown(task["id"], key)
            return
        article = articles.get(session, row.article_id, row.article_version)
        there = {str(one["id"]) for one in task.get("annotations", [])}
        self._take_deleted(session, ledger, article, task, there)
        for annotation in sorted(task.get("annotations", []), key=lambda one: one["id"]):
            self._take_annotation(session, ledger, row, article, task, annotation)

    def _report_unknown(self, task_id: int, key: Key | None) -> None:
        about = f"says it is about {key[0]}, but is not the task that was pushed for it" if key else "names no article"
        self.unknown[task_id] = UnknownTask(task_id=task_id, reason=about)

    def _take_annotation(
        self,
        session: Transaction,
        ledger: "_Ledger",
        row: sync.Task,
        article: Article,
        task: wire.Task,
        annotation: wire.Annotation,
    ) -> None:
        parent = ledger.parent(session, row, annotation)
        person = self.names.get(_annotator(annotation), f"user {_annotator(annotation)}")
        updated = _normal(annotation["updated_at"])
        reading = read_result(
            annotation["result"],
            article.text,
            self.scheme,
            producer=Producer(kind="person", name=person),
            created=updated,
            parents=(parent.annotations.digest,) if parent else (),
            key=region_ids.key_of(parent.id) if parent else None,
        )
        state: State = "skipped" if annotation["was_cancelled"] else "submitted"
        # What fitted once is not measured again: the project's scheme may have changed since.
        known = annotations.is_kept(
            session, origin=self.origin, external_id=str(annotation["id"]), updated=updated, state=state
        )
        misfits = list(reading.misfits) if state == "submitted" and not known else []
        text = task["data"].get(self.scheme.text_field)
        if not isinstance(text, str) or sha256(text) != article.text_sha256:
            message = "the task's text is not the article's: somebody changed it on the server"
            misfits.insert(0, Misfit(rule="text-differs", message=message))
        if misfits:
            self._keep_problems(session, ledger, row, task, annotation, misfits)
            return
        self.settled += sync.settle_problems(session, self.project.id, annotation["id"])
        if known:
            return
        kept = self.scheme.normalise(_with_norms(reading.annotations, parent))
        revision = Revision(
            article_id=article.id,
            article_version=article.version,
            annotator=person,
            origin=self.origin,
            external_id=str(annotation["id"]),
            updated=updated,
            created=_normal(annotation["created_at"]),
            state=state,
            set_id=annotations.keep(session, article.id, article.version, kept),
            parent_set_id=parent.id if parent else None,
            lead_time=annotation.get("lead_time"),
        )
        became = corrections(parent.annotations, kept, self.scheme) if parent and state == "submitted" else []
        if annotations.keep_revision(session, revision, became):
            self._count(revision)

    def _take_deleted(
        self, session: Transaction, ledger: "_Ledger", article: Article, task: wire.Task, there: set[str]
    ) -> None:
        """A revision for each annotation of the task that was pulled once and is not there any more."""
        for last in annotations.current_revisions(session, article.id):
            ours = last.origin == self.origin and last.article_version == article.version
            if not ours or last.state == "deleted" or last.external_id in there:
                continue
            gone = last.model_copy(update={"id": None, "state": "deleted", "updated": _normal(task["updated_at"])})
            if annotations.keep_revision(session, gone):
                self._count(gone)
        for annotation_id in {problem.annotation_id for problem in ledger.problems.get(task["id"], [])}:
            if annotation_id is not None and str(annotation_id) not in there:
                self.settled += sync.settle_problems(session, self.project.id, annotation_id)

    def _keep_problems(
        self,
        session: Transaction,
        ledger: "_Ledger",
        row: sync.Task,
        task: wire.Task,
        annotation: wire.Annotation,
        misfits: Sequence[Misfit],
    ) -> None:
        """Keeps what does not fit, a problem for each rule; the problems of an earlier version give way."""
        updated = _normal(annotation["updated_at"])
        standing = [p for p in ledger.problems.get(task["id"], []) if p.annotation_id == annotation["id"]]
        if any(problem.updated != updated for problem in standing):
            sync.settle_problems(session, self.project.id, annotation["id"])
        by_rule: dict[str, list[str]] = {}
        for misfit in misfits:
            by_rule.setdefault(misfit.rule, []).append(str(misfit))
        for rule, messages in by_rule.items():
            problem = sync.Problem(
                task_id=task["id"],
                article_id=row.article_id,
                annotation_id=annotation["id"],
                updated=updated,
                rule=rule,
                message="; ".join(messages),
                payload=json.dumps(annotation, ensure_ascii=False),
            )
            if sync.keep_problem(session, self.project.id, problem):
                self.problems.append(problem)

    def _count(self, revision: Revision) -> None:
        self.states[revision.state] += 1
        self.by_annotator[revision.annotator, revision.state] += 1


@dataclass
class _Ledger:
    """What the store knows of the tasks of a page."""

    tasks: dict[Key, sync.Task]
    sets: dict[int, str]
    problems: dict[int, list[sync.Problem]]

    @classmethod
    def of(cls, session: Transaction, project: sync.Project, task_ids: Sequence[int]) -> "_Ledger":
        """Tasks by article, the sets that predictions show by prediction id, open problems by task id."""
        problems: dict[int, list[sync.Problem]] = {}
        for problem in sync.problems(session, project.id):
            problems.setdefault(problem.task_id or 0, []).append(problem)
        rows = list(sync.tasks(session, project.id))
        mine = [row.id for row in rows if row.task_id in set(task_ids)]
        sent = sync.predictions(session, project.id, task_ids=mine)
        return cls(
            tasks={(row.article_id, row.article_version): row for row in rows},
            sets={one.prediction_id: one.set_id for one in sent if one.prediction_id is not None},
            problems=problems,
        )

    def parent(self, session: Transaction, row: sync.Task, annotation: wire.Annotation) -> StoredSet | None:
        """The suggestion that an annotation was made from: the server's word, or else the ids of its regions."""
        named = self.sets.get(annotation.get("parent_prediction") or 0)
        if named is not None:
            return annotations.get_set(session, named)
        keys = region_ids.keys(ids_in(annotation["result"]))
        if keys:
            for stored in annotations.suggestions(session, row.article_id, row.article_version):
                if region_ids.key_of(stored.id) == keys[0]:
                    return stored
        return None


def _with_norms(annotations_: AnnotationSet, parent: StoredSet | None) -> AnnotationSet:
    """The set with the normalised names of the suggestion's spans that were left as they were: pages cannot show them."""
    if parent is None:
        return annotations_
    before = {span.id: span for _, span in parent.annotations.spans() if span.norm is not None}
    layers = {
        name: tuple(
            span.model_copy(update={"norm": old.norm})
            if (old := before.get(span.id)) and (old.offsets, old.label) == (span.offsets, span.label)
            else span
            for span in spans
        )
        for name, spans in annotations_.layers.items()
    }
    return annotations_.model_copy(update={"layers": layers})


def _touched(since: datetime | None) -> wire.Filters:
    """Tasks that a person touched: a bulk import of tasks or predictions leaves `updated_by` empty."""
    items: list[wire.Filter] = [
        {"filter": "filter:tasks:updated_by", "operator": "empty", "type": "List", "value": "False"}
    ]
    if since is not None:
        value = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        items.append({"filter": "filter:tasks:updated_at", "operator": "greater", "type": "Datetime", "value": value})
    return {"conjunction": "and", "items": items}


def _annotator(annotation: wire.Annotation) -> int:
    who = annotation["completed_by"]
    return who["id"] if isinstance(who, dict) else who or 0


def _normal(stamp: str) -> str:
    """A time of the server in one form, so that times as text have the order of times."""
    return _stamp(datetime.fromisoformat(stamp))


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
