"""How well story groups match the stories of the sample corpora: pairs of articles, part by part.

    python benchmarks/stories.py [--orders N] [--articles FOLDER]

Grouping depends on the order in which articles come, so it is measured over several shuffled orders: with the dates of
publication, and without any, when only the texts tell when they are about. With --articles the groups of the texts in a
folder are printed, too.
"""

import argparse
import itertools
import random
import sys
from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from workbench.articles import cleaning
from workbench.articles.signatures import signature
from workbench.articles.stories import WINDOW, StoryIndex
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.samples.markup import Sample, compile_sample


def samples() -> list[Sample]:
    """The sample corpus, compiled."""
    folder = resources.files("workbench.samples")
    scheme = LabelScheme.from_xml((folder / "label_config.xml").read_text("utf-8"))
    files = sorted(
        (file for corpus in ("corpus", "newsrooms") for file in (folder / corpus).iterdir()), key=lambda file: file.name
    )
    return [compile_sample(file.read_text(encoding="utf-8"), scheme, name=file.name) for file in files]


class Counts(NamedTuple):
    """How many pairs are rightly together, wrongly together, wrongly apart; of the last, those of one occasion."""

    right: int
    wrong: int
    missed: int
    missed_within_window: int


def pairs(of: Sequence[Sample], seed: int, *, dated: bool) -> Counts:
    """What became of every pair of articles, when they come in the order of this seed."""
    order = list(of)
    random.Random(seed).shuffle(order)
    index = StoryIndex()
    for sample in order:
        published = sample.published if dated else None
        article = Article.from_text(cleaning.clean(sample.raw)[0], published=published)
        index.place(sample.name, signature(article))
    right = wrong = missed = within = 0
    for one, other in itertools.combinations(of, 2):
        together, same = index.group(one.name) == index.group(other.name), one.story == other.story
        right += together and same
        wrong += together and not same
        missed += same and not together
        within += same and not together and abs(_day(one) - _day(other)) <= WINDOW
    return Counts(right, wrong, missed, within)


def _day(sample: Sample) -> int:
    return date.fromisoformat((sample.published or "")[:10]).toordinal()


def _share(some: int, others: int) -> float:
    return some / (some + others) if some + others else 1.0


def main() -> None:
    """Prints one line a part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5)
    parser.add_argument("--articles", type=Path)
    options = parser.parse_args()
    orders: int = options.orders
    everything = samples()
    say(
        f"{'part':12} {'articles':>8} {'precision':>9} {'recall':>7} {f'within {WINDOW} days':>15}   pairs, {orders} orders"
    )
    for part in ("train", "dev", "test", "all", "all undated"):
        chosen = [sample for sample in everything if part.startswith("all") or sample.split == part]
        counted = [pairs(chosen, seed, dated="undated" not in part) for seed in range(orders)]
        right, wrong, missed, within = (sum(column) for column in zip(*counted, strict=True))
        figures = f"{_share(right, wrong):9.2f} {_share(right, missed):7.2f} {_share(right, within):15.2f}"
        say(f"{part:12} {len(chosen):8} {figures}")
    if options.articles:
        index = StoryIndex()
        for path in sorted(options.articles.glob("*.txt")):
            article = Article.from_text(cleaning.clean(path.read_text(encoding="utf-8"))[0])
            found = index.place(path.name, signature(article))
            say(f"{path.name}: {found.group}" + (f", like {found.like} ({found.similarity:.2f})" if found.like else ""))


def say(line: str) -> None:
    """Prints a line."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
