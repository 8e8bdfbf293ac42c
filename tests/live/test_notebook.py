"""The notebook of the documentation, with the cells that push to a Label Studio of their own and pull from it."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_one_round_with_label_studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.spec_from_file_location("notebook", ROOT / "tools" / "notebook.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = tool.run(tmp_path, with_label_studio=True)
    said = {cell.source.splitlines()[-1]: tool.shown(cell) for cell in notebook.cells if cell.cell_type == "code"}
    assert "69  articles pushed" in said["workspace.push()"]
    assert said["workspace.pull()"].startswith("0 new revisions")
    assert said["workspace.stop_server()"] == "Label Studio has ended"
