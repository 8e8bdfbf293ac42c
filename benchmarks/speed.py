"""What the rules cost on top of the bare pipeline, in words per second: `python benchmarks/speed.py [--times N]`.

One process, processor time; the bare pipeline's own parse counts for both. On news (MEN's articles, where they lie beside
the checkout) and on the samples' train part, which has several times as many events a word. The goal, at most 18 % slower,
is about news: of the samples it says nothing, and without news it is neither met nor missed.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import corpora
from corpora import article_of
from spacy.language import Language

from workbench.core.article import Article
from workbench.pipeline import base
from workbench.preannotate.rules.annotator import Rules, year_of
from workbench.samples import shipped

GOAL = 0.18
BATCH = 32
"""So many articles are parsed, then read by the rules: what else the machine does falls on both."""


def main() -> None:
    """Prints both speeds, and what they say of the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=4, help="how many times over the samples")
    times: int = parser.parse_args().times
    scheme = shipped.label_scheme()
    nlp = base.load("en_core_web_sm")
    rules = Rules(scheme, nlp=nlp)
    samples = [article_of(sample) for sample in shipped.corpus(scheme) if sample.split == "train"]
    measure("samples", samples, times, nlp, rules)
    if not corpora.here("men"):
        say(f"no news at {corpora.FOLDER / corpora.FOLDERS['men']}, so the goal of at most {GOAL:.0%} was not measured")
        return
    news = [Article.from_text(text.text) for text in corpora.men(reported=False)]
    slower = measure("MEN", news, max(1, times // 4), nlp, rules)
    say(f"the goal of at most {GOAL:.0%} on news is {'missed' if slower > GOAL else 'met'}")


def measure(name: str, articles: Sequence[Article], times: int, nlp: Language, rules: Rules) -> float:
    """How much slower the rules make the pipeline on these articles; prints both speeds."""
    words = sum(len(article.text.split()) for article in articles) * times
    parsing = suggesting = 0.0
    for _ in range(times):
        for first in range(0, len(articles), BATCH):
            batch = articles[first : first + BATCH]
            before = time.process_time()
            docs = list(nlp.pipe((article.text for article in batch), batch_size=BATCH))
            between = time.process_time()
            for article, doc in zip(batch, docs, strict=True):
                rules.render(rules.read(rules.parse_of(doc), year_of(article)))
            parsing += between - before
            suggesting += time.process_time() - between
    slower = 1 - parsing / (parsing + suggesting)
    say(
        f"{datetime.now(UTC):%Y-%m-%d} {rules.producer}, {name}, {len(articles)} articles, {words // times:,} words, "
        f"{times} times: bare {words / parsing:,.0f} words/s, with the rules {words / (parsing + suggesting):,.0f}: "
        f"{slower:.1%} slower"
    )
    return slower


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
