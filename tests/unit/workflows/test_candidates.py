"""Who can be measured, by name."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from market import FRUIT, SCHEME, SHOPS, add_release, add_small_release, sold

from workbench.core.documents import to_json
from workbench.errors import DocumentError, ModelError, ReleaseError
from workbench.preannotate import plugins
from workbench.preannotate.adapters.patterns import Patterns
from workbench.preannotate.plugins import Setup
from workbench.settings import Settings
from workbench.store import Store
from workbench.training import corpus
from workbench.workflows.context import Context
from workbench.workflows.learning import evaluate_on, promote
from workbench.workflows.model_list import list_models
from workbench.workflows.preannotate import champion, preannotate_articles
from workbench.workflows.sync import current_producers


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
    assert any("1 article is not in found.jsonl" in remark for remark in found.remarks)
    assert last.words_a_second is None  # nothing was predicted
    with pytest.raises(ModelError, match=r"none of the \d+ articles in the train part of small\n.*1 article of test"):
        evaluate_on(context, str(path), release="small", part="train")
    add_release(context.store, "town", [(*sold(40), "test")])
    with pytest.raises(ModelError, match=r"none of the 1 article in the test part of town\n.*workbench export town"):
        evaluate_on(context, str(path), release="town")
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
    add_release(context.store, "train-only", [(*sold(40), "train")])
    with pytest.raises(ReleaseError, match="no articles in its test part") as error:
        evaluate_on(context, "rules", release="train-only")
    assert "train has 1" in (error.value.hint or "")


def make(setup: Setup) -> Patterns:
    """A plug-in that knows the words of the market."""
    folder = setup.root / "words"
    folder.mkdir(exist_ok=True)
    words = {"FRUIT": FRUIT, "SHOP": SHOPS, "BUY": ("bought",)}
    lines = [{"label": label, "pattern": word} for label, some in words.items() for word in some]
    (folder / "market.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return Patterns(setup.scheme, folder)


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(plugins.BUILT_IN, "words", f"{__name__}:make")
    return "words"


def test_a_plug_in_is_promoted_by_its_name_and_the_rules_come_back(context: Context, plugin: str) -> None:
    parts = ["train"] * 2 + ["dev"] * 6
    add_release(context.store, "town", [(*sold(number), part) for number, part in enumerate(parts, start=100)])
    found = promote(context, plugin)
    assert (found.accepted, found.decision.plugin, found.decision.producer) == (True, plugin, "rules patterns")
    assert found.verdict is not None
    assert found.verdict.stories == 6
    assert any("cannot be seen here" in remark for remark in found.remarks)
    assert champion(context).producer.name == "patterns"
    assert "annotators see words" in str(list_models(context))
    preannotate_articles(context)
    with context.store.reading() as session:
        assert current_producers(session)[0].name == "patterns"
    with pytest.raises(ModelError, match="annotators see words already"):
        promote(context, plugin)
    back = promote(context, "rules")
    assert (back.accepted, back.decision.subject) == (False, "the rules")
    assert promote(context, "rules", force=True, because="a test").decision.subject == "the rules"
    assert champion(context).producer.name != "patterns"


def test_what_cannot_suggest_for_articles_that_come_is_not_promoted(context: Context, plugin: str) -> None:
    for name, message in (
        ("found.jsonl", "has none for those that come"),
        ("model", "'model' stands for the newest model, (?s:.*) there are none yet, and as plug-ins (?!.*, model,)"),
        ("nobody", "no model 'nobody'; there are none yet, and as plug-ins (?!.*, model,)"),
    ):
        with pytest.raises(ModelError, match=message):
            promote(context, name)
    few = promote(context, plugin, release="small")
    assert "2 stories are too few to tell" in few.reason
