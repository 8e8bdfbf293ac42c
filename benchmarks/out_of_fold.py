"""Whether suggestions have to be made out of fold to be learned from: `python benchmarks/out_of_fold.py`.

A model learns from the first articles of newsrooms, and a second one starts from what the first suggests, on these and
as many more. On articles that it has learned from the first is better than on others, so there what models of its
options said when their stories were held back is taken: "out of fold". Beside it the same with the first model's own
suggestions everywhere, "as it is". Corrections an article on the test articles, which none has seen.
"""

import argparse
from collections.abc import Mapping

from newsrooms_learning import item, measured, say

from workbench.core.annotations import AnnotationSet
from workbench.core.measures import story_bootstrap
from workbench.core.ports import Silent
from workbench.pipeline.assemble import Former
from workbench.pipeline.predict import TrainedModel
from workbench.samples import shipped
from workbench.samples.turns import in_turns
from workbench.training import corpus
from workbench.training.evaluate import Evaluation
from workbench.training.learn import train_pipeline
from workbench.training.report import TrainOptions


def main() -> None:
    """Trains three models and prints what each needs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="12,24", help="articles that the first and the second model learn from")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    few, many = map(int, given.sizes.split(","))
    scheme = shipped.label_scheme()
    samples = shipped.corpus(scheme, "newsrooms")
    pool = [item(one, scheme) for one in in_turns(one for one in samples if one.split == "train")]
    test = [item(one, scheme) for one in samples if one.split == "test"]
    options = TrainOptions(seed=given.seed, max_misaligned=1.0)
    again = options.model_copy(update={"suggester": "model:first"})
    first = train_pipeline(corpus.of("first", {"train": pool[:few]}, scheme), scheme, "first", Silent(), options)
    before = measured(TrainedModel(first.nlp, "first", scheme), test, scheme)
    say(f"the first model, of {few} articles: {before.mean:.1f} corrections an article on {len(test)} others")
    assert first.held_back is not None, "there are enough stories to hold some back"
    gold = corpus.of("second", {"train": pool[:many]}, scheme)
    found: dict[str, Evaluation] = {}
    ways: dict[str, Mapping[str, AnnotationSet]] = {"out of fold": first.held_back.suggested, "as it is": {}}
    for name, suggested in ways.items():
        second = train_pipeline(
            gold, scheme, "second", Silent(), again, before=Former(first.nlp, "first"), suggested=suggested
        )
        found[name] = measured(TrainedModel(second.nlp, "second", scheme), test, scheme)
        say(f"the second, of {many}, from what the first suggests {name}: {found[name].mean:.1f}")
    one, other = found["out of fold"], found["as it is"]
    difference, interval = story_bootstrap(one.totals, other.totals, one.stories)
    say(f"difference {difference:+.1f} ({interval.low:+.1f} to {interval.high:+.1f}, 95 % over stories)")


if __name__ == "__main__":
    main()
