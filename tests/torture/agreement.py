"""What has to be true of store and server after everything is over, whatever happened before."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import cast

from pushing import Bench
from torture.annotators import Record, State, shape

from workbench.core.annotations import Producer
from workbench.core.ports import Silent
from workbench.labelstudio.api import wire
from workbench.labelstudio.conversion import region_ids
from workbench.labelstudio.conversion.convert import to_prediction
from workbench.labelstudio.conversion.task import key_of, task_data
from workbench.labelstudio.push.push import wire_version
from workbench.labelstudio.reconcile import reconcile
from workbench.store import (
    adjudications,
    annotations,
    articles,
    prediction_ledger,
    problems,
    projects,
    revisions,
    task_ledger,
)
from workbench.store.revisions import Revision


def disagreements(bench: Bench, record: Record, producer: Producer | None) -> list[str]:
    """Everything in which store and server differ from each other, or from what annotators did; empty when all is well.

    Args:
        bench: the store, and a client of the server, after a push and a pull that went through.
        record: what the server accepted from annotators.
        producer: whose suggestions are current.
    """
    with bench.store.transaction() as session:
        project = projects.find(session, bench.client.server, bench.title)
    if project is None:
        return ["the store knows of no project"]
    there = bench.tasks(project.project_id)
    return [
        *_tasks(bench, there),
        *_predictions(bench, project, there, producer),
        *_ledger(bench, project, there),
        *_annotations(bench, project, record),
        *_nothing_lost(there, record),
        *_reconciled(bench),
        *_sound(bench),
    ]


def review_disagreements(bench: Bench, record: Record, waiting: Mapping[str, int]) -> list[str]:
    """The same of the projects of review tasks, after an adjudication and a pull that went through.

    Args:
        bench: the store, and a client of the server; its title is that of the first round's project.
        record: what the server accepted from those who decide there.
        waiting: the articles that wait for a decision, with the round in whose project each has its task.
    """
    with bench.store.transaction() as session:
        ours = projects.reviews(session, bench.client.server)
        linked = adjudications.reviewed(session, [r.id or 0 for r in revisions.find(session)])
        decided = [r for r in revisions.find(session) if r.state == "adjudicated"]
        merged = {made.set_id for r in decided for made in adjudications.of_article(session, r.article_id)}
    found: list[str] = []
    for project in ours:
        there = bench.tasks(project.project_id)
        found += _ledger(bench, project, there)
        found += [
            f"{project.title}: {one.kind}: {one.count}: {one.examples}"
            for one in reconcile(bench.store, bench.client, Silent(), title=project.title).differences
            if one.kind != "draft"
        ]
        counts = Counter(str(task["data"].get("article_id")) for task in there)
        found += [f"{project.title}: {name} has {number} tasks" for name, number in counts.items() if number > 1]
        lacking = [name for name, number in waiting.items() if number == project.review_round and not counts[name]]
        found += [f"{project.title}: {name} waits, and has no task" for name in lacking]
    known = {project.review_round for project in ours}
    found += [f"{name} waits for round {n}, which has no project" for name, n in waiting.items() if n not in known]
    if ours:
        found += _annotations(bench, ours[0], record, done="adjudicated")
        found += _nothing_lost(bench.tasks(ours[0].project_id), record)
    found += [f"the decision of {r.external_id} names no adjudication" for r in decided if r.id not in linked]
    found += [f"the decision of {r.external_id} has no parent" for r in decided if r.parent_set_id not in merged]
    return found


def missing(bench: Bench, record: Record, states: Mapping[int, State]) -> list[str]:
    """What a pull that went through did not bring, of the states that annotations had before and still have."""
    with bench.store.transaction() as session:
        project = projects.find(session, bench.client.server, bench.title)
        if project is None:
            return []
        kept = revisions.find(session, origin=f"label-studio:{project.id}")
    updated = {(revision.external_id, _time(revision.updated)) for revision in kept}
    now = record.now()
    return [
        f"a pull did not bring annotation {key} as {state.state} at {state.updated}"
        for key, state in states.items()
        if now[key] == state and state.state != "deleted" and (str(key), _time(state.updated)) not in updated
    ]


def _tasks(bench: Bench, there: list[wire.Task]) -> Iterator[str]:
    """Exactly one task for the newest version of each article, with the article's own text."""
    counts = Counter(key_of(task["data"]) for task in there)
    with bench.store.transaction() as session:
        newest = articles.newest_versions(session)
        texts = {article_id: articles.get(session, article_id, version) for article_id, version in newest.items()}
    for key in newest.items():
        if counts[key] != 1:
            yield f"article {key} has {counts[key]} tasks"
    for key, number in counts.items():
        if key is None or key[1] > newest.get(key[0], 0):
            yield f"{number} tasks are about {key}, which is not in the store"
        elif number != 1 and newest[key[0]] != key[1]:
            yield f"article {key}, an older version, has {number} tasks"
    for task in there:
        article = texts.get(str(task["data"].get("article_id")))
        if article is None or task["data"].get("article_version") != article.version:
            continue
        for field, value in task_data(article, bench.scheme).items():
            if field not in ("note", "priority", "queue") and task["data"].get(field) != value:
                yield f"task {task['id']}: {field} is not the article's"


def _predictions(
    bench: Bench, project: projects.Project, there: list[wire.Task], producer: Producer | None
) -> Iterator[str]:
    """Every open task shows the current suggestion once, character for character; nothing is there that was not sent."""
    if producer is None:
        return
    current = wire_version(producer)
    shown = bench.client.project(project.project_id).get("model_version")
    arrived = any(p["model_version"] == current for task in there for p in task.get("predictions", []))
    if shown != current and arrived:  # a version without suggestions cannot be shown
        yield f"the project shows {shown!r}, not {current!r}"
    with bench.store.transaction() as session:
        newest = articles.newest_versions(session)
        blind = {(row.article_id, row.article_version) for row in task_ledger.tasks(session, project.id) if row.blind}
        for task in there:
            key = key_of(task["data"])
            if key is None:
                continue
            found = [p for p in task.get("predictions", []) if p["model_version"] == current]
            is_open = not task.get("is_labeled") and newest.get(key[0]) == key[1] and key not in blind
            if is_open and len(found) != 1:
                yield f"open task {task['id']} has {len(found)} predictions of {current}"
            for version, number in Counter(p["model_version"] for p in task.get("predictions", [])).items():
                if number > 1:
                    yield f"task {task['id']} has {number} predictions of {version}"
            text = articles.get(session, *key).text
            sent = {
                wire_version(stored.annotations.producer): to_prediction(
                    stored.id, stored.annotations, text, bench.scheme, model_version=""
                )["result"]
                for stored in annotations.suggestions(session, *key)
            }
            for prediction in task.get("predictions", []):
                if cast("object", prediction["result"]) != sent.get(prediction["model_version"] or ""):
                    yield f"task {task['id']}: prediction {prediction['id']} is not what the store holds"


def _ledger(bench: Bench, project: projects.Project, there: list[wire.Task]) -> Iterator[str]:
    """The ledger names exactly the tasks and predictions that are there, and nothing is under way."""
    with bench.store.transaction() as session:
        rows = list(task_ledger.tasks(session, project.id))
        sent = list(prediction_ledger.predictions(session, project.id))
    task_of = {row.id: row for row in rows}
    for row in rows:
        if row.state == "intended":
            yield f"the task of {row.article_id} is still intended"
    held = {
        (row.article_id, row.article_version, row.task_id) for row in rows if row.state in ("present", "superseded")
    }
    on_server = {(*key, task["id"]) for task in there if (key := key_of(task["data"]))}
    for one in sorted(held ^ on_server, key=str):
        yield f"{'only the ledger' if one in held else 'only the server'} has the task {one}"
    predictions = {
        (task["id"], p["id"], p["model_version"], (region_ids.keys(_ids(p)) or [None])[0])
        for task in there
        for p in task.get("predictions", [])
    }
    ledger = {
        (task_of[one.task].task_id, one.prediction_id, one.model_version, region_ids.key_of(one.set_id))
        for one in sent
        if one.state == "present" and task_of[one.task].state != "gone"
    }
    for one in sorted(predictions ^ ledger, key=str):
        yield f"{'only the ledger' if one in ledger else 'only the server'} has the prediction {one}"
    for one in sent:
        if one.state == "intended":
            yield f"prediction {one.model_version} of task {task_of[one.task].task_id} is still intended"


def _annotations(bench: Bench, project: projects.Project, record: Record, *, done: str = "submitted") -> Iterator[str]:
    """Every annotation is in the store once, in its last state, by the right person, with the right parent.

    `done` is what the store calls the state of one that was submitted.
    """
    origin = f"label-studio:{project.id}"
    with bench.store.transaction() as session:
        kept = revisions.find(session, origin=origin)
        current = {one.external_id: one for one in revisions.current(session) if one.origin == origin}
        still_open = problems.unsettled(session, project.id)
        contents = {one.set_id: shape(annotations.get_set(session, one.set_id).annotations) for one in kept}
    for problem in still_open:
        yield f"annotation {problem.annotation_id} is a problem: {problem.rule}: {problem.message}"
    for annotation_id, state in record.now().items():
        revision = current.pop(str(annotation_id), None)
        if state.state == "deleted":
            if revision is not None and revision.state != "deleted":
                yield f"annotation {annotation_id} was deleted, and the store has it as {revision.state}"
            continue
        if revision is None:
            yield f"annotation {annotation_id} ({state.state}) is not in the store"
            continue
        yield from _revision(state, revision, contents[revision.set_id], done)
    for annotation_id, revision in current.items():
        if not record.unclear:
            yield f"the store has annotation {annotation_id} ({revision.state}) that nobody made"
    states = record.states
    for external_id, number in Counter(r.external_id for r in kept).items():
        if number > len(states.get(int(external_id), ())) and not record.unclear:
            yield f"annotation {external_id} had {len(states.get(int(external_id), ()))} states, the store has {number}"


def _revision(state: State, revision: Revision, content: object, done: str) -> Iterator[str]:
    name = f"annotation {state.annotation_id}"
    for what, wanted, got in (
        ("state", done if state.state == "submitted" else state.state, revision.state),
        ("article", state.article_id, revision.article_id),
        ("annotator", state.annotator, revision.annotator),
        ("time", _time(state.updated), _time(revision.updated)),
    ):
        if wanted != got:
            yield f"{name}: its {what} is {got!r} in the store, {wanted!r} was accepted"
    if state.state == "submitted" and content != state.content:
        yield f"{name}: its content is not what was accepted"
    # A decision's parent is what was merged, not what the task showed with its marks.
    if (
        done == "submitted"
        and state.key is not None
        and (revision.parent_set_id is None or region_ids.key_of(revision.parent_set_id) != state.key)
    ):
        yield f"{name}: its parent is {revision.parent_set_id}, it was made from {state.key}"


def _nothing_lost(there: list[wire.Task], record: Record) -> Iterator[str]:
    """What the server accepted is still on the server: no task was taken away under somebody's hands."""
    on_server = {one["id"] for task in there for one in task.get("annotations", [])}
    for annotation_id, state in record.now().items():
        if (state.state != "deleted") != (annotation_id in on_server):
            yield f"annotation {annotation_id} ({state.state}) is {'' if annotation_id in on_server else 'not '}on the server"
    tasks = {task["id"] for task in there}
    for task_id in record.drafts - tasks:
        yield f"task {task_id} with a draft in it was deleted"


def _reconciled(bench: Bench) -> Iterator[str]:
    """The workbench's own comparison finds nothing, either."""
    for one in reconcile(bench.store, bench.client, Silent(), title=bench.title).differences:
        if one.kind != "draft":
            yield f"reconcile: {one.kind}: {one.count}: {one.examples}"


def _sound(bench: Bench) -> Iterator[str]:
    """The database itself is whole."""
    with closing(sqlite3.connect(str(bench.store.engine.url.database))) as connection:
        for pragma in ("integrity_check", "foreign_key_check"):
            rows = connection.execute(f"PRAGMA {pragma}").fetchall()
            if rows not in ([], [("ok",)]):
                yield f"{pragma}: {rows[:3]}"


def _ids(prediction: wire.Prediction) -> list[str]:
    return [str(item["id"]) for item in prediction["result"] if "id" in item]


def _time(stamp: str) -> str:
    return stamp.replace("Z", "").replace("+00:00", "")[:26]
