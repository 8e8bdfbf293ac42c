"""Which config training follows, and what is asked for that has no say beside one."""

from pathlib import Path
from typing import Any

import pytest
from market import SCHEME

from workbench.errors import ModelError
from workbench.training.report import TrainOptions
from workbench.workflows.training_configs import config_text, with_config


def chosen(options: TrainOptions, **given: Any) -> TrainOptions:
    return with_config(SCHEME, options, **{"config": None, "profile": None, "encoder": "", **given})


def test_without_a_config_the_options_stay_as_they_are() -> None:
    options = TrainOptions(epochs=3)
    assert chosen(options) is options


def test_a_config_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a.cfg").write_text("# mine\n[nlp]\n")
    assert chosen(TrainOptions(seed=2), config=tmp_path / "a.cfg") == TrainOptions(seed=2, config="# mine\n[nlp]\n")


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        (TrainOptions(), {"encoder": "roberta-base"}, "without a profile"),
        (TrainOptions(), {"config": Path("a"), "profile": "transformer"}, "cannot both be followed"),
        (TrainOptions(), {"profile": "none"}, "no profile 'none'"),
        (TrainOptions(gpu_id=0), {}, "only configs and profiles are trained on one"),
        (TrainOptions(epochs=12, base="x"), {"config": Path("a")}, "base, epochs would have no say"),
        (TrainOptions(suggester="none"), {"profile": "transformer"}, "suggester would have no say"),
    ],
)
def test_what_would_have_no_say_is_refused(options: TrainOptions, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        chosen(options, **given)


def test_what_lies_beside_a_config_is_found_from_anywhere(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("")
    path = tmp_path / "a.cfg"
    path.write_text('[paths]\na = "here"\nb = "gone"\nc = null\n[x]\ny = ${paths.a}\n')
    assert config_text(path) == f'[paths]\na = "{tmp_path / "here"}"\nb = "gone"\nc = null\n\n[x]\ny = ${{paths.a}}'


@pytest.mark.parametrize("text", ["[paths", '[paths]\nb = "gone"\n', ""])
def test_a_config_that_names_nothing_beside_it_stays_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.cfg").write_text(text)
    assert config_text(tmp_path / "a.cfg") == text
