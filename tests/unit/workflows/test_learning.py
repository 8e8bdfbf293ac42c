"""Train, compare, promote, suggest: from a release to what annotators see."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from market import SCHEME, a_set, add_release, add_small_release, sold

from workbench.core.annotations import AnnotationSet
from workbench.errors import ModelError
from workbench.settings import Settings
from workbench.store import Store, annotations, models
from workbench.store.models import Promotion
from workbench.training.report import TrainOptions
from workbench.workflows.comparison import Comparison, PromotionReport
from workbench.workflows.context import Context
from workbench.workflows.learning import evaluate_on, promote, train_on
from workbench.workflows.model_list import list_models
from workbench.workflows.preannotate import champion, preannotate_articles

QUICK = TrainOptions(epochs=8)


class Room(NamedTuple):
    """What a disk has room for."""

    free: int


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(root=tmp_path)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings.database_url)
    add_small_release(opened)
    yield opened
    opened.close()


@pytest.fixture
def context(settings: Settings, store: Store) -> Context:
    opened = Context(settings)
    opened.store, opened.scheme = store, SCHEME
    return opened


def released(store: Store, name: str, train: int, dev: int) -> None:
    """A release with everything in every article, one a story."""
    parts = ["train"] * train + ["dev"] * dev + ["test"] * 2
    add_release(store, name, [(*sold(number), part) for number, part in enumerate(parts, start=100)])


def test_a_model_that_knows_the_scheme_replaces_rules_that_do_not(context: Context, store: Store) -> None:
    released(store, "more", 10, 10)
    assert champion(context).producer.kind == "rules"
    version = train_on(context, "more", QUICK).training.version
    with store.transaction() as session:
        report = models.get(session, version).report
    dev = Comparison.model_validate(report["dev"])
    assert [one.name for one in dev.contestants] == ["rules", version]
    assert dev.contestants[1].evaluation.mean < dev.contestants[0].evaluation.mean

    decided = promote(context, version)
    assert decided.accepted
    assert decided.reason.endswith("on dev (10 articles)")
    with store.transaction() as session:
        assert models.champion(session).reason == decided.reason
    assert champion(context).producer.version == version
    with pytest.raises(ModelError, match="already"):
        promote(context, version)

    seen = evaluate_on(context, version)
    assert [one.name for one in seen.contestants] == ["rules", version]
    assert "test part of more: 2 articles" in str(seen)

    suggested = preannotate_articles(context)
    assert (suggested.producer.version, suggested.articles) == (version, 35)
    with store.transaction() as session:
        assert annotations.producers(session)[-1][1] == 35


def test_with_few_dev_stories_what_was_held_back_of_train_counts_too(context: Context, store: Store) -> None:
    released(store, "few", 10, 1)
    version = train_on(context, "few", QUICK).training.version
    decided = promote(context, version)
    assert decided.accepted
    assert "on dev (1 article) and 10 articles of train" in decided.reason
    assert "trained without its story, since 1 story of the dev part is too few" in decided.reason
    assert decided.verdict is not None
    assert decided.verdict.stories == 11
    # The next model is held against what models like the first one did on stories that they had not seen either.
    again = train_on(context, "few", TrainOptions(epochs=8, seed=3)).training.version
    with store.transaction() as session:
        first, second = (models.get(session, one).report["folds"] for one in (version, again))
    assert set(first["articles"]) == set(second["articles"])
    refused = promote(context, again)
    assert not refused.accepted
    assert refused.verdict is not None
    assert refused.verdict.stories == 11


def test_where_what_annotators_see_has_learned_from_all_of_train_only_dev_counts(
    context: Context, store: Store
) -> None:
    released(store, "few", 10, 1)
    first, second = (
        train_on(context, "few", QUICK.model_copy(update={"folds": folds})).training.version for folds in (0, None)
    )
    promote(context, first, force=True)
    refused = promote(context, second)
    assert not refused.accepted
    assert "on dev (1 article)" in refused.reason
    assert "of train" not in refused.reason
    assert "(difference +0.0, of 1 story)" in refused.reason


def test_a_model_that_is_no_better_is_refused_and_the_reason_kept(context: Context, store: Store) -> None:
    """Its dev articles have nothing to annotate, where the rules are right to suggest nothing."""
    items = [(*sold(number), "train") for number in range(6)]
    text, _ = sold(8)
    add_release(store, "void", [*items, (text.replace("8", "88"), a_set(text.replace("8", "88")), "dev")])
    version = train_on(context, "void", QUICK).training.version
    decided = promote(context, version)
    assert not decided.accepted
    with store.transaction() as session:
        assert models.champion(session).model is None
        assert models.promotions(session)[-1].reason == decided.reason
    forced = promote(context, version, force=True, because="a try")
    assert forced.accepted
    assert forced.reason.startswith("by force (a try), although: ")
    listed = str(list_models(context))
    assert f"{version} refused: {decided.reason}" in listed
    assert listed.endswith(f"annotators see {version}: {forced.reason}")
    assert champion(context).producer.version.startswith(version)
    for force in (False, True):
        with pytest.raises(ModelError, match=rf"annotators see {version} already: by force"):
            promote(context, version, force=force)
    with store.reading() as session:
        assert len(models.promotions(session)) == 2


def test_a_model_is_trained_again_and_the_rules_are_forced() -> None:
    hints = {
        decision.subject: failure.hint
        for decision in (
            Promotion(model="m-1", accepted=False, reason="worse"),
            Promotion(model=None, plugin="ours", accepted=False, reason="worse"),
            Promotion(model=None, accepted=False, reason="worse"),
        )
        if (failure := PromotionReport(decision=decision).failure()) is not None
    }
    assert [re.findall("again|`.*`", hint) for hint in hints.values()] == [
        ["again"],
        ["`workbench models promote ours --force`"],
        ["`workbench models promote rules --force`"],
    ]


def test_where_nothing_was_measured_only_force_promotes(context: Context, store: Store) -> None:
    add_release(store, "nodev", [(*sold(number), "train") for number in range(4)])
    version = train_on(context, "nodev", TrainOptions(epochs=4, folds=0)).training.version
    with pytest.raises(ModelError, match="no articles in its dev part"):
        promote(context, version)
    assert promote(context, version, force=True).accepted
    shutil.rmtree(context.settings.models / version)
    with pytest.raises(ModelError, match="is gone"):
        champion(context)


def test_what_was_learned_from_is_no_measure_and_said_so(context: Context) -> None:
    version = train_on(context, "small", QUICK).training.version
    remark = f"{version} has learned from 7 of these 7 articles"
    assert any(remark in one for one in evaluate_on(context, version, part="train").remarks)
    assert not any("has learned from" in one for one in evaluate_on(context, version, part="test").remarks)


def test_the_workspaces_pipeline_is_the_base_where_none_is_named(context: Context) -> None:
    preannotate = context.settings.preannotate.model_copy(update={"pipeline": "none_such"})
    other = Context(context.settings.model_copy(update={"preannotate": preannotate}))
    other.store, other.scheme = context.store, SCHEME
    with pytest.raises(ModelError, match="none_such"):
        train_on(other, "small", TrainOptions(epochs=1, suggester="none"))
    with pytest.raises(ModelError, match="other_such"):
        train_on(other, "small", TrainOptions(epochs=1, suggester="none", base="other_such"))


def test_an_interrupted_training_says_what_was_kept(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("workbench.training.train.train_pipeline", stop)
        with pytest.raises(KeyboardInterrupt, match="the registry is as it was before"):
            train_on(context, "small", QUICK)
    assert not context.settings.models.exists()
    with monkeypatch.context() as patch:
        patch.setattr("workbench.workflows.learning.evaluate", stop)
        with pytest.raises(KeyboardInterrupt, match="small-1 was measured: it is kept"):
            train_on(context, "small", QUICK)
    assert evaluate_on(context, "small-1").articles == 2


def test_too_little_room_is_said_before_anything_is_learned(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.training.train.train_pipeline", lambda *_, **__: pytest.fail("it was trained"))
    monkeypatch.setattr("shutil.disk_usage", lambda _: Room(free=30_000_000))
    with pytest.raises(ModelError, match=r"a model takes about \d\d MB, and .* has room for 30 MB"):
        train_on(context, "small", QUICK)
    assert not context.settings.models.exists()


def test_a_layer_without_annotation_is_told(context: Context, store: Store) -> None:
    items: list[tuple[str, AnnotationSet, str]] = []
    for number in range(4):
        text, gold = sold(number)
        items.append((text, gold.model_copy(update={"layers": {**gold.layers, "acts": ()}}), "train"))
    add_release(store, "things", items)
    assert "acts is not learned: no article of the train part has any" in str(train_on(context, "things", QUICK))
