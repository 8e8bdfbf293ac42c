"""Train, compare, promote, suggest: from a release to what annotators see."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from market import SCHEME, a_set, add_release, add_small_release, sold

from workbench.errors import ModelError
from workbench.settings import Settings
from workbench.store import Store, annotations, models
from workbench.training.report import TrainOptions
from workbench.workflows.context import Context
from workbench.workflows.learning import Comparison, evaluate_on, promote, train_on
from workbench.workflows.preannotate import champion, preannotate_articles

QUICK = TrainOptions(epochs=8)


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


def test_a_model_that_knows_the_scheme_replaces_rules_that_do_not(context: Context, store: Store) -> None:
    assert champion(context).producer.kind == "rules"
    version = train_on(context, "small", QUICK).training.version
    with store.transaction() as session:
        report = models.get(session, version).report
    dev = Comparison.model_validate(report["dev"])
    assert [one.name for one in dev.contestants] == ["rules", version]
    assert dev.contestants[1].evaluation.mean < dev.contestants[0].evaluation.mean

    decision = promote(context, version)
    assert decision.accepted
    assert decision.layers == {"acts": "model", "things": "model"}
    assert not decision.rules_as_fallback
    with store.transaction() as session:
        assert models.champion(session).reason == decision.reason
    assert champion(context).producer.version == version
    with pytest.raises(ModelError, match="already"):
        promote(context, version)

    seen = evaluate_on(context, version)
    assert [one.name for one in seen.contestants] == [f"shown now: {version}", "rules", version]

    suggested = preannotate_articles(context)
    assert (suggested.producer.version, suggested.articles) == (version, 13)
    with store.transaction() as session:
        assert annotations.producers(session)[-1][1] == 13


def test_a_model_that_is_no_better_is_refused_and_the_reason_kept(context: Context, store: Store) -> None:
    """Its dev articles have nothing to annotate, where the rules are right to suggest nothing."""
    items = [(*sold(number), "train") for number in range(6)]
    text, _ = sold(8)
    add_release(store, "void", [*items, (text.replace("8", "88"), a_set(text.replace("8", "88")), "dev")])
    version = train_on(context, "void", QUICK).training.version
    decision = promote(context, version)
    assert not decision.accepted
    with store.transaction() as session:
        assert models.champion(session).model is None
        assert models.promotions(session)[-1].reason == decision.reason
    forced = promote(context, version, force=True)
    assert forced.accepted
    assert forced.reason.startswith("promoted by force, although: ")
    assert champion(context).producer.version.startswith(version)


def test_without_a_dev_part_only_force_promotes(context: Context, store: Store) -> None:
    add_release(store, "nodev", [(*sold(number), "train") for number in range(4)])
    version = train_on(context, "nodev", QUICK).training.version
    with pytest.raises(ModelError, match="no articles in its dev part"):
        promote(context, version)
    assert promote(context, version, force=True).accepted
    shutil.rmtree(context.settings.models / version)
    with pytest.raises(ModelError, match="is gone"):
        champion(context)
