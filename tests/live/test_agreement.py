"""Any sequence of what people and the workbench do leaves store and server in agreement."""

import random
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from pushing import RULES, SCHEME, Bench, suggest, text
from torture.agreement import disagreements, missing
from torture.annotators import Annotator, Record, altered
from torture.harness import Person, hired

from workbench.core.annotations import Producer
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.labelstudio.annotator_client import ClientTask
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.pull import pull as pull_module
from workbench.labelstudio.pull.pull import pull
from workbench.labelstudio.push import delivery, ledger, retiring, suggestions
from workbench.store import annotations

PICK = st.integers(0, 1000)


@pytest.fixture(scope="module")
def people(label_studio: LabelStudioClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Person]]:
    staff = hired(label_studio, tmp_path_factory.mktemp("people"))
    yield staff
    for _, client in staff:
        client.close()


class Agreement(RuleBasedStateMachine):
    """A store, a project, two annotators; `pages` are open and were not submitted yet."""

    def __init__(self, owner: LabelStudioClient, people: list[Person]) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.bench = Bench(self.folder, owner, f"agreement {secrets.token_hex(6)}")
        self.people = people
        self.staff: list[Annotator] = []
        self.record = Record()
        self.articles: list[Article] = []
        self.producers = [RULES]
        self.pages: list[tuple[Annotator, ClientTask]] = []

    def is_open(self) -> bool:
        return bool(self.staff)

    @rule(number=st.integers(1, 4))
    def add(self, number: int) -> None:
        start = len(self.articles)
        made = self.bench.add([text(n) for n in range(start, start + number)], producer=None)
        self.articles += made
        self.suggest(made)

    @precondition(lambda self: self.articles)
    @rule()
    def push(self) -> None:
        report = self.bench.push(producers=self.producers)
        assert (report.refused, report.differences, report.duplicates) == ((), (), ())
        if not self.staff:
            self.staff = [
                Annotator(client, email, report.project_id, SCHEME, self.record) for email, client in self.people
            ]

    @precondition(lambda self: self.articles)
    @rule()
    def refresh(self) -> None:
        self.producers.insert(0, Producer(kind="model", name="news", version=str(len(self.producers) + 1)))
        self.suggest(self.articles)
        self.push()

    @precondition(is_open)
    @rule(pick=PICK, keep=st.booleans())
    def annotate(self, pick: int, keep: bool) -> None:
        """Somebody opens the next task, and submits it now or later."""
        who = self.staff[pick % 2]
        client_task = who.take()
        if client_task is not None and keep:
            self.pages.append((who, client_task))
        elif client_task is not None:
            who.submit(client_task, altered(random.Random(pick), client_task.suggestion, client_task.text, SCHEME))

    @precondition(lambda self: self.pages)
    @rule(pick=PICK)
    def submit(self, pick: int) -> None:
        """What was opened before is submitted, whatever happened to its suggestion meanwhile."""
        who, client_task = self.pages.pop(pick % len(self.pages))
        who.submit(client_task, altered(random.Random(pick), client_task.suggestion, client_task.text, SCHEME))

    @precondition(is_open)
    @rule(pick=PICK)
    def edit(self, pick: int) -> None:
        who = self.staff[pick % 2]
        if mine := who.mine("submitted", "skipped"):
            chosen = mine[pick % len(mine)]
            client_task = who.client_tasks[chosen]
            assert who.edit(chosen, altered(random.Random(pick), client_task.suggestion, client_task.text, SCHEME))

    @precondition(is_open)
    @rule(pick=PICK)
    def delete(self, pick: int) -> None:
        who = self.staff[pick % 2]
        if mine := who.mine("submitted", "skipped"):
            assert who.delete(mine[pick % len(mine)])

    @precondition(is_open)
    @rule(pick=PICK)
    def skip(self, pick: int) -> None:
        who = self.staff[pick % 2]
        if client_task := who.take():
            assert who.skip(client_task)

    @precondition(is_open)
    @rule()
    def pull(self) -> None:
        before = self.record.now()
        report = pull(self.bench.store, self.bench.client, Silent(), title=self.bench.title)
        assert (report.new_problems, report.unknown) == ((), ())
        assert missing(self.bench, self.record, before) == []

    @precondition(is_open)
    @rule()
    def agree(self) -> None:
        self.push()
        self.pull()
        assert disagreements(self.bench, self.record, self.producers[0]) == []

    def teardown(self) -> None:
        if self.staff:
            self.agree()
            self.bench.client.delete_project(self.staff[0].project_id)
        self.bench.store.close()
        shutil.rmtree(self.folder)

    def suggest(self, made: list[Article]) -> None:
        producer = self.producers[0]
        with self.bench.store.transaction() as session:
            for article in made:
                found = suggest(article, SCHEME, producer)
                if producer != RULES:
                    found = altered(random.Random(f"{producer} {article.id}"), found, article.text, SCHEME)
                annotations.keep(session, article.id, article.version, found)


def test_any_sequence_ends_in_agreement(
    label_studio: LabelStudioClient, people: list[Person], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivery, "CHUNK", 3)
    monkeypatch.setattr(ledger, "CHUNK", 3)
    monkeypatch.setattr(retiring, "CHUNK", 3)
    monkeypatch.setattr(suggestions, "RENEWAL_CHUNK", 3)
    monkeypatch.setattr(pull_module, "PAGE", 3)
    monkeypatch.setattr(pull_module, "OVERLAP", timedelta(seconds=2))
    few = settings(
        max_examples=6,
        stateful_step_count=14,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(lambda: Agreement(label_studio, people), settings=few)
