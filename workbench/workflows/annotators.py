"""Scripted annotators at work on a real Label Studio: each takes the next task of the queue until the day is over."""

from collections.abc import Mapping, Sequence

from workbench.core.annotations import AnnotationSet
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.labelstudio import annotator_client
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.workflows.context import Context
from workbench.workflows.personas import Persona, work


class Day(Frozen):
    """What a scripted annotator did: the tasks submitted, and the seconds that it would have taken a person."""

    annotator: str
    tasks: tuple[int, ...]
    seconds: float


def annotate(
    context: Context,
    client: LabelStudioClient,
    persona: Persona,
    *,
    project_id: int,
    shown: str | None,
    gold: Mapping[str, AnnotationSet],
    most: int,
) -> Day:
    """What an annotator did of the next tasks of the queue; ends at one that is about no article of `gold`.

    Args:
        context: its scheme and progress.
        client: logged in as the annotator.
        persona: what the annotator overlooks and mistakes.
        project_id: the server's number of the project.
        shown: the model version whose predictions the annotator sees; None for none.
        gold: what is right, by article id.
        most: how many tasks at most.

    Raises:
        LabelStudioError: the server refuses.
        LabelStudioUnavailable: the server does not answer.
    """
    scheme = context.scheme
    tasks: list[int] = []
    seconds = 0.0
    for _ in context.progress.track(range(most), f"{persona.name} annotates"):
        client_task = annotator_client.next_task(client, project_id, scheme, shown=shown)
        if client_task is None or client_task.article_id not in gold:
            break
        seconds += _correct(client, client_task, persona, gold, scheme)
        tasks.append(client_task.task_id)
    return Day(annotator=persona.name, tasks=tuple(tasks), seconds=seconds)


def annotate_again(
    context: Context,
    client: LabelStudioClient,
    persona: Persona,
    *,
    task_ids: Sequence[int],
    shown: str | None,
    gold: Mapping[str, AnnotationSet],
) -> Day:
    """What an annotator submitted as a second opinion on tasks that somebody else has done; else as `annotate`.

    Args:
        context: its scheme.
        client: logged in as the annotator.
        persona: what the annotator overlooks and mistakes.
        task_ids: the server's numbers of the tasks.
        shown: the model version whose predictions the annotator sees; None for none.
        gold: what is right, by article id.
    """
    scheme = context.scheme
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
