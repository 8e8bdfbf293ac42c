"""The Python of the README runs as it stands there, on sample articles, with somebody who corrects what was pushed."""

import json
import re
from pathlib import Path

import pytest
from fake_label_studio import FakeLabelStudio

from workbench import Workspace
from workbench.core.article import article_id
from workbench.labelstudio import annotator_client
from workbench.samples import shipped
from workbench.samples.markup import Sample
from workbench.workflows.context import Context

ROOT = Path(__file__).parents[2]
CORRECT = re.compile(r"#   … anna and ben correct in the browser …")
PARTS = {"train": 8, "dev": 3, "test": 3}


def some_samples() -> list[Sample]:
    """The shortest few of each part."""
    found = sorted(shipped.corpus(shipped.label_scheme()), key=lambda one: len(one.raw))
    return [one for part, number in PARTS.items() for one in [one for one in found if one.split == part][:number]]


def test_the_python_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [code] = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    code, corrections = CORRECT.subn("correct(workspace)", code)
    assert corrections == 1
    samples = {article_id(one.raw): one for one in some_samples()}
    server = FakeLabelStudio()

    def correct(workspace: Workspace) -> None:
        """Anna submits what is right of every article."""
        [project] = server.projects()
        shown = project.get("model_version")
        while found := annotator_client.next_task(server, project["id"], workspace.scheme, shown=shown):
            sample = samples[found.article_id]
            gold = sample.gold(workspace.article(found.article_id).article, workspace.scheme)
            annotator_client.submit(server, found, gold, workspace.scheme, lead_time=60)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Context, "label_studio", lambda _: server)
    (tmp_path / "articles").mkdir()
    pages = [{"text": one.raw, "source": one.source, "split": one.split} for one in samples.values()]
    (tmp_path / "articles" / "pages.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages), "utf-8")
    exec(compile(code, "README.md", "exec"), {"correct": correct})

    with Workspace.open("news") as workspace:
        manifest = workspace.manifest("first")
        assert manifest.articles == len(samples)
        [model] = workspace.list_models().models
    assert model.version in capsys.readouterr().out
    assert {one.name for one in (tmp_path / "news" / "exports" / "first").iterdir()} == {"spacy", "jsonl"}
