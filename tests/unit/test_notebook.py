"""The notebook of the documentation runs from its first cell to its last; those about Label Studio run in tests/live."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebook", ROOT / "tools" / "notebook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_one_round_runs(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    notebook = tool.run(tmp_path, with_label_studio=False)
    said = {cell.source.splitlines()[-1]: tool.shown(cell) for cell in notebook.cells if cell.cell_type == "code"}
    assert said["workspace.add(pages)"].startswith("69 articles added")
    assert "69  articles annotated" in said["workspace.preannotate()"]
    assert "69 annotations taken" in said['workspace.import_(gold, annotator="anna")']
    assert "first: 69 articles" in said['workspace.release("first")']
    assert "first-1: trained on first" in said["trained"]
    assert (tmp_path / "news" / "exports" / "first" / "spacy" / "train.spacy").is_file()
    pictures = [
        one["data"]["text/html"]
        for cell in notebook.cells
        for one in cell.get("outputs", ())
        if "text/html" in one.get("data", {})
    ]
    assert len(pictures) >= 9
    assert any("<mark" in one for one in pictures)


def test_what_is_kept_names_no_folder_and_no_process(tool: ModuleType) -> None:
    text = (ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8")
    assert '"execution_count": 1' in text
    assert "/tmp/" not in text
    assert "/home/" not in text
    assert tool.LABEL_STUDIO in text
