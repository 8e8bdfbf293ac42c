import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from annotation_sets import SCHEME
from format_cases import one_article

from workbench.core.annotations import AnnotatedArticle
from workbench.core.ports import Remark
from workbench.errors import DocumentError
from workbench.formats.huggingface import HuggingFaceFormat

TEXT = "👩‍👩‍👧 Oslo\r\nmet\tMinsk, שלום\u00a0Cafe\u0301."
LOAD = """
import json
loaded = dataset
row = loaded["train"][0]
event = row["events"][0]
by_id = {span["id"]: span for layer in ("entities", "events") for span in row[layer]}
print(json.dumps({
    "splits": {name: len(part) for name, part in loaded.items()},
    "text": row["text"],
    "spans": [row["text"][span["start"] : span["end"]] for span in row["entities"]],
    "roles": [[one["role"], by_id[one["target"]]["text"]] for one in event["arguments"]],
    "modality": event["modality"],
}))
"""

HEAD = """---
configs:
- config_name: default
  data_files:
  - split: train
    path: "train.parquet"
  - split: validation
    path: "dev.parquet"
---
"""
"""The part of a release's card that says what is loaded; without it, a part without rows stops the library."""


def example() -> AnnotatedArticle:
    found = one_article(
        TEXT, ("GPE", "Oslo"), ("GPE", "Minsk"), ("CONSULT", "met"), roles=((2, "actor", 0), (2, "recipient", 1))
    )
    event = found.annotations.layers["events"][0].model_copy(update={"attributes": {"modality": "negated"}})
    layers = {**found.annotations.layers, "events": (event,)}
    return found.model_copy(update={"annotations": found.annotations.model_copy(update={"layers": layers})})


def test_the_cards_code_loads_the_folder_offline_from_within_and_from_outside(tmp_path: Path) -> None:
    form, folder = HuggingFaceFormat(), tmp_path / "release"
    folder.mkdir()
    for part, articles in (("train", [example()]), ("dev", [example()]), ("test", [])):
        form.write(articles, folder, part, SCHEME)
    (folder / "README.md").write_text(HEAD, encoding="utf-8")
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path / "cache")}
    elsewhere = form.example.replace('Path(".")', 'Path("release")')
    for code, where in ((elsewhere, tmp_path), (form.example + LOAD, folder)):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=where, capture_output=True, text=True, env=environment, check=False
        )
        assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert loaded["splits"] == {"train": 1, "validation": 1}
    assert loaded["text"] == TEXT
    assert loaded["spans"] == ["Oslo", "Minsk"]
    assert sorted(loaded["roles"]) == [["actor", "Oslo"], ["recipient", "Minsk"]]
    assert loaded["modality"] == "negated"


def table(path: Path, rows: list[dict[str, object]]) -> Path:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def test_a_file_of_another_program_is_read(tmp_path: Path) -> None:
    span = {"id": "a", "label": "GPE", "start": 0, "end": 4, "text": "Oslo"}
    nothing: list[object] = []
    rows: list[dict[str, object]] = [
        {"text": "Oslo met Minsk.", "entities": [span], "events": nothing, "stances": nothing},
        {"text": "Nobody looked at it.", "entities": None, "events": None, "stances": None},
    ]
    one, left = HuggingFaceFormat().read(table(tmp_path / "f.parquet", rows), SCHEME)
    assert isinstance(one, AnnotatedArticle)
    assert [(layer, o.text, o.label) for layer, o in one.annotations.spans()] == [("entities", "Oslo", "GPE")]
    assert isinstance(left, Remark)
    assert left.left_out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "CITY"}, "row 1: .*'CITY' is not in layer entities"),
        ({"text": "Bern"}, "row 1: .*says 'Bern', the article has 'Oslo'"),
        ({"end": 99}, "row 1: layers.entities.0"),
        ({"start": "x", "end": "y"}, "is no Parquet with the columns of the scheme"),
    ],
)
def test_rows_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    span = {"id": "a", "label": "GPE", "start": 0, "end": 4, "text": "Oslo", **change}
    rows: list[dict[str, object]] = [{"text": "Oslo met.", "entities": [span], "events": [], "stances": []}]
    with pytest.raises(DocumentError, match=message):
        list(HuggingFaceFormat().read(table(tmp_path / "f.parquet", rows), SCHEME))


def test_what_is_no_parquet_or_lacks_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.parquet").write_bytes(b"PAR1 not at all PAR1")
    with pytest.raises(DocumentError, match="is no Parquet"):
        list(HuggingFaceFormat().read(tmp_path / "no.parquet", SCHEME))
    with pytest.raises(DocumentError, match="cannot be read"):
        list(HuggingFaceFormat().read(tmp_path / "missing.parquet", SCHEME))
    with pytest.raises(DocumentError, match="has no column 'entities'; it has: text"):
        list(HuggingFaceFormat().read(table(tmp_path / "f.parquet", [{"text": "x"}]), SCHEME))
