"""What annotators see is decided by the corrections that it needs."""

from workbench.core.annotations import Producer
from workbench.core.measures import summarise
from workbench.store.models import LayerSource
from workbench.training.evaluate import Evaluation
from workbench.training.promote import best_choices, judge, leave_one_out

LAYERS = ["a", "b"]


def needs(a: list[int], b: list[int]) -> Evaluation:
    """An evaluation of articles that need so many corrections in layers a and b."""
    return Evaluation(
        producer=Producer(kind="model", name="m"),
        release="r",
        part="dev",
        articles=tuple(str(number) for number in range(len(a))),
        corrections=tuple({"a": one, "b": other} for one, other in zip(a, b, strict=True)),
        scores=summarise([]),
    )


def test_each_layer_goes_to_who_needs_the_fewest_corrections() -> None:
    options: dict[LayerSource, Evaluation] = {
        "rules": needs([5, 5], [1, 1]),
        "model": needs([2, 2], [9, 9]),
        "both": needs([3, 3], [1, 1]),
    }
    assert best_choices(options, LAYERS) == {"a": "model", "b": "rules"}


def test_a_model_that_saves_work_everywhere_is_promoted_alone() -> None:
    verdict = judge(needs([2] * 5, [1] * 5), needs([6] * 5, [4] * 5), {"a": "model", "b": "model"}, [3] * 5)
    assert verdict.accepted
    assert not verdict.rules_as_fallback
    assert "3.0 corrections an article on dev (5 articles) instead of 10.0" in verdict.reason


def test_a_model_that_wins_nowhere_is_refused() -> None:
    verdict = judge(needs([9], [9]), needs([1], [1]), {"a": "rules", "b": "rules"}, [2])
    assert not verdict.accepted
    assert "a 9.0 against 1.0" in verdict.reason


def test_a_layer_that_gets_clearly_worse_refuses_the_whole() -> None:
    verdict = judge(needs([0] * 6, [5] * 6), needs([9] * 6, [1] * 6), {"a": "model", "b": "both"}, [5] * 6)
    assert not verdict.accepted
    assert verdict.reason.startswith("b would get worse by 4.0")


def test_equal_work_is_no_reason_to_change() -> None:
    verdict = judge(needs([1, 3], [1, 1]), needs([2, 2], [1, 1]), {"a": "model", "b": "rules"}, [1, 1])
    assert not verdict.accepted
    assert "saves no work" in verdict.reason


def test_a_gain_that_depends_on_the_choice_alone_is_chance() -> None:
    """Two producers, each better on one article by luck: choosing the best of them promises more than it keeps."""
    options: dict[LayerSource, Evaluation] = {"rules": needs([0, 10], [0, 0]), "model": needs([9, 0], [0, 0])}
    assert sum(sum(options[choice].of_layer("a")) for choice in ["model"]) == 9
    assert leave_one_out(options, LAYERS) == [9, 10]
    challenger = options["model"]
    verdict = judge(challenger, options["rules"], {"a": "model", "b": "rules"}, leave_one_out(options, LAYERS))
    assert not verdict.accepted
    assert "may be chance" in verdict.reason
