"""Who can be measured, by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from market import SCHEME, add_small_release

from workbench.core.documents import to_json
from workbench.errors import DocumentError, ModelError, ReleaseError
from workbench.settings import Settings
from workbench.store import Store
from workbench.training import corpus
from workbench.workflows.context import Context
from workbench.workflows.learning import evaluate_on


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    settings = Settings(root=tmp_path)
    opened = Context(settings)
    opened.store, opened.scheme = Store.open(settings.database_url), SCHEME
    add_small_release(opened.store)
    yield opened
    opened.close()


def test_a_file_of_predictions_is_measured_and_what_it_lacks_is_said(context: Context, tmp_path: Path) -> None:
    with context.store.reading() as session:
        gold = corpus.read(session, "small", SCHEME).items["test"]
    path = tmp_path / "found.jsonl"
    path.write_text(to_json(gold[0]) + "\n", encoding="utf-8")
    found = evaluate_on(context, str(path), release="small", part="test")
    last = found.contestants[-1].evaluation
    assert (last.totals[0], last.totals[1] > 0) == (0, True)
    assert any("1 articles are not in found.jsonl" in remark for remark in found.remarks)
    with pytest.raises(ModelError, match="was not trained on a release"):
        evaluate_on(context, str(path))
    path.write_text("")
    with pytest.raises(DocumentError, match="no annotated articles"):
        evaluate_on(context, str(path), release="small")


def test_a_plug_in_is_measured_by_its_name(context: Context) -> None:
    found = evaluate_on(context, "rules", release="small", part="dev")
    assert [one.name for one in found.contestants] == ["rules"]
    assert found.contestants[0].evaluation.words_a_second


def test_who_is_not_there_is_told_with_who_is(context: Context) -> None:
    with pytest.raises(ModelError, match=r"'nobody' is no model .*no plug-in \(.*rules.*\) and no spaCy pipeline"):
        evaluate_on(context, "nobody", release="small")


def test_an_empty_part_is_refused_with_the_parts_that_are_not(context: Context) -> None:
    from market import add_release, sold

    add_release(context.store, "train-only", [(*sold(40), "train")])
    with pytest.raises(ReleaseError, match="no articles in its test part") as error:
        evaluate_on(context, "rules", release="train-only")
    assert "train has 1" in (error.value.hint or "")
