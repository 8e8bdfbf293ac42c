"""Pipelines by name and path."""

from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from workbench.errors import ModelError
from workbench.pipeline import base


def test_the_small_pipeline_is_found_under_its_own_name(sm: Language) -> None:
    assert base.resolve("en_core_web_sm").startswith("en_core_web_sm")
    assert sm.pipe_names[0] == base.NEWLINES
    assert base.identity(sm).endswith(" 3.8.0")


def test_an_unknown_pipeline_says_how_to_get_one() -> None:
    with pytest.raises(ModelError) as failed:
        base.load("en_core_web_none")
    assert "spacy download en_core_web_none" in failed.value.hint


def test_a_path_that_is_no_pipeline_says_what_would_be_one(tmp_path: Path) -> None:
    for name, hint in ((str(tmp_path), "folder of a trained pipeline"), ("dist/en_x.whl", "pip install dist/en_x.whl")):
        with pytest.raises(ModelError, match="no spaCy pipeline") as failed:
            base.load(name)
        assert hint in failed.value.hint
        assert "spacy download" not in failed.value.hint


def test_a_users_own_pipeline_is_loaded_from_its_folder(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "mine")
    nlp = base.load(str(tmp_path / "mine"))
    nlp.to_disk(tmp_path / "again")
    assert base.load(str(tmp_path / "again")).pipe_names == [base.NEWLINES]


def test_a_damaged_pipeline_is_an_error_of_ours(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "mine")
    (tmp_path / "mine" / "config.cfg").write_text("[nlp]\nlang = nothing")
    with pytest.raises(ModelError, match="cannot be loaded"):
        base.load(str(tmp_path / "mine"))
