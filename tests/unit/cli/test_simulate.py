"""`workbench simulate` and `workbench curve` as they are typed."""

import pytest

from workbench.cli.simulate import numbers
from workbench.errors import SettingsError


@pytest.mark.parametrize("given", [("10,20,40",), ("10", "20", "40"), ("10,20", " 40 "), ("10,", "20,40")])
def test_sizes_can_stand_together_or_each_by_itself(given: tuple[str, ...]):
    assert numbers(given) == (10, 20, 40)


def test_sizes_that_are_none_are_told():
    with pytest.raises(SettingsError, match="'10,many' are no numbers"):
        numbers(("10", "many"))
