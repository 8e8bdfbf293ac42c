"""Whether promotion picks what is better: a part of `make quality`.

Seeded runs, each with a handful of articles to learn from and one or two of a dev part, as a workspace has them after
its first days. What the decision would be is held against the truth: the corrections an article of model and rules on
articles that neither has seen. On the newsrooms' samples, whose wording the rules don't know, and, where these corpora
lie beside the checkout, on MEN's names and on the annotated real news, each article of which is from elsewhere. What was measured is kept in a file, so that an interrupted run goes on; what other
code, data or gold came to is measured again.
"""

import argparse
import hashlib
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import corpora
import real_news
from corpora import article_of
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
from workbench.training.faults import Name
from workbench.training.learn import train_pipeline
from workbench.training.promote import Sides, decide
from workbench.training.report import TrainOptions
from workbench.workflows.points import digest

KEPT = Path(__file__).parent / ".promotion.jsonl"
PACKAGE, SOURCES = Path(shipped.__file__).parents[1], (".py", ".tsv", ".toml")
NOBODY = Producer(kind="model", name="any")
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


class Run(NamedTuple):
    """What a run came to: after so many articles, the decision, and corrections an article of either, in truth."""

    train: int
    promoted: bool
    reason: str
    model: float
    rules: float

    @classmethod
    def of(cls, parts: Mapping[str, Any]) -> "Run":
        """The decision on what was measured."""
        sides = {part: Sides(*map(_costs, both)) for part, both in parts.items()}
        verdict = decide(sides.get("dev"), lambda: sides.get("train"))
        truth = sides["truth"]
        return cls(
            train=len(sides["train"].challenger.articles) if "train" in sides else 0,
            promoted=verdict is not None and verdict.accepted,
            reason="" if verdict is None else verdict.reason,
            model=truth.challenger.mean,
            rules=truth.current.mean,
        )


def main() -> None:
    """Runs the study, corpus by corpus, and prints what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="newsrooms,men,news", help="newsrooms, men, news, or several")
    parser.add_argument("--runs", type=int, default=RUNS if os.environ.get("FULL") else SMALL, help="seeds, from 0 on")
    parser.add_argument("--fresh", action="store_true", help="measure again what was measured")
    given = parser.parse_args()
    if given.fresh:
        KEPT.unlink(missing_ok=True)
    makers: dict[str, Callable[[], Gold]] = {"newsrooms": newsrooms, "men": men, "news": news}
    there = {"newsrooms": True, "men": corpora.here("men"), "news": real_news.here()}
    for name in given.only.split(","):
        if not there[name]:
            say(f"not measured, because not at {corpora.FOLDER}: {name}")
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


def news() -> Gold:
    """The real news, the half that the rules were learned from to train on; the half that is only measured on tells the truth."""
    scheme = shipped.label_scheme()
    return Gold(scheme, real_news.half(scheme, reported=False), real_news.half(scheme, reported=True))


def study(name: str, gold: Gold, runs: int) -> list[Run]:
    """What each run came to; those that are in the file, of the same code and gold, are not measured again."""
    lines = KEPT.read_text(encoding="utf-8").splitlines() if KEPT.exists() else []
    of = stamp(gold)
    known: list[dict[str, Any]] = [one for line in lines if (one := json.loads(line)).get("of") == of]
    suggested: dict[str, AnnotationSet] = {}
    found: list[Run] = []
    for seed in range(runs):
        there: dict[str, Any] | None = next(
            (one for one in known if (one["corpus"], one["seed"]) == (name, seed)), None
        )
        if there is None:
            if not suggested:
                every = [*gold.pool, *gold.truth]
                sets = Rules(gold.scheme).annotate(item.article for item in every)
                suggested = {item.article.id: one for item, one in zip(every, sets, strict=True)}
            parts = measured(gold, suggested, seed)
            there = {"of": of, "corpus": name, "seed": seed, "parts": parts}
            with KEPT.open("a", encoding="utf-8") as file:
                file.write(json.dumps(there) + "\n")
        run = Run.of(there["parts"])
        say(
            f"  seed {seed}: {run.train} articles, {'promoted' if run.promoted else 'refused'}; truth: "
            f"model {run.model:.1f}, rules {run.rules:.1f} corrections an article; {run.reason}"
        )
        found.append(run)
    return found


def measured(gold: Gold, suggested: dict[str, AnnotationSet], seed: int) -> dict[str, list[dict[str, object]]]:
    """Trains on a handful; what model and rules cost, by part."""
    chance = random.Random(seed)
    size = chance.randint(FEWEST, MOST)
    queue = _queue(gold.pool, chance)
    train = queue[:size]
    stories = {_story(item) for item in train}
    dev = [item for item in queue[size:] if _story(item) not in stories][:DEV]
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

    truth = _truth(gold)
    sides = {part: (by_model(items), by_rules(items)) for part, items in (("dev", dev), ("truth", truth)) if items}
    if held is not None:
        sides["train"] = (Costs.of(held.evaluation), by_rules(train))
    return {part: [_plain(one) for one in both] for part, both in sides.items()}


def stamp(gold: Gold) -> str:
    """A hash of the package's code and data, and of the gold."""
    found = hashlib.sha256(digest(gold.pool, _truth(gold), gold.scheme, NOBODY).encode())
    for file in sorted(path for path in PACKAGE.rglob("*") if path.suffix in SOURCES):
        found.update(file.read_bytes())
    return found.hexdigest()[:16]


def _truth(gold: Gold) -> list[AnnotatedArticle]:
    return gold.truth if os.environ.get("FULL") else gold.truth[:TRUTH]


def _queue(pool: Sequence[AnnotatedArticle], chance: random.Random) -> list[AnnotatedArticle]:
    """The articles by chance, one of each story before a second one, as `select` orders them."""
    drawn = chance.sample(list(pool), len(pool))
    seen: Counter[str] = Counter()
    turn: dict[str, int] = {}
    for item in drawn:
        turn[item.article.id] = seen[_story(item)]
        seen[_story(item)] += 1
    return sorted(drawn, key=lambda item: turn[item.article.id])


def _plain(costs: Costs) -> dict[str, object]:
    """As JSON, without the examples."""
    names = [[name.model_dump(), row] for name, row in costs.names.items()]
    return {"articles": costs.articles, "stories": costs.stories, "names": names}


def _costs(plain: Mapping[str, Any]) -> Costs:
    names = {Name.model_validate(name): tuple(row) for name, row in plain["names"]}
    return Costs(tuple(plain["articles"]), tuple(plain["stories"]), names)


def _story(item: AnnotatedArticle) -> str:
    return item.article.story_group or item.article.id


def report(name: str, runs: Sequence[Run]) -> None:
    """Prints how often promotion was right."""
    taken = [run for run in runs if run.promoted]
    left = [run for run in runs if not run.promoted]
    worse = sum(run.model > run.rules for run in taken)
    say(f"{name}: {len(taken)} of {len(runs)} promoted, {worse} of them worse than the rules on other articles")
    if taken:
        means = [sum(column) / len(taken) for column in ([run.model for run in taken], [run.rules for run in taken])]
        say(f"  mean of the promoted {means[0]:.1f} corrections an article, of the rules {means[1]:.1f}")
    if left:
        better = sum(run.model < run.rules for run in left)
        say(f"  of {len(left)} that were refused {better} would have been better")


if __name__ == "__main__":
    main()
