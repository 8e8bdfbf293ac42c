"""How well story groups match the stories of the sample corpus: pairs of articles, part by part.

    python benchmarks/stories.py [--orders N]

Grouping depends on the order in which articles come, so it is measured over several shuffled orders.
"""

import argparse
import itertools
import random
import sys
from collections.abc import Sequence
from importlib import resources

from workbench.articles import cleaning
from workbench.articles.stories import StoryIndex, signature
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.samples.markup import Sample, compile_sample


def samples() -> list[Sample]:
    """The sample corpus, compiled."""
    folder = resources.files("workbench.samples")
    scheme = LabelScheme.from_xml((folder / "label_config.xml").read_text("utf-8"))
    files = sorted((folder / "corpus").iterdir(), key=lambda file: file.name)
    return [compile_sample(file.read_text(encoding="utf-8"), scheme, name=file.name) for file in files]


def pairs(of: Sequence[Sample], seed: int) -> tuple[int, int, int]:
    """How many pairs are rightly together, wrongly together, wrongly apart."""
    order = list(of)
    random.Random(seed).shuffle(order)
    index = StoryIndex()
    group: dict[str, str] = {}
    for sample in order:
        article = Article.from_text(cleaning.clean(sample.raw)[0], published=sample.published)
        placement = index.place(article.id, signature(article))
        group[sample.name] = placement.group
        group.update({name: placement.group for name, found in group.items() if found in placement.merged})
    right = wrong = missed = 0
    for one, other in itertools.combinations(of, 2):
        together, same = group[one.name] == group[other.name], one.story == other.story
        right += together and same
        wrong += together and not same
        missed += same and not together
    return right, wrong, missed


def main() -> None:
    """Prints one line a part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=5)
    orders: int = parser.parse_args().orders
    everything = samples()
    sys.stdout.write(f"{'part':6} {'articles':>8} {'precision':>9} {'recall':>7}   pairs, mean of {orders} orders\n")
    for part in ("train", "dev", "test", "all"):
        chosen = [sample for sample in everything if part in (sample.split, "all")]
        counted = [pairs(chosen, seed) for seed in range(orders)]
        right, wrong, missed = (sum(column) for column in zip(*counted, strict=True))
        precision = right / (right + wrong) if right + wrong else 1.0
        recall = right / (right + missed) if right + missed else 1.0
        sys.stdout.write(f"{part:6} {len(chosen):8} {precision:9.2f} {recall:7.2f}\n")


if __name__ == "__main__":
    main()
