"""Train, compare, promote, suggest: from a release to what annotators see."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from market import SCHEME, a_set, add_release, add_small_release, sold

from workbench.core.ports import Silent
from workbench.errors import ModelError
from workbench.settings import Settings
from workbench.store import Store, annotations, models
from workbench.training.train import TrainOptions
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


def test_a_model_that_knows_the_scheme_replaces_rules_that_do_not(settings: Settings, store: Store) -> None:
    assert champion(settings, store, SCHEME).producer.kind == "rules"
    version = train_on(settings, store, SCHEME, "small", Silent(), options=QUICK)
    with store.transaction() as session:
        report = models.get(session, version).report
    dev = Comparison.model_validate(report["dev"])
    assert [one.name for one in dev.contestants] == ["rules", version]
    assert dev.contestants[1].evaluation.mean < dev.contestants[0].evaluation.mean

    decision = promote(settings, store, SCHEME, version, Silent())
    assert decision.accepted
    assert decision.layers == {"acts": "model", "things": "model"}
    assert not decision.rules_as_fallback
    with store.transaction() as session:
        assert models.champion(session).reason == decision.reason
    assert champion(settings, store, SCHEME).producer.version == version
    with pytest.raises(ModelError, match="already"):
        promote(settings, store, SCHEME, version, Silent())

    seen = evaluate_on(settings, store, SCHEME, None, version, Silent())
    assert [one.name for one in seen.contestants] == [f"shown now: {version}", "rules", version]

    suggested = preannotate_articles(settings, store, SCHEME, Silent())
    assert (suggested.producer.version, suggested.articles) == (version, 13)
    with store.transaction() as session:
        assert annotations.producers(session)[-1][1] == 13


def test_a_model_that_is_no_better_is_refused_and_the_reason_kept(settings: Settings, store: Store) -> None:
    """Its dev articles have nothing to annotate, where the rules are right to suggest nothing."""
    items = [(*sold(number), "train") for number in range(6)]
    text, _ = sold(8)
    add_release(store, "void", [*items, (text.replace("8", "88"), a_set(text.replace("8", "88")), "dev")])
    version = train_on(settings, store, SCHEME, "void", Silent(), options=QUICK)
    decision = promote(settings, store, SCHEME, version, Silent())
    assert not decision.accepted
    with store.transaction() as session:
        assert models.champion(session).model is None
        assert models.promotions(session)[-1].reason == decision.reason
    forced = promote(settings, store, SCHEME, version, Silent(), force=True)
    assert forced.accepted
    assert forced.reason.startswith("promoted by force, although: ")
    assert champion(settings, store, SCHEME).producer.version.startswith(version)


def test_without_a_dev_part_only_force_promotes(settings: Settings, store: Store) -> None:
    add_release(store, "nodev", [(*sold(number), "train") for number in range(4)])
    version = train_on(settings, store, SCHEME, "nodev", Silent(), options=QUICK)
    with pytest.raises(ModelError, match="no articles in its dev part"):
        promote(settings, store, SCHEME, version, Silent())
    assert promote(settings, store, SCHEME, version, Silent(), force=True).accepted
    shutil.rmtree(settings.models / version)
    with pytest.raises(ModelError, match="is gone"):
        champion(settings, store, SCHEME)
