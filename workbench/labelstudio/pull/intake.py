"""Takes tasks as the server gives them: every state of every annotation becomes a revision, or a problem with its reason."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from workbench.core.adjudication.decisions import Decision
from workbench.core.adjudication.page import ReviewPage
from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import Article, ArticleKey, sha256
from workbench.core.batches import weighed_batches
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion import region_ids
from workbench.labelstudio.conversion.reading import Misfit, read_result
from workbench.labelstudio.conversion.reading import region_ids as ids_in
from workbench.labelstudio.conversion.task import key_of
from workbench.labelstudio.project.tasks import with_ids
from workbench.labelstudio.pull.outcomes import corrections
from workbench.labelstudio.pull.review import Review, emptied
from workbench.store import (
    Store,
    Transaction,
    adjudications,
    annotations,
    articles,
    prediction_ledger,
    problems,
    projects,
    revisions,
    task_ledger,
    withdrawals,
)
from workbench.store.annotations import StoredSet
from workbench.store.problems import Problem
from workbench.store.revisions import Correction, Revision, State

PAGE = 100
"""The most tasks that are asked for at once."""
PAGE_CHARACTERS = 1_000_000
"""How many characters the texts of a page have, about: with suggestions and annotations it is fifty times as much."""
AT_ONCE = 5000
"""How many items of annotations are stored in one transaction, about: a second's work, for which others may wait."""

ERASED = "is about {}, whose words were erased; the next push deletes it"


class AnnotatorCount(Frozen):
    """New revisions by one person."""

    annotator: str
    submitted: int = 0
    skipped: int = 0
    deleted: int = 0
    adjudicated: int = 0


class UnknownTask(Frozen):
    """A task that did not come from this store, and why it is not taken for one that did."""

    task_id: int
    reason: str


@dataclass
class Intake:
    """What is taken in, and what came of it. `review` reads what is decided in a project of review tasks."""

    store: Store
    client: LabelStudioClient
    scheme: LabelScheme
    project: projects.Project
    review: Review | None = None
    seen: int = 0
    settled: int = 0
    states: Counter[str] = field(default_factory=Counter[str])
    by_annotator: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    problems: list[Problem] = field(default_factory=list[Problem])
    trimmed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    others: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    emptied: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    unknown: dict[int, UnknownTask] = field(default_factory=dict[int, UnknownTask])
    names: dict[int, str] = field(default_factory=dict[int, str])

    @classmethod
    def of(cls, store: Store, client: LabelStudioClient, project: projects.Project) -> "Intake":
        """The intake of a project, whose annotations have to fit the scheme that it was made with."""
        name = f"the config of {project.title}"
        scheme = LabelScheme.from_xml(project.config, name=name)
        review = Review(ReviewPage.read(project.config, name=name)) if project.review_round else None
        return cls(store, client, scheme, project, review)

    @property
    def origin(self) -> str:
        """What revisions of annotations of the project call their origin."""
        return self.project.origin

    def pages(self, tasks: Mapping[int, ArticleKey | None]) -> Iterator[list[int]]:
        """The ids of these tasks, given with their articles, in lists that can be read at once."""
        with self.store.reading() as session:
            lengths = articles.lengths(session, [key[0] for key in tasks.values() if key is not None])

        def weight(task_id: int) -> int:
            key = tasks[task_id]
            return lengths.get(key[0], 0) if key is not None else 0

        return weighed_batches(tasks, PAGE, weight, PAGE_CHARACTERS)

    def read(self, task_ids: Sequence[int]) -> None:
        """Stores what the server says of these tasks, a page of them."""
        where = with_ids(task_ids)
        self.take(list(self.client.tasks(self.project.project_id, where=where, everything=True, page_size=PAGE + 1)))

    def take(self, page: Sequence[wire.Task]) -> None:
        """Stores what a page of tasks says, some tasks at a time: each wholly or not at all.

        A task with much work is stored by itself, and all that takes long is worked out before anybody has to wait.
        """
        self.seen += len(page)
        wanted = {_annotator(one) for task in page for one in task.get("annotations", [])}
        if wanted - self.names.keys():
            self.names.update({user["id"]: user["email"] for user in self.client.users()})
        with self.store.reading() as session:
            ledger = _Ledger.of(session, self.project, page)
        for tasks in weighed_batches(page, len(page), _items, AT_ONCE):
            with self.store.reading() as session:
                ours = [(task, row) for task in tasks if (row := self._row_of(ledger, task))]
                known = _Known.of(session, self.origin, ledger, ours)
                read = [self._read_task(session, ledger, known, task, row) for task, row in ours]
            if read:
                with self.store.transaction() as session:
                    pulled = revisions.current(session, [found.article.id for found in read])
                    for found in read:
                        self._take_task(session, ledger, found, pulled)

    def counts(self) -> list[AnnotatorCount]:
        """What each annotator did, in the order of their names."""
        people = sorted({person for person, _ in self.by_annotator})
        return [
            AnnotatorCount(
                annotator=person,
                submitted=self.by_annotator[person, "submitted"],
                skipped=self.by_annotator[person, "skipped"],
                deleted=self.by_annotator[person, "deleted"],
                adjudicated=self.by_annotator[person, "adjudicated"],
            )
            for person in people
        ]

    def take_gone(self, rows: Sequence[task_ledger.Task], stamp: str) -> None:
        """Stores that these tasks are not on the server any more, nor the annotations that they had."""
        with self.store.transaction() as session:
            lost = {row.task_id for row in rows}
            for problem in problems.unsettled(session, self.project.id) if rows else ():
                if problem.task_id in lost and problem.annotation_id is not None:
                    self.settled += problems.settle(session, self.project.id, problem.annotation_id)
            for row in rows:
                task_ledger.settle_task(session, row.id, state="gone")
                for last in revisions.current(session, [row.article_id]):
                    ours = last.origin == self.origin and last.article_version == row.article_version
                    if ours and last.state != "deleted":
                        self._keep_deletion(session, last, stamp)

    def report_unknown(self, task_id: int, key: ArticleKey | None) -> None:
        """Remembers a task that is none of ours."""
        about = f"says it is about {key[0]}, but is not the task that was pushed for it" if key else "names no article"
        self.unknown[task_id] = UnknownTask(task_id=task_id, reason=about)

    def _row_of(self, ledger: "_Ledger", task: wire.Task) -> task_ledger.Task | None:
        """What the store knows of a task of ours; None for any other, which is remembered."""
        key = key_of(task["data"])
        if key and key[0] in ledger.erased:
            self.unknown[task["id"]] = UnknownTask(task_id=task["id"], reason=ERASED.format(key[0]))
            return None
        row = ledger.tasks.get(key) if key else None
        if row is None or row.task_id not in (None, task["id"]):
            self.report_unknown(task["id"], key)
            return None
        return row

    def _read_task(
        self, session: Transaction, ledger: "_Ledger", known: "_Known", task: wire.Task, row: task_ledger.Task
    ) -> "_Read":
        """What a task of ours says."""
        article = known.articles[row.article_id, row.article_version]
        given = sorted(task.get("annotations", []), key=lambda one: one["id"])
        found = [self._read_annotation(session, ledger, known, row, article, task, annotation) for annotation in given]
        return _Read(task, row, article, found)

    def _read_annotation(
        self,
        session: Transaction,
        ledger: "_Ledger",
        known: "_Known",
        row: task_ledger.Task,
        article: Article,
        task: wire.Task,
        annotation: wire.Annotation,
    ) -> "_ReadAnnotation":
        person = self.names.get(_annotator(annotation), f"user {_annotator(annotation)}")
        updated = normal(annotation["updated_at"])
        done: State = "adjudicated" if self.review else "submitted"
        state: State = "skipped" if annotation["was_cancelled"] else done
        misfits: list[Misfit] = []
        text = task["data"].get(self.scheme.text_field)
        if not isinstance(text, str) or sha256(text) != article.text_sha256:
            message = "the task's text is not the article's: somebody changed it on the server"
            misfits.append(Misfit(rule="text-differs", message=message))
        # What fitted once is not measured again: the project's scheme may have changed since.
        external_id = str(annotation["id"])
        if (external_id, updated, state) in known.states:
            return _ReadAnnotation(annotation, misfits)
        parent = known.parent(session, ledger, row, annotation)
        reading = read_result(
            annotation["result"],
            article.text,
            self.scheme,
            producer=Producer(kind="person", name=person),
            created=updated,
            parents=(parent.annotations.digest,) if parent else (),
            key=region_ids.key_of(parent.id) if parent else None,
        )
        if state == done:
            misfits += reading.misfits
        if misfits:
            return _ReadAnnotation(annotation, misfits)
        if self.review:
            reviewed = self.review.parent(session, article, parent.annotations if parent else None)
            parent, scheme = reviewed.merged if reviewed else None, self.review.scheme
            found = self.review.of_person(reading.annotations, person, reviewed)
        else:
            reviewed, scheme, found = None, self.scheme, reading.annotations
        before = scheme.renamed(parent.annotations) if parent else None
        kept = scheme.normalise(_with_norms(found, before))
        revision = Revision(
            article_id=article.id,
            article_version=article.version,
            annotator=person,
            origin=self.origin,
            external_id=external_id,
            updated=updated,
            created=normal(annotation["created_at"]),
            state=state,
            set_id=annotations.set_id(article.id, article.version, kept),
            parent_set_id=parent.id if parent else None,
            parent_annotation=_copied_from(annotation),
            lead_time=annotation.get("lead_time"),
        )
        became = corrections(before, kept, scheme) if before and state == done else []
        trimmed = [str(one) for one in reading.trimmed if state == done]
        new = _New(revision, kept, became, trimmed)
        if self.review and reviewed:
            decisions = self.review.decisions(session, reviewed, kept, person) if state == done else []
            said = emptied(reviewed, kept, person) if state == done else ""
            new = new._replace(review=_NewReview(reviewed.adjudication.id or 0, decisions, said))
        return _ReadAnnotation(annotation, misfits, new)

    def _take_task(self, session: Transaction, ledger: "_Ledger", read: "_Read", pulled: Sequence[Revision]) -> None:
        """Stores what a task says; `pulled` is what its article's annotations were before."""
        if read.row.task_id is None:
            task_ledger.settle_task(session, read.row.id, state="present", task_id=read.task["id"])
        there = {str(one.annotation["id"]) for one in read.annotations}
        self._take_deleted(session, ledger, read.article, read.task, there, pulled)
        for one in read.annotations:
            self._take_annotation(session, ledger, read, one)

    def _take_annotation(self, session: Transaction, ledger: "_Ledger", read: "_Read", one: "_ReadAnnotation") -> None:
        if one.misfits:
            self._keep_problems(session, ledger, read.row, read.task, one.annotation, one.misfits)
            return
        self.settled += problems.settle(session, self.project.id, one.annotation["id"])
        if one.new is not None:
            annotations.keep(session, read.article.id, read.article.version, one.new.kept)
            number = revisions.add(session, one.new.revision, one.new.became)
            if number is not None:
                self._count(one.new.revision)
                if one.new.review is not None:
                    adjudications.add_review(session, one.new.review.adjudication, number, one.new.review.decisions)
                    self.emptied += [(read.article.id, one.new.review.emptied)] if one.new.review.emptied else []
                self.trimmed += [(read.article.id, message) for message in one.new.trimmed]
                self.others += [(read.article.id, message) for message in self._others(one.new.kept)]

    def _others(self, kept: AnnotationSet) -> list[str]:
        """How many items of each control that is not known a set holds, in words."""
        tags = {control.name: control.tag for control in self.scheme.others}
        counts = Counter(one.control for one in kept.others)
        return [f"{number} by {name} ({tags[name]})" for name, number in counts.items()]

    def _take_deleted(
        self,
        session: Transaction,
        ledger: "_Ledger",
        article: Article,
        task: wire.Task,
        there: set[str],
        pulled: Sequence[Revision],
    ) -> None:
        """A revision for each annotation of the task that was pulled once and is not there any more."""
        for last in pulled:
            version = (last.article_id, last.article_version)
            ours = last.origin == self.origin and version == (article.id, article.version)
            if not ours or last.state == "deleted" or last.external_id in there:
                continue
            self._keep_deletion(session, last, normal(task["updated_at"]))
        for annotation_id in {problem.annotation_id for problem in ledger.problems.get(task["id"], [])}:
            if annotation_id is not None and str(annotation_id) not in there:
                self.settled += problems.settle(session, self.project.id, annotation_id)

    def _keep_problems(
        self,
        session: Transaction,
        ledger: "_Ledger",
        row: task_ledger.Task,
        task: wire.Task,
        annotation: wire.Annotation,
        misfits: Sequence[Misfit],
    ) -> None:
        """Keeps what does not fit, a problem for each rule; the problems of an earlier version give way."""
        updated = normal(annotation["updated_at"])
        standing = [p for p in ledger.problems.get(task["id"], []) if p.annotation_id == annotation["id"]]
        if any(problem.updated != updated for problem in standing):
            problems.settle(session, self.project.id, annotation["id"])
        by_rule: dict[str, list[str]] = {}
        for misfit in misfits:
            by_rule.setdefault(misfit.rule, []).append(str(misfit))
        for rule, messages in by_rule.items():
            problem = Problem(
                task_id=task["id"],
                article_id=row.article_id,
                annotation_id=annotation["id"],
                updated=updated,
                rule=rule,
                message="; ".join(messages),
                payload=json.dumps(annotation, ensure_ascii=False),
            )
            if problems.keep(session, self.project.id, problem):
                self.problems.append(problem)

    def _keep_deletion(self, session: Transaction, last: Revision, stamp: str) -> None:
        gone = last.model_copy(update={"id": None, "state": "deleted", "updated": max(stamp, last.updated)})
        if revisions.keep(session, gone):
            self._count(gone)

    def _count(self, revision: Revision) -> None:
        self.states[revision.state] += 1
        self.by_annotator[revision.annotator, revision.state] += 1


class _NewReview(NamedTuple):
    """What a review decided of which adjudication; `emptied` is a word on one that leaves nothing."""

    adjudication: int
    decisions: list[Decision]
    emptied: str


class _New(NamedTuple):
    """A state of an annotation that the store has not yet; `review` where it was made in a review task."""

    revision: Revision
    kept: AnnotationSet
    became: list[Correction]
    trimmed: list[str]
    review: _NewReview | None = None


class _ReadAnnotation(NamedTuple):
    """What an annotation says: what of it does not fit, or what is new; neither where the store has it."""

    annotation: wire.Annotation
    misfits: Sequence[Misfit]
    new: _New | None = None


class _Read(NamedTuple):
    """What a task of ours says, before it is stored."""

    task: wire.Task
    row: task_ledger.Task
    article: Article
    annotations: Sequence[_ReadAnnotation]


@dataclass
class _Ledger:
    """What the store knows of the tasks of a page."""

    tasks: dict[ArticleKey, task_ledger.Task]
    sets: dict[int, str]
    problems: dict[int, list[Problem]]
    suggested_by: tuple[str, ...]
    erased: set[str]

    @classmethod
    def of(cls, session: Transaction, project: projects.Project, page: Sequence[wire.Task]) -> "_Ledger":
        """Tasks by article, the sets that predictions show by prediction id, open problems by task id."""
        still_open: dict[int, list[Problem]] = {}
        for problem in problems.unsettled(session, project.id):
            still_open.setdefault(problem.task_id or 0, []).append(problem)
        rows = task_ledger.tasks_of(session, project.id, {key for task in page if (key := key_of(task["data"]))})
        mine = [row.id for row in rows.values()]
        sent = prediction_ledger.predictions(session, project.id, task_ids=mine)
        return cls(
            tasks=rows,
            sets={one.prediction_id: one.set_id for one in sent if one.prediction_id is not None},
            problems=still_open,
            suggested_by=project.suggested_by,
            erased=withdrawals.erased(session),
        )

    def named_parent(self, annotation: wire.Annotation) -> str | None:
        """The key of the suggestion that the server says an annotation was made from."""
        return self.sets.get(annotation.get("parent_prediction") or 0)


@dataclass
class _Known:
    """What the store has of some tasks of a page, read at once: articles, suggestions, and states that were pulled."""

    articles: dict[ArticleKey, Article]
    sets: dict[str, StoredSet]
    states: set[tuple[str, str, str]]

    @classmethod
    def of(
        cls, session: Transaction, origin: str, ledger: _Ledger, tasks: Sequence[tuple[wire.Task, task_ledger.Task]]
    ) -> "_Known":
        """What is needed to read these tasks; the suggestions only of annotations that are new."""
        given = [one for task, _ in tasks for one in task.get("annotations", [])]
        ids = [str(one["id"]) for one in given]
        states = revisions.kept_states(session, origin=origin, external_ids=ids)
        there = {(external_id, updated) for external_id, updated, _ in states}
        new = [one for one in given if (str(one["id"]), normal(one["updated_at"])) not in there]
        named = dict.fromkeys(key for one in new if (key := ledger.named_parent(one)))
        return cls(
            articles=articles.get_versions(session, [(row.article_id, row.article_version) for _, row in tasks]),
            sets=annotations.get_sets(session, list(named)),
            states=states,
        )

    def parent(
        self, session: Transaction, ledger: _Ledger, row: task_ledger.Task, annotation: wire.Annotation
    ) -> StoredSet | None:
        """The suggestion that an annotation was made from: the server's word, or else the ids of its regions."""
        named = ledger.named_parent(annotation)
        if named is not None:
            return self.sets.get(named) or annotations.get_set(session, named)
        keys, key = region_ids.keys(ids_in(annotation["result"])), (row.article_id, row.article_version)
        if keys:
            for stored in annotations.suggestions(session, *key, kinds=ledger.suggested_by):
                if region_ids.key_of(stored.id) == keys[0]:
                    return stored
        return None


def _with_norms(annotations_: AnnotationSet, parent: AnnotationSet | None) -> AnnotationSet:
    """The set with the normalised names of the suggestion's spans that were left as they were: pages cannot show them."""
    if parent is None:
        return annotations_
    before = {span.id: span for _, span in parent.spans() if span.norm is not None}
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


def _items(task: wire.Task) -> int:
    """How many items the annotations of a task have: the time that it takes grows with it."""
    return sum(len(one["result"]) for one in task.get("annotations", []))


def _annotator(annotation: wire.Annotation) -> int:
    who = annotation["completed_by"]
    return who["id"] if isinstance(who, dict) else who or 0


def _copied_from(annotation: wire.Annotation) -> str | None:
    """The id of the annotation that this one was copied from, as revisions have it."""
    parent = annotation.get("parent_annotation")
    return str(parent) if parent else None


def normal(stamp: str) -> str:
    """A time of the server in one form, so that times as text have the order of times."""
    return stamp_of(datetime.fromisoformat(stamp))


def stamp_of(moment: datetime) -> str:
    """A time as revisions have it: ISO 8601, UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
