"""Runs docs/notebook.ipynb and keeps what it showed: `python tools/notebook.py`. It starts a Label Studio.

Folders and addresses of the machine that it ran on are left out of what is kept.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook.ipynb"
SECONDS = 1200
LABEL_STUDIO = "label-studio"
"""The tag of cells that need a Label Studio."""


def run(folder: Path, *, with_label_studio: bool) -> Any:
    """The notebook with what its cells showed, run in a folder.

    Args:
        folder: where it makes its workspace.
        with_label_studio: run the cells that need a Label Studio, too.
    """
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    if not with_label_studio:
        notebook.cells = [cell for cell in notebook.cells if LABEL_STUDIO not in cell.metadata.get("tags", ())]
    NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def shown(cell: Any) -> str:
    """What a cell showed, as plain text."""
    found = (one.get("data", {}).get("text/plain", one.get("text", "")) for one in cell.get("outputs", ()))
    return "\n".join(found)


def main() -> None:
    """Runs all of it, and writes it back."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve()
        notebook = run(folder, with_label_studio=True)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):  # what a notebook shows; the same as text is as long again
                del output.data["text/plain"]
    text: str = nbformat.writes(notebook)
    text = re.sub(r"process   \d+", "process   4711", text.replace(f"{folder}/", ""))
    NOTEBOOK.write_text(text.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
