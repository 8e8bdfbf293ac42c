"""Annotated articles in a pipe, without a store."""

import io
import json
from pathlib import Path

import pytest
from contexts import without_folder
from typer.testing import CliRunner

from workbench import files
from workbench.cli.app import app
from workbench.core.documents import read_lines
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.samples import shipped
from workbench.store import models
from workbench.workflows.annotate import annotate_files
from workbench.workspace import Workspace

TEXT = "Norway condemned the attack in Chad on Monday.\n"


@pytest.fixture(scope="module")
def scheme() -> LabelScheme:
    return shipped.label_scheme()


def test_files_become_documents_that_name_them(tmp_path: Path, scheme: LabelScheme) -> None:
    (tmp_path / "one.txt").write_text(TEXT)
    (tmp_path / "empty.txt").write_text(" ")
    out = io.StringIO()
    report = annotate_files(without_folder(scheme), [tmp_path], out)
    (found,) = read_lines(out.getvalue().splitlines(), scheme, name="out")
    assert found.article.source.endswith("one.txt")
    assert [span.text for span in found.annotations.layers["events"]] == ["condemned", "attack"]
    assert report.articles == 1
    assert [refusal.name for refusal in report.refused] == [str(tmp_path / "empty.txt")]


def test_in_a_workspace_what_annotators_see_annotates(tmp_path: Path, scheme: LabelScheme) -> None:
    with Workspace.create(tmp_path / "w") as workspace:
        (tmp_path / "w/patterns").mkdir()
        (tmp_path / "w/patterns/own.jsonl").write_text('{"label": "FAC", "pattern": "Chad"}\n')
        settings = tmp_path / "w/workbench.toml"
        settings.write_text(settings.read_text().replace('patterns = ""', 'patterns = "patterns"'))
    (tmp_path / "one.txt").write_text(TEXT)
    with Workspace.open(tmp_path / "w") as workspace:
        by_rules = workspace.annotate_files(tmp_path / "one.txt", output=tmp_path / "rules.jsonl")
        with workspace.store.transaction() as session:
            models.decide(session, models.Promotion(model=None, plugin="patterns", accepted=True, reason="a test"))
        by_patterns = workspace.annotate_files(tmp_path / "one.txt", output=tmp_path / "patterns.jsonl")
        named = workspace.annotate_files(tmp_path / "one.txt", output=tmp_path / "named.jsonl", model="en_core_web_sm")
    assert [one.producer.name for one in (by_rules, by_patterns, named)] == ["rules", "patterns", "rules"]
    assert '"FAC"' in (tmp_path / "rules.jsonl").read_text()


def test_a_model_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "w") as workspace:
        (tmp_path / "w/models/first-1").mkdir(parents=True)
        (tmp_path / "w/models/first-1" / files.SUMS).write_text("")
        with pytest.raises(ModelError, match=r"'first-2' is no model \(first-1\), and no spaCy pipeline 'first-2'"):
            workspace.annotate_files(tmp_path, output=tmp_path / "out.jsonl", model="first-2")


def test_one_text_in_several_encodings_is_one_article(tmp_path: Path, scheme: LabelScheme) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    (tmp_path / "c.txt").write_bytes(TEXT.encode("utf-16"))
    (tmp_path / "d.txt").write_text("Chad thanked Norway.\n")
    out = io.StringIO()
    report = annotate_files(without_folder(scheme), [tmp_path], out)
    assert report.articles == 2
    assert [remark for remark in report.remarks if "same text" in remark] == [
        f"{tmp_path / name} has the same text as {tmp_path / 'a.txt'}, and is one article with it"
        for name in ("b.txt", "c.txt")
    ]


def test_documents_keep_their_text_exactly(tmp_path: Path, scheme: LabelScheme) -> None:
    (tmp_path / "one.txt").write_text(TEXT)
    first = io.StringIO()
    annotate_files(without_folder(scheme), [tmp_path / "one.txt"], first)
    document = json.loads(first.getvalue())
    odd = "  Sign up for our newsletter!\r\nNorway 🙂 condemned\N{NO-BREAK SPACE}Iran. \n"
    from workbench.core.article import sha256

    document["article"].update(text=odd, text_sha256=sha256(odd), cuts=[])
    del document["annotations"]
    (tmp_path / "in.jsonl").write_text(json.dumps(document) + '\n{"text": "a row"}\n')
    out = io.StringIO()
    report = annotate_files(without_folder(scheme), [tmp_path / "in.jsonl"], out, from_jsonl=True)
    (found,) = read_lines(out.getvalue().splitlines(), scheme, name="out")
    assert found.article.text == odd
    assert found.annotations.layers["events"]
    assert "no workbench document" in report.refused[0].reason


def test_the_command_needs_no_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.txt").write_text(TEXT)
    result = CliRunner().invoke(app, ["annotate", "one.txt"], catch_exceptions=False)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["article"]["source"].endswith("one.txt")
