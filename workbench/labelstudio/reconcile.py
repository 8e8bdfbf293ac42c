"""Compares store and server completely, and mends what can be mended without losing anybody's work."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import cast

from workbench.core.annotations import AnnotationSet
from workbench.core.article import ArticleKey
from workbench.core.batches import ahead, batches, shown
from workbench.core.config_edit import config_edit, same_config
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.core.report import Listing, Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.errors import PartlyDone, WorkbenchError
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion import region_ids
from workbench.labelstudio.conversion.convert import to_result
from workbench.labelstudio.conversion.reading import region_ids as ids_in
from workbench.labelstudio.conversion.task import FREE, described, key_of, task_data
from workbench.labelstudio.project import guide
from workbench.labelstudio.project.projects import find_project
from workbench.labelstudio.project.tasks import sweep, with_ids
from workbench.labelstudio.pull.intake import Intake, normal, stamp_of
from workbench.labelstudio.push import ledger, withdrawing
from workbench.labelstudio.push.readback import readers
from workbench.labelstudio.push.run import Run
from workbench.store import (
    Store,
    Transaction,
    annotations,
    articles,
    prediction_ledger,
    problems,
    revisions,
    task_ledger,
    withdrawals,
)

PAGE = 250
"""So many tasks are read at once: the server takes less time for fewer, larger pages."""
EXAMPLES = 3
REMEDIES = {
    "config differs": "the project gets back the config that it was given; `workbench scheme pull` takes theirs instead",
    "instruction differs": "the project gets the guide of its config",
    "model version differs": "the project shows the suggestions that were pushed last",
    "task missing": "its annotations are marked as deleted; the next push makes it again",
    "task not in the ledger": "taken into the ledger",
    "task twice": "the one without work is deleted; of two with work both stay",
    "task of nobody": "nothing: `workbench pull --adopt` takes it in",
    "task of an erased article": "deleted",
    "task data changed": "written anew; the text only where nobody has worked on the task",
    "prediction missing": "noted; the next push sends the current one again",
    "prediction not in the ledger": "taken into the ledger",
    "prediction twice": "the later one is deleted where nobody has worked on the task",
    "prediction of nobody": "nothing: the server may have other models",
    "prediction differs": "deleted where nobody has worked on the task; the next push sends it again",
    "suggestion not shown": "nothing: the next push sends it",
    "annotation not in the store": "pulled",
    "annotation gone": "its revision is followed by one that says deleted",
    "draft": "nothing: it comes with the annotation when it is submitted",
}
"""Every kind of difference, with what mending it does."""


class Difference(Frozen):
    """A kind of difference, all of those that were found, and how many are left after mending."""

    kind: str
    said: tuple[str, ...]
    remedy: str
    left: int

    @property
    def count(self) -> int:
        """How many were found."""
        return len(self.said)

    @property
    def examples(self) -> tuple[str, ...]:
        """The first of them."""
        return self.said[:EXAMPLES]


class ReconcileReport(Report):
    """What was compared, and every difference. `left` differences, drafts not counted, need a person or a push.

    `reviews` compare the projects of review tasks.
    """

    title: str
    project_id: int
    tasks: int
    mended: bool
    differences: tuple[Difference, ...]
    requests: int
    seconds: float
    reviews: tuple["ReconcileReport", ...] = ()

    @property
    def left(self) -> int:
        """How many differences are left, drafts not counted."""
        here = sum(one.left for one in self.differences if one.kind != "draft")
        return here + sum(one.left for one in self.reviews)

    def shown(self) -> Iterator[Shown]:
        """Each kind of difference with examples and what mending does, and what it comes to."""
        for one in self.differences:
            yield f"{one.count:>7}  {one.kind}" + (f", {one.left} left" if self.mended else "")
            yield from (f"{'':9}{example}" for example in one.examples)
            if one.count > len(one.examples):
                yield f"{'':9}... and {one.count - len(one.examples)} more"
            yield f"{'':9}--mend: {one.remedy}"
            yield Listing(one.kind, one.said, printed=False)
        verdict = "" if any(o.left for o in self.differences if o.kind != "draft") else "; store and server agree"
        yield (
            f"{counted(self.tasks, 'tasks')} of project {self.title} compared{verdict}; {counted(self.requests, 'requests')} in "
            f"{self.seconds:.1f} s"
        )
        for one in self.reviews:
            yield from one.shown()

    def failure(self) -> WorkbenchError | None:
        """That store and server differ."""
        if not self.left:
            return None
        hint = "see the list above" if self.mended else "`workbench reconcile --mend` mends what it can"
        return PartlyDone(f"{self.left} differences", hint=hint)


@dataclass
class _Found:
    """What one comparison found, and what mending needs to know of it."""

    tasks: int = 0
    said: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    changed: list[int] = field(default_factory=list[int])
    wrong_predictions: list[int] = field(default_factory=list[int])
    lost_predictions: list[int] = field(default_factory=list[int])
    unsettled: list[int] = field(default_factory=list[int])
    to_take: list[int] = field(default_factory=list[int])
    erased: list[int] = field(default_factory=list[int])
    gone: list[task_ledger.Task] = field(default_factory=list[task_ledger.Task])

    def say(self, kind: str, what: str) -> None:
        self.said.setdefault(kind, []).append(what)


def reconcile(
    store: Store, client: LabelStudioClient, progress: Progress, *, title: str, mend: bool = False
) -> ReconcileReport:
    """Every difference between the store and the project, and with `mend` what is left of them after mending.

    Raises:
        LabelStudioError: nothing was pushed yet, or the project is gone.
        LabelStudioUnavailable: no answer; what was mended is mended.
    """
    started, requests = time.monotonic(), client.requests
    with store.exclusive("push", progress), store.exclusive("pull", progress):
        project, there = find_project(store, client, title=title)
        intake = Intake.of(store, client, project)
        found = left = _compare(intake, there, progress)
        if mend and found.said:
            _mend(intake, there, found, progress)
            left = _compare(intake, client.project(project.project_id), progress)
    kinds = [kind for kind in REMEDIES if kind in found.said or kind in left.said]
    return ReconcileReport(
        title=title,
        project_id=project.project_id,
        tasks=found.tasks,
        mended=mend,
        differences=tuple(_difference(kind, found, left) for kind in kinds),
        requests=client.requests - requests,
        seconds=round(time.monotonic() - started, 2),
    )


def _difference(kind: str, found: _Found, left: _Found) -> Difference:
    said = found.said.get(kind) or left.said[kind]
    return Difference(
        kind=kind,
        said=tuple(said),
        remedy=REMEDIES[kind],
        left=len(left.said.get(kind, ())),
    )


def _compare(intake: Intake, there: wire.Project, progress: Progress) -> _Found:
    found = _Found()
    for kind, field_name, wanted in _project_fields(intake):
        if _differs(there, field_name, wanted):
            edit = config_edit(intake.project, there.get("label_config")) if field_name == "label_config" else None
            found.say(kind, str(edit) if edit else f"project {intake.project.project_id}")
    with intake.store.transaction() as session:
        rows = {(row.article_id, row.article_version): row for row in task_ledger.tasks(session, intake.project.id)}
        known = revisions.current_states(session, intake.origin)
        aside = {(str(p.annotation_id), p.updated) for p in problems.unsettled(session, intake.project.id)}
        headers = articles.headers(session)
        erased = withdrawals.erased(session)
    met: dict[ArticleKey, int] = {}
    living: set[str] = set()
    tasks = intake.client.tasks(intake.project.project_id, everything=True, page_size=PAGE)
    # While one page is compared here, the server makes the next.
    with closing(ahead(batches(tasks, PAGE))) as pages:
        steps = ((page, len(page)) for page in pages)
        for page in shown(progress, steps, max(there.get("task_number") or 0, 1), "comparing"):
            found.tasks += len(page)
            ours: list[_Pair] = []
            for task in page:
                key = key_of(task["data"])
                living |= {str(one["id"]) for one in task.get("annotations", [])}
                if key is not None and key[0] in erased:
                    found.say("task of an erased article", f"{key[0]}: task {task['id']}")
                    found.erased.append(task["id"])
                elif key is None or key not in headers:
                    found.say("task of nobody", f"task {task['id']}")
                elif key in met:
                    found.say("task twice", f"{key[0]}: tasks {met[key]} and {task['id']}")
                else:
                    met[key] = task["id"]
                    row = rows.get(key)
                    if row is None or row.task_id != task["id"] or row.state in ("intended", "gone"):
                        found.say("task not in the ledger", f"{key[0]}: task {task['id']}")
                    ours.append(_Pair(key, task, row))
            with intake.store.reading() as session:
                known_of = _Known.of(session, intake, ours, headers)
            for pair in ours:
                _compare_task(intake, found, pair, known_of)
                _compare_annotations(found, pair.task, known, aside)
    for key, row in rows.items():
        if key not in met and key[0] not in erased and row.state in ("present", "superseded"):
            found.say("task missing", f"{row.article_id}: task {row.task_id}")
            found.gone.append(row)
    task_of = {key: row.task_id for key, row in rows.items()}
    for name, state in known.items():
        if state.state != "deleted" and name not in living:
            found.say("annotation gone", f"{state.article_id}: annotation {name}")
            task_id = met.get((state.article_id, state.article_version))
            if task_id is not None and task_id == task_of.get((state.article_id, state.article_version)):
                found.to_take.append(task_id)
    return found


def _project_fields(intake: Intake) -> list[tuple[str, str, str | None]]:
    """Kind of difference, name on the server, and the store's value of what a project has; None where it has none."""
    return [
        ("config differs", "label_config", intake.project.config),
        ("instruction differs", "expert_instruction", guide.to_html(intake.scheme)),
        ("model version differs", "model_version", intake.project.model_version),
    ]


def _differs(there: wire.Project, name: str, ours: str | None) -> bool:
    theirs = str(there.get(name) or "")
    if ours is not None and name == "label_config":
        return not same_config(ours, theirs)
    # The server trims what it is given.
    return ours is not None and theirs.strip() != ours.strip()


@dataclass(frozen=True)
class _Pair:
    """A task as the server has it, and its row in the store."""

    key: ArticleKey
    task: wire.Task
    row: task_ledger.Task | None


@dataclass(frozen=True)
class _Known:
    """What the store knows of the tasks of a page: what they should hold, and which suggestions they have had."""

    wanted: Mapping[ArticleKey, Mapping[str, object]]
    sent: Mapping[int, Sequence[prediction_ledger.Prediction]]
    suggested: Mapping[ArticleKey, Sequence[str]]
    sets: Mapping[str, annotations.StoredSet]
    scheme_of: Callable[[AnnotationSet], LabelScheme]

    @classmethod
    def of(
        cls, session: Transaction, intake: Intake, ours: Sequence[_Pair], headers: Mapping[ArticleKey, articles.Header]
    ) -> "_Known":
        """A query for each kind of thing, not for each task."""
        keys = [pair.key for pair in ours]
        texts = articles.texts(session, keys)
        field = intake.scheme.text_field
        wanted = {key: {**described(headers[key], intake.scheme), field: texts[key]} for key in keys}
        sent: dict[int, list[prediction_ledger.Prediction]] = {}
        page_rows = [pair.row.id for pair in ours if pair.row]
        for prediction in prediction_ledger.predictions(session, intake.project.id, task_ids=page_rows):
            sent.setdefault(prediction.task, []).append(prediction)
        suggested = annotations.suggestion_ids(session, keys, kinds=intake.project.suggested_by)
        needed = {one.set_id for several in sent.values() for one in several if one.state == "present"}
        for pair in ours:
            by_key = {region_ids.key_of(one): one for one in suggested.get(pair.key, ())}
            for prediction in pair.task.get("predictions", []):
                needed.update(by_key[key] for key in _key_of(prediction) if key in by_key)
        sets = annotations.get_sets(session, sorted(needed))
        scheme_of = readers(session, intake.scheme)
        for one in sets.values():
            scheme_of(one.annotations)  # while the store is open
        return cls(wanted, sent, suggested, sets, scheme_of)


def _compare_task(intake: Intake, found: _Found, pair: _Pair, known: _Known) -> None:
    task, row = pair.task, pair.row
    free = not _worked_on(task)
    changed = [name for name, value in known.wanted[pair.key].items() if task["data"].get(name) != value]
    if changed:
        found.say("task data changed", f"task {task['id']}: {', '.join(changed)}")
        if free or changed != [intake.scheme.text_field]:
            found.changed.append(task["id"])
    predictions = {prediction["id"]: prediction for prediction in task.get("predictions", [])}
    sent = known.sent.get(row.id, ()) if row else ()
    by_id = {one.prediction_id: one for one in sent if one.state == "present"}
    for prediction_id, one in by_id.items():
        if prediction_id not in predictions:
            found.say("prediction missing", f"task {task['id']}: {one.model_version}")
            found.lost_predictions.append(one.id)
    suggested = {region_ids.key_of(one): one for one in known.suggested.get(pair.key, ())}
    seen: set[str] = set()
    for prediction_id, prediction in sorted(predictions.items()):
        entry = by_id.get(prediction_id)
        keys = [region_ids.key_of(entry.set_id)] if entry else _key_of(prediction)
        ours = suggested.get(keys[0]) if keys else None
        if ours is None:
            found.say("prediction of nobody", f"task {task['id']}: prediction {prediction_id}")
        elif ours in seen:
            found.say("prediction twice", f"task {task['id']}: prediction {prediction_id}")
            found.wrong_predictions += [prediction_id] if free else []
        else:
            seen.add(ours)
            if entry is None and row is not None:
                found.say("prediction not in the ledger", f"task {task['id']}: prediction {prediction_id}")
                found.unsettled.append(task["id"])
            stored = known.sets[ours]
            if not _as_sent(stored, known.scheme_of(stored.annotations), prediction):
                found.say("prediction differs", f"task {task['id']}: prediction {prediction_id}")
                found.wrong_predictions += [prediction_id] if free else []
    current = intake.project.model_version
    versions = {prediction["model_version"] for prediction in predictions.values()}
    open_ = row is not None and row.state == "present" and not row.blind and not task.get("is_labeled")
    if current and open_ and current not in versions and suggested:
        found.say("suggestion not shown", f"task {task['id']}")


def _key_of(prediction: wire.Prediction) -> list[str]:
    """The key of the set that a prediction's regions come from; none where they say nothing."""
    return region_ids.keys(ids_in(prediction["result"]))[:1]


def _as_sent(stored: annotations.StoredSet, scheme: LabelScheme, prediction: wire.Prediction) -> bool:
    # It was checked before it was sent; what is compared here are the two results, item by item.
    result = to_result(stored.annotations, scheme, key=region_ids.key_of(stored.id))
    return cast("object", result) == prediction["result"]


def _compare_annotations(
    found: _Found,
    task: wire.Task,
    known: dict[str, revisions.CurrentState],
    aside: set[tuple[str, str]],
) -> None:
    for annotation in task.get("annotations", []):
        name, updated = str(annotation["id"]), normal(annotation["updated_at"])
        state = known.get(name)
        if (state is None or state.updated != updated or state.state == "deleted") and (name, updated) not in aside:
            found.say("annotation not in the store", f"task {task['id']}: annotation {name}")
            found.to_take.append(task["id"])
    for _ in task.get("drafts", []):
        found.say("draft", f"task {task['id']}")


def _worked_on(task: wire.Task) -> bool:
    return bool(task.get("annotations") or task.get("drafts"))


def _mend(intake: Intake, there: wire.Project, found: _Found, progress: Progress) -> None:
    store, client, project = intake.store, intake.client, intake.project
    fields = {name: ours for _, name, ours in _project_fields(intake) if _differs(there, name, ours)}
    if not client.model_versions(project.project_id).get(project.model_version or ""):
        fields.pop("model_version", None)  # the server takes none that has no predictions
    if fields:
        client.update_project(project.project_id, cast("wire.ProjectFields", fields))
    intake.take_gone(found.gone, stamp_of(client.clock()))
    _mend_data(intake, found)
    _delete_predictions(intake, found.wrong_predictions)
    withdrawing.delete(client, found.erased)
    withdrawing.take_out(store, client, progress)
    run = Run(store, client, intake.scheme, project, project.model_version, progress)
    tasks = ledger.one_each(run, sweep(client, project.project_id))
    changed = ledger.settle_tasks(run, tasks)
    with store.transaction() as session:
        prediction_ledger.settle_predictions(session, found.lost_predictions, state="retired")
    ledger.adopt(run, sorted({*changed, *ledger.unknown(run, tasks), *found.unsettled}))
    for chunk in batches(dict.fromkeys(found.to_take), PAGE):
        where = with_ids(chunk)
        intake.take(list(client.tasks(project.project_id, where=where, everything=True, page_size=PAGE + 1)))


def _mend_data(intake: Intake, found: _Found) -> None:
    for task_id in found.changed:
        task = intake.client.task(task_id)
        key = key_of(task["data"])
        if key is None:
            continue
        with intake.store.transaction() as session:
            wanted = task_data(articles.get(session, *key), intake.scheme)
        # What people marked counts the characters of the text that they saw.
        own = {*FREE, intake.scheme.text_field} if _worked_on(task) else FREE
        kept = {name: value for name, value in task["data"].items() if name in own}
        intake.client.update_task(task_id, {**task["data"], **wanted, **kept})


def _delete_predictions(intake: Intake, prediction_ids: Sequence[int]) -> None:
    """Deletes predictions, and notes that they are not there any more."""
    for prediction_id in prediction_ids:
        intake.client.delete_prediction(prediction_id)
    gone = set(prediction_ids)
    with intake.store.transaction() as session:
        rows = [
            one.id for one in prediction_ledger.predictions(session, intake.project.id) if one.prediction_id in gone
        ]
        prediction_ledger.settle_predictions(session, rows, state="retired")
