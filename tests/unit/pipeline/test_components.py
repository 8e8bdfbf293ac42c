"""The trainable components, under a scheme that has nothing to do with news."""

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from market import SCHEME, a_set, a_span
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.errors import ArticleError, ModelError
from workbench.pipeline import base, learner, pieces, registry, sparse
from workbench.pipeline import vocabulary as counting
from workbench.pipeline.assemble import Component, assemble, ours, scheme_of
from workbench.pipeline.batch import Floats
from workbench.pipeline.docs import annotate_doc, spans_in
from workbench.pipeline.features import SpanPlace, pair_features, token_features, view_of
from workbench.pipeline.learner import Learner
from workbench.pipeline.predict import TrainedModel
from workbench.pipeline.roles import Pair, RoleFinder, RolePlan
from workbench.pipeline.spans import SpanTagger, Tier, plan_tiers, roles_of, spans_of, untaught
from workbench.pipeline.suggestions import Suggestions, note

TEXTS = (
    "Anna bought apples at Aldi on Monday.",
    "Sadly, Ben had to buy pears at the Lidl in town.",
    "Nothing was sold in the street today.",
)


def golds() -> list[AnnotationSet]:
    first, second, third = TEXTS
    return [
        a_set(
            first,
            a_span(first, "BUY", "bought", arguments=[{"role": "what", "target": "apples"}]),
            a_span(first, "FRUIT", "apples"),
            a_span(first, "SHOP", "Aldi"),
        ),
        a_set(
            second,
            a_span(second, "BUY", "buy", arguments=[{"role": "what", "target": "pears"}], attributes={"mood": "sad"}),
            a_span(second, "FRUIT", "pears"),
            a_span(second, "SHOP", "the Lidl in town"),
        ),
        a_set(third).model_copy(update={"document": {"kind": "ad"}}),
    ]


def taught(epochs: int = 30) -> tuple[Language, list[Component]]:
    nlp = base.load("en_core_web_sm")
    examples: list[Example] = []
    for text, gold in zip(TEXTS, golds(), strict=True):
        doc = nlp.make_doc(text)
        annotate_doc(doc, gold, SCHEME)
        examples.append(Example(nlp(text), doc))
    components = assemble(nlp, SCHEME, SCHEME.document_fields)
    for component in components:
        component.pipe.initialize(lambda: examples)
        for _ in range(epochs):
            component.pipe.update(examples)
    return nlp, components


@pytest.fixture(scope="module")
def trained() -> Language:
    return taught()[0]


def articles() -> list[Article]:
    return [Article.from_text(text) for text in TEXTS]


def bare(found: AnnotationSet) -> list[tuple[object, ...]]:
    """What was found, without scores and ids."""
    by_id = found.by_id()
    return [
        (layer, s.label, s.offsets, s.attributes, [(a.role, by_id[a.target][1].offsets) for a in s.arguments])
        for layer, s in found.spans()
    ]


def test_three_articles_are_learned_by_heart(trained: Language) -> None:
    found = list(TrainedModel(trained, "m", SCHEME).annotate(articles()))
    for text, one, gold in zip(TEXTS, found, golds(), strict=True):
        SCHEME.check(one, text)
        assert bare(one) == bare(gold) or not SCHEME.is_trainable(gold.document)
        assert one.document == gold.document
        assert all(span.score is not None and 0 < span.score <= 1 for _, span in one.spans())
        assert all(argument.score is not None for _, span in one.spans() for argument in span.arguments)
    assert found[1].layers["acts"][0].attributes == {"mood": "sad"}


def test_the_base_pipeline_is_left_as_it_was(trained: Language, sm: Language) -> None:
    text = "Sergei Lavrov met Marco Rubio in Budapest on Tuesday."
    ours, base = trained(text), sm(text)
    assert [(t.tag_, t.dep_, t.head.i, t.lemma_) for t in ours] == [(t.tag_, t.dep_, t.head.i, t.lemma_) for t in base]
    assert [(e.text, e.label_) for e in ours.ents] == [(s.text, s.label_) for s in spans_in(ours, "things")]
    assert [t.head.i for t in trained(text)] == [t.head.i for t in sm(text)]


def test_a_stored_pipeline_predicts_exactly_the_same(trained: Language, tmp_path: Path) -> None:
    before = list(TrainedModel(trained, "m", SCHEME).annotate(articles()))
    digest = registry.put(trained, tmp_path / "models", "m-1")
    again = registry.take(tmp_path / "models" / "m-1", digest)
    assert scheme_of(again) == SCHEME
    assert list(TrainedModel(again, "m", SCHEME).annotate(articles())) == before
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["m-1"]
    with pytest.raises(ModelError, match="already"):
        registry.put(trained, tmp_path / "models", "m-1")
    (tmp_path / "models" / "m-1" / "meta.json").write_text("{}")
    with pytest.raises(ModelError, match=r"changed after training: meta\.json"):
        registry.take(tmp_path / "models" / "m-1")


def test_a_stored_pipeline_is_whole_or_not_there(trained: Language, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be a model's version"):
        registry.put(trained, tmp_path, "../elsewhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written"):
        registry.put(trained, tmp_path / "file", "m")
    with pytest.raises(ModelError, match="is gone"):
        registry.take(tmp_path / "nothing")


def test_a_long_text_is_parsed_in_pieces_and_found_in_as_a_whole(trained: Language) -> None:
    lines = [TEXTS[number % 3] for number in range(40)]
    text = "\n".join(lines)
    (whole,) = TrainedModel(trained, "m", SCHEME).annotate([Article.from_text(text)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces.pieces, "__defaults__", (200,))
        found = list(TrainedModel(trained, "m", SCHEME).annotate([Article.from_text(t) for t in (TEXTS[0], text)]))
    assert bare(found[1]) == bare(whole)
    assert found[1].document == whole.document
    assert len(whole.layers["acts"]) > 20
    assert bare(found[0]) == bare(next(TrainedModel(trained, "m", SCHEME).annotate(articles())))


def test_the_doc_of_pieces_is_that_of_the_text(sm: Language) -> None:
    text = "Sergei Lavrov met Marco Rubio in Budapest.\n\n“It rained”, he said. They left on Tuesday.\n" * 3
    parts = pieces.cut(text, 100)
    assert len(parts) > 2
    one, other = view_of(sm(text)), view_of(pieces.joined([sm(part) for part in parts]))
    assert vars(one).keys() == vars(other).keys()
    for name, column in vars(one).items():
        assert np.array_equal(column, getattr(other, name)), name


def test_probabilities_are_the_same_for_many_rows_at_once_and_for_few(trained: Language) -> None:
    pipe = trained.get_pipe("workbench_spans_v1")
    assert isinstance(pipe, sparse.SparsePipe)
    features = token_features(view_of(trained(" ".join(TEXTS) * 30)))
    assert len(features) > learner.STEP
    at_once = pipe.probabilities(features)
    assert at_once.shape == (len(features), pipe.size)
    for start in range(0, len(features), 7):
        assert np.array_equal(at_once[start : start + 7], pipe.probabilities(features[start : start + 7]))


def test_components_travel_as_bytes(trained: Language) -> None:
    for name in ours(trained):
        pipe = trained.get_pipe(name)
        assert isinstance(pipe, sparse.SparsePipe)
        other = base.load("en_core_web_sm")
        copy = next(c.pipe for c in assemble(other, SCHEME, SCHEME.document_fields) if c.name == name)
        copy.from_bytes(pipe.to_bytes())
        assert copy.cfg == pipe.cfg
        assert np.array_equal(copy.keys, pipe.keys)


def test_training_twice_gives_the_same_weights() -> None:
    one, other = taught(3)[1], taught(3)[1]
    assert [c.pipe.to_bytes() for c in one] == [c.pipe.to_bytes() for c in other]


def test_a_model_of_another_scheme_is_refused(trained: Language, sm: Language) -> None:
    other = LabelScheme.from_xml(
        '<View><Labels name="x" toName="t"><Label value="Y"/></Labels><Text name="t" value="$t"/></View>'
    )
    with pytest.raises(ModelError, match="new: x"):
        TrainedModel(trained, "m", other)
    with pytest.raises(ModelError, match="was not trained by the workbench"):
        TrainedModel(sm, "m", SCHEME)


def test_labels_without_examples_are_said(trained: Language) -> None:
    assert TrainedModel(trained, "m", SCHEME).remarks == ()
    nlp = base.load("en_core_web_sm")
    assemble(nlp, SCHEME)
    assert "BUY, FRUIT, SHOP" in TrainedModel(nlp, "m", SCHEME).remarks[0]


def test_what_no_pipeline_reads_is_refused(trained: Language) -> None:
    with pytest.raises(ArticleError, match="surrogate"):
        list(TrainedModel(trained, "m", SCHEME).annotate([Article.from_text("a \ud83d b")]))


def test_strange_texts_do_not_stop_it(trained: Language) -> None:
    strange = [Article.from_text(text) for text in (" ", "\n\n", "👩‍🚀", "שלום עולם", "a\r\nb", "x" * 5000)]
    assert len(list(TrainedModel(trained, "m", SCHEME).annotate(strange))) == len(strange)


def test_assembling_again_replaces_what_was_learned(trained: Language, tmp_path: Path) -> None:
    trained.to_disk(tmp_path / "m")
    nlp = base.load(str(tmp_path / "m"))
    names = [component.name for component in assemble(nlp, SCHEME)]
    assert ours(nlp) == names
    assert len(set(nlp.pipe_names)) == len(nlp.pipe_names)


def crowded(nlp: Language, spans: int) -> Doc:
    """A doc in which every word is a span of both kinds."""
    doc = nlp.make_doc("word " * spans)
    for layer in ("acts", "things"):
        made = [Span(doc, i, i + 1, label="X", span_id=f"{layer}{i}") for i in range(len(doc))]
        doc.spans[layer] = SpanGroup(doc, name=layer, spans=made)
    return doc


def test_pairs_are_capped_and_within_the_window(sm: Language) -> None:
    role = RolePlan(name="what", heads=["acts"], tails=["things", "acts"], minimum=0, maximum=None)
    finder = RoleFinder("r", [role], window=30, nearest=5)
    pairs = finder.pairs(crowded(sm, 1000))
    assert len(pairs) == 1000 * 5 * 2
    assert max(abs(pair.head.start - pair.tail.start) for pair in pairs) <= 31
    assert not any(pair.head.id_ == pair.tail.id_ for pair in pairs)
    assert len(RoleFinder("r", [role], window=2, nearest=99).pairs(crowded(sm, 1000))) < 1000 * 14


def test_nested_labels_get_a_tier_of_their_own(sm: Language) -> None:
    doc = sm.make_doc("the plan of Anna Holm and Oslo and Bonn")
    made = [Span(doc, 0, 5, label="PLAN"), Span(doc, 3, 5, label="NAME"), Span(doc, 6, 7, label="NAME")]
    doc.spans["x"] = SpanGroup(doc, name="x", spans=[*made, Span(doc, 4, 5, label="NAME")])
    tiers = plan_tiers("x", [doc])
    assert [tier["labels"] for tier in tiers] == [["NAME"], ["PLAN"]]
    kept, lost = spans_of(doc, tiers[0])
    assert [span.text for span in kept] == ["Anna Holm", "Oslo"]
    assert lost == []
    assert [span.text for span in untaught(doc, tiers)] == ["Holm"]


def test_spans_that_often_lie_in_others_of_their_label_get_a_tier_of_their_own(sm: Language) -> None:
    text = "Minister Anna Holm met President Bo Berg , then Bo Berg left for Oslo"
    doc = sm(text)
    gold = sm.make_doc(text)
    places = [(0, 3), (1, 3), (4, 7), (5, 7), (9, 11)]
    gold.spans["x"] = SpanGroup(gold, name="x", spans=[Span(gold, *place, label="NAME") for place in places])
    (tier, inner) = plan_tiers("x", [gold])
    assert [span.text for span in spans_of(gold, tier)[0]] == ["Minister Anna Holm", "President Bo Berg", "Bo Berg"]
    assert [span.text for span in spans_of(gold, inner)[0]] == ["Anna Holm", "Bo Berg"]
    assert untaught(gold, [tier, inner]) == []
    assert [span.text for span in untaught(gold, [tier])] == ["Anna Holm", "Bo Berg"]
    tagger = SpanTagger("t", ["x"])
    batches = tagger.initialize(lambda: [Example(doc, gold)])
    for _ in range(20):
        tagger.learn(batches)
    assert [(span.start, span.end) for span in spans_in(tagger(doc), "x")] == places


def test_a_tier_of_an_earlier_model_holds_what_lies_in_no_other(sm: Language) -> None:
    doc = sm.make_doc("Minister Anna Holm")
    doc.spans["x"] = SpanGroup(doc, name="x", spans=[Span(doc, 0, 3, label="NAME"), Span(doc, 1, 3, label="NAME")])
    kept, _ = spans_of(doc, Tier(layer="x", labels=["NAME"]))
    assert [span.text for span in kept] == ["Minister Anna Holm"]


def suggesting(nlp: Language, *spans: tuple[str, float]) -> Doc:
    """The first text with suggestions: a fruit or a shop, and how sure it is."""
    made = (a_span(TEXTS[0], "SHOP" if text == "Aldi" else "FRUIT", text, score=score) for text, score in spans)
    doc = nlp(TEXTS[0])
    note(doc, a_set(TEXTS[0], *made))
    return doc


@pytest.mark.parametrize(("labels", "found"), [({"things": ["FRUIT", "SHOP"]}, ["FRUIT"]), ({}, [])])
def test_a_label_without_examples_is_found_where_it_is_suggested(
    sm: Language, labels: dict[str, list[str]], found: list[str]
) -> None:
    gold = sm.make_doc(TEXTS[0])
    annotate_doc(gold, a_set(TEXTS[0], a_span(TEXTS[0], "SHOP", "Aldi")), SCHEME)
    tagger = SpanTagger("t", ["things"], labels=labels)
    batches = tagger.initialize(lambda: [Example(suggesting(sm, ("Aldi", 0.9)), gold)])
    for _ in range(5):
        tagger.learn(batches)
    given = tagger(suggesting(sm, ("apples", 0.9), ("Aldi", 0.9)))
    assert [span.label_ for span in spans_in(given, "things")] == [*found, "SHOP"]


def test_a_suggestion_with_roles_is_held_longer_than_one_without(sm: Language) -> None:
    buy = a_span(TEXTS[0], "BUY", "bought", arguments=[{"role": "what", "target": "apples", "score": 0.8}])
    doc = sm(TEXTS[0])
    note(doc, a_set(TEXTS[0], buy, a_span(TEXTS[0], "FRUIT", "apples"), a_span(TEXTS[0], "SHOP", "Aldi")))
    suggested = Suggestions.of(doc)
    assert suggested is not None
    assert dict(zip([s.label for s in suggested.spans], suggested.hanging(), strict=True)) == {
        "BUY": 0.8,
        "FRUIT": 0.8,
        "SHOP": 0.0,
    }


def test_what_is_unsure_is_kept_where_roles_would_go_with_it(sm: Language) -> None:
    """At a score at which a suggestion alone is left out, one that an act points to is kept."""
    tagger = SpanTagger("t", ["acts", "things"])
    gold = sm.make_doc(TEXTS[0])
    annotate_doc(gold, golds()[0], SCHEME)
    tagger.initialize(lambda: [Example(suggesting(sm, ("Aldi", 0.9)), gold)])
    buy = a_span(TEXTS[0], "BUY", "bought", score=0.9, arguments=[{"role": "what", "target": "apples", "score": 0.9}])
    kept: list[bool] = []
    for spans in ((), (buy,)):
        doc = sm(TEXTS[0])
        fruit = a_span(TEXTS[0], "FRUIT", "apples", score=0.05)
        note(doc, a_set(TEXTS[0], fruit, *spans))
        kept.append("apples" in [span.text for span in spans_in(tagger(doc), "things")])
    assert kept == [False, True]


def test_roles_that_hang_on_a_label_are_counted_from_both_ends(sm: Language) -> None:
    docs: list[Doc] = []
    for text, gold in zip(TEXTS, golds(), strict=True):
        docs.append(sm.make_doc(text))
        annotate_doc(docs[-1], gold, SCHEME)
    assert roles_of(["acts", "things"], docs) == {"acts": {"BUY": 1.0}, "things": {"FRUIT": 1.0}}


def test_scores_are_as_great_with_dropout_as_without() -> None:
    """Otherwise a model would be surer of itself than it was while it learned."""
    rows = np.ones((2000, 10), dtype=np.int32) * np.arange(1, 11, dtype=np.int32)
    targets = np.tile(np.array([1, 0], dtype=np.float32), (2000, 1))
    allowed, begin = np.ones(targets.shape, dtype=np.bool_), np.zeros(targets.shape, dtype=np.float32)

    def second_loss(drop: float) -> float:
        training = Learner(10, [slice(0, 2)], [], seed=1)
        for share in (0.0, drop):
            losses = training.step(rows, targets, allowed, begin, share).losses
        return float(losses.sum())

    assert second_loss(0.5) == pytest.approx(second_loss(0.0), rel=0.3)


def test_what_was_seen_once_says_less_than_what_was_seen_often() -> None:
    """Or words of a single article would outweigh all others."""
    training = Learner(2, [slice(0, 2)], [], seed=1)
    rows = np.array([[1]] * 10 + [[2]], dtype=np.int32)
    targets = np.tile(np.array([1, 0], dtype=np.float32), (11, 1))
    allowed, begin = np.ones(targets.shape, dtype=np.bool_), np.full(targets.shape, 0, dtype=np.float32)
    training.step(rows, targets, allowed, begin, 0.0)
    _, often, once = training.rounded()
    assert often[0] > 0.09
    assert 0 < once[0] < 0.9 * often[0]


def test_what_is_nearly_right_moves_nothing() -> None:
    training = Learner(2, [slice(0, 2)], [], seed=1)
    targets = np.tile(np.array([1, 0], dtype=np.float32), (2, 1))
    begin = np.array([[6, 0], [0, 0]], dtype=np.float32)
    training.step(np.array([[1], [2]], dtype=np.int32), targets, targets >= 0, begin, 0.0)
    _, right, unsure = training.rounded()
    assert not right.any()
    assert unsure.any()


def test_weights_are_the_mean_of_those_after_the_last_epochs() -> None:
    training = Learner(1, [slice(0, 2)], [], seed=1)
    targets = np.array([[1, 0]], dtype=np.float32)
    after: list[Floats] = []
    for epoch in range(1, 5):
        args = (np.array([[1]], dtype=np.int32), targets, targets >= 0, np.zeros_like(targets), 0.0)
        training.step(*args)
        after.append(training.now.copy())
        training.end_epoch()
        wanted = after[-1] if epoch < learner.UNSTEADY + 1 else np.mean(after[learner.UNSTEADY :], axis=0)
        assert training.rounded() == pytest.approx(wanted, abs=1e-3)


def test_pairs_that_stand_alike_have_the_same_features_and_others_do_not(sm: Language) -> None:
    doc = sm("Lavrov met Rubio. Lavrov met Rubio. Rubio then phoned Lavrov.")

    def pair(head: int, tail: int, *, between: int = 0, rank: int = 0, place: str = "acts>names") -> Pair:
        act = Span(doc, head, head + 1, label="ACT")
        head_layer, tail_layer = place.split(">")
        ends = (SpanPlace.of(act), SpanPlace.of(Span(doc, tail, tail + 1, label="PERSON")))
        return Pair(head_layer, ends[0], tail_layer, ends[1], between, rank, place)

    def row(one: Pair) -> set[int]:
        return set(pair_features(view_of(doc), [one])[0].tolist()) - {0}

    first = row(pair(5, 6))
    assert first == row(pair(5, 6))
    # The sentence is the same; only that the first is the headline's neighbour could differ.
    assert len(row(pair(1, 2)) ^ first) <= 4
    for other in (pair(5, 4), pair(10, 11), pair(5, 2), pair(5, 6, rank=1), pair(5, 6, between=1)):
        assert row(other) != first
    assert not row(pair(5, 6, place="acts>things")) & first
    assert pair_features(view_of(doc), []).shape == (0, 0)
    together = pair_features(view_of(doc), [pair(5, 6), pair(10, 11)])
    assert [set(line) - {0} for line in together.tolist()] == [first, row(pair(10, 11))]


def test_a_role_is_given_no_more_often_than_the_scheme_allows(trained: Language) -> None:
    texts = [" and ".join(random.Random(seed).choices(TEXTS, k=6)) for seed in range(5)]
    for found in TrainedModel(trained, "m", SCHEME).annotate([Article.from_text(text) for text in texts]):
        assert all(len(span.arguments) <= 1 for _, span in found.spans())


def test_memory_of_a_step_is_bounded(sm: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long article is learned in several steps; the vocabulary has a limit."""
    monkeypatch.setattr(counting, "MAX_FEATURES", 50)
    doc = sm(TEXTS[0] * 200)
    gold = sm.make_doc(doc.text)
    annotate_doc(gold, a_set(doc.text, a_span(doc.text, "SHOP", "Aldi")), SCHEME)
    (component, *_) = assemble(base.load("en_core_web_sm"), SCHEME)
    (batch,) = component.pipe.initialize(lambda: [Example(doc, gold)])
    assert len(batch.rows) > 2 * learner.STEP
    assert len(component.pipe.keys) == 50
    assert component.pipe.learn([batch])[0].loss > 0


def test_features_are_counted_as_if_all_were_there_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MERGED", 40)
    monkeypatch.setattr(counting, "MAX_FEATURES", 30)
    chance = random.Random(5)
    tables = [
        np.array([[chance.randrange(60) for _ in range(4)] for _ in range(9)], dtype=np.uint64) for _ in range(40)
    ]
    vocabulary, counts = counting.Vocabulary(), Counter[int]()
    for table in tables:
        vocabulary.add(table)
        counts.update(table.ravel().tolist())
    del counts[0]
    most = sorted(counts, key=lambda key: (-counts[key], key))[:30]
    assert vocabulary.keys().tolist() == sorted(most)
    assert counting.Vocabulary().keys().tolist() == []


def test_features_are_counted_in_bounded_memory_and_the_frequent_ones_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MERGED", 40)
    monkeypatch.setattr(counting, "COUNTED", 50)
    monkeypatch.setattr(counting, "MAX_FEATURES", 3)
    vocabulary = counting.Vocabulary()
    for number in range(200):
        rare = range(1000 + 20 * number, 1020 + 20 * number)
        vocabulary.add(np.array([[7, 8, 9, *rare]], dtype=np.uint64))
        assert len(vocabulary._keys[0]) <= 50
    assert vocabulary.keys().tolist() == [7, 8, 9]


def test_the_best_well_formed_sequence_is_the_same_cut_into_pieces_or_not() -> None:
    """Most tokens are O for certain, and only what lies between them is decoded."""
    from workbench.pipeline import spans as tagging

    tags = ["O", *(f"{part}-{label}" for label in ("A", "B") for part in "BILU")]
    chance = np.random.default_rng(0)
    pieces = 0
    for bias in (0.0, 2.0, 4.0, 8.0) * 25:
        raw = chance.normal(size=(60, len(tags))) * 2
        raw[:, 0] += bias
        scores = raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))
        whole = tagging._viterbi(scores, tagging._moves(tuple(tags)))
        assert tagging._well_formed(scores, tags) == whole
        pieces += 0 < whole.count(0) < len(whole)
    assert pieces > 50
    assert tagging._well_formed(scores[:0], tags) == []
    assert tagging._well_formed(scores[:3, :1], tags[:1]) == [0, 0, 0]
