"""Story groups: near-duplicates, articles on one story, and what a split forbids."""

import itertools
import random

from workbench.articles import cleaning
from workbench.articles.stories import Signature, StoryIndex, group_id, signature
from workbench.core.article import Article
from workbench.samples import shipped

DAM = (
    "Engineers at the Karuma dam opened two gates on Friday after Minister Tesfu Abay ordered the Lenkora reservoir "
    "lowered. Downstream, the governor of Gezo, Halima Suad, said four villages had been told to leave. The operator, "
    "Nilkraft, blamed cracks that its divers had found in April, and promised new concrete before the rains begin. "
)
BANK = (
    "Police in Orsova arrested the head of Danubia Kredit, Petru Voinescu, on Monday over loans to a shipyard that was "
    "never built. His lawyer, Ilinca Marin, called the arrest a farce. Depositors queued outside the branch in Calafat. "
)


def article(text: str, published: str | None = "2025-03-14") -> Article:
    return Article.from_text(text, published=published)


def placed(index: StoryIndex, text: str, published: str | None = "2025-03-14") -> str:
    one = article(text, published)
    return index.place(one.id, signature(one)).group


def test_a_near_duplicate_joins_and_is_told() -> None:
    index = StoryIndex()
    first, second = article(DAM), article(DAM.replace("Friday", "Saturday") + "Nobody was hurt.")
    assert index.place(first.id, signature(first)).group == group_id(first.id)
    placement = index.place(second.id, signature(second))
    assert placement.group == group_id(first.id)
    assert placement.near_duplicates == (first.id,)


def test_articles_on_one_story_join_and_others_do_not() -> None:
    index = StoryIndex()
    dam = placed(index, DAM)
    bank = placed(index, BANK)
    assert dam != bank
    later = "Gezo's governor, Halima Suad, wants Nilkraft to pay. Water from the Karuma dam took two bridges on Sunday."
    assert placed(index, later, "2025-03-17") == dam
    assert placed(index, "Ilinca Marin will defend Petru Voinescu, once king of Danubia Kredit, in May.") == bank
    assert placed(index, "Norway's parliament has passed the budget after a long night in Oslo.") not in (dam, bank)


def test_spellings_of_a_name_fall_together() -> None:
    index = StoryIndex()
    one = placed(index, "In Bishkek the banker Timur Sydykov of Tengri Invest was held, his aide Aigül said.")
    assert placed(index, "In Bishkek the banker Timur Sydikov of Tengri Invest was freed, his aide Aigul said.") == one


def test_groups_that_a_copy_joins_are_merged_unless_the_split_forbids() -> None:
    two, one = article(DAM), article(BANK)
    both = article(DAM + BANK)
    # A collage of both is a near-duplicate of neither alone; short texts make it one.
    for parts, merged in (({}, True), ({group_id(two.id): "train"}, True), ({"A": "train", "B": "test"}, False)):
        index = StoryIndex(parts=parts)
        groups = ("A", "B") if "A" in parts else (group_id(two.id), group_id(one.id))
        index.keep(two.id, signature(two), groups[0])
        index.keep(one.id, signature(one), groups[1])
        placement = index.place(both.id, signature(both))
        assert placement.group in groups
        if merged:
            assert placement.group == groups[0]
            assert placement.merged == (groups[1],)
            assert set(index.members(groups[0])) == {one.id, two.id, both.id}
        else:
            assert placement.merged == ()
            assert set(placement.kept_apart) == set(groups) - {placement.group}


def test_the_group_with_a_part_of_the_split_keeps_its_id() -> None:
    two, one, both = article(DAM), article(BANK), article(DAM + BANK)
    index = StoryIndex(parts={"B": "dev"})
    index.keep(two.id, signature(two), "A")
    index.keep(one.id, signature(one), "B")
    placement = index.place(both.id, signature(both))
    assert (placement.group, placement.merged) == ("B", ("A",))


def test_a_given_group_is_kept() -> None:
    index = StoryIndex()
    placed(index, DAM)
    copy = article(DAM + " Again.")
    placement = index.place(copy.id, signature(copy), given="mine")
    assert placement.group == "mine"
    assert len(placement.kept_apart) == 1


def test_a_signature_survives_its_json() -> None:
    found = signature(article(DAM + "Ünïcode 👩‍👩‍👧 Ĳssel"))
    again = Signature.from_json(found.to_json())
    assert (again.names, again.words, again.day) == (found.names, found.words, found.day)
    assert again.minhash.jaccard(found.minhash) == 1.0
    assert again.to_json() == found.to_json()
    assert signature(article("?!", None)).names == {}


def test_stories_of_the_newsrooms_in_the_order_of_their_names_lie_in_one_part_each() -> None:
    index = StoryIndex()
    parts: dict[str, set[str]] = {}
    for sample in shipped.corpus(shipped.label_scheme(), "newsrooms"):
        one = article(cleaning.clean(sample.raw)[0], sample.published)
        index.place(one.id, signature(one))
        parts.setdefault(index.group(one.id), set()).add(sample.split)
    assert all(len(part) == 1 for part in parts.values())
    assert 30 <= len(parts) <= 45


def test_stories_of_the_samples() -> None:
    samples = shipped.corpus(shipped.label_scheme())
    for seed in range(3):
        order = list(samples)
        random.Random(seed).shuffle(order)
        index = StoryIndex()
        group: dict[str, str] = {}
        for sample in order:
            one = article(cleaning.clean(sample.raw)[0], sample.published)
            placement = index.place(one.id, signature(one))
            group[sample.name] = placement.group
            for merged in placement.merged:
                group = {name: placement.group if found == merged else found for name, found in group.items()}
        right = wrong = missed = 0
        for one, other in itertools.combinations(samples, 2):
            together, same = group[one.name] == group[other.name], one.story == other.story
            right += together and same
            wrong += together and not same
            missed += same and not together
        precision, recall = right / (right + wrong), right / (right + missed)
        print(f"pairs of articles on one story: precision {precision:.2f}, recall {recall:.2f}")  # noqa: T201 # a measure
        assert precision >= 0.95
        assert recall >= 0.75
