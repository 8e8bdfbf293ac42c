"""Seconds and memory that training takes, and how fast what was trained predicts: `python benchmarks/training.py`.

The articles are made up of the samples: two joined and cut after 400 words, with their gold, and a share of the words
spelt otherwise from one to the next, so that there are as many different words as in news. Each training is a process
of its own. Goals: 120 articles in under a minute of one processor; prediction, without what the rules cost, at least .7
of the base pipeline's words a second; memory that stays flat: ten times the articles take at most a tenth more in all.
"""

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from corpora import article_of
from spacy.tokens import Doc

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.core.scheme import LabelScheme
from workbench.pipeline import base
from workbench.pipeline.assemble import added
from workbench.pipeline.suggestions import RULES
from workbench.samples import shipped
from workbench.training import corpus
from workbench.training.learn import train_pipeline
from workbench.training.report import TrainOptions

WORDS, ARTICLES = 400, 120
SECONDS, SHARE, GROWTH = 60, 0.7, 1.1
MISSPELT = 0.15
_WORD = re.compile(r"\b[a-z]{4,}\b")


def main() -> int:
    """Prints a line for each size; the exit status is 1 where a goal is missed."""
    full = bool(os.environ.get("FULL"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sizes", default="500,2000,5000" if full else "500,1000", help="trainings whose memory is compared"
    )
    parser.add_argument(
        "--epochs",
        type=int,
        default=1,
        help="of these, at the most; each epoch goes through the same batches, so that memory is the same (default: 1)",
    )
    parser.add_argument("--one", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        say(json.dumps(trained(given.one, given.epochs)))
        return 0
    first = apart(ARTICLES, TrainOptions().epochs)
    say(f"{datetime.now(UTC):%Y-%m-%d}: {line(first)}")
    say(f"prediction: {first['ours']:,.0f} words a second, the base pipeline {first['base']:,.0f}")
    met = first["seconds"] < SECONDS and first["ours"] >= SHARE * first["base"]
    memory: list[float] = []
    for size in given.sizes.split(","):
        if size:
            found = apart(int(size), given.epochs)
            say(f"{line(found)}, {found['beyond']:,.0f} MB of it beyond the programs")
            memory.append(found["memory"])
    met &= not memory or memory[-1] <= GROWTH * memory[0]
    say(f"the goals are {'met' if met else 'missed'}")
    return int(not met)


def line(found: dict[str, float]) -> str:
    """A training in words."""
    return (
        f"{found['articles']:,.0f} articles of {WORDS} words: {found['seconds']:.1f} s of processors "
        f"({found['waited']:.0f} s on the clock), {found['memory']:,.0f} MB at the most"
    )


def apart(size: int, epochs: int) -> dict[str, float]:
    """What came of a training in a process of its own, on one core."""
    one_core = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--one", str(size), "--epochs", str(epochs)]
    done = subprocess.run(command, env=one_core, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def trained(size: int, epochs: int) -> dict[str, float]:
    """Seconds, memory, and of a small training words a second."""
    scheme = shipped.label_scheme()
    articles = corpus.spooled()
    for one in made_up(size, scheme):
        articles.append(one)
    gold = corpus.of("made-up", {"train": articles}, scheme)
    base.load(TrainOptions().base)
    before = in_use()
    began, clock = time.process_time(), time.monotonic()
    options = TrainOptions(max_misaligned=1.0, epochs=epochs)
    nlp = train_pipeline(gold, scheme, "made-up", Silent(), options).nlp
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = {
        "articles": float(size),
        "seconds": time.process_time() - began,
        "waited": time.monotonic() - clock,
        "memory": most,
        "beyond": most - before,
    }
    if size <= ARTICLES:
        texts = [item.article.text for item in gold.items["train"]]
        words = sum(len(text.split()) for text in texts)
        with nlp.select_pipes(disable=[name for name in nlp.pipe_names if name == RULES]):
            found["ours"] = words / seconds(nlp.pipe, texts)
        with nlp.select_pipes(disable=added(nlp)):
            found["base"] = words / seconds(nlp.pipe, texts)
    return found


def in_use() -> float:
    """The megabytes that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def seconds(pipe: Callable[..., Iterable[Doc]], texts: list[str]) -> float:
    """Seconds of processors for all texts: the best of three times."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for _ in pipe(texts, batch_size=32):
            pass
        best = min(best, time.process_time() - began)
    return best


def made_up(size: int, scheme: LabelScheme) -> Iterator[AnnotatedArticle]:
    """So many articles of 400 words with gold."""
    samples = [(article_of(one), one) for name in ("corpus", "newsrooms") for one in shipped.corpus(scheme, name)]
    golds = [(article, one.gold(article, scheme)) for article, one in samples]
    chance = random.Random(0)
    pairs = [chance.sample(golds, 2) for _ in range(size)]
    for number, (first, second) in enumerate(pairs):
        yield joined(number, first, second, chance, scheme)


def joined(
    number: int,
    first: tuple[Article, AnnotationSet],
    second: tuple[Article, AnnotationSet],
    chance: random.Random,
    scheme: LabelScheme,
) -> AnnotatedArticle:
    """Two articles as one, cut after 400 words; what the cut leaves no room for goes, with the roles that it fills."""
    whole = f"{first[0].text}\n{second[0].text}"
    ends = [found.end() for found in re.finditer(r"\S+", whole)]
    text = whole[: ends[min(WORDS, len(ends)) - 1]]
    shift = len(first[0].text) + 1
    layers: dict[str, list[Span]] = {name: [] for name in scheme.empty_layers()}
    for prefix, by, (_, gold) in (("a", 0, first), ("b", shift, second)):
        for layer, span in gold.spans():
            if span.end + by <= len(text):
                layers[layer].append(moved(span, prefix, by))
    kept = {span.id for spans in layers.values() for span in spans}
    text = _WORD.sub(lambda word: misspelt(word[0], chance), text)
    for spans in layers.values():
        spans[:] = [
            span.model_copy(
                update={
                    "text": text[span.start : span.end],
                    "arguments": tuple(one for one in span.arguments if one.target in kept),
                }
            )
            for span in spans
        ]
    article = Article.from_text(text).model_copy(update={"story_group": f"story-{number}"})
    found = AnnotationSet(
        producer=Producer(kind="person", name="made up"),
        scheme_digest=scheme.digest,
        layers={name: tuple(spans) for name, spans in layers.items()},
    )
    return AnnotatedArticle(article=article, annotations=scheme.normalise(found))


def moved(span: Span, prefix: str, by: int) -> Span:
    """The span so much further on."""
    arguments = tuple(one.model_copy(update={"target": f"{prefix}{one.target}"}) for one in span.arguments)
    place = {"start": span.start + by, "end": span.end + by}
    return span.model_copy(update={"id": f"{prefix}{span.id}", "arguments": arguments, **place})


def misspelt(word: str, chance: random.Random) -> str:
    """The word, or now and then another one of the same length."""
    return "".join(chance.sample(word, len(word))) if chance.random() < MISSPELT else word


def say(line: str) -> None:
    """Prints at once, so that a long run shows how far it is."""
    print(line, flush=True)  # what the tool is for


if __name__ == "__main__":
    sys.exit(main())
