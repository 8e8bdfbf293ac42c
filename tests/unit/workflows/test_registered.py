"""Models from elsewhere, packages, cards, rebuilding, removing, and what doctor says of the registry."""

import json
import shutil
import signal
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy
import yaml
from clean_venv import CleanVenv
from market import SCHEME, add_release, add_small_release, sold
from spacy.language import Language

from workbench import files
from workbench.core.article import Article
from workbench.errors import ModelError, ReleaseError
from workbench.pipeline import registry
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.tables import code_digest
from workbench.settings import Settings
from workbench.store import Store, models
from workbench.training.report import TrainOptions
from workbench.workflows.context import Context
from workbench.workflows.learning import evaluate_on, promote, train_on
from workbench.workflows.model_cards import card, package_model
from workbench.workflows.preannotate import champion, preannotate_articles
from workbench.workflows.registered import Reproduction, add_model, remove_model, reproduce_model
from workbench.workflows.registry_checks import registry_checks

QUICK = TrainOptions(epochs=3, folds=0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(Settings(root=tmp_path).database_url)
    add_small_release(opened)
    yield opened
    opened.close()


@pytest.fixture
def context(tmp_path: Path, store: Store) -> Context:
    opened = Context(Settings(root=tmp_path))
    opened.store, opened.scheme = store, SCHEME
    return opened


def fruiterer() -> Language:
    """A pipeline that somebody else made: it knows fruit and shops, under names of its own."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [
            *({"label": "FRUIT", "pattern": fruit} for fruit in ("apples", "pears", "plums", "lemons", "figs")),
            *({"label": "STORE", "pattern": shop} for shop in ("Aldi", "Lidl", "Tesco", "Spar", "Migros")),
            {"label": "DAY", "pattern": "day"},
        ]
    )
    spans = nlp.add_pipe("span_ruler", config={"spans_key": "verbs"})
    spans.add_patterns([{"label": "PURCHASE", "pattern": "bought"}])
    nlp.meta["name"], nlp.meta["version"] = "fruiterer", "1.2"
    return nlp


@pytest.fixture
def elsewhere(tmp_path: Path) -> str:
    fruiterer().to_disk(tmp_path / "elsewhere")
    return str(tmp_path / "elsewhere")


MAP = ("STORE=SHOP", "PURCHASE=BUY", "DAY=")


def test_a_pipeline_from_elsewhere_is_measured_promoted_and_served_like_any_other(
    context: Context, elsewhere: str
) -> None:
    report = add_model(context, elsewhere, labels=MAP)
    assert report.version == "en_fruiterer-1.2-1"
    assert (report.left_out, report.missing) == (("DAY",), ())
    assert "STORE is SHOP" in str(report)
    dev = next(one for one in report.comparisons if one.part == "dev").contestants[-1]
    assert {layer.layer: layer.strict_f1 for layer in dev.layers} == {"acts": 1.0, "things": 1.0}
    assert evaluate_on(context, report.version).contestants[-1].name == report.version
    assert any("cannot be seen here" in remark for remark in promote(context, report.version, force=True).remarks)
    assert champion(context).producer.version == report.version
    assert preannotate_articles(context).articles == 13
    (found,) = champion(context).annotate([Article.from_text("Anna bought  figs at Aldi on day 3.")])
    assert [(layer, span.label, span.text) for layer, span in found.spans()] == [
        ("acts", "BUY", "bought"),
        ("things", "FRUIT", "figs"),
        ("things", "SHOP", "Aldi"),
    ]


def test_a_map_may_be_a_file_and_wrong_ones_are_said_before_anything_is_kept(
    context: Context, elsewhere: str, tmp_path: Path
) -> None:
    (tmp_path / "map").write_text("# theirs=ours\nSTORE = SHOP\nPURCHASE=SHOP\n")
    report = add_model(context, elsewhere, name="mine", labels=["PURCHASE=BUY"], label_file=tmp_path / "map")
    assert report.labels == {"FRUIT": "FRUIT", "STORE": "SHOP", "PURCHASE": "BUY"}
    for labels, message in (
        (["STORE=MALL"], "which is no label of the scheme"),
        (["MALL=SHOP"], "has no label 'MALL'"),
        (["STORE"], r"'STORE' does not say which label another one is\n  write THEIRS=OURS, as in `PER=PERSON`; "),
        (["STORE=SHOP", "STORE=BUY"], "cannot be two labels"),
        (["FRUIT="], "has no label of the scheme"),
    ):
        with pytest.raises(ModelError, match=message):
            add_model(context, elsewhere, labels=labels)
    (tmp_path / "bad").write_text("STORE=SHOP\nFRUIT\n")
    with pytest.raises(ModelError, match=r"bad, line 2: 'FRUIT' does not say(?s:.*)\n  one a line: write THEIRS=OURS"):
        add_model(context, elsewhere, label_file=tmp_path / "bad")
    with pytest.raises(ModelError, match="none cannot be read: No such file or directory"):
        add_model(context, elsewhere, label_file=tmp_path / "none")
    with pytest.raises(ModelError, match="there is or was a model mine"):
        add_model(context, elsewhere, name="mine")
    assert [path.name for path in context.settings.models.iterdir()] == ["mine"]


def test_what_is_no_pipeline_or_of_another_kind_is_refused(context: Context, elsewhere: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no spaCy pipeline"):
        add_model(context, "json")
    with pytest.raises(ReleaseError, match="no release"):
        add_model(context, elsewhere, release="none")
    meta = Path(elsewhere) / "meta.json"
    said = json.loads(meta.read_text())
    meta.write_text(json.dumps({**said, "spacy_version": ">=3.0.0,<3.1.0"}))
    with pytest.raises(ModelError, match=r"was made for spaCy >=3\.0\.0,<3\.1\.0"):
        add_model(context, elsewhere)
    assert add_model(context, elsewhere, name="old", force=True).version == "old"
    german = spacy.blank("de")
    german.add_pipe("entity_ruler").add_patterns([{"label": "FRUIT", "pattern": "apples"}])
    german.to_disk(tmp_path / "german")
    with pytest.raises(ModelError, match="made for the language de, and the articles are in others: en 13"):
        add_model(context, str(tmp_path / "german"))
    assert [path.name for path in context.settings.models.iterdir()] == ["old"]


def test_a_base_in_another_language_is_refused_unless_forced(context: Context, tmp_path: Path) -> None:
    spacy.blank("de").to_disk(tmp_path / "german")
    options = QUICK.model_copy(update={"base": str(tmp_path / "german"), "suggester": "none"})
    with pytest.raises(ModelError, match="made for the language de"):
        train_on(context, "small", options)
    assert not context.settings.models.exists()


def test_a_model_that_was_trained_here_is_taken_into_another_workspace(
    context: Context, store: Store, tmp_path: Path
) -> None:
    version = train_on(context, "small", QUICK).training.version
    shutil.copytree(context.settings.models / version, tmp_path / "copy")
    report = add_model(context, str(tmp_path / "copy"), name="copy")
    (one, other) = (evaluate_on(context, name).contestants[-1].evaluation for name in (version, "copy"))
    assert one.corrections == other.corrections
    assert report.left_out == ()
    with pytest.raises(ModelError, match="was trained by the workbench, whose labels"):
        add_model(context, str(tmp_path / "copy"), labels=["A=B"])


def test_a_model_is_rebuilt_to_the_same_weights(context: Context, store: Store) -> None:
    version = train_on(context, "small", QUICK).training.version
    again = reproduce_model(context, version)
    assert again.same
    assert again.weights == again.rebuilt
    assert again.failure() is None
    assert again.other_versions == {}
    assert again.unknown_versions == ()
    with store.transaction() as session:
        report = models.get(session, version).report
        report["training"]["options"]["seed"] = 5
        report["training"]["versions"]["numpy"] = "1.0"
        report["training"]["versions"]["rules"] = "0-before"
        del report["training"]["versions"]["code of the rules"]
        models.set_report(session, version, report)
    other = reproduce_model(context, version)
    assert not other.same
    assert "workbench_spans_v1/weights.npy" in other.differing
    assert other.other_versions["numpy"][0] == "1.0"
    said = [str(one) for one in other.shown()]
    assert f"  rules was 0-before, and is {other.other_versions['rules'][1]}" in said
    assert "  of which version these were then was not noted: code of the rules" in said
    assert _hint(other) == "rebuild it with the versions of then"
    same_versions = other.model_copy(update={"other_versions": {}})
    assert "what has changed since cannot be told" in _hint(same_versions)
    assert "it was given 2 minutes" in _hint(same_versions.model_copy(update={"max_minutes": 2.0}))
    assert "another machine" in _hint(same_versions.model_copy(update={"unknown_versions": ()}))
    assert not [path for path in context.settings.models.iterdir() if path.name != version]


def _hint(of: Reproduction) -> str | None:
    failure = of.failure()
    assert failure is not None
    return failure.hint


def test_what_came_from_elsewhere_or_from_another_release_is_not_rebuilt(
    context: Context, store: Store, elsewhere: str
) -> None:
    with pytest.raises(ModelError, match="was not trained here"):
        reproduce_model(context, add_model(context, elsewhere, labels=MAP).version)
    version = train_on(context, "small", QUICK).training.version
    with store.transaction() as session:
        report = models.get(session, version).report
        report["training"]["release_digest"] = "another"
        models.set_report(session, version, report)
    with pytest.raises(ReleaseError, match="is not what small-1 was trained on"):
        reproduce_model(context, version)


def test_a_removed_model_is_gone_and_what_was_decided_stays(context: Context, store: Store, elsewhere: str) -> None:
    first = add_model(context, elsewhere, name="first", labels=MAP).version
    second = add_model(context, elsewhere, name="second", labels=MAP).version
    promote(context, first, force=True)
    with pytest.raises(ModelError, match="annotators see first now"):
        remove_model(context, first)
    promote(context, second, force=True)
    assert remove_model(context, first).bytes > 0
    assert [path.name for path in context.settings.models.iterdir()] == [second]
    with store.reading() as session:
        assert [model.version for model in models.every(session)] == [second]
        assert [one.model for one in models.promotions(session)] == [first, second]
        assert "first" in models.versions(session)
    with pytest.raises(ModelError, match="was removed on"):
        remove_model(context, first)
    with pytest.raises(ModelError, match="there is or was a model first"):
        add_model(context, elsewhere, name="first", labels=MAP)


def test_the_card_tells_where_a_model_comes_from_and_how_good_it_is(context: Context, elsewhere: str) -> None:
    version = train_on(context, "small", QUICK).training.version
    text = card(context, version).markdown
    _, head, body = text.split("---\n", 2)
    about = yaml.safe_load(head)
    assert about["language"] == "en"
    assert about["library_name"] == "spacy"
    assert about["datasets"] == ["small"]
    assert "seed 0" in body
    assert f"rules {Rules(SCHEME).version}, code of the rules {code_digest()}, spacy" in body
    assert "starting from the suggestions of the rules" in body
    assert "## dev part of small: 2 articles" in body
    assert "| rules |" in body
    added = card(context, add_model(context, elsewhere, labels=MAP).version).markdown
    assert "trained elsewhere: en_fruiterer 1.2" in added
    assert "`STORE` is `SHOP`" in added


def test_doctor_tells_what_is_missing_changed_or_nobodys(context: Context, store: Store, elsewhere: str) -> None:
    folder = context.settings.models
    for name in ("sound", "gone", "changed"):
        add_model(context, elsewhere, name=name, labels=MAP)
    assert [check.state for check in registry_checks(store, folder)] == ["ok"]
    promote(context, "gone", force=True)
    shutil.rmtree(folder / "gone")
    (folder / "changed" / "config.cfg").write_text("")
    (folder / "stray").mkdir()
    found = list(registry_checks(store, folder))
    assert [check.state for check in found] == ["fail", "fail", "warn", "ok"]
    said = "\n".join(check.message for check in found)
    assert "gone, which annotators see, is gone" in said
    assert any("`workbench models promote rules --force`" in check.hint for check in found)
    assert "changed after training: config.cfg" in said
    assert "stray is no model that the store knows" in said
    assert "1 of 3 models" in said


def test_a_writer_that_was_killed_leaves_nothing_for_the_next_who_opens(tmp_path: Path) -> None:
    code = """
        import sys, time
        from pathlib import Path
        import spacy
        from workbench.pipeline import registry
        with registry.writing(spacy.blank("en"), Path(sys.argv[1]), "half"):
            print("written", flush=True)
            time.sleep(60)
    """
    folder = Settings(root=tmp_path).models
    command = [sys.executable, "-c", textwrap.dedent(code), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        assert len(list(folder.iterdir())) == 1
        Context(Settings(root=tmp_path)).store.close()
        assert len(list(folder.iterdir())) == 1, "a writer that lives keeps its folder"
        writer.send_signal(signal.SIGKILL)
    Context(Settings(root=tmp_path)).store.close()
    assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_registry_and_store_as_they_were(
    context: Context, store: Store, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_checksums", full)
    with pytest.raises(ModelError, match="No space left on device"):
        add_model(context, elsewhere, labels=MAP)
    assert list(context.settings.models.iterdir()) == []
    with store.reading() as session:
        assert models.every(session) == []


def test_a_package_installs_beside_the_workbenchs_wheel_and_runs(
    context: Context, store: Store, wheel: Path, tmp_path: Path
) -> None:
    """In an environment of its own, to which the libraries of this one are lent, but not this checkout."""
    version = train_on(context, "small", QUICK).training.version
    report = package_model(
        context, version, name="market", package_version="1.0.2", license="CC-BY-4.0", author="A. B.", output=tmp_path
    )
    assert report.wheel.name == "en_market-1.0.2-py3-none-any.whl"
    with zipfile.ZipFile(report.wheel) as archive:
        metadata = archive.read("en_market-1.0.2.dist-info/METADATA").decode()
    assert "Author: A. B.\nLicense: CC-BY-4.0\n" in metadata
    assert "Requires-Dist: news-workbench>=" in metadata
    assert "Requires-Dist: spacy>=3.8" in metadata
    assert "Explosion" not in metadata
    again = package_model(
        context,
        version,
        name="market",
        package_version="1.0.2",
        license="CC-BY-4.0",
        author="A. B.",
        output=tmp_path / "x",
    )
    assert again.wheel.read_bytes() == report.wheel.read_bytes()

    venv = CleanVenv(tmp_path / "venv", wheel, report.wheel)
    where, found = venv.says("""
        import spacy, workbench
        nlp = spacy.load("en_market")
        doc = nlp("Anna Holm bought apples at Aldi on day 0.")
        print(workbench.__file__, nlp.meta["license"], nlp.meta["author"], nlp.meta["version"])
        print([(span.text, span.label_) for span in doc.spans["things"]])
    """)
    assert where.startswith(str(venv.site))
    assert where.endswith("CC-BY-4.0 A. B. 1.0.2")
    assert "('apples', 'FRUIT')" in found


def test_a_package_can_only_be_called_what_python_imports(context: Context, elsewhere: str, tmp_path: Path) -> None:
    version = add_model(context, elsewhere, labels=MAP).version
    for name in ("9news", "a-b", "a__b", "Über"):
        with pytest.raises(ModelError, match="cannot be a package's name"):
            package_model(context, version, name=name)
    with pytest.raises(ModelError, match="cannot be a package's version"):
        package_model(context, version, package_version="next")
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="the wheel cannot be written") as caught:
        package_model(context, version, output=tmp_path / "file")
    assert "--output" in caught.value.hint
    report = package_model(context, version, author="x\nRequires-Dist: evil")
    with zipfile.ZipFile(report.wheel) as archive:
        metadata = archive.read(f"{report.wheel.name.removesuffix('-py3-none-any.whl')}.dist-info/METADATA").decode()
    assert "\nRequires-Dist: evil" not in metadata
    assert report.requires == (next(one for one in report.requires if one.startswith("spacy>=")),)


def test_a_model_of_an_earlier_release_can_be_judged_on_a_newer_one(context: Context, store: Store) -> None:
    version = train_on(context, "small", QUICK).training.version
    add_release(store, "later", [(*sold(number), "test") for number in range(20, 24)])
    assert evaluate_on(context, version, release="later").articles == 4
    assert registry.weights(context.settings.models / version)


def test_where_what_annotators_see_is_damaged_there_is_a_way_out(context: Context, elsewhere: str) -> None:
    for name in ("seen", "next"):
        add_model(context, elsewhere, name=name, labels=MAP)
    promote(context, "seen", force=True)
    (context.settings.models / "seen" / "config.cfg").write_text("")
    with pytest.raises(ModelError, match=r"annotators see seen, and .*(?s:.*)`workbench models promote rules --force`"):
        preannotate_articles(context)
    # Models are trained and measured all the same.
    assert any("what annotators see now is not measured" in one for one in evaluate_on(context, "next").remarks)
    assert add_model(context, elsewhere, name="third", labels=MAP).comparisons
    with pytest.raises(ModelError, match=r"was changed after training(?s:.*)promote next unmeasured with --force"):
        promote(context, "next")
    report = promote(context, "next", force=True)
    assert "nothing was measured: the model in" in report.reason
    assert champion(context).producer.version == "next"
    with pytest.raises(ModelError, match="was changed after training"):
        promote(context, "seen", force=True)
