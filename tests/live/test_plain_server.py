"""A Label Studio that the workbench did not start: no flag set, no address of its own network called."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from pushing import CONFIG, MODEL, RULES, SCHEME, Bench, text

from workbench.core.ports import Silent
from workbench.errors import LabelStudioError
from workbench.labelstudio import annotator_client
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import QUICK_IMPORT, LabelStudioClient, connect
from workbench.labelstudio.pull.pull import pull
from workbench.labelstudio.pull.webhook import WebhookListener
from workbench.labelstudio.push import suggestions
from workbench.labelstudio.push.push import SLOWLY
from workbench.labelstudio.reconcile import reconcile
from workbench.labelstudio.server.embedded import Server
from workbench.workflows.sync import watch


class Counting(LabelStudioClient):
    """Notes how many predictions each import had."""

    def __init__(self, client: LabelStudioClient) -> None:
        super().__init__(client._way, server=client.server)
        self.sizes: list[int] = []
        self.edited: str | None = None
        """The label config that somebody gives the project at the moment when predictions are sent."""

    def import_predictions(self, project_id: int, predictions: Sequence[wire.NewPrediction]) -> int:
        self.sizes.append(len(predictions))
        if self.edited is not None:
            self.update_project(project_id, {"label_config": self.edited})
        return super().import_predictions(project_id, predictions)


@pytest.fixture
def plain(open_server: str, embedded: Server) -> Iterator[LabelStudioClient]:
    owner = embedded.owner()
    assert owner is not None
    client = connect(open_server, owner.token)
    yield client
    client.close()


@pytest.fixture
def bench(tmp_path: Path, plain: LabelStudioClient, request: pytest.FixtureRequest) -> Bench:
    return Bench(tmp_path, Counting(plain), request.node.name[-50:])


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "RENEWAL_CHUNK", 2)
    monkeypatch.setattr(suggestions, "MANY", 2)


def sizes(bench: Bench) -> list[int]:
    assert isinstance(bench.client, Counting)
    return bench.client.sizes


def test_suggestions_are_renewed_the_slow_way_in_few_requests(bench: Bench):
    added = bench.add([text(n) for n in range(6)])
    project_id = bench.push().project_id
    client_task = annotator_client.next_task(bench.client, project_id, SCHEME, shown="rules 1")
    assert client_task is not None
    annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    bench.suggest(added, MODEL)
    report = bench.push(verify=True)
    assert (report.predictions_sent, report.predictions_retired, report.predictions_kept) == (5, 5, 1)
    assert (report.differences, report.unshown, report.slow_renewal) == ((), 0, True)
    assert sizes(bench) == [5]
    assert QUICK_IMPORT in SLOWLY
    assert pull(bench.store, bench.client, Silent(), title=bench.title).submitted == 1
    assert reconcile(bench.store, bench.client, Silent(), title=bench.title).differences == ()


def test_a_server_with_the_flag_is_known_by_its_answer(tmp_path: Path, label_studio: LabelStudioClient):
    bench = Bench(tmp_path, Counting(label_studio), "With the flag")
    added = bench.add([text(n) for n in range(5)])
    bench.push()
    bench.suggest(added, MODEL)
    report = bench.push()
    assert (report.predictions_sent, report.slow_renewal) == (5, False)
    assert sizes(bench) == [5, 2, 2, 1]


def test_a_prediction_that_it_drops_without_a_word_is_reported(bench: Bench):
    """Without the flags this server says nothing of a prediction that it did not take."""
    added = bench.add([text(n) for n in range(3)])
    report = bench.push(producers=[RULES])
    assert isinstance(bench.client, Counting)
    bench.client.edited = CONFIG.replace('value="PERSON"', 'value="SOMEBODY"')
    bench.suggest(added, MODEL)
    renewed = bench.push()
    assert [one.reason for one in renewed.refused] == ["Label Studio dropped its prediction without a word"] * 3
    assert (renewed.model_version, renewed.predictions_retired) == ("rules 1", 0)
    assert bench.client.project(report.project_id).get("model_version") == "rules 1"


def test_where_it_drops_the_first_suggestions_of_all_nothing_is_shown(bench: Bench):
    added = bench.add([text(n) for n in range(3)], producer=None)
    bench.push(producers=[RULES], without_suggestions=True)
    assert isinstance(bench.client, Counting)
    bench.client.edited = CONFIG.replace('value="PERSON"', 'value="SOMEBODY"')
    bench.suggest(added, RULES)
    again = bench.push(producers=[RULES])
    assert [one.reason for one in again.refused] == ["Label Studio dropped its prediction without a word"] * 3
    assert again.model_version is None


def test_it_calls_no_address_of_its_own_network_so_a_watch_looks(bench: Bench):
    bench.add([text(1)])
    project_id = bench.push().project_id
    told: list[str] = []

    class Telling(Silent):
        def say(self, message: str) -> None:
            told.append(message)

    once = partial(pull, bench.store, bench.client, Silent(), title=bench.title)
    with WebhookListener(bench.client) as bell:
        with pytest.raises(LabelStudioError, match="reserved network address"):
            bell.start(project_id)
        client_task = annotator_client.next_task(bench.client, project_id, SCHEME, shown="rules 1")
        assert client_task is not None
        annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
        reports = watch(once, Telling(), every=0.2, listener=bell)
        assert next(reports).submitted == 1
        annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
        assert next(reports).submitted == 1
    assert len(told) == 1
    assert told[0].startswith("no webhook, so looking every 0.2 s: Label Studio")
