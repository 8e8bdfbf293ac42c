"""`workbench agreement` as its user types it: tables, JSON, and an answer to what cannot be measured."""

import json
from pathlib import Path

import jsonschema
import pytest
from annotation_sets import SCHEME, a_set, span
from contexts import PartsContext
from ledgers import Ledger
from typer.testing import CliRunner

from workbench import Workspace
from workbench.cli.app import app
from workbench.errors import AgreementError
from workbench.workflows.agreement import agreement
from workbench.workflows.init import init
from workbench.workflows.schemas import schemas

RIGHT, WRONG = span("a", "GPE", 0, 4), span("b", "ORG", 10, 14)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Six articles that two people annotated: with a suggestion they agree, on the blind half Bob marks more."""
    init(tmp_path, "")
    ledger = Ledger(tmp_path)
    project = ledger.project()
    for number in range(6):
        article = ledger.add(number)
        blind = number % 2 == 1
        parent = ledger.suggest(article, a_set(RIGHT))
        ledger.push(project, article, number + 1, blind=blind)
        for name in ("ann", "bob"):
            marked = a_set(RIGHT, WRONG) if blind and name == "bob" else a_set(RIGHT)
            ledger.submit(
                article,
                marked,
                None if blind else parent,
                annotator=name,
                external_id=f"{number} {name}",
                lead_time=40.0 if blind else 10.0,
            )
    return ledger


def run(folder: Path, *words: str) -> str:
    done = CliRunner().invoke(app, ["--workspace", str(folder), "agreement", *words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_the_command_prints_figures_and_what_suggestions_do(ledger: Ledger) -> None:
    printed = run(ledger.folder)
    assert "articles that two or more people annotated: 6" in printed
    assert "alpha_u" in printed
    assert "ORG by bob alone" in printed
    assert "Agreement with and without suggestions" in printed
    assert "time saved" in printed
    assert "75%" in printed


def test_json_holds_it_all_and_fits_its_schema(ledger: Ledger) -> None:
    document = json.loads(run(ledger.folder, "--json"))
    jsonschema.Draft202012Validator(json.loads(schemas()["agreement.schema.json"])).validate(document)
    found = document["report"]["agreement"]
    assert (found["articles"], found["annotators"]) == (6, {"ann": 6, "bob": 6})
    entities = next(row for row in found["spans"] if row["layer"] == "entities" and row["label"] == "*")
    assert entities["strict_f1"]["value"] == pytest.approx(2 * 6 / (6 + 9))
    low, high = entities["strict_f1"]["interval"].values()
    assert low < entities["strict_f1"]["value"] < high
    [missing] = found["disagreements"]
    assert [one["article_id"] for one in missing["articles"]] == ["a-01", "a-03", "a-05"]
    assert document["suggestions"]["time"][-1]["saved"] == 0.75


def test_the_report_file_has_what_was_left_out(ledger: Ledger, tmp_path: Path) -> None:
    ledger.submit(ledger.add(7), a_set(RIGHT), external_id="7", state="skipped")
    ledger.submit(ledger.add(0), a_set(RIGHT), external_id="copy", annotator="cem", parent_annotation="0 ann")
    printed = run(ledger.folder, "--report", str(tmp_path / "report.txt"))
    assert "1 annotation was left out:" in printed
    written = (tmp_path / "report.txt").read_text(encoding="utf-8")
    assert "cem: copied (from annotation 0 ann by ann)" in written
    assert "articles were skipped by everybody who saw them: a-07 (Article 7)" in written


def test_the_workspace_measures_the_same(ledger: Ledger) -> None:
    with Workspace.open(ledger.folder) as workspace:
        found = workspace.agreement()
    assert json.loads(found.model_dump_json(by_alias=True)) == json.loads(run(ledger.folder, "--json"))


def test_one_annotator_only_is_said_and_nothing_is_compared(tmp_path: Path) -> None:
    init(tmp_path, "")
    ledger = Ledger(tmp_path)
    ledger.submit(ledger.add(), a_set(RIGHT))
    with pytest.raises(AgreementError, match="there is one: ann 1"):
        run(tmp_path)


def test_without_blind_articles_it_says_how_to_get_some(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    article = ledger.add()
    for name in ("ann", "bob"):
        ledger.submit(article, a_set(RIGHT), ledger.suggest(article, a_set(RIGHT)), annotator=name, external_id=name)
    shown = str(agreement(PartsContext(tmp_path, store=ledger.store, scheme=SCHEME), resamples=0))
    assert "annotations made with them 2, without on purpose 0" in shown
    assert "`workbench push --blind 10%`" in shown
