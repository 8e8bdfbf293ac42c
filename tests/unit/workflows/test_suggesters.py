"""What a model can start from: the rules, a former model, what annotators were shown, the words alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy
from market import SCHEME, a_set, sold

from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import Article
from workbench.errors import ModelError
from workbench.pipeline import registry
from workbench.pipeline.predict import TrainedModel
from workbench.pipeline.suggestions import PREFIX
from workbench.settings import Settings
from workbench.store import Store, annotations, articles, models, releases
from workbench.store.releases import Release, ReleaseItem
from workbench.training import corpus
from workbench.training.report import TrainOptions
from workbench.workflows.context import Context
from workbench.workflows.learning import start, train_on
from workbench.workflows.preannotate import load
from workbench.workflows.registered import add_model, reproduce_model

PLUG_IN = Producer(kind="model", name="somebody", version="7")


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    settings = Settings(root=tmp_path)
    opened = Context(settings)
    opened.store, opened.scheme = Store.open(settings.database_url), SCHEME
    released(opened.store, "first", 6)
    yield opened
    opened.close()


def released(store: Store, name: str, number: int) -> None:
    """A release of articles that were annotated from suggestions, which had every span but the shops."""
    items: list[ReleaseItem] = []
    with store.transaction() as session:
        for n in range(number):
            text, gold = sold(n)
            article = Article.from_text(text)
            articles.add(session, article, raw=text)
            shown = suggestion(gold)
            annotations.keep(session, article.id, 1, shown)
            gold = gold.model_copy(update={"parents": (shown.digest,)})
            key = annotations.keep(session, article.id, 1, gold)
            items.append(
                ReleaseItem(
                    article_id=article.id,
                    article_version=1,
                    set_id=key,
                    part="train",
                    story_group=article.id,
                    annotators=("t",),
                )
            )
        releases.add(session, Release(name=name, digest=name, created="2025", manifest={}, items=tuple(items)))


def suggestion(gold: AnnotationSet) -> AnnotationSet:
    kept = {
        layer: tuple(span.model_copy(update={"score": 0.8}) for span in spans if span.label != "SHOP")
        for layer, spans in gold.layers.items()
    }
    return gold.model_copy(update={"producer": PLUG_IN, "layers": kept})


def test_a_model_holds_the_former_one_that_it_starts_from(context: Context, tmp_path: Path) -> None:
    first = train_on(context, "first", TrainOptions(suggester="none", epochs=4)).training.version
    before, suggested = start(context, "first", TrainOptions(suggester=f"model:{first}"))
    assert before is not None
    assert suggested is not None
    # For what the former model has learned from, others of its kind speak, which had not.
    with context.store.reading() as session:
        ids = {item.article_id for item in releases.get(session, "first").items}
    assert set(suggested) == ids
    second = train_on(context, "first", TrainOptions(suggester=f"model:{first}", epochs=4)).training.version
    nlp = spacy.load(context.settings.models / second)
    text, _ = sold(30)
    doc = nlp(text)
    (by_first,) = load(context, first).annotate([Article.from_text(text)])
    noted = {(s.start_char, s.end_char, s.label_) for layer in SCHEME.layers for s in doc.spans[PREFIX + layer.name]}
    assert noted == {(*span.offsets, span.label) for _, span in by_first.spans()}
    # The pipeline does not need the former model's folder any more.
    nlp.to_disk(tmp_path / "copy")
    copy = registry.base.load(str(tmp_path / "copy"))
    assert next(TrainedModel(copy, "m", SCHEME).annotate([Article.from_text(text)])) == next(
        TrainedModel(nlp, "m", SCHEME).annotate([Article.from_text(text)])
    )


def test_what_annotators_were_shown_is_found_by_what_the_gold_was_made_from(context: Context) -> None:
    with context.store.reading() as session:
        shown = corpus.shown(session, "first")
    assert len(shown) == 6
    assert {one.producer for one in shown.values()} == {PLUG_IN}
    version = train_on(context, "first", TrainOptions(suggester="shown", epochs=4)).training.version
    nlp = registry.take(context.settings.models / version)
    text, gold = sold(31)
    article = Article.from_text(text)

    class Fresh:
        producer, remarks = PLUG_IN, ()

        def annotate(self, articles: object) -> Iterator[AnnotationSet]:
            yield suggestion(gold)

    (helped,) = TrainedModel(nlp, version, SCHEME, suggester=Fresh()).annotate([article])
    assert {span.text for span in helped.layers["things"]} >= {span.text for span in suggestion(gold).layers["things"]}
    # Nobody is there to suggest anew: the model does without, and does not see spans everywhere.
    (alone,) = load(context, version).annotate([article])
    assert len(list(alone.spans())) <= 6


def test_who_was_never_shown_anything_is_told_so(context: Context) -> None:
    text = "Anna bought figs."
    article = Article.from_text(text)
    with context.store.transaction() as session:
        articles.add(session, article, raw=text)
        key = annotations.keep(session, article.id, 1, a_set(text))
        item = ReleaseItem(
            article_id=article.id, article_version=1, set_id=key, part="train", story_group="s", annotators=("t",)
        )
        releases.add(session, Release(name="blind", digest="b", created="2025", manifest={}, items=(item,)))
    with pytest.raises(ModelError, match="shown nothing"):
        train_on(context, "blind", TrainOptions(suggester="shown"))
    with pytest.raises(ModelError, match="no model 'gone'"):
        train_on(context, "blind", TrainOptions(suggester="model:gone"))


@pytest.mark.parametrize("suggester", ["model:first-1", "shown"])
def test_what_started_from_a_model_or_from_what_was_shown_is_rebuilt_so(context: Context, suggester: str) -> None:
    train_on(context, "first", TrainOptions(epochs=2))
    version = train_on(context, "first", TrainOptions(suggester=suggester, epochs=2)).training.version
    assert reproduce_model(context, version).same


def test_who_was_trained_elsewhere_or_with_a_config_is_nothing_to_start_from(context: Context, tmp_path: Path) -> None:
    made = train_on(context, "first", TrainOptions(epochs=2)).training.version
    added = add_model(context, str(context.settings.models / made), name="added", release="first").version
    with pytest.raises(ModelError, match="added was trained elsewhere"):
        train_on(context, "first", TrainOptions(suggester=f"model:{added}"))
    with context.store.transaction() as session:
        report = models.get(session, made).report
        report["training"]["options"]["config"] = "[nlp]"
        models.set_report(session, made, report)
    with pytest.raises(ModelError, match=f"{made} was trained with a config"):
        train_on(context, "first", TrainOptions(suggester=f"model:{made}"))
