"""Push against a real Label Studio: once is once, whatever becomes of a request."""

import secrets
from contextlib import closing
from pathlib import Path

import pytest
from push_scenarios import *  # noqa: F403 - scenarios that the fake server runs, too
from pushing import SCHEME, Bench, text

from workbench.labelstudio import annotator_client
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.api.direct import request
from workbench.labelstudio.project.projects import view
from workbench.labelstudio.server import accounts


@pytest.fixture
def bench(tmp_path: Path, label_studio: LabelStudioClient, request: pytest.FixtureRequest) -> Bench:
    return Bench(tmp_path, label_studio, request.node.name[-50:])


def displayed_next(client: LabelStudioClient, project_id: int) -> str:
    """The article that "Label Tasks As Displayed" gives in the tab "By priority", asked for as the page asks."""
    body = {"ordering": view(SCHEME)["ordering"], "filters": {"conjunction": "and", "items": []}}
    params = {"id": "next_task", "project": project_id}
    answer = request(client._way, "POST", "api/dm/actions/", params=params, json=body)
    return answer["data"]["article_id"]


def test_changed_priorities_are_followed_by_labelling_as_displayed_and_not_by_labelling_all(bench: Bench):
    added = bench.add([text(n) for n in range(3)])
    given = {added[0].id: 11.0, added[1].id: 10.0, added[2].id: 9.0}
    project_id = bench.push(priorities=given).project_id
    first = bench.client.next_task(project_id)
    assert first is not None
    assert (first["data"]["article_id"], displayed_next(bench.client, project_id)) == (added[0].id, added[0].id)

    changed = {added[0].id: 9.0, added[1].id: 10.0, added[2].id: 100.0}
    assert bench.push(priorities=changed, reorder=True).moved == 2
    assert displayed_next(bench.client, project_id) == added[2].id
    still = bench.client.next_task(project_id)
    assert still is not None
    assert still["data"]["article_id"] == added[0].id
    client_task = annotator_client.open_task(bench.client, bench.tasks(project_id)[2]["id"], SCHEME, shown="rules 1")
    assert client_task.article_id == added[2].id
    annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    assert displayed_next(bench.client, project_id) == added[1].id


def test_labelling_as_displayed_reserves_nothing(bench: Bench, tmp_path: Path):
    """Two who label all tasks are given two articles; two who label as displayed the same one, as docs/annotators.md says."""
    bench.add([text(n) for n in range(2)])
    project_id = bench.push().project_id
    name = f"mia-{secrets.token_hex(4)}"
    accounts.add(bench.client, tmp_path, (name,))
    with closing(accounts.client_of(bench.client, tmp_path, name)) as person:
        assert displayed_next(bench.client, project_id) == displayed_next(person, project_id)
        given = [client.next_task(project_id) for client in (bench.client, person)]
        assert None not in given
        assert len({task["data"]["article_id"] for task in given if task}) == 2
