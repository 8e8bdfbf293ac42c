"""A changed scheme: counted, refused, pushed; and old annotations released where they still fit."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest
from annotation_sets import a_set, span
from contexts import PartsContext
from ledgers import Ledger
from pushing import CONFIG

from workbench.core.annotations import AnnotationSet
from workbench.core.scheme import LabelScheme
from workbench.errors import LabelStudioError, LabelStudioUnavailable, SchemeError
from workbench.gold.accepted import select
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.reports.scheme_effects import SchemeChangeReport
from workbench.store import prediction_ledger, problems, projects, revisions, task_ledger
from workbench.workflows.scheme_change import scheme_diff, scheme_push

MORE = CONFIG.replace('<Label value="GPE"', '<Label value="PLANET"/><Label value="GPE"')
LESS = CONFIG.replace('<Label value="GPE"', '<Label value="COUNTRY"')
RENAMED = CONFIG.replace('<Label value="GPE"', '<Label value="COUNTRY" was="GPE"')
OTHER_DEFAULT = CONFIG.replace('default="asserted"', 'default="negated"')


class Server:
    """Stands for a server where nothing has changed: it counts what the ledger knows of, and keeps what it is sent."""

    server, url, requests = "embedded", "http://127.0.0.1:1", 0

    def __init__(self, annotated: int = 2) -> None:
        self.annotated = annotated
        self.sent: list[wire.ProjectFields] = []
        self.against_change: str | None = None
        self.against_earlier: str | None = None
        self.refuses: LabelStudioError | None = None

    def clock(self) -> datetime:
        return datetime.now(UTC)

    @property
    def answered(self) -> datetime:
        return self.clock()

    def project(self, project_id: int) -> dict[str, object]:
        counts = {"total_annotations_number": self.annotated, "skipped_annotations_number": 0}
        return {"id": project_id, "task_number": 1, **counts}

    counts = project

    def tasks(self, *_: object, **__: object) -> Iterator[wire.Task]:
        return iter(())

    task_states = tasks

    def check_config(self, _: str) -> None:
        return None

    def check_change(self, _: int, config: str) -> str | None:
        earlier = None if 'Label value="GPE"' in config else self.against_earlier
        return self.against_change or earlier

    def update_project(self, _: int, fields: wire.ProjectFields) -> None:
        if self.refuses:
            raise self.refuses
        self.sent.append(fields)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Three articles with a GPE, an event without a modality, an import; the first one's suggestion is shown."""
    ledger = Ledger(tmp_path)
    made = [ledger.add(number) for number in range(3)]
    place, event = (
        a_set(span("p", "GPE", 0, 4)),
        a_set(span("v", "AID", 10, 14, ("actor", "o")), span("o", "ORG", 0, 4)),
    )
    parent = ledger.suggest(made[0], place)
    ledger.submit(made[0], place, parent, external_id="1")
    ledger.submit(made[1], place, external_id="2")
    ledger.submit(made[1], event, external_id="2")
    ledger.submit(made[2], place, external_id="x", origin="import:f.jsonl", annotator="bob")
    with ledger.store.transaction() as session:
        digest = LabelScheme.from_xml(CONFIG).digest
        project = projects.add(
            session, server="embedded", project_id=7, title="News", scheme_digest=digest, config=CONFIG
        )
        task = task_ledger.intend_task(session, project.id, made[0].id, 1)
        task_ledger.settle_task(session, task.id, state="present", task_id=1)
        sent = prediction_ledger.intend_prediction(session, task.id, parent, "rules 1")
        prediction_ledger.settle_prediction(session, sent.id, state="present", prediction_id=5)
    return ledger


def context(ledger: Ledger, config: str = CONFIG, **parts: object) -> PartsContext:
    return PartsContext(
        ledger.folder / f"parts {len(parts)}", store=ledger.store, config=config, **{"title": "News", **parts}
    )


def compare(ledger: Ledger, config: str) -> SchemeChangeReport:
    return scheme_diff(context(ledger, config))


def push(ledger: Ledger, config: str, server: Server, *, force: bool = False):
    return scheme_push(context(ledger, config, client=cast("LabelStudioClient", server)), force=force)


def released(ledger: Ledger, config: str) -> list[AnnotationSet]:
    with ledger.store.transaction() as session:
        return [one.gold for one in select(session, LabelScheme.from_xml(config), "latest").accepted]


def test_a_removed_label_orphans_what_has_it_now(ledger: Ledger) -> None:
    report = compare(ledger, LESS)
    [effect] = [one for one in report.effects if one.orphans]
    assert effect.text == "label GPE of entities removed"
    # The second article had it once, which counts no more.
    assert [(one.article_id, one.annotations, one.predictions, one.uses) for one in effect.articles] == [
        ("a-00", 1, 1, 2),
        ("a-02", 1, 0, 1),
    ]
    assert [(one.article_id, one.annotator, one.origin) for one in report.orphaned] == [
        ("a-00", "ann", "label-studio:1"),
        ("a-02", "bob", "import:f.jsonl"),
    ]
    assert (report.checked, report.orphaned_predictions, report.unfit) == (3, 1, 0)


def test_a_new_default_orphans_what_meant_the_old_one(ledger: Ledger) -> None:
    assert [one.article_id for one in compare(ledger, OTHER_DEFAULT).orphaned] == ["a-01"]


def test_looks_are_no_change(ledger: Ledger) -> None:
    report = compare(ledger, CONFIG.replace("PERSON", "PERSON", 1) + "\n")
    assert (report.same, report.redrawn, report.effects) == (True, True, ())


def test_without_a_project_there_is_nothing_to_compare(ledger: Ledger) -> None:
    with pytest.raises(SchemeError, match="nothing was pushed"):
        scheme_diff(context(ledger, title="Other"))
    with pytest.raises(SchemeError, match="nothing was pushed"):
        scheme_diff(context(ledger, label_studio_url="http://127.0.0.1:1"))


def test_orphans_are_refused_and_nothing_is_changed(ledger: Ledger) -> None:
    server = Server()
    with pytest.raises(SchemeError, match="2 annotations and 1 prediction would not fit any more: label GPE"):
        push(ledger, LESS, server)
    assert server.sent == []
    with ledger.store.transaction() as session:
        assert projects.every(session)[0].config == CONFIG


def test_a_wider_scheme_is_pushed_and_old_annotations_are_still_released(ledger: Ledger) -> None:
    server = Server()
    before = released(ledger, CONFIG)
    assert released(ledger, MORE) == []
    report = push(ledger, MORE, server)
    wider = LabelScheme.from_xml(MORE)
    assert (report.pushed, report.change.orphaned, report.to_renew) == (True, (), 1)
    assert server.sent[0]["label_config"] == MORE
    assert "PLANET" in server.sent[0]["expert_instruction"]
    with ledger.store.transaction() as session:
        [project] = projects.every(session)
        assert (project.config, project.scheme_digest) == (MORE, wider.digest)
    after = released(ledger, MORE)
    assert len(after) == len(before) == 3
    assert {one.scheme_digest for one in after} == {wider.digest}
    assert [one.layers for one in after] == [one.layers for one in before]
    assert not push(ledger, MORE, server).pushed


def test_a_workspace_from_before_agents_is_brought_along(ledger: Ledger) -> None:
    old = re.sub(r' *<Label value="AGENT".*\n', "", CONFIG).replace('value="holder"', 'value="holder" max="1"')
    push(ledger, old, Server())
    before = released(ledger, old)
    report = push(ledger, CONFIG, Server())
    assert (report.pushed, report.change.orphaned, report.change.orphaned_predictions) == (True, (), 0)
    after = released(ledger, CONFIG)
    assert len(after) == len(before) == 3
    assert [one.layers for one in after] == [one.layers for one in before]


def test_a_label_that_says_what_it_was_keeps_its_annotations(ledger: Ledger) -> None:
    server = Server()
    server.against_earlier = "These labels still exist: GPE"
    before = released(ledger, CONFIG)
    report = push(ledger, RENAMED, server)
    assert (report.pushed, report.change.orphaned, report.change.orphaned_predictions) == (True, (), 0)
    assert [(one.text, one.annotations) for one in report.change.effects] == [
        ("label GPE of entities renamed (GPE → COUNTRY)", 2)
    ]
    after = released(ledger, RENAMED)
    labels = [[span.label for _, span in one.spans()] for one in after]
    assert labels == [[span.label.replace("GPE", "COUNTRY") for _, span in one.spans()] for one in before]


def test_forced_orphans_stay_as_they_are_and_come_back_with_their_label(ledger: Ledger) -> None:
    with ledger.store.transaction() as session:
        kept = {stored.id: stored for _, stored in revisions.submitted_sets(session)}
    report = push(ledger, LESS, Server(), force=True)
    assert {one.set_id for one in report.change.orphaned} < set(kept)
    with ledger.store.transaction() as session:
        assert {stored.id: stored for _, stored in revisions.submitted_sets(session)} == kept
    assert len(released(ledger, LESS)) == 1
    # What did not fit before is none of the next change's doing.
    again = compare(ledger, LESS.replace('value="ORG"', 'value="ORGANISATION"'))
    assert (again.checked, again.unfit, [one.article_id for one in again.orphaned]) == (1, 2, ["a-01"])
    push(ledger, CONFIG, Server())
    assert len(released(ledger, CONFIG)) == 3


def test_drafts_on_the_server_are_refused_unless_forced(ledger: Ledger) -> None:
    server = Server()
    server.against_change = "These labels still exist in annotations or drafts: GPE (1 draft)"
    with pytest.raises(LabelStudioError, match=r"1 draft"):
        push(ledger, MORE, server)
    assert server.sent == []
    assert push(ledger, MORE, server, force=True).pushed


def test_what_the_server_never_takes_changes_nothing_here(ledger: Ledger) -> None:
    server = Server()
    server.refuses = LabelStudioError("Created annotations are incompatible", status=400)
    with pytest.raises(LabelStudioError, match="nothing was changed: Created annotations") as caught:
        push(ledger, LESS, server, force=True)
    assert "a project of its own" in caught.value.hint
    assert compare(ledger, LESS).orphaned


def test_a_run_that_died_after_the_server_took_the_config_is_finished(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server()

    def die(*_: object, **__: object) -> None:
        raise LabelStudioUnavailable("dead")

    with monkeypatch.context() as patch:
        patch.setattr(projects, "set_scheme", die)
        with pytest.raises(LabelStudioUnavailable):
            push(ledger, MORE, server)
    assert push(ledger, MORE, server).pushed
    assert len(server.sent) == 2


def test_annotations_that_did_not_fit_are_pulled_again_after_a_change(ledger: Ledger) -> None:
    with ledger.store.transaction() as session:
        problems.keep(
            session,
            1,
            problems.Problem(
                task_id=1,
                article_id="a-00",
                annotation_id=9,
                updated="",
                rule="label-unknown",
                message="",
                payload="{}",
            ),
        )
    push(ledger, MORE, Server(annotated=3))
    with ledger.store.transaction() as session:
        assert projects.every(session)[0].watermark is None
