"""One seeded run: push, refresh and pull among faults and kills, while annotators work; then what has to be true.

A seed decides the articles, the steps, the faults, the request at which the client is killed, and what annotators draw.
The order in which two processes and a thread of annotators meet is the machine's.
"""

import multiprocessing.context
import os
import random
import secrets
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from multiprocessing import forkserver
from pathlib import Path

from contexts import PartsContext
from fault_proxy import FAULTS, LATE, FaultProxy, Plan
from pushing import CONFIG, RULES, SCHEME, Bench, suggest, text
from reviewing import PAGE
from torture.agreement import disagreements, missing, review_disagreements
from torture.annotators import Crowd, altered
from torture.child import Ended, Job, work

from workbench.core.annotations import Producer
from workbench.core.article import Article
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.server import accounts
from workbench.store import annotations
from workbench.workflows.adjudicate import DisputedArticle, review_title

Person = tuple[str, LabelStudioClient]
"""An annotator's e-mail, and a client that acts as that annotator."""
SECONDS = 1.0
HOLD = 1.3
STAGES = ("arrived", "done", "answered")
CHILD_SECONDS = 120


@dataclass(frozen=True)
class Step:
    """One start of the client. `kill` names the request and the stage of it at which the client is killed."""

    action: str
    rate: float
    faults: tuple[str, ...]
    most: int
    kill: tuple[int, str] | None = None
    pause: float = 0.0
    twin: bool = False
    before: str = ""


@dataclass(frozen=True)
class Scenario:
    """What a seed stands for. The steps of `review` follow where two people annotate each article."""

    seed: int
    articles: int
    chunk: int
    page: int
    overlap: int
    patience: float
    steps: tuple[Step, ...]
    review: tuple[Step, ...] = ()

    @classmethod
    def of(cls, seed: int) -> "Scenario":
        draw = random.Random(seed)
        steps = [_step(draw, "push", 14) for _ in range(draw.choice((1, 1, 2)))]
        steps += [_step(draw, "pull", 5)] * (draw.random() < 0.4)
        for round_ in range(draw.choice((1, 1, 2))):
            before = "new articles" if round_ else "new model"
            steps.append(replace(_step(draw, "push", 20), before=before))
            steps += [_step(draw, draw.choice(("push", "pull")), 12) for _ in range(draw.choice((0, 1)))]
        steps += [_step(draw, "pull", 6) for _ in range(draw.choice((1, 2)))]
        return cls(
            seed=seed,
            articles=draw.randint(6, 13),
            chunk=draw.randint(2, 5),
            page=draw.randint(2, 5),
            overlap=draw.choice((1, 1, 2)),
            patience=draw.choice((0.2, 0.6, 1.0)),
            steps=tuple(steps),
            review=_review(random.Random(f"{seed} review")),
        )


@dataclass
class Outcome:
    """What happened in a run, and what was wrong after it."""

    seed: int
    faults: Counter[str] = field(default_factory=Counter[str])
    kills: Counter[str] = field(default_factory=Counter[str])
    ended: Counter[str] = field(default_factory=Counter[str])
    errors: Counter[str] = field(default_factory=Counter[str])
    acts: Counter[str] = field(default_factory=Counter[str])
    decisions: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    unclear: list[str] = field(default_factory=list[str])
    doubles: int = 0
    requests: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list[str])


def hired(owner: LabelStudioClient, folder: Path) -> list[Person]:
    """Two new annotators."""
    names = tuple(f"{name}-{secrets.token_hex(3)}" for name in ("pia", "tom"))
    accounts.add(owner, folder, names)
    return [(accounts.address(name), accounts.client_of(owner, folder, name)) for name in names]


def run(seed: int, folder: Path, owner: LabelStudioClient, token: str, people: Sequence[Person]) -> Outcome:
    """What became of the run with this seed.

    Args:
        seed: decides what happens.
        folder: an empty one, for the store.
        owner: a client of the server, past the proxy.
        token: the owner's.
        people: annotators, by e-mail.
    """
    started = time.monotonic()
    one = _Run(Scenario.of(seed), folder, owner, token, people)
    one.go()
    one.outcome.seconds = time.monotonic() - started
    return one.outcome


_MIGRATING = threading.Lock()
"""Migrations are one at a time in a process."""


class _Run:
    def __init__(
        self,
        scenario: Scenario,
        folder: Path,
        owner: LabelStudioClient,
        token: str,
        people: Sequence[Person],
    ) -> None:
        self.scenario, self.folder, self.owner, self.token = scenario, folder, owner, token
        self.outcome = Outcome(scenario.seed)
        self.title = f"torture {scenario.seed} {os.getpid()}"
        self.producers = [RULES]
        self.articles: list[Article] = []
        with _MIGRATING:
            self.bench = Bench(folder, LabelStudioClient(owner._way, server="torture"), self.title)
        self.draw = random.Random(f"{scenario.seed} kills")
        # Its files are there before any child reads them.
        PartsContext(folder, config=CONFIG, title=self.title)
        self.people = people
        self.crowd = Crowd(people, self.title, SCHEME, scenario.seed)
        self.judges = Crowd(
            people, review_title(self.title, 1), PAGE.scheme, scenario.seed + 1, kept=PAGE.without_marks
        )
        self.waiting: Sequence[DisputedArticle] | None = None

    def go(self) -> None:
        self._add(self.scenario.articles)
        self.crowd.start()
        try:
            with FaultProxy(self.owner.url) as proxy:
                for number, step in enumerate(self.scenario.steps):
                    self._step(proxy, number, step)
                if self.scenario.overlap > 1:
                    self._review(proxy)
                time.sleep(0.05)
                if not proxy.wait_until_idle():
                    self.outcome.findings.append("a request did not end")
        finally:
            self.crowd.stop()
            self.judges.stop()
        for who in (self.crowd, self.judges):
            if who.trouble is not None:
                self.outcome.findings.append(f"an annotator could not go on: {who.trouble!r}")
        record = self.crowd.record
        self.outcome.acts, self.outcome.refused, self.outcome.unclear = record.acts, record.refused, record.unclear
        self.outcome.decisions = self.judges.record.acts
        if self._finish():
            self.outcome.findings += disagreements(self.bench, record, self.producers[0])
            if self.waiting is not None:
                rounds = {one.article_id: one.round for one in self.waiting}
                self.outcome.findings += review_disagreements(self.bench, self.judges.record, rounds)
        self.bench.store.close()
        if not self.outcome.findings:
            self._clear()

    def _finish(self) -> bool:
        """Whether a push and a pull without faults went through; the second push has nothing left to do."""
        again = [("push", True)] if self.scenario.seed % 4 == 0 else []
        # Who decides may have been faster than the last merging: it is pulled, and merged once more.
        review = [("adjudicate", False), ("pull", False), ("adjudicate", False)] if self.scenario.overlap > 1 else []
        for action, verify in (("push", False), ("pull", False), *review, *again):
            ended = self._wait(*self._start(self._job(action, self.owner.url, seconds=60.0, verify=verify)))
            if action == "adjudicate" and ended.said.startswith("AgreementError"):
                continue  # there is nothing that two people annotated
            if action == "adjudicate" and ended.how == "done":
                self.waiting = ended.report.disputed
            if ended.how != "done":
                self.outcome.findings.append(f"the last {action}, without faults: {ended.how}: {ended.said}")
                return False
            if action == "push":
                report = ended.report
                self.outcome.doubles += report.duplicates_removed
                for what in ("duplicates", "differences", "refused"):
                    if getattr(report, what):
                        self.outcome.findings.append(f"the last push: {what}: {getattr(report, what)}")
                if verify and any((report.pushed, report.adopted, report.predictions_sent, report.duplicates_removed)):
                    self.outcome.findings.append(f"a push that had nothing to do did something: {report}")
        return True

    def _review(self, proxy: FaultProxy) -> None:
        """What two people differ in is merged, sent, decided and pulled, while they go on."""
        self.crowd.stop()
        before, record = self.crowd, self.crowd.record
        before.annotate_all(4)
        # So that there is something to merge, whatever becomes of the pulls among faults.
        self._wait(*self._start(self._job("pull", self.owner.url, seconds=60.0)))
        self.crowd = Crowd(self.people, self.title, SCHEME, self.scenario.seed + 2, record=record)
        self.crowd.start()
        self.judges.start()
        for number, step in enumerate(self.scenario.review, 50):
            self._step(proxy, number, step)

    def _step(self, proxy: FaultProxy, number: int, step: Step) -> None:
        if step.before == "new articles":
            self._add(3)
        if step.before == "new model":
            self.producers.insert(0, Producer(kind="model", name="news", version=str(number + 2)))
            self._suggest(self.articles)
        plan = Plan(
            seed=self.scenario.seed * 100 + number, rate=step.rate, faults=step.faults, most=step.most, hold=HOLD
        )
        before = self.crowd.record.now()
        job = self._job(step.action, proxy.url)
        killed = threading.Event()
        children = [self._start(job) for _ in range(2 if step.twin else 1)]
        # The twin is the one that lives.
        proxy.plan, proxy.watch = plan, self._killer(children[0][0], step, killed)
        for child in children:
            child[0].go_on()
        for child in children:
            ended = self._wait(*child)
            how = "killed" if killed.is_set() and ended.how == "gone" else ended.how
            self.outcome.ended[f"{step.action} {how}"] += 1
            if how == "error":
                self.outcome.errors[f"{step.action}: {' '.join(ended.said.split())[:100]}"] += 1
            elif how == "killed":
                self.outcome.kills[f"{step.action}, request {step.kill[1] if step.kill else ''}"] += 1
            elif how != "done":
                self.outcome.findings.append(f"step {number} ({step.action}): {how}: {ended.said}")
            elif step.action == "pull":
                self.outcome.findings += missing(self.bench, self.crowd.record, before)
            else:
                pushes = ended.report.review if step.action == "adjudicate" else [ended.report]
                self.outcome.doubles += sum(one.duplicates_removed for one in pushes)
        proxy.watch = None
        self.outcome.faults.update(plan.done)
        self.outcome.requests += plan.seen

    def _killer(self, child: "_Child", step: Step, killed: threading.Event) -> Callable[[int, str], None] | None:
        if step.kill is None:
            return None
        at = step.kill

        def watch(number: int, stage: str) -> None:
            if (number, stage) == at and not killed.is_set():
                time.sleep(step.pause)
                # Set first: whoever waits for the child has to know why it went.
                killed.set()
                child.kill()

        return watch

    def _start(self, job: Job) -> tuple["_Child", Job]:
        return _Child(job), job

    def _wait(self, child: "_Child", job: Job) -> Ended:
        child.go_on()
        return child.wait()

    def _job(self, action: str, url: str, *, seconds: float = SECONDS, verify: bool = False) -> Job:
        return Job(
            action=action,
            folder=self.folder,
            title=self.title,
            url=url,
            token=self.token,
            producers=tuple(self.producers),
            overlap=self.scenario.overlap,
            chunk=self.scenario.chunk,
            page=self.scenario.page,
            seconds=seconds,
            patience=self.scenario.patience if seconds == SECONDS else 20.0,
            look_back=2.0,
            verify=verify,
        )

    def _add(self, number: int) -> None:
        start = len(self.articles)
        made = self.bench.add([text(n) for n in range(start, start + number)], producer=None)
        self.articles += made
        self._suggest(made)

    def _suggest(self, made: Sequence[Article]) -> None:
        """Suggestions of the current producer, which differ from those of the others."""
        producer = self.producers[0]
        with self.bench.store.transaction() as session:
            for article in made:
                found = suggest(article, SCHEME, producer)
                if producer != RULES:
                    draw = random.Random(f"{producer} {article.id}")
                    found = altered(draw, found, article.text, SCHEME)
                annotations.keep(session, article.id, article.version, found)

    def _clear(self) -> None:
        for project in self.owner.find_projects(self.title):
            self.owner.delete_project(project["id"])


class _Child:
    """A process that waits until it is told to go on, so that its start is no part of what is measured by requests."""

    def __init__(self, job: Job) -> None:
        context = _nursery()
        self._ours, theirs = context.Pipe()
        self._gate = context.Event()
        self._process = context.Process(target=_gated, args=(self._gate, job, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def go_on(self) -> None:
        self._gate.set()

    def kill(self) -> None:
        if self._process.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    def wait(self) -> Ended:
        try:
            ended = self._ours.recv() if self._ours.poll(CHILD_SECONDS) else Ended("stuck", "it did not end")
        except EOFError:
            ended = Ended("gone", "it ended without a word")
        if ended.how == "stuck":
            self.kill()
        self._process.join()
        self._ours.close()
        return ended


@cache
def _nursery() -> multiprocessing.context.ForkServerContext:
    """Where children come from: a process that has imported everything, and has no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["torture.warm"])
    before = os.environ.get("PYTHONPATH")
    # It is told by nothing else where the tests are.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(Path(__file__).parents[1]), before]))
    try:
        forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    return context


def _gated(gate, job: Job, pipe) -> None:
    gate.wait()
    work(job, pipe)


def _review(draw: random.Random) -> tuple[Step, ...]:
    steps = [_step(draw, "adjudicate", 14), _step(draw, "adjudicate", 14)]
    steps += [_step(draw, draw.choice(("adjudicate", "pull")), 10) for _ in range(draw.choice((1, 2)))]
    return (*steps, _step(draw, "pull", 8), _step(draw, "adjudicate", 14))


def _step(draw: random.Random, action: str, requests: int) -> Step:
    kinds = ("faults", "both") if action == "pull" else ("faults", "kill", "both")
    kind = draw.choice(kinds)
    late = (LATE,) * (draw.random() < 0.5)
    faults = draw.choice((FAULTS, FAULTS, ("timeout", "reset"), ("error-500", "error-502", "lost-500"))) + late
    kill = (draw.randint(1, requests), draw.choice(STAGES)) if kind != "faults" else None
    return Step(
        action=action,
        rate=draw.choice((0.1, 0.25, 0.5)) if kind != "kill" else 0.0,
        faults=faults,
        most=draw.choice((2, 4)),
        kill=kill,
        pause=draw.choice((0.0, 0.002, 0.01, 0.03)),
        twin=draw.random() < 0.1,
    )
