import pytest

from workbench.core.choices import check_choice, several
from workbench.errors import SettingsError


def test_a_word_that_is_none_of_the_known_ones_is_refused_with_these() -> None:
    check_choice("latest", "a policy", ("refuse", "latest"))
    for given in ("newest", 5, None):
        with pytest.raises(SettingsError) as raised:
            check_choice(given, "a policy", ("refuse", "latest"))
        assert str(raised.value) == f"{given!r} is not a policy\n  use refuse, latest"


def test_one_string_is_no_sequence_of_its_letters() -> None:
    assert several("jsonl") == ("jsonl",)
    assert several(["jsonl", "spacy"]) == ["jsonl", "spacy"]
