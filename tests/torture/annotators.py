"""Annotators who work while push and pull do, each act recorded as the server took it."""

import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from workbench.core.annotations import AnnotationSet, Span
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioError, LabelStudioUnavailable
from workbench.labelstudio import annotator_client
from workbench.labelstudio.annotator_client import ClientTask
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.api.direct import request

WORDS = re.compile(r"\w+")
ACTS = {"submit": 10, "edit": 5, "skip": 3, "delete": 3, "draft": 1}

Shape = tuple[tuple[object, ...], ...]


def shape(found: AnnotationSet) -> Shape:
    """What a set says, without ids and scores."""
    ids = found.by_id()
    return tuple(
        sorted(
            (
                layer,
                span.label,
                *span.offsets,
                span.text,
                tuple(sorted((name, str(value)) for name, value in span.attributes.items())),
                tuple(sorted((a.role, *ids[a.target][1].offsets, ids[a.target][1].label) for a in span.arguments)),
            )
            for layer, span in found.spans()
        )
    )


def altered(draw: random.Random, suggestion: AnnotationSet, text: str, scheme: LabelScheme) -> AnnotationSet:
    """A correction: in the first layer a span goes, one gets another label, one is added; the rest stays."""
    layer = scheme.layers[0]
    spans = list(suggestion.layers.get(layer.name, ()))
    gone = {spans.pop(draw.randrange(len(spans))).id} if spans and draw.random() < 0.5 else set[str]()
    if spans and draw.random() < 0.7:
        which = draw.randrange(len(spans))
        spans[which] = spans[which].model_copy(update={"label": draw.choice(layer.label_values)})
    word = draw.choice(list(WORDS.finditer(text)))
    taken = {(span.offsets, span.label) for span in spans}
    label = draw.choice(layer.label_values)
    if ((word.start(), word.end()), label) not in taken:
        name = f"new{draw.randrange(10**6)}"
        spans.append(Span(id=name, label=label, start=word.start(), end=word.end(), text=word.group()))
    layers = {
        name: tuple(
            span.model_copy(update={"arguments": tuple(a for a in span.arguments if a.target not in gone)})
            for span in (spans if name == layer.name else found)
        )
        for name, found in {layer.name: (), **suggestion.layers}.items()
    }
    return scheme.normalise(suggestion.model_copy(update={"layers": layers}))


@dataclass(frozen=True)
class State:
    """One state of an annotation, as the server accepted it. `updated` is empty for a deletion."""

    annotation_id: int
    article_id: str
    task_id: int
    annotator: str
    state: str
    content: Shape
    key: str | None
    updated: str = ""


@dataclass
class Record:
    """Every state of every annotation, in their order; what was refused and why; tasks with drafts."""

    states: dict[int, list[State]] = field(default_factory=dict[int, list[State]])
    acts: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    unclear: list[str] = field(default_factory=list[str])
    drafts: set[int] = field(default_factory=set[int])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> dict[int, State]:
        """The last state of every annotation."""
        with self.lock:
            return {annotation_id: states[-1] for annotation_id, states in self.states.items()}

    def add(self, state: State) -> None:
        with self.lock:
            self.states.setdefault(state.annotation_id, []).append(state)


@dataclass
class Annotator:
    """One person at a workplace of the project. Every method but `draft` returns whether the server took it."""

    client: LabelStudioClient
    email: str
    project_id: int
    scheme: LabelScheme
    record: Record
    client_tasks: dict[int, ClientTask] = field(default_factory=dict[int, ClientTask])
    kept: Callable[[AnnotationSet], AnnotationSet] = lambda found: found
    """What of a person's work is stored."""

    def take(self, task_id: int | None = None) -> ClientTask | None:
        """The task of that id, or the next of the queue, as the page shows it."""
        shown = self.client.project(self.project_id).get("model_version") or None
        if task_id is None:
            return annotator_client.next_task(self.client, self.project_id, self.scheme, shown=shown)
        return annotator_client.open_task(self.client, task_id, self.scheme, shown=shown)

    def submit(self, client_task: ClientTask, work: AnnotationSet) -> bool:
        annotation: wire.NewAnnotation = {
            "result": annotator_client._as_edited(work, client_task, self.scheme),
            "lead_time": 1.5,
            "parent_prediction": client_task.prediction_id,
        }
        return self._do(
            "submit", lambda: self._kept(client_task, "submitted", work, self._create(client_task, annotation))
        )

    def skip(self, client_task: ClientTask) -> bool:
        annotation: wire.NewAnnotation = {
            "result": [],
            "was_cancelled": True,
            "parent_prediction": client_task.prediction_id,
        }
        return self._do("skip", lambda: self._kept(client_task, "skipped", None, self._create(client_task, annotation)))

    def edit(self, annotation_id: int, work: AnnotationSet) -> bool:
        client_task = self.client_tasks[annotation_id]
        changed: wire.NewAnnotation = {
            "result": annotator_client._as_edited(work, client_task, self.scheme),
            "lead_time": 2.5,
            "was_cancelled": False,
        }
        return self._do(
            "edit",
            lambda: self._kept(client_task, "submitted", work, self.client.update_annotation(annotation_id, changed)),
        )

    def delete(self, annotation_id: int) -> bool:
        def act() -> None:
            last = self.record.now()[annotation_id]
            self.client.delete_annotation(annotation_id)
            self.record.add(State(annotation_id, last.article_id, last.task_id, last.annotator, "deleted", (), None))

        return self._do("delete", act)

    def draft(self, task_id: int) -> None:
        """Saves a draft, as the page does by itself."""

        def act() -> None:
            path = f"api/tasks/{task_id}/drafts"
            body = {"result": [], "lead_time": 1.0}
            request(self.client._way, "POST", path, params={"project": self.project_id}, json=body)
            self.record.drafts.add(task_id)

        self._do("draft", act)

    def mine(self, *states: str) -> list[int]:
        """This person's annotations that are in one of these states, of those that were made at this workplace."""
        return [
            one.annotation_id
            for one in self.record.now().values()
            if one.annotator == self.email and one.state in states and one.annotation_id in self.client_tasks
        ]

    def _create(self, client_task: ClientTask, annotation: wire.NewAnnotation) -> wire.Annotation:
        return self.client.create_annotation(client_task.task_id, annotation)

    def _kept(self, client_task: ClientTask, state: str, work: AnnotationSet | None, made: wire.Annotation) -> None:
        self.client_tasks[made["id"]] = client_task
        content = shape(self.kept(work)) if work is not None else ()
        key = client_task.key if work is not None and _keeps(work, client_task) else None
        one = State(
            made["id"], client_task.article_id, client_task.task_id, self.email, state, content, key, made["updated_at"]
        )
        self.record.add(one)

    def _do(self, what: str, act) -> bool:
        try:
            act()
        except LabelStudioUnavailable as error:
            self.record.unclear.append(f"{what}: {error.message}")
            return False
        except LabelStudioError as error:
            self.record.refused[f"{what}: {reason(error)}"] += 1
            return False
        self.record.acts[what] += 1
        return True


class Crowd(threading.Thread):
    """Several people at once, as one thread that acts for one of them after the other, until it is told to end."""

    def __init__(
        self,
        people: Sequence[tuple[str, LabelStudioClient]],
        title: str,
        scheme: LabelScheme,
        seed: int,
        *,
        record: Record | None = None,
        kept: Callable[[AnnotationSet], AnnotationSet] = lambda found: found,
    ) -> None:
        super().__init__(daemon=True)
        self.record = record or Record()
        self._kept = kept
        self.trouble: Exception | None = None
        self._people, self._title, self._scheme = people, title, scheme
        self._draw = random.Random(seed)
        self._end = threading.Event()

    def stop(self) -> None:
        self._end.set()
        if self.ident is not None:
            self.join(60)

    def run(self) -> None:
        try:
            self._work()
        except Exception as error:  # noqa: BLE001 - a thread's error is told by whoever waits for it
            self.trouble = error

    def staff(self, project_id: int) -> list[Annotator]:
        """The people, at their workplaces of the project."""
        return [
            Annotator(client, email, project_id, self._scheme, self.record, kept=self._kept)
            for email, client in self._people
        ]

    def annotate_all(self, most: int) -> None:
        """Everybody submits what is next, so many times at the most; for when no thread is at work."""
        for who in (one for there in self._people[0][1].find_projects(self._title) for one in self.staff(there["id"])):
            for _ in range(most):
                task = who.take()
                if task is None:
                    break
                who.submit(task, altered(self._draw, task.suggestion, task.text, self._scheme))

    def _work(self) -> None:
        project_id = self._find_project()
        if project_id is None:
            return
        staff = self.staff(project_id)
        # Also client_tasks that were taken a while ago: a page may be open while suggestions are renewed.
        open_tasks: list[tuple[Annotator, ClientTask]] = []
        while not self._end.is_set():
            try:
                self._act(self._draw.choice(staff), open_tasks)
            except LabelStudioUnavailable as error:
                self.record.unclear.append(f"read: {error.message}")
            except LabelStudioError as error:
                self.record.refused[f"read: {reason(error)}"] += 1
            self._end.wait(self._draw.uniform(0, 0.15))

    def _act(self, who: Annotator, open_tasks: list[tuple[Annotator, ClientTask]]) -> None:
        [act] = self._draw.choices(list(ACTS), list(ACTS.values()))
        mine = who.mine("submitted", "skipped")
        if act in ("edit", "delete") and mine:
            chosen = self._draw.choice(mine)
            if act == "delete":
                who.delete(chosen)
            else:
                client_task = who.client_tasks[chosen]
                who.edit(chosen, altered(self._draw, client_task.suggestion, client_task.text, self._scheme))
            return
        if open_tasks and self._draw.random() < 0.3:
            who, client_task = open_tasks.pop(0)
        else:
            client_task = who.take()
            if client_task is not None and self._draw.random() < 0.3:
                open_tasks.append((who, client_task))
                return
        if client_task is None:
            return
        if act == "draft":
            who.draft(client_task.task_id)
        elif act == "skip":
            who.skip(client_task)
        else:
            who.submit(client_task, altered(self._draw, client_task.suggestion, client_task.text, self._scheme))

    def _find_project(self) -> int | None:
        """The project, as soon as there are tasks in it."""
        client = self._people[0][1]
        while not self._end.is_set():
            try:
                found = [project["id"] for project in client.find_projects(self._title) if project.get("task_number")]
            except LabelStudioUnavailable:
                found = []
            if found:
                return found[0]
            self._end.wait(0.1)
        return None


def reason(error: LabelStudioError) -> str:
    """Why the server refused, without the numbers in it."""
    return re.sub(r"\d+", "N", error.message.partition("refuses")[2] or error.message)[:120]


def _keeps(work: AnnotationSet, client_task: ClientTask) -> bool:
    """Whether a region of the suggestion is left, by which its parent can be told."""
    suggested = {span.id for _, span in client_task.suggestion.spans()}
    return any(span.id in suggested for _, span in work.spans())
