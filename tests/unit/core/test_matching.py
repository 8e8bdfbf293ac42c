"""What a person did to a suggestion can be told from the two sets."""

import gc
import time

import pytest
from annotation_sets import SCHEME, a_set, sets, span
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.matching import match, overlapping, pair_up, with_one_key
from workbench.core.measures import ScoreKey, score_document


def decisions(before: AnnotationSet, after: AnnotationSet, *, by_id: bool = False) -> list[str]:
    return [m.decision for m in match(before, after, SCHEME, by_id=by_id).spans]


@pytest.mark.parametrize(
    ("after", "decision", "corrections"),
    [
        (span("e1", "GPE", 0, 5), "kept", 0),
        (span("x", "GPE", 0, 5), "kept", 0),
        (span("x", "GPE", 0, 6), "moved", 1),
        (span("x", "ORG", 0, 5), "relabelled", 1),
        (span("x", "ORG", 0, 6), "relabelled", 2),
    ],
)
def test_one_span(after, decision, corrections):
    before = a_set(span("e1", "GPE", 0, 5))
    assert decisions(before, a_set(after)) == [decision]
    assert match(before, a_set(after), SCHEME).corrections == corrections


def test_an_id_ties_spans_that_no_longer_overlap():
    before, after = a_set(span("e1", "GPE", 0, 5)), a_set(span("e1", "GPE", 40, 45))
    assert decisions(before, after, by_id=True) == ["moved"]
    assert sorted(decisions(before, after)) == ["added", "deleted"]


def test_ids_that_happen_to_agree_do_not_count_without_by_id():
    before = a_set(span("1", "GPE", 0, 5), span("2", "GPE", 10, 15))
    after = a_set(span("2", "GPE", 0, 5), span("1", "GPE", 10, 15))
    assert decisions(before, after) == ["kept", "kept"]


def test_roles_follow_their_spans():
    before = a_set(
        span("a", "GPE", 0, 5), span("b", "GPE", 10, 15), span("v", "AID", 20, 25, ("actor", "a"), ("recipient", "b"))
    )
    after = a_set(
        span("A", "GPE", 0, 5), span("c", "ORG", 50, 55), span("V", "AID", 20, 25, ("recipient", "A"), ("actor", "c"))
    )
    matching = match(before, after, SCHEME)
    assert sorted((m.decision, m.with_span) for m in matching.roles) == [
        ("added", True),
        ("deleted", True),
        ("relabelled", False),
    ]
    # b deleted, c added, actor turned into recipient, a role to c added; the role to b went with it
    assert matching.corrections == 4


def test_attributes_are_compared_with_their_defaults():
    before = a_set(span("v", "AID", 0, 5))
    assert match(before, a_set(span("v", "AID", 0, 5, modality="asserted")), SCHEME).corrections == 0
    assert match(before, a_set(span("v", "AID", 0, 5, modality="future")), SCHEME).corrections == 1


@given(sets(), sets())
def test_every_span_and_role_is_accounted_for_once(before: AnnotationSet, after: AnnotationSet):
    matching = match(before, after, SCHEME)
    assert sorted(m.before.id for m in matching.spans if m.before) == sorted(before.by_id())
    assert sorted(m.after.id for m in matching.spans if m.after) == sorted(after.by_id())
    for side, which in ((before, "before"), (after, "after")):
        roles = sum(len(s.arguments) for _, s in side.spans())
        assert sum(getattr(m, which) is not None for m in matching.roles) == roles


@given(sets())
def test_a_set_against_itself_needs_no_correction(one: AnnotationSet):
    assert match(one, one, SCHEME).corrections == 0
    assert match(one, one, SCHEME, by_id=True).corrections == 0


def test_pairing_is_as_large_as_it_can_be():
    # the greedy choice 0-0 would leave 1 alone
    assert len(pair_up([0, 1], [0, 1], lambda a, b: (a, b) in {(0, 0), (0, 1), (1, 0)})) == 2


EDGES = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 12)).map(lambda one: (one[0], one[0] + one[1])))


@given(EDGES, EDGES)
def test_what_overlaps_is_found_as_if_all_were_compared(lefts: list[tuple[int, int]], rights: list[tuple[int, int]]):
    every = [(i, j) for i, a in enumerate(lefts) for j, b in enumerate(rights) if a[0] < b[1] and b[0] < a[1]]
    assert sorted(overlapping(lefts, rights)) == every


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_what_has_one_key_is_found_as_if_all_were_compared(lefts: list[int], rights: list[int]):
    every = [(i, j) for i, a in enumerate(lefts) for j, b in enumerate(rights) if a == b]
    assert sorted(with_one_key(lefts, rights)) == every


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6))))
def test_candidates_spare_comparisons_and_change_nothing(fitting: set[tuple[int, int]]):
    numbers = range(7)
    every = pair_up(numbers, numbers, lambda a, b: (a, b) in fitting)
    some = pair_up(numbers, numbers, lambda a, b: (a, b) in fitting, candidates=sorted(fitting, reverse=True))
    assert some == every


def test_a_chain_of_thousands_that_has_to_move_on_by_one_is_paired_up():
    many = 5000
    # Each takes its first choice, the next one's only other; the last finds only the first one's place.
    links = [(i, i) for i in range(many)] + [(i, i + 1) for i in range(many)] + [(many, 0)]
    pairs = pair_up(range(many + 1), range(many + 1), lambda a, b: True, candidates=links)
    assert len(pairs) == many + 1


def _long_sets(lines: int) -> tuple[AnnotationSet, AnnotationSet]:
    """A suggestion with three spans a line, and a correction of it in which one of them was moved."""

    def sets_of(name: str, end: int) -> AnnotationSet:
        found: dict[str, list[Span]] = {layer.name: [] for layer in SCHEME.layers}
        for line in range(lines):
            at = line * 40
            for number, (label, start, stop) in enumerate([("GPE", 0, 5), ("ORG", 8, end), ("AID", 20, 25)]):
                arguments = (Argument(role="actor", target=f"{name}{line}-0"),) if label == "AID" else ()
                found[SCHEME.layer_of_label[label]].append(
                    Span(
                        id=f"{name}{line}-{number}",
                        label=label,
                        start=at + start,
                        end=at + stop,
                        text="x" * (stop - start),
                        arguments=arguments,
                    )
                )
        layers = {layer: tuple(spans) for layer, spans in found.items()}
        return AnnotationSet(producer=Producer(kind="person", name="t"), scheme_digest=SCHEME.digest, layers=layers)

    return sets_of("a", 12), sets_of("b", 14)


@pytest.mark.parametrize("what", ["match", "score"])
def test_the_work_on_two_sets_grows_with_their_size_and_not_with_its_square(what: str):
    def seconds(lines: int) -> float:
        before, after = _long_sets(lines)
        gc.collect()
        gc.disable()  # its share depends on what else the process holds
        started = time.process_time()
        if what == "match":
            assert match(before, after, SCHEME).corrections == lines
        else:
            score = score_document(after, before, SCHEME)
            assert score.counts[ScoreKey(what="spans", mode="lenient", layer="entities", label="*")].tp == 2 * lines
            assert score.counts[ScoreKey(what="arguments", mode="strict", layer="events", label="*")].tp == lines
        taken = time.process_time() - started
        gc.enable()
        return taken

    short = min(seconds(300) for _ in range(3))
    assert seconds(3000) < 30 * short
