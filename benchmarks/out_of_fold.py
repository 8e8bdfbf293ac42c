"""What it is good for that suggestions to learn from are made out of fold: part of `make quality`.

A model learns from some articles, and a second one, of twice as many which include them, starts from what the first
suggests. On articles that it has learned from the first is better than on others, so that there what models of its
options said when their stories were held back is taken: "out of fold". Beside it stand the first model's own suggestions
everywhere, "as it is", and the same where an article's own answers also count for how far suggestions are believed in
it, "believed". Of each way there are the corrections an article that the second model needs on articles that no model
has seen; those that it claims to need, by its own stories that were held back, on which promotion rests where the dev
part is small; and how far its scores are from the share that is right, on the unseen. The seeds draw the articles; of
each unseen article the mean over them counts. FULL=1 takes five seeds and three sizes; the default is one of each.
"""

import argparse
import os
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from statistics import fmean
from typing import NamedTuple
from unittest.mock import patch

import corpora
from newsrooms_learning import item, measured, say

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.measures import story_bootstrap
from workbench.core.ports import Silent
from workbench.core.scheme import LabelScheme
from workbench.pipeline.assemble import Former
from workbench.pipeline.predict import TrainedModel
from workbench.pipeline.suggestions import Record
from workbench.samples import shipped
from workbench.training import corpus
from workbench.training.learn import Trained, train_pipeline
from workbench.training.reliability import calibration_error
from workbench.training.report import TrainOptions

WAYS = ("out of fold", "as it is", "believed")
CORPORA = ("men", "newsrooms")


class Gold(NamedTuple):
    """A scheme, the articles to draw from, and those that are measured on, with their story groups."""

    scheme: LabelScheme
    pool: Sequence[AnnotatedArticle]
    test: Sequence[AnnotatedArticle]


class Result(NamedTuple):
    """What a model needs on the unseen articles, claims to need, and how far its scores are from what is right."""

    needed: list[int]
    claimed: float
    distance: float


def main() -> None:
    """Trains and prints what each way needs, and the differences with their intervals."""
    full = bool(os.environ.get("FULL"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--on", default="men", choices=CORPORA)
    parser.add_argument(
        "--sizes", default="10,20,40" if full else "10", help="articles that the first model learns from"
    )
    parser.add_argument("--seeds", type=int, default=5 if full else 1)
    given = parser.parse_args()
    if given.on == "men" and not corpora.here("men"):
        say(f"MEN is not at {corpora.FOLDER}: 1 measurement was skipped")
        return
    gold = read(given.on)
    say(f"{given.on}: {len(gold.pool)} articles to draw from, {len(gold.test)} to measure on")
    for size in map(int, given.sizes.split(",")):
        found: dict[str, list[Result]] = {way: [] for way in WAYS}
        for seed in range(given.seeds):
            for way, result in of_one_draw(gold, size, seed):
                found[way].append(result)
                say(
                    f"  {size} and {2 * size}, seed {seed}, {way}: {fmean(result.needed):.1f}, claims "
                    f"{result.claimed:.1f}, scores are off by {result.distance:.3f}"
                )
        report(gold, size, found)


def read(name: str) -> Gold:
    """The articles of a corpus."""
    if name == "men":
        scheme = corpora.men_scheme()
        return Gold(scheme, corpora.men_gold(scheme, reported=False), corpora.men_gold(scheme, reported=True))
    scheme = shipped.label_scheme()
    samples = shipped.corpus(scheme, name)
    pool, test = ([item(one, scheme) for one in samples if one.split == part] for part in ("train", "test"))
    return Gold(scheme, pool, test)


def of_one_draw(gold: Gold, size: int, seed: int) -> Iterator[tuple[str, Result]]:
    """What came of one draw of articles, way by way."""
    pool = list(gold.pool)
    random.Random(seed).shuffle(pool)
    options = TrainOptions(seed=seed, max_misaligned=1.0)
    first = train(gold, pool[:size], options)
    assert first.held_back is not None, "there are enough stories to hold some back"
    again = partial(
        train,
        gold,
        pool[: 2 * size],
        options.model_copy(update={"suggester": "model:first"}),
        Former(first.nlp, "first"),
    )
    for way in WAYS:
        suggested = first.held_back.suggested if way == "out of fold" else {}
        with own_answers_counted() if way == "believed" else nullcontext():
            second = again(suggested)
        found = measured(TrainedModel(second.nlp, "second", gold.scheme), list(gold.test), gold.scheme)
        assert second.held_back is not None, "there are enough stories to hold some back"
        distance = calibration_error(found.reliability) or 0.0
        yield way, Result(found.totals, second.held_back.evaluation.mean, distance)


def train(
    gold: Gold,
    items: Sequence[AnnotatedArticle],
    options: TrainOptions,
    before: Former | None = None,
    suggested: Mapping[str, AnnotationSet] | None = None,
) -> Trained:
    """A model of some articles."""
    taught = corpus.of("measured", {"train": items}, gold.scheme)
    return train_pipeline(taught, gold.scheme, "measured", Silent(), options, before=before, suggested=suggested)


@contextmanager
def own_answers_counted() -> Iterator[None]:
    """Has records count an article's own gold for the article itself, which they never do else."""
    scores = Record.scores
    with patch.object(Record, "scores", lambda self, key, prior, own=None: scores(self, key, prior)):
        yield


def report(gold: Gold, size: int, found: Mapping[str, Sequence[Result]]) -> None:
    """Prints what each way needs and claims, and out of fold beside the others."""
    stories = [one.article.story_group or one.article.id for one in gold.test]
    needed = {
        way: [fmean(row) for row in zip(*(one.needed for one in results), strict=True)]
        for way, results in found.items()
    }
    for way, results in found.items():
        claimed = fmean(one.claimed for one in results)
        say(
            f"{size} and {2 * size}, {way}: needs {fmean(needed[way]):.2f}, claims {claimed:.2f} "
            f"({claimed - fmean(needed[way]):+.2f}), scores are off by {fmean(one.distance for one in results):.3f}"
        )
    for way in WAYS[1:]:
        difference, interval = story_bootstrap(needed[WAYS[0]], needed[way], stories)
        say(
            f"    {WAYS[0]} needs {difference:+.2f} ({interval.low:+.2f} to {interval.high:+.2f}, 95 % over stories) "
            f"against {way}"
        )


if __name__ == "__main__":
    main()
