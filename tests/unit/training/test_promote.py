"""What annotators see is decided by the corrections that it needs, story by story."""

import random

from workbench.training.costs import Costs
from workbench.training.faults import Fault, Name
from workbench.training.promote import judge, losses

PERSON, ORG = Name(layer="a", what="span", name="PERSON"), Name(layer="a", what="span", name="ORG")
ACTOR = Name(layer="b", what="role", name="actor")


def needs(*rows: tuple[Name, list[int]], stories: list[str] | None = None, examples: tuple[Fault, ...] = ()) -> Costs:
    """What articles cost that need so many corrections of each label."""
    articles = tuple(f"article-{number}" for number in range(len(rows[0][1])))
    return Costs(articles, tuple(stories or articles), {name: tuple(row) for name, row in rows}, examples)


def test_a_model_that_saves_work_on_every_story_is_promoted() -> None:
    verdict = judge(
        needs((PERSON, [2] * 10), (ACTOR, [1] * 10)), needs((PERSON, [6] * 10), (ACTOR, [4] * 10)), where="dev"
    )
    assert verdict.accepted
    assert verdict.interval.high < 0
    assert "3.0 corrections an article instead of 10.0" in verdict.reason
    assert verdict.examples == ()


def test_what_saves_work_on_the_mean_only_may_be_chance() -> None:
    verdict = judge(needs((PERSON, [0, 5, 6, 5, 6, 5])), needs((PERSON, [30, 4, 5, 4, 5, 4])), where="dev")
    assert verdict.difference < 0 < verdict.interval.high
    assert not verdict.accepted
    assert verdict.reason.startswith("that it saves work may be chance")


def test_equal_work_is_no_reason_to_change() -> None:
    verdict = judge(needs((PERSON, [1, 3] * 5)), needs((PERSON, [2, 2] * 5)), where="dev")
    assert not verdict.accepted
    assert verdict.reason.startswith("it saves no work")


def test_many_articles_on_one_story_are_one_piece_of_evidence() -> None:
    ours, theirs = needs((PERSON, [1] * 12)), needs((PERSON, [2] * 12))
    assert judge(ours, theirs, where="dev").accepted
    one_story = [("s" if number < 9 else f"t{number}") for number in range(12)]
    refused = judge(
        needs((PERSON, [1] * 12), stories=one_story), needs((PERSON, [2] * 12), stories=one_story), where="dev"
    )
    assert refused.stories == 4
    assert not refused.accepted
    assert "too few to tell" in refused.reason


def test_a_label_that_loses_by_more_than_chance_refuses_the_whole_and_is_named_with_examples() -> None:
    wrong = Fault(article="article-3", kind="missed", of=ACTOR, expected="actor 'Ann'", found="nothing")
    other = Fault(article="article-3", kind="missed", of=PERSON, expected="PERSON 'Ann'", found="nothing")
    ours = needs((PERSON, [1] * 12), (ORG, [3] * 12), (ACTOR, [5] * 12), examples=(other, wrong))
    theirs = needs((PERSON, [20] * 12), (ORG, [3] * 12), (ACTOR, [3] * 12))
    verdict = judge(ours, theirs, where="dev")
    assert verdict.interval.high < 0
    assert not verdict.accepted
    assert verdict.reason.startswith("b: role actor 5.0 for 3.0 would get worse by more than chance")
    assert verdict.examples == (wrong,)


def test_losses_are_corrected_for_the_number_of_labels() -> None:
    """A loss on five stories of five is one in 32 by chance: significant alone, and not among twenty labels."""
    alone = losses(needs((ACTOR, [2] * 5)), needs((ACTOR, [1] * 5)))
    assert (alone[0].p, alone[0].significant) == (1 / 32, True)
    many = [(Name(layer="a", what="span", name=f"L{n}"), [1] * 5) for n in range(19)]
    among = losses(needs((ACTOR, [2] * 5), *many), needs((ACTOR, [1] * 5), *many))
    assert (among[0].of, among[0].p, among[0].significant) == (ACTOR, 1 / 32, False)


def test_chance_alone_rarely_promotes() -> None:
    """Both alike, eight stories: the interval lies below zero in about one of forty."""
    chance = random.Random(1)
    promoted = 0
    for _ in range(200):
        ours, theirs = ([chance.randint(20, 60) for _ in range(8)] for _ in range(2))
        promoted += judge(needs((PERSON, ours)), needs((PERSON, theirs)), where="dev").accepted
    assert promoted <= 12


def test_costs_are_joined_and_taken_apart_by_article() -> None:
    one = Costs(("x", "y"), ("s", "t"), {PERSON: (1, 2)})
    other = Costs(("z",), ("u",), {ORG: (5,)})
    both = Costs.joined([one, other])
    assert both.totals == [1, 2, 5]
    assert both.in_order(["z", "x", "y"]).totals == [5, 1, 2]
    assert both.only({"y", "z"}).names == {PERSON: (2, 0), ORG: (0, 5)}
    assert Costs.joined([]).mean == 0
