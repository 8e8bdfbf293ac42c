"""Measures push, renewal of suggestions and pull against a real Label Studio: `python benchmarks/sync.py [--short]`.

The server is started in a temporary workspace. Articles have 600 words, suggestions 60 spans and 20 relations. What is
measured stands beside what one would do without the workbench, in the same run, on the same machine: the loop of SDK
calls and the default import of predictions on a server that `label-studio start` started on the same data.
"""

import argparse
import itertools
import json
import random
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
from label_studio_sdk import LabelStudio
from rich.console import Console
from rich.table import Table

from workbench.cli.app import collect_garbage_less_often
from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.core.batches import batches
from workbench.core.ports import Silent
from workbench.core.scheme import LabelScheme
from workbench.labelstudio import annotator_client
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient, connect
from workbench.labelstudio.conversion.convert import to_prediction
from workbench.labelstudio.conversion.task import task_data
from workbench.labelstudio.project.projects import Plan
from workbench.labelstudio.pull.pull import pull
from workbench.labelstudio.push.delivery import CHUNK
from workbench.labelstudio.push.options import PushOptions, Queue
from workbench.labelstudio.push.push import PushReport, push
from workbench.labelstudio.server import embedded, installation
from workbench.labelstudio.server.embedded import Server
from workbench.store import Store, annotations, articles

CONFIG = (Path(__file__).parents[1] / "label_config.xml").read_text(encoding="utf-8")
SCHEME = LabelScheme.from_xml(CONFIG)
WORDS, SPANS, RELATIONS, CHANGES = 600, 60, 20, 20
DELETED = 1000
"""In larger projects, where somebody has annotated and so each old suggestion is deleted for itself, they are left."""
HOUR = 3600.0
WIDTH = 118


class Results:
    """The table that is printed at the end; each line is said when it is known."""

    def __init__(self) -> None:
        self.console = Console(width=WIDTH)
        columns = ("what", "tasks", "seconds", "a second", "requests", "peak MB", "against", "ratio", "goal")
        self._table = Table(*columns, box=None)

    def add(
        self,
        what: str,
        number: int,
        seconds: float,
        *,
        requests: int,
        peak: float = 0.0,
        against: str = "",
        ratio: float = 0.0,
        goal: float = 0.0,
    ) -> None:
        """Adds a line: what took so many seconds for so many tasks, and how many times as fast that is as `against`."""
        cells = (what, f"{number:,}", f"{seconds:.2f}", f"{number / seconds:.1f}", str(requests or ""))
        cells += (f"{peak:.0f}" if peak else "", against, f"{ratio:.2f}" if ratio else "", f"{goal:g}" if goal else "")
        self._table.add_row(*cells)
        self.console.print(" · ".join(cell for cell in cells if cell), style="dim")

    def show(self) -> None:
        self.console.print(self._table)


class Corpus:
    """A store of its own with articles and their suggestions."""

    def __init__(self, folder: Path, number: int) -> None:
        self.store = Store.open(f"sqlite:///{folder / f'{number}-{random.random()}.db'}")
        self.number = number
        with self.store.transaction() as session:
            for seed in range(number):
                article = article_of(seed)
                articles.add(session, article, raw=article.text)
        self.suggest("1")

    def suggest(self, version: str) -> None:
        """Gives every article a suggestion of this version of the model."""
        with self.store.transaction() as session:
            for seed in range(self.number):
                article = article_of(seed)
                annotations.keep(session, article.id, 1, suggestion(article, version))

    def push(
        self, client: LabelStudioClient, title: str, version: str = "1", grace: timedelta = timedelta()
    ) -> PushReport:
        return push(
            self.store,
            client,
            SCHEME,
            Silent(),
            Plan(title=title, label_config=CONFIG),
            Queue(producers=(Producer(kind="model", name="bench", version=version),)),
            PushOptions(grace=grace),
        )


def article_of(seed: int) -> Article:
    """An article of 600 words."""
    pick = random.Random(seed)
    words = ["".join(pick.choices("abcdefghijklmnoprstuvw", k=pick.randint(2, 9))) for _ in range(WORDS)]
    return Article.from_text(f"{seed}\n" + " ".join(words), title=f"Article {seed}", source="bench")


def suggestion(article: Article, version: str) -> AnnotationSet:
    """60 spans over all layers, 20 relations between them, as the scheme allows."""
    pick = random.Random(f"{article.id} {version}")
    starts = [position for position, letter in enumerate(article.text) if letter == " "]
    layers: dict[str, list[Span]] = {layer.name: [] for layer in SCHEME.layers}
    for number, place in enumerate(sorted(pick.sample(range(len(starts) - 1), SPANS))):
        layer = SCHEME.layers[number % len(SCHEME.layers)]
        start, end = starts[place] + 1, starts[place + 1]
        span = Span(
            id=f"s{number}",
            label=pick.choice(layer.label_values),
            start=start,
            end=end,
            text=article.text[start:end],
            score=round(pick.random(), 4),
        )
        layers[layer.name].append(span)
    pairs: set[tuple[str, str]] = set()
    while len(pairs) < RELATIONS:
        role = pick.choice(SCHEME.roles)
        heads, targets = layers[role.from_layers[0]], layers[role.to_layers[0]]
        place = pick.randrange(len(heads))
        head, target = heads[place], pick.choice(targets)
        taken = [argument.role for argument in head.arguments].count(role.name)
        if head.id == target.id or (head.id, target.id) in pairs or taken == role.maximum:
            continue
        pairs.add((head.id, target.id))
        argument = Argument(role=role.name, target=target.id)
        heads[place] = head.model_copy(update={"arguments": (*head.arguments, argument)})
    return SCHEME.normalise(
        AnnotationSet(
            producer=Producer(kind="model", name="bench", version=version),
            scheme_digest=SCHEME.digest,
            layers={name: tuple(spans) for name, spans in layers.items()},
        )
    )


def payload(seed: int) -> wire.NewTask:
    """What push sends for an article."""
    article = article_of(seed)
    found = suggestion(article, "1")
    key = annotations.set_id(article.id, 1, found)
    prediction = to_prediction(key, found, article.text, SCHEME, model_version="bench 1")
    return {"data": task_data(article, SCHEME), "predictions": [prediction]}


class Raw:
    """Label Studio's HTTP API with nothing around it."""

    def __init__(self, client: LabelStudioClient, token: str) -> None:
        self.http = httpx.Client(base_url=client.url, headers={"Authorization": f"Token {token}"}, timeout=HOUR)
        self._client, self._token = client, token
        self.requests = 0

    def project(self, title: str) -> int:
        return self._client.create_project({"title": title, "label_config": CONFIG})["id"]

    def post(self, path: str, body: object) -> httpx.Response:
        self.requests += 1
        content = json.dumps(body, ensure_ascii=False).encode()
        answer = self.http.post(path, content=content, headers={"Content-Type": "application/json"})
        return answer.raise_for_status()

    def bulk(self, tasks: Sequence[wire.NewTask], title: str) -> float:
        """The seconds of the bare bulk import, in chunks of push's size, into an empty project."""
        project = self.project(title)
        with Timed() as timed:
            for chunk in batches(tasks, CHUNK):
                self.post(f"/api/projects/{project}/import?return_task_ids=true", chunk)
        return timed.seconds

    def loop(self, tasks: Sequence[wire.NewTask], title: str) -> float:
        """The seconds of the obvious loop: the SDK's task and prediction calls, one after the other."""
        project = self.project(title)
        sdk = LabelStudio(base_url=self._client.url, api_key=self._token)
        with Timed() as timed:
            for task in tasks:
                made = sdk.tasks.create(project=project, data=task["data"])
                [prediction] = task["predictions"]
                sdk.predictions.create(
                    task=made.id,
                    result=prediction["result"],
                    score=prediction["score"],
                    model_version=prediction["model_version"],
                )
        return timed.seconds

    def predictions(self, project: int, made: Sequence[wire.NewPrediction], chunk: int) -> float:
        """The seconds of an import of predictions for tasks that are there."""
        with Timed() as timed:
            for some in batches(made, chunk):
                self.post(f"/api/projects/{project}/import/predictions", some)
        return timed.seconds

    def export(self, project: int) -> tuple[float, float]:
        """Seconds and megabytes of the server's full export."""
        self.requests += 1
        size = 0
        with (
            Timed() as timed,
            self.http.stream(
                "GET", f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true"
            ) as answer,
        ):
            answer.raise_for_status()
            for part in answer.iter_bytes():
                size += len(part)
        return timed.seconds, size / 1e6


class Timed:
    """How long a block took, and by how many megabytes the process grew within it at the most."""

    def __enter__(self) -> "Timed":
        self._done = threading.Event()
        self._before = self._top = _resident()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started
        self._done.set()
        self._watch.join()
        self.peak = max(self._top, _resident()) - self._before

    def _look(self) -> None:
        while not self._done.wait(0.02):
            self._top = max(self._top, _resident())


def _resident() -> float:
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # where there is no /proc, it only grows


def measure_push(
    results: Results, folder: Path, client: LabelStudioClient, raw: Raw, number: int
) -> tuple[Corpus, float]:
    """Push against the bare bulk import, which is timed before and after it; what was pushed, and how many a second."""
    tasks = [payload(seed) for seed in range(number)]
    before = raw.bulk(tasks, "bulk before")
    corpus = Corpus(folder, number)
    first = Corpus(folder, max(number // 10, 1))
    with Timed() as small:
        first.push(client, "push a tenth")
    with Timed() as timed:
        report = corpus.push(client, "push")
    after = raw.bulk(tasks, "bulk after")
    bulk = (before + after) / 2
    results.add("bare bulk import", number, bulk, requests=-(-number // CHUNK))
    results.add("push", first.number, small.seconds, requests=0, peak=small.peak)
    common = {"requests": report.requests, "peak": timed.peak}
    results.add("push", number, timed.seconds, **common, against="bulk import", ratio=bulk / timed.seconds, goal=0.9)
    if report.pushed != number or report.differences:
        sys.exit(f"the push went wrong: {report}")
    return corpus, number / timed.seconds


def measure_loop(results: Results, raw: Raw, number: int, rate: float) -> None:
    """The per-task loop of the SDK on Label Studio as it is installed, against a push of so many a second."""
    looped = raw.loop([payload(seed) for seed in range(number)], "loop")
    results.add("SDK, one task at a time", number, looped, requests=2 * number)
    results.add("push", number, number / rate, requests=0, against="SDK loop", ratio=rate * looped / number, goal=20)


class Renewed(NamedTuple):
    """A project of so many tasks, and how many suggestions a second were renewed in it."""

    project: int
    tasks: int
    rate: float


def measure_refresh(results: Results, client: LabelStudioClient, raw: Raw, corpus: Corpus, title: str) -> Renewed:
    """Newer suggestions for all tasks of a project, against the bare import; the deletion of the old ones apart."""
    corpus.suggest("2")
    with Timed() as timed:
        report = corpus.push(client, title, "2", grace=timedelta(hours=1))
    seconds = timed.seconds
    results.add("newer suggestions", corpus.number, seconds, requests=report.requests, peak=timed.peak)
    # In projects that were pulled from, the changed tasks keep the suggestions that they were made from.
    if report.predictions_sent < corpus.number - CHANGES or report.differences:
        sys.exit(f"the renewal went wrong: {report}")
    renewed = Renewed(report.project_id, corpus.number, corpus.number / seconds)
    if corpus.number <= DELETED:
        deleting = corpus.push(client, title, "2")
        results.add("deletion of the old ones", corpus.number, deleting.retiring_seconds, requests=deleting.requests)
    made = newer(client, renewed.project, 1000, "bare")
    bare = raw.predictions(renewed.project, made, CHUNK)
    results.add("bare import of predictions", len(made), bare, requests=-(-len(made) // CHUNK))
    ratio = renewed.rate * bare / len(made)
    results.add("newer suggestions", corpus.number, seconds, requests=report.requests, against="bare", ratio=ratio)
    return renewed


def newer(client: LabelStudioClient, project: int, number: int, version: str) -> list[wire.NewPrediction]:
    """Predictions of another version for the first tasks of a project."""
    made: list[wire.NewPrediction] = []
    for seed, task in enumerate(itertools.islice(client.tasks(project), number)):
        [prediction] = payload(seed)["predictions"]
        made.append({**prediction, "task": task["id"], "model_version": version})
    return made


def measure_default_path(results: Results, client: LabelStudioClient, raw: Raw, ours: Renewed) -> None:
    """The way in which Label Studio as it is installed imports predictions, into the projects that were renewed before."""
    for chunk, number, goal in ((100, 200, 15), (1000, 1000, 4)):
        made = newer(client, ours.project, number, f"default {chunk}")
        seconds = raw.predictions(ours.project, made, chunk)
        rate = len(made) / seconds
        name = f"default, {chunk:,}"
        results.add(
            f"default path in {ours.tasks:,}, {chunk:,} at once", len(made), seconds, requests=-(-len(made) // chunk)
        )
        spent = ours.tasks / ours.rate
        results.add("newer suggestions", ours.tasks, spent, requests=0, against=name, ratio=ours.rate / rate, goal=goal)


def measure_pull(
    results: Results, folder: Path, client: LabelStudioClient, raw: Raw, number: int, goal: float
) -> tuple[Corpus, str]:
    """The project, by its articles and its title, after a pull of 20 changes was timed against the server's full export."""
    corpus = Corpus(folder, number)
    title = f"pull {number}"
    with Timed() as timed:
        report = corpus.push(client, title)
    results.add("push", number, timed.seconds, requests=report.requests, peak=timed.peak)
    project = report.project_id
    pull(corpus.store, client, Silent(), title=title)
    for task in itertools.islice(client.tasks(project), CHANGES):
        client_task = annotator_client.open_task(client, task["id"], SCHEME, shown="bench 1")
        annotator_client.submit(client, client_task, client_task.suggestion, SCHEME, lead_time=1.0)
    exported, size = raw.export(project)
    with Timed() as timed:
        pulled = pull(corpus.store, client, Silent(), title=title)
    results.add(f"full JSON export ({size:.0f} MB)", number, exported, requests=1)
    ratio = exported / timed.seconds
    what = f"pull after {CHANGES} changes"
    results.add(
        what, number, timed.seconds, requests=pulled.requests, peak=timed.peak, against="export", ratio=ratio, goal=goal
    )
    if pulled.submitted != CHANGES:
        sys.exit(f"the pull went wrong: {pulled}")
    return corpus, title


@contextmanager
def serving(folder: Path) -> Iterator[tuple[LabelStudioClient, Raw]]:
    """A running server, a client for it, and the bare way to it."""
    running = Server(folder / "label-studio")
    running.start(Silent(), port=free_port())
    owner = running.owner()
    assert owner is not None
    client = running.client()
    raw = Raw(client, owner.token)
    try:
        yield client, raw
    finally:
        raw.http.close()
        client.close()
        running.stop()


@contextmanager
def as_installed(folder: Path) -> Iterator[tuple[LabelStudioClient, Raw]]:
    """The same data served as `label-studio start` does it: without flags, and without what `serve.py` adds."""
    port, server = free_port(), Server(folder / "label-studio")
    owner = server.owner()
    assert owner is not None
    variables = embedded.environment(server.folder, ("127.0.0.1",))
    kept = {name: value for name, value in variables.items() if not name.startswith("fflag_") and "AZURE" not in name}
    command = [installation.locate().python.with_name("label-studio"), "start", "--no-browser"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--internal-host", "127.0.0.1"],
        cwd=server.folder,
        env=kept,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        while not embedded.healthy(url):
            if process.poll() is not None:
                sys.exit("label-studio start ended")
            time.sleep(0.2)
        client = connect(url, owner.token)
        yield client, Raw(client, owner.token)
        client.close()
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000, help="how many articles are pushed")
    parser.add_argument("--loop", type=int, default=200, help="how many of them by the per-task loop")
    parser.add_argument("--pull", type=int, nargs="*", default=[1000, 10_000], help="sizes of projects to pull from")
    parser.add_argument("--short", action="store_true", help="150 articles, a loop of 20, a pull from 300")
    given = parser.parse_args()
    number, loop, sizes = (150, 20, [300]) if given.short else (given.articles, given.loop, given.pull)
    collect_garbage_less_often()  # as the command line does
    results = Results()
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as name:
        folder = Path(name)
        renewed: list[Renewed] = []
        with serving(folder) as (client, raw):
            corpus, rate = measure_push(results, folder, client, raw, number)
            renewed.append(measure_refresh(results, client, raw, corpus, "push"))
            for size in sizes:
                large, title = measure_pull(results, folder, client, raw, size, goal=50.0 if size >= 10_000 else 0.0)
                if size > number:
                    renewed.append(measure_refresh(results, client, raw, large, title))
        with as_installed(folder) as (client, raw):
            measure_loop(results, raw, loop, rate)
            for one in renewed:
                measure_default_path(results, client, raw, one)
    results.show()


if __name__ == "__main__":
    main()
