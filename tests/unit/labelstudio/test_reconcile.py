"""Reconcile against the fake server: the scenarios that the real one runs, too."""

from pathlib import Path

import pytest
from fake_label_studio import FakeLabelStudio
from pushing import Bench, text
from reconcile_scenarios import *  # noqa: F403 - scenarios that the real server runs, too
from reconcile_scenarios import compare


@pytest.fixture
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Bench:
    return Bench(tmp_path, FakeLabelStudio(), request.node.name[-50:])


def test_what_differs_is_told_with_what_mending_does(bench: Bench) -> None:
    bench.add([text(1)])
    project = bench.push().project_id
    [task] = bench.tasks(project)
    bench.client.delete_task(task["id"])
    report = compare(bench)
    assert "      1  task missing" in str(report)
    assert "--mend: its annotations are marked as deleted; the next push makes it again" in str(report)
    error = report.failure()
    assert error is not None
    assert (error.message, error.exit_code) == ("1 differences", 4)
    mended = compare(bench, mend=True)
    assert mended.failure() is None
    assert "store and server agree" in str(mended)
    assert bench.push().pushed == 1
    assert "store and server agree" in str(compare(bench))
