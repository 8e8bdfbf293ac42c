"""Pull against a real Label Studio: exactly what people did, once, whatever they did."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from pushing import FOREIGN, FOREIGN_CONFIG, MODEL, SCHEME, Bench, text, through

from workbench.core.annotations import AnnotationSet, Span
from workbench.core.ports import Silent
from workbench.errors import LabelStudioError, LabelStudioUnavailable
from workbench.labelstudio import annotator_client
from workbench.labelstudio.annotator_client import ClientTask
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion.convert import to_result
from workbench.labelstudio.pull import pull as pull_module
from workbench.labelstudio.pull.pull import PullReport, pull
from workbench.labelstudio.server import accounts
from workbench.store import annotations, articles, projects, revisions
from workbench.store.revisions import Correction, Revision

SHOWN = "rules 1"


@pytest.fixture
def bench(tmp_path: Path, label_studio: LabelStudioClient, request: pytest.FixtureRequest) -> Bench:
    return Bench(tmp_path, label_studio, "pull " + request.node.name[-40:])


@pytest.fixture(scope="module")
def annotator(label_studio: LabelStudioClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelStudioClient]:
    folder = tmp_path_factory.mktemp("accounts")
    name = f"pia-{secrets.token_hex(4)}"
    accounts.add(label_studio, folder, (name,))
    client = accounts.client_of(label_studio, folder, name)
    yield client
    client.close()


def bring(bench: Bench, *, adopt: bool = False, send_back: bool = False) -> PullReport:
    return pull(bench.store, bench.client, Silent(), title=bench.title, adopt=adopt, send_back=send_back)


def take(bench: Bench, client: LabelStudioClient, project_id: int) -> ClientTask:
    client_task = annotator_client.next_task(client, project_id, bench.scheme, shown=SHOWN)
    assert client_task is not None
    return client_task


def all_revisions(bench: Bench) -> list[Revision]:
    with bench.store.transaction() as session:
        return revisions.find(session)


def content(bench: Bench, revision: Revision) -> AnnotationSet:
    with bench.store.transaction() as session:
        return annotations.get_set(session, revision.set_id).annotations


def became(bench: Bench, revision: Revision) -> list[Correction]:
    assert revision.id is not None
    with bench.store.transaction() as session:
        return revisions.corrections(session, revision.id)


def corrected(suggestion: AnnotationSet, body: str) -> AnnotationSet:
    """A correction: in the first layer one span relabelled, one deleted, one added; the rest as it was."""
    layer = SCHEME.layers[0]
    first, second, *others = suggestion.layers[layer.name]
    label = next(value for value in layer.label_values if value != second.label)
    at = body.index("minister")
    added = Span(id="mine", label=layer.label_values[0], start=at, end=at + 8, text="minister")
    spans = (second.model_copy(update={"label": label}), *others, added)
    layers = {
        name: tuple(
            span.model_copy(update={"arguments": tuple(a for a in span.arguments if a.target != first.id)})
            for span in (spans if name == layer.name else found)
        )
        for name, found in suggestion.layers.items()
    }
    return SCHEME.normalise(suggestion.model_copy(update={"layers": layers}))


def shape(found: AnnotationSet) -> list[tuple[object, ...]]:
    """What a set says, without ids and scores."""
    ids = found.by_id()
    return sorted(
        (
            layer,
            span.label,
            *span.offsets,
            span.text,
            tuple(sorted(span.attributes.items())),
            tuple(sorted((a.role, *ids[a.target][1].offsets) for a in span.arguments)),
        )
        for layer, span in found.spans()
    )


def test_pull_brings_exactly_what_a_person_did(bench: Bench, annotator: LabelStudioClient):
    bench.add([text(n) for n in range(3)])
    project_id = bench.push().project_id
    assert bring(bench).submitted == 0

    client_task = take(bench, annotator, project_id)
    work = corrected(client_task.suggestion, client_task.text)
    annotator_client.submit(annotator, client_task, work, SCHEME, lead_time=42.5)
    report = bring(bench)
    assert (report.submitted, report.new_problems, report.unknown) == (1, (), ())
    assert [(one.annotator, one.submitted) for one in report.annotators] == [(annotator.whoami()["email"], 1)]

    [revision] = all_revisions(bench)
    assert (revision.article_id, revision.state, revision.lead_time) == (client_task.article_id, "submitted", 42.5)
    assert shape(content(bench, revision)) == shape(work)
    with bench.store.transaction() as session:
        [stored] = annotations.suggestions(session, client_task.article_id, 1)
    assert revision.parent_set_id == stored.id
    assert content(bench, revision).parents == (stored.annotations.digest,)
    layer = SCHEME.layers[0].name
    spans = [row for row in became(bench, revision) if row.kind == "span"]
    assert sorted(row.decision for row in spans if row.layer == layer) == sorted(
        ["added", "deleted", "relabelled"] + ["kept"] * (len(stored.annotations.layers[layer]) - 2)
    )
    assert {row.decision for row in spans if row.layer != layer} == {"kept"}

    again = bring(bench)
    assert (again.submitted, again.new_problems) == (0, ())
    assert len(all_revisions(bench)) == 1


def test_an_edit_a_skip_and_a_deletion_are_revisions(bench: Bench, annotator: LabelStudioClient):
    bench.add([text(n) for n in range(2)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    made = annotator_client.submit(annotator, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    annotator_client.skip(annotator, take(bench, annotator, project_id))
    report = bring(bench)
    assert (report.submitted, report.skipped, report.deleted) == (1, 1, 0)

    work = corrected(client_task.suggestion, client_task.text)
    annotator.update_annotation(made, {"result": annotator_client._as_edited(work, client_task, SCHEME)})
    assert bring(bench).submitted == 1
    mine = [revision for revision in all_revisions(bench) if revision.external_id == str(made)]
    assert [revision.state for revision in mine] == ["submitted", "submitted"]
    assert shape(content(bench, mine[1])) == shape(work)
    assert mine[0].updated < mine[1].updated

    bench.client.delete_annotation(made)
    report = bring(bench)
    assert (report.submitted, report.deleted) == (0, 1)
    with bench.store.transaction() as session:
        states = {r.external_id: r.state for r in revisions.current(session)}
    assert sorted(states.values()) == ["deleted", "skipped"]
    assert (bring(bench).deleted, len(all_revisions(bench))) == (0, 4)


def test_what_does_not_fit_is_kept_aside_and_stops_nothing(bench: Bench, annotator: LabelStudioClient):
    bench.add([text(n) for n in range(2)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    good = to_result(client_task.suggestion, SCHEME, key=client_task.key or "")
    bad = json.loads(json.dumps(good))
    first, second, *_ = [item for item in bad if item["type"] == "labels"]
    first["value"]["end"] = 100_000
    second["value"]["labels"] = ["NO_SUCH_LABEL"]
    made = annotator.create_annotation(
        client_task.task_id, {"result": bad, "parent_prediction": client_task.prediction_id}
    )["id"]
    other = take(bench, annotator, project_id)
    annotator_client.submit(annotator, other, other.suggestion, SCHEME, lead_time=1.0)

    report = bring(bench)
    assert report.submitted == 1
    assert {p.rule for p in report.new_problems} >= {"offsets-outside", "label-unknown"}
    assert all(p.annotation_id == made and p.article_id == client_task.article_id for p in report.new_problems)
    assert json.loads(report.new_problems[0].payload)["result"] == bad
    assert [revision.article_id for revision in all_revisions(bench)] == [other.article_id]
    again = bring(bench)
    assert (again.new_problems, again.open_problems) == ((), report.open_problems)

    annotator.update_annotation(made, {"result": good})
    mended = bring(bench)
    assert (mended.submitted, mended.open_problems) == (1, 0)
    assert mended.settled == report.open_problems


def test_an_annotation_that_was_copied_comes_with_what_it_was_copied_from(bench: Bench, annotator: LabelStudioClient):
    bench.add([text(1)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    result = to_result(client_task.suggestion, SCHEME, key=client_task.key or "")
    made = annotator.create_annotation(client_task.task_id, {"result": result})["id"]
    bench.client.create_annotation(client_task.task_id, {"result": result, "parent_annotation": made})
    assert bring(bench).submitted == 2
    assert sorted((one.parent_annotation or "") for one in all_revisions(bench)) == ["", str(made)]


def region(body: str, words: str, own: str, *, number: int = 0) -> dict[str, object]:
    """A region over these words, whose own text is another; as whoever posts annotations may make it."""
    layer = SCHEME.layers[0]
    at = body.index(words)
    value = {"start": at, "end": at + len(words), "text": own, "labels": [layer.label_values[0]]}
    return {"id": f"r{number}", "type": "labels", "from_name": layer.name, "to_name": SCHEME.text_name, "value": value}


def test_white_space_at_the_edges_of_a_region_is_not_kept_and_a_blank_region_is_a_problem(
    bench: Bench, annotator: LabelStudioClient
):
    bench.add([f"Astana slept \n\n{text(n)}" for n in range(2)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    loose = region(client_task.text, "slept \n\n", "slept \\n\\n")
    made = annotator.create_annotation(client_task.task_id, {"result": [loose]})["id"]
    report = bring(bench)
    assert (report.submitted, report.open_problems) == (1, 0)
    assert [article for article, _ in report.trimmed] == [client_task.article_id]
    assert report.trimmed[0][1].endswith("'slept \\n\\n' is taken as 'slept'")
    [(_, span)] = content(bench, all_revisions(bench)[0]).spans()
    assert (span.text, client_task.text[span.start : span.end]) == ("slept", "slept")
    assert bring(bench).trimmed == ()

    blank = region(client_task.text, " \n\n", "\\n\\n", number=1)
    annotator.update_annotation(made, {"result": [loose, blank]})
    report = bring(bench)
    assert (report.submitted, [problem.rule for problem in report.new_problems]) == (0, ["region-blank"])
    assert report.trimmed == ()
    annotator.update_annotation(made, {"result": [loose]})
    assert bring(bench).open_problems == 0


def test_a_region_whose_own_text_is_another_is_a_problem_that_names_both_also_when_it_is_taken_in(
    bench: Bench, annotator: LabelStudioClient
):
    bench.add([text(1)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    annotator.create_annotation(client_task.task_id, {"result": [region(client_task.text, "minister", "inister ")]})
    body = text(2) + " By hand."
    drifted = {"result": [region(body, "minister ", "e minist")]}
    bench.client.import_tasks(project_id, [{"data": {SCHEME.text_field: body}, "annotations": [drifted]}])
    report = bring(bench, adopt=True)
    assert (report.submitted, report.adopted) == (0, 1)
    assert sorted((one.rule, one.message.partition("; ")[0].partition(" at ")[0]) for one in report.new_problems) == [
        ("text-differs", "r0: says 'e minist', but the text has 'minister '"),
        ("text-differs", "r0: says 'inister ', but the text has 'minister'"),
    ]
    assert all_revisions(bench) == []


def test_a_problem_goes_with_its_annotation(bench: Bench, annotator: LabelStudioClient):
    bench.add([text(1)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    result: list[wire.ResultItem] = [{"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}]
    made = annotator.create_annotation(client_task.task_id, {"result": result})["id"]
    assert bring(bench).open_problems == 1
    bench.client.delete_annotation(made)
    assert bring(bench).open_problems == 0
    assert all_revisions(bench) == []


def test_a_changed_text_is_a_problem(bench: Bench, annotator: LabelStudioClient):
    bench.add([text(1)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    [task] = bench.tasks(project_id)
    bench.client.update_task(task["id"], {**task["data"], SCHEME.text_field: "Something else entirely."})
    annotator_client.submit(annotator, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    report = bring(bench)
    assert [problem.rule for problem in report.new_problems] == ["text-differs"]
    assert all_revisions(bench) == []


def test_the_parent_is_told_from_the_regions_when_the_server_has_forgotten_it(
    bench: Bench, annotator: LabelStudioClient
):
    added = bench.add([text(1)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    bench.suggest(added, MODEL)
    bench.push()
    annotator_client.submit(
        annotator, client_task.model_copy(update={"prediction_id": None}), client_task.suggestion, SCHEME, lead_time=1.0
    )
    bring(bench)
    [revision] = all_revisions(bench)
    with bench.store.transaction() as session:
        old, _ = annotations.suggestions(session, added[0].id, 1)
    assert revision.parent_set_id == old.id
    assert {row.decision for row in became(bench, revision)} == {"kept"}


def test_an_annotation_made_by_hand_has_no_parent(bench: Bench, annotator: LabelStudioClient):
    bench.add([text(1)], producer=None)
    project_id = bench.push(without_suggestions=True).project_id
    client_task = take(bench, annotator, project_id)
    annotator_client.submit(annotator, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    bring(bench)
    [revision] = all_revisions(bench)
    assert revision.parent_set_id is None
    assert content(bench, revision).is_empty


def test_a_task_that_somebody_imported_is_reported_and_left_alone(bench: Bench, annotator: LabelStudioClient):
    [article] = bench.add([text(1)])
    project_id = bench.push().project_id
    [task] = bench.tasks(project_id)
    twin, stranger = bench.client.import_tasks(
        project_id, [{"data": task["data"]}, {"data": {**task["data"], "article_id": ""}}]
    )
    annotator.create_annotation(twin, {"result": []})
    report = bring(bench)
    assert {one.task_id for one in report.unknown} == {twin, stranger}
    assert any(article.id in one.reason for one in report.unknown)
    assert all_revisions(bench) == []


def test_a_task_that_somebody_imported_is_taken_in_when_asked(bench: Bench, annotator: LabelStudioClient):
    [article] = bench.add([text(1)])
    project_id = bench.push().project_id
    body = text(2) + "By hand 👩‍👧\r\n"
    stranger, twin, other_ends, empty = bench.client.import_tasks(
        project_id,
        [
            {"data": {SCHEME.text_field: body, "title": "By hand", "workplace": "foreign"}},
            {"data": {SCHEME.text_field: article.text}},
            {"data": {SCHEME.text_field: article.text.replace("\n", "\r\n")}},
            {"data": {SCHEME.text_field: " "}},
        ],
    )
    client_task = ClientTask(
        task_id=stranger, article_id="", text=body, suggestion=AnnotationSet.model_validate(bare(body))
    )
    annotator_client.submit(annotator, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    assert bring(bench).adopted == 0

    report = bring(bench, adopt=True)
    assert (report.adopted, report.submitted) == (1, 1)
    assert {one.task_id for one in report.unknown} == {twin, other_ends, empty}
    [reason] = [one.reason for one in report.unknown if one.task_id == other_ends]
    assert f"has the text of {article.id} with other line ends" in reason
    [revision] = all_revisions(bench)
    assert shape(content(bench, revision)) == shape(client_task.suggestion)
    with bench.store.transaction() as session:
        taken = articles.get(session, revision.article_id)
    assert (taken.text, taken.title, taken.meta) == (body, "By hand", {"workplace": "foreign"})
    there = bench.client.task(stranger)["data"]
    assert (there["article_id"], there["workplace"]) == (taken.id, "foreign")
    pushed = bench.push(verify=True)
    assert (pushed.pushed, pushed.differences, pushed.foreign) == (0, (), 3)
    assert bring(bench, adopt=True).adopted == 0


def bare(body: str) -> dict[str, object]:
    layer = SCHEME.layers[0]
    at = body.index("Astana")
    span = {"id": "s", "label": layer.label_values[0], "start": at, "end": at + 6, "text": "Astana"}
    return {"producer": {"kind": "person", "name": "p"}, "scheme_digest": SCHEME.digest, "layers": {layer.name: [span]}}


def test_a_deleted_task_is_found_because_the_counts_disagree(bench: Bench, annotator: LabelStudioClient):
    bench.add([text(n) for n in range(3)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    annotator_client.submit(annotator, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    first = bring(bench)
    assert (first.submitted, first.sweep) == (1, None)
    bench.client.delete_task(client_task.task_id)
    report = bring(bench)
    assert (report.deleted, report.submitted) == (1, 0)
    assert report.sweep is not None
    assert (report.sweep.tasks, report.sweep.gone, report.sweep.read_again) == (2, 1, 0)
    assert [revision.state for revision in all_revisions(bench)] == ["submitted", "deleted"]
    again = bring(bench)
    assert (again.deleted, again.sweep) == (0, None)


def test_a_problem_is_sent_back_in_the_note_and_the_note_goes_when_it_is_settled(
    bench: Bench, annotator: LabelStudioClient
):
    bench.add([text(1)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    good = to_result(client_task.suggestion, SCHEME, key=client_task.key or "")
    bad: list[wire.ResultItem] = [*good, {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}]
    made = annotator.create_annotation(client_task.task_id, {"result": bad})["id"]
    report = bring(bench, send_back=True)
    assert (report.open_problems, report.sent_back) == (1, 1)
    note = str(bench.client.task(client_task.task_id)["data"]["note"])
    assert report.new_problems[0].message in note
    assert bring(bench, send_back=True).sent_back == 0
    annotator.update_annotation(made, {"result": good})
    mended = bring(bench)
    assert (mended.submitted, mended.cleared, mended.open_problems) == (1, 1, 0)
    assert bench.client.task(client_task.task_id)["data"]["note"] == ""
    assert bring(bench).cleared == 0


def test_a_pull_that_was_interrupted_loses_nothing(bench: Bench, annotator: LabelStudioClient):
    bench.add([text(n) for n in range(2)])
    project_id = bench.push().project_id
    for _ in range(2):
        client_task = take(bench, annotator, project_id)
        annotator_client.submit(annotator, client_task, client_task.suggestion, SCHEME, lead_time=1.0)

    class Dying(LabelStudioClient):
        def users(self):
            raise LabelStudioUnavailable("gone")

    with pytest.raises(LabelStudioUnavailable):
        pull(bench.store, through(Dying, bench.client), Silent(), title=bench.title)
    with bench.store.transaction() as session:
        assert projects.every(session)[0].watermark is None
    assert bring(bench).submitted == 2


def test_a_pull_reads_only_what_changed(bench: Bench, annotator: LabelStudioClient):
    bench.add([text(n) for n in range(30)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    annotator_client.submit(annotator, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    report = bring(bench)
    assert report.tasks_seen == 1
    assert report.requests <= 5


def test_of_many_tasks_that_changed_only_those_with_annotations_are_read(
    bench: Bench, annotator: LabelStudioClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pull_module, "PAGE", 2)
    bench.add([text(n) for n in range(9)])
    project_id = bench.push().project_id
    made: list[int] = []
    for _ in range(4):
        client_task = take(bench, annotator, project_id)
        made.append(annotator_client.submit(annotator, client_task, client_task.suggestion, SCHEME, lead_time=1.0))
    annotator_client.skip(annotator, take(bench, annotator, project_id))
    report = bring(bench)
    assert (report.submitted, report.skipped, report.deleted) == (4, 1, 0)

    bench.client.delete_annotation(made[3])
    for task in list(bench.client.tasks(project_id, everything=True))[5:]:
        bench.client.delete_prediction(task["predictions"][0]["id"])
    report = bring(bench)
    assert (report.submitted, report.skipped, report.deleted, report.sweep) == (0, 0, 1, None)
    assert report.tasks_seen == 5


def test_nothing_was_pushed_yet(bench: Bench):
    with pytest.raises(LabelStudioError, match="nothing was pushed"):
        bring(bench)


def test_a_scheme_of_another_domain_goes_round(
    tmp_path: Path, label_studio: LabelStudioClient, annotator: LabelStudioClient
):
    bench = Bench(tmp_path, label_studio, "pull another domain", scheme=FOREIGN, config=FOREIGN_CONFIG)
    bench.add([text(1)])
    project_id = bench.push().project_id
    client_task = take(bench, annotator, project_id)
    annotator_client.submit(annotator, client_task, client_task.suggestion, FOREIGN, lead_time=1.0)
    assert bring(bench).submitted == 1
    [revision] = all_revisions(bench)
    assert shape(content(bench, revision)) == shape(client_task.suggestion)
    assert {row.decision for row in became(bench, revision)} == {"kept"}
