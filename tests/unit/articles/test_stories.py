"""Story groups: near-duplicates, articles on one story, and what a split forbids."""

import itertools
import random
from datetime import date, timedelta

from workbench.articles import cleaning
from workbench.articles.occasions import months_apart
from workbench.articles.signatures import Signature, signature
from workbench.articles.stories import WINDOW, StoryIndex, group_id
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
    found = signature(article(DAM + "On May 3 it rained. Ünïcode 👩‍👩‍👧 Ĳssel"))
    again = Signature.from_json(found.to_json())
    assert (again.names, again.words, again.day) == (found.names, found.words, found.day)
    assert (again.moments, again.months, again.lead) == (found.moments, found.months, found.lead)
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
        print(f"pairs of articles on one story: precision {precision:.2f}, recall {recall:.2f}")
        assert precision >= 0.95
        assert recall >= 0.75


# One long affair between the same people, on three occasions.
CALL = (
    "Ministers Orlan Veshti of Tarsia and Hedda Quist of Norhavn spoke by telephone on Monday about the Selm islands, and "
    "the call went badly, two aides said. Veshti told Quist that Tarsia would not accept a freeze of the fishing line. On "
    "Tuesday President Ilmar Roth's office in Norhavn called the telephone talk frank, and said that no meeting was planned.",
    "Tarsia said on Tuesday that nobody had set a date for a meeting of Orlan Veshti and Hedda Quist. The two spoke by "
    "telephone on Monday. Aides of Veshti said that the call on Monday had been useful, and blamed newspapers in Norhavn "
    "for the talk of a quarrel. President Ilmar Roth wants both to sign a paper on the Selm islands before the winter.",
)
VISIT = (
    "Two envoys of Norhavn's President Ilmar Roth landed in Tarsia's capital Belgrav on Tuesday and sat with Orlan Veshti "
    "for five hours over a map of the Selm islands. No compromise was found, Veshti's office said after midnight. Minister "
    "Hedda Quist stayed at home. The envoys, Jon Aske and Pia Lund, brought a paper with twelve points.",
    "Norhavn's envoys Jon Aske and Pia Lund left Belgrav on Wednesday without a compromise on the Selm islands. They had "
    "sat with Orlan Veshti for five hours on Tuesday over a paper with twelve points, some of which Tarsia took and some "
    "not. President Ilmar Roth said the envoys had a good evening. Hedda Quist had no word for reporters.",
)
TALKS = (
    "Mediators of the emir expect Tarsia and Norhavn back in Kesh soon, officials said on Sunday. Delegations of both spent "
    "Feb. 18 there behind closed doors, and no joint text came out. President Ilmar Roth on Saturday accused Tarsia of "
    "playing for time. Minister Hedda Quist rang her colleague Orlan Veshti to go through what both had taken home from the "
    "gathering last month: a line for trawlers off the Selm islands, drawn by hand, and a list of prisoners."
)


def occasions(*dates: str | None) -> list[set[int]]:
    """The articles of the affair that share a group, when they come in any order, dated like this."""
    texts = [*CALL, *VISIT, TALKS]
    found: list[set[int]] = []
    for order in itertools.permutations(range(len(texts))):
        index = StoryIndex()
        for number in order:
            index.place(str(number), signature(article(texts[number], dates[number])))
        groups = {index.group(str(number)) for number in order}
        now = sorted(({int(one) for one in index.members(group)} for group in groups), key=min)
        assert found in ([], now), "the order decides"
        found = now
    return found


def test_an_affair_falls_into_its_occasions_by_the_dates_of_publication() -> None:
    dates = ("2025-10-21", "2025-10-22", "2025-12-16", "2025-12-17", "2025-03-16")
    assert occasions(*dates) == [{0, 1}, {2, 3}, {4}]


def test_an_affair_falls_into_its_occasions_by_what_the_texts_tell_of_days_alone() -> None:
    assert occasions(None, None, None, None, None) == [{0, 1}, {2, 3}, {4}]


def test_a_story_does_not_grow_into_a_topic() -> None:
    index = StoryIndex()
    first = date.fromisoformat("2025-01-01")
    groups = [
        placed(index, f"{DAM} Day {number} of the trouble at the dam: {word}.", str(first + timedelta(days=7 * number)))
        for number, word in enumerate(("rain", "wind", "hail", "snow", "fog", "frost", "sun", "dust", "mud", "ice"))
    ]
    assert groups == [groups[0]] * 10, "copies of one text are one story, however late they come"
    index = StoryIndex()
    syllables = ("ka", "lo", "mi", "ruz", "ten", "vax", "dor", "pel", "sig", "nub")
    found: dict[str, list[date]] = {}
    for number in range(10):
        day = first + timedelta(days=9 * number)
        others = [f"{one}{other}{syllables[number]}" for one in syllables for other in syllables[:4]]
        sentences = (f"Then {' '.join(others[n : n + 5])} came." for n in range(0, 40, 5))
        text = f"In Lenkora Halima Suad of Gezo met Tesfu Abay of Nilkraft at the Karuma dam. {' '.join(sentences)}"
        found.setdefault(placed(index, text, str(day)), []).append(day)
    assert len(found) > 1
    assert all((max(members) - min(members)).days <= WINDOW for members in found.values())


def test_what_articles_tell_of_days_is_found() -> None:
    found = signature(
        article(
            "Anna praised Boris on Tuesday. Every Friday there is fish. On 3 May it will rain; in June, snow.", None
        )
    )
    assert {moment.partition(" ")[0] for moment in found.moments} == {"tue", "05-03"}
    assert found.months == (4, 5)
    assert signature(article("Last month's summit failed.", "2025-01-09")).months == (0, 11)
    assert signature(article("They may march in May.", None)).months == (4,)
    assert months_apart((0,), (11,)) == 1
    assert months_apart((0, 1), (7,)) == 5
    assert months_apart((), (7,)) == 0
