"""A changed scheme against a real Label Studio: refused where it would orphan, and what is there stays readable."""

import re
from pathlib import Path

import pytest
from contexts import PartsContext
from pushing import CONFIG, RULES, SCHEME, Bench, text

from workbench.core.annotations import Producer
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioError, SchemeError
from workbench.labelstudio import annotator_client
from workbench.labelstudio.annotator_client import ClientTask
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.api.direct import request
from workbench.labelstudio.pull.pull import PullReport, pull
from workbench.labelstudio.reconcile import reconcile
from workbench.store import annotations, projects, revisions
from workbench.store.revisions import Revision
from workbench.workflows.scheme_change import SchemePullReport, SchemePushReport, scheme_diff, scheme_pull, scheme_push
from workbench.workflows.status import status

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


def context(bench: Bench, config: str) -> PartsContext:
    return PartsContext(bench.folder, store=bench.store, config=config, client=bench.client, title=bench.title)


def change(bench: Bench, config: str, *, force: bool = False) -> SchemePushReport:
    report = scheme_push(context(bench, config), force=force)
    bench.config, bench.scheme = config, LabelScheme.from_xml(config)
    return report


def fetch(bench: Bench, folder: Path, *, force: bool = False) -> SchemePullReport:
    """The label config of the server taken into a file."""
    report = scheme_pull(context(bench, bench.config), force=force)
    bench.config = (folder / "label_config.xml").read_text(encoding="utf-8")
    bench.scheme = LabelScheme.from_xml(bench.config)
    return report


def edit(bench: Bench, project_id: int, before: str, after: str) -> str:
    """Somebody changes the label config on the project's settings page."""
    config = bench.client.project(project_id).get("label_config", "")
    assert before in config
    bench.client.update_project(project_id, {"label_config": config.replace(before, after)})
    return config.replace(before, after)


def take(bench: Bench, project_id: int, shown: str = "rules 1") -> ClientTask:
    client_task = annotator_client.next_task(bench.client, project_id, bench.scheme, shown=shown)
    assert client_task is not None
    return client_task


def bring(bench: Bench) -> PullReport:
    return pull(bench.store, bench.client, Silent(), title=bench.title)


def current(bench: Bench) -> list[Revision]:
    with bench.store.transaction() as session:
        return revisions.current(session)


def differences(bench: Bench) -> dict[str, tuple[str, ...]]:
    report = reconcile(bench.store, bench.client, Silent(), title=bench.title)
    return {one.kind: one.examples for one in report.differences}


def annotated(bench: Bench) -> tuple[int, list[Article]]:
    """A project of three articles, the first of which was submitted as it was suggested, and pulled."""
    added = bench.add([text(n) for n in range(3)])
    project_id = bench.push().project_id
    client_task = take(bench, project_id)
    annotator_client.submit(bench.client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    assert bring(bench).submitted == 1
    return project_id, added


def used(bench: Bench) -> str:
    """A label of the first layer that the annotation has."""
    with bench.store.transaction() as session:
        [revision] = revisions.current(session)
        return annotations.get_set(session, revision.set_id).annotations.layers[FIRST.name][0].label


def renew(bench: Bench, added: list[Article], project_id: int) -> None:
    """Suggestions of the new scheme take the place of the old ones, and can be corrected."""
    bench.suggest(added, NEWER)
    report = bench.push(producers=[NEWER, RULES], verify=True)
    assert (report.predictions_sent, report.predictions_retired, report.unshown) == (2, 2, 0)
    assert (report.refused, report.differences) == ((), ())
    client_task = take(bench, project_id, shown="rules 2")
    bench.scheme.check(client_task.suggestion, client_task.text)
    annotator_client.submit(bench.client, client_task, client_task.suggestion, bench.scheme, lead_time=1.0)
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
    client_task = take(bench, project_id)
    annotator_client.submit(bench.client, client_task, client_task.suggestion, old, lead_time=1.0)
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
    with pytest.raises(SchemeError, match=f"1 annotation and 3 predictions would not fit any more: label {label}"):
        change(bench, less)
    assert bench.client.project(project_id).get("label_config") == CONFIG.strip()
    with bench.store.transaction() as session:
        assert projects.every(session)[-1].config == CONFIG

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
        became = revisions.corrections(session, after.id or 0)
        labels = {span.label for _, span in annotations.get_set(session, after.set_id).annotations.spans()}
    assert "SOMETHING" in labels
    assert label not in labels
    assert {one.decision for one in became if one.kind == "span"} == {"kept"}
    renew(bench, added, project_id)


def test_what_was_submitted_a_moment_ago_is_counted(bench: Bench):
    """The store does not know of it yet: it is pulled under the scheme that the annotator saw."""
    bench.add([text(1)], producer=None)
    project_id = bench.push(without_suggestions=True).project_id
    client_task = take(bench, project_id)
    label = FIRST.label_values[-1]
    span = {"id": "mine", "label": label, "start": 0, "end": 2, "text": client_task.text[:2]}
    made = client_task.suggestion.model_validate(
        {**client_task.suggestion.model_dump(), "layers": {FIRST.name: [span]}}
    )
    annotator_client.submit(bench.client, client_task, made, SCHEME, lead_time=1.0)
    with pytest.raises(SchemeError, match=f"1 annotation and 0 predictions .* label {label}"):
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
    request(bench.client._way, "POST", f"api/tasks/{task['id']}/drafts", json={"result": [region]})
    with pytest.raises(
        LabelStudioError, match="annotations or drafts in Label Studio use something that the new config lacks"
    ):
        change(bench, without(label))
    assert bench.client.project(project_id).get("label_config") == CONFIG.strip()
    assert change(bench, without(label), force=True).pushed


def test_a_project_whose_config_somebody_changed_gets_it_back(bench: Bench):
    project_id, _ = annotated(bench)
    bench.client.update_project(project_id, {"label_config": MORE})
    assert "config differs" in differences(bench)
    assert reconcile(bench.store, bench.client, Silent(), title=bench.title, mend=True).left == 0
    assert bench.client.project(project_id).get("label_config") == CONFIG.strip()


def test_an_edit_that_takes_something_away_is_said_everywhere_and_taken_back(bench: Bench, tmp_path: Path):
    project_id, _ = annotated(bench)
    label = used(bench)
    edit(bench, project_id, f'value="{label}"', 'value="SOMETHING"')
    told = f"label {label} of {FIRST.name} removed"
    with pytest.raises(LabelStudioError, match=f"{told}.*nothing was pushed") as refused:
        bench.push()
    assert "`workbench scheme pull`" in refused.value.hint
    assert told in str(bring(bench).config_edit)
    assert told in str(status(context(bench, CONFIG)).config_edit)
    diff = scheme_diff(context(bench, CONFIG))
    assert (diff.same, diff.asked, diff.edited) == (True, True, (told, f"label SOMETHING of {FIRST.name} added"))
    with pytest.raises(SchemeError, match="1 annotation and 3 predictions would not fit") as orphans:
        fetch(bench, tmp_path)
    assert 'was="OLD NAME"' in orphans.value.hint
    assert not (tmp_path / "backups").exists()

    assert change(bench, CONFIG).pushed
    assert bench.client.project(project_id).get("label_config") == CONFIG.strip()
    assert (bring(bench).config_edit, bench.push().config_edit) == (None, None)
    assert not change(bench, CONFIG).pushed


def test_an_edit_is_taken_into_the_file_and_what_did_not_fit_fits(bench: Bench, tmp_path: Path):
    project_id, added = annotated(bench)
    label = used(bench)
    theirs = edit(bench, project_id, f'<Label value="{label}"', f'<Label value="SOMETHING" was="{label}"')
    report = bench.push()
    assert f"label {label} of {FIRST.name} renamed" in str(report.config_edit)
    [task] = [task for task in bench.tasks(project_id) if not task.get("annotations")][:1]
    region = {
        "id": "mine",
        "type": "labels",
        "from_name": FIRST.name,
        "to_name": SCHEME.text_name,
        "value": {"start": 0, "end": 2, "labels": ["SOMETHING"]},
    }
    bench.client.create_annotation(task["id"], {"result": [region], "lead_time": 1.0})
    assert [one.rule for one in bring(bench).new_problems] == ["label-unknown"]

    taken = fetch(bench, tmp_path)
    assert (taken.taken, taken.pulled, taken.to_renew, taken.change.orphaned) == (True, 1, 3, ())
    assert bench.config == theirs + "\n"
    assert taken.kept is not None
    assert taken.kept.read_text(encoding="utf-8") == CONFIG
    after = bring(bench)
    assert (after.config_edit, after.open_problems, after.submitted) == (None, 0, 0)
    assert {revision.state for revision in current(bench)} == {"submitted"}
    assert len(current(bench)) == 2
    assert set(differences(bench)) == set()
    assert not fetch(bench, tmp_path).taken
    assert bench.push().config_edit is None

    # The same producer under the new scheme: what annotators see is renewed, under a version of its own.
    bench.suggest(added, RULES)
    renewed = bench.push()
    assert renewed.model_version == f"rules 1 for scheme {bench.scheme.digest[:8]}"
    assert (renewed.predictions_sent, renewed.predictions_retired, renewed.unshown) == (1, 1, 0)
    assert bench.push(verify=True).predictions_sent == 0
    assert set(differences(bench)) == set()


def test_new_looks_of_the_file_do_not_undo_an_edit(bench: Bench):
    project_id, _ = annotated(bench)
    theirs = edit(bench, project_id, '<Label value="GPE"', '<Label value="PLANET"/><Label value="GPE"')
    bench.config = CONFIG.replace('background="#1a4fd0"', 'background="#000000"')
    assert bench.push().config_edit is not None
    assert bench.client.project(project_id).get("label_config") == theirs


def test_a_file_that_cannot_be_written_changes_nothing(bench: Bench, tmp_path: Path):
    project_id, _ = annotated(bench)
    edit(bench, project_id, '<Label value="GPE"', '<Label value="PLANET"/><Label value="GPE"')
    (tmp_path / "backups").write_text("no folder", encoding="utf-8")
    with pytest.raises(SchemeError, match=r"cannot be written.*is as it was"):
        fetch(bench, tmp_path)
    assert (tmp_path / "label_config.xml").read_text(encoding="utf-8") == CONFIG
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".label")] == []
    with bench.store.transaction() as session:
        assert projects.every(session)[-1].config == CONFIG
