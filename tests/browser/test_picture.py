"""The picture of the page in the README: `PAGE_PICTURE=docs/page.png pytest tests/browser/test_picture.py` makes it."""

import os
from pathlib import Path

from browser.editor import Editor
from browser.pages import Workplace, marked

from workbench.core.annotations import AnnotationSet
from workbench.labelstudio.api.client import LabelStudioClient

SAMPLE = Path(__file__).parents[2] / "workbench" / "samples" / "corpus" / "kharkiv-truce-1.txt"
MOST_BYTES = 300_000


def scored(gold: AnnotationSet) -> AnnotationSet:
    """The set with scores, as suggestions have them."""
    layers = {
        name: tuple(span.model_copy(update={"score": round(0.97 - span.start % 23 / 100, 2)}) for span in spans)
        for name, spans in gold.layers.items()
    }
    return gold.model_copy(update={"layers": layers})


def test_a_picture_of_the_page(tmp_path: Path, label_studio: LabelStudioClient, editor: Editor):
    article, gold = marked(SAMPLE.read_text(encoding="utf-8"), SAMPLE.stem)
    [task] = Workplace(tmp_path, label_studio, "Foreign news").put((article, scored(gold)))
    editor.begin(task.project_id)
    editor.wait_until_ready(task.spans)
    assert {layer for layer, _ in task.suggestion.spans()} == {"entities", "events", "stances"}
    chosen = next(span.id for span in task.suggestion.layers["events"] if span.attributes.get("modality"))
    editor.select(task.regions[chosen])
    editor.page.mouse.move(5, 895)
    editor.page.wait_for_timeout(500)
    path = Path(os.environ.get("PAGE_PICTURE", tmp_path / "page.png"))
    path.parent.mkdir(parents=True, exist_ok=True)
    editor.page.screenshot(path=path)
    assert 50_000 < path.stat().st_size < MOST_BYTES
