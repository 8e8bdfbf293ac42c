"""Figures over small articles: counted by hand, by nervaluate, by going through every permutation."""

from itertools import permutations, product

import pytest
from annotation_sets import SCHEME, TEXT, a_set, sets, span
from hypothesis import given, settings
from hypothesis import strategies as st
from nervaluate import Evaluator

from workbench.core.agreement.comparison import EVERY, Key, compare
from workbench.core.agreement.reading import Tokens, read
from workbench.core.agreement.study import Place, Study
from workbench.core.annotations import Argument
from workbench.core.measures import ScoreKey, score_document

# Every character is a token of its own.
CHARACTERS = Tokens(tuple(range(len(TEXT))), tuple(range(1, len(TEXT) + 1)))
ANNA = a_set(
    span("a", "GPE", 0, 5),
    span("b", "ORG", 10, 15),
    span("v", "AID", 20, 25, ("actor", "a"), ("recipient", "b")),
    span("s", "FOR", 30, 35, ("holder", "a"), ("target", "v")),
)
BEN = a_set(
    span("1", "GPE", 0, 5),
    span("2", "ORG", 12, 18),
    span("3", "ORG", 60, 65),
    span("4", "AID", 20, 25, ("actor", "1"), ("actor", "2"), modality="future"),
    span("5", "AGAINST", 30, 33, ("holder", "1"), ("target", "4")),
)


def study_of(*articles, resamples=50, **options):
    """A study of articles, each given as what everybody says of it, by name."""
    study = Study(SCHEME, resamples=resamples, **options)
    for number, people in enumerate(articles):
        readings = [
            read(name, SCHEME.normalise(said), CHARACTERS, SCHEME, study.values) for name, said in people.items()
        ]
        study.add(Place(f"a-{number}", 1, f"Article {number}"), CHARACTERS, readings)
    return study.agreement()


def row(rows, layer, name=EVERY, pair=None):
    return next(
        r
        for r in rows
        if (r.layer, getattr(r, "label", None) or getattr(r, "role", None), r.pair) == (layer, name, pair)
    )


@pytest.fixture(scope="module")
def found():
    return study_of({"anna": ANNA, "ben": BEN})


@pytest.mark.parametrize(
    ("layer", "label", "strict", "lenient"),
    [
        ("entities", EVERY, 2 / 5, 4 / 5),
        ("entities", "GPE", 1, 1),
        ("entities", "ORG", 0, 2 / 3),
        ("events", "AID", 1, 1),
        ("stances", EVERY, 0, 0),
    ],
)
def test_spans_by_hand(found, layer, label, strict, lenient):
    one = row(found.spans, layer, label)
    assert (one.strict_f1.value, one.lenient_f1.value) == (pytest.approx(strict), pytest.approx(lenient))


def test_tokens_by_hand(found):
    # ORG: 5 characters for Anna, 11 for Ben, 3 of them for both, of 100.
    seen, chance = (3 + 87) / 100, (5 * 11 + 95 * 89) / 100**2
    assert row(found.spans, "entities", "ORG").kappa.value == pytest.approx((seen - chance) / (1 - chance))
    # The layer: GPE 5 and 5, ORG 5 and 11, nothing 90 and 84, of which 5, 3 and 82 are the same.
    seen, chance = (5 + 3 + 82) / 100, (5 * 5 + 5 * 11 + 90 * 84) / 100**2
    assert row(found.spans, "entities").kappa.value == pytest.approx((seen - chance) / (1 - chance))
    # Alpha takes both as one: 10, 16 and 174 of 200.
    expected = (200**2 - 10**2 - 16**2 - 174**2) / (200 * 199)
    assert row(found.spans, "entities").alpha.value == pytest.approx(1 - 0.1 / expected)


def test_roles_by_hand(found):
    # Anna: actor a, recipient b. Ben: actor 1, actor 2; a and 1 are the same, b and 2 overlap.
    actor = row(found.roles, "events", "actor")
    assert (actor.first, actor.second, actor.strict_f1.value, actor.lenient_f1.value) == (1, 2, 2 / 3, 2 / 3)
    # One and two fillers; two of two and three entities are aligned.
    assert actor.chance == pytest.approx(2 * (1 * 2 * 2 / (2 * 3)) / 3)
    assert actor.corrected.value == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))
    assert row(found.roles, "events", "recipient").lenient_f1.value == 0
    # The stances have another label and end, which counts for strict alone.
    holder = row(found.roles, "stances", "holder")
    assert (holder.strict_f1.value, holder.lenient_f1.value) == (0, 1)


def test_a_frame_counts_for_what_it_has_right(found):
    # Head, label and one of two arguments on either side; modality and the other argument differ.
    event = row(found.frames, "events")
    assert event.whole_f1.value == 0
    assert event.partial.value == pytest.approx(2 * 3 / (5 + 5))
    # Head, expressed, holder and target; the polarity differs.
    assert row(found.frames, "stances").partial.value == pytest.approx(2 * 4 / (5 + 5))
    assert row(found.frames, "stances", "FOR").partial.value == pytest.approx(4 / 5)


def test_a_frame_right_but_for_one_role():
    one = ANNA.model_copy(update={"layers": {**ANNA.layers, "events": (span("v", "AID", 20, 25, ("actor", "a")),)}})
    event = row(study_of({"anna": ANNA, "ben": one}).frames, "events")
    assert (event.whole_f1.value, event.partial.value) == (0, pytest.approx(2 * 4 / (5 + 4)))


def test_attributes_and_differences(found):
    modality = next(one for one in found.attributes if one.attribute == "modality" and one.pair is None)
    assert (modality.compared, modality.same.value, modality.kappa.value) == (1, 0, 0)
    relevance = next(one for one in found.attributes if one.attribute == "relevance" and one.pair is None)
    assert (relevance.compared, relevance.same.value, relevance.kappa.value) == (1, 1, None)
    kinds = {(one.layer, one.kind): one.count for one in found.disagreements}
    assert kinds == {
        ("entities", "boundary"): 1,
        ("entities", "missing"): 1,
        ("events", "role"): 1,
        ("events", "attribute"): 1,
        ("stances", "boundary"): 1,
        ("stances", "label"): 1,
    }
    missing = next(one for one in found.disagreements if one.kind == "missing")
    assert missing.articles[0].example == "'01234' 60-65: ORG by ben alone"
    role = next(one for one in found.disagreements if one.kind == "role")
    assert role.articles[0].example == "'01234' 20-25: recipient or actor"


def test_one_article_has_no_interval_and_more_have_one_that_holds_the_figure(found):
    assert row(found.spans, "entities").strict_f1.interval is None
    several = study_of(*({"anna": ANNA, "ben": BEN}, {"anna": ANNA, "ben": ANNA}) * 4, resamples=500)
    figure = row(several.spans, "entities").strict_f1
    assert figure.interval.low < figure.value < figure.interval.high
    assert several == study_of(*({"anna": ANNA, "ben": BEN}, {"anna": ANNA, "ben": ANNA}) * 4, resamples=500)


def partial(anna, ben):
    """The partial credit of events, from the counts of one article."""
    study = Study(SCHEME)
    readings = [read(name, said, CHARACTERS, SCHEME, study.values) for name, said in (("anna", anna), ("ben", ben))]
    rows = {one.key: one.counts for one in compare(*readings, SCHEME, study.values).rows}
    _, _, _, ours, our_parts, theirs, their_parts = rows[Key("frames", "events")]
    return (ours + theirs) / (our_parts + their_parts)


def shuffled_frames(said, order):
    """What somebody says of frames, said of other heads: labels and each attribute in these orders."""
    labels, modalities = order
    events = said.layers["events"]
    moved = tuple(
        one.model_copy(update={"label": events[i].label, "attributes": events[j].attributes})
        for one, i, j in zip(events, labels, modalities, strict=True)
    )
    return said.model_copy(update={"layers": {**said.layers, "events": moved}})


def test_chance_is_the_mean_over_all_permutations_of_labels_and_attributes():
    anna = a_set(
        span("a", "AID", 0, 5),
        span("b", "REJECT", 10, 15, modality="future"),
        span("c", "REJECT", 20, 25),
    )
    ben = a_set(span("a", "AID", 0, 5), span("b", "AID", 10, 14, modality="negated"), span("c", "REJECT", 60, 65))
    frames = row(study_of({"anna": anna, "ben": ben}).frames, "events")
    orders = list(product(permutations(range(3)), repeat=2))
    anna_shuffled, ben_shuffled = ([shuffled_frames(said, order) for order in orders] for said in (anna, ben))
    each = [partial(one, other) for one, other in product(anna_shuffled, ben_shuffled)]
    assert partial(anna, ben) == pytest.approx(frames.partial.value)
    assert frames.chance == pytest.approx(sum(each) / len(each))
    assert frames.corrected.value == pytest.approx((frames.partial.value - frames.chance) / (1 - frames.chance))


def test_chance_is_the_mean_over_all_permutations_of_fillers():
    places = [(0, 4), (10, 14), (40, 44), (50, 54)]
    anna_entities = [span(f"x{n}", "GPE", *place) for n, place in enumerate(places)]
    ben_entities = [span(f"x{n}", "GPE", *place) for n, place in enumerate([(0, 4), (12, 16), (80, 84)])]
    anna = a_set(*anna_entities, span("v", "AID", 20, 25, ("actor", "x0"), ("actor", "x1"), ("place", "x2")))
    ben = a_set(*ben_entities, span("v", "AID", 20, 25, ("actor", "x0"), ("place", "x2")))
    roles = study_of({"anna": anna, "ben": ben}).roles

    def moved(order):
        event = ben.layers["events"][0]
        arguments = tuple(Argument(role=a.role, target=f"x{order[int(a.target[1:])]}") for a in event.arguments)
        return ben.model_copy(
            update={"layers": {**ben.layers, "events": (event.model_copy(update={"arguments": arguments}),)}}
        )

    each = [study_of({"anna": anna, "ben": moved(order)}, resamples=0).roles for order in permutations(range(3))]
    # Ben's are moved alone here: Anna's two actors are both aligned, her place is not, as are two of Ben's three.
    mean = sum(row(one, "events", "actor").lenient_f1.value for one in each) / len(each)
    assert mean == pytest.approx(2 * (2 * 1 / 3) / 3)
    everything = [
        row(study_of({"anna": shift(anna, order), "ben": moved(other)}, resamples=0).roles, "events").lenient_f1.value
        for order, other in product(permutations(range(4)), permutations(range(3)))
    ]
    assert row(roles, "events").chance == pytest.approx(sum(everything) / len(everything))


def shift(said, order):
    event = said.layers["events"][0]
    arguments = tuple(Argument(role=a.role, target=f"x{order[int(a.target[1:])]}") for a in event.arguments)
    event = event.model_copy(update={"arguments": arguments})
    return said.model_copy(update={"layers": {**said.layers, "events": (event,)}})


SLOT = st.tuples(st.sampled_from(["GPE", "ORG", "LOC"]), st.integers(0, 4), st.integers(1, 5))


@settings(max_examples=60, deadline=None)
@given(*(st.lists(st.none() | SLOT, min_size=10, max_size=10) for _ in range(2)))
def test_spans_are_what_nervaluate_says(ours, theirs):
    """In each stretch of ten characters either annotator has one span at the most: there is one way to pair them."""

    def spans(side):
        found = [(slot[0], 10 * n + slot[1], 10 * n + slot[1] + slot[2]) for n, slot in enumerate(side) if slot]
        return found, a_set(*(span(f"s{n}", *one) for n, one in enumerate(found)))

    (first, anna), (second, ben) = spans(ours), spans(theirs)
    if not first or not second:
        return
    said = [
        [{"label": label, "start": start, "end": end - 1} for label, start, end in side] for side in (first, second)
    ]
    labels = sorted({label for label, _, _ in (*first, *second)})
    theirs_says = Evaluator([said[0]], [said[1]], tags=labels, loader="dict").evaluate()
    figures = study_of({"anna": anna, "ben": ben}, resamples=0).spans
    for name, judged in [(EVERY, theirs_says["overall"]), *theirs_says["entities"].items()]:
        here = [one for one in figures if (one.layer, one.label, one.pair) == ("entities", name, None)]
        if not here:
            assert judged["strict"].possible == judged["strict"].actual == 0
            continue
        if name == EVERY:
            assert here[0].strict_f1.value == pytest.approx(judged["strict"].f1)
            assert here[0].lenient_f1.value == pytest.approx(judged["ent_type"].f1)
        else:
            assert here[0].strict_f1.value == pytest.approx(judged["strict"].f1)


@settings(max_examples=60, deadline=None)
@given(sets(), sets())
def test_strict_and_lenient_counts_are_those_of_score(one, other):
    one, other = SCHEME.normalise(one), SCHEME.normalise(other)
    counts = score_document(one, other, SCHEME).counts
    found = study_of({"anna": one, "ben": other}, resamples=0)

    def scored(what, mode, layer, name):
        there = counts.get(ScoreKey(what=what, mode=mode, layer=layer, label=name))
        return None if there is None or there.f1 is None else pytest.approx(there.f1)

    for span_row in (row for row in found.spans if row.pair is None):
        for mode, figure in (("strict", span_row.strict_f1), ("lenient", span_row.lenient_f1)):
            assert figure.value == scored("spans", mode, span_row.layer, span_row.label)
    for role_row in (row for row in found.roles if row.pair is None):
        assert role_row.strict_f1.value == scored("arguments", "strict", role_row.layer, role_row.role)
    for frame in (row for row in found.frames if row.pair is None):
        assert frame.whole_f1.value == scored("frames", "strict", frame.layer, frame.label)


def values(agreement, pair=None):
    """Every figure of all annotators, or of a pair."""
    found = {}
    for one in (*agreement.spans, *agreement.roles, *agreement.frames, *agreement.attributes):
        if one.pair != pair:
            continue
        name = next(getattr(one, field) for field in ("label", "role", "attribute") if hasattr(one, field))
        for field in (
            "strict_f1",
            "lenient_f1",
            "kappa",
            "alpha",
            "alpha_u",
            "whole_f1",
            "partial",
            "corrected",
            "same",
        ):
            figure = getattr(one, field, None)
            if figure is not None:
                found[type(one).__name__, one.layer, name, field] = figure.value
    return found


@settings(max_examples=40, deadline=None)
@given(sets(), sets())
def test_it_does_not_matter_who_comes_first(one, other):
    there = values(study_of({"anna": one, "ben": other}, resamples=0))
    back = values(study_of({"anna": other, "ben": one}, resamples=0))
    assert there.keys() == back.keys()
    for key, value in there.items():
        assert value == (None if back[key] is None else pytest.approx(back[key])), key


@settings(max_examples=25, deadline=None)
@given(st.tuples(sets(), sets(), sets()), st.permutations(["anna", "ben", "cem"]))
def test_names_do_not_matter(said, names):
    there = values(study_of(dict(zip(["anna", "ben", "cem"], said, strict=True)), resamples=0))
    other = values(study_of(dict(zip(names, said, strict=True)), resamples=0))
    assert there.keys() == other.keys()
    for key, value in there.items():
        assert value == (None if other[key] is None else pytest.approx(other[key])), key


@settings(max_examples=40, deadline=None)
@given(sets())
def test_who_says_the_same_agrees_wholly(said):
    for key, value in values(study_of({"anna": said, "ben": said, "cem": said}, resamples=0)).items():
        assert value is None or value == pytest.approx(1), key
    assert not study_of({"anna": said, "ben": said}, resamples=0).disagreements


def test_all_annotators_at_once_are_alpha_of_the_package_krippendorff():
    import krippendorff

    cem = a_set(span("a", "GPE", 0, 7), span("b", "ORG", 61, 65))
    found = study_of({"anna": ANNA, "ben": BEN, "cem": cem}, {"anna": ANNA, "cem": cem}, resamples=0)
    study = Study(SCHEME)
    codes = {
        name: read(name, said, CHARACTERS, SCHEME, study.values).layers["entities"].codes.astype(float)
        for name, said in (("anna", ANNA), ("ben", BEN), ("cem", cem))
    }
    missing = [float("nan")] * len(TEXT)
    data = [[*codes["anna"], *codes["anna"]], [*codes["ben"], *missing], [*codes["cem"], *codes["cem"]]]
    expected = krippendorff.alpha(data, level_of_measurement="nominal")
    assert row(found.spans, "entities").alpha.value == pytest.approx(float(expected))


def test_spans_that_overlap_give_a_token_several_labels():
    nested = a_set(span("a", "ORG", 0, 10), span("b", "GPE", 2, 5))
    study = Study(SCHEME)
    ours = read("anna", nested, CHARACTERS, SCHEME, study.values)
    theirs = read("ben", a_set(span("a", "ORG", 0, 10)), CHARACTERS, SCHEME, study.values)
    counts = {
        one.key[2:]: one.counts
        for one in compare(ours, theirs, SCHEME, study.values).rows
        if one.key[:2] == ("values", "entities")
    }
    assert counts[EVERY, "GPE|ORG"] == (0, 3, 0)
    assert counts[EVERY, "ORG"] == (7, 7, 10)


def test_words_and_signs_are_tokens_whatever_they_are_made_of():
    text = "Anna's €5 — naïve 👩‍🚀 об\u0301 中文字"
    tokens = Tokens.of(text)
    words = [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]
    assert words[:7] == ["Anna", "'", "s", "€", "5", "—", "naïve"]
    assert words[-1] == "中文字"
    assert "".join(words) == "".join(text.split())
    assert tokens.covered(0, 4) == (0, 1)
    assert tokens.covered(2, 6) == (0, 3)


def test_which_of_two_spans_at_one_place_fills_a_role_is_no_matter():
    """A name under two labels, and either annotator's role points to another of them: strictly the same, as in scores."""

    def one(target):
        return a_set(span("gpe", "GPE", 0, 3), span("org", "ORG", 0, 3), span("aid", "AID", 4, 7, ("actor", target)))

    (row,) = [
        row for row in study_of({"anna": one("gpe"), "ben": one("org")}, resamples=0).roles
        if row.pair is None and row.role == "actor"
    ]  # fmt: skip
    assert (row.strict_f1.value, row.lenient_f1.value) == (1, 1)
