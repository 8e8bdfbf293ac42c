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


@pytest.mark.parametrize("text", ['[paths]\nb = "gone"\n', "[nlp]\n"])
def test_a_config_that_names_nothing_beside_it_stays_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.cfg").write_text(text)
    assert config_text(tmp_path / "a.cfg") == text


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (b"", r"a\.cfg is empty\n  leave --config out"),
        (b" \n\n", r"a\.cfg is empty"),
        (b'[nlp]\nlang = "\xe9"\n', r"a\.cfg is no UTF-8 in line 2\n  save it as UTF-8"),
        (b"[broken", r"a\.cfg cannot be used: line 1: '\[broken' comes before the first section"),
        (b"[nlp]\nlang\n", r"a\.cfg cannot be used: line 2: 'lang\\n' is neither a \[section\] nor name = value"),
        (b"[nlp]\na = 1\n[nlp]\n", r"a\.cfg cannot be used: line 3: there is a section \[nlp\] already"),
        (b"[nlp]\na = 1\na = 2\n", r"a\.cfg cannot be used: line 3: \[nlp\] has a a already"),
        (b"[a]\n[a.b.c]\n", r"a\.cfg cannot be used: a -> b -> c: Section 'b' is not defined"),
    ],
)
def test_a_file_that_is_no_config_is_named_with_the_line(tmp_path: Path, given: bytes, message: str) -> None:
    (tmp_path / "a.cfg").write_bytes(given)
    with pytest.raises(ModelError, match=message):
        chosen(TrainOptions(), config=tmp_path / "a.cfg")


def test_a_config_that_is_not_there_has_a_hint(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"gone\.cfg cannot be read: No such file(?s:.*)\n  name a file"):
        chosen(TrainOptions(), config=tmp_path / "gone.cfg")


def test_a_byte_order_mark_is_no_part_of_a_config(tmp_path: Path) -> None:
    (tmp_path / "a.cfg").write_text("[nlp]\n", encoding="utf-8-sig")
    assert config_text(tmp_path / "a.cfg") == "[nlp]\n"
