"""The training data that is written for GLiNER 2, read by the library's own loader: `make extras`."""

from importlib import import_module
from pathlib import Path
from typing import Any

from annotation_sets import SCHEME
from format_cases import one_article

from workbench.formats.gliner import Gliner2Format

data: Any = import_module("gliner2.training.data")


def test_the_library_reads_and_accepts_it(tmp_path: Path) -> None:
    article = one_article(
        "😀 Oslo met Bern.\r\nNobody else came. Oslo waits.",
        ("GPE", "Oslo"),
        ("GPE", "Bern"),
        ("CONSULT", "met"),
        roles=((2, "actor", 0), (2, "recipient", 1)),
    )
    Gliner2Format().write([article], tmp_path, "x", SCHEME)
    examples = data.TrainingDataset.load(tmp_path / "x.jsonl")
    assert [example.text for example in examples] == ["😀 Oslo met Bern.", "Nobody else came.", "Oslo waits."]
    assert [example.validate() for example in examples] == [[], [], []]
    assert [one["text"] for one in examples[0].entities["GPE"]] == ["Oslo", "Bern"]
    assert [(one.name, one.head["text"], one.tail["text"]) for one in examples[0].relations] == [
        ("actor", "met", "Oslo"),
        ("recipient", "met", "Bern"),
    ]
