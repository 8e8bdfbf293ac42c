"""From a release to a model in the registry."""

from pathlib import Path

import pytest
from market import SCHEME, a_set, a_span, add_release

from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.core.scheme import Attribute, LabelScheme
from workbench.errors import ModelError, ReleaseError
from workbench.pipeline import registry
from workbench.pipeline.predict import TrainedModel
from workbench.store import Store, models
from workbench.training import corpus
from workbench.training.evaluate import evaluate, summary
from workbench.training.report import TrainOptions
from workbench.training.train import train


def test_a_release_becomes_a_model_that_knows_more_than_nothing(store: Store, tmp_path: Path) -> None:
    report = train(store, "small", SCHEME, tmp_path / "models", Silent())
    parts = {part.name: part for part in report.parts}
    assert (parts["train"].articles, parts["train"].empty, len(parts["train"].not_trained)) == (7, 1, 2)
    assert parts["train"].spans == {"acts": 6, "things": 12}
    assert report.version == "small-1"
    losses = [loss["workbench_spans_v1"] for loss in report.losses if "workbench_spans_v1" in loss]
    assert losses[-1] < losses[0]

    with store.transaction() as session:
        model = models.get(session, "small-1")
        gold = corpus.read(session, "small", SCHEME)
    nlp = registry.take(tmp_path / "models" / "small-1", model.digest)
    annotator = TrainedModel(nlp, "small-1", SCHEME)
    items = gold.trainable("test", SCHEME)
    found = evaluate(annotator, items, SCHEME, Silent(), release="small", part="test")
    assert len(found.articles) == 2
    things = found.scores.row("spans", "things")
    assert things is not None
    assert things.f1 is not None
    assert things.f1 > 0.5
    assert sum(found.totals) == found.scores.corrections < found.scores.corrections_from_empty
    assert {line.layer for line in summary(found, SCHEME)} == {"acts", "things"}


def test_an_empty_article_is_a_negative_example_and_an_advert_none_at_all(store: Store, tmp_path: Path) -> None:
    report = train(store, "small", SCHEME, tmp_path / "models", Silent())
    learned = {one.component: one for one in report.components}
    # Tokens of six sold texts and of the empty one; the adverts teach the choice about the document only.
    assert learned["workbench_documents_v1"].rows == 9
    with store.transaction() as session:
        gold = corpus.read(session, "small", SCHEME)
    nlp = registry.take(tmp_path / "models" / "small-1")
    tokens = sum(len(nlp.make_doc(item.article.text)) for item in gold.trainable("train", SCHEME))
    assert learned["workbench_spans_v1"].rows == tokens
    (quiet,) = TrainedModel(nlp, "m", SCHEME).annotate(
        item.article for item in gold.items["train"] if item.article.text.startswith("Nobody")
    )
    assert quiet.is_empty
    (advert, *_) = TrainedModel(nlp, "m", SCHEME).annotate(
        item.article for item in gold.items["train"] if item.annotations.document == {"kind": "ad"}
    )
    assert advert.document == {"kind": "ad"}


def test_choices_without_examples_of_two_values_are_skipped_and_said(store: Store, tmp_path: Path) -> None:
    text = "Anna bought figs."
    add_release(store, "news", [(text, a_set(text, a_span(text, "FRUIT", "figs")), "train")])
    report = train(store, "news", SCHEME, tmp_path / "models", Silent(), TrainOptions(epochs=1))
    assert report.fields_skipped == ("kind",)
    assert "workbench_documents_v1" not in {one.component for one in report.components}


def test_what_no_model_learns_is_carried_and_said(store: Store, tmp_path: Path) -> None:
    wide = SCHEME.model_copy(
        update={
            "attributes": (*SCHEME.attributes, Attribute(name="note", layer="things", kind="textarea", multiple=True)),
            "document_fields": (*SCHEME.document_fields, Attribute(name="sure", layer=None, kind="rating", maximum=5)),
        }
    )
    text = "Anna bought figs."
    noted = a_span(text, "FRUIT", "figs").model_copy(update={"attributes": {"note": ("sweet",)}})
    gold = a_set(text, noted, scheme=wide).model_copy(update={"document": {"sure": 4}})
    add_release(store, "noted", [(text, gold, "train")])
    report = train(store, "noted", wide, tmp_path / "models", Silent(), TrainOptions(epochs=1))
    assert report.not_learned == ("note", "sure")
    assert report.fields_skipped == ("kind",)
    nlp = registry.take(tmp_path / "models" / report.version)
    with store.transaction() as session:
        items = corpus.read(session, "noted", wide).items["train"]
    assert items[0].annotations.document == {"sure": 4}
    (found,) = TrainedModel(nlp, report.version, wide).annotate(item.article for item in items)
    assert "sure" not in found.document
    assert all("note" not in span.attributes for _, span in found.spans())


def test_the_same_release_and_seed_give_the_same_model(store: Store, tmp_path: Path) -> None:
    options = TrainOptions(epochs=2, seed=7)
    first = train(store, "small", SCHEME, tmp_path / "models", Silent(), options)
    second = train(store, "small", SCHEME, tmp_path / "models", Silent(), options)
    assert (first.version, second.version) == ("small-1", "small-2")
    assert first.losses == second.losses
    weights = "workbench_spans_v1/weights.npy"
    one, other = (tmp_path / "models" / version / weights for version in ("small-1", "small-2"))
    assert one.read_bytes() == other.read_bytes()


def test_training_stops_when_time_is_up(store: Store, tmp_path: Path) -> None:
    options = TrainOptions(epochs=500, max_minutes=0.001)
    report = train(store, "small", SCHEME, tmp_path / "models", Silent(), options)
    assert report.stopped_early
    assert 1 <= report.epochs < 500


def test_spans_inside_tokens_are_listed_and_too_many_refused(store: Store, tmp_path: Path) -> None:
    text = "Anna bought bananas at Aldi."
    gold = a_set(text, a_span(text, "FRUIT", "banana"), a_span(text, "SHOP", "Aldi"))
    add_release(store, "odd", [(text, gold, "train")])
    with pytest.raises(ModelError, match=r"50% .*'banana' expanded to 'bananas'"):
        train(store, "odd", SCHEME, tmp_path / "models", Silent())
    report = train(store, "odd", SCHEME, tmp_path / "models", Silent(), TrainOptions(epochs=1, max_misaligned=0.5))
    assert [one.text for one in report.alignment.expanded] == ["banana"]


def test_nothing_to_learn_from_is_said(store: Store, tmp_path: Path) -> None:
    add_release(store, "blank", [("Nothing at all.", a_set("Nothing at all."), "train")])
    with pytest.raises(ModelError, match="nothing to learn from"):
        train(store, "blank", SCHEME, tmp_path / "models", Silent())
    assert not (tmp_path / "models").exists()
    with pytest.raises(ReleaseError, match="no release"):
        train(store, "none", SCHEME, tmp_path / "models", Silent())


def test_one_label_and_a_layer_without_any_annotation_are_learned_as_they_are(store: Store, tmp_path: Path) -> None:
    texts = [f"{name} sold {fruit} today." for name in ("Anna", "Ben") for fruit in ("figs", "pears", "plums")]
    items = [(text, a_set(text, a_span(text, "FRUIT", text.split()[2])), "train") for text in texts]
    add_release(store, "fruit", items)
    report = train(store, "fruit", SCHEME, tmp_path / "models", Silent(), TrainOptions(folds=2))
    (part,) = (one for one in report.parts if one.name == "train")
    assert part.spans == {"acts": 0, "things": 6}
    model = TrainedModel(registry.take(tmp_path / "models" / report.version), "m", SCHEME)
    found = list(model.annotate(Article.from_text(text) for text in texts))
    assert {(layer, span.label) for one in found for layer, span in one.spans()} == {("things", "FRUIT")}


def test_a_release_that_does_not_fit_the_scheme_is_refused(store: Store) -> None:
    other = LabelScheme.from_xml(
        '<View><Labels name="acts" toName="t"><Label value="SELL"/></Labels><Text name="t" value="$t"/></View>'
    )
    with store.transaction() as session, pytest.raises(ReleaseError, match="do not fit label_config"):
        corpus.read(session, "small", other)


def test_an_unknown_base_pipeline_is_refused_before_anything_is_written(store: Store, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no spaCy pipeline"):
        train(store, "small", SCHEME, tmp_path / "models", Silent(), TrainOptions(base="nothing"))
    assert not (tmp_path / "models").exists()


def test_a_folder_that_takes_no_model_is_said_before_anything_is_learned(store: Store, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    learned: list[str] = []

    class Listening(Silent):
        def say(self, message: str) -> None:
            learned.append(message)

    with pytest.raises(ModelError, match="models cannot be written to"):
        train(store, "small", SCHEME, tmp_path / "models", Listening())
    assert learned == []
