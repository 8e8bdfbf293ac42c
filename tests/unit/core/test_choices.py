import numpy as np
import pytest

from workbench.core.choices import check_choice, check_number, check_seed, several
from workbench.errors import SettingsError


def test_a_word_that_is_none_of_the_known_ones_is_refused_with_these() -> None:
    check_choice("latest", "a policy", ("refuse", "latest"))
    for given in ("newest", 5, None):
        with pytest.raises(SettingsError) as raised:
            check_choice(given, "a policy", ("refuse", "latest"))
        assert str(raised.value) == f"{given!r} is not a policy\n  use refuse, latest"


@pytest.mark.parametrize("given", [0, -1, 1.5, "3", True, None, float("nan")])
def test_a_number_out_of_range_is_refused_with_the_range(given: object) -> None:
    with pytest.raises(SettingsError) as raised:
        check_number("limit", given, least=1)
    assert str(raised.value) == f"limit is {given!r}\n  give a whole number of at least 1"


def test_numbers_in_range_are_taken_also_those_of_numpy() -> None:
    check_number("limit", 1, least=1, most=1)
    check_number("limit", np.int64(7), least=1)
    check_number("limit", None, least=1, optional=True)
    check_number("share", 0.5, least=0, most=1, whole=False)


def test_a_seed_has_the_range_that_numpy_takes() -> None:
    for given in (0, 2**32 - 1):
        check_seed(given)
        np.random.RandomState(given)
    for given in (-1, 2**32, "a"):
        with pytest.raises(SettingsError, match="from 0 to 4294967295"):
            check_seed(given)


def test_one_string_is_no_sequence_of_its_letters() -> None:
    assert several("jsonl") == ("jsonl",)
    assert several(["jsonl", "spacy"]) == ["jsonl", "spacy"]
