"""Reconcile against a real Label Studio: every kind of difference is found, and what can be mended is."""

from pathlib import Path

import pytest
from pushing import SCHEME, Bench, text
from reconcile_scenarios import *  # noqa: F403 - scenarios that the fake server runs, too
from reconcile_scenarios import compare, kinds

from workbench.labelstudio import annotator_client
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.api.direct import request
from workbench.store import prediction_ledger, projects, revisions


@pytest.fixture
def bench(tmp_path: Path, label_studio: LabelStudioClient, request: pytest.FixtureRequest) -> Bench:
    return Bench(tmp_path, label_studio, "rec " + request.node.name[-40:])


def test_an_annotation_that_is_gone_and_a_prediction_that_was_changed(bench: Bench):
    bench.add([text(n) for n in range(2)])
    project_id = bench.push().project_id
    worked, other = bench.tasks(project_id)
    client_task = annotator_client.open_task(bench.client, worked["id"], SCHEME, shown="rules 1")
    made = annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    assert kinds(compare(bench, mend=True)) == {"annotation not in the store": (1, 0)}
    bench.client.delete_annotation(made)
    [prediction] = other["predictions"]
    body = {"result": prediction["result"][:1], "task": other["id"], "project": project_id}
    request(bench.client._way, "PATCH", f"api/predictions/{prediction['id']}/", json=body)
    with bench.store.transaction() as session:
        assert all(
            one.state == "present" for one in prediction_ledger.predictions(session, projects.every(session)[0].id)
        )
    assert kinds(compare(bench, mend=True)) == {
        "prediction differs": (1, 0),
        "suggestion not shown": (1, 1),
        "annotation gone": (1, 0),
    }
    with bench.store.transaction() as session:
        assert [revision.state for revision in revisions.find(session)] == ["submitted", "deleted"]
    assert bench.push().predictions_sent == 1
    assert compare(bench).differences == ()
