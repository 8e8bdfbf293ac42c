"""The short version of the seeded runs; `make torture` is the long one."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from torture.harness import Outcome, Person, Scenario, hired, run
from torture.summary import REPLAY, lines

from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.server.embedded import Server

RUNS = int(os.environ.get("TORTURE_RUNS", "20"))


@pytest.fixture(scope="module")
def people(label_studio: LabelStudioClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Person]]:
    staff = hired(label_studio, tmp_path_factory.mktemp("people"))
    yield staff
    for _, client in staff:
        client.close()


@pytest.fixture(scope="module")
def outcomes() -> Iterator[list[Outcome]]:
    """What the runs came to, told at the end."""
    found: list[Outcome] = []
    yield found
    print("\n" + "\n".join(lines(found)))


@pytest.mark.parametrize("seed", range(1, RUNS + 1))
def test_whatever_breaks_the_next_run_ends_in_agreement(
    seed: int,
    tmp_path: Path,
    embedded: Server,
    label_studio: LabelStudioClient,
    people: list[Person],
    outcomes: list[Outcome],
):
    owner = embedded.owner()
    assert owner is not None
    outcome = run(seed, tmp_path, label_studio, owner.token, people)
    outcomes.append(outcome)
    assert outcome.findings == [], REPLAY.format(seed)


def test_the_seeds_hold_every_kind_of_fault_and_kill():
    steps = [step for seed in range(1, RUNS + 1) for step in Scenario.of(seed).steps]
    assert {"push", "pull"} == {step.action for step in steps}
    assert {stage for step in steps if step.kill for stage in step.kill[1:]} == {"arrived", "done", "answered"}
    assert {fault for step in steps if step.rate for fault in step.faults} >= {"timeout", "reset", "late", "error-429"}
    assert any(step.twin for step in steps)
    assert any(step.before == "new model" for step in steps)
    review = [step for seed in range(1, RUNS + 1) if Scenario.of(seed).overlap > 1 for step in Scenario.of(seed).review]
    assert {"adjudicate", "pull"} == {step.action for step in review}
    assert {step.kill[1] for step in review if step.kill} == {"arrived", "done", "answered"}
