"""Suspects of a release: models that have not seen a story find what is wrong in it, and say where to correct it."""

from pathlib import Path

import pytest
from market import SCHEME, a_set, add_release, sold

from workbench.errors import ReleaseError
from workbench.settings import Settings
from workbench.store import Store, articles, projects, task_ledger, withdrawals
from workbench.training.report import TrainOptions
from workbench.workflows.context import Context
from workbench.workflows.suspects import find_suspects


def test_a_label_that_was_changed_is_the_first_suspect_and_names_its_task(tmp_path: Path) -> None:
    settings = Settings(root=tmp_path)
    store = Store.open(settings.database_url)
    items = [(*sold(number), "train") for number in range(100, 113)]
    text, given, part = items[4]
    layer = next(name for name, spans in given.layers.items() if {"FRUIT", "SHOP"} & {span.label for span in spans})
    first, *others = given.layers[layer]
    wrong = next(label for label in SCHEME.layer_by_name[layer].label_values if label != first.label)
    spans = (first.model_copy(update={"label": wrong}), *others)
    items[4] = text, given.model_copy(update={"layers": {**given.layers, layer: spans}}), part
    add_release(store, "spoilt", items)
    with store.transaction() as session:
        article = next(one for one in articles.get_many(session, articles.ids(session)) if one.text == text)
        gone = next(one for one in articles.get_many(session, articles.ids(session)) if one.text == items[12][0])
        withdrawals.withdraw(session, gone.id, "the publisher asked")
        withdrawals.erase(session, gone.id)
        server = "https://annotate.example.org"
        project = projects.add(session, server=server, project_id=3, title="t", scheme_digest="d", config="")
        task = task_ledger.intend_task(session, project.id, article.id, 1)
        task_ledger.settle_task(session, task.id, state="present", task_id=17)
    context = Context(settings)
    context.store, context.scheme = store, SCHEME
    report = find_suspects(context, "spoilt", folds=3, limit=5, options=TrainOptions(epochs=8))
    one = report.suspects[0]
    assert (one.article_id, one.kind, one.said, one.likely) == (article.id, "label", wrong, first.label)
    assert one.task == "https://annotate.example.org/projects/3/data?task=17"
    assert (report.articles, report.without_models) == (12, 0)
    assert one.task in str(report)
    [erased] = report.erased
    assert erased.startswith(f"{gone.id} was withdrawn and erased")
    assert "1 article was erased since, and is left out:" in str(report)
    with pytest.raises(ReleaseError, match="no release"):
        find_suspects(context, "none")


def test_a_release_without_annotations_is_named_and_with_what_is_needed(tmp_path: Path) -> None:
    context = Context(Settings(root=tmp_path))
    context.store, context.scheme = Store.open(context.settings.database_url), SCHEME
    text, _ = sold(1)
    add_release(context.store, "blank", [(text, a_set(text), "train")])
    with pytest.raises(
        ReleaseError, match=r"release blank has no annotation in its 1 article(?s:.*)two stories at least"
    ):
        find_suspects(context, "blank")
    add_release(context.store, "one", [(*sold(2), "train")])
    assert "models need two stories" in str(find_suspects(context, "one"))
