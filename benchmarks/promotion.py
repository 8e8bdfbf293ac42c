"""Whether promotion picks what is better: a part of `make quality`.

Seeded runs, each with a handful of articles to learn from and one or two of a dev part, as a workspace has them after
its first days. What the decision would be is held against the truth: the corrections an article of model and rules on
articles that neither has seen. On the newsrooms' samples, whose wording the rules don't know, and on MEN's names where
that corpus lies beside the checkout. What was measured is kept in a file, so that an interrupted run goes on.
"""

import argparse
import json
import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import corpora
from calibrate import article_of
from quality import say

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.ports import Silent
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import trim
from workbench.pipeline.predict import TrainedModel
from workbench.preannotate.rules.annotator import Rules
from workbench.samples import shipped
from workbench.training.corpus import Corpus
from workbench.training.costs import Costs
from workbench.training.evaluate import measure
from workbench.training.learn import train_pipeline
from workbench.training.promote import Sides, decide
from workbench.training.report import TrainOptions

KEPT = Path(__file__).parent / ".promotion.jsonl"
FEWEST, MOST = 5, 10
"""How many articles a run learns from."""
DEV = 2
TRUTH = 25
"""So many articles, at most, say what the truth is in a small run; all that are left, in a whole one."""
RUNS, SMALL = 20, 8


class Gold(NamedTuple):
    """A corpus to draw from, and its articles that the truth is told on."""

    scheme: LabelScheme
    pool: list[AnnotatedArticle]
    truth: list[AnnotatedArticle]


def main() -> None:
    """Runs the study, corpus by corpus, and prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="newsrooms,men", help="newsrooms, men or both")
    parser.add_argument("--runs", type=int, default=RUNS if os.environ.get("FULL") else SMALL, help="seeds, from 0 on")
    parser.add_argument("--fresh", action="store_true", help="measure again what was measured")
    given = parser.parse_args()
    if given.fresh:
        KEPT.unlink(missing_ok=True)
    makers: dict[str, Callable[[], Gold]] = {"newsrooms": newsrooms, "men": men}
    for name in given.only.split(","):
        if name == "men" and not corpora.here("men"):
            say(f"not measured, because not at {corpora.FOLDER}: men")
            continue
        report(name, study(name, makers[name](), given.runs))


def newsrooms() -> Gold:
    """The second corpus of samples; its test part tells the truth."""
    scheme = shipped.label_scheme()
    pool: list[AnnotatedArticle] = []
    truth: list[AnnotatedArticle] = []
    for sample in shipped.corpus(scheme, "newsrooms"):
        article = article_of(sample).model_copy(update={"story_group": sample.story})
        item = AnnotatedArticle(article=article, annotations=scheme.normalise(trim(sample.gold(article, scheme))[0]))
        (truth if sample.split == "test" else pool).append(item)
    return Gold(scheme, pool, truth)


def men() -> Gold:
    """MEN's names, nested ones too, under labels of MEN's own; the 50 articles of the reported fold tell the truth."""
    scheme = corpora.men_scheme()
    return Gold(scheme, corpora.men_gold(scheme, reported=False), corpora.men_gold(scheme, reported=True))


def study(name: str, gold: Gold, runs: int) -> list[dict[str, object]]:
    """What each run came to; those that are in the file are not done again."""
    known = [json.loads(line) for line in KEPT.read_text().splitlines()] if KEPT.exists() else []
    rules = Rules(gold.scheme)
    every = [*gold.pool, *gold.truth]
    suggested: dict[str, AnnotationSet] = {}
    found: list[dict[str, object]] = []
    for seed in range(runs):
        there = next((one for one in known if (one["corpus"], one["seed"]) == (name, seed)), None)
        if there is None:
            if not suggested:
                sets = rules.annotate(item.article for item in every)
                suggested = {item.article.id: one for item, one in zip(every, sets, strict=True)}
            there = {"corpus": name, "seed": seed, **one_run(gold, suggested, seed)}
            with KEPT.open("a", encoding="utf-8") as file:
                file.write(json.dumps(there) + "\n")
        say(
            f"  seed {seed}: {there['train']} articles, {'promoted' if there['promoted'] else 'refused'}; truth: "
            f"model {there['model']:.1f}, rules {there['rules']:.1f} corrections an article"
        )
        found.append(there)
    return found


def one_run(gold: Gold, suggested: dict[str, AnnotationSet], seed: int) -> dict[str, object]:
    """Trains on a handful, decides, and measures the truth."""
    chance = random.Random(seed)
    stories = sorted({_story(item) for item in gold.pool})
    chance.shuffle(stories)
    size = chance.randint(FEWEST, MOST)
    drawn = [item for story in stories for item in gold.pool if _story(item) == story][: size + DEV]
    train = drawn[:size]
    dev = [one for one in drawn[size:] if _story(one) != _story(train[-1])]
    scheme, producer = gold.scheme, Producer(kind="model", name="x")
    corpus = Corpus(release=f"run-{seed}", items={"train": train, "dev": dev, "test": []}, parts=())
    options = TrainOptions(seed=seed, max_misaligned=1)
    nlp, _, held = train_pipeline(corpus, scheme, "model", Silent(), options)
    model = TrainedModel(nlp, "model", scheme)

    def costs(items: Sequence[AnnotatedArticle], sets: Sequence[AnnotationSet]) -> Costs:
        return Costs.of(measure(sets, items, scheme, producer=producer, release="r", part="dev"))

    def by_rules(items: Sequence[AnnotatedArticle]) -> Costs:
        return costs(items, [suggested[item.article.id] for item in items])

    def by_model(items: Sequence[AnnotatedArticle]) -> Costs:
        return costs(items, list(model.annotate(item.article for item in items)))

    verdict = decide(
        Sides(by_model(dev), by_rules(dev)) if dev else None,
        lambda: None if held is None else Sides(Costs.of(held.evaluation), by_rules(train)),
    )
    truth = gold.truth if os.environ.get("FULL") else gold.truth[:TRUTH]
    return {
        "train": size,
        "promoted": verdict is not None and verdict.accepted,
        "reason": "" if verdict is None else verdict.reason,
        "model": by_model(truth).mean,
        "rules": by_rules(truth).mean,
    }


def _story(item: AnnotatedArticle) -> str:
    return item.article.story_group or item.article.id


def report(name: str, runs: Sequence[dict[str, object]]) -> None:
    """Prints how often promotion was right."""
    rows = [(bool(one["promoted"]), float(str(one["model"])), float(str(one["rules"]))) for one in runs]
    taken = [(model, rules) for promoted, model, rules in rows if promoted]
    left = [(model, rules) for promoted, model, rules in rows if not promoted]
    worse = sum(model > rules for model, rules in taken)
    say(f"{name}: {len(taken)} of {len(rows)} promoted, {worse} of them worse than the rules on other articles")
    if taken:
        means = [sum(column) / len(taken) for column in zip(*taken, strict=True)]
        say(f"  mean of the promoted {means[0]:.1f} corrections an article, of the rules {means[1]:.1f}")
    if left:
        say(f"  of {len(left)} that were refused {sum(model < rules for model, rules in left)} would have been better")


if __name__ == "__main__":
    main()
