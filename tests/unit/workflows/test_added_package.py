"""A pipeline that pip installed beside the workbench is added, promoted and served, as its user types the commands."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from clean_venv import CleanVenv
from market import XML, sold

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle
from workbench.core.article import Article

CODE = '''
from spacy.language import Language
from spacy.tokens import Span


@Language.component("greengrocer_shops", assigns=["doc.ents"])
def shops(doc):
    """A function, which cannot say what its labels are."""
    found = [Span(doc, t.i, t.i + 1, label="STORE") for t in doc if t.text in ("Aldi", "Lidl", "Tesco", "Spar", "Migros")]
    doc.ents = [*doc.ents, *found]
    return doc
'''
PIPELINE = """
import sys, spacy
sys.path.insert(0, sys.argv[1])
import shops
nlp = spacy.blank("en")
ruler = nlp.add_pipe("entity_ruler")
ruler.add_patterns([{"label": "FRUCHT", "pattern": fruit} for fruit in ("apples", "pears", "plums", "lemons", "figs")])
ruler.add_patterns([{"label": "DAY", "pattern": "day"}])
nlp.add_pipe("greengrocer_shops")
nlp.to_disk(sys.argv[2])
"""


def did(*command: str | Path) -> None:
    done = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The wheel of a pipeline with labels and code of its own, as `spacy package` makes it."""
    (tmp_path / "shops.py").write_text(CODE)
    did("-c", PIPELINE, tmp_path, tmp_path / "pipeline")
    (tmp_path / "package").mkdir()
    options = ("--name", "greengrocer", "--version", "2.1.0", "--build", "none", "--code", tmp_path / "shops.py")
    did("-m", "spacy", "package", tmp_path / "pipeline", tmp_path / "package", *options)
    folder = tmp_path / "package/en_greengrocer-2.1.0"
    did("-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "wheel", folder)
    (wheel,) = (tmp_path / "wheel").iterdir()
    return wheel


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace's scheme and its gold."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "label_config.xml").write_text(XML)
    articles = [(Article.from_text(text), gold) for text, gold in map(sold, range(20))]
    lines = [documents.to_json(AnnotatedArticle(article=article, annotations=gold)) for article, gold in articles]
    (folder / "gold.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_a_package_is_added_with_a_map_of_its_labels_and_serves(
    wheel: Path, package: Path, workspace: Path, tmp_path: Path
) -> None:
    venv = CleanVenv(tmp_path / "venv", wheel, package)

    def workbench(*words: str) -> str:
        return venv.runs("workbench", "--workspace", str(workspace), *words)

    venv.runs("workbench", "init", str(workspace))
    workbench("import", str(workspace / "gold.jsonl"))
    workbench("gold", "release", "first")
    labels = ("--label", "FRUCHT=FRUIT", "--label", "STORE=SHOP", "--label", "DAY=")
    said = json.loads(workbench("models", "add", "en-greengrocer", *labels, "--name", "grocer", "--json"))
    assert said["labels"] == {"FRUCHT": "FRUIT", "STORE": "SHOP"}
    assert said["left_out"] == ["DAY"]
    things = [layer for one in said["comparisons"] for layer in one["contestants"][-1]["layers"]]
    assert {layer["strict_f1"] for layer in things if layer["layer"] == "things"} == {1.0}
    workbench("models", "promote", "grocer", "--force")
    (tmp_path / "new.txt").write_text("Cara bought figs at Lidl on day 77.")
    (line,) = workbench("annotate", str(tmp_path / "new.txt"), "--model", "grocer").splitlines()
    assert [(span["label"], span["text"]) for span in json.loads(line)["annotations"]["layers"]["things"]] == [
        ("FRUIT", "figs"),
        ("SHOP", "Lidl"),
    ]
    # A package of it asks for the one whose code it needs, and does not take its place.
    workbench("models", "package", "grocer")
    (packed,) = (workspace / "packages").iterdir()
    venv.install(packed)
    (found,) = venv.says(
        "import spacy; print([ent.text for ent in spacy.load('en_grocer')('Cara bought figs at Lidl').ents])"
    )
    assert found == "['figs', 'Lidl']"
    assert "en_greengrocer" in workbench("models", "package", "grocer")
    with pytest.raises(AssertionError, match="would be lost by another of its name"):
        workbench("models", "package", "grocer", "--name", "greengrocer")
    shutil.rmtree(venv.site / "en_greengrocer")
    with pytest.raises(AssertionError, match="needs the package en_greengrocer"):
        workbench("evaluate", "grocer")
