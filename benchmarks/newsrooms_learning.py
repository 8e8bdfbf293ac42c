"""What models learn on the newsroom articles, on which the rules were not tuned: part of `make quality`.

Train articles come in the order of the demo (`samples.turns`), with their gold; corrections are counted on the test
articles, which neither rules nor models have seen. The demo itself shows the same with annotators who err. The aim:
after 40 articles a fifth fewer corrections an article than the rules need, not by chance, and fewer for events, for
stances and for roles.
"""

import argparse
import sys
import time

from corpora import article_of

from workbench.core.annotations import AnnotatedArticle
from workbench.core.measures import Interval, story_bootstrap
from workbench.core.ports import PreAnnotator, Silent
from workbench.core.scheme import LabelScheme
from workbench.pipeline.predict import TrainedModel
from workbench.preannotate.rules.annotator import Rules
from workbench.samples import shipped
from workbench.samples.markup import Sample
from workbench.samples.turns import in_turns
from workbench.training import corpus
from workbench.training.evaluate import Evaluation, evaluate
from workbench.training.learn import train_pipeline
from workbench.training.report import TrainOptions

AIM = 0.8
ROLES = "roles"


def main() -> int:
    """Trains and prints a line for each size; the exit status is 1 where the aim is missed after 40 articles."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="12,24,40", help="so many articles are learned from")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    scheme = shipped.label_scheme()
    samples = shipped.corpus(scheme, "newsrooms")
    pool = [item(one, scheme) for one in in_turns(one for one in samples if one.split == "train")]
    test = [item(one, scheme) for one in samples if one.split == "test"]
    columns = [*(layer.name for layer in scheme.layers), ROLES]
    say(f"corrections an article on {len(test)} articles of newsrooms; roles are among those of their layers")
    say(f"{'':<20}{'all':>8}" + "".join(f"{name:>10}" for name in columns) + "   for the rules, 95 % over stories")
    rules = measured(Rules(scheme), test, scheme)
    say(line("rules", rules, columns))
    aim: bool | None = None
    for size in map(int, given.sizes.split(",")):
        started = time.process_time()
        options = TrainOptions(seed=given.seed, max_misaligned=1.0)
        gold = corpus.of("newsrooms", {"train": pool[:size]}, scheme)
        trained = train_pipeline(gold, scheme, "newsrooms", Silent(), options)
        seconds = time.process_time() - started
        found = measured(TrainedModel(trained.nlp, "newsrooms", scheme), test, scheme)
        difference, interval = story_bootstrap(found.totals, rules.totals, found.stories)
        say(
            line(f"after {size} ({seconds:.0f} CPU s)", found, columns)
            + f"   {found.mean / rules.mean - 1:+.1%}, {difference:+.1f} ({interval.low:+.1f} to {interval.high:+.1f})"
        )
        if size == len(pool):
            aim = reached(found, rules, interval, columns)
    if aim is not None:
        say(f"the aim is {'reached' if aim else 'missed'}")
    return int(aim is False)


def item(sample: Sample, scheme: LabelScheme) -> AnnotatedArticle:
    """A sample with its gold; articles belong together as the corpus says."""
    article = article_of(sample).model_copy(update={"story_group": sample.story})
    return AnnotatedArticle(article=article, annotations=scheme.normalise(sample.gold(article, scheme)))


def measured(annotator: PreAnnotator, test: list[AnnotatedArticle], scheme: LabelScheme) -> Evaluation:
    """What its suggestions cost."""
    return evaluate(annotator, test, scheme, Silent(), release="newsrooms", part="test")


def of(found: Evaluation, column: str) -> float:
    """Corrections an article of a layer, or of the roles of all layers."""
    if column == ROLES:
        return sum(sum(one.corrections) for one in found.names if one.of.what == "role") / len(found.articles)
    return sum(found.of_layer(column)) / len(found.articles)


def reached(found: Evaluation, rules: Evaluation, interval: Interval, columns: list[str]) -> bool:
    """Whether it is a fifth less, not by chance, and less for events, stances and roles each."""
    each = all(of(found, column) < of(rules, column) for column in columns if column != "entities")
    return found.mean <= AIM * rules.mean and interval.high < 0 and each


def line(name: str, found: Evaluation, columns: list[str]) -> str:
    """A row of the table."""
    return f"{name:<20}{found.mean:>8.1f}" + "".join(f"{of(found, column):>10.1f}" for column in columns)


def say(line: str) -> None:
    """Prints at once, so that a long run shows how far it is."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
