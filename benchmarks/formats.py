"""Formats over many articles: `python benchmarks/formats.py [--articles N]`.

The articles are the samples, over and over, each with a text of its own. JSON lines, Parquet (huggingface) and DocBin are
written and read, each in a process of its own: seconds of its processor, since others may be at work on the machine (on one
that is idle they are the seconds that it takes), articles a second, and how much memory the process needs at the
most, beside 10,000 of the articles. DocBin is written by a plain loop of spaCy, too (`make_doc`, `char_span`, `DocBin.add`,
in one process), of no more than 5,000 articles, because spaCy packs a file in memory; what both hold is compared; the goal is
1.8 times its speed, on the median of three runs in turn. Label Studio's JSON, as the server exports it, is read with all
checks; the goal is three times what `json.load` of the same file takes, likewise.
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import spacy
from corpora import article_of
from spacy.tokens import DocBin
from spacy.util import filter_spans

from workbench import formats
from workbench.core.annotations import AnnotatedArticle
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.formats.docbin import ents_layer_of, tokenizer
from workbench.labelstudio.conversion.convert import to_result
from workbench.labelstudio.conversion.task import task_data
from workbench.samples import shipped

FASTER = 1.8
SLOWER = 3.0
NAMES = ("jsonl", "spacy", "huggingface")
TASKS = 2_000
SPACY = ("ours", "ours.spacy")
BESIDE_PLAIN = 5_000
TIMES = 3
FEWER = 10_000


def main() -> int:
    """Prints what was measured, beside the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        name, action, path = given.measure
        say(json.dumps(measured(name, action, Path(path), given.articles)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            fewer = min(FEWER, given.articles)
            before = {action: in_process(name, action, folder, fewer) for action in ("write", "read")}
            for action in ("write", "read"):
                found = in_process(name, action, folder, given.articles)
                say(
                    f"{name} {action}: {given.articles:,} articles in {found['seconds']:.1f} s "
                    f"({given.articles / found['seconds']:,.0f} a second), {found['megabytes']:,.0f} MB at the most "
                    f"({before[action]['megabytes']:,.0f} MB with {fewer:,} of them)"
                )
        number = min(given.articles, BESIDE_PLAIN)
        pairs = [
            [in_process(name, "write", folder, number)["seconds"] for name in ("plain", "spacy")] for _ in range(TIMES)
        ]
        same = in_process("spacy", "compare", folder, number)["same"]
        ratio = statistics.median(plain / ours for plain, ours in pairs)
        listed = ", ".join(f"{plain:.1f} and {ours:.1f} s" for plain, ours in pairs)
        say(
            f"DocBin, {number:,} articles, a plain loop of spaCy and ours: {listed}: {ratio:.2f} times as fast "
            f"(goal: {FASTER}); {'the same' if same else 'ANOTHER'} content"
        )
        assert same, "what is written differs from what the plain loop writes"
        several = [in_process("label-studio", "read", folder, TASKS) for _ in range(TIMES)]
        ratio = statistics.median(one["seconds"] / one["load"] for one in several)
        listed = ", ".join(f"{one['load']:.2f} and {one['seconds']:.2f} s" for one in several)
        say(
            f"Label Studio's JSON, {TASKS:,} tasks, {several[0]['megabytes_of_file']:.0f} MB: json.load and reading with "
            f"all checks: {listed}: {ratio:.2f} times (goal: {SLOWER})"
        )
    return 0


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def in_process(name: str, action: str, folder: str, articles: int) -> dict[str, float]:
    """What was measured in a process of its own."""
    command = [sys.executable, __file__, "--articles", str(articles), "--measure", name, action, folder]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measured(name: str, action: str, folder: Path, number: int) -> dict[str, float]:
    """Seconds and memory of one run."""
    scheme = shipped.label_scheme()
    if name == "label-studio":
        return label_studio(folder, number, scheme)
    if action == "compare":
        return {"same": float(same(folder))}
    if action == "write":
        made = generated(number)
        made = chain([next(made)], made)  # the samples are read before the time begins
        for one in written(folder, name):
            shutil.rmtree(one) if one.is_dir() else one.unlink(missing_ok=True)
        began = time.process_time()
        if name == "plain":
            plain(made, folder / "plain.spacy", scheme)
        else:
            formats.registry()[name].write(made, folder, "ours", scheme)
    else:
        path = next(one for one in written(folder, name) if one.exists())
        form = formats.registry()[name]
        began = time.process_time()
        read = sum(isinstance(one, AnnotatedArticle) for one in form.read(path, scheme))
        assert read == number, f"{read} of {number} articles were read"
    seconds = time.process_time() - began
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"seconds": seconds, "megabytes": peak / 1024}


def written(folder: Path, name: str) -> list[Path]:
    """What a format may have written."""
    return [folder / one for one in {"jsonl": ("ours.jsonl",), "huggingface": ("ours.parquet",)}.get(name, SPACY)]


def generated(number: int) -> Iterator[AnnotatedArticle]:
    """So many articles: the samples, over and over, each with a line of its own at its end."""
    scheme = shipped.label_scheme()
    samples = [
        (article, sample.gold(article, scheme)) for sample in shipped.corpus(scheme) for article in [article_of(sample)]
    ]
    for place in range(number):
        article, gold = samples[place % len(samples)]
        whole = Article.from_text(f"{article.text}\nArticle {place}.", title=article.title, source=f"{place}.txt")
        yield AnnotatedArticle(article=whole, annotations=gold)


def plain(articles: Iterator[AnnotatedArticle], path: Path, scheme: LabelScheme) -> None:
    """What somebody would write with spaCy alone: a Doc an article, a span group a layer, entities, and choices."""
    nlp = tokenizer()
    ents = ents_layer_of(scheme)
    docs = DocBin(store_user_data=True)
    for one in articles:
        doc = nlp.make_doc(one.article.text)
        for layer, spans in one.annotations.layers.items():
            doc.spans[layer] = [
                found
                for span in spans
                if (found := doc.char_span(span.start, span.end, label=span.label, alignment_mode="expand")) is not None
            ]
        doc.set_ents(filter_spans(doc.spans[ents]), default="outside")
        docs.add(doc)
    path.write_bytes(docs.to_bytes())


def same(folder: Path) -> bool:
    """Whether both files hold the same words, spans and entities."""
    vocab = spacy.blank("en").vocab
    both = [DocBin().from_disk(folder / name).get_docs(vocab) for name in ("ours.spacy", "plain.spacy")]

    def content(doc: spacy.tokens.Doc) -> object:
        groups = {
            name: sorted((one.start_char, one.end_char, one.label_) for one in group)
            for name, group in doc.spans.items()
        }
        return doc.text, groups, [(one.start_char, one.end_char, one.label_) for one in doc.ents]

    return all(content(one) == content(other) for one, other in zip(*both, strict=True))


def label_studio(folder: Path, number: int, scheme: LabelScheme) -> dict[str, float]:
    """Seconds for reading an export, and for `json.load` of it."""
    path = folder / "export.json"
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for place, one in enumerate(generated(number)):
            result = to_result(one.annotations, scheme, key=f"{place:012x}")
            annotation = {"id": place, "completed_by": 1, "result": result, "was_cancelled": False, "lead_time": 12.5}
            annotation["prediction"] = {"id": place, "result": result, "model_version": "rules 1"}
            task = {"id": place, "annotations": [annotation], "drafts": [], "predictions": [place]}
            body = {**task, "data": task_data(one.article, scheme), "meta": {}}
            file.write(("," if place else "") + json.dumps(body, ensure_ascii=False, separators=(",", ":")))
        file.write("]")
    began = time.process_time()
    with path.open(encoding="utf-8") as file:
        loaded = json.load(file)
    load = time.process_time() - began
    del loaded
    began = time.process_time()
    read = sum(isinstance(one, AnnotatedArticle) for one in formats.registry()["label-studio"].read(path, scheme))
    seconds = time.process_time() - began
    assert read == number
    return {"seconds": seconds, "load": load, "megabytes_of_file": path.stat().st_size / 1e6}


if __name__ == "__main__":
    raise SystemExit(main())
