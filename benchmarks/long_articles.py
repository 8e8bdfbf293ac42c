"""Seconds and memory that one article just under the size limit takes, step by step: `python benchmarks/long_articles.py`.

The article is made up: thousands of lines like those of a live blog, with some hundred thousand suggestions. Every step
is a process of its own; its memory is the most that it and the processes it starts hold together. Goals: 2 GB for each
step, 90 s for the rules, 30 s for the pull. Pull is measured without a server: on what one would give.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

from corpora import article_of

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.article import Article
from workbench.core.documents import to_json
from workbench.core.ports import Silent
from workbench.formats.docbin import DocBinFormat
from workbench.labelstudio.api import wire
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion.convert import to_prediction
from workbench.labelstudio.conversion.task import task_data
from workbench.labelstudio.pull.intake import Intake
from workbench.pipeline import registry
from workbench.pipeline.predict import TrainedModel
from workbench.preannotate import run
from workbench.preannotate.rules.annotator import Rules
from workbench.reports.corrections import corrections
from workbench.reports.history import history
from workbench.samples import shipped
from workbench.store import Store, annotations, articles, projects, task_ledger
from workbench.training.corpus import Corpus
from workbench.training.learn import train_pipeline
from workbench.training.report import TrainOptions
from workbench.workflows.context import Context
from workbench.workflows.scoring import score_files

CHARACTERS = 979_172
LINES = (
    "Mayor Ilse Brandt criticised Oslo on Tuesday, and Tomas Reyl praised it.",
    "“We reject the offer,” said Reyl, whose troops had shelled the port of Tiraspol in March.",
    "The Harbour Authority accused Moldova of the attack, and the two sides agreed to meet in Bergen on Friday.",
    "It rained.",
)
MEMORY, RULES_SECONDS, PULL_SECONDS = 2000, 90, 30
STAMP = "2026-03-01T10:00:00.000000Z"
SCHEME = shipped.label_scheme()


def text_of(characters: int) -> str:
    """The article's text."""
    once = "\n".join(LINES) + "\n"
    return (once * (characters // len(once) + 1))[:characters].rsplit("\n", 1)[0]


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    """The store that the steps hand on."""
    store = Store.open(f"sqlite:///{folder / 'store.db'}")
    try:
        yield store
    finally:
        store.close()


def suggested(store: Store) -> tuple[Article, annotations.StoredSet]:
    """The article, and what the rules suggested for it."""
    with store.reading() as session:
        article = articles.get(session, articles.ids(session)[0])
        return article, annotations.suggestions(session, article.id, article.version)[0]


def corrected(found: AnnotationSet) -> AnnotationSet:
    """The suggestion as somebody leaves it: every tenth span without its last letter, every fiftieth gone."""
    gone = {span.id for number, (_, span) in enumerate(found.spans()) if number % 50 == 5}
    layers = {
        layer: tuple(
            span.model_copy(
                update={
                    "arguments": tuple(one for one in span.arguments if one.target not in gone),
                    **(
                        {"end": span.end - 1, "text": span.text[:-1]} if number % 10 == 0 and len(span.text) > 1 else {}
                    ),
                }
            )
            for number, span in enumerate(spans)
            if span.id not in gone
        )
        for layer, spans in found.layers.items()
    }
    return found.model_copy(update={"producer": Producer(kind="person", name="ann"), "layers": layers})


def rules(folder: Path) -> str:
    """Suggests by the rules, and keeps it."""
    with opened(folder) as store:
        report = run.preannotate(store, Rules(SCHEME, processes=0), SCHEME, Silent())
        return f"{sum(layer.spans for layer in report.layers):,} spans suggested"


def push(folder: Path) -> str:
    """Makes what is sent of the suggestion."""
    with opened(folder) as store:
        article, stored = suggested(store)
        made = to_prediction(stored.id, stored.annotations, article.text, SCHEME, model_version="rules")
        return f"{len(json.dumps(made)) / 1e6:.0f} MB to send"


def pull(folder: Path) -> str:
    """Takes in the corrected task."""
    with opened(folder) as store:
        with store.transaction() as session:
            project = projects.add(
                session, server="here", project_id=1, title="News", scheme_digest=SCHEME.digest, config=""
            )
        given = (folder / "task.json").read_bytes()
        intake = Intake(store, cast("LabelStudioClient", _OnlyUsers()), SCHEME, project)
        task = cast("wire.Task", json.loads(given))
        with store.transaction() as session:
            row = task_ledger.intend_task(session, project.id, str(task["data"]["article_id"]), 1)
            task_ledger.settle_task(session, row.id, state="present", task_id=task["id"])
        intake.take([task])
        return f"{sum(intake.states.values())} revision of {len(given) / 1e6:.0f} MB"


class _OnlyUsers:
    def users(self) -> list[dict[str, object]]:
        return [{"id": 1, "email": "ann@example.org"}]


def write_task(folder: Path) -> str:
    """Writes what a server would give of the corrected article."""
    with opened(folder) as store:
        article, stored = suggested(store)
        made = to_prediction(stored.id, corrected(stored.annotations), article.text, SCHEME, model_version="rules")
        annotation = {
            "id": 1,
            "completed_by": 1,
            "result": made["result"],
            "was_cancelled": False,
            "created_at": STAMP,
            "updated_at": STAMP,
        }
        task = {"id": 1, "data": task_data(article, SCHEME), "updated_at": STAMP, "annotations": [annotation]}
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
    for name, found in (("gold", corrected(stored.annotations)), ("found", stored.annotations)):
        line = to_json(AnnotatedArticle(article=article, annotations=found))
        (folder / f"{name}.jsonl").write_text(line + "\n", encoding="utf-8")
    return "what the next steps read"


def ledger(folder: Path) -> str:
    """Reads what became of the suggestion."""
    with opened(folder) as store:
        report = corrections(store)
        shown = history(store, SCHEME, suggested(store)[0].id)
        return f"{len(report.rows)} rows, {sum(len(step.changes) for step in shown.steps):,} changes"


def score(folder: Path) -> str:
    """Measures the suggestion against its correction."""
    found = score_files(Context(None), folder / "gold.jsonl", folder / "found.jsonl")
    row = found.report.row("spans", SCHEME.layers[0].name)
    return f"F1 {row.f1 if row and row.f1 else 0:.3f}"


def docbin(folder: Path) -> str:
    """Writes the suggestion as a DocBin, and reads it."""
    with opened(folder) as store:
        article, stored = suggested(store)
        annotated = AnnotatedArticle(article=article, annotations=stored.annotations)
    report = DocBinFormat().write([annotated], folder, "long", SCHEME)
    read = next(DocBinFormat().read(folder / "long.spacy", SCHEME))
    return f"{report.spans:,} spans written, {sum(1 for _ in read.annotations.spans()):,} read"


def train(folder: Path) -> str:
    """Trains a model on the samples, as badly as one epoch does."""
    read = [(sample, article_of(sample)) for sample in shipped.corpus(SCHEME) if sample.split == "train"]
    items = [
        AnnotatedArticle(article=article, annotations=SCHEME.normalise(sample.gold(article, SCHEME)))
        for sample, article in read
    ]
    gold = Corpus("samples", {"train": items, "dev": [], "test": []}, ())
    nlp, _, _ = train_pipeline(gold, SCHEME, "samples-1", Silent(), TrainOptions(epochs=1, max_misaligned=1))
    registry.put(nlp, folder / "models", "samples-1")
    return f"{len(items)} samples"


def learn(folder: Path) -> str:
    """Trains a model on the long article alone."""
    with opened(folder) as store:
        article, stored = suggested(store)
    item = AnnotatedArticle(article=article, annotations=stored.annotations)
    gold = Corpus("long", {"train": [item], "dev": [], "test": []}, ())
    _, report, _ = train_pipeline(gold, SCHEME, "long-1", Silent(), TrainOptions(epochs=1, max_misaligned=1))
    return f"{sum(one.rows for one in report.components):,} rows"


def predict(folder: Path) -> str:
    """Suggests by the trained model."""
    with opened(folder) as store:
        article, _ = suggested(store)
    model = TrainedModel(registry.take(folder / "models" / "samples-1"), "samples-1", SCHEME)
    (found,) = model.annotate([article])
    return f"{sum(1 for _ in found.spans()):,} spans suggested"


STEPS: dict[str, Callable[[Path], str]] = {
    "preannotate": rules,
    "push: conversion": push,
    "(correct)": write_task,
    "pull": pull,
    "corrections, history": ledger,
    "score": score,
    "DocBin, there and back": docbin,
    "(train on samples)": train,
    "trained model": predict,
    "train on it": learn,
}


def main() -> None:
    """Prints a line a step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--characters", type=int, default=CHARACTERS, help="how long the article is")
    parser.add_argument("--step", action="append", help="only this step, and those that it needs")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        article = Article.from_text(text_of(given.characters), published="2026-03-01")
        with opened(folder) as store, store.transaction() as session:
            articles.add(session, article, raw=article.text)
        sys.stdout.write(
            f"{datetime.now(UTC):%Y-%m-%d} an article of {len(article.text):,} characters; goals: {MEMORY:,} MB for each "
            f"step, {RULES_SECONDS} s for preannotate, {PULL_SECONDS} s for pull\n"
        )
        for step in STEPS:
            if not given.step or step in given.step or step in ("preannotate", "(correct)"):
                sys.stdout.write(measured(step, folder) + "\n")
                sys.stdout.flush()


def measured(step: str, folder: Path) -> str:
    """A line that says what a step took, in a process of its own."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    started = time.monotonic()
    process = context.Process(target=_run, args=(step, folder, theirs))
    process.start()
    most = 0
    while process.is_alive() and not ours.poll(0.2):
        most = max(most, held(process.pid or 0))
    wall = time.monotonic() - started
    if not ours.poll(1):
        return f"  {step:24} ended without a word after {wall:.0f} s"
    said, seconds, own = cast("tuple[str, float, int]", ours.recv())
    process.join()
    return f"  {step:24}{wall:7.1f} s{seconds:8.1f} s of processors{max(most, own):8,} MB  {said}"


def _run(step: str, folder: Path, answer: Any) -> None:
    """Sends what a step says, the processor time that it took, its children's included, and its own memory in MB."""
    import resource

    before = _seconds()
    said = STEPS[step](folder)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    answer.send((said, _seconds() - before, memory))


def _seconds() -> float:
    import resource

    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def held(pid: int) -> int:
    """What a process and those it started hold in memory, in MB: what they share counts once. 0 where nobody tells."""
    try:
        own = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return 0
    size = int(own.split("\nPss:", 1)[1].split()[0]) // 1000
    return size + sum(held(int(child)) for child in children)


if __name__ == "__main__":
    main()
