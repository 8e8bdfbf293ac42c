"""A user's own files of the rules: wherever a model goes, it suggests with them what annotators see with them."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy
from clean_venv import CleanVenv
from market import SCHEME, sold
from spacy.cli.train import train as spacy_train
from spacy.tokens import Doc

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle
from workbench.core.article import Article
from workbench.core.ports import PreAnnotator, Silent
from workbench.errors import SettingsError
from workbench.formats.jsonl import JsonLinesFormat
from workbench.gold import building
from workbench.pipeline import registry
from workbench.pipeline.docs import spans_in
from workbench.pipeline.suggestions import Suggestions
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.concepts import Concepts
from workbench.settings import Settings
from workbench.store import Store
from workbench.training.report import TrainOptions
from workbench.workflows.context import Context
from workbench.workflows.exporting import export_release
from workbench.workflows.importing import import_file
from workbench.workflows.learning import train_on
from workbench.workflows.model_cards import package_model
from workbench.workflows.preannotate import rules
from workbench.workflows.registered import reproduce_model

TEXT = "Anna Holm bought apples at Aldi on day 0, and Ben Carter grabbed pears."
QUICK = TrainOptions(epochs=2, folds=0)
CONCEPTS = """
[base]
ORG = "org"
[entities]
layer = "things"
[entities.labels]
org = "SHOP"
[events]
layer = "acts"
[events.labels]
COOPERATE = "BUY"
"""
COLUMNS = ("lemma", "pos", "with", "category", "stance", "actor", "recipient", "place", "target", "object", "note")
LEXICON = "\t".join(COLUMNS) + "\ngrab\tv\t\tCOOPERATE\n"
PATTERN = {"label": "FRUIT", "pattern": "apples"}
Triple = tuple[str, str, str]


OWN = {"concepts": "mine.toml", "lexicon": "words.tsv", "patterns": "own"}


def workspace(root: Path, **preannotate: str) -> Context:
    """A workspace with a small release."""
    settings = Settings(root=root)
    settings = settings.model_copy(update={"preannotate": settings.preannotate.model_copy(update=preannotate)})
    opened = Context(settings)
    opened.store, opened.scheme = Store.open(settings.database_url), SCHEME
    lines: list[str] = []
    for number in range(10):
        text, gold = sold(number)
        part = "train" if number < 6 else "dev" if number < 8 else "test"
        article = Article.from_text(text, source=f"{number}", meta={"split": part})
        article = article.model_copy(update={"story_group": f"s{number}"})
        lines.append(documents.to_json(AnnotatedArticle(article=article, annotations=gold)) + "\n")
    (root / "gold.jsonl").write_text("".join(lines), encoding="utf-8")
    import_file(opened.store, root / "gold.jsonl", JsonLinesFormat(), "ann", SCHEME, Silent())
    with opened.store.transaction() as session:
        building.release(session, "small", SCHEME, created="2025-01-01T00:00:00+00:00")
    return opened


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    """A workspace with data files of its own for the rules."""
    root = tmp_path / "workspace"
    (root / "own").mkdir(parents=True)
    (root / "mine.toml").write_text(CONCEPTS)
    (root / "words.tsv").write_text(LEXICON)
    (root / "own" / "fruit.jsonl").write_text(json.dumps(PATTERN) + "\n")
    opened = workspace(root, **OWN)
    yield opened
    opened.close()


def shown(annotator: PreAnnotator) -> list[Triple]:
    """What annotators see of the text, by layer, label and words."""
    (found,) = annotator.annotate([Article.from_text(TEXT)])
    return sorted((layer, span.label, span.text) for layer, span in found.spans())


def noted(doc: Doc) -> list[Triple]:
    """What stands on a doc as suggested."""
    found = Suggestions.of(doc)
    assert found is not None
    return sorted((one.layer, one.label, doc[one.start : one.end].text) for one in found.spans)


SEEN = [("acts", "BUY", "grabbed"), ("things", "FRUIT", "apples"), ("things", "SHOP", "Aldi")]


def test_a_label_that_only_patterns_give_is_not_said_to_be_never_suggested(context: Context) -> None:
    concepts = Concepts.load(SCHEME, context.settings.root / "mine.toml")
    (never,) = concepts.never_suggested(SCHEME)
    assert never == "in layer things the rules suggest never FRUIT"
    assert never not in rules(context).remarks


def test_a_saved_model_suggests_with_them(context: Context) -> None:
    assert shown(rules(context)) == SEEN
    version = train_on(context, "small", QUICK).training.version
    assert noted(registry.take(context.settings.models / version)(TEXT)) == SEEN


def test_a_model_that_starts_from_a_former_one_suggests_with_them(context: Context) -> None:
    first = train_on(context, "small", QUICK).training.version
    report = train_on(context, "small", QUICK.model_copy(update={"suggester": f"model:{first}"})).training
    second = report.version
    version, _, _ = rules(context).producer.version.partition(" on ")
    assert report.versions["rules"] == version != Rules(SCHEME).version
    forget(context)
    former = spacy.load(context.settings.models / first)(TEXT)
    found = sorted((layer, span.label_, span.text) for layer in ("acts", "things") for span in spans_in(former, layer))
    assert noted(former) == SEEN
    assert noted(spacy.load(context.settings.models / second)(TEXT)) == found


def forget(context: Context) -> None:
    """Deletes the files from the workspace."""
    shutil.rmtree(context.settings.root / "own")
    for name in ("mine.toml", "words.tsv"):
        (context.settings.root / name).unlink()


def test_an_installed_package_suggests_with_them(context: Context, wheel: Path, tmp_path: Path) -> None:
    version = train_on(context, "small", QUICK).training.version
    report = package_model(context, version, name="market", output=tmp_path / "packages")
    forget(context)
    code = f"""
        import json, spacy, workbench
        doc = spacy.load("en_market")({TEXT!r})
        print(workbench.__file__)
        print(json.dumps(sorted(
            [name.removeprefix("suggested/"), span.label_, span.text]
            for name, spans in doc.spans.items() if name.startswith("suggested/") for span in spans
        )))
    """
    venv = CleanVenv(tmp_path / "venv", wheel, report.wheel)
    where, found = venv.says(code)
    assert where.startswith(str(venv.site))
    assert [tuple(one) for one in json.loads(found)] == SEEN


def test_spacy_train_on_an_export_makes_a_model_that_suggests_with_them(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = export_release(context, "small", formats=["spacy"]).exported
    assert {"rules/concepts.toml", "rules/lexicon.tsv", "rules/patterns/fruit.jsonl"} <= set(one.files)
    assert "      - rules\n" in (one.folder / "project.yml").read_text()
    forget(context)
    moved = tmp_path / "elsewhere"
    one.folder.rename(moved)
    monkeypatch.chdir(moved)
    spacy_train("config.cfg", tmp_path / "out", overrides={"training.max_epochs": 1})
    shutil.rmtree(moved)
    monkeypatch.chdir(tmp_path)
    assert noted(spacy.load(tmp_path / "out/model-best")(TEXT)) == SEEN


def test_an_export_has_none_where_there_are_none(context: Context, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (one,) = export_release(context, "small", formats=["spacy"]).exported
    assert export_release(context, "small", formats=["spacy"]).exported[0].existed
    other = workspace(tmp_path / "plain")
    (plain,) = export_release(other, "small", formats=["spacy"]).exported
    other.close()
    assert not (plain.folder / "rules").exists()
    assert "rules" not in (plain.folder / "project.yml").read_text()
    assert (plain.folder / "config.cfg").read_text() != (one.folder / "config.cfg").read_text()


def test_a_model_is_rebuilt_with_the_files_that_it_was_trained_with(context: Context) -> None:
    version = train_on(context, "small", QUICK).training.version
    (context.settings.root / "words.tsv").write_text(LEXICON.replace("grab", "buy"))
    assert reproduce_model(context, version).same


@pytest.mark.parametrize("name", ["mine.toml", "words.tsv", "own"])
def test_a_file_that_is_missing_is_said_before_anything_is_learned(context: Context, name: str) -> None:
    (context.settings.root / name).rename(context.settings.root / "away")
    with pytest.raises(SettingsError, match=name):
        train_on(context, "small", QUICK)
    with pytest.raises(SettingsError, match=name):
        export_release(context, "small", formats=["spacy"])
    assert not context.settings.models.exists() or not list(context.settings.models.iterdir())
