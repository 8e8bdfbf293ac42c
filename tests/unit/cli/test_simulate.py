"""`workbench simulate` and `workbench curve` as they are typed."""

import pytest

from workbench.cli.select import Strategy
from workbench.cli.simulate import Learner, numbers
from workbench.errors import SettingsError
from workbench.selection.ranking import STRATEGIES
from workbench.workflows.replay import LEARNERS


def test_the_command_line_knows_every_order_and_every_learner():
    """They stand there a second time, since Typer takes no list of literals."""
    assert tuple(one.value for one in Strategy) == STRATEGIES
    assert tuple(one.value for one in Learner) == LEARNERS


@pytest.mark.parametrize("given", [("10,20,40",), ("10", "20", "40"), ("10,20", " 40 "), ("10,", "20,40")])
def test_sizes_can_stand_together_or_each_by_itself(given: tuple[str, ...]):
    assert numbers(given) == (10, 20, 40)


def test_sizes_that_are_none_are_told():
    with pytest.raises(SettingsError, match="'10,many' are no numbers"):
        numbers(("10", "many"))
