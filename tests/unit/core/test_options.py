"""What is asked for by hand in Python, and cannot be had."""

from typing import Any

import pytest
from pydantic import ValidationError

from workbench import PushOptions, TrainOptions
from workbench.core.adjudication.policies import Policies
from workbench.errors import SettingsError
from workbench.training.report import TrainReport
from workbench.workflows.simulate import SimulationOptions


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (TrainOptions, {"epochs": 0}, "TrainOptions: epochs: .*greater than or equal to 1"),
        (TrainOptions, {"suggester": "foo"}, "TrainOptions: suggester: .*\n  use rules, shown, none or model:NAME"),
        (TrainOptions, {"max_minutes": -1}, "TrainOptions: max_minutes: "),
        (TrainOptions, {"max_misaligned": 7}, "TrainOptions: max_misaligned: "),
        (TrainOptions, {"seed": -1}, "TrainOptions: seed: "),
        (TrainOptions, {"seed": 2**32}, "TrainOptions: seed: "),
        (TrainOptions, {"epoch": 3}, r"TrainOptions: epoch: .*\n  epochs was meant\? the fields are base, "),
        (PushOptions, {"limit": 0}, "PushOptions: limit: .*\n  help"),
        (PushOptions, {"patience": -1}, "PushOptions: patience: "),
        (SimulationOptions, {"learners": ("nobody",)}, "SimulationOptions: learners.0: "),
        (Policies, {"majority": "perhaps"}, "Policies: majority: "),
    ],
)
def test_a_field_that_is_wrong_or_not_there_is_named(kind: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        kind(**given)


def test_options_that_can_be_used_are_as_they_were_given() -> None:
    options = TrainOptions(epochs=3, suggester="model:first-1")
    assert TrainOptions.model_validate_json(options.model_dump_json()) == options
    assert options.model_fields_set == {"epochs", "suggester"}
    assert TrainReport.model_fields["options"].annotation is TrainOptions


def test_what_is_wrong_in_json_is_a_fault_of_the_file() -> None:
    with pytest.raises(ValidationError, match="majority"):
        Policies.model_validate_json('{"majority": "perhaps"}')
