"""Push against the fake server: the scenarios that the real one runs, too, and what no real server does when asked."""

from pathlib import Path

import pytest
from fake_label_studio import FakeLabelStudio
from push_scenarios import *  # noqa: F403 - scenarios that the real server runs, too
from pushing import Bench, text, through

from workbench.errors import LabelStudioError
from workbench.labelstudio.api.client import LabelStudioClient


@pytest.fixture
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Bench:
    return Bench(tmp_path, FakeLabelStudio(), request.node.name[-50:])


class Picky(LabelStudioClient):
    """A client whose server refuses whatever is about one article."""

    refused = ""
    status = 400

    def import_tasks(self, project_id, tasks):
        if any(task["data"]["article_id"] == self.refused for task in tasks):
            raise LabelStudioError("refuses this article", status=self.status)
        return super().import_tasks(project_id, tasks)


def picky(bench: Bench, article_id: str, status: int = 400) -> Picky:
    client = through(Picky, bench.client)
    client.refused, client.status = article_id, status
    return client


@pytest.mark.parametrize("status", [400, 413])
def test_an_article_that_the_server_refuses_holds_no_other_up(bench: Bench, status: int) -> None:
    added = bench.add([text(number) for number in range(9)])
    report = bench.push(picky(bench, added[4].id, status))
    assert [(one.article_id, one.reason) for one in report.refused] == [(added[4].id, "refuses this article")]
    assert (report.pushed, report.predictions_sent) == (8, 8)
    assert "1 article was refused:" in str(report)
    assert report.failure() is not None
    again = bench.push(verify=True)
    assert (again.pushed, again.differences, again.failure()) == (1, (), None)


def test_a_server_that_refuses_everything_is_an_error(bench: Bench) -> None:
    added = bench.add([text(number) for number in range(3)])
    with pytest.raises(LabelStudioError, match="refuses this article"):
        bench.push(picky(bench, added[0].id, 403))
    assert bench.push(verify=True).pushed == 3


def test_a_server_without_the_flag_gets_suggestions_with_their_tasks(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeLabelStudio(slow=True), "slow")
    bench.add([text(number) for number in range(3)])
    report = bench.push()
    assert (report.pushed, report.predictions_sent, report.slow_renewal) == (3, 3, False)
    assert [len(task["predictions"]) for task in bench.tasks(report.project_id)] == [1, 1, 1]
    assert bench.push(verify=True).differences == ()


def test_predictions_that_are_dropped_without_a_word_are_named(bench: Bench) -> None:
    class Dropping(LabelStudioClient):
        def import_predictions(self, project_id, predictions):
            return super().import_predictions(project_id, predictions[1:])

    added = bench.add([text(number) for number in range(3)])
    report = bench.push(through(Dropping, bench.client))
    assert [one.article_id for one in report.refused] == [added[0].id]
    assert "without a word" in report.refused[0].reason
    assert bench.push(verify=True).differences == ()
