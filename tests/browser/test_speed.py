"""How long a person waits until a task can be worked on: the button is there and every suggestion is coloured."""

import time
from itertools import cycle, islice
from pathlib import Path

import pytest
from browser.editor import Editor
from browser.pages import Workplace
from pushing import SCHEME

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.labelstudio.api.client import LabelStudioClient

SIZES = [(600, 60), (600, 300), (3000, 60), (3000, 300)]
MOST_SECONDS = 30
WORDS = "officials in the northern province said on Monday that talks about grain would resume after the harvest"


def page_of(words: int, spans: int) -> tuple[Article, AnnotationSet]:
    """An article of so many words with so many spans, evenly spread over the layers, and a role for every third."""
    pieces = [str(spans), *islice(cycle(WORDS.split()), words - 1)]
    starts = [0]
    for piece in pieces:
        starts.append(starts[-1] + len(piece) + 1)
    text = "".join(piece + ("\n" if n % 60 == 59 else " ") for n, piece in enumerate(pieces))
    layers: dict[str, list[Span]] = {layer.name: [] for layer in SCHEME.layers}
    entities, events, stances = SCHEME.layers
    for n in range(spans):
        word = n * words // spans
        layer = (entities, events, entities, events, stances, entities)[n % 6]
        arguments: tuple[Argument, ...] = ()
        if layer is events:
            arguments = (Argument(role="actor", target=f"s{n - 1}"),)
        elif layer is stances:
            arguments = (Argument(role="target", target=f"s{n - 1}"),)
        span = Span(
            id=f"s{n}",
            label=layer.label_values[n % len(layer.label_values)],
            start=starts[word],
            end=starts[word] + len(pieces[word]),
            text=pieces[word],
            score=0.8,
            arguments=arguments,
        )
        layers[layer.name].append(span)
    made = AnnotationSet(
        producer=Producer(kind="rules", name="rules"),
        scheme_digest=SCHEME.digest,
        layers={name: tuple(found) for name, found in layers.items()},
    )
    return Article.from_text(text, title=f"{words} words, {spans} spans"), made


def test_a_task_is_ready_soon(
    tmp_path: Path, label_studio: LabelStudioClient, editor: Editor, capsys: pytest.CaptureFixture[str]
):
    tasks = Workplace(tmp_path, label_studio, "speed").put(*(page_of(words, spans) for words, spans in SIZES))
    opened: list[float] = []
    for task in tasks:
        started = time.perf_counter()
        editor.open(task.project_id, task.task_id, spans=task.spans)
        opened.append(time.perf_counter() - started)
    after_skip: list[float | None] = [None]
    editor.begin(tasks[0].project_id)
    editor.wait_until_ready(tasks[0].spans)
    for task in tasks[1:]:
        started = time.perf_counter()
        editor.skip()
        editor.page.get_by_role("heading", name=task.article.title).wait_for()
        editor.wait_until_ready(task.spans)
        after_skip.append(time.perf_counter() - started)
    with capsys.disabled():
        print("\n\nseconds until a task is ready     from its address   next in the queue")
        for task, first, later in zip(tasks, opened, after_skip, strict=True):
            print(f"{task.article.title:32}  {first:16.1f}   {'' if later is None else f'{later:17.1f}'}")
    assert max(opened) < MOST_SECONDS
    assert max(later for later in after_skip if later is not None) < MOST_SECONDS
