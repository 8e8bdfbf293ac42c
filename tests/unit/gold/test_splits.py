import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ReleaseError
from workbench.gold import splits
from workbench.gold.splits import PARTS, Shares, plan
from workbench.store import articles

SIZES = st.dictionaries(st.text(min_size=1, max_size=4), st.integers(1, 9), min_size=1, max_size=60)


@given(SIZES, st.integers(0, 5))
def test_the_order_in_which_groups_are_given_does_not_matter(sizes: dict[str, int], seed: int) -> None:
    backwards = dict(reversed(list(sizes.items())))
    assert plan(sizes, {}, Shares(), seed=seed) == plan(backwards, {}, Shares(), seed=seed)


@given(SIZES, SIZES)
def test_groups_that_come_later_move_nobody(first: dict[str, int], later: dict[str, int]) -> None:
    before = plan(first, {}, Shares())
    after = plan({**first, **later}, before, Shares())
    assert {group: after[group] for group in first} == before
    assert set(after) == set(first) | set(later)


@given(SIZES)
def test_no_part_exceeds_its_share_by_more_than_one_group(sizes: dict[str, int]) -> None:
    planned = plan(sizes, {}, Shares())
    for part in PARTS:
        inside = [sizes[group] for group in planned if planned[group] == part]
        assert sum(inside) <= Shares().of(part) * sum(sizes.values()) + max(sizes.values())


def test_shares_are_approached_for_few_groups_and_met_for_many() -> None:
    few = plan({str(i): 1 for i in range(10)}, {}, Shares())
    assert sorted(few.values()) == ["dev"] + ["test"] * 2 + ["train"] * 7
    many = list(plan({str(i): 1 + i % 3 for i in range(1000)}, {}, Shares()).values())
    assert 650 < many.count("train") < 750
    assert 70 < many.count("dev") < 130
    assert plan({"a": 1}, {}, Shares()) == {"a": "train"}
    assert sorted(plan({"a": 1, "b": 1}, {}, Shares()).values()) == ["test", "train"]


def test_a_group_bigger_than_the_test_part_goes_to_train() -> None:
    sizes = {"huge": 30, **{str(i): 1 for i in range(20)}}
    for seed in range(20):
        assert plan(sizes, {}, Shares(), seed=seed)["huge"] == "train"


def test_another_seed_splits_otherwise() -> None:
    sizes = {str(i): 1 for i in range(50)}
    assert plan(sizes, {}, Shares(), seed=0) != plan(sizes, {}, Shares(), seed=1)


def test_a_share_of_nothing_gets_nothing() -> None:
    planned = plan({str(i): 1 for i in range(9)}, {}, Shares(train=1, dev=0, test=0.5))
    assert sorted(planned.values()) == ["test"] * 3 + ["train"] * 6


def test_articles_on_one_story_lie_in_one_part_for_good(workplace) -> None:
    names = [workplace.article(f"a{i}", story=f"story {i // 3}").id for i in range(12)]
    with workplace.store.transaction() as session:
        first = splits.assign(session, Shares(), seed=3)
    for i in range(12):
        assert first.parts[names[i]] == first.parts[names[i // 3 * 3]]
    assert set(first.assigned) == {f"story {i}" for i in range(4)}
    later = workplace.article("late", story="story 1")
    workplace.article("new")
    with workplace.store.transaction() as session:
        again = splits.assign(session, Shares(train=0.1, dev=0.1, test=0.8), seed=9)
        assert splits.parts(session) == again.parts
    assert {name: again.parts[name] for name in names} == first.parts
    assert again.parts[later.id] == first.parts[names[3]]
    assert len(again.assigned) == 1


def test_an_article_that_joins_a_story_later_brings_its_part(workplace) -> None:
    alone = workplace.article("alone", split="test")
    with workplace.store.transaction() as session:
        splits.assign(session, Shares())
    friend = workplace.article("friend", story="grown")
    with workplace.store.transaction() as session:
        articles.set_story_group(session, [alone.id], "grown")
        report = splits.assign(session, Shares())
    assert report.parts[alone.id] == report.parts[friend.id] == "test"


def test_a_split_that_was_given_is_honoured(workplace) -> None:
    one = workplace.article("one", story="s", split="test")
    two = workplace.article("two", story="s")
    with workplace.store.transaction() as session:
        report = splits.assign(session, Shares())
    assert report.parts == {one.id: "test", two.id: "test"}
    assert report.counts["test"].articles == 2
    late = workplace.article("late", story="s", split="train")
    with workplace.store.transaction() as session:
        report = splits.assign(session, Shares())
    assert report.parts[late.id] == "test"
    assert len(report.conflicts) == 1
    assert late.id in report.conflicts[0]


def test_two_articles_of_one_story_for_different_parts_are_refused(workplace) -> None:
    one, two = workplace.article("one", story="s", split="dev"), workplace.article("two", story="s", split="train")
    with pytest.raises(ReleaseError) as caught, workplace.store.transaction() as session:
        splits.assign(session, Shares())
    assert one.id in str(caught.value)
    assert two.id in str(caught.value)
