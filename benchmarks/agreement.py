"""Agreement and adjudication over many articles with three annotators each: `python benchmarks/agreement.py [--articles N]`.

The articles are the samples, over and over; each annotator leaves out, moves and relabels some of what the samples' gold
has. Measured are the seconds that `workbench agreement` and `workbench adjudicate --majority --no-push` take, and how much
memory the process needs for it at the most. The goals, for 2,000 articles: agreement under a minute, adjudication under
two, and no more than 1.5 times the memory that a quarter of them takes.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from corpora import article_of

from workbench import Workspace
from workbench.core.adjudication.policies import Policies
from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.samples import shipped
from workbench.store import Store, annotations, articles, revisions
from workbench.store.revisions import Revision

PEOPLE = ("anna", "ben", "cem")
SECONDS = {"agreement": 60, "adjudication": 120}
GROWTH = 1.5
TOGETHER = 2
"""How many samples make an article: they are short."""


def main() -> int:
    """Prints time and memory for a quarter of the articles and for all; 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--only", choices=SECONDS, help="measure this alone")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.only, given.measure)
        return 0
    many: int = given.articles
    good = True
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / str(number) for number in (many // 4, many)]
        for folder in folders:
            Workspace.create(folder).close()
            fill(folder / "workbench.db", int(folder.name))
        for what in [given.only] if given.only else SECONDS:
            small, large = (run(what, folder) for folder in folders)
            good = good and large[0] < SECONDS[what] and large[1] < GROWTH * small[1]
            sys.stdout.write(
                f"{datetime.now(UTC):%Y-%m-%d} {what}: {many // 4} articles {small[0]:.1f} s, {small[1]:.0f} MiB; "
                f"{many} articles {large[0]:.1f} s, {large[1]:.0f} MiB "
                f"(goal: under {SECONDS[what]} s, under {GROWTH} times the memory)\n"
            )
    return int(not good)


def run(what: str, folder: Path) -> tuple[float, float]:
    """Seconds and MiB that it takes over the articles of a workspace, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--only", what, "--measure", str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def measure(what: str, folder: Path) -> None:
    """Prints the seconds that it takes, and the most memory that the process had, in MiB."""
    with Workspace.open(folder) as workspace:
        start = time.perf_counter()
        if what == "agreement":
            workspace.agreement()
        else:
            workspace.adjudicate(policies=Policies(majority=True), send=False)
        seconds = time.perf_counter() - start
    sys.stdout.write(f"{seconds} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}\n")


def fill(database: Path, many: int) -> None:
    """A store with so many articles, each annotated by all."""
    scheme = shipped.label_scheme()
    samples = [(article_of(sample), sample) for sample in shipped.corpus(scheme)]
    whole = [(article.text, sample.gold(article, scheme)) for article, sample in samples]
    store = Store.open(f"sqlite:///{database}")
    chosen = random.Random(0)
    for first in range(0, many, 100):
        with store.transaction() as session:
            for number in range(first, min(first + 100, many)):
                article, gold = joined(number, chosen.sample(whole, TOGETHER), scheme)
                articles.add(session, article, raw=article.text)
                rules = gold.model_copy(update={"producer": Producer(kind="rules", name="rules", version="1")})
                parent = annotations.keep(session, article.id, 1, rules)
                for person in PEOPLE:
                    made = by(person, gold, scheme, chosen)
                    revisions.keep(
                        session,
                        Revision(
                            article_id=article.id,
                            article_version=1,
                            annotator=person,
                            origin="label-studio:1",
                            external_id=f"{number} {person}",
                            updated="2025-01-01",
                            created="2025-01-01",
                            state="submitted",
                            set_id=annotations.keep(session, article.id, 1, made),
                            parent_set_id=parent if number % 2 else None,
                            lead_time=60.0,
                        ),
                    )
    store.close()


def joined(number: int, samples: list[tuple[str, AnnotationSet]], scheme: LabelScheme) -> tuple[Article, AnnotationSet]:
    """Several samples as one article, with their gold."""
    text = f"Number {number}.\n"
    layers: dict[str, tuple[Span, ...]] = scheme.empty_layers()
    for place, (sample, gold) in enumerate(samples):
        shift = len(text)
        text += sample + "\n"
        for name, spans in gold.layers.items():
            layers[name] += tuple(moved(span, shift, f"{place}-") for span in spans)
    article = Article.from_text(text.strip(), title=f"Number {number}")
    producer = Producer(kind="person", name="gold")
    return article, AnnotationSet(producer=producer, scheme_digest=scheme.digest, layers=layers)


def moved(span: Span, shift: int, prefix: str) -> Span:
    """The span further on in the text, under another id."""
    arguments = tuple(one.model_copy(update={"target": prefix + one.target}) for one in span.arguments)
    return span.model_copy(
        update={"id": prefix + span.id, "start": span.start + shift, "end": span.end + shift, "arguments": arguments}
    )


def by(person: str, gold: AnnotationSet, scheme: LabelScheme, chosen: random.Random) -> AnnotationSet:
    """The gold as somebody would have it who overlooks, moves and relabels a twentieth each."""
    layers: dict[str, tuple[Span, ...]] = {}
    lost: set[str] = set()
    for layer in scheme.layers:
        kept: list[Span] = []
        for span in gold.layers[layer.name]:
            what = chosen.random()
            if what < 0.05:
                lost.add(span.id)
            elif what < 0.1 and " " in span.text:
                shorter = span.text.rpartition(" ")[0]
                kept.append(span.model_copy(update={"end": span.start + len(shorter), "text": shorter}))
            elif what < 0.15:
                kept.append(span.model_copy(update={"label": chosen.choice(layer.label_values)}))
            else:
                kept.append(span)
        layers[layer.name] = tuple(kept)
    found = {
        name: tuple(
            span.model_copy(update={"arguments": tuple(one for one in span.arguments if one.target not in lost)})
            for span in spans
        )
        for name, spans in layers.items()
    }
    return gold.model_copy(update={"producer": Producer(kind="person", name=person), "layers": found})


if __name__ == "__main__":
    sys.exit(main())
