"""What version 0.1.0 wrote opens and works."""

import hashlib
import json
from pathlib import Path

import pytest
from earlier import MODEL, unpack

from workbench import Workspace
from workbench.core.scheme import LabelScheme
from workbench.pipeline import registry
from workbench.pipeline.predict import TrainedModel


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("earlier"))


def test_the_store_opens_with_all_that_was_in_it(root: Path) -> None:
    with Workspace.open(root) as workspace:
        status = workspace.status()
        assert (status.articles, status.story_groups) == (11, 8)
        assert [one.name for one in status.releases] == ["demo-1"]
        assert status.champion == MODEL
        article = workspace.articles().articles[0]
        assert workspace.article(article.id).article.text
        assert workspace.history(article.id).article_id == article.id
        assert {row.name for row in workspace.corrections().rows} & {"PERSON", "GPE"}


def test_a_release_is_what_it_was_and_is_exported_again(root: Path, tmp_path: Path) -> None:
    with Workspace.open(root) as workspace:
        verified = workspace.verify("demo-1")
        assert verified.touched == ()
        assert verified.places[0].articles == 5
        lines = (root / "exports/demo-1/jsonl/train.jsonl").read_text(encoding="utf-8").splitlines()
        before = [json.loads(line) for line in lines]
        assert [one.article.id for one in workspace.gold("demo-1", "train")] == [d["article"]["id"] for d in before]
        exported = workspace.export("demo-1", output=tmp_path)
        assert [one.articles for one in exported.exported] == [5, 5]


def test_an_export_is_what_its_checksums_say_and_can_be_read(root: Path, tmp_path: Path) -> None:
    for name in ("jsonl", "spacy"):
        folder = root / "exports" / "demo-1" / name
        for line in (folder / "SHA256SUMS").read_text().splitlines():
            digest, _, file = line.partition("  ")
            assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == digest
    with Workspace.create(tmp_path / "new", label_config=root / "label_config.xml") as fresh:
        taken = fresh.import_(root / "exports" / "demo-1" / "jsonl" / "train.jsonl")
        assert (taken.articles, taken.taken, len(taken.refused)) == (1, 1, 0)


def test_a_model_suggests_or_says_in_a_line_that_it_has_to_be_trained_again(root: Path) -> None:
    nlp = registry.take(root / "models" / MODEL)
    doc = nlp("The Kremlin rejected the offer on Monday.")
    scheme = LabelScheme.from_xml((root / "label_config.xml").read_text(encoding="utf-8"))
    assert {layer.name for layer in scheme.layers} <= set(doc.spans)
    with Workspace.open(root) as workspace:
        (learned,) = workspace.gold("demo-1", "train")
        annotated = workspace.annotate(learned.article.text)
        assert annotated.annotations.producer.version.startswith(MODEL)
        assert len(annotated.annotations.layers["entities"]) > 5
        said = " ".join(TrainedModel(nlp, MODEL, scheme).remarks)
        assert "workbench_roles_v1 of" in said
        assert said.endswith("train the model again")
