"""Scripted annotators at work on a real Label Studio: each takes the next task of the queue until the day is over."""

from collections.abc import Mapping, Sequence

from workbench.core.annotations import AnnotationSet
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.labelstudio import annotator_client
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.workflows.personas import Persona, work


class Day(Frozen):
    """What a scripted annotator did: the tasks submitted, and the seconds that it would have taken a person."""

    annotator: str
    tasks: tuple[int, ...]
    seconds: float


def annotate(
    client: LabelStudioClient,
    persona: Persona,
    project_id: int,
    shown: str | None,
    gold: Mapping[str, AnnotationSet],
    scheme: LabelScheme,
    progress: Progress,
    *,
    most: int,
) -> Day:
    """Submits up to `most` tasks of the queue, as far as these are about articles of `gold`, by article id."""
    tasks: list[int] = []
    seconds = 0.0
    for _ in progress.track(range(most), f"{persona.name} annotates"):
        client_task = annotator_client.next_task(client, project_id, scheme, shown=shown)
        if client_task is None or client_task.article_id not in gold:
            break
        seconds += _correct(client, client_task, persona, gold, scheme)
        tasks.append(client_task.task_id)
    return Day(annotator=persona.name, tasks=tuple(tasks), seconds=seconds)


def annotate_again(
    client: LabelStudioClient,
    persona: Persona,
    task_ids: Sequence[int],
    shown: str | None,
    gold: Mapping[str, AnnotationSet],
    scheme: LabelScheme,
) -> Day:
    """Submits a second opinion on tasks that somebody else has done."""
    seconds = sum(
        _correct(client, annotator_client.open_task(client, task_id, scheme, shown=shown), persona, gold, scheme)
        for task_id in task_ids
    )
    return Day(annotator=persona.name, tasks=tuple(task_ids), seconds=seconds)


def _correct(
    client: LabelStudioClient,
    client_task: annotator_client.ClientTask,
    persona: Persona,
    gold: Mapping[str, AnnotationSet],
    scheme: LabelScheme,
) -> float:
    done = work(
        persona,
        client_task.suggestion,
        gold[client_task.article_id],
        client_task.text,
        scheme,
        seed=client_task.article_id,
    )
    annotator_client.submit(client, client_task, done.annotations, scheme, lead_time=done.lead_time)
    return done.lead_time
