"""A changed scheme against a real Label Studio: refused where it would orphan, and what is there stays readable."""

import re
from pathlib import Path

import pytest
from pushing import CONFIG, RULES, SCHEME, Bench, text

from workbench.core.annotations import Producer
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioError, SchemeError
from workbench.labelstudio import desk
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.desk import Sheet
from workbench.labelstudio.pull.pull import PullReport, pull
from workbench.labelstudio.reconcile import reconcile
from workbench.store import annotations, sync
from workbench.store.annotations import Revision
from workbench.workflows.scheme_change import SchemePushReport, scheme_push

MORE = CONFIG.replace('<Label value="GPE"', '<Label value="PLANET"/><Label value="GPE"')
NEWER = Producer(kind="rules", name="rules", version="2")
FIRST = SCHEME.layers[0]


@pytest.fixture
def bench(tmp_path: Path, label_studio: LabelStudioClient, request: pytest.FixtureRequest) -> Bench:
    return Bench(tmp_path, label_studio, "scheme " + request.node.name[-40:])


def without(label: str) -> str:
    """The config without a label of the first layer."""
    lines = CONFIG.splitlines(keepends=True)
    left = [line for line in lines if f'<Label value="{label}"' not in line]
    assert len(left) == len(lines) - 1
    return "".join(left)


def change(bench: Bench, config: str, *, force: bool = False) -> SchemePushReport:
    scheme = LabelScheme.from_xml(config)
    report = scheme_push(bench.store, bench.client, scheme, config, Silent(), title=bench.title, force=force)
    bench.config, bench.scheme = config, scheme
    return report


def take(bench: Bench, project_id: int, shown: str = "rules 1") -> Sheet:
    sheet = desk.next_sheet(bench.client, project_id, bench.scheme, shown=shown)
    assert sheet is not None
    return sheet


def bring(bench: Bench) -> PullReport:
    return pull(bench.store, bench.client, Silent(), title=bench.title)


def current(bench: Bench) -> list[Revision]:
    with bench.store.transaction() as session:
        return annotations.current_revisions(session)


def differences(bench: Bench) -> dict[str, tuple[str, ...]]:
    report = reconcile(bench.store, bench.client, Silent(), title=bench.title)
    return {one.kind: one.examples for one in report.differences}


def annotated(bench: Bench) -> tuple[int, list[Article]]:
    """A project of three articles, the first of which was handed in as it was suggested, and pulled."""
    added = bench.add([text(n) for n in range(3)])
    project_id = bench.push().project_id
    sheet = take(bench, project_id)
    desk.hand_in(bench.client, sheet, sheet.suggestion, SCHEME, lead_time=1.0)
    assert bring(bench).submitted == 1
    return project_id, added


def used(bench: Bench) -> str:
    """A label of the first layer that the annotation has."""
    with bench.store.transaction() as session:
        [revision] = annotations.current_revisions(session)
        return annotations.get_set(session, revision.set_id).annotations.layers[FIRST.name][0].label


def renew(bench: Bench, added: list[Article], project_id: int) -> None:
    """Suggestions of the new scheme take the place of the old ones, and can be corrected."""
    bench.suggest(added, NEWER)
    report = bench.push(producers=[NEWER, RULES], verify=True)
    assert (report.predictions_sent, report.predictions_retired, report.unshown) == (2, 2, 0)
    assert (report.refused, report.differences) == ((), ())
    sheet = take(bench, project_id, shown="rules 2")
    bench.scheme.check(sheet.suggestion, sheet.text)
    desk.hand_in(bench.client, sheet, sheet.suggestion, bench.scheme, lead_time=1.0)
    report = bring(bench)
    assert (report.submitted, report.new_problems) == (1, ())
    assert differences(bench) == {}


def test_what_is_added_takes_nothing_from_anybody(bench: Bench):
    project_id, added = annotated(bench)
    before = current(bench)
    report = change(bench, MORE)
    assert (report.pushed, report.change.orphaned, report.to_renew) == (True, (), 3)
    assert bench.client.project(project_id).get("label_config") == MORE.strip()
    assert differences(bench) == {}
    again = bring(bench)
    assert (again.submitted, again.new_problems) == (0, ())
    assert current(bench) == before
    renew(bench, added, project_id)
    assert not change(bench, MORE).pushed


def test_a_project_from_before_agents_is_brought_along(
    tmp_path: Path, label_studio: LabelStudioClient, request: pytest.FixtureRequest
):
    config = re.sub(r' *<Label value="AGENT".*\n', "", CONFIG).replace('value="holder"', 'value="holder" max="1"')
    old = LabelScheme.from_xml(config)
    bench = Bench(tmp_path, label_studio, "scheme " + request.node.name[-40:], scheme=old, config=config)
    added = bench.add([text(n) for n in range(3)])
    project_id = bench.push().project_id
    sheet = take(bench, project_id)
    desk.hand_in(bench.client, sheet, sheet.suggestion, old, lead_time=1.0)
    assert bring(bench).submitted == 1
    before = current(bench)
    report = change(bench, CONFIG)
    assert (report.pushed, report.change.orphaned, report.change.orphaned_predictions) == (True, (), 0)
    assert bench.client.project(project_id).get("label_config") == CONFIG.strip()
    assert differences(bench) == {}
    assert bring(bench).submitted == 0
    assert current(bench) == before
    renew(bench, added, project_id)


def test_what_would_orphan_is_refused_and_with_force_it_is_done(bench: Bench):
    project_id, added = annotated(bench)
    before, label = current(bench), used(bench)
    less = without(label)
    with pytest.raises(SchemeError, match=f"1 annotations and 3 predictions would not fit any more: label {label}"):
        change(bench, less)
    assert bench.client.project(project_id).get("label_config") == CONFIG.strip()
    with bench.store.transaction() as session:
        assert sync.projects(session)[-1].config == CONFIG

    report = change(bench, less, force=True)
    assert (report.pushed, len(report.change.orphaned)) == (True, 1)
    assert bench.client.project(project_id).get("label_config") == less.strip()
    again = bring(bench)
    assert (again.submitted, again.new_problems) == (0, ())
    assert current(bench) == before
    renew(bench, added, project_id)
    assert current(bench)[0] == before[0]


def test_a_renamed_label_keeps_what_was_annotated_and_what_is_edited_later(bench: Bench):
    project_id, added = annotated(bench)
    label = used(bench)
    [before] = current(bench)
    config = CONFIG.replace(f'<Label value="{label}"', f'<Label value="SOMETHING" was="{label}"')
    report = change(bench, config)
    assert (report.pushed, report.change.orphaned, report.change.orphaned_predictions) == (True, (), 0)
    assert differences(bench) == {}
    assert bring(bench).submitted == 0

    # Whoever edits it finds the label's earlier name in the annotation, and sends it again.
    annotation = int(before.external_id)
    [task] = [task for task in bench.tasks(project_id) if task.get("annotations")]
    result = [item for item in task["annotations"][0]["result"] if item["type"] != "relation"]
    bench.client.update_annotation(annotation, {"result": result})
    again = bring(bench)
    assert (again.submitted, again.new_problems) == (1, ())
    [after] = current(bench)
    with bench.store.transaction() as session:
        became = annotations.corrections(session, after.id or 0)
        labels = {span.label for _, span in annotations.get_set(session, after.set_id).annotations.spans()}
    assert "SOMETHING" in labels
    assert label not in labels
    assert {one.decision for one in became if one.kind == "span"} == {"kept"}
    renew(bench, added, project_id)


def test_what_was_submitted_a_moment_ago_is_counted(bench: Bench):
    """The store does not know of it yet: it is pulled under the scheme that the annotator saw."""
    bench.add([text(1)], producer=None)
    project_id = bench.push(without_suggestions=True).project_id
    sheet = take(bench, project_id)
    label = FIRST.label_values[-1]
    span = {"id": "mine", "label": label, "start": 0, "end": 2, "text": sheet.text[:2]}
    made = sheet.suggestion.model_validate({**sheet.suggestion.model_dump(), "layers": {FIRST.name: [span]}})
    desk.hand_in(bench.client, sheet, made, SCHEME, lead_time=1.0)
    with pytest.raises(SchemeError, match=f"1 annotations and 0 predictions .* label {label}"):
        change(bench, without(label))
    assert len(current(bench)) == 1


def test_a_draft_that_would_lose_its_labels_is_asked_for(bench: Bench):
    """Drafts are no annotations yet, so only Label Studio knows of them."""
    bench.add([text(1)], producer=None)
    project_id = bench.push(without_suggestions=True).project_id
    label = FIRST.label_values[-1]
    [task] = bench.tasks(project_id)
    region = {
        "id": "mine",
        "type": "labels",
        "from_name": FIRST.name,
        "to_name": SCHEME.text_name,
        "value": {"start": 0, "end": 2, "labels": [label]},
    }
    bench.client._way.request("POST", f"api/tasks/{task['id']}/drafts", json={"result": [region]})
    with pytest.raises(LabelStudioError, match="annotations or drafts in Label Studio use what the new config has not"):
        change(bench, without(label))
    assert bench.client.project(project_id).get("label_config") == CONFIG.strip()
    assert change(bench, without(label), force=True).pushed


def test_a_project_whose_config_somebody_changed_gets_it_back(bench: Bench):
    project_id, _ = annotated(bench)
    bench.client.update_project(project_id, {"label_config": MORE})
    assert "config differs" in differences(bench)
    assert reconcile(bench.store, bench.client, Silent(), title=bench.title, mend=True).left == 0
    assert bench.client.project(project_id).get("label_config") == CONFIG.strip()
